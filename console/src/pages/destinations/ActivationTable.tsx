import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { GuardedButton } from '../../components/Guarded';
import { Labels } from '../../components/Labels';
import { NameOrId } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { type Activation, useActivations, useSegmentNames } from './queries';

/** What is activated to a destination. */
export function ActivationTable({ destination }: { destination: string }) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = useActivations(sandbox, destination);
  const nameOf = useSegmentNames(sandbox);
  const title = ({ segments }: Activation) => segments.map(({ segmentId }) => nameOf(segmentId)).join(', ');
  const columns: Column<Activation>[] = [
    {
      id: 'segments',
      header: t('destinations.segments'),
      cell: (activation) => (
        <NameOrId
          name={title(activation)}
          id={activation.activationId}
          href={inSandbox(sandbox, 'destinations', destination, 'activations', activation.activationId)}
        />
      ),
      value: title,
      isRowHeader: true,
      width: 360,
    },
    {
      id: 'count',
      header: t('destinations.segments.count'),
      cell: ({ segments }) => <Count value={segments.length} />,
      value: ({ segments }) => segments.length,
      width: 120,
    },
    {
      id: 'status',
      header: t('destinations.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 130,
    },
    {
      id: 'mapping',
      header: t('destinations.mapping'),
      cell: ({ mapping }) => <Labels labels={mapping.map(({ target }) => target)} />,
      value: ({ mapping }) => mapping.map(({ source, target }) => `${source} ${target}`).join(' '),
      width: 240,
    },
    {
      id: 'updatedAt',
      header: t('destinations.updatedAt'),
      cell: ({ updatedAt }) => <Time at={updatedAt} />,
      value: ({ updatedAt }) => updatedAt,
      width: 150,
    },
  ];
  return (
    <ResourceTable
      name="activations"
      title={t('destinations.activations')}
      description={t('destinations.activations.description')}
      list={list}
      columns={columns}
      idOf={({ activationId }) => activationId}
      empty={{
        title: t('destinations.activations.empty'),
        detail: t('destinations.activations.empty.detail'),
        action: (
          <GuardedButton
            permission="destinations:activate"
            onClick={() => void navigate(inSandbox(sandbox, 'destinations', destination, 'activate'))}
          >
            {t('destinations.activate')}
          </GuardedButton>
        ),
      }}
      sortBy={{ column: 'updatedAt', isDescending: true }}
    />
  );
}
