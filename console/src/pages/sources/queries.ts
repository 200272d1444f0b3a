import type { QueryKey } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useMemo } from 'react';
import { useApi } from '../../api/context';
import { useCan } from '../../api/me';
import { useList, useResource } from '../../api/queries';

export type Source = Schemas['SourceView'];
export type Kind = Schemas['Kind'];
export type Run = Schemas['SourceRunView'];
export type Import = Schemas['ImportView'];

/** All that is read of sources; a change of one makes it stale. */
export const sourcesKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'sources'];

/** A run may begin any moment: what is due is watched. */
const isMoving = ({ running, nextRunAt }: Source): boolean =>
  running || (nextRunAt !== null && Date.parse(nextRunAt) - Date.now() < 60_000);

export function useSources(sandbox: string, enabled = true) {
  const api = useApi();
  const mayRead = useCan()('segments:read');
  return useList<Source>(
    [...sourcesKey(sandbox), 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/sources', { params: { path: { sandbox }, query }, signal }),
    { live: (sources) => sources.some(isMoving), enabled: enabled && mayRead },
  );
}

export function useSource(sandbox: string, source: string) {
  const api = useApi();
  return useResource<Source>(
    [...sourcesKey(sandbox), source],
    (signal) => api.GET('/sandboxes/{sandbox}/sources/{source}', { params: { path: { sandbox, source } }, signal }),
    { live: isMoving },
  );
}

/** The imports that runs of a source have begun, newest first. */
export function useRuns(sandbox: string, source: string) {
  const api = useApi();
  return useList<Import>(
    [...sourcesKey(sandbox), source, 'imports'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/imports', {
        params: { path: { sandbox }, query: { ...query, sourceId: source } },
        signal,
      }),
    { live: (imports) => imports.some(({ status }) => status === 'processing' || status === 'awaiting_file') },
  );
}

/** The names of sources by their ids, read where there are any to be named. */
export function useSourceNames(sandbox: string, enabled: boolean): ReadonlyMap<string, string> {
  const items = useSources(sandbox, enabled).data?.items;
  return useMemo(() => new Map((items ?? []).map(({ sourceId, name }) => [sourceId, name])), [items]);
}

/** What a source is doing, in the words of statuses. */
export function statusOf({ status, running, lastRun }: Source): 'paused' | 'running' | 'failing' | 'enabled' {
  if (running) return 'running';
  if (status === 'paused') return 'paused';
  return lastRun?.status === 'failed' ? 'failing' : 'enabled';
}

/** Where its files lie. */
export function placeOf({ kind, settings }: Pick<Source, 'kind' | 'settings'>): string {
  const said = (name: string) => String(settings[name] ?? '');
  return kind === 'sftp'
    ? `sftp://${said('userName')}@${said('host')}:${said('port')}/${said('directory').replace(/^\.?\/?/, '')}`
    : `s3://${said('bucket')}/${said('prefix')}`;
}
