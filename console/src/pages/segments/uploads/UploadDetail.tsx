import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useIntl } from 'react-intl';
import { useNavigate, useParams } from 'react-router';
import { useSandbox } from '../../../api/me';
import { CopyId } from '../../../components/CopyId';
import { Count } from '../../../components/Count';
import { DetailPage } from '../../../components/DetailPage';
import { GuardedButton } from '../../../components/Guarded';
import { KeyValues } from '../../../components/KeyValues';
import { NameOrId } from '../../../components/NameOrId';
import { StatusBadge } from '../../../components/StatusBadge';
import { Time } from '../../../components/Time';
import { useT } from '../../../i18n/messages';
import { inSandbox } from '../../../paths';
import { type Upload, useReference, useSegmentNames, useUpload } from '../queries';
import { FORMAT_NAMES } from './FileSection';
import { Outcome } from './Outcome';

export default function UploadDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { upload = '' } = useParams();
  const read = useUpload(sandbox, upload);
  return (
    <DetailPage
      resource={read}
      title={(value) => value?.fileName ?? upload}
      above={[
        { text: t('segments.title'), href: inSandbox(sandbox, 'segments') },
        { text: t('segments.uploads'), href: inSandbox(sandbox, 'segments/uploads') },
      ]}
      actions={(value) => <Another upload={value} />}
    >
      {(value) => (
        <>
          <Overview upload={value} />
          {value.status !== 'awaiting_file' && value.counts.rows > 0 && <Counts upload={value} />}
          {value.warnings.length > 0 && <Warnings upload={value} />}
          {value.counts.rows > 0 && <Rejects upload={value} />}
          {Object.keys(value.counts.shapes).length > 0 && <Shapes upload={value} />}
        </>
      )}
    </DetailPage>
  );
}

function Another({ upload: { segmentId } }: { upload: Upload }) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const search = segmentId ? `?segment=${encodeURIComponent(segmentId)}` : '';
  return (
    <GuardedButton
      permission="segments:write"
      onClick={() => void navigate(inSandbox(sandbox, 'segments/uploads/create') + search)}
    >
      {t('segments.upload.another')}
    </GuardedButton>
  );
}

function Overview({ upload }: { upload: Upload }) {
  const t = useT();
  const sandbox = useSandbox();
  const names = useSegmentNames(sandbox);
  const { segmentId } = upload;
  return (
    <Container header={<Header variant="h2">{t('segments.overview')}</Header>}>
      <SpaceBetween size="l">
        <Outcome upload={upload} />
        <KeyValues
          columns={4}
          items={[
            { label: t('segments.upload.status'), value: <StatusBadge status={upload.status} /> },
            { label: t('segments.upload.mode'), value: t(`segments.mode.${upload.mode}`) },
            {
              label: t('segments.upload.segment'),
              value: segmentId ? (
                <NameOrId
                  name={names.get(segmentId) ?? null}
                  id={segmentId}
                  href={inSandbox(sandbox, 'segments', segmentId)}
                />
              ) : (
                t('common.none')
              ),
            },
            { label: t('segments.upload.format'), value: FORMAT_NAMES[upload.format] },
            { label: t('segments.upload.id'), value: <CopyId value={upload.uploadId} /> },
            { label: t('segments.upload.createdAt'), value: <Time at={upload.createdAt} exact /> },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

function Counts({ upload: { counts } }: { upload: Upload }) {
  const t = useT();
  const shown = ['rows', 'accepted', 'rejected', 'people', 'repeated', 'realized', 'exited', 'replaced'] as const;
  return (
    <Container
      header={
        <Header variant="h2" description={t('segments.counts.description')}>
          {t('segments.counts')}
        </Header>
      }
    >
      <KeyValues
        columns={4}
        items={shown.map((name) => ({ label: t(`segments.counts.${name}`), value: <Count value={counts[name]} /> }))}
      />
    </Container>
  );
}

function Rejects({ upload: { counts, rejectsUrl, uploadId } }: { upload: Upload }) {
  const t = useT();
  const reasons = useReference('reasons').data?.value.items ?? [];
  const descriptionOf = (reason: string) => reasons.find(({ code, subject }) => code === reason && subject === 'value');
  const rows = [
    ...Object.entries(counts.rejectedByReason).map(([reason, count]) => ({ what: 'row', reason, count })),
    ...Object.entries(counts.valuesRejected).map(([reason, count]) => ({ what: 'value', reason, count })),
  ].sort((one, other) => other.count - one.count);
  return (
    <Table
      variant="container"
      wrapLines
      header={
        <Header
          variant="h2"
          description={t('segments.rejects.description')}
          actions={
            rejectsUrl && (
              <Button iconName="download" href={rejectsUrl} download={`${uploadId}-rejects.csv`}>
                {t('segments.rejects.download')}
              </Button>
            )
          }
        >
          {t('segments.rejects')}
        </Header>
      }
      items={rows}
      trackBy={({ what, reason }) => `${what} ${reason}`}
      empty={t('segments.rejects.empty')}
      ariaLabels={{ tableLabel: t('segments.rejects') }}
      columnDefinitions={[
        {
          id: 'reason',
          header: t('segments.rejects.reason'),
          isRowHeader: true,
          cell: ({ reason }) => (
            <>
              {descriptionOf(reason)?.name ?? reason}
              <Box variant="small" color="text-body-secondary" display="block">
                {reason}
              </Box>
            </>
          ),
          width: 260,
        },
        {
          id: 'meaning',
          header: t('segments.rejects.meaning'),
          cell: ({ reason }) => descriptionOf(reason)?.description ?? t('common.none'),
        },
        {
          id: 'what',
          header: t('segments.rejects.what'),
          cell: ({ what }) => t(`segments.rejects.${what}`),
          width: 170,
        },
        { id: 'count', header: t('segments.rejects.count'), cell: ({ count }) => <Count value={count} />, width: 120 },
      ]}
    />
  );
}

function Warnings({ upload: { warnings } }: { upload: Upload }) {
  const t = useT();
  return (
    <Table
      variant="container"
      wrapLines
      header={
        <Header variant="h2" description={t('segments.warnings.description')}>
          {t('segments.warnings')}
        </Header>
      }
      items={warnings}
      trackBy={({ column, code }) => `${column} ${code}`}
      ariaLabels={{ tableLabel: t('segments.warnings') }}
      columnDefinitions={[
        {
          id: 'column',
          header: t('segments.upload.column'),
          isRowHeader: true,
          cell: ({ column }) => (
            <span dir="auto" className="breaks">
              {column}
            </span>
          ),
          width: 240,
        },
        { id: 'detail', header: t('segments.warnings.detail'), cell: ({ detail }) => <span dir="auto">{detail}</span> },
        { id: 'todo', header: t('segments.warnings.todo'), cell: ({ code }) => <Todo code={code} /> },
      ]}
    />
  );
}

const TODOS: ReadonlySet<string> = new Set([
  'another_namespace',
  'another_form',
  'digests_in_raw_column',
  'frequent_value',
]);

function Todo({ code }: { code: string }) {
  const t = useT();
  return <>{TODOS.has(code) ? t(`segments.warning.${code}`) : code}</>;
}

function Shapes({ upload: { counts } }: { upload: Upload }) {
  const t = useT();
  const intl = useIntl();
  const rows = Object.entries(counts.shapes).map(([column, shapes]) => ({ column, shapes }));
  return (
    <Table
      variant="container"
      wrapLines
      header={
        <Header variant="h2" description={t('segments.shapes.description')}>
          {t('segments.shapes')}
        </Header>
      }
      items={rows}
      trackBy={({ column }) => column}
      ariaLabels={{ tableLabel: t('segments.shapes') }}
      columnDefinitions={[
        {
          id: 'column',
          header: t('segments.upload.column'),
          isRowHeader: true,
          cell: ({ column }) => (
            <span dir="auto" className="breaks">
              {column}
            </span>
          ),
          width: 240,
        },
        {
          id: 'shapes',
          header: t('segments.shapes.values'),
          cell: ({ shapes }) =>
            Object.entries(shapes)
              .map(([shape, count]) => `${t(`segments.shape.${shape}`)}: ${intl.formatNumber(count)}`)
              .join(' · '),
        },
      ]}
    />
  );
}
