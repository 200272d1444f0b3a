import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useEffect, useMemo, useRef } from 'react';
import { useApi } from '../../api/context';
import { useCan } from '../../api/me';
import { useList, usePages, useResource } from '../../api/queries';
import { useT } from '../../i18n/messages';

export type Segment = Schemas['SegmentView'];
export type Upload = Schemas['UploadView'];
export type Import = Schemas['ImportView'];
/** What was loaded: a file, or many at once. */
export type Loaded = Upload | Import;
export type Member = Schemas['Member'];
export type Label = Pick<Schemas['LabelView'], 'code' | 'name' | 'description'>;
export type ReferenceEntry = Schemas['ReferenceEntry'];

/** All that is read of segments; a change of one makes it stale. */
export const segmentsKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'segments'];
export const uploadsKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'uploads'];
export const importsKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'imports'];

/** Own segments and received ones. */
export function useSegments(sandbox: string) {
  const api = useApi();
  return useList<Segment>(
    [...segmentsKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/segments', { params: { path: { sandbox }, query }, signal }),
    { live: () => false },
  );
}

/** One segment with its people counted; `areMembersMoving` while files are taken in. */
export function useSegment(sandbox: string, segment: string, areMembersMoving = false) {
  const api = useApi();
  const queries = useQueryClient();
  const wasMoving = useRef(areMembersMoving);
  useEffect(() => {
    // What has come to an end may have changed it since it was last read.
    if (wasMoving.current && !areMembersMoving)
      void queries.invalidateQueries({ queryKey: [...segmentsKey(sandbox), segment] });
    wasMoving.current = areMembersMoving;
  }, [areMembersMoving, queries, sandbox, segment]);
  return useResource<Segment>(
    [...segmentsKey(sandbox), segment],
    (signal) => api.GET('/sandboxes/{sandbox}/segments/{segment}', { params: { path: { sandbox, segment } }, signal }),
    { live: () => areMembersMoving },
  );
}

/** What platforms can be given of an own segment's members; counted anew when the members have become others. */
export function useRenderings(sandbox: string, { segmentId, counts }: Segment, enabled: boolean) {
  const api = useApi();
  return useResource<Schemas['RenderingCounts']>(
    [...segmentsKey(sandbox), segmentId, 'renderings', counts.identities],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/segments/{segment}/renderings', {
        params: { path: { sandbox, segment: segmentId } },
        signal,
      }),
    { enabled },
  );
}

/** The members of a segment, page by page; those of a received one are its received feed's. */
export function useMembers(sandbox: string, { segmentId, receivedFeedId, counts }: Segment, enabled: boolean) {
  const api = useApi();
  return usePages<Member>(
    [...segmentsKey(sandbox), segmentId, 'members', counts.identities],
    (query, signal) =>
      receivedFeedId
        ? api.GET('/sandboxes/{sandbox}/received-feeds/{received_feed}/members', {
            params: { path: { sandbox, received_feed: receivedFeedId }, query: { ...query, segmentId } },
            signal,
          })
        : api.GET('/sandboxes/{sandbox}/segments/{segment}/members', {
            params: { path: { sandbox, segment: segmentId }, query },
            signal,
          }),
    { enabled },
  );
}

export const isImport = (loaded: Loaded): loaded is Import => 'importId' in loaded;
export const idOf = (loaded: Loaded): string => (isImport(loaded) ? loaded.importId : loaded.uploadId);
/** Its status, told apart where it was given up. */
export const statusOf = ({ status, error }: Loaded): Loaded['status'] | 'cancelled' =>
  error?.reason === 'cancelled' ? 'cancelled' : status;

export const isUnderWay = ({ status }: Loaded): boolean => status === 'processing' || status === 'awaiting_file';

const LONG_AWAITED_MS = 10 * 60_000;

/** Whether a change may come of it any moment: a file that has long been awaited will hardly come. */
export const isMoving = (loaded: Loaded): boolean =>
  isUnderWay(loaded) && (loaded.status === 'processing' || Date.now() - Date.parse(loaded.createdAt) < LONG_AWAITED_MS);

function useUploads(sandbox: string) {
  const api = useApi();
  return useList<Upload>(
    [...uploadsKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/uploads', { params: { path: { sandbox }, query }, signal }),
    { live: (uploads) => uploads.some(isMoving) },
  );
}

function useImports(sandbox: string) {
  const api = useApi();
  return useList<Import>(
    [...importsKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/imports', { params: { path: { sandbox }, query }, signal }),
    { live: (imports) => imports.some(isMoving) },
  );
}

/** Uploads and imports of the sandbox, newest first. */
export function useLoaded(sandbox: string) {
  const lists = [useUploads(sandbox), useImports(sandbox)] as const;
  const [uploads, imports] = [lists[0].data, lists[1].data];
  const data = useMemo(() => {
    if (!uploads || !imports) return undefined;
    const items: Loaded[] = [...uploads.items, ...imports.items];
    items.sort((one, other) => other.createdAt.localeCompare(one.createdAt));
    return { items, isCut: uploads.isCut || imports.isCut };
  }, [uploads, imports]);
  return {
    data,
    error: lists.find(({ error }) => error)?.error ?? null,
    isPending: lists.some(({ isPending }) => isPending),
    refetch: () => Promise.all(lists.map((list) => list.refetch())),
  };
}

export function useUpload(sandbox: string, upload: string) {
  const api = useApi();
  return useResource<Upload>(
    [...uploadsKey(sandbox), upload],
    (signal) => api.GET('/sandboxes/{sandbox}/uploads/{upload}', { params: { path: { sandbox, upload } }, signal }),
    { live: isUnderWay },
  );
}

export function useImport(sandbox: string, imported: string) {
  const api = useApi();
  return useResource<Import>(
    [...importsKey(sandbox), imported],
    (signal) => api.GET('/sandboxes/{sandbox}/imports/{imported}', { params: { path: { sandbox, imported } }, signal }),
    { live: isUnderWay },
  );
}

/** A list of codes with what they mean, such as `reasons`. */
export function useReference(list: string, enabled = true) {
  const api = useApi();
  return useResource<Schemas['ReferenceList']>(
    ['reference', list],
    (signal) => api.GET('/reference/{list_name}', { params: { path: { list_name: list } }, signal }),
    { enabled },
  );
}

/** The labels that a segment may carry: with the sandbox's own where the grant shows them. */
export function useLabels(sandbox: string): Label[] {
  const api = useApi();
  const isAllowed = useCan()('governance:read');
  const core = useReference('labels', !isAllowed);
  const all = useList<Label>(
    ['sandbox', sandbox, 'governance', 'labels', 'to-choose'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/labels', { params: { path: { sandbox }, query }, signal }),
    { enabled: isAllowed },
  );
  return (isAllowed ? all.data?.items : core.data?.value.items) ?? [];
}

/** The data sources that files may be of; none for those who may not read them. */
export function useDataSources(sandbox: string): Schemas['DataSourceView'][] {
  const api = useApi();
  const enabled = useCan()('governance:read');
  const read = useList<Schemas['DataSourceView']>(
    ['sandbox', sandbox, 'governance', 'data-sources', 'of-uploads'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/data-sources', { params: { path: { sandbox }, query }, signal }),
    { enabled },
  );
  return read.data?.items ?? [];
}

export interface Namespace {
  code: string;
  name: string;
  aliases: string[];
  /** It takes addresses or numbers as they are, and hashes them. */
  hashesRaw: boolean;
  isDigest: boolean;
}

const CORE_NAMES: ReadonlySet<string> = new Set(['Email_LC_SHA256', 'Phone_SHA256_E.164', 'ECID', 'IDFA', 'GAID']);

/** The namespaces that an upload may name: those of Handfast and the sandbox's own that are active. */
export function useNamespaces(sandbox: string): Namespace[] {
  const t = useT();
  const api = useApi();
  const core = useReference('namespaces');
  const own = useResource<Schemas['NamespaceList']>(['sandbox', sandbox, 'namespaces'], (signal) =>
    api.GET('/sandboxes/{sandbox}/namespaces', { params: { path: { sandbox } }, signal }),
  );
  const [coreItems, ownItems] = [core.data?.value.items, own.data?.value.items];
  return useMemo(
    () => [
      ...(coreItems ?? []).map(({ code, name, aliases, hashesRaw, valueForm }) => ({
        code,
        name: CORE_NAMES.has(code) ? t(`segments.ns.${code.replace('.', '')}`) : name,
        aliases: aliases ?? [],
        hashesRaw: hashesRaw === true,
        isDigest: valueForm === 'sha256',
      })),
      ...(ownItems ?? [])
        .filter(({ status }) => status === 'active')
        .map(({ namespace, name, kind }) => ({
          code: namespace,
          name,
          aliases: [],
          hashesRaw: false,
          isDigest: kind === 'sha256',
        })),
    ],
    [coreItems, ownItems, t],
  );
}

/** The settings of the sandbox that decide on its uploads. */
export function useSandboxSettings(sandbox: string) {
  const api = useApi();
  return useResource<Schemas['SandboxView']>(['sandbox', sandbox, 'settings', 'of-uploads'], (signal) =>
    api.GET('/sandboxes/{sandbox}', { params: { path: { sandbox } }, signal }),
  );
}

/** The names of segments by their ids, from the list. */
export function useSegmentNames(sandbox: string): ReadonlyMap<string, string> {
  const list = useSegments(sandbox);
  const items = list.data?.items;
  return useMemo(() => new Map((items ?? []).map(({ segmentId, name }) => [segmentId, name])), [items]);
}
