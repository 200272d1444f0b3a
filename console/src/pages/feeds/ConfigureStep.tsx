import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useSandbox } from '../../api/me';
import { FailedReads } from '../../components/FailedReads';
import { errorAt } from '../../components/field-errors';
import { FEED_MARKETING_ACTIONS, useMarketingActionWords } from '../../components/MarketingActions';
import { useT } from '../../i18n/messages';
import type { StepProps } from './FeedWizard';
import { useCoreNamespaces, useCustomActions, useOwnNamespaces } from './queries';

/** What the feed is called, what partners may not use it for, and by which identities it is shared. */
export function ConfigureStep({ input, change, error, missing }: StepProps) {
  const t = useT();
  return (
    <div className="stack">
      <FailedReads />
      <Container header={<Header variant="h2">{t('feeds.configure.details')}</Header>}>
        <SpaceBetween size="l">
          <FormField
            label={t('feeds.name')}
            description={t('feeds.name.description')}
            errorText={errorAt(error, '/name') ?? (missing.includes('/name') && t('feeds.name.missing'))}
          >
            <Input
              value={input.name}
              ariaRequired
              placeholder={t('feeds.name.example')}
              onChange={({ detail }) => change({ name: detail.value })}
            />
          </FormField>
          <FormField
            label={
              <>
                {t('feeds.description')} <i>– {t('feeds.optional')}</i>
              </>
            }
            constraintText={t('feeds.description.constraint')}
            errorText={errorAt(error, '/description')}
          >
            <Textarea
              value={input.description}
              rows={3}
              onChange={({ detail }) => change({ description: detail.value })}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container
        header={
          <Header variant="h2" description={t('feeds.restricted.description')}>
            {t('feeds.useCases')}
          </Header>
        }
      >
        <Uses input={input} change={change} error={error} />
      </Container>
      <Container
        header={
          <Header variant="h2" description={t('feeds.identitySettings.description')}>
            {t('feeds.identitySettings')}
          </Header>
        }
      >
        <SpaceBetween size="l">
          <Namespaces input={input} change={change} error={error} missing={missing} />
          <FormField label={t('feeds.showPopulation')}>
            <Checkbox
              checked={input.showPopulation}
              description={t('feeds.showPopulation.description')}
              onChange={({ detail }) => change({ showPopulation: detail.checked })}
            >
              {t('feeds.showPopulation.label')}
            </Checkbox>
          </FormField>
        </SpaceBetween>
      </Container>
    </div>
  );
}

function Uses({ input, change, error }: Pick<StepProps, 'input' | 'change' | 'error'>) {
  const t = useT();
  const words = useMarketingActionWords();
  const custom = useCustomActions(useSandbox());
  const options = [
    {
      label: t('feeds.restricted.core'),
      options: FEED_MARKETING_ACTIONS.map((value) => {
        const { name, meaning } = words(value);
        return { value: value as string, label: name, description: meaning ?? undefined };
      }),
    },
    ...(custom.length > 0
      ? [
          {
            label: t('feeds.restricted.own'),
            options: custom.map(({ code, name, description }) => ({
              value: code,
              label: name,
              description: description ?? undefined,
            })),
          },
        ]
      : []),
  ];
  const known = new Map(options.flatMap((group) => group.options).map((option) => [option.value, option]));
  return (
    <FormField
      label={t('feeds.restricted')}
      description={t('feeds.restricted.field')}
      errorText={errorAt(error, '/restrictedMarketingActions')}
    >
      <Multiselect
        selectedOptions={input.restrictedMarketingActions.map(
          (code) => known.get(code) ?? { value: code, label: code },
        )}
        options={options}
        filteringType="auto"
        placeholder={t('feeds.restricted.choose')}
        onChange={({ detail }) =>
          change({ restrictedMarketingActions: detail.selectedOptions.map(({ value }) => value ?? '') })
        }
      />
    </FormField>
  );
}

/** The namespaces whose descriptions are in every language of the console. */
const KNOWN = new Set(['Email_LC_SHA256', 'Phone_SHA256_E.164', 'ECID', 'IDFA', 'GAID']);

function Namespaces({ input, change, error, missing }: StepProps) {
  const t = useT();
  const core = useCoreNamespaces();
  const own = useOwnNamespaces(useSandbox());
  const options = [
    {
      label: t('feeds.namespaces.core'),
      options: (core.data?.value.items ?? []).map(({ code, description }) => ({
        value: code,
        label: code,
        description: KNOWN.has(code) ? t(`feeds.namespaces.about.${code}`) : description,
      })),
    },
    ...(own.length > 0
      ? [
          {
            label: t('feeds.namespaces.own'),
            options: own.map(({ namespace, name }) => ({
              value: namespace,
              label: namespace,
              labelTag: name,
              description: t('feeds.namespaces.own.description'),
            })),
          },
        ]
      : []),
  ];
  const known = new Map(options.flatMap((group) => group.options).map((option) => [option.value, option]));
  const missed = missing.includes('/namespaces') && t('feeds.namespaces.missing');
  return (
    <FormField
      label={t('feeds.namespaces')}
      description={t('feeds.namespaces.description')}
      errorText={errorAt(error, '/namespaces') ?? missed}
    >
      <Multiselect
        selectedOptions={input.namespaces.map((code) => known.get(code) ?? { value: code, label: code })}
        options={options}
        filteringType="auto"
        placeholder={t('feeds.namespaces.choose')}
        statusType={core.isPending ? 'loading' : core.isError ? 'error' : 'finished'}
        onChange={({ detail }) => change({ namespaces: detail.selectedOptions.map(({ value }) => value ?? '') })}
      />
    </FormField>
  );
}
