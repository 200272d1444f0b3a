import { type QueryKey, useQueries, useQueryClient } from '@tanstack/react-query';
import { bodyOf, type Schemas } from 'handfast-client';
import { useEffect, useRef } from 'react';
import { useApi } from '../../api/context';
import { useCan } from '../../api/me';
import { useList, useResource } from '../../api/queries';

export type ActivityRecord = Schemas['ActivityRecord'];
export type Dataflow = Schemas['DataflowList']['items'][number];

/** Of how many destinations the health is asked, each by a call of its own. */
export const MOST_ASKED = 30;
const HEALTH_MS = 30_000;
const MOST_FAILED = 5;
/** Of runs of dataflows so many are read that those which failed lately are among them. */
const NEWEST = { activity: 10, runs: 50 };
const ONE_CALL = 200;

const key = (sandbox: string, ...rest: string[]): QueryKey => ['sandbox', sandbox, 'home', ...rest];

export function useFeeds(sandbox: string) {
  const api = useApi();
  return useList<Schemas['FeedView']>(
    ['sandbox', sandbox, 'feeds', 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/feeds', { params: { path: { sandbox }, query }, signal }),
    { live: () => false, enabled: useCan()('feeds:read') },
  );
}

export function useReceivedFeeds(sandbox: string) {
  const api = useApi();
  return useList<Schemas['ReceivedFeedView']>(
    ['sandbox', sandbox, 'received-feeds', 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/received-feeds', { params: { path: { sandbox }, query }, signal }),
    { live: () => false, enabled: useCan()('feeds:read') },
  );
}

export function useSegments(sandbox: string) {
  const api = useApi();
  return useList<Schemas['SegmentView']>(
    key(sandbox, 'segments'),
    (query, signal) => api.GET('/sandboxes/{sandbox}/segments', { params: { path: { sandbox }, query }, signal }),
    { enabled: useCan()('segments:read') },
  );
}

export function useDataflows(sandbox: string) {
  const api = useApi();
  return useList<Dataflow>(
    key(sandbox, 'dataflows'),
    (query, signal) => api.GET('/sandboxes/{sandbox}/dataflows', { params: { path: { sandbox }, query }, signal }),
    { live: () => false, enabled: useCan()('feeds:read') },
  );
}

export function useDestinations(sandbox: string) {
  const api = useApi();
  return useList<Schemas['DestinationView']>(
    key(sandbox, 'destinations'),
    (query, signal) => api.GET('/sandboxes/{sandbox}/destinations', { params: { path: { sandbox }, query }, signal }),
    { live: () => false, enabled: useCan()('destinations:read') },
  );
}

export function useRecipientTokens(sandbox: string) {
  const api = useApi();
  return useList<Schemas['RecipientTokenView']>(
    ['sandbox', sandbox, 'access', 'recipient-tokens', 'list'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/recipient-tokens', { params: { path: { sandbox }, query }, signal }),
    { live: () => false, enabled: useCan()('access:manage') },
  );
}

/** How the first destinations are doing, in their order. */
export function useHealth(sandbox: string, destinations: string[]) {
  const api = useApi();
  return useQueries({
    queries: destinations.slice(0, MOST_ASKED).map((destination) => ({
      queryKey: key(sandbox, 'health', destination),
      refetchInterval: HEALTH_MS,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        bodyOf<Schemas['HealthView']>(
          api.GET('/sandboxes/{sandbox}/destinations/{destination}/health', {
            params: { path: { sandbox, destination } },
            signal,
          }),
        ),
    })),
  });
}

/** The open privacy requests that are due first. */
export function useDue(sandbox: string) {
  const api = useApi();
  return useResource(
    key(sandbox, 'due'),
    (signal) =>
      api.GET('/sandboxes/{sandbox}/privacy-requests', {
        params: { path: { sandbox }, query: { sort: 'due', limit: ONE_CALL } },
        signal,
      }),
    { live: () => false, enabled: useCan()('privacy:read') },
  );
}

/** Of which types the newest records are asked. */
const TYPES = { activity: undefined, runs: 'dataflow.*' } as const;

/** The newest records of the log, of all types unless told otherwise. */
export function useNewest(sandbox: string, what: keyof typeof TYPES = 'activity') {
  const type = TYPES[what];
  const api = useApi();
  return useResource(
    key(sandbox, what),
    (signal) =>
      api.GET('/sandboxes/{sandbox}/activity', {
        params: { path: { sandbox }, query: { limit: NEWEST[what], ...(type && { type }) } },
        signal,
      }),
    { live: () => type === undefined, enabled: useCan()('activity:read') },
  );
}

/** All that changes is recorded: with each new record of the log, what the page shows is read again. */
export function usePulse(sandbox: string) {
  const queries = useQueryClient();
  const newest = useNewest(sandbox).data?.value.items[0]?.sequence;
  const seen = useRef(newest);
  useEffect(() => {
    if (newest === undefined || newest === seen.current) return;
    const isFirst = seen.current === undefined;
    seen.current = newest;
    if (!isFirst) for (const queryKey of followed(sandbox)) void queries.invalidateQueries({ queryKey });
  }, [newest, sandbox, queries]);
}

const followed = (sandbox: string): QueryKey[] => [
  ['sandbox', sandbox, 'feeds', 'list'],
  ['sandbox', sandbox, 'received-feeds', 'list'],
  ['sandbox', sandbox, 'sources', 'list'],
  ['sandbox', sandbox, 'access', 'recipient-tokens', 'list'],
  ...['dataflows', 'destinations', 'due', 'runs'].map((what) => key(sandbox, what)),
];

/** The last runs of the dataflows that have failed lately: whether one still stands as failed. */
export function useLastRuns(sandbox: string, dataflows: string[]) {
  const api = useApi();
  return useQueries({
    queries: dataflows.slice(0, MOST_FAILED).map((dataflow) => ({
      queryKey: key(sandbox, 'last-run', dataflow),
      refetchInterval: HEALTH_MS,
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const query = { limit: 1 };
        const runs = await bodyOf(
          api.GET('/sandboxes/{sandbox}/dataflows/{dataflow}/runs', {
            params: { path: { sandbox, dataflow }, query },
            signal,
          }),
        );
        return { dataflow, run: runs.items[0] ?? null };
      },
    })),
  });
}
