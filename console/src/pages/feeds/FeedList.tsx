import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { Labels } from '../../components/Labels';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { Names } from './Names';
import { type Feed, useActiveConnections, useFeeds, useSegmentNames } from './queries';
import { FeedStatus } from './status';

export default function FeedList() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = useFeeds(sandbox);
  const segmentNames = useSegmentNames(sandbox);
  const partnersOf = usePartnerNames(sandbox);
  const title = t('feeds.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const segmentsOf = ({ segmentIds }: Feed) => segmentIds.map((id) => segmentNames.get(id) ?? id);
  const columns: Column<Feed>[] = [
    {
      id: 'name',
      header: t('feeds.name'),
      cell: ({ name, feedId }) => <NameOrId name={name} id={feedId} href={inSandbox(sandbox, 'feeds', feedId)} />,
      value: ({ name }) => name,
      isRowHeader: true,
      width: 260,
    },
    {
      id: 'status',
      header: t('feeds.status'),
      cell: (feed) => <FeedStatus feed={feed} />,
      value: ({ status }) => t(`status.${status}`),
      width: 200,
    },
    {
      id: 'version',
      header: t('feeds.version'),
      cell: ({ version }) => (version > 0 ? version : t('common.none')),
      value: ({ version }) => version,
      width: 110,
    },
    {
      id: 'partners',
      header: t('feeds.partners'),
      cell: (feed) => <Names names={partnersOf(feed)} />,
      value: (feed) => partnersOf(feed).join(' '),
      width: 230,
    },
    {
      id: 'segments',
      header: t('feeds.segments'),
      cell: (feed) => <Names names={segmentsOf(feed)} />,
      value: (feed) => segmentsOf(feed).join(' '),
      width: 230,
    },
    {
      id: 'identities',
      header: t('feeds.namespaces'),
      cell: ({ namespaces }) => <Labels labels={namespaces} />,
      value: ({ namespaces }) => namespaces.join(' '),
      width: 220,
    },
    {
      id: 'description',
      header: t('feeds.description'),
      cell: ({ description }) => (description ? <Written>{description}</Written> : t('common.none')),
      value: ({ description }) => description,
      isHidden: true,
    },
    {
      id: 'answers',
      header: t('feeds.answers'),
      cell: ({ shares }) => <Answers statuses={shares.map(({ status }) => status)} />,
      value: ({ shares }) => shares.map(({ status }) => t(`status.${status}`)).join(' '),
      isHidden: true,
    },
    {
      id: 'updatedAt',
      header: t('feeds.updatedAt'),
      cell: ({ updatedAt }) => <Time at={updatedAt} />,
      value: ({ updatedAt }) => updatedAt,
      width: 150,
    },
    {
      id: 'id',
      header: t('feeds.id'),
      cell: ({ feedId }) => feedId,
      value: ({ feedId }) => feedId,
      isHidden: true,
    },
  ];
  const create = (
    <GuardedButton
      permission="feeds:write"
      variant="primary"
      onClick={() => void navigate(inSandbox(sandbox, 'feeds', 'create'))}
    >
      {t('feeds.create')}
    </GuardedButton>
  );
  return (
    <ResourceTable
      name="feeds"
      variant="full-page"
      title={title}
      description={t('feeds.list.description')}
      list={list}
      columns={columns}
      idOf={({ feedId }) => feedId}
      actions={create}
      empty={{ title: t('feeds.empty'), detail: t('feeds.empty.detail') }}
      filters={[
        {
          id: 'status',
          label: t('feeds.status'),
          value: ({ status }) => status,
          options: (['draft', 'published'] as const).map((value) => ({ value, label: t(`status.${value}`) })),
        },
      ]}
      sortBy={{ column: 'updatedAt', isDescending: true }}
    />
  );
}

/** The names of the partners that a feed is for: those it is shared with, and those of its draft. */
function usePartnerNames(sandbox: string): (feed: Feed) => string[] {
  const connections = useActiveConnections(sandbox).data?.items ?? [];
  const known = new Map(connections.map(({ connectionId, partner }) => [connectionId, partner.organizationName]));
  return ({ shares, connectionIds }) => {
    const shared = shares.filter(({ status }) => status !== 'revoked');
    const names = new Map(shared.map(({ connectionId, partner }) => [connectionId, partner.organizationName]));
    for (const id of connectionIds) if (!names.has(id)) names.set(id, known.get(id) ?? id);
    return [...names.values()];
  };
}

function Answers({ statuses }: { statuses: string[] }) {
  const t = useT();
  if (statuses.length === 0) return <>{t('common.none')}</>;
  return (
    <span className="labels">
      {[...new Set(statuses)].map((status) => (
        <StatusBadge key={status} status={status}>
          {`${t(`status.${status}`)} (${statuses.filter((other) => other === status).length})`}
        </StatusBadge>
      ))}
    </span>
  );
}
