import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { FormPage } from '../../components/FormPage';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { settingsKey } from './queries';

type Body = Schemas['DefineNamespace'];
const DROP_LISTS = ['CTVID', 'NDZ', 'NameVIN'] as const;
const FIELDS = ['/namespace', '/name', '/kind', '/minLength', '/maxLength', '/dropList'];
const lengthOf = (text: string) => (text.trim() ? Number(text) : null);

export default function DefineNamespace() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const back = inSandbox(sandbox, 'settings');
  const title = t('settings.namespaces.define');
  const [body, setBody] = useState<Body>({ namespace: '', name: '', kind: 'text' });
  const [lengths, setLengths] = useState({ shortest: '', longest: '' });
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [{ text: t('settings.title'), href: back }, { text: title }],
  });
  const define = useAction(
    (input: Body, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/namespaces', { params: { path: { sandbox } }, body: input, headers: once }),
      ),
    { invalidates: [settingsKey(sandbox)] },
  );
  const isText = body.kind === 'text';
  const submit = () => {
    const { shortest, longest } = lengths;
    const ofText = isText ? { minLength: lengthOf(shortest), maxLength: lengthOf(longest) } : {};
    define.mutate(
      { ...body, namespace: body.namespace.trim(), name: body.name.trim(), ...ofText },
      {
        onSuccess: ({ namespace }) => {
          flash.success(t('settings.namespaces.defined', { namespace }));
          void navigate(back);
        },
      },
    );
  };
  const lists = [
    { value: '', label: t('settings.namespaces.dropList.none') },
    ...DROP_LISTS.map((value) => ({ value, label: t(`settings.namespaces.dropList.${value}`) })),
  ];
  return (
    <FormPage
      title={title}
      description={t('settings.namespaces.description')}
      submit={title}
      error={define.error}
      fields={FIELDS}
      isPending={define.isPending}
      onSubmit={submit}
      back={back}
    >
      <Container>
        <SpaceBetween size="l">
          <FormField
            label={t('settings.namespaces.symbol')}
            constraintText={t('settings.namespaces.symbol.constraint')}
            errorText={errorAt(define.error, '/namespace')}
          >
            <Input value={body.namespace} onChange={({ detail }) => setBody({ ...body, namespace: detail.value })} />
          </FormField>
          <FormField label={t('settings.namespaces.name')} errorText={errorAt(define.error, '/name')}>
            <Input value={body.name} onChange={({ detail }) => setBody({ ...body, name: detail.value })} />
          </FormField>
          <FormField
            label={t('settings.namespaces.kind')}
            description={t('settings.namespaces.kind.effect')}
            errorText={errorAt(define.error, '/kind')}
          >
            <RadioGroup
              value={body.kind}
              items={(['text', 'sha256'] as const).map((value) => ({
                value,
                label: t(`settings.namespaces.kind.${value}`),
              }))}
              onChange={({ detail }) => setBody({ ...body, kind: detail.value as Body['kind'] })}
            />
          </FormField>
          {isText && (
            <ColumnLayout columns={2}>
              <FormField
                label={t('settings.namespaces.minLength')}
                description={t('settings.namespaces.length.effect')}
                errorText={errorAt(define.error, '/minLength')}
              >
                <Input
                  value={lengths.shortest}
                  inputMode="numeric"
                  onChange={({ detail }) => setLengths({ ...lengths, shortest: detail.value })}
                />
              </FormField>
              <FormField
                label={t('settings.namespaces.maxLength')}
                description={t('settings.namespaces.length.effect')}
                errorText={errorAt(define.error, '/maxLength')}
              >
                <Input
                  value={lengths.longest}
                  inputMode="numeric"
                  onChange={({ detail }) => setLengths({ ...lengths, longest: detail.value })}
                />
              </FormField>
            </ColumnLayout>
          )}
          <FormField
            label={t('settings.namespaces.dropList')}
            description={t('settings.namespaces.dropList.effect')}
            errorText={errorAt(define.error, '/dropList')}
          >
            <Select
              selectedOption={lists.find(({ value }) => value === (body.dropList ?? '')) ?? null}
              options={lists}
              onChange={({ detail }) =>
                setBody({ ...body, dropList: (detail.selectedOption.value || null) as Body['dropList'] })
              }
            />
          </FormField>
        </SpaceBetween>
      </Container>
    </FormPage>
  );
}
