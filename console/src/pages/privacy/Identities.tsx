import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from 'handfast-client';
import { useSandbox } from '../../api/me';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { useOwnNamespaces, useReference } from './queries';

const MOST = 50;
const SOURCE_IDS = ['profile_id', 'extern_id'];

export interface Identity {
  namespace: string;
  value: string;
  format: NonNullable<Schemas['SubjectIdentity']['format']>;
}

export const NO_IDENTITY: Identity = { namespace: '', value: '', format: 'raw' };

interface Props {
  identities: Identity[];
  onChange: (identities: Identity[]) => void;
  error: unknown;
}

/** Whom a request is about: one line for each identity that the person has given. */
export function Identities({ identities, onChange, error }: Props) {
  const t = useT();
  const { options, hashed } = useNamespaceOptions();
  const set = (at: number, changes: Partial<Identity>) =>
    onChange(identities.map((identity, place) => (place === at ? { ...identity, ...changes } : identity)));
  return (
    <SpaceBetween size="m">
      {identities.map((identity, at) => {
        const field = `/subject/identities/${at}`;
        const formats = (['raw', 'sha256'] as const).map((value) => ({
          value,
          label: t(`privacy.format.${value}`),
          description: t(`privacy.format.${value}.detail`),
        }));
        const whole = errorAt(error, field);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its place alone
          <Grid key={at} gridDefinition={[{ colspan: 4 }, { colspan: 4 }, { colspan: 3 }, { colspan: 1 }]}>
            <FormField label={t('privacy.namespace')} errorText={errorAt(error, `${field}/namespace`)} stretch>
              <Select
                selectedOption={
                  options.flatMap((group) => group.options).find(({ value }) => value === identity.namespace) ?? null
                }
                options={options}
                placeholder={t('privacy.namespace.choose')}
                onChange={({ detail }) => {
                  const namespace = detail.selectedOption.value ?? '';
                  set(at, { namespace, ...(hashed.has(namespace) ? {} : { format: 'raw' }) });
                }}
              />
            </FormField>
            <FormField
              label={t('privacy.value')}
              errorText={errorAt(error, `${field}/value`) ?? (errorAt(error, `${field}/namespace`) ? undefined : whole)}
              stretch
            >
              <Input
                value={identity.value}
                autoComplete={false}
                spellcheck={false}
                onChange={({ detail }) => set(at, { value: detail.value })}
              />
            </FormField>
            <FormField label={t('privacy.format')} stretch>
              <Select
                selectedOption={formats.find(({ value }) => value === identity.format) ?? null}
                options={formats}
                disabled={!hashed.has(identity.namespace)}
                onChange={({ detail }) => set(at, { format: detail.selectedOption.value as Identity['format'] })}
              />
            </FormField>
            <div className="remove">
              {identities.length > 1 && (
                <Button
                  iconName="close"
                  variant="icon"
                  formAction="none"
                  ariaLabel={t('privacy.identity.remove', { number: at + 1 })}
                  onClick={() => onChange(identities.filter((_, place) => place !== at))}
                />
              )}
            </div>
          </Grid>
        );
      })}
      <Button
        formAction="none"
        iconName="add-plus"
        disabled={identities.length >= MOST}
        onClick={() => onChange([...identities, NO_IDENTITY])}
      >
        {t('privacy.identity.add')}
      </Button>
    </SpaceBetween>
  );
}

function useNamespaceOptions() {
  const t = useT();
  const standard = useReference('namespaces').data?.value.items ?? [];
  const own = (useOwnNamespaces(useSandbox()).data?.value.items ?? []).filter(({ status }) => status === 'active');
  const options = [
    {
      label: t('privacy.namespaces.standard'),
      options: standard.map(({ code, name, description }) => ({ value: code, label: name, description })),
    },
    {
      label: t('privacy.namespaces.source'),
      options: SOURCE_IDS.map((value) => ({ value, label: t(`privacy.namespace.${value}`) })),
    },
    {
      label: t('privacy.namespaces.own'),
      options: own.map(({ namespace, name }) => ({ value: namespace, label: name, description: namespace })),
    },
  ].filter((group) => group.options.length > 0);
  const hashed = new Set([
    ...standard.filter(({ valueForm }) => valueForm === 'sha256').map(({ code }) => code),
    ...own.filter(({ kind }) => kind === 'sha256').map(({ namespace }) => namespace),
  ]);
  return { options, hashed };
}
