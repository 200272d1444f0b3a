import type { QueryKey } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useResource } from '../../api/queries';

export type Namespace = Schemas['NamespaceView'];
export type Quota = Schemas['QuotaStanding'];
export type Preview = Schemas['SandboxPreview'];

export const settingsKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'settings'];

export function useSettings(sandbox: string) {
  const api = useApi();
  return useResource<Schemas['SandboxView']>(
    [...settingsKey(sandbox), 'sandbox'],
    (signal) => api.GET('/sandboxes/{sandbox}', { params: { path: { sandbox } }, signal }),
    { live: () => false },
  );
}

export function useNamespaces(sandbox: string) {
  const api = useApi();
  return useResource(
    [...settingsKey(sandbox), 'namespaces'],
    (signal) => api.GET('/sandboxes/{sandbox}/namespaces', { params: { path: { sandbox } }, signal }),
    { live: () => false },
  );
}

export function useQuotas(sandbox: string) {
  const api = useApi();
  return useResource(
    [...settingsKey(sandbox), 'quotas'],
    (signal) => api.GET('/sandboxes/{sandbox}/quotas', { params: { path: { sandbox } }, signal }),
    { live: () => false },
  );
}
