import { useCan } from '../../api/me';
import { endSoon } from '../../components/end-soon';
import { useConnections, usePending } from '../partners/queries';
import { useSources } from '../sources/queries';
import { deadlinesOf, eachOrAll, type Need } from './attention';
import {
  type Dataflow,
  MOST_ASKED,
  useDataflows,
  useDestinations,
  useDue,
  useHealth,
  useLastRuns,
  useNewest,
  useReceivedFeeds,
  useRecipientTokens,
} from './queries';

/** What one source says needs somebody. A source that the grant does not open says nothing. */
export interface Source {
  id: string;
  needs: Need[];
  error: unknown;
  isPending: boolean;
  retry: () => void;
}

interface Read {
  error: unknown;
  isLoading: boolean;
  refetch: () => unknown;
}

function source(id: string, needs: Need[], ...reads: Read[]): Source {
  return {
    id,
    needs,
    error: reads.find(({ error }) => error)?.error,
    isPending: reads.some(({ isLoading }) => isLoading),
    retry: () => reads.filter(({ error }) => error).forEach((read) => void read.refetch()),
  };
}

export function useConnectionNeeds(sandbox: string): Source {
  const enabled = useCan()('connections:read');
  const connections = useConnections(sandbox, { enabled });
  const asked = usePending(sandbox, connections).filter(({ direction }) => direction === 'incoming');
  const proposed = (connections.data?.items ?? []).flatMap(({ connectionId, partner, status, namespaces }) =>
    status === 'active'
      ? namespaces
          .filter((namespace) => namespace.status === 'proposed_by_partner')
          .map(({ namespace }) => ({ connectionId, partner: partner.organizationName, namespace }))
      : [],
  );
  const needs = [
    ...eachOrAll(
      asked,
      ({ connectionId, partner }) => ({
        key: connectionId,
        level: 'info',
        message: 'home.need.request',
        values: { partner: partner.organizationName },
        path: ['partners', connectionId],
      }),
      (count) => ({
        key: 'requests',
        level: 'info',
        message: 'home.need.requests',
        values: { count },
        path: ['partners'],
      }),
    ),
    ...eachOrAll(
      proposed,
      ({ connectionId, partner, namespace }) => ({
        key: `${connectionId} ${namespace}`,
        level: 'info',
        message: 'home.need.namespace',
        values: { partner, namespace },
        path: ['partners', connectionId],
      }),
      (count) => ({
        key: 'proposed',
        level: 'info',
        message: 'home.need.namespaces',
        values: { count },
        path: ['partners'],
      }),
    ),
  ];
  return source('connections', needs, connections);
}

export function useFeedNeeds(sandbox: string): Source {
  const received = useReceivedFeeds(sandbox);
  const needs = (['pending', 'changed'] as const).flatMap((status) =>
    eachOrAll(
      received.data?.items.filter((feed) => feed.status === status) ?? [],
      ({ receivedFeedId, feedName, partner }) => ({
        key: receivedFeedId,
        level: status === 'pending' ? 'info' : 'warning',
        message: `home.need.feed.${status}`,
        values: { feed: feedName, partner: partner.organizationName },
        path: ['received-feeds', receivedFeedId],
      }),
      (count) => ({
        key: status,
        level: status === 'pending' ? 'info' : 'warning',
        message: `home.need.feeds.${status}`,
        values: { count },
        path: ['received-feeds'],
      }),
    ),
  );
  return source('feeds', needs, received);
}

const nameOf = (flow: Dataflow): string => ('feedName' in flow ? flow.feedName : flow.destinationName);

export function useDataflowNeeds(sandbox: string): Source {
  const can = useCan();
  const flows = useDataflows(sandbox);
  const records = useNewest(sandbox, 'runs');
  const failures = records.data?.value.items.filter(({ type }) => type === 'dataflow.failed') ?? [];
  const failed = can('feeds:read') ? [...new Set(failures.map(({ subject }) => subject))] : [];
  const runs = useLastRuns(sandbox, failed);
  const names = new Map(flows.data?.items.map((flow) => [flow.dataflowId, nameOf(flow)]));
  const broken = runs.flatMap(({ data }) => (data?.run?.status === 'failed' ? [data.dataflow] : []));
  const held = flows.data?.items.filter((flow) => flow.status === 'active' && flow.held.length > 0) ?? [];
  const needs = [
    ...eachOrAll(
      broken,
      (dataflow) => ({
        key: `failed ${dataflow}`,
        level: 'error',
        message: 'home.need.run',
        values: { name: names.get(dataflow) ?? dataflow },
        path: ['delivery', dataflow],
      }),
      (count) => ({ key: 'failed', level: 'error', message: 'home.need.runs', values: { count }, path: ['delivery'] }),
    ),
    ...eachOrAll(
      held,
      (flow) => ({
        key: `held ${flow.dataflowId}`,
        level: 'warning',
        message: 'home.need.held',
        values: { name: nameOf(flow), count: flow.held.length },
        path: ['delivery', flow.dataflowId],
      }),
      (count) => ({ key: 'held', level: 'warning', message: 'home.need.helds', values: { count }, path: ['delivery'] }),
    ),
  ];
  return source('dataflows', needs, flows, records, ...runs);
}

/** Sources of files whose last run has failed. */
export function useFileSourceNeeds(sandbox: string): Source {
  const sources = useSources(sandbox);
  const failed = sources.data?.items.filter(({ lastRun }) => lastRun?.status === 'failed') ?? [];
  const needs = eachOrAll(
    failed,
    ({ sourceId, name }) => ({
      key: sourceId,
      level: 'error',
      message: 'home.need.source',
      values: { name },
      path: ['sources', sourceId],
    }),
    (count) => ({ key: 'sources', level: 'error', message: 'home.need.sources', values: { count }, path: ['sources'] }),
  );
  return source('sources', needs, sources);
}

export function useDestinationNeeds(sandbox: string, now: number): Source {
  const destinations = useDestinations(sandbox);
  const enabled = destinations.data?.items.filter(({ status }) => status === 'enabled') ?? [];
  const health = useHealth(
    sandbox,
    enabled.map(({ destinationId }) => destinationId),
  );
  const all = enabled.map((destination, at) => ({ ...destination, health: health[at]?.data }));
  const failing = all.filter((destination) => destination.health?.status === 'failing');
  const dead = all.filter((destination) => (destination.health?.deadLetters ?? 0) > 0);
  const ending = all.filter(({ credentialsExpireAt }) => endSoon(credentialsExpireAt, now));
  const needs = [
    ...eachOrAll(
      failing,
      ({ destinationId, name, health: found }) => ({
        key: `failing ${destinationId}`,
        level: 'error',
        message: 'home.need.failing',
        values: { name, reason: found?.reason ?? '' },
        path: ['destinations', destinationId],
      }),
      (count) => ({
        key: 'failing',
        level: 'error',
        message: 'home.need.failings',
        values: { count },
        path: ['destinations'],
      }),
    ),
    ...eachOrAll(
      dead,
      ({ destinationId, name, health: found }) => ({
        key: `dead ${destinationId}`,
        level: 'error',
        message: 'home.need.dead',
        values: { name, count: found?.deadLetters ?? 0 },
        path: ['destinations', destinationId],
      }),
      (count) => ({
        key: 'dead',
        level: 'error',
        message: 'home.need.deads',
        values: { count },
        path: ['destinations'],
      }),
    ),
    ...ending.map(
      ({ destinationId, name }): Need => ({
        key: `ending ${destinationId}`,
        level: 'warning',
        message: 'home.need.credentials',
        values: { name },
        path: ['destinations', destinationId],
      }),
    ),
    ...(enabled.length > MOST_ASKED
      ? [
          {
            key: 'unasked',
            level: 'info' as const,
            message: 'home.need.unasked',
            values: { count: enabled.length - MOST_ASKED },
            path: ['destinations'],
          },
        ]
      : []),
  ];
  return source('destinations', needs, destinations, ...health);
}

/** Recipient tokens that end within two weeks, or have ended. */
export function useTokenNeeds(sandbox: string, now: number): Source {
  const tokens = useRecipientTokens(sandbox);
  const ending = tokens.data?.items.filter(({ expiresAt }) => endSoon(expiresAt, now)) ?? [];
  const needs = eachOrAll(
    ending,
    ({ tokenId, name }) => ({
      key: tokenId,
      level: 'warning',
      message: 'home.need.token',
      values: { name },
      path: ['access', 'recipient-tokens', tokenId],
    }),
    (count) => ({
      key: 'tokens',
      level: 'warning',
      message: 'home.need.tokens',
      values: { count },
      path: ['access', 'recipient-tokens'],
    }),
  );
  return source('tokens', needs, tokens);
}

export function usePrivacyNeeds(sandbox: string, now: number): Source {
  const due = useDue(sandbox);
  const page = due.data?.value;
  const counts = deadlinesOf(page?.items ?? [], now);
  const more = page?.nextCursor ? 'true' : 'false';
  const levels = { overdue: 'error', soon: 'warning', undecided: 'info' } as const;
  const needs = (['overdue', 'soon', 'undecided'] as const)
    .filter((what) => counts[what] > 0)
    .map(
      (what): Need => ({
        key: what,
        level: levels[what],
        message: `home.need.privacy.${what}`,
        values: { count: counts[what], more },
        path: ['privacy'],
      }),
    );
  return source('privacy', needs, due);
}
