import ProgressBar from '@cloudscape-design/components/progress-bar';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { type Run, useRuns } from './queries';

const RUN_REASONS = [
  'data.changed',
  'data_source.changed',
  'dataflow.released',
  'dataflow.resumed',
  'feed.changed',
  'feed.unshared',
  'guards.decided',
  'policy.changed',
  'policy.created',
  'policy.deleted',
  'policy.disabled',
  'policy.enabled',
  'privacy_request',
  'received_feed.enabled',
  'recency',
  'sandbox.changed',
  'segment.updated',
];

/** The runs of the dataflow to one partner, as they come. What a partner was given is told by the population alone. */
export function Runs({ dataflow, partner }: { dataflow: string; partner: string }) {
  const t = useT();
  const sandbox = useSandbox();
  const list = useRuns(sandbox, dataflow);
  const reasonOf = ({ reason }: Run) => (RUN_REASONS.includes(reason) ? t(`feeds.run.reason.${reason}`) : reason);
  const columns: Column<Run>[] = [
    {
      id: 'startedAt',
      header: t('feeds.run.startedAt'),
      cell: ({ startedAt }) => <Time at={startedAt} />,
      value: ({ startedAt }) => startedAt,
      isRowHeader: true,
      width: 150,
    },
    {
      id: 'status',
      header: t('feeds.run.status'),
      cell: (run) => <RunStatus run={run} />,
      value: ({ status }) => t(`status.${status}`),
      width: 200,
    },
    { id: 'reason', header: t('feeds.run.reason'), cell: reasonOf, value: reasonOf, width: 260 },
    {
      id: 'received',
      header: t('feeds.run.received'),
      cell: ({ profilesReceived }) => <Count value={profilesReceived} />,
      value: ({ profilesReceived }) => profilesReceived,
      width: 160,
    },
    {
      id: 'excluded',
      header: t('feeds.run.excluded'),
      cell: (run) => <Count value={excludedOf(run)} />,
      value: excludedOf,
      width: 150,
    },
    {
      id: 'failed',
      header: t('feeds.run.failed'),
      cell: ({ identitiesFailed }) => <Count value={identitiesFailed} />,
      value: ({ identitiesFailed }) => identitiesFailed,
      width: 120,
    },
  ];
  return (
    <ResourceTable
      name="feed-runs"
      title={t('feeds.runs', { partner: partner.slice(0, 80) })}
      description={t('feeds.runs.description')}
      list={list}
      columns={columns}
      idOf={({ runId }) => runId}
      actions={
        <RouteLink href={inSandbox(sandbox, 'delivery', dataflow)} variant="primary">
          {t('feeds.population')}
        </RouteLink>
      }
      empty={{ title: t('feeds.runs.empty') }}
      sortBy={{ column: 'startedAt', isDescending: true }}
    />
  );
}

const excludedOf = ({ identitiesExcluded }: Run): number | null =>
  identitiesExcluded && Object.values(identitiesExcluded.byReason).reduce((sum, count) => sum + count, 0);

function RunStatus({ run: { status, progress } }: { run: Run }) {
  const t = useT();
  if (status !== 'running' || progress.total === 0) return <StatusBadge status={status} />;
  return (
    <ProgressBar
      value={(progress.done / progress.total) * 100}
      ariaLabel={t('feeds.run.progress', { done: progress.done, total: progress.total })}
    />
  );
}
