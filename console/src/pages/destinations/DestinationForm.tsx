import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import DatePicker from '@cloudscape-design/components/date-picker';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useEffect, useRef, useState } from 'react';
import { FormPage } from '../../components/FormPage';
import { errorAt } from '../../components/field-errors';
import { FEED_MARKETING_ACTIONS, useMarketingActionWords } from '../../components/MarketingActions';
import { useT } from '../../i18n/messages';
import { type DestinationInput, type Gathering, pointersOf } from './destination-input';
import type { DestinationType } from './queries';
import { SchemaFields } from './SchemaFields';
import { fieldsOf } from './schema-form';

interface Props {
  type: DestinationType;
  title: string;
  submit: string;
  initial: DestinationInput;
  /** The secrets that are set already. */
  secretNames?: readonly string[];
  error: unknown;
  isPending: boolean;
  onSubmit: (input: DestinationInput) => void;
  /** Where cancelling leads. */
  back: string;
}

/** The form that connects a destination or changes one, as its type's schemas have it. */
export function DestinationForm(props: Props) {
  const { type, title, submit, initial, secretNames = [], error, isPending, onSubmit, back } = props;
  const t = useT();
  const [input, setInput] = useState(initial);
  const set = (changed: Partial<DestinationInput>) => setInput({ ...input, ...changed });
  const alert = useRef<HTMLDivElement>(null);
  // The form is longer than a screen: who has sent it is at its end.
  useEffect(() => {
    if (error) alert.current?.scrollIntoView?.({ block: 'center' });
  }, [error]);
  const settings = fieldsOf(type.settingsSchema);
  const authentication = fieldsOf(type.authenticationSchema);
  return (
    <FormPage
      title={title}
      description={<span lang="en">{type.description}</span>}
      submit={submit}
      error={error}
      fields={pointersOf(type)}
      isPending={isPending}
      onSubmit={() => onSubmit(input)}
      back={back}
      autoComplete="off"
      alert={alert}
    >
      <Container header={<Header variant="h2">{t('destinations.form.details')}</Header>}>
        <SpaceBetween size="l">
          <FormField
            label={t('destinations.name')}
            description={t('destinations.form.name')}
            errorText={errorAt(error, '/name')}
          >
            <Input value={input.name} onChange={({ detail }) => set({ name: detail.value })} />
          </FormField>
          <FormField
            label={<Optional>{t('destinations.descriptionOf')}</Optional>}
            description={t('destinations.form.description')}
            errorText={errorAt(error, '/description')}
          >
            <Textarea
              rows={2}
              value={input.description}
              onChange={({ detail }) => set({ description: detail.value })}
            />
          </FormField>
          {type.accountId !== null && (
            <FormField
              label={t('destinations.accountId')}
              description={<span lang="en">{sentence(type.accountId)}</span>}
              errorText={errorAt(error, '/accountId')}
            >
              <Input value={input.accountId} onChange={({ detail }) => set({ accountId: detail.value })} />
            </FormField>
          )}
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">{t('destinations.settings')}</Header>}>
        <SchemaFields
          fields={settings}
          draft={input.settings}
          onChange={(changed) => set({ settings: changed })}
          error={error}
          pointer="/settings"
        />
      </Container>
      <Container
        header={
          <Header variant="h2" description={t('destinations.form.authentication')}>
            {t('destinations.authentication')}
          </Header>
        }
      >
        <SpaceBetween size="l">
          <SchemaFields
            fields={authentication}
            draft={input.authentication}
            onChange={(changed) => set({ authentication: changed })}
            error={error}
            pointer="/authentication"
            keeps={secretNames}
          />
          <FormField
            label={<Optional>{t('destinations.credentialsExpireAt')}</Optional>}
            description={t('destinations.form.credentialsExpireAt')}
            errorText={errorAt(error, '/credentialsExpireAt')}
          >
            <DatePicker
              value={input.credentialsExpireOn}
              placeholder="YYYY/MM/DD"
              onChange={({ detail }) => set({ credentialsExpireOn: detail.value })}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">{t('destinations.form.uses')}</Header>}>
        <Uses
          type={type}
          chosen={input.marketingActions}
          onChange={(marketingActions) => set({ marketingActions })}
          error={error}
        />
      </Container>
      <ExpandableSection variant="container" headerText={t('destinations.gathering')}>
        <GatheringFields
          pairsPerCall={type.limits.pairsPerCall}
          gathering={input.gathering}
          onChange={(gathering) => set({ gathering })}
          error={error}
        />
      </ExpandableSection>
    </FormPage>
  );
}

function Optional({ children }: { children: string }) {
  const t = useT();
  return (
    <>
      {children} <i>– {t('destinations.form.optional')}</i>
    </>
  );
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

interface UsesProps {
  type: DestinationType;
  chosen: string[];
  onChange: (chosen: string[]) => void;
  error: unknown;
}

/** What the destination does with data, by which policies decide. */
function Uses({ type, chosen, onChange, error }: UsesProps) {
  const t = useT();
  const words = useMarketingActionWords();
  const ofType = type.marketingActions as readonly string[];
  const codes = [...new Set([...FEED_MARKETING_ACTIONS, ...chosen])].filter((code) => !ofType.includes(code));
  const options = codes.map((value) => {
    const { name, meaning } = words(value);
    return { value, label: name, ...(meaning && { description: meaning }) };
  });
  return (
    <SpaceBetween size="l">
      <div>
        <Box variant="awsui-key-label">{t('destinations.form.usesOfType')}</Box>
        {ofType.map((code) => words(code).name).join(', ')}
      </div>
      <FormField
        label={<Optional>{t('destinations.form.usesBeside')}</Optional>}
        description={t('destinations.form.usesBeside.detail')}
        errorText={errorAt(error, '/marketingActions')}
      >
        <Multiselect
          options={options}
          selectedOptions={options.filter(({ value }) => chosen.includes(value))}
          placeholder={t('destinations.form.chooseUses')}
          onChange={({ detail }) => onChange(detail.selectedOptions.map(({ value }) => value ?? ''))}
        />
      </FormField>
    </SpaceBetween>
  );
}

interface GatheringProps {
  pairsPerCall: number;
  gathering: Gathering;
  onChange: (gathering: Gathering) => void;
  error: unknown;
}

function GatheringFields({ pairsPerCall, gathering, onChange, error }: GatheringProps) {
  const t = useT();
  const groups = (['segment', 'status', 'namespace'] as const).map((value) => ({
    value,
    label: t(`destinations.groupBy.${value}`),
  }));
  return (
    <SpaceBetween size="l">
      <Box color="text-body-secondary">{t('destinations.gathering.detail')}</Box>
      <FormField
        label={<Optional>{t('destinations.maxIdentities')}</Optional>}
        description={t('destinations.maxIdentities.detail', { most: pairsPerCall })}
        errorText={errorAt(error, '/aggregation/maxIdentities')}
      >
        <Input
          type="number"
          value={gathering.maxIdentities}
          onChange={({ detail }) => onChange({ ...gathering, maxIdentities: detail.value })}
        />
      </FormField>
      <FormField
        label={t('destinations.maxAge')}
        description={t('destinations.maxAge.detail')}
        constraintText={t('destinations.form.range', { minimum: 0, maximum: 3600 })}
        errorText={errorAt(error, '/aggregation/maxAgeSeconds')}
      >
        <Input
          type="number"
          value={gathering.maxAgeSeconds}
          onChange={({ detail }) => onChange({ ...gathering, maxAgeSeconds: detail.value })}
        />
      </FormField>
      <FormField
        label={<Optional>{t('destinations.groupBy')}</Optional>}
        description={t('destinations.groupBy.detail')}
        errorText={errorAt(error, '/aggregation/groupBy')}
      >
        <Multiselect
          options={groups}
          selectedOptions={groups.filter(({ value }) => gathering.groupBy.includes(value))}
          onChange={({ detail }) =>
            onChange({
              ...gathering,
              groupBy: groups
                .map(({ value }) => value)
                .filter((value) => detail.selectedOptions.some((one) => one.value === value)),
            })
          }
        />
      </FormField>
    </SpaceBetween>
  );
}
