import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { type Import, type Source, useRuns } from './queries';

/** The imports that runs of a source have begun. */
export function Runs({ source }: { source: Source }) {
  const t = useT();
  const sandbox = useSandbox();
  const columns: Column<Import>[] = [
    {
      id: 'createdAt',
      header: t('sources.runs.at'),
      cell: ({ createdAt, importId }) => (
        <RouteLink href={inSandbox(sandbox, 'segments/imports', importId)}>
          <Time at={createdAt} />
        </RouteLink>
      ),
      value: ({ createdAt }) => createdAt,
      isRowHeader: true,
      width: 200,
    },
    {
      id: 'status',
      header: t('sources.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 160,
    },
    {
      id: 'files',
      header: t('sources.files'),
      cell: ({ parts }) => <Count value={parts.total} />,
      value: ({ parts }) => parts.total,
      width: 130,
    },
    {
      id: 'failed',
      header: t('sources.runs.failed'),
      cell: ({ parts }) => <Count value={parts.failedTotal} />,
      value: ({ parts }) => parts.failedTotal,
      width: 190,
    },
    {
      id: 'rows',
      header: t('sources.runs.rows'),
      cell: ({ counts }) => <Count value={counts.rows} />,
      value: ({ counts }) => counts.rows,
      width: 110,
    },
    {
      id: 'rejected',
      header: t('sources.runs.rejected'),
      cell: ({ counts }) => <Count value={counts.rejected} />,
      value: ({ counts }) => counts.rejected,
      width: 130,
    },
  ];
  return (
    <ResourceTable
      name="source-runs"
      title={t('sources.runs')}
      description={t('sources.runs.description')}
      list={useRuns(sandbox, source.sourceId)}
      columns={columns}
      idOf={({ importId }) => importId}
      empty={{ title: t('sources.runs.empty'), detail: t('sources.runs.empty.detail') }}
      sortBy={{ column: 'createdAt', isDescending: true }}
    />
  );
}
