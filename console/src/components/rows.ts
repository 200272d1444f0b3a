import type { List } from '../api/queries';

/** Rows that came with something else, as a ResourceTable takes a list. */
export function rows<T>(items: readonly T[]) {
  const data: List<T> = { items: [...items], isCut: false };
  return { data, error: null, isPending: false, refetch: () => Promise.reject(new Error('read with something else')) };
}
