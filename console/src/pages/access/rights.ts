import type { Permission } from '../../api/me';
import type { Grant } from './queries';

const USER_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a principal is a machine: people have ids of the user pool, which are UUIDs, and machines client ids. */
export const isMachine = ({ principalId }: Pick<Grant, 'principalId'>): boolean => !USER_ID.test(principalId);

/** Whether nobody else than this principal may manage access. */
export function isLastAdministrator(grants: readonly Grant[], principal: string): boolean {
  const administrators = grants.filter(({ permissions }) => permissions.includes('access:manage'));
  return administrators.length === 1 && administrators[0]?.principalId === principal;
}

/** Permissions that a grant has beside those of its role. */
export const beside = (permissions: readonly string[], ofRole: readonly string[]): Permission[] =>
  permissions.filter((permission) => !ofRole.includes(permission)) as Permission[];

/** What changes from one set of permissions to another. */
export function difference(before: readonly string[], after: readonly string[]) {
  return {
    added: after.filter((permission) => !before.includes(permission)),
    removed: before.filter((permission) => !after.includes(permission)),
  };
}

/** Permissions by what they are about, in the order in which they come. */
export function byArea(permissions: readonly Permission[]): [string, Permission[]][] {
  const areas = new Map<string, Permission[]>();
  for (const permission of permissions) {
    const area = permission.split(':')[0] ?? '';
    areas.set(area, [...(areas.get(area) ?? []), permission]);
  }
  return [...areas];
}
