import Multiselect, { type MultiselectProps } from '@cloudscape-design/components/multiselect';
import type { UseQueryResult } from '@tanstack/react-query';
import { useSandbox } from '../../api/me';
import type { List } from '../../api/queries';
import { useT } from '../../i18n/messages';
import { useActions, useDataSources, useLabels, useSegments } from './queries';
import { useWords } from './words';

interface Props {
  chosen: string[];
  onChange: (chosen: string[]) => void;
  ariaLabel?: string;
}

interface OptionProps<T> extends Props {
  list: UseQueryResult<List<T>>;
  optionOf: (item: T) => { value: string; label: string; description?: string };
  placeholder: string;
}

/** Several of what a list has, by their words. */
function Choice<T>({ chosen, onChange, list, optionOf, placeholder, ariaLabel }: OptionProps<T>) {
  const options = (list.data?.items ?? []).map(optionOf);
  const selected: MultiselectProps.Option[] = chosen.map(
    (code) => options.find(({ value }) => value === code) ?? { value: code, label: code },
  );
  return (
    <Multiselect
      ariaLabel={ariaLabel}
      selectedOptions={selected}
      options={options}
      filteringType="auto"
      placeholder={placeholder}
      statusType={list.isPending ? 'loading' : list.isError ? 'error' : 'finished'}
      onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ''))}
    />
  );
}

export function ActionChoice(props: Props) {
  const t = useT();
  const { actionName, actionText } = useWords();
  return (
    <Choice
      {...props}
      list={useActions(useSandbox())}
      optionOf={(action) => ({ value: action.code, label: actionName(action), description: actionText(action) })}
      placeholder={t('governance.policy.form.actions.choose')}
    />
  );
}

export function LabelChoice(props: Props) {
  const t = useT();
  const { labelText } = useWords();
  return (
    <Choice
      {...props}
      list={useLabels(useSandbox())}
      optionOf={(label) => ({ value: label.code, label: label.code, description: labelText(label) })}
      placeholder={t('governance.check.labels.choose')}
    />
  );
}

export function SegmentChoice(props: Props) {
  const t = useT();
  return (
    <Choice
      {...props}
      list={useSegments(useSandbox())}
      optionOf={({ segmentId, name }) => ({ value: segmentId, label: name, description: segmentId })}
      placeholder={t('governance.check.segments.choose')}
    />
  );
}

export function SourceChoice(props: Props) {
  const t = useT();
  return (
    <Choice
      {...props}
      list={useDataSources(useSandbox())}
      optionOf={({ dataSourceId, name }) => ({ value: dataSourceId, label: name })}
      placeholder={t('governance.check.sources.choose')}
    />
  );
}
