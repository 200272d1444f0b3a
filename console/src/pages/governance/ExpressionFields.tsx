import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Select from '@cloudscape-design/components/select';
import { useSandbox } from '../../api/me';
import { useT } from '../../i18n/messages';
import { DEEPEST, type Group, isGroup, type Operator, type Part } from './expression';
import { useLabels } from './queries';
import { useWords } from './words';

interface Props {
  group: Group;
  onChange: (group: Group) => void;
  /** How deep this group is within others. */
  depth?: number;
  onRemove?: () => void;
}

/** A group of labels and of other groups, all or any of which count. */
export function ExpressionFields({ group, onChange, depth = 1, onRemove }: Props) {
  const t = useT();
  const { operator, parts } = group;
  const replace = (at: number, part: Part) =>
    onChange({ ...group, parts: parts.map((one, n) => (n === at ? part : one)) });
  const remove = (at: number) => onChange({ ...group, parts: parts.filter((_, n) => n !== at) });
  const add = (part: Part) => onChange({ ...group, parts: [...parts, part] });
  return (
    <Container>
      <div className="stack">
        <SegmentedControl
          label={t('governance.expression.operator')}
          selectedId={operator}
          options={(['OR', 'AND'] as const).map((id) => ({ id, text: t(`governance.expression.${id}`) }))}
          onChange={({ detail }) => onChange({ ...group, operator: detail.selectedId as Operator })}
        />
        {parts.map((part, at) =>
          isGroup(part) ? (
            <ExpressionFields
              // biome-ignore lint/suspicious/noArrayIndexKey: parts have nothing else to be told apart by
              key={at}
              group={part}
              depth={depth + 1}
              onChange={(changed) => replace(at, changed)}
              onRemove={() => remove(at)}
            />
          ) : (
            <LabelPlace
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              key={at}
              number={at + 1}
              label={part.label}
              onChange={(label) => replace(at, { label })}
              onRemove={parts.length > 1 || depth > 1 ? () => remove(at) : undefined}
            />
          ),
        )}
        <div className="row">
          <Button formAction="none" iconName="add-plus" onClick={() => add({ label: '' })}>
            {t('governance.expression.addLabel')}
          </Button>
          {depth < DEEPEST && (
            <Button
              formAction="none"
              iconName="add-plus"
              onClick={() =>
                add({ operator: operator === 'AND' ? 'OR' : 'AND', parts: [{ label: '' }, { label: '' }] })
              }
            >
              {t('governance.expression.addGroup')}
            </Button>
          )}
          {onRemove && (
            <Button formAction="none" variant="link" onClick={onRemove}>
              {t('governance.expression.removeGroup')}
            </Button>
          )}
        </div>
      </div>
    </Container>
  );
}

interface PlaceProps {
  number: number;
  label: string;
  onChange: (label: string) => void;
  onRemove?: () => void;
}

function LabelPlace({ number, label, onChange, onRemove }: PlaceProps) {
  const t = useT();
  const { labelText } = useWords();
  const read = useLabels(useSandbox());
  const options = (read.data?.items ?? []).map((one) => ({
    value: one.code,
    label: one.code,
    description: labelText(one),
  }));
  return (
    <div className="filters">
      <div className="search">
        <Select
          ariaLabel={t('governance.expression.label', { number })}
          selectedOption={label ? (options.find(({ value }) => value === label) ?? { value: label }) : null}
          options={options}
          filteringType="auto"
          placeholder={t('governance.expression.choose')}
          statusType={read.isPending ? 'loading' : read.isError ? 'error' : 'finished'}
          onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
        />
      </div>
      {onRemove && (
        <Button
          formAction="none"
          variant="icon"
          iconName="remove"
          ariaLabel={t('governance.expression.remove', { number })}
          onClick={onRemove}
        />
      )}
    </div>
  );
}
