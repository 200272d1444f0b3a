import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Tabs from '@cloudscape-design/components/tabs';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { Count } from '../../components/Count';
import { DetailPage } from '../../components/DetailPage';
import { KeyValues } from '../../components/KeyValues';
import { Written } from '../../components/NameOrId';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFollow } from '../../layout/follow';
import { inSandbox } from '../../paths';
import { DataflowActions } from './DataflowActions';
import { kindOf, otherSideOf, useDataflowTitle } from './DataflowName';
import { DeliveryRuns } from './DeliveryRuns';
import { Held } from './Held';
import { PopulationPanel } from './PopulationPanel';
import {
  type Dataflow,
  deliveryKey,
  isToDestination,
  useDataflow,
  useRuns,
  useSegmentNames,
  useWaiting,
} from './queries';
import { Runs } from './Runs';

export default function DataflowDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const titleOf = useDataflowTitle();
  const { dataflow = '' } = useParams();
  const [query, setQuery] = useSearchParams();
  const read = useDataflow(sandbox, dataflow);
  useFreshAfterRuns(sandbox, dataflow);
  return (
    <DetailPage
      resource={read}
      title={(flow) => (flow ? titleOf(flow) : dataflow)}
      above={[{ text: t('delivery.title'), href: inSandbox(sandbox, 'delivery') }]}
      actions={(flow) => <DataflowActions flow={flow} />}
    >
      {(flow) => (
        <>
          {flow.status === 'paused' && <Alert type="info">{t('delivery.paused.detail')}</Alert>}
          <Overview flow={flow} />
          {flow.held.length > 0 && <Held held={flow.held} isSource={flow.direction === 'outgoing'} />}
          <Tabs
            activeTabId={query.get('tab') ?? 'population'}
            onChange={({ detail }) => setQuery({ tab: detail.activeTabId }, { replace: true })}
            tabs={[
              { id: 'population', label: t('delivery.population'), content: <PopulationPanel flow={flow} /> },
              { id: 'runs', label: t('delivery.runs'), content: <Runs dataflow={dataflow} /> },
              ...(isToDestination(flow)
                ? [{ id: 'hours', label: t('delivery.hours'), content: <DeliveryRuns dataflow={dataflow} /> }]
                : []),
            ]}
          />
        </>
      )}
    </DetailPage>
  );
}

/** When a run has ended, what it has changed is read again. */
function useFreshAfterRuns(sandbox: string, dataflow: string) {
  const queries = useQueryClient();
  const runs = useRuns(sandbox, dataflow).data?.value.items;
  const ended = runs?.find(({ status }) => status !== 'running')?.runId;
  useEffect(() => {
    if (ended === undefined) return;
    for (const part of [['population'], ['delivery-runs']])
      void queries.invalidateQueries({ queryKey: [...deliveryKey(sandbox), dataflow, ...part] });
  }, [queries, sandbox, dataflow, ended]);
}

function Overview({ flow }: { flow: Dataflow }) {
  const t = useT();
  const follow = useFollow();
  const sandbox = useSandbox();
  const nameOf = useSegmentNames(sandbox);
  const run = useRuns(sandbox, flow.dataflowId).data?.value.items[0];
  const health = useWaiting(sandbox, isToDestination(flow) ? flow.destinationId : '', { isWatched: true }).data?.value;
  const link = (text: string, ...place: string[]) => (
    <Link href={inSandbox(sandbox, ...place)} onFollow={follow}>
      <Written>{text}</Written>
    </Link>
  );
  const what = isToDestination(flow)
    ? [
        { label: t('delivery.destination'), value: link(flow.destinationName, 'destinations', flow.destinationId) },
        {
          label: t('delivery.activation'),
          value: link(
            t('delivery.activation.show'),
            'destinations',
            flow.destinationId,
            'activations',
            flow.activationId,
          ),
        },
        { label: t('delivery.waiting'), value: <Count value={health?.waiting} /> },
      ]
    : [
        { label: t('delivery.partner'), value: link(otherSideOf(flow), 'partners', flow.connectionId) },
        {
          label: t('delivery.feed'),
          value:
            flow.direction === 'outgoing'
              ? link(flow.feedName, 'feeds', flow.feedId)
              : link(flow.feedName, 'received-feeds', flow.receivedFeedId),
        },
      ];
  return (
    <Container header={<Header variant="h2">{t('delivery.overview')}</Header>}>
      <KeyValues
        columns={4}
        items={[
          { label: t('delivery.status'), value: <StatusBadge status={flow.status} /> },
          { label: t('delivery.kind'), value: t(`delivery.kind.${kindOf(flow)}`) },
          ...what,
          {
            label: t('delivery.lastRun'),
            value: run ? (
              <span className="row">
                <StatusBadge status={run.status} />{' '}
                {run.status === 'running' ? (
                  t('delivery.run.progress', { ...run.progress })
                ) : (
                  <Time at={run.startedAt} />
                )}
              </span>
            ) : (
              t('common.none')
            ),
          },
          {
            label: t('delivery.segments'),
            value: (
              <span dir="auto" className="breaks">
                {flow.segmentIds.map(nameOf).join(', ') || t('common.none')}
              </span>
            ),
          },
          { label: t('delivery.id'), value: <CopyId value={flow.dataflowId} /> },
        ]}
      />
    </Container>
  );
}
