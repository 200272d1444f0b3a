import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { FormPage } from '../../components/FormPage';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { SettingField } from './SettingField';
import type { Schema, Settings } from './settings';

interface Props {
  title: string;
  submit: string;
  /** What stands above the fields, such as the choice of the type. */
  children?: ReactNode;
  schema: Schema | null;
  /** The secrets that are set. */
  secrets?: readonly string[];
  name: string;
  settings: Settings;
  onName: (name: string) => void;
  onSettings: (settings: Settings) => void;
  error: unknown;
  isPending: boolean;
  onSubmit: () => void;
  back: string;
}

/** The form that sets up a connector or changes it; its fields are those of the type's schema. */
export function ConnectorForm(props: Props) {
  const { title, submit, children, schema, secrets = [], name, settings, error, isPending, back } = props;
  const t = useT();
  const properties = Object.entries(schema?.properties ?? {});
  return (
    <FormPage
      title={title}
      description={t('privacy.connectors.form.description')}
      submit={submit}
      error={error}
      fields={['/name', ...properties.map(([each]) => `/settings/${each}`)]}
      isPending={isPending}
      onSubmit={props.onSubmit}
      back={back}
      isDisabled={!schema}
    >
      {children}
      {schema && (
        <Container header={<Header variant="h2">{t('privacy.connectors.settings')}</Header>}>
          <SpaceBetween size="l">
            <FormField
              label={t('privacy.connectors.name')}
              description={t('privacy.connectors.name.description')}
              errorText={errorAt(error, '/name')}
            >
              <Input value={name} onChange={({ detail }) => props.onName(detail.value)} />
            </FormField>
            {properties.map(([each, field]) => (
              <SettingField
                key={each}
                name={each}
                pointer={`/settings/${each}`}
                schema={field}
                defs={schema.$defs ?? {}}
                value={settings[each]}
                error={error}
                isRequired={schema.required?.includes(each) ?? false}
                isSet={secrets.includes(each)}
                onChange={(value) => props.onSettings({ ...settings, [each]: value })}
              />
            ))}
          </SpaceBetween>
        </Container>
      )}
    </FormPage>
  );
}
