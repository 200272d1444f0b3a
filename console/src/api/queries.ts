import {
  type QueryKey,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { type Answer, type Page, type PageQuery, pages, withEtag } from 'handfast-client';
import { useRef, useState } from 'react';

/** The most rows that a list holds to be searched and sorted in the browser. */
export const MOST_ROWS = 2000;
const MOVING_MS = 2_000;
const RESTING_MS = 15_000;

/** Whether something is under way, so that it is read every 2 s; else every 15 s, and never while hidden. */
export type Moving<T> = (value: T) => boolean;

interface ReadOptions<T> {
  /** Keep the answer fresh. `false` reads once. */
  live?: Moving<T>;
  enabled?: boolean;
}

const polling = <T>(live: Moving<T> | undefined, value: T | undefined): number | false => {
  if (!live) return false;
  return value !== undefined && live(value) ? MOVING_MS : RESTING_MS;
};

export interface Resource<T> {
  value: T;
  etag: string | null;
}

/** Read one resource, with its `ETag`. */
export function useResource<T>(
  key: QueryKey,
  read: (signal: AbortSignal) => Promise<Answer<T>>,
  { live, enabled = true }: ReadOptions<T> = {},
): UseQueryResult<Resource<T>> {
  return useQuery<Resource<T>>({
    queryKey: key,
    queryFn: ({ signal }) => withEtag(read(signal)),
    enabled,
    refetchInterval: (query) => polling(live, query.state.data?.value),
  });
}

/** What a form edits: a resource as it was first read, so that another's change is refused and not overwritten. */
export function useEdited<T>({ data }: Pick<UseQueryResult<Resource<T>>, 'data'>): Resource<T> | undefined {
  const [first, setFirst] = useState(data);
  if (data && !first) setFirst(data);
  return first ?? data;
}

export interface List<T> {
  items: T[];
  /** There are more rows than MOST_ROWS. */
  isCut: boolean;
}

/** Read all pages of a list, up to MOST_ROWS rows, to be searched and sorted in the browser. */
export function useList<T>(
  key: QueryKey,
  read: (page: PageQuery, signal: AbortSignal) => Promise<Answer<Page<T>>>,
  { live, enabled = true }: ReadOptions<T[]> = {},
): UseQueryResult<List<T>> {
  return useQuery<List<T>>({
    queryKey: key,
    enabled,
    refetchInterval: (query) => polling(live, query.state.data?.items),
    queryFn: async ({ signal }) => {
      const items: T[] = [];
      for await (const page of pages((asked) => read(asked, signal))) {
        items.push(...page.items);
        if (items.length >= MOST_ROWS) return { items, isCut: page.nextCursor !== null };
      }
      return { items, isCut: false };
    },
  });
}

/** Read a long list page by page: `fetchNextPage()` gets the next one. For what grows without end. */
export function usePages<T>(
  key: QueryKey,
  read: (page: PageQuery, signal: AbortSignal) => Promise<Answer<Page<T>>>,
  { enabled = true }: Pick<ReadOptions<T>, 'enabled'> = {},
) {
  const query = useInfiniteQuery({
    queryKey: key,
    enabled,
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await read({ limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }, signal);
      return data ?? { items: [], nextCursor: null };
    },
    getNextPageParam: (page) => page.nextCursor,
  });
  return { ...query, items: query.data?.pages.flatMap((page) => page.items) ?? [] };
}

/** The header that makes a POST happen once, however often it is sent: `headers: once`. */
export type Once = Record<'Idempotency-Key', string>;

/**
 * Something that a person does: `run` makes the call, with `once` as its headers if it is a POST. The same input sent
 * again after an error keeps its key; an answer, or another input, gets a new one. What `invalidates` names is then
 * read again.
 */
export function useAction<Input = void, Output = unknown>(
  run: (input: Input, once: Once) => Promise<Output>,
  { invalidates = [] }: { invalidates?: QueryKey[] } = {},
) {
  const queries = useQueryClient();
  const pending = useRef<{ input: string; key: string } | null>(null);
  return useMutation({
    mutationFn: (input: Input) => {
      const written = JSON.stringify(input) ?? '';
      if (pending.current?.input !== written) pending.current = { input: written, key: crypto.randomUUID() };
      return run(input, { 'Idempotency-Key': pending.current.key });
    },
    onSuccess: async () => {
      pending.current = null;
      await Promise.all(invalidates.map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
  });
}
