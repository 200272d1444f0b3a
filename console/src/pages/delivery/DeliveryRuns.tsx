import { useIntl } from 'react-intl';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { useExclusionName } from '../../components/exclusions';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { pageOf } from '../../components/rows';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { MiniBar } from './MiniBar';
import { type DeliveryRun, NEWEST, useDeliveryRuns, useSegmentNames } from './queries';

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((one, other) => one + other, 0);

/** What came of a dataflow's changes at its destination, hour by hour. */
export function DeliveryRuns({ dataflow }: { dataflow: string }) {
  const t = useT();
  const intl = useIntl();
  const sandbox = useSandbox();
  const read = useDeliveryRuns(sandbox, dataflow);
  const exclusion = useExclusionName();
  const nameOf = useSegmentNames(sandbox);
  const listed = (counts: Readonly<Record<string, number>>, words: (code: string) => string) =>
    Object.entries(counts)
      .map(([code, count]) => `${words(code)} ${intl.formatNumber(count)}`)
      .join(', ');
  const columns: Column<DeliveryRun>[] = [
    {
      id: 'start',
      header: t('delivery.hour'),
      cell: ({ start }) => <Time at={start} exact />,
      value: ({ start }) => start,
      isRowHeader: true,
      width: 200,
    },
    {
      id: 'status',
      header: t('delivery.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 140,
    },
    {
      id: 'bar',
      header: t('delivery.run.picture'),
      cell: ({ identitiesActivated, identitiesExited, identitiesFailed }) => (
        <MiniBar
          parts={[
            { kind: 'whole', count: identitiesActivated },
            { kind: 'loss', count: identitiesExited },
            { kind: 'failure', count: sum(identitiesFailed) },
          ]}
        />
      ),
      width: 140,
    },
    {
      id: 'activated',
      header: t('delivery.activated'),
      cell: ({ identitiesActivated }) => <Count value={identitiesActivated} />,
      value: ({ identitiesActivated }) => identitiesActivated,
      width: 120,
    },
    {
      id: 'exited',
      header: t('delivery.run.exited'),
      cell: ({ identitiesExited }) => <Count value={identitiesExited} />,
      value: ({ identitiesExited }) => identitiesExited,
      width: 110,
    },
    {
      id: 'failed',
      header: t('delivery.failed'),
      cell: ({ identitiesFailed }) => <Written>{listed(identitiesFailed, (code) => code) || '0'}</Written>,
      value: ({ identitiesFailed }) => sum(identitiesFailed),
      width: 140,
    },
    {
      id: 'excluded',
      header: t('delivery.run.excluded'),
      cell: ({ identitiesExcluded }) => listed(identitiesExcluded.byReason, exclusion) || '0',
      value: ({ identitiesExcluded }) => sum(identitiesExcluded.byReason),
      width: 240,
    },
    {
      id: 'segments',
      header: t('delivery.bySegment'),
      cell: ({ segments }) => (
        <ul className="plain wraps">
          {segments.map((segment) => {
            const { members, identitiesExcluded } = segment;
            return (
              <li key={segment.segmentId} dir="auto">
                {t('delivery.segmentHour', {
                  name: nameOf(segment.segmentId),
                  activated: segment.identitiesActivated,
                  exited: segment.identitiesExited,
                  failed: segment.identitiesFailed,
                })}
                {members !== null && members !== undefined && identitiesExcluded
                  ? t('delivery.segmentExcluded', { members, excluded: sum(identitiesExcluded.byReason) })
                  : ''}
              </li>
            );
          })}
        </ul>
      ),
      width: 460,
    },
  ];
  return (
    <ResourceTable
      name="delivery-runs"
      title={t('delivery.hours')}
      description={t('delivery.hours.description', { count: NEWEST })}
      list={pageOf(read)}
      columns={columns}
      idOf={({ start }) => start}
      empty={{ title: t('delivery.hours.empty'), detail: t('delivery.hours.empty.detail') }}
      sortBy={{ column: 'start', isDescending: true }}
    />
  );
}
