import type { QueryKey } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useCan } from '../../api/me';
import { useList, useResource } from '../../api/queries';

export type Feed = Schemas['FeedView'];
export type Share = Schemas['ShareView'];
export type Segment = Schemas['SegmentView'];
export type Connection = Schemas['ConnectionView'];
export type Policy = Schemas['PolicyView'];
export type Run = Schemas['RunView'];

/** All that is read of feeds; a change of one makes it stale. */
export const feedsKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'feeds'];
export const feedKey = (sandbox: string, feed: string): QueryKey => [...feedsKey(sandbox), feed];

/** Whether a partner has yet to answer. */
const isAwaited = ({ shares }: Feed) => shares.some(({ status }) => status === 'pending' || status === 'changed');

export function useFeeds(sandbox: string) {
  const api = useApi();
  return useList<Feed>(
    [...feedsKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/feeds', { params: { path: { sandbox }, query }, signal }),
    { live: (feeds) => feeds.some(isAwaited) },
  );
}

/**
 * One feed. What partners do with it may happen at any moment. In the wizard it is not `live`, as nobody's draft should
 * change below their hands.
 */
export function useFeed(sandbox: string, feed: string, live = true) {
  const api = useApi();
  return useResource<Feed>(
    feedKey(sandbox, feed),
    (signal) => api.GET('/sandboxes/{sandbox}/feeds/{feed}', { params: { path: { sandbox, feed } }, signal }),
    live ? { live: ({ shares }) => shares.some(({ status }) => status !== 'revoked') } : {},
  );
}

/** What policies forbid of a feed's draft, as it was at `version`, its `ETag`. */
export function useExplanation(sandbox: string, feed: string, version: string | null) {
  const api = useApi();
  return useResource<Schemas['FeedExplanation']>([...feedKey(sandbox, feed), 'explanation', version], (signal) =>
    api.POST('/sandboxes/{sandbox}/feeds/{feed}/explain', { params: { path: { sandbox, feed } }, signal }),
  );
}

/** The sandbox's own segments; nothing where the grant does not show them. */
export function useOwnSegments(sandbox: string) {
  const api = useApi();
  return useList<Segment>(
    ['sandbox', sandbox, 'segments', 'own', 'for-feeds'],
    (page, signal) =>
      api.GET('/sandboxes/{sandbox}/segments', {
        params: { path: { sandbox }, query: { ...page, origin: 'own' } },
        signal,
      }),
    { live: () => false, enabled: useCan()('segments:read') },
  );
}

export function usePolicies(sandbox: string) {
  const api = useApi();
  return useList<Policy>(
    ['sandbox', sandbox, 'governance', 'policies', 'for-feeds'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/policies', { params: { path: { sandbox }, query }, signal }),
    { live: () => false, enabled: useCan()('governance:read') },
  );
}

/** The marketing actions of the sandbox's own. */
export function useCustomActions(sandbox: string) {
  const api = useApi();
  const list = useList<Schemas['MarketingActionView']>(
    ['sandbox', sandbox, 'governance', 'marketing-actions', 'for-feeds'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/marketing-actions', { params: { path: { sandbox }, query }, signal }),
    { enabled: useCan()('governance:read') },
  );
  return (list.data?.items ?? []).filter(({ custom }) => custom);
}

export function useActiveConnections(sandbox: string) {
  const api = useApi();
  return useList<Connection>(
    ['sandbox', sandbox, 'partners', 'active', 'for-feeds'],
    (page, signal) =>
      api.GET('/sandboxes/{sandbox}/connections', {
        params: { path: { sandbox }, query: { ...page, status: 'active' } },
        signal,
      }),
    { live: () => false, enabled: useCan()('connections:read') },
  );
}

export function useCoreNamespaces() {
  const api = useApi();
  return useResource(['reference', 'namespaces'], (signal) =>
    api.GET('/reference/{list_name}', { params: { path: { list_name: 'namespaces' } }, signal }),
  );
}

/** The namespaces that the sandbox has defined and not disabled. */
export function useOwnNamespaces(sandbox: string) {
  const api = useApi();
  const read = useResource(
    ['sandbox', sandbox, 'namespaces', 'for-feeds'],
    (signal) => api.GET('/sandboxes/{sandbox}/namespaces', { params: { path: { sandbox } }, signal }),
    { enabled: useCan()('segments:read') },
  );
  return (read.data?.value.items ?? []).filter(({ status }) => status !== 'disabled');
}

/** How the day's answers about partners stand, of the partner of whom least are left. */
export function useEstimatesLeft(sandbox: string) {
  const api = useApi();
  const read = useResource(['sandbox', sandbox, 'quotas', 'for-feeds'], (signal) =>
    api.GET('/sandboxes/{sandbox}/quotas', { params: { path: { sandbox } }, signal }),
  );
  return read.data?.value.items.find(({ name }) => name === 'estimates');
}

/** The sandbox's own settings. */
export function useSettings(sandbox: string) {
  const api = useApi();
  return useResource(['sandbox', sandbox, 'settings', 'for-feeds'], (signal) =>
    api.GET('/sandboxes/{sandbox}', { params: { path: { sandbox } }, signal }),
  ).data?.value.settings;
}

/** A dataflow's runs, newest first. One may begin at any moment, so they are always looked for. */
export function useRuns(sandbox: string, dataflow: string) {
  const api = useApi();
  return useList<Run>(
    ['sandbox', sandbox, 'delivery', dataflow, 'runs'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/dataflows/{dataflow}/runs', {
        params: { path: { sandbox, dataflow }, query },
        signal,
      }),
    { live: () => true },
  );
}

/** The names of the sandbox's own segments by their ids, as far as the grant shows them. */
export function useSegmentNames(sandbox: string): ReadonlyMap<string, string> {
  const segments = useOwnSegments(sandbox).data?.items ?? [];
  return new Map(segments.map(({ segmentId, name }) => [segmentId, name]));
}

export interface Version {
  version: number;
  at: string;
  by: string;
  partners: number;
}

/** What has been published of a feed, newest first, as the log has it. */
export function useVersions(sandbox: string, feed: string, version: number) {
  const api = useApi();
  const log = useList<Schemas['ActivityRecord']>(
    // Each publication has its own version: the log is read anew for it.
    [...feedKey(sandbox, feed), 'versions', version],
    (page, signal) =>
      api.GET('/sandboxes/{sandbox}/activity', {
        params: { path: { sandbox }, query: { ...page, subject: feed } },
        signal,
      }),
    { enabled: useCan()('activity:read') },
  );
  const records = log.data?.items ?? [];
  return records.filter(({ type }) => type === 'feed.published' || type === 'feed.changed').map(versionOf);
}

function versionOf({ at, actor, detail }: Schemas['ActivityRecord']): Version {
  const { version, connectionIds } = detail as { version: number; connectionIds?: string[] };
  return { version, at, by: actor.name ?? actor.id ?? actor.kind, partners: connectionIds?.length ?? 0 };
}
