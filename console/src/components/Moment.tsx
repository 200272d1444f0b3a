import DateInput from '@cloudscape-design/components/date-input';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TimeInput from '@cloudscape-design/components/time-input';
import { useT } from '../i18n/messages';

export interface MomentValue {
  day: string;
  time: string;
}

/** The moment of a day and a clock time where the person is, as the API takes it; null while the day is not whole. */
export function momentOf(day: string, time: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  const clock = /^\d{2}:\d{2}$/.test(time) ? time : '00:00';
  const moment = new Date(`${day}T${clock}:00`);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}

interface Props {
  label: string;
  description?: string;
  constraint: string;
  error?: string | undefined;
  value: MomentValue;
  onChange: (value: MomentValue) => void;
}

/** A day and a time of it, in the reader's time zone. */
export function Moment({ label, description, constraint, error, value, onChange }: Props) {
  const t = useT();
  return (
    <FormField label={label} description={description} constraintText={constraint} errorText={error}>
      <SpaceBetween direction="horizontal" size="xs">
        <DateInput
          value={value.day}
          placeholder="YYYY/MM/DD"
          onChange={({ detail }) => onChange({ ...value, day: detail.value })}
        />
        <TimeInput
          ariaLabel={t('moment.clock', { what: label })}
          format="hh:mm"
          placeholder="hh:mm"
          value={value.time}
          onChange={({ detail }) => onChange({ ...value, time: detail.value })}
        />
      </SpaceBetween>
    </FormField>
  );
}
