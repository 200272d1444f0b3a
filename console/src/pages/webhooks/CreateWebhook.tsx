import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ShownOnce } from '../../components/ShownOnce';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { ALL } from './events';
import { webhooksKey } from './queries';
import { WebhookForm, type WebhookInput } from './WebhookForm';

export default function CreateWebhook() {
  const t = useT();
  const api = useApi();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'webhooks');
  const [made, setMade] = useState<Schemas['NewWebhook'] | null>(null);
  usePage({
    title: t('webhooks.create'),
    contentType: 'form',
    breadcrumbs: [{ text: t('webhooks.title'), href: list }, { text: t('webhooks.create') }],
  });
  const create = useAction(
    (body: WebhookInput, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/webhooks', { params: { path: { sandbox } }, body, headers: once })),
    { invalidates: [webhooksKey(sandbox)] },
  );
  return (
    <>
      <WebhookForm
        title={t('webhooks.create')}
        submit={t('webhooks.create')}
        initial={{ url: '', types: [ALL] }}
        error={create.error}
        isPending={create.isPending}
        onSubmit={(input) => create.mutate(input, { onSuccess: setMade })}
        back={list}
      />
      {made && (
        <ShownOnce
          title={t('webhooks.created')}
          label={t('webhooks.secret')}
          value={made.secret}
          onClose={() => void navigate(inSandbox(sandbox, 'webhooks', made.webhookId))}
        />
      )}
    </>
  );
}
