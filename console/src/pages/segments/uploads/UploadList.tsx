import Box from '@cloudscape-design/components/box';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../../api/me';
import { Count } from '../../../components/Count';
import { GuardedButton } from '../../../components/Guarded';
import { NameOrId } from '../../../components/NameOrId';
import { type Column, ResourceTable } from '../../../components/ResourceTable';
import { StatusBadge } from '../../../components/StatusBadge';
import { Time } from '../../../components/Time';
import { useT } from '../../../i18n/messages';
import { usePage } from '../../../layout/page';
import { inSandbox } from '../../../paths';
import { idOf, isImport, type Loaded, statusOf, useLoaded, useSegmentNames } from '../queries';
import { SourceLink } from './LoadedFacts';

const STATUSES = ['awaiting_file', 'processing', 'completed', 'failed', 'cancelled'] as const;
const MODES = ['delta', 'snapshot', 'suppression', 'overwrite'] as const;
const KINDS = ['file', 'files', 'source'] as const;

const sourceOf = (loaded: Loaded): string | null => (isImport(loaded) ? loaded.sourceId : null);

function kindOf(loaded: Loaded): (typeof KINDS)[number] {
  if (!isImport(loaded)) return 'file';
  return sourceOf(loaded) ? 'source' : 'files';
}

export default function UploadList() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = useLoaded(sandbox);
  const names = useSegmentNames(sandbox);
  const title = t('segments.uploads');
  usePage({
    title,
    breadcrumbs: [{ text: t('segments.title'), href: inSandbox(sandbox, 'segments') }, { text: title }],
    contentType: 'table',
  });
  const source: Column<Loaded> = {
    id: 'source',
    header: t('segments.import.source'),
    cell: (loaded) => {
      const id = sourceOf(loaded);
      return id ? <SourceLink id={id} /> : t('common.none');
    },
    value: sourceOf,
    width: 170,
  };
  const columns: Column<Loaded>[] = [
    {
      id: 'file',
      header: t('segments.upload.file.label'),
      cell: (loaded) => (
        <>
          <NameOrId
            name={loaded.fileName}
            id={idOf(loaded)}
            href={inSandbox(sandbox, isImport(loaded) ? 'segments/imports' : 'segments/uploads', idOf(loaded))}
          />
          {isImport(loaded) && (
            <Box variant="small" color="text-body-secondary" display="block">
              {t('segments.import.files', { count: loaded.parts.total })}
            </Box>
          )}
        </>
      ),
      value: ({ fileName }) => fileName,
      isRowHeader: true,
      width: 230,
    },
    {
      id: 'status',
      header: t('segments.upload.status'),
      cell: (loaded) => <StatusBadge status={statusOf(loaded)} />,
      value: (loaded) => t(`status.${statusOf(loaded)}`),
      width: 165,
    },
    {
      id: 'mode',
      header: t('segments.upload.mode'),
      cell: ({ mode, preview }) => t(preview ? 'segments.upload.dryRun' : `segments.mode.${mode}`),
      value: ({ mode, preview }) => t(preview ? 'segments.upload.dryRun' : `segments.mode.${mode}`),
      width: 160,
    },
    {
      id: 'segment',
      header: t('segments.upload.segment'),
      cell: ({ segmentId }) =>
        segmentId ? (
          <NameOrId
            name={names.get(segmentId) ?? null}
            id={segmentId}
            href={inSandbox(sandbox, 'segments', segmentId)}
          />
        ) : (
          t('common.none')
        ),
      value: ({ segmentId }) => (segmentId ? (names.get(segmentId) ?? segmentId) : ''),
      width: 200,
    },
    ...(list.data?.items.some(sourceOf) ? [source] : []),
    {
      id: 'rows',
      header: t('segments.counts.rows'),
      cell: ({ counts }) => <Count value={counts.rows} />,
      value: ({ counts }) => counts.rows,
      width: 90,
    },
    {
      id: 'rejected',
      header: t('segments.counts.rejected'),
      cell: ({ counts }) => <Count value={counts.rejected} />,
      value: ({ counts }) => counts.rejected,
      width: 110,
    },
    {
      id: 'createdAt',
      header: t('segments.upload.createdAt'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      value: ({ createdAt }) => createdAt,
      width: 150,
    },
    {
      id: 'id',
      header: t('segments.upload.id'),
      cell: idOf,
      value: idOf,
      isHidden: true,
    },
  ];
  return (
    <ResourceTable
      name="uploads"
      variant="full-page"
      title={title}
      description={t('segments.uploads.description')}
      list={list}
      columns={columns}
      idOf={idOf}
      actions={
        <GuardedButton
          permission="segments:write"
          variant="primary"
          onClick={() => void navigate(inSandbox(sandbox, 'segments/uploads/create'))}
        >
          {t('segments.upload.create')}
        </GuardedButton>
      }
      empty={{ title: t('segments.uploads.empty'), detail: t('segments.uploads.empty.detail') }}
      filters={[
        {
          id: 'status',
          label: t('segments.upload.status'),
          value: statusOf,
          options: STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
        },
        {
          id: 'mode',
          label: t('segments.upload.mode'),
          value: ({ mode }) => mode,
          options: MODES.map((value) => ({ value, label: t(`segments.mode.${value}`) })),
        },
        {
          id: 'kind',
          label: t('segments.import.kind'),
          value: kindOf,
          options: KINDS.map((value) => ({ value, label: t(`segments.import.kind.${value}`) })),
        },
      ]}
      sortBy={{ column: 'createdAt', isDescending: true }}
    />
  );
}
