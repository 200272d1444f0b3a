import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { type SignIn, type SourceInput, settingsOf } from './input';

interface Props {
  input: SourceInput;
  onChange: (changes: Partial<SourceInput>) => void;
  error: unknown;
  missing: readonly string[];
  /** The secrets that are set, which stay as they are when nothing is entered. */
  keeps: readonly string[];
}

/** Where the files lie, and as whom Handfast reads them. */
export function SettingFields({ input, onChange, error, missing, keeps }: Props) {
  const t = useT();
  const { kind, settings, signIn } = input;
  const set = (name: string, value: string) => onChange({ settings: { ...settings, [name]: value } });
  return (
    <SpaceBetween size="l">
      {settingsOf(kind, signIn).map((setting) => {
        const { name } = setting;
        const isKept = keeps.includes(name);
        const value = settings[name] ?? '';
        const field = (
          <FormField
            key={name}
            label={
              setting.isRequired ? (
                t(`sources.field.${name}`)
              ) : (
                <>
                  {t(`sources.field.${name}`)} <i>– {t('sources.optional')}</i>
                </>
              )
            }
            description={t(`sources.field.${name}.detail`)}
            constraintText={isKept ? t('sources.secretKept') : undefined}
            errorText={missing.includes(name) ? t('sources.missing') : errorAt(error, `/settings/${name}`)}
          >
            {setting.kind === 'block' ? (
              <Textarea
                value={value}
                rows={4}
                spellcheck={false}
                autoComplete={false}
                disableBrowserAutocorrect
                onChange={({ detail }) => set(name, detail.value)}
              />
            ) : (
              <Input
                type={setting.kind === 'secret' ? 'password' : 'text'}
                inputMode={setting.kind === 'number' ? 'numeric' : 'text'}
                value={value}
                autoComplete={setting.kind === 'secret' ? 'new-password' : false}
                placeholder={setting.kind === 'text' || setting.kind === 'number' ? PLACEHOLDERS[name] : undefined}
                onChange={({ detail }) => set(name, detail.value)}
              />
            )}
          </FormField>
        );
        if (name !== 'userName') return field;
        return [
          field,
          <FormField key="signIn" label={t('sources.signIn')}>
            <RadioGroup
              value={signIn}
              items={(['privateKey', 'password'] as const).map((each) => ({
                value: each,
                label: t(`sources.field.${each}`),
              }))}
              onChange={({ detail }) => onChange({ signIn: detail.value as SignIn })}
            />
          </FormField>,
        ];
      })}
    </SpaceBetween>
  );
}

const PLACEHOLDERS: Record<string, string> = {
  bucket: 'example-exports',
  region: 'eu-west-1',
  prefix: 'audiences/',
  roleArn: 'arn:aws:iam::111122223333:role/handfast-source-exports',
  host: 'sftp.example.com',
  port: '22',
  hostKey: 'ssh-ed25519 AAAA…',
  directory: 'outgoing',
};
