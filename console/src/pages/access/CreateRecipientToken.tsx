import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { bodyOf, ProblemError, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { FormPage } from '../../components/FormPage';
import { errorAt } from '../../components/field-errors';
import { momentOf } from '../../components/Moment';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { ActivationLink } from './ActivationLink';
import { ExpiryField, usualExpiry } from './ExpiryField';
import { networksIn, type RecipientToken, recipientTokensKey } from './recipient-tokens';

export default function CreateRecipientToken() {
  const t = useT();
  const api = useApi();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'access', 'recipient-tokens');
  const [name, setName] = useState('');
  const [expiry, setExpiry] = useState(usualExpiry);
  const [networks, setNetworks] = useState('');
  const [made, setMade] = useState<RecipientToken | null>(null);
  usePage({
    title: t('access.tokens.create'),
    contentType: 'form',
    breadcrumbs: [
      { text: t('access.title'), href: inSandbox(sandbox, 'access') },
      { text: t('access.tab.recipient-tokens'), href: list },
      { text: t('access.tokens.create') },
    ],
  });
  const create = useAction(
    (body: Schemas['CreateRecipientToken'], once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/recipient-tokens', { params: { path: { sandbox } }, body, headers: once })),
    { invalidates: [recipientTokensKey(sandbox)] },
  );
  const expiresAt = momentOf(expiry.day, expiry.time);
  const { error, variables } = create;
  return (
    <>
      <FormPage
        title={t('access.tokens.create')}
        description={t('access.tokens.create.description')}
        submit={t('access.tokens.create')}
        disabledReason={expiresAt ? undefined : t('access.tokens.expiresAt.needed')}
        error={error}
        fields={['/name', '/expiresAt', '/allowedNetworks']}
        isPending={create.isPending}
        onSubmit={() =>
          create.mutate({ name: name.trim(), expiresAt, allowedNetworks: networksIn(networks) }, { onSuccess: setMade })
        }
        back={list}
      >
        <Container>
          <SpaceBetween size="l">
            <FormField
              label={t('access.name')}
              description={t('access.tokens.name.description')}
              errorText={errorAt(error, '/name')}
            >
              <Input
                value={name}
                placeholder="Power BI"
                autoComplete={false}
                onChange={({ detail }) => setName(detail.value)}
              />
            </FormField>
            <ExpiryField value={expiry} error={errorAt(error, '/expiresAt')} onChange={setExpiry} />
            <FormField
              label={t('access.tokens.networks.optional')}
              description={t('access.tokens.networks.description')}
              constraintText={t('access.tokens.networks.constraint')}
              errorText={networkErrors(error, variables?.allowedNetworks ?? [])}
            >
              <Textarea
                value={networks}
                rows={3}
                placeholder={'203.0.113.0/24\n2001:db8::/48'}
                onChange={({ detail }) => setNetworks(detail.value)}
              />
            </FormField>
          </SpaceBetween>
        </Container>
      </FormPage>
      {made && (
        <ActivationLink
          title={t('access.tokens.created')}
          token={made}
          onClose={() => void navigate(inSandbox(sandbox, 'access', 'recipient-tokens', made.tokenId))}
        />
      )}
    </>
  );
}

/** What is wrong with which of the networks that were sent. */
function networkErrors(error: unknown, sent: string[]): string | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  const found = sent.flatMap((network, at) => {
    const message = errorAt(error, `/allowedNetworks/${at}`);
    return message ? [`${network}: ${message}`] : [];
  });
  return found.length > 0 ? found.join('; ') : errorAt(error, '/allowedNetworks');
}
