import type { QueryKey } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import type { Permission } from '../../api/me';
import { useList, useResource } from '../../api/queries';

export type Grant = Schemas['Grant'];
export type Rights = Pick<Schemas['PutGrant'], 'role' | 'permissions'>;
export type Role = NonNullable<Rights['role']>;

export const accessKey = (sandbox: string): QueryKey => ['sandbox', sandbox, 'access'];

export function useGrants(sandbox: string) {
  const api = useApi();
  return useList<Grant>(
    [...accessKey(sandbox), 'grants'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/grants', { params: { path: { sandbox }, query }, signal }),
    { live: () => false },
  );
}

export function useGrantOf(sandbox: string, principal: string) {
  const api = useApi();
  return useResource<Grant>(
    [...accessKey(sandbox), 'grants', principal],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/grants/{principal}', { params: { path: { sandbox, principal } }, signal }),
    { live: () => false },
  );
}

/** The permissions of each role. */
export function useRoles() {
  const api = useApi();
  const read = useResource(['reference', 'roles'], (signal) =>
    api.GET('/reference/{list_name}', { params: { path: { list_name: 'roles' } }, signal }),
  );
  const items = read.data?.value.items ?? [];
  return {
    ...read,
    roles: items.map(({ code }) => code as Role),
    permissionsOf: (role: string | null | undefined) =>
      (items.find(({ code }) => code === role)?.permissions ?? []) as Permission[],
    all: [...new Set(items.flatMap(({ permissions }) => permissions ?? []))].sort(byReach) as Permission[],
  };
}

const REACH = ['read', 'request', 'write', 'activate', 'approve', 'manage'];

/** Permissions by area, and from seeing to managing. */
function byReach(one: string, other: string): number {
  const [area = '', reach = ''] = one.split(':');
  const [otherArea = '', otherReach = ''] = other.split(':');
  return area.localeCompare(otherArea) || REACH.indexOf(reach) - REACH.indexOf(otherReach);
}
