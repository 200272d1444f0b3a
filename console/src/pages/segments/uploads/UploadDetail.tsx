import { useNavigate, useParams } from 'react-router';
import { useSandbox } from '../../../api/me';
import { DetailPage } from '../../../components/DetailPage';
import { GuardedButton } from '../../../components/Guarded';
import { useT } from '../../../i18n/messages';
import { inSandbox } from '../../../paths';
import { type Loaded, useUpload } from '../queries';
import { LoadedFacts } from './LoadedFacts';
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
      actions={(value) => <Another loaded={value} />}
    >
      {(value) => (
        <>
          <LoadedFacts loaded={value} />
          <Results loaded={value} />
        </>
      )}
    </DetailPage>
  );
}

/** What came of the rows. */
export function Results({ loaded }: { loaded: Loaded }) {
  return (
    <>
      {loaded.status !== 'awaiting_file' && loaded.counts.rows > 0 && <Counts upload={loaded} />}
      {loaded.warnings.length > 0 && <Warnings upload={loaded} />}
      {loaded.counts.rows > 0 && <Rejects counts={loaded.counts} list={loaded} />}
      {Object.keys(loaded.counts.shapes).length > 0 && <Shapes upload={loaded} />}
    </>
  );
}

/** Upload something else into the same segment. */
export function Another({ loaded: { segmentId } }: { loaded: Loaded }) {
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
