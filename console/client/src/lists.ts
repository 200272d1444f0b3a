import type { Answer } from './client.ts';

/** One page of a list. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Which page is asked for: `query: { ...page }` in the call. */
export interface PageQuery {
  limit: number;
  cursor?: string;
}

/** The most that the API gives at once. */
const LIMIT = 200;

/** The pages of a list, read as they are gone through. */
export async function* pages<T>(read: (page: PageQuery) => Promise<Answer<Page<T>>>): AsyncGenerator<Page<T>, void> {
  let cursor: string | null = null;
  do {
    const { data }: Answer<Page<T>> = await read({ limit: LIMIT, ...(cursor ? { cursor } : {}) });
    if (!data) return;
    yield data;
    cursor = data.nextCursor;
  } while (cursor);
}

/**
 * What a list has, over all its pages, read as it is gone through:
 * `for await (const webhook of items((page) => client.GET('/sandboxes/{sandbox}/webhooks', { params: { path, query: page } })))`.
 */
export async function* items<T>(read: (page: PageQuery) => Promise<Answer<Page<T>>>): AsyncGenerator<T, void> {
  for await (const page of pages(read)) yield* page.items;
}
