import Box from '@cloudscape-design/components/box';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { useExclusionName } from '../../components/exclusions';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { pageOf } from '../../components/rows';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { MiniBar } from './MiniBar';
import { NEWEST, type Run, useRuns } from './queries';

const sum = (counts: Readonly<Record<string, number>> | undefined) =>
  Object.values(counts ?? {}).reduce((one, other) => one + other, 0);

/** The runs of a dataflow, newest first: when, why, and what came of each. */
export function Runs({ dataflow }: { dataflow: string }) {
  const t = useT();
  const intl = useIntl();
  const read = useRuns(useSandbox(), dataflow);
  const exclusion = useExclusionName();
  const words = useReasonWords();
  const byReason = ({ identitiesExcluded }: Run) =>
    Object.entries(identitiesExcluded?.byReason ?? {})
      .map(([reason, count]) => `${exclusion(reason)} ${intl.formatNumber(count)}`)
      .join(', ');
  const columns: Column<Run>[] = [
    {
      id: 'startedAt',
      header: t('delivery.run.startedAt'),
      cell: ({ startedAt }) => <Time at={startedAt} exact />,
      value: ({ startedAt }) => startedAt,
      isRowHeader: true,
      width: 200,
    },
    {
      id: 'status',
      header: t('delivery.status'),
      cell: (run) => <Status run={run} />,
      value: ({ status }) => t(`status.${status}`),
      width: 200,
    },
    {
      id: 'reason',
      header: t('delivery.run.reason'),
      cell: ({ reason }) => words(reason),
      value: ({ reason }) => words(reason),
      width: 200,
    },
    {
      id: 'took',
      header: t('delivery.run.took'),
      cell: (run) => took(run, (seconds) => t('delivery.run.seconds', { seconds })) ?? t('common.none'),
      width: 120,
    },
    {
      id: 'bar',
      header: t('delivery.run.picture'),
      cell: (run) => {
        const excluded = sum(run.identitiesExcluded?.byReason);
        const received = run.profilesReceived ?? 0;
        return (
          <MiniBar
            parts={[
              { kind: 'whole', count: Math.max(received - excluded - run.identitiesFailed, 0) },
              { kind: 'loss', count: excluded },
              { kind: 'failure', count: run.identitiesFailed },
            ]}
          />
        );
      },
      width: 160,
    },
    {
      id: 'received',
      header: t('delivery.run.received'),
      cell: ({ profilesReceived }) => <Count value={profilesReceived} />,
      value: ({ profilesReceived }) => profilesReceived,
      width: 120,
    },
    {
      id: 'realized',
      header: t('delivery.run.realized'),
      cell: ({ realized }) => <Count value={realized} />,
      value: ({ realized }) => realized,
      width: 110,
    },
    {
      id: 'exited',
      header: t('delivery.run.exited'),
      cell: ({ exited }) => <Count value={exited} />,
      value: ({ exited }) => exited,
      width: 110,
    },
    {
      id: 'excluded',
      header: t('delivery.run.excluded'),
      cell: (run) => (run.identitiesExcluded === null ? t('common.none') : byReason(run) || intl.formatNumber(0)),
      value: (run) => sum(run.identitiesExcluded?.byReason),
      width: 260,
    },
  ];
  return (
    <ResourceTable
      name="runs"
      title={t('delivery.runs')}
      description={t('delivery.runs.description', { count: NEWEST })}
      list={pageOf(read)}
      columns={columns}
      idOf={({ runId }) => runId}
      empty={{ title: t('delivery.runs.empty'), detail: t('delivery.runs.empty.detail') }}
      sortBy={{ column: 'startedAt', isDescending: true }}
    />
  );
}

function Status({ run }: { run: Run }) {
  const t = useT();
  const { done, total } = run.progress;
  if (run.status === 'running')
    return (
      <ProgressBar
        value={total > 0 ? (done / total) * 100 : 0}
        ariaLabel={t('status.running')}
        additionalInfo={t('delivery.run.progress', { done, total })}
      />
    );
  return (
    <>
      <StatusBadge status={run.status} />
      {run.failure && (
        <Box variant="small" color="text-body-secondary">
          {t(`delivery.failure.${run.failure}`)}
        </Box>
      )}
    </>
  );
}

function took({ startedAt, completedAt }: Run, words: (seconds: number) => string): string | null {
  if (!completedAt) return null;
  return words(Math.max(0, Math.round((Date.parse(completedAt) - Date.parse(startedAt)) / 100) / 10));
}

/** What set a run off. A code that is unknown is its own word. */
export function useReasonWords(): (reason: string) => string {
  const t = useT();
  const { messages } = useIntl();
  return (reason) => (`delivery.reason.${reason}` in messages ? t(`delivery.reason.${reason}`) : reason);
}
