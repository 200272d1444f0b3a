import type { UseQueryResult } from '@tanstack/react-query';
import type { Page } from 'handfast-client';
import type { Resource } from '../api/queries';

/** Rows that came with something else, as a ResourceTable takes a list. */
export const rows = <T>(items: readonly T[]) => ({
  data: { items: [...items], isCut: false },
  error: null,
  isPending: false as const,
  refetch: () => undefined,
});

/** One page of a list, the newest rows, as a ResourceTable takes a list. */
export const pageOf = <T>(read: UseQueryResult<Resource<Page<T>>>) => ({
  data: read.data && { items: read.data.value.items, isCut: read.data.value.nextCursor !== null },
  error: read.error,
  isPending: read.isPending,
  refetch: read.refetch,
});
