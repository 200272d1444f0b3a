import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { KINDS } from './input';
import { placeOf, type Source, statusOf, useSources } from './queries';
import { RunBadge } from './RunBadge';
import { useScheduleWords } from './words';

const STATUSES = ['enabled', 'running', 'failing', 'paused'] as const;

export default function SourceList() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const scheduleOf = useScheduleWords();
  const title = t('sources.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const create = () => void navigate(inSandbox(sandbox, 'sources/create'));
  const columns: Column<Source>[] = [
    {
      id: 'name',
      header: t('sources.name'),
      cell: ({ name, sourceId }) => (
        <NameOrId name={name} id={sourceId} href={inSandbox(sandbox, 'sources', sourceId)} />
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 220,
    },
    {
      id: 'status',
      header: t('sources.status'),
      cell: (source) => <StatusBadge status={statusOf(source)} />,
      value: (source) => t(`status.${statusOf(source)}`),
      width: 130,
    },
    {
      id: 'kind',
      header: t('sources.kind'),
      cell: ({ kind }) => t(`sources.kind.${kind}`),
      value: ({ kind }) => t(`sources.kind.${kind}`),
      width: 130,
    },
    {
      id: 'schedule',
      header: t('sources.schedule'),
      cell: (source) => scheduleOf(source),
      value: (source) => scheduleOf(source),
      width: 220,
    },
    {
      id: 'lastRun',
      header: t('sources.lastRun'),
      cell: ({ lastRun }) =>
        lastRun ? (
          <>
            <RunBadge run={lastRun} /> <Time at={lastRun.at} />
          </>
        ) : (
          t('sources.never')
        ),
      value: ({ lastRun }) => lastRun?.at,
      width: 250,
    },
    {
      id: 'nextRun',
      header: t('sources.nextRun'),
      cell: ({ nextRunAt }) => (nextRunAt ? <Time at={nextRunAt} /> : t('common.none')),
      value: ({ nextRunAt }) => nextRunAt,
      width: 150,
    },
    {
      id: 'place',
      header: t('sources.place'),
      cell: (source) => <Written>{placeOf(source)}</Written>,
      value: placeOf,
      width: 260,
      isHidden: true,
    },
  ];
  return (
    <ResourceTable
      name="sources"
      variant="full-page"
      title={title}
      description={t('sources.description')}
      list={useSources(sandbox)}
      columns={columns}
      idOf={({ sourceId }) => sourceId}
      actions={
        <GuardedButton permission="segments:write" variant="primary" onClick={create}>
          {t('sources.create')}
        </GuardedButton>
      }
      empty={{ title: t('sources.empty'), detail: t('sources.empty.detail') }}
      filters={[
        {
          id: 'status',
          label: t('sources.status'),
          value: statusOf,
          options: STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
        },
        {
          id: 'kind',
          label: t('sources.kind'),
          value: ({ kind }) => kind,
          options: KINDS.map((value) => ({ value, label: t(`sources.kind.${value}`) })),
        },
      ]}
    />
  );
}
