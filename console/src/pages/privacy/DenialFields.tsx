import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import type { Schemas } from 'handfast-client';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';

export const GROUNDS = [
  'insufficient_verification',
  'suspected_fraud',
  'no_match',
  'claim_not_covered',
  'outside_jurisdiction',
  'too_many_requests',
  'other',
] as const satisfies Schemas['DenialGround'][];

export interface Denial {
  reason: string;
  ground: Schemas['DenialGround'];
}

interface Props {
  denial: Denial;
  onChange: (denial: Denial) => void;
  error: unknown;
}

/** Why a request is turned down: the ground, and the words that the person can be told. */
export function DenialFields({ denial, onChange, error }: Props) {
  const t = useT();
  const options = GROUNDS.map((value) => ({ value, label: t(`privacy.ground.${value}`) }));
  return (
    <SpaceBetween size="m">
      <FormField label={t('privacy.ground')} errorText={errorAt(error, '/ground')}>
        <Select
          selectedOption={options.find(({ value }) => value === denial.ground) ?? null}
          options={options}
          onChange={({ detail }) => onChange({ ...denial, ground: detail.selectedOption.value as Denial['ground'] })}
        />
      </FormField>
      <ReasonField value={denial.reason} onChange={(reason) => onChange({ ...denial, reason })} error={error} />
    </SpaceBetween>
  );
}

interface ReasonProps {
  value: string;
  onChange: (value: string) => void;
  error: unknown;
}

/** Words that the person can be told. */
export function ReasonField({ value, onChange, error }: ReasonProps) {
  const t = useT();
  return (
    <FormField
      label={t('privacy.reason')}
      description={t('privacy.reason.description')}
      constraintText={t('privacy.noPersonalData')}
      errorText={errorAt(error, '/reason')}
    >
      <Textarea value={value} rows={3} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
