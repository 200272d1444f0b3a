import type { QueryKey } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useCan } from '../../api/me';
import { useList, useResource } from '../../api/queries';

export type Dataflow = Schemas['AnyDataflow'];
export type DestinationDataflow = Schemas['DestinationDataflowView'];
export type PartnerDataflow = Schemas['PartnerDataflowView'];
export type Run = Schemas['RunView'];
export type DeliveryRun = Schemas['DeliveryRun'];
export type Population = Schemas['PopulationView'];

/** How many runs are shown; those before are in the API. */
export const NEWEST = 100;

/** All that is read of delivery; a change of a dataflow makes it stale. */
export const deliveryKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'delivery'];

export const isToDestination = (flow: Dataflow): flow is DestinationDataflow => 'destinationId' in flow;

export function useDataflows(sandbox: string) {
  const api = useApi();
  return useList<Dataflow>(
    [...deliveryKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/dataflows', { params: { path: { sandbox }, query }, signal }),
    { live: (items) => items.some(({ status }) => status === 'closing') },
  );
}

export function useDataflow(sandbox: string, dataflow: string) {
  const api = useApi();
  return useResource<Dataflow>(
    [...deliveryKey(sandbox), dataflow],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/dataflows/{dataflow}', { params: { path: { sandbox, dataflow } }, signal }),
    { live: ({ status }) => status === 'closing' },
  );
}

/** The newest run alone, for a row of the list. */
export function useLastRun(sandbox: string, dataflow: string) {
  return useRunsOf(sandbox, dataflow, 1, false);
}

/** The newest runs. Data can change at any moment, so that a run is always looked for. */
export function useRuns(sandbox: string, dataflow: string) {
  return useRunsOf(sandbox, dataflow, NEWEST, true);
}

function useRunsOf(sandbox: string, dataflow: string, limit: number, isWatched: boolean) {
  const api = useApi();
  return useResource<Schemas['RunList']>(
    [...deliveryKey(sandbox), dataflow, 'runs', limit],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/dataflows/{dataflow}/runs', {
        params: { path: { sandbox, dataflow }, query: { limit } },
        signal,
      }),
    { live: ({ items }) => isWatched || items.some(({ status }) => status === 'running') },
  );
}

/** The newest hours in which something was sent to a destination. */
export function useDeliveryRuns(sandbox: string, dataflow: string) {
  const api = useApi();
  return useResource<Schemas['DeliveryRunList']>(
    [...deliveryKey(sandbox), dataflow, 'delivery-runs'],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/dataflows/{dataflow}/delivery-runs', {
        params: { path: { sandbox, dataflow }, query: { limit: NEWEST } },
        signal,
      }),
    { live: ({ items }) => items.some(({ status }) => status === 'processing') },
  );
}

/**
 * Why fewer are shared than there are members. Of a partner's dataflow a reading can cost an answer and is told to the
 * partner, so that it is read once; of a destination's it is kept fresh.
 */
export function usePopulation(sandbox: string, dataflow: string, { isLive }: { isLive: boolean }) {
  const api = useApi();
  return useResource<Population>(
    [...deliveryKey(sandbox), dataflow, 'population'],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/dataflows/{dataflow}/population', {
        params: { path: { sandbox, dataflow } },
        signal,
      }),
    isLive ? { live: () => false } : {},
  );
}

/** What waits at a destination. */
export function useWaiting(sandbox: string, destination: string, { isWatched = false } = {}) {
  const api = useApi();
  return useResource<Schemas['HealthView']>(
    [...deliveryKey(sandbox), 'health', destination],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/destinations/{destination}/health', {
        params: { path: { sandbox, destination } },
        signal,
      }),
    { live: ({ waiting }) => isWatched || waiting > 0, enabled: useCan()('destinations:read') && destination !== '' },
  );
}

/** The name of a segment, for whoever may read it; else its id. */
export function useSegmentNames(sandbox: string): (segmentId: string) => string {
  const api = useApi();
  const read = useList<Schemas['SegmentView']>(
    [...deliveryKey(sandbox), 'segments'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/segments', { params: { path: { sandbox }, query }, signal }),
    { enabled: useCan()('segments:read') },
  );
  const names = new Map((read.data?.items ?? []).map(({ segmentId, name }) => [segmentId, name]));
  return (segmentId) => names.get(segmentId) ?? segmentId;
}
