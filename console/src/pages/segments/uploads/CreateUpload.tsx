import Alert from '@cloudscape-design/components/alert';
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
import { type Segment, useLabels, useNamespaces, useSandboxSettings, useSegments, useUpload } from '../queries';
import { bodyFor, type Choices, INITIAL, MOST_BYTES, namesSegments } from './body';
import { ChoicesSection } from './ChoicesSection';
import { ColumnsTable } from './ColumnsTable';
import { ConsentWords } from './ConsentWords';
import { FileSection } from './FileSection';
import { Looked } from './Looked';
import { useLook } from './looking';
import { type Delimiter, type Format, type Look, type Mapping, mappingsOf, unmapped } from './mapping';
import { Outcome } from './Outcome';
import { Counts, Rejects, Warnings } from './results';
import { StoreProblem } from './StoreProblem';
import { StoreError } from './transfers';
import { useStartUpload } from './uploading';

const FIELDS = [
  '/columns',
  '/segmentId',
  '/mode',
  '/segments',
  '/renderings',
  '/dataSourceId',
  '/dialect/delimiter',
  '/fileName',
];

const NO_SEGMENTS: Segment[] = [];

export default function CreateUpload() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [search] = useSearchParams();
  const listed = useSegments(sandbox).data?.items;
  const segments = listed ?? NO_SEGMENTS;
  const namespaces = useNamespaces(sandbox);
  const labels = useLabels(sandbox);
  const entitlement = useSandboxSettings(sandbox).data?.value.settings.profileEntitlement;
  const [file, setFile] = useState<File | null>(null);
  const [look, setLook] = useState<Look | null>(null);
  const [isStale, setStale] = useState(false);
  const [format, setFormat] = useState<Format | null>(null);
  const [chosen, setChosen] = useState<Record<number, Mapping>>({});
  const [added, setAdded] = useState<string[]>([]);
  const [choices, setChoices] = useState<Choices>({ ...INITIAL, segmentId: search.get('segment') });
  const [isAsking, setAsking] = useState(false);
  const [hasTried, setTried] = useState(false);
  const [dryRun, setDryRun] = useState<string | null>(null);
  const looking = useLook(sandbox);
  const upload = useStartUpload(sandbox);
  const rehearse = useStartUpload(sandbox);
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

  const looked = look?.columns ?? [];
  const mappings = [...(look ? mappingsOf(look) : []), ...added.map(unmapped)].map(
    (mapping, at) => chosen[at] ?? mapping,
  );
  const guessed = mappings.map(({ as, namespace }, at) => {
    const guess = looked[at];
    return guess && guess.as === as && guess.namespace === (namespace ?? null) ? guess : null;
  });
  const map = (at: number, mapping: Mapping) => {
    setChosen({ ...chosen, [at]: mapping });
    setStale(true);
  };

  /** Look at a file anew: its columns are guessed. */
  const take = (taken: File | null, delimiter: Delimiter | null = null) => {
    setFile(taken);
    setDryRun(null);
    setLook(null);
    setStale(false);
    setChosen({});
    setAdded([]);
    for (const action of [looking, upload, rehearse]) action.reset();
    if (!taken) return;
    const { segmentId } = choices;
    const said = { ...(segmentId && { segmentId }), ...(delimiter && { dialect: { delimiter } }) };
    looking.mutate(
      { file: taken, body: { fileName: taken.name, ...said } as Parameters<typeof looking.mutate>[0]['body'] },
      {
        onSuccess: (found) => {
          setLook(found);
          setFormat(found.format);
        },
      },
    );
  };
  /** Look once more, by the columns as they are mapped now. */
  const lookAgain = () => {
    if (!look) return;
    looking.mutate(body(false), {
      onSuccess: (found) => {
        setLook({ ...found, columns: look.columns, shareWords: look.shareWords });
        setStale(false);
      },
    });
  };
  const target = segments.find(({ segmentId }) => segmentId === choices.segmentId);
  const isUntargeted = choices.mode === 'snapshot' && !target;
  const isReady =
    !isUntargeted && file !== null && format !== null && file.size <= MOST_BYTES && mappings.some(({ as }) => as);
  const body = (isPreview: boolean) => {
    if (!file || !format) throw new Error('no file');
    const whole = bodyFor(file, format, mappings, choices, entitlement != null, look);
    return { file, body: isPreview ? { ...whole, preview: true } : whole };
  };
  const start = async () => {
    const created = await upload.mutateAsync(body(false));
    void navigate(inSandbox(sandbox, 'segments/uploads', created.uploadId));
  };
  const choose = (changes: Partial<Choices>) => {
    setChoices({ ...choices, ...changes });
    setStale(true);
    if (changes.delimiter !== undefined) take(file, changes.delimiter);
  };
  const begin = (act: () => void) => {
    setTried(true);
    if (isReady) act();
  };
  const isFirstLook = looking.isPending && !look;
  const isUnsent = looking.error instanceof StoreError;
  const error = upload.error ?? rehearse.error ?? (isUnsent ? null : looking.error);
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
                disabled={isFirstLook}
                loading={rehearse.isPending}
                onClick={() =>
                  begin(() => rehearse.mutate(body(true), { onSuccess: ({ uploadId }) => setDryRun(uploadId) }))
                }
              >
                {t('segments.upload.dryRun')}
              </Button>
              <Button variant="primary" disabled={isFirstLook} loading={upload.isPending && !isAsking}>
                {t('segments.upload.start')}
              </Button>
            </SpaceBetween>
          }
        >
          <div className="stack">
            <FailedReads />
            <FileSection
              file={file}
              look={look}
              isLooking={isFirstLook}
              format={format}
              errorText={hasTried && !file ? t('segments.upload.file.missing') : undefined}
              onFile={take}
              onFormat={setFormat}
            />
            {file && (look || looking.isError) && (
              <ColumnsTable
                mappings={mappings}
                guessed={guessed}
                looked={looked}
                namespaces={namespaces}
                segments={segments}
                labels={labels}
                error={error}
                onChange={map}
                onAdd={(column) => setAdded([...added, column])}
              />
            )}
            {hasTried && (look || looking.isError) && !mappings.some(({ as }) => as) && (
              <Alert type="error">{t('segments.upload.columns.missing')}</Alert>
            )}
            {mappings.map(
              (mapping, at) =>
                mapping.as === 'share' && (
                  <ConsentWords key={mapping.column} mapping={mapping} onChange={(changed) => map(at, changed)} />
                ),
            )}
            <ChoicesSection
              choices={choices}
              onChange={choose}
              segments={listed}
              maySelect={namesSegments(mappings)}
              format={format}
              isTargetMissing={hasTried && isUntargeted}
              error={error}
            />
            {look && mappings.some(({ as }) => as) && (
              <Looked look={look} isStale={isStale} isLooking={looking.isPending} onAgain={() => begin(lookAgain)} />
            )}
            {dryRun && <DryRun upload={dryRun} />}
            {isUnsent && <StoreProblem problem={looking.error} again={() => take(file)} />}
            <ProblemAlert error={error} fields={FIELDS} />
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
          {found && <Outcome upload={found} />}
        </SpaceBetween>
      </Container>
      {found && found.counts.rows > 0 && <Counts upload={found} />}
      {found && found.warnings.length > 0 && <Warnings upload={found} />}
      {found && found.counts.rejected > 0 && <Rejects counts={found.counts} list={found} />}
    </SpaceBetween>
  );
}
