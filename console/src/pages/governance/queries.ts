import type { QueryKey } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useList, useResource } from '../../api/queries';

export type Policy = Schemas['PolicyView'];
export type Label = Schemas['LabelView'];
export type Action = Schemas['MarketingActionView'];
export type DataSource = Schemas['DataSourceView'];
export type Control = DataSource['exportControls'][number];
export type Effects = Schemas['RulesPreview'];
export type Trait = Schemas['TraitView'];
export type Signal = Schemas['SignalView'];

export const governanceKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'governance'];
const resting = { live: () => false };

export function usePolicies(sandbox: string) {
  const api = useApi();
  return useList<Policy>(
    [...governanceKey(sandbox), 'policies', 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/policies', { params: { path: { sandbox }, query }, signal }),
    resting,
  );
}

export function usePolicy(sandbox: string, policy: string) {
  const api = useApi();
  return useResource<Policy>(
    [...governanceKey(sandbox), 'policies', policy],
    (signal) => api.GET('/sandboxes/{sandbox}/policies/{policy}', { params: { path: { sandbox, policy } }, signal }),
    resting,
  );
}

export function useLabels(sandbox: string) {
  const api = useApi();
  return useList<Label>(
    [...governanceKey(sandbox), 'labels'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/labels', { params: { path: { sandbox }, query }, signal }),
    resting,
  );
}

export function useActions(sandbox: string) {
  const api = useApi();
  return useList<Action>(
    [...governanceKey(sandbox), 'actions'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/marketing-actions', { params: { path: { sandbox }, query }, signal }),
    resting,
  );
}

export function useDataSources(sandbox: string) {
  const api = useApi();
  return useList<DataSource>(
    [...governanceKey(sandbox), 'data-sources', 'list'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/data-sources', { params: { path: { sandbox }, query }, signal }),
    resting,
  );
}

export function useDataSource(sandbox: string, source: string) {
  const api = useApi();
  return useResource<DataSource>(
    [...governanceKey(sandbox), 'data-sources', source],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/data-sources/{data_source}', {
        params: { path: { sandbox, data_source: source } },
        signal,
      }),
    resting,
  );
}

/** Segments, to be named and chosen. */
export function useSegments(sandbox: string) {
  const api = useApi();
  return useList<Schemas['SegmentView']>([...governanceKey(sandbox), 'segments'], (query, signal) =>
    api.GET('/sandboxes/{sandbox}/segments', { params: { path: { sandbox }, query }, signal }),
  );
}

export function useTraits(sandbox: string) {
  const api = useApi();
  return useList<Trait>(
    [...governanceKey(sandbox), 'traits'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/traits', { params: { path: { sandbox }, query }, signal }),
    resting,
  );
}

export function useSignals(sandbox: string) {
  const api = useApi();
  return useList<Signal>(
    [...governanceKey(sandbox), 'signals'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/signals', { params: { path: { sandbox }, query }, signal }),
    resting,
  );
}

export function useFolders(sandbox: string, of: 'trait-folders' | 'segment-folders') {
  const api = useApi();
  return useResource(
    [...governanceKey(sandbox), of],
    (signal) => api.GET(`/sandboxes/{sandbox}/${of}`, { params: { path: { sandbox } }, signal }),
    resting,
  );
}
