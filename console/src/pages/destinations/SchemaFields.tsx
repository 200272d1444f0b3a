import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Toggle from '@cloudscape-design/components/toggle';
import { useIntl } from 'react-intl';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { type Draft, type Entry, type Field, isShown } from './schema-form';

interface Props {
  fields: Field[];
  draft: Draft;
  onChange: (draft: Draft) => void;
  error: unknown;
  /** Where the API's errors point: `/settings` or `/authentication`. */
  pointer: string;
  /** The secrets that are set, which stay as they are when nothing is entered. */
  keeps?: readonly string[];
}

/** The fields of a JSON schema: those that the choices made so far ask for. */
export function SchemaFields({ fields, draft, onChange, error, pointer, keeps = [] }: Props) {
  const t = useT();
  const words = useFieldWords();
  return (
    <SpaceBetween size="l">
      {fields
        .filter((field) => isShown(field, draft))
        .map((field) => {
          const label = words.title(field);
          const help = field.help && <span lang="en">{field.help}</span>;
          if (field.kind === 'boolean')
            return (
              <FormField key={field.name} errorText={errorAt(error, `${pointer}/${field.name}`)}>
                <Toggle
                  checked={draft[field.name] === true}
                  description={help}
                  onChange={({ detail }) => onChange({ ...draft, [field.name]: detail.checked })}
                >
                  {label}
                </Toggle>
              </FormField>
            );
          const isOptional = !field.isRequired && !field.onlyWith && field.kind !== 'choice';
          return (
            <FormField
              key={field.name}
              label={
                isOptional ? (
                  <>
                    {label} <i>– {t('destinations.form.optional')}</i>
                  </>
                ) : (
                  label
                )
              }
              description={help}
              constraintText={keeps.includes(field.name) ? t('destinations.form.secretKept') : words.range(field)}
              errorText={errorAt(error, `${pointer}/${field.name}`)}
            >
              <Control
                field={field}
                entry={draft[field.name] ?? ''}
                onChange={(entry) => onChange({ ...draft, [field.name]: entry })}
              />
            </FormField>
          );
        })}
    </SpaceBetween>
  );
}

interface ControlProps {
  field: Field;
  entry: Entry;
  onChange: (entry: Entry) => void;
}

function Control({ field, entry, onChange }: ControlProps) {
  const t = useT();
  const words = useFieldWords();
  const text = typeof entry === 'string' ? entry : '';
  switch (field.kind) {
    case 'choice': {
      const blank = field.fallback === null ? [{ value: '', label: t('destinations.form.unsaid') }] : [];
      const options = [...blank, ...field.options.map((value) => ({ value, label: words.option(value) }))];
      return (
        <Select
          selectedOption={options.find(({ value }) => value === text) ?? null}
          options={options}
          onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
        />
      );
    }
    case 'map':
      return <Pairs pairs={Array.isArray(entry) ? entry : []} onChange={onChange} />;
    case 'block':
      return (
        <Textarea
          className="veiled"
          value={text}
          rows={4}
          spellcheck={false}
          autoComplete={false}
          disableBrowserAutocorrect
          onChange={({ detail }) => onChange(detail.value)}
        />
      );
    default:
      return (
        <Input
          type={field.kind === 'secret' ? 'password' : field.kind === 'number' ? 'number' : 'text'}
          value={text}
          // A browser fills no saved password of the person's into a system's secret.
          autoComplete={field.kind === 'secret' ? 'new-password' : false}
          onChange={({ detail }) => onChange(detail.value)}
        />
      );
  }
}

function Pairs({ pairs, onChange }: { pairs: [string, string][]; onChange: (pairs: [string, string][]) => void }) {
  const t = useT();
  const put = (at: number, pair: [string, string]) => onChange(pairs.map((old, index) => (index === at ? pair : old)));
  return (
    <AttributeEditor
      items={pairs}
      addButtonText={t('destinations.form.addPair')}
      removeButtonText={t('destinations.form.removePair')}
      empty={t('destinations.form.noPairs')}
      onAddButtonClick={() => onChange([...pairs, ['', '']])}
      onRemoveButtonClick={({ detail }) => onChange(pairs.filter((_, at) => at !== detail.itemIndex))}
      definition={[
        {
          label: t('destinations.form.pairName'),
          control: ([name, value], at) => (
            <Input value={name} onChange={({ detail }) => put(at, [detail.value, value])} />
          ),
        },
        {
          label: t('destinations.form.pairValue'),
          control: ([name, value], at) => (
            <Input value={value} onChange={({ detail }) => put(at, [name, detail.value])} />
          ),
        },
      ]}
    />
  );
}

/** The console's words for fields and choices of the types that it knows, else those of the schema. */
export function useFieldWords() {
  const t = useT();
  const { messages } = useIntl();
  const known = (key: string, otherwise: string) => (key in messages ? t(key) : otherwise);
  return {
    title: ({ name, title }: Pick<Field, 'name' | 'title'>) => known(`destinations.field.${name}`, title),
    option: (value: string) => known(`destinations.option.${value}`, value),
    range: ({ minimum, maximum }: Field) =>
      minimum === undefined || maximum === undefined ? undefined : t('destinations.form.range', { minimum, maximum }),
  };
}
