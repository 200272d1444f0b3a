import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TimeInput from '@cloudscape-design/components/time-input';
import { useIntl } from 'react-intl';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import type { SourceInput } from './input';
import { everyWords } from './words';

const EVERY = [5, 15, 30, 60, 120, 180, 360, 720, 1440, 10_080];
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')].map((value) => ({
  value,
}));

interface Props {
  input: SourceInput;
  onChange: (changes: Partial<SourceInput>) => void;
  /** All files are always taken as one. */
  isWhole: boolean;
  missing: readonly string[];
  error: unknown;
}

/** When a source is run by itself, and which files a run takes. */
export function ScheduleStep({ input, onChange, isWhole, missing, error }: Props) {
  const t = useT();
  const intl = useIntl();
  const every = [...new Set([...EVERY, input.everyMinutes])]
    .sort((one, other) => one - other)
    .map((minutes) => ({ value: String(minutes), label: everyWords(intl, minutes) }));
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{t('sources.schedule')}</Header>}>
        <SpaceBetween size="l">
          <FormField label={t('sources.when')} errorText={errorAt(error, '/schedule')}>
            <RadioGroup
              value={input.when}
              items={(['daily', 'every', 'hand'] as const).map((value) => ({
                value,
                label: t(`sources.when.${value}`),
              }))}
              onChange={({ detail }) => onChange({ when: detail.value as SourceInput['when'] })}
            />
          </FormField>
          {input.when === 'every' && (
            <FormField label={t('sources.every')} errorText={errorAt(error, '/schedule/everyMinutes')}>
              <Select
                selectedOption={every.find(({ value }) => value === String(input.everyMinutes)) ?? null}
                options={every}
                onChange={({ detail }) => onChange({ everyMinutes: Number(detail.selectedOption.value) })}
              />
            </FormField>
          )}
          {input.when === 'daily' && (
            <SpaceBetween size="l">
              <FormField
                label={t('sources.timeOfDay')}
                errorText={
                  missing.includes('timeOfDay') ? t('sources.missing.time') : errorAt(error, '/schedule/timeOfDay')
                }
              >
                <TimeInput
                  value={input.timeOfDay}
                  format="hh:mm"
                  placeholder="hh:mm"
                  onChange={({ detail }) => onChange({ timeOfDay: detail.value })}
                />
              </FormField>
              <FormField label={t('sources.timeZone')} errorText={errorAt(error, '/schedule/timeZone')}>
                <Select
                  filteringType="auto"
                  virtualScroll
                  selectedOption={{ value: input.timeZone }}
                  options={ZONES}
                  onChange={({ detail }) => onChange({ timeZone: detail.selectedOption.value ?? 'UTC' })}
                />
              </FormField>
            </SpaceBetween>
          )}
          {input.kind !== 'sftp' && (
            <Checkbox
              checked={input.onEvents}
              description={t('sources.onEvents.detail')}
              onChange={({ detail }) => onChange({ onEvents: detail.checked })}
            >
              {t('sources.onEvents')}
            </Checkbox>
          )}
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">{t('sources.takes')}</Header>}>
        {isWhole ? (
          t(`sources.takes.whole.${input.kind === 'delta' || input.kind === 'iceberg' ? 'table' : 'snapshot'}`)
        ) : (
          <FormField label={t('sources.takes.label')} errorText={errorAt(error, '/takes')} stretch>
            <RadioGroup
              value={input.takes}
              items={(['new', 'all'] as const).map((value) => ({
                value,
                label: t(`sources.takes.${value}`),
                description: t(`sources.takes.${value}.detail`),
              }))}
              onChange={({ detail }) => onChange({ takes: detail.value as SourceInput['takes'] })}
            />
          </FormField>
        )}
      </Container>
    </SpaceBetween>
  );
}
