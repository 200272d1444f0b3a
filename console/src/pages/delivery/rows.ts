import type { UseQueryResult } from '@tanstack/react-query';
import type { Resource } from '../../api/queries';

/** One page of a list, the newest, as a ResourceTable takes it. */
export const listOf = <T>(read: UseQueryResult<Resource<{ items: T[]; nextCursor: string | null }>>) => ({
  data: read.data && { items: read.data.value.items, isCut: read.data.value.nextCursor !== null },
  error: read.error,
  isPending: read.isPending,
  refetch: read.refetch as unknown as () => Promise<never>,
});
