import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { bodyOf, type Schemas } from 'handfast-client';
import { useIntl } from 'react-intl';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { Count } from '../../components/Count';
import { DryRunDialog } from '../../components/DryRunDialog';
import { KeyValues } from '../../components/KeyValues';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { bytesOf } from '../segments/uploads/sizes';
import { type Run, type Source, sourcesKey } from './queries';
import { useKnown } from './words';

const MOST_NAMED = 10;
type Preview = Schemas['SourceRunPreview'];

interface Props {
  source: Source;
  onClose: () => void;
}

/** Shows which files a run would take, and begins it. */
export function RunDialog({ source: { sourceId: source }, onClose }: Props) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const path = { sandbox, source };
  const run = useAction(
    (_: undefined, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/sources/{source}/run', { params: { path }, headers: once }),
      ) as Promise<Run>,
    { invalidates: [sourcesKey(sandbox), ['sandbox', sandbox, 'imports']] },
  );
  return (
    <DryRunDialog
      title={t('sources.run.title')}
      confirm={t('sources.run')}
      dryRun={(signal) =>
        bodyOf(
          api.POST('/sandboxes/{sandbox}/sources/{source}/run', {
            params: { path, query: { dryRun: true } },
            signal,
          }),
        ) as Promise<Preview>
      }
      onConfirm={async () => {
        const { status, files } = await run.mutateAsync(undefined);
        if (status === 'started') flash.success(t('sources.run.begun', { count: files }));
        else flash.info(t(`sources.run.${status}.detail`));
      }}
      onClose={onClose}
    >
      {(found) => <Found found={found} />}
    </DryRunDialog>
  );
}

function Found({ found }: { found: Preview }) {
  const t = useT();
  const intl = useIntl();
  return (
    <SpaceBetween size="m">
      <KeyValues
        columns={2}
        items={[
          { label: t('sources.files'), value: <Count value={found.files} /> },
          { label: t('sources.size'), value: bytesOf(intl, found.bytes) },
        ]}
      />
      {found.files === 0 && <Box>{t('sources.run.nothing_new.detail')}</Box>}
      {found.more && <Box>{t('sources.more')}</Box>}
      {found.sample.length > 0 && (
        <Names
          label={t('sources.run.files')}
          about={t('sources.size')}
          files={found.sample.map(({ name, bytes }) => ({ name, told: bytesOf(intl, bytes) }))}
          total={found.files}
        />
      )}
      <LeftOut counts={found.leftOut} examples={found.leftOutSample} />
    </SpaceBetween>
  );
}

/** Which files are left out and why, and of many how many by reason. */
function LeftOut({ counts, examples }: { counts: Record<string, number>; examples: Preview['leftOutSample'] }) {
  const t = useT();
  const known = useKnown();
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (!total) return null;
  return (
    <SpaceBetween size="xs">
      <Names
        label={t('sources.leftOut')}
        about={t('sources.why')}
        files={examples.map(({ name, reason }) => ({ name, told: known(`sources.reason.${reason}`, reason) }))}
        total={total}
      />
      {total > MOST_NAMED && <LeftOutCounts counts={counts} />}
    </SpaceBetween>
  );
}

/** How many files were left out, by reason. */
export function LeftOutCounts({ counts }: { counts: Record<string, number> }) {
  const intl = useIntl();
  const known = useKnown();
  const said = Object.entries(counts).map(
    ([reason, count]) => `${known(`sources.reason.${reason}`, reason)}: ${intl.formatNumber(count)}`,
  );
  return <>{said.join(' · ')}</>;
}

interface NamesProps {
  label: string;
  /** What is told of each file. */
  about: string;
  files: { name: string; told: string }[];
  total: number;
}

function Names({ label, about, files, total }: NamesProps) {
  const t = useT();
  return (
    <Table
      variant="embedded"
      wrapLines
      header={<Box variant="h3">{label}</Box>}
      items={files.slice(0, MOST_NAMED)}
      trackBy="name"
      ariaLabels={{ tableLabel: label }}
      columnDefinitions={[
        {
          id: 'name',
          header: t('sources.file'),
          isRowHeader: true,
          cell: ({ name }) => (
            <span dir="auto" className="breaks">
              {name}
            </span>
          ),
        },
        { id: 'told', header: about, cell: ({ told }) => told, width: 160 },
      ]}
      footer={total > MOST_NAMED && t('sources.andMore', { count: total - MOST_NAMED })}
    />
  );
}
