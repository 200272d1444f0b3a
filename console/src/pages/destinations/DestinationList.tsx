import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { NameOrId } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { type Destination, useDestinations, useDestinationTypes } from './queries';
import { HealthCell, StandingBadge } from './StandingBadge';

export default function DestinationList() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = useDestinations(sandbox);
  const types = useDestinationTypes().data?.value.items ?? [];
  const typeName = (type: string) => types.find((one) => one.type === type)?.name ?? type;
  const title = t('destinations.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const columns: Column<Destination>[] = [
    {
      id: 'name',
      header: t('destinations.name'),
      cell: ({ name, destinationId }) => (
        <NameOrId name={name} id={destinationId} href={inSandbox(sandbox, 'destinations', destinationId)} />
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 300,
    },
    {
      id: 'type',
      header: t('destinations.type'),
      cell: ({ type }) => typeName(type),
      value: ({ type }) => typeName(type),
      width: 190,
    },
    {
      id: 'status',
      header: t('destinations.status'),
      cell: (destination) => <StandingBadge destination={destination} />,
      width: 160,
    },
    {
      id: 'waiting',
      header: t('destinations.waiting'),
      cell: ({ destinationId }) => <HealthCell destination={destinationId} of="waiting" />,
      width: 120,
    },
    {
      id: 'deadLetters',
      header: t('destinations.deadLetters'),
      cell: ({ destinationId }) => <HealthCell destination={destinationId} of="deadLetters" />,
      width: 140,
    },
    {
      id: 'lastRun',
      header: t('destinations.lastRun'),
      cell: ({ destinationId }) => <HealthCell destination={destinationId} of="lastRun" />,
      width: 150,
    },
    {
      id: 'createdAt',
      header: t('destinations.createdAt'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      value: ({ createdAt }) => createdAt,
      width: 150,
    },
    {
      id: 'id',
      header: t('destinations.id'),
      cell: ({ destinationId }) => destinationId,
      value: ({ destinationId }) => destinationId,
      isHidden: true,
    },
  ];
  const used = [...new Set(list.data?.items.map(({ type }) => type))];
  return (
    <ResourceTable
      name="destinations"
      variant="full-page"
      title={title}
      description={t('destinations.description')}
      list={list}
      columns={columns}
      idOf={({ destinationId }) => destinationId}
      actions={
        <GuardedButton
          permission="destinations:manage"
          variant="primary"
          onClick={() => void navigate(inSandbox(sandbox, 'destinations/catalogue'))}
        >
          {t('destinations.connect')}
        </GuardedButton>
      }
      empty={{ title: t('destinations.empty'), detail: t('destinations.empty.detail') }}
      filters={[
        {
          id: 'type',
          label: t('destinations.type'),
          value: ({ type }) => type,
          options: used.map((value) => ({ value, label: typeName(value) })),
        },
        {
          id: 'status',
          label: t('destinations.status'),
          value: ({ status }) => status,
          options: [
            { value: 'enabled', label: t('status.enabled') },
            { value: 'disabled', label: t('status.paused') },
            { value: 'deleting', label: t('status.deleting') },
          ],
        },
      ]}
      sortBy={{ column: 'createdAt', isDescending: true }}
    />
  );
}
