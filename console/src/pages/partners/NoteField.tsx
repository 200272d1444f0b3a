import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useT } from '../../i18n/messages';

/** `Note` of the API. */
const LONGEST = 1000;

interface Props {
  value: string;
  onChange: (value: string) => void;
  label?: string;
  description: string;
  errorText?: string | undefined;
}

/** A note takes no line breaks; where one is typed or pasted, a space stands. */
const oneLine = (text: string) => text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ');

/** A note that the partner reads too. */
export function NoteField({ value, onChange, label, description, errorText }: Props) {
  const t = useT();
  const length = [...value.trim()].length;
  return (
    <FormField
      stretch
      label={label ?? t('partners.note')}
      description={description}
      constraintText={t('partners.note.length', { length, longest: LONGEST })}
      errorText={length > LONGEST ? t('partners.note.tooLong', { longest: LONGEST }) : errorText}
    >
      <Textarea rows={3} value={value} onChange={({ detail }) => onChange(oneLine(detail.value))} />
    </FormField>
  );
}
