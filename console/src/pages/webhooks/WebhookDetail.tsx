import Alert from '@cloudscape-design/components/alert';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { bodyOf, ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { Written } from '../../components/NameOrId';
import { ShownOnce } from '../../components/ShownOnce';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { Attempts } from './Attempts';
import { Events } from './Events';
import { type Attempt, useWebhook, type Webhook, webhooksKey } from './queries';

type Asking = 'rotate' | 'delete' | 'disable';

export default function WebhookDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { webhook = '' } = useParams();
  const read = useWebhook(sandbox, webhook);
  const list = inSandbox(sandbox, 'webhooks');
  return (
    <DetailPage
      resource={read}
      title={(value) => value?.url ?? webhook}
      above={[{ text: t('webhooks.title'), href: list }]}
      actions={(value, etag) => <Actions webhook={value} etag={etag} />}
    >
      {(value) => (
        <>
          {value.disabledReason && <Alert type="warning">{t(`webhooks.disabled.${value.disabledReason}`)}</Alert>}
          <Container header={<Header variant="h2">{t('webhooks.overview')}</Header>}>
            <KeyValues
              items={[
                { label: t('webhooks.url'), value: <Written>{value.url}</Written> },
                { label: t('webhooks.status'), value: <StatusBadge status={value.status} /> },
                { label: t('webhooks.types'), value: <Events types={value.types} /> },
                { label: t('webhooks.id'), value: <CopyId value={value.webhookId} /> },
                { label: t('webhooks.createdAt'), value: <Time at={value.createdAt} /> },
                { label: t('webhooks.previousSecretUntil'), value: <Time at={value.previousSecretUntil} /> },
              ]}
            />
          </Container>
          <Attempts webhook={webhook} />
        </>
      )}
    </DetailPage>
  );
}

function Actions({ webhook, etag }: { webhook: Webhook; etag: string | null }) {
  const t = useT();
  const api = useApi();
  const can = useCan();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const params = { path: { sandbox, webhook: webhook.webhookId } };
  const invalidates = [webhooksKey(sandbox)];

  const test = useAction(
    (_: undefined, once) => bodyOf(api.POST('/sandboxes/{sandbox}/webhooks/{webhook}/test', { params, headers: once })),
    { invalidates },
  );
  const rotate = useAction(
    (_: undefined, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/webhooks/{webhook}/rotate-secret', { params, headers: once })),
    { invalidates },
  );
  const setStatus = useAction(
    (status: Webhook['status']) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/webhooks/{webhook}', { params, body: { status }, headers: ifMatch(etag) }),
      ),
    { invalidates },
  );
  const remove = useAction(
    (_: undefined) => bodyOf(api.DELETE('/sandboxes/{sandbox}/webhooks/{webhook}', { params, headers: ifMatch(etag) })),
    { invalidates: [[...webhooksKey(sandbox), 'list']] },
  );

  const tell = ({ statusCode, error }: Attempt) => {
    if (statusCode !== null && statusCode < 300) flash.success(t('webhooks.test.ok', { status: statusCode }));
    else if (statusCode !== null) flash.warning(t('webhooks.test.refused', { status: statusCode }));
    else flash.warning(t('webhooks.test.failed', { error: error ?? '' }));
  };
  const enable = () =>
    setStatus.mutate('enabled', { onSuccess: () => flash.success(t('webhooks.enabled')), onError: flash.error });
  const disable = async () => {
    await setStatus.mutateAsync('disabled');
    flash.success(t('webhooks.disabled'));
  };
  const close = () => setAsking(null);
  const isEnabled = webhook.status === 'enabled';
  return (
    <>
      <GuardedButton
        permission="access:manage"
        loading={test.isPending}
        onClick={() => test.mutate(undefined, { onSuccess: tell, onError: flash.error })}
      >
        {t('webhooks.test')}
      </GuardedButton>
      <GuardedButton
        permission="access:manage"
        onClick={() => void navigate(inSandbox(sandbox, 'webhooks', webhook.webhookId, 'edit'))}
      >
        {t('webhooks.edit')}
      </GuardedButton>
      <ButtonDropdown
        disabled={!can('access:manage')}
        loading={setStatus.isPending}
        items={[
          { id: 'rotate', text: t('webhooks.rotate') },
          isEnabled ? { id: 'disable', text: t('webhooks.disable') } : { id: 'enable', text: t('webhooks.enable') },
          { id: 'delete', text: t('webhooks.delete') },
        ]}
        onItemClick={({ detail }) => (detail.id === 'enable' ? enable() : setAsking(detail.id as Asking))}
      >
        {t('webhooks.actions')}
      </ButtonDropdown>
      {asking === 'rotate' && (
        <ConfirmDialog
          title={t('webhooks.rotate.title')}
          confirm={t('webhooks.rotate')}
          onConfirm={async () => setSecret((await rotate.mutateAsync()).secret)}
          onClose={close}
        >
          {t('webhooks.rotate.detail')}
        </ConfirmDialog>
      )}
      {asking === 'disable' && (
        <ConfirmDialog
          title={t('webhooks.disable.title')}
          confirm={t('webhooks.disable')}
          onConfirm={disable}
          onClose={close}
        >
          {t('webhooks.disable.detail')}
        </ConfirmDialog>
      )}
      {asking === 'delete' && (
        <ConfirmDialog
          title={t('webhooks.delete.title')}
          confirm={t('webhooks.delete')}
          typeName={webhook.url}
          onConfirm={async () => {
            await remove.mutateAsync();
            flash.success(t('webhooks.deleted', { url: webhook.url }));
            void navigate(inSandbox(sandbox, 'webhooks'));
          }}
          onClose={close}
        >
          {t('webhooks.delete.detail')}
        </ConfirmDialog>
      )}
      {secret && (
        <ShownOnce
          title={t('webhooks.rotated')}
          label={t('webhooks.secret')}
          value={secret}
          onClose={() => setSecret(null)}
        />
      )}
    </>
  );
}
