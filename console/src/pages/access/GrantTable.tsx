import Badge from '@cloudscape-design/components/badge';
import { useMe, useSandbox } from '../../api/me';
import { NameOrId } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { type Grant, useGrants, useRoles } from './queries';
import { beside, isMachine } from './rights';
import { useWords } from './words';

/** The grants of people, or those of machines. */
export function GrantTable({ of }: { of: 'people' | 'machines' }) {
  const t = useT();
  const sandbox = useSandbox();
  const me = useMe().data?.principalId;
  const list = useGrants(sandbox);
  const { permissionsOf } = useRoles();
  const { role: roleName, right } = useWords();
  const roleOf = ({ role }: Grant) => (role ? roleName(role) : t('access.role.none'));
  const besideOf = ({ role, permissions }: Grant) => beside(permissions, permissionsOf(role)).map(right);
  const columns: Column<Grant>[] = [
    {
      id: 'name',
      header: t('access.name'),
      cell: ({ name, principalId }) => (
        <>
          <NameOrId name={name} id={principalId} href={inSandbox(sandbox, 'access', principalId)} />{' '}
          {principalId === me && <Badge color="blue">{t('access.you')}</Badge>}
        </>
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 380,
    },
    { id: 'role', header: t('access.role'), cell: roleOf, value: roleOf, width: 200 },
    {
      id: 'beside',
      header: t('access.single'),
      cell: (grant) => besideOf(grant).join(' · ') || t('common.none'),
      value: (grant) => besideOf(grant).join(' '),
      width: 280,
    },
    {
      id: 'rights',
      header: t('access.rights'),
      cell: ({ permissions }) => t('access.rights.count', { count: permissions.length }),
      value: ({ permissions }) => permissions.length,
      width: 120,
    },
    {
      id: 'principal',
      header: t('access.principal'),
      cell: ({ principalId }) => principalId,
      value: ({ principalId }) => principalId,
      isHidden: true,
    },
  ];
  const isShown = (grant: Grant) => isMachine(grant) === (of === 'machines');
  const { data } = list;
  const title = t(`access.grants.${of}`);
  return (
    <ResourceTable
      name={`access-${of}`}
      title={title}
      description={t(`access.grants.${of}.description`)}
      list={{ ...list, data: data && { ...data, items: data.items.filter(isShown) } }}
      columns={columns}
      idOf={({ principalId }) => principalId}
      empty={{ title: t(`access.grants.${of}.empty`), detail: t(`access.grants.${of}.empty.detail`) }}
      sortBy={{ column: 'name' }}
    />
  );
}
