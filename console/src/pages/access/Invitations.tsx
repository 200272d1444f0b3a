import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { AccessPage } from './AccessPage';
import { type Invitation, useInvitations } from './invitations';
import { accessKey } from './queries';
import { useWords } from './words';

const STATUSES = ['pending', 'accepted', 'declined', 'expired', 'revoked'] as const;

export default function Invitations() {
  const list = useInvitations(useSandbox());
  return (
    <AccessPage tab="invitations">
      <InvitationTable list={list} />
    </AccessPage>
  );
}

function InvitationTable({ list }: { list: ReturnType<typeof useInvitations> }) {
  const t = useT();
  const flash = useFlash();
  const sandbox = useSandbox();
  const words = useWords();
  const api = useApi();
  const one = ({ invitationId: invitation }: Invitation) => ({ params: { path: { sandbox, invitation } } });
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  const invalidates = [accessKey(sandbox)];
  const resend = useAction(
    (invitation: Invitation, once) =>
      api.POST('/sandboxes/{sandbox}/invitations/{invitation}/resend', { ...one(invitation), headers: once }),
    { invalidates },
  );
  const revoke = useAction(
    (invitation: Invitation) => api.DELETE('/sandboxes/{sandbox}/invitations/{invitation}', one(invitation)),
    { invalidates },
  );
  const sendAgain = (invitation: Invitation) =>
    resend.mutate(invitation, {
      onSuccess: () => flash.success(t('access.invitations.resent', { email: invitation.email })),
      onError: flash.error,
    });
  const roleOf = ({ role, permissions }: Invitation) =>
    role ? words.role(role) : t('access.rights.count', { count: permissions.length });
  const columns: Column<Invitation>[] = [
    {
      id: 'email',
      header: t('access.invitations.email'),
      cell: ({ email }) => <Written>{email}</Written>,
      value: ({ email }) => email,
      isRowHeader: true,
      width: 280,
    },
    {
      id: 'status',
      header: t('access.invitations.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 140,
    },
    { id: 'role', header: t('access.role'), cell: roleOf, value: roleOf, width: 180 },
    {
      id: 'invitedBy',
      header: t('access.invitations.invitedBy'),
      cell: ({ invitedBy }) => <Written>{invitedBy}</Written>,
      value: ({ invitedBy }) => invitedBy,
      width: 220,
    },
    {
      id: 'expiresAt',
      header: t('access.invitations.expiresAt'),
      cell: ({ expiresAt }) => <Time at={expiresAt} />,
      value: ({ expiresAt }) => expiresAt,
      width: 130,
    },
    {
      id: 'createdAt',
      header: t('access.invitations.createdAt'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      value: ({ createdAt }) => createdAt,
      isHidden: true,
    },
    {
      id: 'actions',
      header: t('access.invitations.actions'),
      cell: (invitation) => (
        <span className="labels">
          {['pending', 'expired'].includes(invitation.status) && (
            <Button
              variant="inline-link"
              ariaLabel={t('access.invitations.resend.one', { email: invitation.email })}
              onClick={() => sendAgain(invitation)}
            >
              {t('access.invitations.resend')}
            </Button>
          )}
          {invitation.status === 'pending' && (
            <Button
              variant="inline-link"
              ariaLabel={t('access.invitations.revoke.one', { email: invitation.email })}
              onClick={() => setRevoking(invitation)}
            >
              {t('access.invitations.revoke')}
            </Button>
          )}
        </span>
      ),
      width: 190,
    },
  ];
  return (
    <>
      <ResourceTable
        name="invitations"
        title={t('access.invitations.title')}
        description={t('access.invitations.description')}
        list={list}
        columns={columns}
        idOf={({ invitationId }) => invitationId}
        empty={{ title: t('access.invitations.empty'), detail: t('access.invitations.empty.detail') }}
        filters={[
          {
            id: 'status',
            label: t('access.invitations.status'),
            value: ({ status }) => status,
            options: STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
          },
        ]}
        sortBy={{ column: 'createdAt', isDescending: true }}
      />
      {revoking && (
        <ConfirmDialog
          title={t('access.invitations.revoke.title', { email: revoking.email })}
          confirm={t('access.invitations.revoke')}
          onConfirm={async () => {
            await revoke.mutateAsync(revoking);
            flash.success(t('access.invitations.revoked', { email: revoking.email }));
          }}
          onClose={() => setRevoking(null)}
        >
          {t('access.invitations.revoke.detail')}
        </ConfirmDialog>
      )}
    </>
  );
}
