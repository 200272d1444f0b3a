import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { blankOf, kindOf, presentOf, resolved, type Schema, type Settings, valuesOf } from './settings';

interface Props {
  name: string;
  /** Where it stands in the body, such as `/settings/domain`. */
  pointer: string;
  schema: Schema;
  defs: Record<string, Schema>;
  value: unknown;
  onChange: (value: unknown) => void;
  error: unknown;
  isRequired?: boolean;
  /** A secret of it is set. */
  isSet?: boolean;
}

/** One setting, asked for as its JSON schema says. */
export function SettingField(props: Props) {
  const t = useT();
  const schema = resolved(props.schema, props.defs);
  const { name, pointer, value, onChange, error, isRequired = true, isSet = false } = props;
  const kind = kindOf(schema);
  const title = schema.title ?? name;
  const label = isRequired ? title : t('privacy.setting.optional', { title });
  const text = typeof value === 'string' ? value : '';
  const inner = { ...props, schema };
  if (kind === 'object' || kind === 'list' || kind === 'map' || kind === 'optional')
    return (
      <div>
        <Box variant="awsui-key-label">{label}</Box>
        {schema.description && <Box color="text-body-secondary">{schema.description}</Box>}
        {kind === 'object' && <ObjectFields {...inner} />}
        {kind === 'list' && <ListFields {...inner} />}
        {kind === 'map' && <MapFields {...inner} />}
        {kind === 'optional' && <OptionalField {...inner} />}
      </div>
    );
  const fallback = schema.default ? t('privacy.setting.default', { value: String(schema.default) }) : undefined;
  return (
    <FormField
      label={label}
      description={schema.description}
      constraintText={kind === 'secret' ? t(isSet ? 'privacy.secret.set' : 'privacy.secret') : fallback}
      errorText={errorAt(error, pointer)}
    >
      {kind === 'text' && <Input value={text} autoComplete={false} onChange={({ detail }) => onChange(detail.value)} />}
      {kind === 'secret' && (
        <Input
          type="password"
          value={text}
          autoComplete={false}
          placeholder={isSet ? '••••••••' : ''}
          onChange={({ detail }) => onChange(detail.value)}
        />
      )}
      {kind === 'lines' && (
        <Textarea value={text} rows={4} spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
      )}
      {kind === 'choice' && (
        <Select
          selectedOption={value ? { value: text, label: text } : null}
          options={(schema.enum ?? []).map((each) => ({ value: each, label: each }))}
          onChange={({ detail }) => onChange(detail.selectedOption.value)}
        />
      )}
      {kind === 'json' && <JsonField value={value} onChange={onChange} />}
    </FormField>
  );
}

function ObjectFields({ schema, defs, pointer, value, onChange, error }: Props) {
  const held = (value ?? {}) as Settings;
  return (
    <div className="nested">
      <SpaceBetween size="m">
        {Object.entries(schema.properties ?? {}).map(([name, each]) => (
          <SettingField
            key={name}
            name={name}
            pointer={`${pointer}/${name}`}
            schema={each}
            defs={defs}
            value={held[name]}
            error={error}
            isRequired={schema.required?.includes(name) ?? false}
            onChange={(changed) => onChange({ ...held, [name]: changed })}
          />
        ))}
      </SpaceBetween>
    </div>
  );
}

function OptionalField({ schema, value, onChange, ...rest }: Props) {
  const t = useT();
  const present = resolved(presentOf(schema) ?? {}, rest.defs);
  const isThere = value !== null && value !== undefined;
  return (
    <SpaceBetween size="s">
      <Checkbox
        checked={isThere}
        onChange={({ detail }) => onChange(detail.checked ? blankOf(present, rest.defs) : null)}
      >
        {t('privacy.setting.use', { title: schema.title ?? rest.name })}
      </Checkbox>
      {isThere && (
        <SettingField
          {...rest}
          schema={{ ...present, title: schema.title ?? rest.name }}
          value={value}
          onChange={onChange}
          isRequired
        />
      )}
    </SpaceBetween>
  );
}

function ListFields({ schema, defs, name, pointer, value, onChange, error }: Props) {
  const t = useT();
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  const each = schema.items ?? {};
  return (
    <SpaceBetween size="s">
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an entry is known by its place alone
        <div key={at} className="nested">
          <SettingField
            name={`${name} ${at + 1}`}
            pointer={`${pointer}/${at}`}
            schema={{ ...resolved(each, defs), title: t('privacy.setting.entry', { number: at + 1 }) }}
            defs={defs}
            value={item}
            error={error}
            onChange={(changed) => onChange(items.map((other, place) => (place === at ? changed : other)))}
          />
          <Button
            formAction="none"
            variant="inline-link"
            onClick={() => onChange(items.filter((_, place) => place !== at))}
          >
            {t('privacy.setting.remove', { number: at + 1 })}
          </Button>
        </div>
      ))}
      <Button formAction="none" iconName="add-plus" onClick={() => onChange([...items, blankOf(each, defs)])}>
        {t('privacy.setting.add')}
      </Button>
    </SpaceBetween>
  );
}

function MapFields({ schema, defs, pointer, value, onChange, error }: Props) {
  const t = useT();
  const entries = Object.entries((value ?? {}) as Settings);
  const each = valuesOf(schema) ?? {};
  const [name, setName] = useState('');
  const add = () => {
    onChange({ ...(value as Settings), [name.trim()]: blankOf(each, defs) });
    setName('');
  };
  return (
    <SpaceBetween size="s">
      {entries.map(([key, held]) => (
        <div key={key} className="nested">
          <SettingField
            name={key}
            pointer={`${pointer}/${key}`}
            schema={{ ...resolved(each, defs), title: key, description: undefined }}
            defs={defs}
            value={held}
            error={error}
            onChange={(changed) => onChange({ ...(value as Settings), [key]: changed })}
          />
          <Button
            formAction="none"
            variant="inline-link"
            onClick={() => onChange(Object.fromEntries(entries.filter(([other]) => other !== key)))}
          >
            {t('privacy.setting.removeName', { name: key })}
          </Button>
        </div>
      ))}
      <FormField
        label={t('privacy.setting.name')}
        secondaryControl={
          <Button formAction="none" disabled={!name.trim()} onClick={add}>
            {t('privacy.setting.add')}
          </Button>
        }
      >
        <Input value={name} autoComplete={false} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </SpaceBetween>
  );
}

/** A body that a system is sent, written as JSON because it is JSON there. */
function JsonField({ value, onChange }: Pick<Props, 'value' | 'onChange'>) {
  const t = useT();
  const [text, setText] = useState(() => (value === null || value === undefined ? '' : JSON.stringify(value, null, 2)));
  const [isWrong, setWrong] = useState(false);
  return (
    <>
      <Textarea
        value={text}
        rows={5}
        spellcheck={false}
        invalid={isWrong}
        placeholder={t('privacy.setting.json')}
        onChange={({ detail }) => {
          setText(detail.value);
          try {
            onChange(detail.value.trim() ? JSON.parse(detail.value) : null);
            setWrong(false);
          } catch {
            setWrong(true);
          }
        }}
      />
      {isWrong && (
        <Box color="text-status-error" fontSize="body-s">
          {t('privacy.setting.json.wrong')}
        </Box>
      )}
    </>
  );
}
