import type { QueryKey } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useList, usePages, useResource } from '../../api/queries';

export type ReceivedFeed = Schemas['ReceivedFeedView'];
export type Member = Schemas['Member'];

/** All that is read of received feeds; a change of one makes it stale. */
export const receivedFeedsKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'received-feeds'];

// A partner may offer, change or revoke a feed at any moment: they are always looked for.
const live = () => true;

export function useReceivedFeeds(sandbox: string) {
  const api = useApi();
  return useList<ReceivedFeed>(
    [...receivedFeedsKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/received-feeds', { params: { path: { sandbox }, query }, signal }),
    { live },
  );
}

export function useReceivedFeed(sandbox: string, receivedFeed: string) {
  const api = useApi();
  return useResource<ReceivedFeed>(
    [...receivedFeedsKey(sandbox), receivedFeed],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/received-feeds/{received_feed}', {
        params: { path: { sandbox, received_feed: receivedFeed } },
        signal,
      }),
    { live },
  );
}

/** The members of a received feed page by page, of one segment or of all; read anew when there are more or fewer. */
export function useMembers(
  sandbox: string,
  { receivedFeedId: receivedFeed, counts }: ReceivedFeed,
  segment: string,
  enabled: boolean,
) {
  const api = useApi();
  return usePages<Member>(
    [...receivedFeedsKey(sandbox), receivedFeed, 'members', segment, counts.memberships],
    (page, signal) =>
      api.GET('/sandboxes/{sandbox}/received-feeds/{received_feed}/members', {
        params: {
          path: { sandbox, received_feed: receivedFeed },
          query: { ...page, ...(segment ? { segmentId: segment } : {}) },
        },
        signal,
      }),
    { enabled },
  );
}
