import type { QueryKey } from '@tanstack/react-query';
import type { Client, PageQuery, Schemas } from 'handfast-client';
import { useEffect } from 'react';
import { useApi } from '../../api/context';
import { usePages, useResource } from '../../api/queries';
import type { LogFilter } from './filter';

export type ActivityRecord = Schemas['ActivityRecord'];
export type Notification = Schemas['Notification'];

export const activityKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'activity'];
/** The bell in the top bar reads below the same key. */
export const notificationsKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'notifications'];

export const readLog = (api: Client, sandbox: string, query: PageQuery & LogFilter, signal?: AbortSignal) =>
  api.GET('/sandboxes/{sandbox}/activity', { params: { path: { sandbox }, query }, signal });

/** The log, newest first, page by page; what is new comes by itself. */
export function useLog(sandbox: string, filter: LogFilter) {
  const api = useApi();
  const pages = usePages<ActivityRecord>([...activityKey(sandbox), 'log', filter], (page, signal) =>
    readLog(api, sandbox, { ...page, ...filter }, signal),
  );
  const newest = useResource(
    [...activityKey(sandbox), 'newest', filter],
    (signal) => readLog(api, sandbox, { limit: 1, ...filter }, signal),
    { live: () => true },
  ).data?.value.items[0]?.sequence;
  useFollow(pages, newest, pages.items[0]?.sequence);
  return pages;
}

export function useNotifications(sandbox: string) {
  const api = useApi();
  const read = (query: PageQuery, signal: AbortSignal) =>
    api.GET('/sandboxes/{sandbox}/notifications', { params: { path: { sandbox }, query }, signal });
  const pages = usePages<Notification>([...notificationsKey(sandbox), 'list'], read);
  const latest = useResource([...notificationsKey(sandbox), 'newest'], (signal) => read({ limit: 1 }, signal), {
    live: () => true,
  }).data?.value;
  useFollow(pages, latest?.items[0]?.notificationId, pages.items[0]?.notificationId);
  return { ...pages, unread: latest?.unread ?? 0 };
}

export function useEventTypes() {
  const api = useApi();
  return useResource(['reference', 'event-types'], (signal) =>
    api.GET('/reference/{list_name}', { params: { path: { list_name: 'event-types' } }, signal }),
  );
}

/** Read a long list again when its newest row is another than the one shown. */
function useFollow(
  { isFetching, isSuccess, refetch }: Pick<ReturnType<typeof usePages>, 'isFetching' | 'isSuccess' | 'refetch'>,
  newest: string | number | undefined,
  shown: string | number | undefined,
) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each newest row, however the reading ends
  useEffect(() => {
    if (isSuccess && !isFetching && newest !== undefined && newest !== shown) void refetch();
  }, [newest]);
}

/** The rows read so far, as a table takes them. */
export const rowsOf = <T>(pages: ReturnType<typeof usePages<T>>) => ({
  data: pages.data && { items: pages.items, isCut: pages.hasNextPage },
  error: pages.error,
  isPending: pages.isPending,
  refetch: pages.refetch,
});
