import Alert from '@cloudscape-design/components/alert';
import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { errorAt } from '../../../components/field-errors';
import { useT } from '../../../i18n/messages';
import type { DestinationType } from '../queries';
import type { ActivationDraft, ChosenAttribute, ChosenIdentity } from './draft';
import { ANY, mappingOf, mayHash, nameOf, type Source, targetNamed, targetsOf } from './identities';

interface Props {
  type: DestinationType;
  sources: readonly Source[];
  draft: ActivationDraft;
  onChange: (changed: Partial<ActivationDraft>) => void;
  error: unknown;
}

/** Which namespaces are given, as which of the destination's identities, and which attributes go with them. */
export function MappingStep({ type, sources, draft, onChange, error }: Props) {
  return (
    <SpaceBetween size="l">
      <Identities
        type={type}
        sources={sources}
        mapping={draft.mapping}
        onChange={(mapping) => onChange({ mapping })}
        error={error}
      />
      {type.takesAttributes && (
        <Attributes attributes={draft.attributes} onChange={(attributes) => onChange({ attributes })} error={error} />
      )}
    </SpaceBetween>
  );
}

interface IdentitiesProps {
  type: DestinationType;
  sources: readonly Source[];
  mapping: readonly ChosenIdentity[];
  onChange: (mapping: ChosenIdentity[]) => void;
  error: unknown;
}

function Identities({ type, sources, mapping, onChange, error }: IdentitiesProps) {
  const t = useT();
  const sourceOf = (namespace: string) => sources.find((source) => source.namespace === namespace);
  const free = sources.filter(({ namespace }) => !mapping.some(({ source }) => source === namespace));
  const put = (at: number, changed: ChosenIdentity) =>
    onChange(mapping.map((one, index) => (index === at ? changed : one)));
  return (
    <Container
      header={
        <Header variant="h2" description={t('destinations.mapping.description')}>
          {t('destinations.mapping')}
        </Header>
      }
    >
      <AttributeEditor
        items={[...mapping]}
        addButtonText={t('destinations.mapping.add')}
        removeButtonText={t('destinations.form.removePair')}
        empty={t('destinations.mapping.empty')}
        disableAddButton={free.length === 0}
        onAddButtonClick={() => free[0] && onChange([...mapping, mappingOf(type, free[0])])}
        onRemoveButtonClick={({ detail }) => onChange(mapping.filter((_, at) => at !== detail.itemIndex))}
        definition={[
          {
            label: t('destinations.mapping.source'),
            errorText: (_, at) => errorAt(error, `/mapping/${at}/source`),
            control: (one, at) => {
              const options = sources
                .filter(
                  ({ namespace }) => namespace === one.source || free.some((other) => other.namespace === namespace),
                )
                .map(({ namespace }) => ({ value: namespace, label: namespace }));
              return (
                <Select
                  selectedOption={{ value: one.source, label: one.source }}
                  options={options}
                  onChange={({ detail }) => {
                    const source = sourceOf(detail.selectedOption.value ?? '');
                    if (source) put(at, mappingOf(type, source));
                  }}
                />
              );
            },
          },
          {
            label: t('destinations.mapping.target'),
            errorText: (_, at) =>
              errorAt(error, `/mapping/${at}/target`) ??
              (errorAt(error, `/mapping/${at}/source`) ? undefined : errorAt(error, `/mapping/${at}`)),
            control: (one, at) => (
              <TargetControl
                type={type}
                source={sourceOf(one.source)}
                chosen={one}
                onChange={(made) => put(at, made)}
              />
            ),
          },
          {
            label: t('destinations.mapping.transformation'),
            control: (one, at) => {
              const source = sourceOf(one.source);
              const target = targetNamed(type, one.target);
              if (!source || !target || !mayHash(target, source)) return t('destinations.mapping.asItIs');
              return (
                <Checkbox
                  checked={one.applyTransformation}
                  description={t('destinations.mapping.hash.detail')}
                  onChange={({ detail }) => put(at, { ...one, applyTransformation: detail.checked })}
                >
                  {t('destinations.mapping.hash')}
                </Checkbox>
              );
            },
          },
        ]}
      />
      {sources.length === 0 && <Alert type="warning">{t('destinations.mapping.noSource')}</Alert>}
    </Container>
  );
}

interface TargetProps {
  type: DestinationType;
  source: Source | undefined;
  chosen: ChosenIdentity;
  onChange: (chosen: ChosenIdentity) => void;
}

/** The targets that take the namespace; a name to write where any will do. */
function TargetControl({ type, source, chosen, onChange }: TargetProps) {
  const t = useT();
  const targets = source ? targetsOf(type, source) : [];
  const current = targetNamed(type, chosen.target);
  const options = targets.map(({ target, description }) => ({
    value: target,
    label: target === ANY ? t('destinations.identities.any') : target,
    description,
    lang: 'en',
  }));
  return (
    <SpaceBetween size="xs">
      {options.length > 0 && !(options.length === 1 && options[0]?.value === ANY) && (
        <Select
          selectedOption={options.find(({ value }) => value === current?.target) ?? null}
          options={options}
          onChange={({ detail }) => {
            const target = targets.find((one) => one.target === detail.selectedOption.value);
            if (target && source)
              onChange({
                ...chosen,
                target: nameOf(target, source),
                applyTransformation: chosen.applyTransformation && mayHash(target, source),
              });
          }}
        />
      )}
      {current?.target === ANY && (
        <Input
          ariaLabel={t('destinations.mapping.targetName')}
          value={chosen.target}
          onChange={({ detail }) => onChange({ ...chosen, target: detail.value })}
        />
      )}
    </SpaceBetween>
  );
}

interface AttributesProps {
  attributes: readonly ChosenAttribute[];
  onChange: (attributes: ChosenAttribute[]) => void;
  error: unknown;
}

function Attributes({ attributes, onChange, error }: AttributesProps) {
  const t = useT();
  const put = (at: number, changed: Partial<ChosenAttribute>) =>
    onChange(attributes.map((one, index) => (index === at ? { ...one, ...changed } : one)));
  return (
    <Container
      header={
        <Header variant="h2" description={t('destinations.attributes.description')}>
          {t('destinations.attributes')}
        </Header>
      }
    >
      <AttributeEditor
        items={[...attributes]}
        addButtonText={t('destinations.attributes.add')}
        removeButtonText={t('destinations.form.removePair')}
        empty={t('destinations.attributes.none')}
        onAddButtonClick={() => onChange([...attributes, { source: '', target: '' }])}
        onRemoveButtonClick={({ detail }) => onChange(attributes.filter((_, at) => at !== detail.itemIndex))}
        definition={[
          {
            label: t('destinations.attributes.source'),
            errorText: (_, at) => errorAt(error, `/attributes/${at}/source`),
            control: ({ source }, at) => (
              <Input value={source} onChange={({ detail }) => put(at, { source: detail.value })} />
            ),
          },
          {
            label: t('destinations.attributes.target'),
            errorText: (_, at) => errorAt(error, `/attributes/${at}/target`),
            control: ({ target }, at) => (
              <Input
                value={target}
                placeholder="person.tier"
                onChange={({ detail }) => put(at, { target: detail.value })}
              />
            ),
          },
        ]}
      />
    </Container>
  );
}
