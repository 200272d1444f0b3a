import type { QueryKey } from '@tanstack/react-query';
import { type Answer, bodyOf, ProblemError, type Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useCan } from '../../api/me';
import { useList, useResource } from '../../api/queries';
import { isMoving } from './board';

export type PrivacyRequest = Schemas['PrivacyRequestView'];
export type PrivacyType = Schemas['PrivacyType'];
export type Connector = Schemas['ConnectorView'];
export type Regulation = Schemas['ReferenceEntry'];
export type Bulk = Schemas['BulkAnswer'];
export type Origin = 'own' | 'partner' | 'opendsr' | 'drp' | 'intake';

export const ORIGINS: readonly Origin[] = ['own', 'partner', 'intake', 'opendsr', 'drp'];

/** All that is read of privacy; an action on one thing makes it stale. */
export const privacyKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'privacy'];
export const requestsKey = (sandbox: string): QueryKey => [...privacyKey(sandbox), 'requests'];
export const connectorsKey = (sandbox: string): QueryKey => [...privacyKey(sandbox), 'connectors'];

export type Listing = 'open' | 'unverified' | 'all';
const ASKED = { open: { sort: 'due' }, unverified: { status: 'unverified' }, all: {} } as const;

/** Requests of the sandbox: those open, the next due first; those that nobody has verified yet; or all, newest first. */
export function useRequests(sandbox: string, listing: Listing, origin: Origin | null, enabled = true) {
  const api = useApi();
  return useList<PrivacyRequest>(
    [...requestsKey(sandbox), 'list', listing, origin],
    (page, signal) =>
      api.GET('/sandboxes/{sandbox}/privacy-requests', {
        params: { path: { sandbox }, query: { ...page, ...ASKED[listing], ...(origin ? { origin } : {}) } },
        signal,
      }),
    { live: (requests) => requests.some(isMoving), enabled },
  );
}

export function useRequest(sandbox: string, id: string) {
  const api = useApi();
  return useResource<PrivacyRequest>(
    [...requestsKey(sandbox), id],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/privacy-requests/{privacy_request}', {
        params: { path: { sandbox, privacy_request: id } },
        signal,
      }),
    // Another person may decide on it at any moment.
    { live: ({ status }) => ['unverified', 'pending', 'approved', 'running'].includes(status) },
  );
}

export function useMetrics(sandbox: string) {
  const api = useApi();
  return useResource(
    [...requestsKey(sandbox), 'metrics'],
    (signal) => api.GET('/sandboxes/{sandbox}/privacy-requests/metrics', { params: { path: { sandbox } }, signal }),
    { live: () => false },
  );
}

/** The laws a request can be made under, with the types that are rights under each. */
export function useRegulations() {
  return useReference('regulations');
}

export function useReference(name: 'regulations' | 'namespaces') {
  const api = useApi();
  return useResource(['reference', name], (signal) =>
    api.GET('/reference/{list_name}', { params: { path: { list_name: name } }, signal }),
  );
}

export function useOwnNamespaces(sandbox: string) {
  const api = useApi();
  return useResource(['sandbox', sandbox, 'namespaces'], (signal) =>
    api.GET('/sandboxes/{sandbox}/namespaces', { params: { path: { sandbox } }, signal }),
  );
}

/** The names of the sandbox's segments by their ids, as far as the grant shows them. */
export function useSegmentNames(sandbox: string): Map<string, string> {
  const api = useApi();
  const can = useCan();
  const read = useList(
    ['sandbox', sandbox, 'segments', 'names'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/segments', { params: { path: { sandbox }, query }, signal }),
    { enabled: can('segments:read') },
  );
  return new Map(read.data?.items.map(({ segmentId, name }) => [segmentId, name]));
}

/** The sandbox's settings: its time zone and holidays, by which deadlines are counted. */
export function useSandboxSettings(sandbox: string) {
  const api = useApi();
  return useResource(['sandbox', sandbox, 'settings'], (signal) =>
    api.GET('/sandboxes/{sandbox}', { params: { path: { sandbox } }, signal }),
  );
}

export function useBulk(sandbox: string, bulk: string) {
  const api = useApi();
  return useResource<Bulk>(
    [...requestsKey(sandbox), 'bulk', bulk],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/privacy-requests/bulk/{bulk}', { params: { path: { sandbox, bulk } }, signal }),
    { live: ({ status }) => status === 'running' },
  );
}

export function useConnectorTypes() {
  const api = useApi();
  return useResource(['connector-types'], (signal) => api.GET('/connector-types', { signal }));
}

export function useConnectors(sandbox: string, enabled = true) {
  const api = useApi();
  return useList<Connector>(
    [...connectorsKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/connectors', { params: { path: { sandbox }, query }, signal }),
    { live: () => false, enabled },
  );
}

export function useConnector(sandbox: string, connector: string) {
  const api = useApi();
  return useResource<Connector>(
    [...connectorsKey(sandbox), connector],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/connectors/{connector}', { params: { path: { sandbox, connector } }, signal }),
    { live: () => false },
  );
}

export function useProcessingRecord(sandbox: string) {
  const api = useApi();
  return useResource([...privacyKey(sandbox), 'processing-record'], (signal) =>
    api.GET('/sandboxes/{sandbox}/processing-record', { params: { path: { sandbox } }, signal }),
  );
}

export function useSuppressionCount(sandbox: string) {
  const api = useApi();
  return useResource(
    [...privacyKey(sandbox), 'suppressions'],
    (signal) => api.GET('/sandboxes/{sandbox}/suppressions/count', { params: { path: { sandbox } }, signal }),
    { live: () => false },
  );
}

/** What is not set up is null, not an error. */
async function orNull<T>(answer: Promise<Answer<T>>): Promise<Answer<T | null>> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404)
      return { data: null, response: new Response(null, { status: 204 }) };
    throw error;
  }
}

export const intakeKey = (sandbox: string): QueryKey => [...privacyKey(sandbox), 'intake'];

export function useIntakeForm(sandbox: string) {
  const api = useApi();
  return useResource([...intakeKey(sandbox), 'form'], (signal) =>
    orNull(api.GET('/sandboxes/{sandbox}/intake-form', { params: { path: { sandbox } }, signal })),
  );
}

export function useMessageWebhook(sandbox: string) {
  const api = useApi();
  return useResource([...intakeKey(sandbox), 'message-webhook'], (signal) =>
    orNull(api.GET('/sandboxes/{sandbox}/message-webhook', { params: { path: { sandbox } }, signal })),
  );
}

export type DropList = Schemas['DropListView'];

export function useDropLists(sandbox: string) {
  const api = useApi();
  return useList<DropList>(
    [...privacyKey(sandbox), 'drop-lists', 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/drop-lists', { params: { path: { sandbox }, query }, signal }),
    { live: (lists) => lists.some(({ status }) => status === 'processing' || status === 'running') },
  );
}

export function useDropList(sandbox: string, id: string) {
  const api = useApi();
  return useResource<DropList>(
    [...privacyKey(sandbox), 'drop-lists', id],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/drop-lists/{drop_list}', { params: { path: { sandbox, drop_list: id } }, signal }),
    { live: ({ status }) => status === 'processing' || status === 'running' },
  );
}

/** The bytes of a request's signed history, as they are to be kept, and the keys that it may be signed with. */
export function useHistory(sandbox: string, id: string, version: string | null, enabled: boolean) {
  const api = useApi();
  return useResource(
    [...requestsKey(sandbox), id, 'history', version],
    (signal) => readHistory(api, sandbox, id, signal),
    {
      enabled,
    },
  );
}

async function readHistory(api: ReturnType<typeof useApi>, sandbox: string, id: string, signal: AbortSignal) {
  const { data, response } = await api.GET('/sandboxes/{sandbox}/privacy-requests/{privacy_request}/history', {
    params: { path: { sandbox, privacy_request: id } },
    parseAs: 'arrayBuffer',
    signal,
  });
  return { data: new Uint8Array(data as unknown as ArrayBuffer), response };
}

export function useReceiptKeys() {
  const api = useApi();
  return useResource(['receipt-keys'], (signal) => api.GET('/receipt-keys', { signal }));
}

/** All entries of the register between two days, and the keys that they may be signed with. */
export async function readRegister(api: ReturnType<typeof useApi>, sandbox: string, from: string, to: string) {
  const { keys } = await bodyOf(api.GET('/receipt-keys'));
  const items: Schemas['SignedDocument'][] = [];
  let cursor: string | null = null;
  do {
    const page: Schemas['RegisterList'] = await bodyOf(
      api.GET('/sandboxes/{sandbox}/privacy-requests/register', {
        params: { path: { sandbox }, query: { from, to, limit: 200, ...(cursor ? { cursor } : {}) } },
      }),
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return { items, keys: keys.map(({ publicKey }) => publicKey) };
}
