import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { NameOrId } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { type Connector, useConnectors, useConnectorTypes } from './queries';

/** The names of the types, by their codes. */
export function useTypeName(): (type: string) => string {
  const items = useConnectorTypes().data?.value.items;
  return (type) => items?.find((each) => each.type === type)?.name ?? type;
}

export default function ConnectorList() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const typeName = useTypeName();
  const list = useConnectors(sandbox);
  const title = t('privacy.connectors');
  usePage({
    title,
    contentType: 'table',
    breadcrumbs: [{ text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') }, { text: title }],
  });
  const columns: Column<Connector>[] = [
    {
      id: 'name',
      header: t('privacy.connectors.name'),
      cell: ({ name, connectorId }) => (
        <NameOrId name={name} id={connectorId} href={inSandbox(sandbox, 'privacy/connectors', connectorId)} />
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 320,
    },
    {
      id: 'type',
      header: t('privacy.connectors.type'),
      cell: ({ type }) => typeName(type),
      value: ({ type }) => typeName(type),
      width: 200,
    },
    {
      id: 'created',
      header: t('privacy.connectors.createdAt'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      value: ({ createdAt }) => createdAt,
      width: 180,
    },
    {
      id: 'updated',
      header: t('privacy.connectors.updatedAt'),
      cell: ({ updatedAt }) => <Time at={updatedAt} />,
      value: ({ updatedAt }) => updatedAt,
      width: 180,
    },
    {
      id: 'id',
      header: t('privacy.connectors.id'),
      cell: ({ connectorId }) => connectorId,
      value: ({ connectorId }) => connectorId,
      isHidden: true,
    },
  ];
  return (
    <ResourceTable
      name="privacy-connectors"
      variant="full-page"
      title={title}
      description={t('privacy.connectors.description')}
      list={list}
      columns={columns}
      idOf={({ connectorId }) => connectorId}
      actions={
        <GuardedButton
          permission="privacy:approve"
          variant="primary"
          onClick={() => void navigate(inSandbox(sandbox, 'privacy/connectors/create'))}
        >
          {t('privacy.connectors.add')}
        </GuardedButton>
      }
      empty={{ title: t('privacy.connectors.empty'), detail: t('privacy.connectors.empty.detail') }}
    />
  );
}
