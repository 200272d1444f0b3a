import { type QueryKey, useQuery } from '@tanstack/react-query';
import { bodyOf, type Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useCan } from '../../api/me';
import { useList, useResource } from '../../api/queries';

export type DestinationType = Schemas['DestinationTypeView'];
export type Destination = Schemas['DestinationView'];
export type Health = Schemas['HealthView'];
export type Activation = Schemas['ActivationView'];
export type DeadLetter = Schemas['DeadLetterView'];
export type Alerts = Schemas['AlertsView'];
export type Explained = Schemas['ExplainedActivation'];
export type Segment = Schemas['SegmentView'];

/** The most segments that one call explains. */
const EXPLAINED_AT_ONCE = 250;

/** All that is read of destinations; a change of one makes it stale. */
export const destinationsKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'destinations'];

export function useDestinationTypes() {
  const api = useApi();
  return useResource<Schemas['DestinationTypeList']>(['destination-types'], (signal) =>
    api.GET('/destination-types', { signal }),
  );
}

/** The type's card, or undefined while types are read. */
export const useDestinationType = (type: string | undefined): DestinationType | undefined =>
  useDestinationTypes().data?.value.items.find((one) => one.type === type);

export function useDestinations(sandbox: string) {
  const api = useApi();
  return useList<Destination>(
    [...destinationsKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/destinations', { params: { path: { sandbox }, query }, signal }),
    { live: (items) => items.some(({ status }) => status === 'deleting') },
  );
}

export function useDestination(sandbox: string, destination: string) {
  const api = useApi();
  return useResource<Destination>(
    [...destinationsKey(sandbox), destination],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/destinations/{destination}', {
        params: { path: { sandbox, destination } },
        signal,
      }),
    { live: ({ status, formerSecretsUntil }) => status === 'deleting' || formerSecretsUntil !== null },
  );
}

/** How a destination is doing. What is sent comes at any moment, so that `isWatched` always looks. */
export function useHealth(sandbox: string, destination: string, { isWatched = false } = {}) {
  const api = useApi();
  return useResource<Health>(
    [...destinationsKey(sandbox), destination, 'health'],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/destinations/{destination}/health', {
        params: { path: { sandbox, destination } },
        signal,
      }),
    { live: ({ waiting, status }) => isWatched || waiting > 0 || status === 'failing' },
  );
}

export function useActivations(sandbox: string, destination: string) {
  const api = useApi();
  return useList<Activation>(
    [...destinationsKey(sandbox), destination, 'activations'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/destinations/{destination}/activations', {
        params: { path: { sandbox, destination }, query },
        signal,
      }),
    { live: (items) => items.some(({ status }) => status === 'ending') },
  );
}

export function useActivation(sandbox: string, destination: string, activation: string) {
  const api = useApi();
  return useResource<Activation>(
    [...destinationsKey(sandbox), destination, 'activations', activation],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}', {
        params: { path: { sandbox, destination, activation } },
        signal,
      }),
    { live: ({ status }) => status === 'ending', enabled: activation !== '' },
  );
}

/** Dead letters, newest first. They come at any moment. */
export function useDeadLetters(sandbox: string, destination: string) {
  const api = useApi();
  return useList<DeadLetter>(
    [...destinationsKey(sandbox), destination, 'dead-letters'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/destinations/{destination}/dead-letters', {
        params: { path: { sandbox, destination }, query },
        signal,
      }),
    { live: () => true },
  );
}

export function useAlerts(sandbox: string, destination: string) {
  const api = useApi();
  return useResource<Alerts>(
    [...destinationsKey(sandbox), destination, 'alerts'],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/destinations/{destination}/alerts', {
        params: { path: { sandbox, destination } },
        signal,
      }),
    { live: () => false },
  );
}

/** What is activated, and these segments: whether each may be given to the destination, by segment. */
export function useExplained(sandbox: string, destination: string, segmentIds: readonly string[], enabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: [...destinationsKey(sandbox), destination, 'explained', segmentIds],
    enabled,
    queryFn: async ({ signal }) => {
      const found: Explained[] = [];
      for (let at = 0; at === 0 || at < segmentIds.length; at += EXPLAINED_AT_ONCE) {
        const { items } = await bodyOf(
          api.POST('/sandboxes/{sandbox}/destinations/{destination}/explain', {
            params: { path: { sandbox, destination } },
            body: { segmentIds: segmentIds.slice(at, at + EXPLAINED_AT_ONCE) },
            signal,
          }),
        );
        found.push(...items);
      }
      return new Map(found.map((one) => [one.segmentId, one]));
    },
  });
}

/** The sandbox's segments: own, composed and received ones. */
export function useSegments(sandbox: string) {
  const api = useApi();
  return useList<Segment>(
    [...destinationsKey(sandbox), 'segments'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/segments', { params: { path: { sandbox }, query }, signal }),
    { enabled: useCan()('segments:read') },
  );
}

/** The name of a segment, for whoever may read it; else its id. */
export function useSegmentNames(sandbox: string): (segmentId: string) => string {
  const segments = useSegments(sandbox).data?.items ?? [];
  const names = new Map(segments.map(({ segmentId, name }) => [segmentId, name]));
  return (segmentId) => names.get(segmentId) ?? segmentId;
}

export function useOwnNamespaces(sandbox: string) {
  const api = useApi();
  return useResource([...destinationsKey(sandbox), 'namespaces'], (signal) =>
    api.GET('/sandboxes/{sandbox}/namespaces', { params: { path: { sandbox } }, signal }),
  );
}
