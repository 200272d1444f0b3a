import type { QueryKey } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useList, useResource } from '../../api/queries';

export type Webhook = Schemas['Webhook'];
export type Attempt = Schemas['Attempt'];

/** All that is read of webhooks; a change of one makes it stale. */
export const webhooksKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'webhooks'];

export function useWebhooks(sandbox: string) {
  const api = useApi();
  return useList<Webhook>(
    [...webhooksKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/webhooks', { params: { path: { sandbox }, query }, signal }),
    { live: () => false },
  );
}

export function useWebhook(sandbox: string, webhook: string) {
  const api = useApi();
  return useResource<Webhook>(
    [...webhooksKey(sandbox), webhook],
    (signal) => api.GET('/sandboxes/{sandbox}/webhooks/{webhook}', { params: { path: { sandbox, webhook } }, signal }),
    { live: () => false },
  );
}

/** The attempts to send events, newest first. They come at any moment, so they are always looked for. */
export function useAttempts(sandbox: string, webhook: string) {
  const api = useApi();
  return useList<Attempt>(
    [...webhooksKey(sandbox), webhook, 'attempts'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/webhooks/{webhook}/deliveries', {
        params: { path: { sandbox, webhook }, query },
        signal,
      }),
    { live: () => true },
  );
}

export function useEventTypes() {
  const api = useApi();
  return useResource(['reference', 'event-types'], (signal) =>
    api.GET('/reference/{list_name}', { params: { path: { list_name: 'event-types' } }, signal }),
  );
}
