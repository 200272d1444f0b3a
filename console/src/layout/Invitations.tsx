import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { bodyOf, type Schemas } from 'handfast-client';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../api/context';
import { useAction, useResource } from '../api/queries';
import { KeyValues } from '../components/KeyValues';
import { Written } from '../components/NameOrId';
import { ProblemAlert } from '../components/ProblemAlert';
import { Time } from '../components/Time';
import { useT } from '../i18n/messages';
import { inSandbox } from '../paths';
import { useFlash } from './flash';

type Invitation = Schemas['MyInvitation'];

const KEY = ['me', 'invitations'];

/** The invitations to the person who is signed in, each to be accepted or declined; `none` where there are none. */
export default function Invitations({ none = null }: { none?: ReactNode }) {
  const api = useApi();
  const invitations = useResource(KEY, (signal) => api.GET('/me/invitations', { signal }), { live: () => true });
  if (invitations.error) return <ProblemAlert error={invitations.error} onRetry={() => void invitations.refetch()} />;
  const { items } = invitations.data?.value ?? { items: [] };
  if (items.length === 0) return none;
  return (
    <div className="stack">
      {items.map((invitation) => (
        <OneInvitation key={invitation.invitationId} {...invitation} />
      ))}
    </div>
  );
}

function OneInvitation(invitation: Invitation) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const params = { path: { invitation: invitation.invitationId } };
  const accept = useAction(
    (_: undefined, once) => bodyOf(api.POST('/me/invitations/{invitation}/accept', { params, headers: once })),
    { invalidates: [['me']] },
  );
  const decline = useAction(
    (_: undefined, once) => bodyOf(api.POST('/me/invitations/{invitation}/decline', { params, headers: once })),
    { invalidates: [KEY] },
  );
  const entered = () => {
    flash.success(t('invitations.accepted'));
    void navigate(inSandbox(invitation.sandboxId));
  };
  const error = accept.error ?? decline.error;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <div className="row">
              <Button
                loading={decline.isPending}
                onClick={() => decline.mutate(undefined, { onSuccess: () => flash.success(t('invitations.declined')) })}
              >
                {t('invitations.decline')}
              </Button>
              <Button
                variant="primary"
                loading={accept.isPending}
                onClick={() => accept.mutate(undefined, { onSuccess: entered })}
              >
                {t('invitations.accept')}
              </Button>
            </div>
          }
        >
          <Written>{invitation.organizationName}</Written>
        </Header>
      }
    >
      <div className="stack">
        {error && <ProblemAlert error={error} />}
        <KeyValues
          items={[
            { label: t('invitations.sandbox'), value: <Written>{invitation.sandboxName}</Written> },
            { label: t('invitations.rights'), value: invitation.role ?? invitation.permissions.join(', ') },
            { label: t('invitations.by'), value: <Written>{invitation.invitedBy}</Written> },
            { label: t('invitations.until'), value: <Time at={invitation.expiresAt} /> },
          ]}
        />
      </div>
    </Container>
  );
}
