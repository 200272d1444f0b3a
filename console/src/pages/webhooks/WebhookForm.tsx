import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { FormPage } from '../../components/FormPage';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { ALL, familiesOf, withoutCovered } from './events';
import { useEventTypes } from './queries';

export interface WebhookInput {
  url: string;
  types: string[];
}

interface Props {
  title: string;
  submit: string;
  initial: WebhookInput;
  error: unknown;
  isPending: boolean;
  onSubmit: (input: WebhookInput) => void;
  /** Where cancelling leads. */
  back: string;
}

/** The form that makes or changes a webhook. */
export function WebhookForm({ title, submit, initial, error, isPending, onSubmit, back }: Props) {
  const t = useT();
  const [input, setInput] = useState(initial);
  const options = useEventOptions();
  const chosen = input.types.map((value) => options.known.get(value) ?? { value, label: value });
  return (
    <FormPage
      title={title}
      description={t('webhooks.form.description')}
      submit={submit}
      error={error}
      fields={['/url', '/types']}
      isPending={isPending}
      onSubmit={() => onSubmit({ ...input, url: input.url.trim() })}
      back={back}
    >
      <Container header={<Header variant="h2">{t('webhooks.form.where')}</Header>}>
        <SpaceBetween size="l">
          <FormField
            label={t('webhooks.url')}
            description={t('webhooks.url.description')}
            constraintText={t('webhooks.url.constraint')}
            errorText={errorAt(error, '/url')}
          >
            <Input
              type="url"
              inputMode="url"
              value={input.url}
              placeholder="https://hooks.example.com/handfast"
              onChange={({ detail }) => setInput({ ...input, url: detail.value })}
            />
          </FormField>
          <FormField
            label={t('webhooks.types')}
            description={t('webhooks.types.description')}
            errorText={errorAt(error, '/types')}
          >
            <Multiselect
              selectedOptions={chosen}
              options={options.groups}
              filteringType="auto"
              placeholder={t('webhooks.types.choose')}
              statusType={options.status}
              onChange={({ detail }) =>
                setInput({
                  ...input,
                  types: withoutCovered(detail.selectedOptions.map(({ value }) => value ?? '')),
                })
              }
            />
          </FormField>
        </SpaceBetween>
      </Container>
    </FormPage>
  );
}

interface EventOption {
  value: string;
  label: string;
  description?: string;
}

function useEventOptions() {
  const t = useT();
  const read = useEventTypes();
  const entries = read.data?.value.items ?? [];
  const descriptions = new Map(entries.map(({ code, description }) => [code, description]));
  const all: EventOption = { value: ALL, label: t('webhooks.types.all') };
  const groups = familiesOf([...descriptions.keys()]).map(({ name, pattern, codes }) => ({
    label: name,
    options: [
      { value: pattern, label: pattern, description: t('webhooks.types.family') },
      ...codes.map((code): EventOption => ({ value: code, label: code, description: descriptions.get(code) })),
    ],
  }));
  const known = new Map([all, ...groups.flatMap(({ options }) => options)].map((option) => [option.value, option]));
  const status = read.isPending ? ('loading' as const) : read.isError ? ('error' as const) : ('finished' as const);
  return { groups: [all, ...groups], known, status };
}
