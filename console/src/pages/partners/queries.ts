import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useEffect, useRef } from 'react';
import { useApi } from '../../api/context';
import { type List, useList, useResource } from '../../api/queries';

export type Connection = Schemas['ConnectionView'];
export type ConnectionStatus = Schemas['Status'];
export type AgreedNamespace = Schemas['AgreedNamespace'];

/** What one call of a list answers at most. */
const ONE_CALL = 200;

/** All that is read of connections; a change of one makes it stale. */
export const partnersKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'partners'];

/** All connections. A list that one call reads is kept fresh by itself, a longer one by what is pending. */
export function useConnections(sandbox: string, { enabled = true } = {}) {
  const api = useApi();
  return useList<Connection>(
    [...partnersKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/connections', { params: { path: { sandbox }, query }, signal }),
    { live: (connections) => connections.length < ONE_CALL, enabled },
  );
}

/**
 * The requests of either side that nobody has answered. Where the list is too long to be kept fresh, they are read by
 * themselves, and the list again when others are pending.
 */
export function usePending(sandbox: string, { data }: { data: List<Connection> | undefined }): Connection[] {
  const api = useApi();
  const queries = useQueryClient();
  const key = partnersKey(sandbox);
  const connections = data?.items ?? [];
  const isLong = connections.length >= ONE_CALL;
  const pending = useList<Connection>(
    [...key, 'pending'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/connections', {
        params: { path: { sandbox }, query: { ...query, status: 'pending' } },
        signal,
      }),
    { live: () => true, enabled: isLong },
  );
  const ids = pending.data?.items.map(({ connectionId }) => connectionId).join();
  const seen = useRef(ids);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the sandbox's, made anew on each render
  useEffect(() => {
    if (ids === undefined || ids === seen.current) return;
    const isFirst = seen.current === undefined;
    seen.current = ids;
    if (!isFirst) void queries.invalidateQueries({ queryKey: [...key, 'list'] });
  }, [ids, sandbox, queries]);
  return (isLong && pending.data ? pending.data.items : connections).filter(({ status }) => status === 'pending');
}

/** One connection. The partner may decide at any moment, so it is always looked for. */
export function useConnection(sandbox: string, connection: string) {
  const api = useApi();
  return useResource<Connection>(
    [...partnersKey(sandbox), connection],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/connections/{connection}', { params: { path: { sandbox, connection } }, signal }),
    { live: () => true },
  );
}

export function useOwnConnectId(sandbox: string) {
  const api = useApi();
  return useResource(
    [...partnersKey(sandbox), 'connect-id'],
    (signal) => api.GET('/sandboxes/{sandbox}/connect-id', { params: { path: { sandbox } }, signal }),
    { live: () => false },
  );
}

/** What has happened to a connection, newest first. */
export function useHistory(sandbox: string, connection: string) {
  const api = useApi();
  return useList<Schemas['ActivityRecord']>(
    [...partnersKey(sandbox), connection, 'history'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/activity', {
        params: { path: { sandbox }, query: { ...query, subject: connection } },
        signal,
      }),
    { live: () => false },
  );
}

/** The namespaces that this sandbox has defined. */
export function useOwnNamespaces(sandbox: string, enabled: boolean) {
  const api = useApi();
  return useResource(
    ['sandbox', sandbox, 'namespaces'],
    (signal) => api.GET('/sandboxes/{sandbox}/namespaces', { params: { path: { sandbox } }, signal }),
    { live: () => false, enabled },
  );
}

export function useProbe(sandbox: string, connection: string, enabled: boolean) {
  const api = useApi();
  return useResource(
    [...partnersKey(sandbox), connection, 'probe'],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/connections/{connection}/probe', {
        params: { path: { sandbox, connection } },
        signal,
      }),
    { enabled },
  );
}

export function useFeeds(sandbox: string) {
  const api = useApi();
  return useList<Schemas['FeedView']>(
    ['sandbox', sandbox, 'feeds', 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/feeds', { params: { path: { sandbox }, query }, signal }),
    { live: () => false },
  );
}

export function useReceivedFeeds(sandbox: string) {
  const api = useApi();
  return useList<Schemas['ReceivedFeedView']>(
    ['sandbox', sandbox, 'received-feeds', 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/received-feeds', { params: { path: { sandbox }, query }, signal }),
    { live: () => false },
  );
}
