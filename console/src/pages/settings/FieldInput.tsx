import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import Textarea from '@cloudscape-design/components/textarea';
import Toggle from '@cloudscape-design/components/toggle';
import { useT } from '../../i18n/messages';
import type { Field } from './fields';

interface Props {
  field: Field;
  value: string | boolean;
  error?: string;
  onChange: (value: string | boolean) => void;
}

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')].map((value) => ({
  value,
}));

/** One setting in a form, with what it does. */
export function FieldInput({ field, value, error, onChange }: Props) {
  const t = useT();
  const { name, kind } = field;
  return (
    <FormField
      label={t(`settings.${name}`)}
      description={t(`settings.${name}.effect`)}
      constraintText={kind === 'share' && name !== 'fastestGrowth' ? t('settings.percent.hint') : undefined}
      errorText={error}
    >
      <Entry field={field} value={value} onChange={onChange} />
    </FormField>
  );
}

function Entry({ field: { name, kind, options = [] }, value, onChange }: Omit<Props, 'error'>) {
  const t = useT();
  const text = String(value);
  if (kind === 'toggle')
    return (
      <Toggle checked={value === true} onChange={({ detail }) => onChange(detail.checked)}>
        {t(value ? 'settings.on' : 'settings.off')}
      </Toggle>
    );
  if (kind === 'choice')
    return (
      <RadioGroup
        value={text}
        items={options.map((option) => ({ value: option, label: t(`settings.${name}.${option}`) }))}
        onChange={({ detail }) => onChange(detail.value)}
      />
    );
  if (kind === 'zone')
    return (
      <Select
        selectedOption={{ value: text }}
        options={ZONES}
        filteringType="auto"
        virtualScroll
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
      />
    );
  if (kind === 'list')
    return (
      <Textarea value={text} rows={name === 'holidays' ? 6 : 2} onChange={({ detail }) => onChange(detail.value)} />
    );
  if (kind === 'text') return <Input value={text} onChange={({ detail }) => onChange(detail.value)} />;
  return (
    <Input
      value={text}
      inputMode={kind === 'integer' ? 'numeric' : 'decimal'}
      onChange={({ detail }) => onChange(detail.value)}
    />
  );
}
