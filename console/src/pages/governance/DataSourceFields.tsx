import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { LabelChoice } from './choices';
import type { Control } from './queries';

export interface SourceInput {
  name: string;
  labels: string[];
  exportControls: Control[];
}

interface Props {
  input: SourceInput;
  error: unknown;
  onChange: (input: SourceInput) => void;
}

export const SOURCE_FIELDS = ['/name', '/labels', '/exportControls'];
const CONTROLS: Control[] = [
  'no_combination_with_pii',
  'no_offsite_ad_targeting',
  'no_onsite_ad_targeting',
  'no_onsite_personalization',
];

/** What a data source says of the data that it feeds. */
export function DataSourceFields({ input, error, onChange }: Props) {
  const t = useT();
  const { name, labels, exportControls } = input;
  const toggle = (control: Control, isChosen: boolean) =>
    onChange({
      ...input,
      exportControls: CONTROLS.filter((one) => (one === control ? isChosen : exportControls.includes(one))),
    });
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField label={t('governance.define.name')} errorText={errorAt(error, '/name')}>
          <Input value={name} onChange={({ detail }) => onChange({ ...input, name: detail.value })} />
        </FormField>
        <FormField label={t('governance.sources.labels')} errorText={errorAt(error, '/labels')}>
          <LabelChoice chosen={labels} onChange={(chosen) => onChange({ ...input, labels: chosen })} />
        </FormField>
        <FormField
          label={t('governance.sources.controls')}
          description={t('governance.sources.controls.detail')}
          errorText={errorAt(error, '/exportControls')}
        >
          <div>
            {CONTROLS.map((control) => (
              <Checkbox
                key={control}
                checked={exportControls.includes(control)}
                onChange={({ detail }) => toggle(control, detail.checked)}
              >
                {t(`governance.control.${control}`)}
              </Checkbox>
            ))}
          </div>
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
