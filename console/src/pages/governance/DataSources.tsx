import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { Labels } from '../../components/Labels';
import { NameOrId } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { GovernancePage } from './GovernancePage';
import { type DataSource, useDataSources } from './queries';

export default function DataSources() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const controlsOf = ({ exportControls }: DataSource) =>
    exportControls.map((control) => t(`governance.control.${control}`)).join(' · ');
  const columns: Column<DataSource>[] = [
    {
      id: 'name',
      header: t('governance.sources.name'),
      cell: ({ name, dataSourceId }) => (
        <NameOrId name={name} id={dataSourceId} href={inSandbox(sandbox, 'governance/data-sources', dataSourceId)} />
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 320,
    },
    {
      id: 'labels',
      header: t('governance.sources.labels'),
      cell: ({ labels }) => <Labels labels={labels} />,
      value: ({ labels }) => labels.join(' '),
      width: 170,
    },
    {
      id: 'controls',
      header: t('governance.sources.controls'),
      cell: (source) => controlsOf(source) || t('common.none'),
      value: controlsOf,
      width: 400,
    },
    {
      id: 'createdAt',
      header: t('governance.sources.createdAt'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      value: ({ createdAt }) => createdAt,
      width: 150,
    },
  ];
  return (
    <GovernancePage tab="data-sources">
      <ResourceTable
        name="data-sources"
        title={t('governance.tab.data-sources')}
        description={t('governance.sources.description')}
        list={useDataSources(sandbox)}
        columns={columns}
        idOf={({ dataSourceId }) => dataSourceId}
        actions={
          <GuardedButton
            permission="governance:write"
            variant="primary"
            onClick={() => void navigate(inSandbox(sandbox, 'governance/data-sources/create'))}
          >
            {t('governance.sources.create')}
          </GuardedButton>
        }
        empty={{ title: t('governance.sources.empty') }}
      />
    </GovernancePage>
  );
}
