import { bodyOf, ifMatch } from 'handfast-client';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction, useEdited } from '../../api/queries';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { useWebhook, webhooksKey } from './queries';
import { WebhookForm, type WebhookInput } from './WebhookForm';

export default function EditWebhook() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { webhook = '' } = useParams();
  const read = useWebhook(sandbox, webhook);
  const edited = useEdited(read);
  const detail = inSandbox(sandbox, 'webhooks', webhook);
  const title = `${t('webhooks.edit')}: ${read.data?.value.url ?? webhook}`;
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('webhooks.title'), href: inSandbox(sandbox, 'webhooks') },
      { text: read.data?.value.url ?? webhook, href: detail },
      { text: t('webhooks.edit') },
    ],
  });
  const update = useAction(
    (body: WebhookInput) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/webhooks/{webhook}', {
          params: { path: { sandbox, webhook } },
          body,
          headers: ifMatch(edited?.etag),
        }),
      ),
    { invalidates: [webhooksKey(sandbox)] },
  );
  if (!edited)
    return read.error ? (
      <PageProblem title={title} error={read.error} onRetry={() => void read.refetch()} />
    ) : (
      <Loading />
    );
  const { url, types } = edited.value;
  const done = () => {
    flash.success(t('webhooks.changed'));
    void navigate(detail);
  };
  return (
    <WebhookForm
      title={title}
      submit={t('webhooks.save')}
      initial={{ url, types }}
      error={update.error}
      isPending={update.isPending}
      onSubmit={(input) => update.mutate(input, { onSuccess: done })}
      back={detail}
    />
  );
}
