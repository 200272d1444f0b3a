import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { AccessPage } from './AccessPage';
import { lapseOf, type RecipientToken, useRecipientTokens } from './recipient-tokens';

const STATUSES = ['awaiting_activation', 'active', 'expired'] as const;

export default function RecipientTokens() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const create = (
    <GuardedButton
      permission="access:manage"
      variant="primary"
      onClick={() => void navigate(inSandbox(sandbox, 'access', 'recipient-tokens', 'create'))}
    >
      {t('access.tokens.create')}
    </GuardedButton>
  );
  return (
    <AccessPage tab="recipient-tokens" actions={create}>
      <TokenTable />
    </AccessPage>
  );
}

function TokenTable() {
  const t = useT();
  const sandbox = useSandbox();
  const list = useRecipientTokens(sandbox);
  const networksOf = ({ allowedNetworks }: RecipientToken) =>
    allowedNetworks.length > 0 ? allowedNetworks.join(', ') : t('access.tokens.networks.any');
  const columns: Column<RecipientToken>[] = [
    {
      id: 'name',
      header: t('access.name'),
      cell: ({ name, tokenId }) => (
        <NameOrId name={name} id={tokenId} href={inSandbox(sandbox, 'access', 'recipient-tokens', tokenId)} />
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 280,
    },
    {
      id: 'status',
      header: t('access.tokens.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 200,
    },
    {
      id: 'expiresAt',
      header: t('access.tokens.expiresAt'),
      cell: (token) => <ExpiresAt token={token} />,
      value: ({ expiresAt }) => expiresAt,
      width: 170,
    },
    {
      id: 'networks',
      header: t('access.tokens.networks'),
      cell: (token) => <Written>{networksOf(token)}</Written>,
      value: networksOf,
      width: 220,
    },
    {
      id: 'lastUsedAt',
      header: t('access.tokens.lastUsedAt'),
      cell: ({ lastUsedAt }) => (lastUsedAt ? <Time at={lastUsedAt} /> : t('access.tokens.unused')),
      value: ({ lastUsedAt }) => lastUsedAt,
      width: 150,
    },
    {
      id: 'createdBy',
      header: t('access.tokens.createdBy'),
      cell: ({ createdBy }) => <Written>{createdBy}</Written>,
      value: ({ createdBy }) => createdBy,
      isHidden: true,
    },
    {
      id: 'createdAt',
      header: t('access.tokens.createdAt'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      value: ({ createdAt }) => createdAt,
      isHidden: true,
    },
  ];
  return (
    <ResourceTable
      name="recipient-tokens"
      title={t('access.tab.recipient-tokens')}
      description={t('access.tokens.description')}
      list={list}
      columns={columns}
      idOf={({ tokenId }) => tokenId}
      empty={{ title: t('access.tokens.empty'), detail: t('access.tokens.empty.detail') }}
      filters={[
        {
          id: 'status',
          label: t('access.tokens.status'),
          value: ({ status }) => status,
          options: STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
        },
      ]}
      sortBy={{ column: 'createdAt', isDescending: true }}
    />
  );
}

/** When it ends, with a sign where that is soon. */
function ExpiresAt({ token }: { token: RecipientToken }) {
  const at = <Time at={token.expiresAt} />;
  return lapseOf(token, Date.now()) === 'ending' ? <StatusIndicator type="warning">{at}</StatusIndicator> : at;
}
