import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../api/me';
import { isExclusion, useExclusionName } from '../../components/exclusions';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Time } from '../../components/Time';
import { Waterfall } from '../../components/Waterfall';
import { useT } from '../../i18n/messages';
import { useFollow } from '../../layout/follow';
import { inSandbox } from '../../paths';
import { type Account, accountOf, type Loss } from './population';
import { type Dataflow, isToDestination, type Population, usePopulation } from './queries';

type Part = Population['namespaces'][number];

/** Why fewer are shared than the segments have members, as a waterfall that adds up, and what to do about each step. */
export function PopulationPanel({ flow }: { flow: Dataflow }) {
  const t = useT();
  const read = usePopulation(useSandbox(), flow.dataflowId, { isLive: isToDestination(flow) });
  const [chosen, setChosen] = useState('');
  const population = read.data?.value;
  const namespaces = population?.namespaces ?? [];
  const options = [
    { value: '', label: t('delivery.population.all') },
    ...namespaces.map(({ namespace }) => ({
      value: namespace ?? 'none',
      label: namespace ?? t('delivery.population.noNamespace'),
    })),
  ];
  const part = namespaces.find(({ namespace }) => (namespace ?? 'none') === chosen);
  const shown = part ?? population;
  const account = shown ? accountOf(shown) : null;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('delivery.population.description')}
          actions={
            <div className="row">
              {namespaces.length > 0 && (
                <div className="choice">
                  <Select
                    inlineLabelText={t('delivery.population.namespace')}
                    selectedOption={options.find(({ value }) => value === chosen) ?? options[0] ?? null}
                    options={options}
                    onChange={({ detail }) => setChosen(detail.selectedOption.value ?? '')}
                  />
                </div>
              )}
              <Button
                iconName="refresh"
                ariaLabel={t('delivery.population.again')}
                loading={read.isFetching && !read.isPending}
                onClick={() => void read.refetch()}
              />
            </div>
          }
        >
          {t('delivery.population')}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
        {read.isPending && <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>}
        {population && shown && (account ? <Told account={account} flow={flow} /> : <Untold shared={shown.shared} />)}
        {population && <Estimates population={population} part={part} />}
        {population && <NotCounted population={population} />}
      </SpaceBetween>
    </Container>
  );
}

function Told({ account, flow }: { account: Account; flow: Dataflow }) {
  const t = useT();
  const exclusion = useExclusionName();
  const { members, losses, left, leftIs } = account;
  if (members === 0) return <Box color="text-body-secondary">{t('delivery.population.nobody')}</Box>;
  return (
    <SpaceBetween size="l">
      <Waterfall
        label={t('delivery.population')}
        from={{ label: t('delivery.population.members'), count: members }}
        steps={losses.map(({ reason, identities }) => ({ label: exclusion(reason), count: identities }))}
        to={{ label: t(`delivery.population.${leftIs}`), count: left }}
      />
      {losses.length === 0 ? (
        <StatusIndicator type="success">{t('delivery.population.nobodyLeftOut')}</StatusIndicator>
      ) : (
        <ol className="plain stack" aria-label={t('delivery.population.steps')}>
          {losses.map((loss) => (
            <StepInWords key={loss.reason} loss={loss} flow={flow} />
          ))}
        </ol>
      )}
    </SpaceBetween>
  );
}

/** One step in a sentence, with how many people it is and what can be done. */
function StepInWords({ loss, flow }: { loss: Loss; flow: Dataflow }) {
  const t = useT();
  const follow = useFollow();
  const exclusion = useExclusionName();
  const sandbox = useSandbox();
  const { reason, identities, people } = loss;
  const place = placeFor(reason, flow);
  return (
    <li>
      <Box variant="strong">{exclusion(reason)}</Box>
      {isExclusion(reason) && <div>{t(`delivery.step.${reason}`, { count: identities })}</div>}
      {people !== null && <div>{t('delivery.population.people', { count: people })}</div>}
      {isExclusion(reason) && (
        <Box color="text-body-secondary">
          {t(`delivery.todo.${reason}`)}{' '}
          {place && (
            <Link href={inSandbox(sandbox, ...place)} onFollow={follow}>
              {t(`delivery.place.${reason}`)}
            </Link>
          )}
        </Box>
      )}
    </li>
  );
}

/** The page on which something can be done about a step, if there is one. */
function placeFor(reason: string, flow: Dataflow): string[] | null {
  const ofFeed = isToDestination(flow)
    ? ['destinations', flow.destinationId, 'activations', flow.activationId, 'edit']
    : flow.direction === 'outgoing'
      ? ['feeds', flow.feedId]
      : ['received-feeds', flow.receivedFeedId];
  const places: Record<string, string[]> = {
    namespace_not_selected: ofFeed,
    policy: ['governance'],
    suppressed: ['privacy'],
  };
  return places[reason] ?? null;
}

/** The partner does not show what comes before: all that is known is what arrived. */
function Untold({ shared }: { shared: number | null }) {
  const t = useT();
  return (
    <Alert type="info">
      {t('delivery.population.untold')}{' '}
      {shared !== null && <strong>{t('delivery.population.arrived', { count: shared })}</strong>}
    </Alert>
  );
}

/** What a partner was given, as far as its source is told: with noise, by namespace. */
function Estimates({ population, part }: { population: Population; part: Part | undefined }) {
  const t = useT();
  const intl = useIntl();
  const told = (part ? [part] : population.namespaces).filter(
    ({ sharedEstimate, belowThreshold }) => sharedEstimate !== null || belowThreshold,
  );
  if (told.length === 0) return null;
  return (
    <div>
      <Box variant="h3">{t('delivery.estimate')}</Box>
      <ul className="plain">
        {told.map(({ namespace, sharedEstimate }) => (
          <li key={namespace}>
            {namespace}:{' '}
            {sharedEstimate
              ? t('delivery.estimate.interval', {
                  estimate: intl.formatNumber(sharedEstimate.estimate),
                  low: intl.formatNumber(sharedEstimate.low),
                  high: intl.formatNumber(sharedEstimate.high),
                })
              : t('delivery.estimate.below')}
          </li>
        ))}
      </ul>
      <Box color="text-body-secondary">
        {t('delivery.estimate.asOf')} <Time at={population.sharedAsOf} exact />.{' '}
        {population.privacy &&
          t('delivery.estimate.privacy', {
            spent: population.privacy.answersSpent,
            aDay: population.privacy.answersADay,
          })}
      </Box>
    </div>
  );
}

function NotCounted({ population }: { population: Population }) {
  const t = useT();
  const { messages } = useIntl();
  const words = ({ reason, text }: Population['notCounted'][number]) =>
    `delivery.notCounted.${reason}` in messages ? t(`delivery.notCounted.${reason}`) : text;
  return (
    <ExpandableSection headerText={t('delivery.population.differs')}>
      <ul>
        {population.notCounted.map((one) => (
          <li key={one.reason}>{words(one)}</li>
        ))}
      </ul>
    </ExpandableSection>
  );
}
