import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { NameOrId } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { type Connection, useFeeds, useReceivedFeeds } from './queries';

interface Flow {
  id: string;
  name: string;
  href: string;
  status: string;
  segments: number;
  at: string;
}

/** The feeds that this side shares over a connection. */
export function SharedFeeds({ connection }: { connection: Connection }) {
  const sandbox = useSandbox();
  const feeds = useFeeds(sandbox);
  const flows = feeds.data?.items.flatMap((feed): Flow[] =>
    feed.shares
      .filter(({ connectionId }) => connectionId === connection.connectionId)
      .map(({ status, segmentIds, updatedAt }) => ({
        id: feed.feedId,
        name: feed.name,
        href: inSandbox(sandbox, 'feeds', feed.feedId),
        status,
        segments: segmentIds.length,
        at: updatedAt,
      })),
  );
  return <Flows kind="shared" read={feeds} flows={flows} />;
}

/** The feeds that the partner shares over a connection. */
export function ReceivedFeeds({ connection }: { connection: Connection }) {
  const sandbox = useSandbox();
  const feeds = useReceivedFeeds(sandbox);
  const flows = feeds.data?.items
    .filter(({ connectionId }) => connectionId === connection.connectionId)
    .map(
      (feed): Flow => ({
        id: feed.receivedFeedId,
        name: feed.feedName,
        href: inSandbox(sandbox, 'received-feeds', feed.receivedFeedId),
        status: feed.status,
        segments: feed.segments.length,
        at: feed.updatedAt,
      }),
    );
  return <Flows kind="received" read={feeds} flows={flows} />;
}

interface Props {
  kind: 'shared' | 'received';
  read: ReturnType<typeof useFeeds> | ReturnType<typeof useReceivedFeeds>;
  flows: Flow[] | undefined;
}

function Flows({ kind, read, flows }: Props) {
  const t = useT();
  const columns: Column<Flow>[] = [
    {
      id: 'name',
      header: t('partners.feed'),
      cell: ({ name, id, href }) => <NameOrId name={name} id={id} href={href} />,
      value: ({ name }) => name,
      isRowHeader: true,
      width: 320,
    },
    {
      id: 'status',
      header: t('partners.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => status,
      width: 160,
    },
    {
      id: 'segments',
      header: t('partners.segments'),
      cell: ({ segments }) => <Count value={segments} />,
      value: ({ segments }) => segments,
      width: 140,
    },
    {
      id: 'at',
      header: t('partners.changedAt'),
      cell: ({ at }) => <Time at={at} />,
      value: ({ at }) => at,
      width: 180,
    },
  ];
  return (
    <ResourceTable
      name={`partner-${kind}`}
      title={t(`partners.feeds.${kind}`)}
      list={{
        data: flows && { items: flows, isCut: false },
        error: read.error,
        isPending: read.isPending,
        refetch: read.refetch,
      }}
      columns={columns}
      idOf={({ id }) => id}
      empty={{ title: t(`partners.feeds.${kind}.empty`), detail: t(`partners.feeds.${kind}.empty.detail`) }}
      sortBy={{ column: 'at', isDescending: true }}
    />
  );
}
