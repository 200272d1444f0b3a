import DateRangePicker from '@cloudscape-design/components/date-range-picker';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import Token from '@cloudscape-design/components/token';
import { useT } from '../../i18n/messages';
import { daysOf, familyOf, type LogFilter, timesOf } from './filter';
import { type ActivityRecord, useEventTypes } from './queries';
import { useWords } from './words';

interface Props {
  filter: LogFilter;
  records: readonly ActivityRecord[];
  onChange: (change: LogFilter) => void;
}

const KINDS = ['principal', 'partner', 'system', 'operator'] as const;

/** What of the log is shown, as the API filters it. */
export function Filters({ filter, records, onChange }: Props) {
  const t = useT();
  const any = { value: '', label: t('activity.filter.any') };
  const types = useTypeOptions();
  const people = new Map(
    records.flatMap(({ actor: { kind, id, name } }) =>
      kind === 'principal' && id ? [[id, { value: id, label: name ?? id }]] : [],
    ),
  );
  if (filter.actor && !people.has(filter.actor) && !KINDS.some((kind) => kind === filter.actor))
    people.set(filter.actor, { value: filter.actor, label: filter.actor });
  const kinds = KINDS.map((value) => ({ value, label: t(`activity.actor.${value}`) }));
  const chosen = (options: SelectProps.Option[], value = '') =>
    [any, ...options].find((option) => option.value === value) ?? { value, label: value };
  return (
    <div className="filters">
      <Select
        inlineLabelText={t('activity.filter.type')}
        selectedOption={chosen(
          types.flatMap(({ options }) => options),
          filter.type,
        )}
        options={[any, ...types]}
        filteringType="auto"
        onChange={({ detail }) => onChange({ type: detail.selectedOption.value })}
      />
      <Select
        inlineLabelText={t('activity.filter.actor')}
        selectedOption={chosen([...kinds, ...people.values()], filter.actor)}
        options={[
          any,
          { label: t('activity.filter.actors'), options: kinds },
          ...(people.size > 0 ? [{ label: t('activity.filter.people'), options: [...people.values()] }] : []),
        ]}
        onChange={({ detail }) => onChange({ actor: detail.selectedOption.value })}
      />
      <Days filter={filter} onChange={onChange} />
      {filter.subject && (
        <Token
          label={t('activity.filter.subject', { subject: filter.subject })}
          dismissLabel={t('activity.filter.subject.clear')}
          onDismiss={() => onChange({ subject: undefined })}
        />
      )}
    </div>
  );
}

function Days({ filter, onChange }: Pick<Props, 'filter' | 'onChange'>) {
  const t = useT();
  const days = daysOf(filter);
  return (
    <DateRangePicker
      dateOnly
      rangeSelectorMode="absolute-only"
      relativeOptions={[]}
      value={days && { type: 'absolute', ...days }}
      placeholder={t('activity.filter.time.any')}
      isValidRange={(range) =>
        range === null || (range.type === 'absolute' && range.startDate && range.startDate <= range.endDate)
          ? { valid: true }
          : { valid: false, errorMessage: t('activity.filter.time.invalid') }
      }
      i18nStrings={{
        ariaLabel: t('activity.filter.time'),
        startDateLabel: t('activity.filter.time.from'),
        endDateLabel: t('activity.filter.time.to'),
      }}
      onChange={({ detail }) =>
        onChange(detail.value?.type === 'absolute' ? timesOf(detail.value) : { from: undefined, to: undefined })
      }
    />
  );
}

function useTypeOptions() {
  const t = useT();
  const { event, family } = useWords();
  const codes = useEventTypes().data?.value.items.map(({ code }) => code) ?? [];
  return [...new Set(codes.map(familyOf))].map((name) => ({
    label: family(name),
    options: [
      { value: `${name}.*`, label: `${family(name)}: ${t('activity.filter.family')}` },
      ...codes
        .filter((code) => familyOf(code) === name)
        .map((code) => ({ value: code, label: event(code), tags: [code] })),
    ],
  }));
}
