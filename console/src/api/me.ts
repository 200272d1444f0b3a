import { useQuery } from '@tanstack/react-query';
import { bodyOf, type Schemas } from 'handfast-client';
import { useParams } from 'react-router';
import { useApi } from './context';

export type Permission =
  | 'access:manage'
  | 'activity:read'
  | `connections:${'read' | 'request' | 'approve' | 'manage'}`
  | `destinations:${'read' | 'manage' | 'activate'}`
  | `feeds:${'read' | 'write' | 'approve'}`
  | `governance:${'read' | 'write'}`
  | `privacy:${'read' | 'request' | 'approve'}`
  | 'profiles:read'
  | `segments:${'read' | 'write'}`;

/** The caller and its grants. */
export function useMe() {
  const api = useApi();
  return useQuery({ queryKey: ['me'], queryFn: ({ signal }) => bodyOf(api.GET('/me', { signal })), staleTime: 60_000 });
}

/** The id of the sandbox that the address names; empty outside of one. */
export function useSandbox(): string {
  return useParams().sandbox ?? '';
}

/** The caller's grant on the sandbox of the address. */
export function useGrant(): Schemas['MyGrant'] | undefined {
  const sandbox = useSandbox();
  return useMe().data?.grants.find((grant) => grant.sandboxId === sandbox);
}

/** Whether the caller's grant allows something here: `const can = useCan(); can('feeds:write')`. */
export function useCan(): (permission: Permission) => boolean {
  const permissions = useGrant()?.permissions ?? [];
  return (permission) => permissions.includes(permission);
}
