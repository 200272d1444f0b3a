import Box from '@cloudscape-design/components/box';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { kindOf, otherSideOf } from './DataflowName';
import { type Dataflow, isToDestination, useDataflows, useLastRun, useWaiting } from './queries';

export default function DeliveryList() {
  const t = useT();
  const sandbox = useSandbox();
  const list = useDataflows(sandbox);
  const title = t('delivery.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const columns: Column<Dataflow>[] = [
    {
      id: 'name',
      header: t('delivery.with'),
      cell: (flow) => (
        <NameOrId
          name={otherSideOf(flow)}
          id={flow.dataflowId}
          href={inSandbox(sandbox, 'delivery', flow.dataflowId)}
        />
      ),
      value: otherSideOf,
      isRowHeader: true,
      width: 300,
    },
    {
      id: 'kind',
      header: t('delivery.kind'),
      cell: (flow) => t(`delivery.kind.${kindOf(flow)}`),
      value: (flow) => t(`delivery.kind.${kindOf(flow)}`),
      width: 170,
    },
    {
      id: 'feed',
      header: t('delivery.carries'),
      cell: (flow) =>
        isToDestination(flow) ? (
          t('delivery.carries.segments', { count: flow.segmentIds.length })
        ) : (
          <Written>{flow.feedName}</Written>
        ),
      value: (flow) => (isToDestination(flow) ? '' : flow.feedName),
      width: 200,
    },
    {
      id: 'status',
      header: t('delivery.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 130,
    },
    { id: 'lastRun', header: t('delivery.lastRun'), cell: (flow) => <LastRun flow={flow} />, width: 240 },
    { id: 'waiting', header: t('delivery.waiting'), cell: (flow) => <Waiting flow={flow} />, width: 200 },
    {
      id: 'updatedAt',
      header: t('delivery.updatedAt'),
      cell: ({ updatedAt }) => <Time at={updatedAt} />,
      value: ({ updatedAt }) => updatedAt,
      isHidden: true,
    },
    {
      id: 'id',
      header: t('delivery.id'),
      cell: ({ dataflowId }) => dataflowId,
      value: ({ dataflowId }) => dataflowId,
      isHidden: true,
    },
  ];
  return (
    <ResourceTable
      name="dataflows"
      variant="full-page"
      title={title}
      description={t('delivery.description')}
      list={list}
      columns={columns}
      idOf={({ dataflowId }) => dataflowId}
      empty={{ title: t('delivery.empty'), detail: t('delivery.empty.detail') }}
      filters={[
        {
          id: 'kind',
          label: t('delivery.kind'),
          value: kindOf,
          options: (['destination', 'toPartner', 'fromPartner'] as const).map((value) => ({
            value,
            label: t(`delivery.kind.${value}`),
          })),
        },
        {
          id: 'status',
          label: t('delivery.status'),
          value: ({ status }) => status,
          options: (['active', 'paused', 'closing', 'closed'] as const).map((value) => ({
            value,
            label: t(`status.${value}`),
          })),
        },
      ]}
      sortBy={{ column: 'updatedAt', isDescending: true }}
    />
  );
}

/** The last run is read for the rows that are shown, as the list of dataflows does not tell it. */
function LastRun({ flow }: { flow: Dataflow }) {
  const t = useT();
  const run = useLastRun(useSandbox(), flow.dataflowId).data?.value.items[0];
  if (!run) return <Box color="text-body-secondary">{t('common.none')}</Box>;
  return (
    <span className="row">
      <StatusBadge status={run.status} /> <Time at={run.startedAt} />
    </span>
  );
}

function Waiting({ flow }: { flow: Dataflow }) {
  const t = useT();
  const health = useWaiting(useSandbox(), isToDestination(flow) ? flow.destinationId : '').data?.value;
  if (!isToDestination(flow))
    return flow.held.length > 0 ? t('delivery.held.count', { count: flow.held.length }) : t('common.none');
  if (health && health.waiting > 0) return t('delivery.waiting.count', { count: health.waiting });
  return <Count value={health?.waiting} />;
}
