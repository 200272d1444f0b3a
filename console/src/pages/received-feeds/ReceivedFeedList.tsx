import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { Labels } from '../../components/Labels';
import { useMarketingActionWords } from '../../components/MarketingActions';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { type ReceivedFeed, useReceivedFeeds } from './queries';

const STATUSES = ['pending', 'enabled', 'changed', 'disabled', 'declined', 'revoked'] as const;

export default function ReceivedFeedList() {
  const t = useT();
  const sandbox = useSandbox();
  const list = useReceivedFeeds(sandbox);
  const words = useMarketingActionWords();
  const title = t('receivedFeeds.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const segmentsOf = ({ segments }: ReceivedFeed) => segments.map(({ name }) => name).join(', ');
  const usesOf = ({ restrictedMarketingActions }: ReceivedFeed) =>
    restrictedMarketingActions.map((code) => words(code).name).join(', ');
  const columns: Column<ReceivedFeed>[] = [
    {
      id: 'name',
      header: t('receivedFeeds.name'),
      cell: ({ feedName, receivedFeedId }) => (
        <NameOrId name={feedName} id={receivedFeedId} href={inSandbox(sandbox, 'received-feeds', receivedFeedId)} />
      ),
      value: ({ feedName }) => feedName,
      isRowHeader: true,
      width: 260,
    },
    {
      id: 'status',
      header: t('receivedFeeds.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 130,
    },
    {
      id: 'partner',
      header: t('receivedFeeds.partner'),
      cell: ({ partner }) => <Written>{partner.organizationName}</Written>,
      value: ({ partner }) => partner.organizationName,
      width: 190,
    },
    {
      id: 'segments',
      header: t('receivedFeeds.segments'),
      cell: (feed) => <Written>{segmentsOf(feed)}</Written>,
      value: segmentsOf,
      width: 230,
    },
    {
      id: 'memberships',
      header: t('receivedFeeds.memberships'),
      cell: ({ counts }) => <Count value={counts.memberships} />,
      value: ({ counts }) => counts.memberships,
      width: 140,
    },
    {
      id: 'uses',
      header: t('receivedFeeds.restricted'),
      cell: (feed) => <Written>{usesOf(feed) || t('common.none')}</Written>,
      value: usesOf,
      width: 210,
    },
    {
      id: 'version',
      header: t('receivedFeeds.version'),
      cell: ({ version, acceptedVersion }) => `${version} / ${acceptedVersion ?? t('common.none')}`,
      value: ({ version }) => version,
      isHidden: true,
    },
    {
      id: 'namespaces',
      header: t('receivedFeeds.namespaces'),
      cell: ({ namespaces }) => <Labels labels={namespaces} />,
      value: ({ namespaces }) => namespaces.join(' '),
      isHidden: true,
    },
    {
      id: 'updatedAt',
      header: t('receivedFeeds.updatedAt'),
      cell: ({ updatedAt }) => <Time at={updatedAt} />,
      value: ({ updatedAt }) => updatedAt,
      width: 150,
    },
    {
      id: 'id',
      header: t('receivedFeeds.id'),
      cell: ({ receivedFeedId }) => receivedFeedId,
      value: ({ receivedFeedId }) => receivedFeedId,
      isHidden: true,
    },
  ];
  return (
    <ResourceTable
      name="received-feeds"
      variant="full-page"
      title={title}
      description={t('receivedFeeds.description')}
      list={list}
      columns={columns}
      idOf={({ receivedFeedId }) => receivedFeedId}
      empty={{
        title: t('receivedFeeds.empty'),
        detail: t('receivedFeeds.empty.detail'),
        action: <RouteLink href={inSandbox(sandbox, 'partners')}>{t('receivedFeeds.empty.action')}</RouteLink>,
      }}
      filters={[
        {
          id: 'status',
          label: t('receivedFeeds.status'),
          value: ({ status }) => status,
          options: STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
        },
      ]}
      sortBy={{ column: 'updatedAt', isDescending: true }}
    />
  );
}
