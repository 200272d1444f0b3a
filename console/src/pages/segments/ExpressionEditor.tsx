import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useQuery } from '@tanstack/react-query';
import { ProblemError } from 'handfast-client';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useIntl } from 'react-intl';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { ExpressionText } from './ExpressionText';
import { type Hint, hintOf } from './expression';
import { kindOf } from './kinds';
import type { Segment } from './queries';
import './segments.css';

const WORDS = ['AND', 'OR', 'NOT', '(', ')', 'FREQUENCY([ ]) >= 2', 'FREQUENCY([ ] <= 7D) >= 1'] as const;
const PAUSE_MS = 400;

interface Props {
  value: string;
  onChange: (value: string) => void;
  /** All that the expression may name; undefined while they are not known, or are too many to be sure. */
  segments: Segment[] | undefined;
  /** What the API has said of it when it was sent. */
  errorText?: string | undefined;
  /** The segment that is changed, and how the API is asked about another expression of it without changing it. */
  existing?: { segmentId: string; check: (expression: string, signal: AbortSignal) => Promise<unknown> };
}

/** Where an expression is written: segments are put in by their names, and what is wrong is told as one types. */
export function ExpressionEditor({ value, onChange, segments, errorText, existing }: Props) {
  const t = useT();
  const intl = useIntl();
  const field = useRef<HTMLDivElement>(null);
  const usable = useMemo(
    () => segments?.filter(({ segmentId }) => segmentId !== existing?.segmentId),
    [segments, existing?.segmentId],
  );
  const names = useMemo(() => new Map(usable?.map(({ segmentId, name }) => [segmentId, name])), [usable]);
  const known = useMemo(
    () =>
      usable && new Map(usable.map((each) => [each.segmentId, { isComposed: kindOf(each) === 'composed' }] as const)),
    [usable],
  );
  const hint = hintOf(value, known, existing?.segmentId);
  const settled = useSettled(value);
  const checked = useCheck(settled, settled === value && !hint, existing);

  const insert = (text: string) => {
    const area = field.current?.querySelector('textarea');
    const start = area?.selectionStart ?? value.length;
    const end = area?.selectionEnd ?? start;
    const isSpaced = (character: string | undefined) => character === undefined || /[\s([]/.test(character);
    const before = isSpaced(value[start - 1]) ? '' : ' ';
    const after = value[end] === undefined || /[\s)\],]/.test(value[end] ?? '') ? '' : ' ';
    onChange(value.slice(0, start) + before + text + after + value.slice(end));
    const caret = start + before.length + (text.includes('[ ]') ? text.indexOf('[ ]') + 1 : text.length + after.length);
    requestAnimationFrame(() => {
      area?.focus();
      area?.setSelectionRange(caret, caret);
    });
  };

  return (
    <SpaceBetween size="m">
      <FormField label={t('segments.expression.insert')}>
        <Select
          selectedOption={null}
          placeholder={t('segments.expression.insert.choose')}
          filteringType="auto"
          virtualScroll
          statusType={usable ? 'finished' : 'loading'}
          empty={t('segments.expression.insert.none')}
          options={(usable ?? []).map((each) => ({
            value: each.segmentId,
            label: each.name,
            description: each.segmentId,
            labelTag: t(`segments.kind.${kindOf(each)}`),
            tags: [t('segments.expression.identities', { count: intl.formatNumber(each.counts.identities) })],
            filteringTags: [each.externalId ?? ''],
          }))}
          onChange={({ detail }) => detail.selectedOption.value && insert(detail.selectedOption.value)}
        />
      </FormField>
      <FormField
        stretch
        label={t('segments.expression')}
        description={t('segments.expression.description')}
        errorText={errorText}
        constraintText={t('segments.expression.constraint', { count: value.length })}
      >
        <SpaceBetween size="xs">
          <div ref={field} className="expression-input">
            <Textarea
              value={value}
              rows={4}
              spellcheck={false}
              autoComplete={false}
              disableBrowserAutocorrect
              placeholder="seg_… AND NOT seg_…"
              onChange={({ detail }) => onChange(detail.value)}
            />
          </div>
          <SpaceBetween direction="horizontal" size="xxs">
            {WORDS.map((word) => (
              <Button
                key={word}
                formAction="none"
                ariaLabel={t('segments.expression.put', { what: word })}
                onClick={() => insert(word)}
              >
                {word.replace('[ ]', '[…]')}
              </Button>
            ))}
          </SpaceBetween>
        </SpaceBetween>
      </FormField>
      {value.trim() !== '' && (
        <SpaceBetween size="xs">
          <Box variant="awsui-key-label">{t('segments.expression.reads')}</Box>
          <ExpressionText expression={value} names={names} wrongAt={hint?.at} />
          <output aria-live="polite">
            <Verdict hint={hint} checked={existing ? checked : undefined} />
          </output>
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

interface Checked {
  error: unknown;
  isSuccess: boolean;
}

function Verdict({ hint, checked }: { hint: Hint | null; checked: Checked | undefined }) {
  const t = useT();
  if (hint)
    return (
      <StatusIndicator type="warning">
        {t(`segments.hint.${hint.code}`, { at: hint.at, name: hint.name ?? '' })}
      </StatusIndicator>
    );
  if (!checked) return <StatusIndicator type="info">{t('segments.expression.readable')}</StatusIndicator>;
  const refusal = errorAt(checked.error, '/expression');
  if (refusal) return <StatusIndicator type="error">{refusal}</StatusIndicator>;
  if (checked.error)
    return (
      <StatusIndicator type="warning">
        {checked.error instanceof ProblemError ? checked.error.detail : t('segments.expression.unchecked')}
      </StatusIndicator>
    );
  if (checked.isSuccess) return <StatusIndicator type="success">{t('segments.expression.accepted')}</StatusIndicator>;
  return <StatusIndicator type="loading">{t('segments.expression.checking')}</StatusIndicator>;
}

/** A value when it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function useCheck(expression: string, isReadable: boolean, existing: Props['existing']): Checked {
  return useQuery({
    queryKey: ['expression', existing?.segmentId, expression],
    queryFn: ({ signal }) => existing?.check(expression, signal) ?? null,
    enabled: existing !== undefined && isReadable && expression.trim() !== '',
    staleTime: 30_000,
  });
}
