import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useNavigate, useParams } from 'react-router';
import { useSandbox } from '../../../api/me';
import { CopyId } from '../../../components/CopyId';
import { DetailPage } from '../../../components/DetailPage';
import { GuardedButton } from '../../../components/Guarded';
import { KeyValues } from '../../../components/KeyValues';
import { NameOrId } from '../../../components/NameOrId';
import { Time } from '../../../components/Time';
import { useT } from '../../../i18n/messages';
import { inSandbox } from '../../../paths';
import { type Upload, useSegmentNames, useUpload } from '../queries';
import { FORMAT_NAMES } from './FileSection';
import { Outcome } from './Outcome';
import { Counts, Rejects, Shapes, Warnings } from './results';

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
          {value.counts.rows > 0 && <Rejects counts={value.counts} list={value} />}
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
