import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tiles from '@cloudscape-design/components/tiles';
import { useIntl } from 'react-intl';
import { useCan, useSandbox } from '../../../api/me';
import { errorAt } from '../../../components/field-errors';
import { Moment } from '../../../components/Moment';
import { RouteLink } from '../../../components/RouteLink';
import { useT } from '../../../i18n/messages';
import { inSandbox } from '../../../paths';
import { kindOf } from '../kinds';
import { type Segment, useDataSources, useSandboxSettings } from '../queries';
import type { Choices, Mode, Platform } from './body';
import type { Delimiter, Format } from './mapping';

const MODES = ['delta', 'snapshot', 'suppression'] as const;
const PLATFORMS: Platform[] = ['adobe', 'google', 'meta', 'uid2', 'liveramp', 'snap', 'tiktok', 'x', 'amazon'];
const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;

interface Props {
  choices: Choices;
  onChange: (changes: Partial<Choices>) => void;
  /** Undefined while they are not known. */
  segments: Segment[] | undefined;
  /** Cells name segments: which of them are taken may be chosen. */
  maySelect: boolean;
  format: Format | null;
  /** A segment has to be chosen first. */
  isTargetMissing: boolean;
  error: unknown;
}

/** What the file does, and into which segment. */
export function ChoicesSection(props: Props) {
  const { choices, onChange, segments, maySelect, isTargetMissing, error } = props;
  const t = useT();
  const sandbox = useSandbox();
  const own = (segments ?? []).filter((segment) => kindOf(segment) === 'own');
  const options = own.map(({ segmentId, name }) => ({ value: segmentId, label: name, description: segmentId }));
  const isSuppression = choices.mode === 'suppression';
  const none = { value: '', label: t('segments.upload.segment.none') };
  const segmentOptions = choices.mode === 'snapshot' ? options : [none, ...options];
  return (
    <Container header={<Header variant="h2">{t('segments.upload.does')}</Header>}>
      <SpaceBetween size="l">
        <FormField label={t('segments.upload.mode')} errorText={errorAt(error, '/mode')} stretch>
          <Tiles
            value={choices.mode}
            columns={3}
            items={MODES.map((value) => ({
              value,
              label: t(`segments.mode.${value}`),
              description: t(`segments.mode.${value}.detail`),
            }))}
            onChange={({ detail }) => onChange({ mode: detail.value as Mode })}
          />
        </FormField>
        {!isSuppression && (
          <FormField
            label={t('segments.upload.segment')}
            description={t('segments.upload.segment.description')}
            errorText={isTargetMissing ? t('segments.upload.segment.missing') : errorAt(error, '/segmentId')}
            constraintText={
              segments &&
              own.length === 0 && (
                <RouteLink href={inSandbox(sandbox, 'segments/create')}>{t('segments.create')}</RouteLink>
              )
            }
          >
            <Select
              filteringType="auto"
              virtualScroll
              statusType={segments ? 'finished' : 'loading'}
              placeholder={t('segments.upload.segment.choose')}
              selectedOption={segmentOptions.find(({ value }) => value === (choices.segmentId ?? '')) ?? null}
              options={segmentOptions}
              onChange={({ detail }) => onChange({ segmentId: detail.selectedOption.value || null })}
            />
          </FormField>
        )}
        {maySelect && !isSuppression && (
          <FormField
            label={t('segments.upload.selected')}
            description={t('segments.upload.selected.description')}
            errorText={errorAt(error, '/segments')}
          >
            <Multiselect
              filteringType="auto"
              placeholder={t('segments.upload.selected.all')}
              options={options}
              selectedOptions={options.filter(({ value }) => choices.selected?.includes(value))}
              onChange={({ detail }) => {
                const selected = detail.selectedOptions.map(({ value }) => value ?? '');
                onChange({ selected: selected.length ? selected : null });
              }}
            />
          </FormField>
        )}
        <More {...props} />
      </SpaceBetween>
    </Container>
  );
}

function More({ choices, onChange, format, error }: Props) {
  const t = useT();
  const intl = useIntl();
  const sandbox = useSandbox();
  const isAllowed = useCan()('governance:read');
  const settings = useSandboxSettings(sandbox).data?.value.settings;
  const sources = useDataSources(sandbox);
  const sourceOptions = [
    { value: '', label: t('segments.upload.source.none') },
    ...sources.map(({ dataSourceId, name }) => ({
      value: dataSourceId,
      label: name,
      description: dataSourceId,
    })),
  ];
  const percent = (share: number | undefined) => intl.formatNumber(share ?? 0, { style: 'percent' });
  const isSuppression = choices.mode === 'suppression';
  const delimiters = [
    { value: '', label: t('segments.delimiter.auto') },
    ...Object.entries(DELIMITERS).map(([name, value]) => ({ value, label: t(`segments.delimiter.${name}`) })),
  ];
  const box = (
    name:
      | 'allowRemoval'
      | 'allowRejects'
      | 'rejectsNameProfiles'
      | 'allowOverEntitlement'
      | 'clearBlanks'
      | 'replaceIdentities',
  ) => (
    <Checkbox
      checked={choices[name]}
      onChange={({ detail }) => onChange({ [name]: detail.checked })}
      description={t(`segments.upload.${name}.detail`, {
        removal: percent(settings?.removalGuard),
        rejects: percent(settings?.rejectGuard),
      })}
    >
      {t(`segments.upload.${name}`)}
    </Checkbox>
  );
  return (
    <ExpandableSection headerText={t('segments.upload.more')} headerDescription={t('segments.upload.more.description')}>
      <SpaceBetween size="l">
        <FormField label={t('segments.upload.guards')} description={t('segments.upload.guards.description')}>
          <SpaceBetween size="s">
            {box('allowRejects')}
            {!isSuppression && box('allowRemoval')}
            {settings?.profileEntitlement != null && box('allowOverEntitlement')}
          </SpaceBetween>
        </FormField>
        {box('rejectsNameProfiles')}
        {!isSuppression && (
          <FormField label={t('segments.upload.cells')}>
            <SpaceBetween size="s">
              {box('clearBlanks')}
              {box('replaceIdentities')}
            </SpaceBetween>
          </FormField>
        )}
        {!isSuppression && (
          <FormField
            label={t('segments.upload.renderings')}
            description={t('segments.upload.renderings.description')}
            errorText={errorAt(error, '/renderings')}
          >
            <Multiselect
              placeholder={t('segments.upload.renderings.none')}
              options={PLATFORMS.map((value) => ({ value, label: t(`segments.platform.${value}`) }))}
              selectedOptions={choices.renderings.map((value) => ({ value, label: t(`segments.platform.${value}`) }))}
              onChange={({ detail }) =>
                onChange({ renderings: detail.selectedOptions.map(({ value }) => value as Platform) })
              }
            />
          </FormField>
        )}
        {!isSuppression && isAllowed && (
          <FormField
            label={t('segments.dataSource')}
            description={t('segments.upload.source.description')}
            errorText={errorAt(error, '/dataSourceId')}
          >
            <Select
              filteringType="auto"
              selectedOption={sourceOptions.find(({ value }) => value === (choices.dataSourceId ?? '')) ?? null}
              options={sourceOptions}
              onChange={({ detail }) => onChange({ dataSourceId: detail.selectedOption.value || null })}
            />
          </FormField>
        )}
        <Moment
          label={t('segments.upload.extracted')}
          description={t('segments.upload.extracted.description')}
          constraint={t('segments.upload.extracted.local')}
          error={errorAt(error, '/asOf')}
          value={choices.extracted}
          onChange={(extracted) => onChange({ extracted })}
        />
        <FormField label={t('segments.upload.region')}>
          {settings?.phoneRegion
            ? t('segments.upload.region.is', {
                region: intl.formatDisplayName(settings.phoneRegion, { type: 'region' }) ?? settings.phoneRegion,
              })
            : t('segments.upload.region.none')}
        </FormField>
        {format === 'csv' && (
          <FormField label={t('segments.delimiter')} errorText={errorAt(error, '/dialect/delimiter')}>
            <Select
              selectedOption={delimiters.find(({ value }) => value === (choices.delimiter ?? '')) ?? null}
              options={delimiters}
              onChange={({ detail }) => onChange({ delimiter: (detail.selectedOption.value || null) as Delimiter })}
            />
          </FormField>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}
