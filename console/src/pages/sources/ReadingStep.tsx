import Alert from '@cloudscape-design/components/alert';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tiles from '@cloudscape-design/components/tiles';
import { useSandbox } from '../../api/me';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { useDataSources } from '../segments/queries';
import { DraftFields } from '../segments/uploads/DraftFields';
import type { FileDraft } from '../segments/uploads/drafting';
import { FileSection } from '../segments/uploads/FileSection';
import { type Picked, sampleOf } from '../segments/uploads/files';
import { namesFiles, PRESETS, type SourceInput } from './input';

interface Props {
  input: SourceInput;
  onChange: (changes: Partial<SourceInput>) => void;
  draft: FileDraft;
  picked: Picked | null;
  onPick: (picked: Picked | null) => void;
  /** The source is there, and may go on being read as it is. */
  mayKeep: boolean;
  missing: readonly string[];
  error: unknown;
}

/** What the files hold: told by a file of their kind, or by the system that writes them. */
export function ReadingStep({ input, onChange, draft, picked, onPick, mayKeep, missing, error }: Props) {
  const t = useT();
  const sandbox = useSandbox();
  const { reading } = input;
  const ways = mayKeep ? (['kept', 'sample', 'preset'] as const) : (['sample', 'preset'] as const);
  const take = (taken: Picked | null) => {
    const first = taken?.files[0] ? { ...taken, files: taken.files.slice(0, 1) } : taken;
    onPick(first);
    draft.take(first && sampleOf(first), []);
  };
  return (
    <SpaceBetween size="l">
      <Tiles
        ariaLabel={t('sources.reading')}
        value={reading}
        items={ways.map((value) => ({
          value,
          label: t(`sources.reading.${value}`),
          description: t(`sources.reading.${value}.detail`),
        }))}
        onChange={({ detail }) => onChange({ reading: detail.value as SourceInput['reading'] })}
      />
      {reading === 'sample' && (
        <div className="stack">
          {missing.includes('sample') && <Alert type="error">{t('sources.missing.sample')}</Alert>}
          <FileSection
            picked={picked}
            look={draft.look}
            isLooking={draft.isFirstLook}
            format={draft.format}
            onPick={take}
            onFormat={draft.setFormat}
            isSample
          />
          <DraftFields
            sandbox={sandbox}
            draft={draft}
            hasTried={missing.includes('sample')}
            areMany={picked !== null}
            error={error}
          />
        </div>
      )}
      {reading === 'preset' && <Preset input={input} onChange={onChange} missing={missing} error={error} />}
    </SpaceBetween>
  );
}

function Preset({ input, onChange, missing, error }: Pick<Props, 'input' | 'onChange' | 'missing' | 'error'>) {
  const t = useT();
  const sources = useDataSources(useSandbox());
  const presets = PRESETS.map((value) => ({
    value,
    label: t(`sources.preset.${value}`),
    description: t(`sources.preset.${value}.detail`),
  }));
  const given = [
    { value: '', label: t('common.none') },
    ...sources.map(({ dataSourceId, name }) => ({ value: dataSourceId, label: name, description: dataSourceId })),
  ];
  return (
    <Container header={<Header variant="h2">{t('sources.reading.preset')}</Header>}>
      <SpaceBetween size="l">
        <FormField
          label={t('sources.preset')}
          errorText={missing.includes('preset') ? t('sources.missing') : errorAt(error, '/preset')}
        >
          <Select
            placeholder={t('sources.preset.choose')}
            selectedOption={presets.find(({ value }) => value === input.preset) ?? null}
            options={presets}
            onChange={({ detail }) => onChange({ preset: detail.selectedOption.value ?? '' })}
          />
        </FormField>
        {namesFiles(input.preset) && (
          <FormField
            label={t('sources.fileName')}
            description={t('sources.fileName.detail')}
            errorText={missing.includes('fileName') ? t('sources.missing') : errorAt(error, '/fileName')}
          >
            <Input
              value={input.fileName}
              placeholder="ftp_dpm_20914_1234_1445374061.sync"
              onChange={({ detail }) => onChange({ fileName: detail.value })}
            />
          </FormField>
        )}
        {sources.length > 0 && (
          <FormField
            label={t('sources.dataSource')}
            description={t('sources.dataSource.detail')}
            errorText={errorAt(error, '/dataSourceId')}
          >
            <Select
              filteringType="auto"
              selectedOption={given.find(({ value }) => value === (input.dataSourceId ?? '')) ?? null}
              options={given}
              onChange={({ detail }) => onChange({ dataSourceId: detail.selectedOption.value || null })}
            />
          </FormField>
        )}
        <Checkbox
          checked={input.createSegments}
          description={t('sources.createSegments.detail')}
          onChange={({ detail }) => onChange({ createSegments: detail.checked })}
        >
          {t('sources.createSegments')}
        </Checkbox>
      </SpaceBetween>
    </Container>
  );
}
