import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useSandbox } from '../../../api/me';
import { ConfirmDialog } from '../../../components/ConfirmDialog';
import { FailedReads } from '../../../components/FailedReads';
import { NameOrId } from '../../../components/NameOrId';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { useT } from '../../../i18n/messages';
import { usePage } from '../../../layout/page';
import { inSandbox } from '../../../paths';
import { useUpload } from '../queries';
import { MOST_BYTES, MOST_DRY_BYTES } from './body';
import { DRAFT_FIELDS, DraftFields } from './DraftFields';
import { useFileDraft } from './drafting';
import { FileSection } from './FileSection';
import {
  areMany,
  bytesIn,
  MOST_PART_BYTES,
  MOST_PARTS,
  type Picked,
  partitionColumns,
  sampleOf,
  titleOf,
} from './files';
import { useStartImport } from './imports';
import { Outcome } from './Outcome';
import { Counts, Rejects, Warnings } from './results';
import { useStartUpload } from './uploading';

export default function CreateUpload() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [search] = useSearchParams();
  const draft = useFileDraft(sandbox, { segmentId: search.get('segment') });
  const [picked, setPicked] = useState<Picked | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [hasTried, setTried] = useState(false);
  const [dryRun, setDryRun] = useState<string | null>(null);
  const upload = useStartUpload(sandbox);
  const rehearse = useStartUpload(sandbox);
  const importing = useStartImport(sandbox);
  const list = inSandbox(sandbox, 'segments/uploads');
  usePage({
    title: t('segments.upload.create'),
    contentType: 'form',
    breadcrumbs: [
      { text: t('segments.title'), href: inSandbox(sandbox, 'segments') },
      { text: t('segments.uploads'), href: list },
      { text: t('segments.upload.create') },
    ],
  });

  const { sample, choices, target } = draft;
  const isMany = picked !== null && areMany(picked);
  const problem = useProblemOf(picked);
  const isReady = sample !== null && !problem && draft.isComplete;
  const take = (taken: Picked | null) => {
    setPicked(taken);
    setDryRun(null);
    for (const action of [upload, rehearse, importing]) action.reset();
    const first = taken && sampleOf(taken);
    if (first !== sample) draft.take(first, taken ? partitionColumns(taken) : []);
  };
  const input = (isPreview: boolean) => {
    if (!sample) throw new Error('no file');
    const body = draft.body(sample);
    return { file: sample, body: isPreview ? { ...body, preview: true } : body };
  };
  const start = async () => {
    if (picked && isMany) {
      const body = draft.body({ name: titleOf(picked), size: 0 });
      const id = await importing.mutateAsync({ files: picked.files, body });
      void navigate(inSandbox(sandbox, 'segments/imports', id));
      return;
    }
    const created = await upload.mutateAsync(input(false));
    void navigate(inSandbox(sandbox, 'segments/uploads', created.uploadId));
  };
  const begin = (act: () => void) => {
    setTried(true);
    if (isReady) act();
  };
  const error = upload.error ?? importing.error ?? rehearse.error ?? draft.error;
  const noDryRun = noDryRunOf(picked);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        begin(() => (choices.mode === 'delta' ? void start().catch(() => undefined) : setAsking(true)));
      }}
    >
      <ContentLayout
        header={
          <Header variant="h1" description={t('segments.upload.description')}>
            {t('segments.upload.create')}
          </Header>
        }
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" onClick={() => void navigate(list)}>
                {t('common.cancel')}
              </Button>
              <Button
                formAction="none"
                disabled={draft.isFirstLook || noDryRun !== null}
                {...(noDryRun && { disabledReason: t(`segments.upload.dryRun.${noDryRun}`) })}
                loading={rehearse.isPending}
                onClick={() =>
                  begin(() => rehearse.mutate(input(true), { onSuccess: ({ uploadId }) => setDryRun(uploadId) }))
                }
              >
                {t('segments.upload.dryRun')}
              </Button>
              <Button
                variant="primary"
                disabled={draft.isFirstLook}
                loading={(upload.isPending || importing.isPending) && !isAsking}
              >
                {t('segments.upload.start')}
              </Button>
            </SpaceBetween>
          }
        >
          <div className="stack">
            <FailedReads />
            <FileSection
              picked={picked}
              look={draft.look}
              isLooking={draft.isFirstLook}
              format={draft.format}
              errorText={problem ?? (hasTried && !sample ? t('segments.upload.file.missing') : undefined)}
              onPick={take}
              onFormat={draft.setFormat}
            />
            <DraftFields sandbox={sandbox} draft={draft} hasTried={hasTried} areMany={isMany} error={error} />
            {dryRun && <DryRun upload={dryRun} />}
            <ProblemAlert error={error} fields={DRAFT_FIELDS} />
          </div>
        </Form>
      </ContentLayout>
      {isAsking && (
        <ConfirmDialog
          title={t(`segments.mode.${choices.mode}.ask`)}
          confirm={t('segments.upload.start')}
          onConfirm={start}
          onClose={() => setAsking(false)}
        >
          <SpaceBetween size="s">
            <span>
              {t(`segments.mode.${choices.mode}.consequence`, { identities: target?.counts.identities ?? 0 })}
            </span>
            {target && choices.mode === 'snapshot' && <NameOrId name={target.name} id={target.segmentId} />}
          </SpaceBetween>
        </ConfirmDialog>
      )}
    </form>
  );
}

/** Why what was chosen cannot be sent. */
function useProblemOf(picked: Picked | null): string | undefined {
  const t = useT();
  if (!picked) return undefined;
  const { files, leftOut } = picked;
  if (!files.length) return t('segments.files.allLeftOut', { count: leftOut.length });
  if (files.length > MOST_PARTS) return t('segments.files.tooMany', { count: files.length });
  const most = areMany(picked) ? MOST_PART_BYTES : MOST_BYTES;
  const long = files.find(({ file }) => file.size > most);
  return long ? t('segments.files.tooLong', { name: long.name, most: most / 1024 ** 3 }) : undefined;
}

function noDryRunOf(picked: Picked | null): 'many' | 'large' | null {
  if (!picked) return null;
  if (areMany(picked)) return 'many';
  return bytesIn(picked.files) > MOST_DRY_BYTES ? 'large' : null;
}

function DryRun({ upload }: { upload: string }) {
  const t = useT();
  const read = useUpload(useSandbox(), upload);
  const found = read.data?.value;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description={t('segments.upload.dryRun.description')}>
            {t('segments.upload.dryRun')}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
          {found && <Outcome loaded={found} />}
        </SpaceBetween>
      </Container>
      {found && found.counts.rows > 0 && <Counts upload={found} />}
      {found && found.warnings.length > 0 && <Warnings upload={found} />}
      {found && found.counts.rejected > 0 && <Rejects counts={found.counts} list={found} />}
    </SpaceBetween>
  );
}
