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
import { type Upload, useSegmentNames, useUploads } from '../queries';

const STATUSES = ['awaiting_file', 'processing', 'completed', 'failed'] as const;
const MODES = ['delta', 'snapshot', 'suppression'] as const;

export default function UploadList() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = useUploads(sandbox);
  const names = useSegmentNames(sandbox);
  const title = t('segments.uploads');
  usePage({
    title,
    breadcrumbs: [{ text: t('segments.title'), href: inSandbox(sandbox, 'segments') }, { text: title }],
    contentType: 'table',
  });
  const columns: Column<Upload>[] = [
    {
      id: 'file',
      header: t('segments.upload.file.label'),
      cell: ({ fileName, uploadId }) => (
        <NameOrId name={fileName} id={uploadId} href={inSandbox(sandbox, 'segments/uploads', uploadId)} />
      ),
      value: ({ fileName }) => fileName,
      isRowHeader: true,
      width: 230,
    },
    {
      id: 'status',
      header: t('segments.upload.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
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
      cell: ({ uploadId }) => uploadId,
      value: ({ uploadId }) => uploadId,
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
      idOf={({ uploadId }) => uploadId}
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
          value: ({ status }) => status,
          options: STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
        },
        {
          id: 'mode',
          label: t('segments.upload.mode'),
          value: ({ mode }) => mode,
          options: MODES.map((value) => ({ value, label: t(`segments.mode.${value}`) })),
        },
      ]}
      sortBy={{ column: 'createdAt', isDescending: true }}
    />
  );
}
