import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Tiles from '@cloudscape-design/components/tiles';
import { type ReactNode, useState } from 'react';
import { useSandbox } from '../../api/me';
import { FormPage } from '../../components/FormPage';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { ExpressionEditor } from './ExpressionEditor';
import { useLabels, useSegments } from './queries';

export interface SegmentInput {
  name: string;
  description: string;
  externalId: string;
  labels: string[];
  /** Null of a segment with members of its own. */
  expression: string | null;
}

interface Props {
  title: string;
  submit: string;
  initial: SegmentInput;
  error: unknown;
  isPending: boolean;
  onSubmit: (input: SegmentInput) => void;
  /** Where cancelling leads. */
  back: string;
  /** Left out of a new segment, of which may still be chosen what it is. */
  existing?: { segmentId: string; check: (expression: string, signal: AbortSignal) => Promise<unknown> };
  children?: ReactNode;
}

const FIELDS = ['/name', '/description', '/externalId', '/labels', '/expression'];

/** The form that makes or changes a segment. */
export function SegmentForm({ title, submit, initial, error, isPending, onSubmit, back, existing, children }: Props) {
  const t = useT();
  const sandbox = useSandbox();
  const [input, setInput] = useState(initial);
  const [sent, setSent] = useState(initial.expression);
  const change = (changes: Partial<SegmentInput>) => setInput({ ...input, ...changes });
  const segments = useSegments(sandbox);
  const labels = useLabels(sandbox);
  const labelOptions = labels.map(({ code, name, description }) => ({
    value: code,
    label: code,
    description: description ?? name,
  }));
  const isComposed = input.expression !== null;
  const send = () => {
    setSent(input.expression);
    onSubmit(input);
  };
  return (
    <FormPage
      title={title}
      description={existing ? undefined : t('segments.form.description')}
      submit={submit}
      error={error}
      fields={isComposed ? FIELDS : FIELDS.slice(0, -1)}
      isPending={isPending}
      onSubmit={send}
      back={back}
    >
      {!existing && (
        <Container header={<Header variant="h2">{t('segments.form.kind')}</Header>}>
          <Tiles
            ariaLabel={t('segments.form.kind')}
            value={isComposed ? 'composed' : 'own'}
            items={[
              { value: 'own', label: t('segments.form.own'), description: t('segments.form.own.detail') },
              {
                value: 'composed',
                label: t('segments.form.composed'),
                description: t('segments.form.composed.detail'),
              },
            ]}
            onChange={({ detail }) => change({ expression: detail.value === 'composed' ? '' : null })}
          />
        </Container>
      )}
      <Container header={<Header variant="h2">{t('segments.form.what')}</Header>}>
        <SpaceBetween size="l">
          <FormField
            label={t('segments.name')}
            description={t('segments.name.description')}
            errorText={errorAt(error, '/name')}
          >
            <Input value={input.name} onChange={({ detail }) => change({ name: detail.value })} />
          </FormField>
          <FormField
            label={<Optional>{t('segments.description')}</Optional>}
            errorText={errorAt(error, '/description')}
          >
            <Textarea
              rows={3}
              value={input.description}
              onChange={({ detail }) => change({ description: detail.value })}
            />
          </FormField>
          <FormField
            label={<Optional>{t('segments.externalId')}</Optional>}
            description={t('segments.externalId.description')}
            errorText={errorAt(error, '/externalId')}
          >
            <Input value={input.externalId} onChange={({ detail }) => change({ externalId: detail.value })} />
          </FormField>
          <FormField
            label={<Optional>{t('segments.labels')}</Optional>}
            description={t('segments.labels.description')}
            errorText={errorAt(error, '/labels')}
          >
            <Multiselect
              filteringType="auto"
              placeholder={t('segments.labels.choose')}
              options={labelOptions}
              selectedOptions={input.labels.map(
                (code) => labelOptions.find(({ value }) => value === code) ?? { value: code, label: code },
              )}
              onChange={({ detail }) => change({ labels: detail.selectedOptions.map(({ value }) => value ?? '') })}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      {input.expression !== null && (
        <Container
          header={
            <Header variant="h2" description={t('segments.expression.counted')}>
              {t('segments.expression.title')}
            </Header>
          }
        >
          <ExpressionEditor
            value={input.expression}
            onChange={(expression) => change({ expression })}
            segments={segments.data && !segments.data.isCut ? segments.data.items : undefined}
            errorText={input.expression === sent ? errorAt(error, '/expression') : undefined}
            {...(existing && { existing })}
          />
        </Container>
      )}
      {children}
    </FormPage>
  );
}

function Optional({ children }: { children: string }) {
  const t = useT();
  return (
    <>
      {children} <i>– {t('segments.optional')}</i>
    </>
  );
}
