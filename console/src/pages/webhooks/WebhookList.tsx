import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { NameOrId } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { Events } from './Events';
import { useWebhooks, type Webhook } from './queries';

export default function WebhookList() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = useWebhooks(sandbox);
  const title = t('webhooks.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const columns: Column<Webhook>[] = [
    {
      id: 'url',
      header: t('webhooks.url'),
      cell: ({ url, webhookId }) => (
        <NameOrId name={url} id={webhookId} href={inSandbox(sandbox, 'webhooks', webhookId)} />
      ),
      value: ({ url }) => url,
      isRowHeader: true,
      width: 420,
    },
    {
      id: 'status',
      header: t('webhooks.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 150,
    },
    {
      id: 'types',
      header: t('webhooks.types'),
      cell: ({ types }) => <Events types={types} />,
      value: ({ types }) => types.join(' '),
      width: 300,
    },
    {
      id: 'createdAt',
      header: t('webhooks.createdAt'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      value: ({ createdAt }) => createdAt,
      width: 170,
    },
    {
      id: 'id',
      header: t('webhooks.id'),
      cell: ({ webhookId }) => webhookId,
      value: ({ webhookId }) => webhookId,
      isHidden: true,
    },
  ];
  const create = (
    <GuardedButton
      permission="access:manage"
      variant="primary"
      onClick={() => void navigate(inSandbox(sandbox, 'webhooks', 'create'))}
    >
      {t('webhooks.create')}
    </GuardedButton>
  );
  return (
    <ResourceTable
      name="webhooks"
      variant="full-page"
      title={title}
      description={t('webhooks.description')}
      list={list}
      columns={columns}
      idOf={({ webhookId }) => webhookId}
      actions={create}
      empty={{ title: t('webhooks.empty'), detail: t('webhooks.empty.detail') }}
      filters={[
        {
          id: 'status',
          label: t('webhooks.status'),
          value: ({ status }) => status,
          options: (['enabled', 'disabled'] as const).map((value) => ({ value, label: t(`status.${value}`) })),
        },
      ]}
      sortBy={{ column: 'createdAt', isDescending: true }}
    />
  );
}
