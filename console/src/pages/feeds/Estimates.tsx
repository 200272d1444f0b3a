import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { bodyOf, ProblemError, type Schemas } from 'handfast-client';
import { useIntl } from 'react-intl';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { GuardedButton } from '../../components/Guarded';
import { Written } from '../../components/NameOrId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { answersFor } from './draft';
import { EstimateBar } from './EstimateBar';
import { type Feed, useActiveConnections, useEstimatesLeft, useSegmentNames, useSettings } from './queries';

type Estimate = Schemas['OverlapEstimate'];
type Privacy = Schemas['PairPrivacy'];

/** *Analyze by segment*: how many identities of each segment each partner knows too, and what asking costs. */
export function Estimates({ feed }: { feed: Feed }) {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const left = useEstimatesLeft(sandbox);
  const cost = answersFor(feed);
  const analyze = useAction(
    (_: undefined, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/feeds/{feed}/estimate', {
          params: { path: { sandbox, feed: feed.feedId } },
          body: { precision: 0.05 },
          headers: once,
        }),
      ),
    { invalidates: [['sandbox', sandbox, 'quotas']] },
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('feeds.estimate.description')}
          actions={
            <GuardedButton
              permission="feeds:write"
              loading={analyze.isPending}
              disabled={feed.connectionIds.length === 0}
              onClick={() => analyze.mutate(undefined)}
            >
              {t('feeds.estimate.analyze')}
            </GuardedButton>
          }
        >
          {t('feeds.estimate.title')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Box color="text-body-secondary">
          {t('feeds.estimate.cost', { count: cost })}{' '}
          {left && t('feeds.estimate.left', { remaining: left.remaining, limit: left.limit })}
        </Box>
        {analyze.isPending && <StatusIndicator type="loading">{t('feeds.estimate.running')}</StatusIndicator>}
        <Refusal error={analyze.error} />
        {analyze.data && (
          <div role="status">
            <SpaceBetween size="l">
              {feed.connectionIds.map((connection) => (
                <OfPartner
                  key={connection}
                  connection={connection}
                  items={analyze.data.items.filter(({ connectionId }) => connectionId === connection)}
                  privacy={analyze.data.privacy.find(({ connectionId }) => connectionId === connection)}
                />
              ))}
            </SpaceBetween>
          </div>
        )}
      </SpaceBetween>
    </Container>
  );
}

function Refusal({ error }: { error: unknown }) {
  const t = useT();
  const sandbox = useSandbox();
  const connections = useActiveConnections(sandbox).data?.items ?? [];
  if (!(error instanceof ProblemError) || error.reason !== 'estimates_not_allowed')
    return <ProblemAlert error={error} />;
  const partner = connections.find(({ connectionId }) => connectionId === error.members.connectionId);
  return (
    <Alert type="info" header={t('feeds.estimate.notAllowed')}>
      {t('feeds.estimate.notAllowed.detail', { partner: partner?.partner.organizationName ?? '' })}
    </Alert>
  );
}

interface OfPartnerProps {
  connection: string;
  items: Estimate[];
  privacy: Privacy | undefined;
}

function OfPartner({ connection, items, privacy }: OfPartnerProps) {
  const t = useT();
  const intl = useIntl();
  const sandbox = useSandbox();
  const names = useSegmentNames(sandbox);
  const partners = useActiveConnections(sandbox).data?.items ?? [];
  const name = partners.find(({ connectionId }) => connectionId === connection)?.partner.organizationName ?? connection;
  const threshold = useSettings(sandbox)?.overlapThreshold;
  const widest = Math.max(1, ...items.map(({ overlapped }) => overlapped?.high ?? 0));
  const first = items[0];
  return (
    <section>
      <Box variant="h3">
        <Written>{name}</Written>
      </Box>
      {first && (
        <Box variant="small" color="text-body-secondary">
          {t('feeds.estimate.read', { share: intl.formatNumber(first.dataRead, { style: 'percent' }) })}{' '}
          <Time at={first.asOf} />
        </Box>
      )}
      <table className="waterfall" aria-label={t('feeds.estimate.table', { partner: name })}>
        <thead>
          <tr>
            <th scope="col">{t('feeds.segment')}</th>
            <th scope="col">{t('feeds.namespace')}</th>
            <th scope="col">{t('feeds.estimate.numbers')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={`${item.segmentId} ${item.namespace}`}>
              <th scope="row">
                <Written>{names.get(item.segmentId) ?? item.segmentId}</Written>
              </th>
              <td className="count">{item.namespace}</td>
              {item.overlapped && item.withConsent ? (
                <>
                  <td>
                    <Numbers label={t('feeds.estimate.overlapped')} interval={item.overlapped} />
                    <Numbers label={t('feeds.estimate.withConsent')} interval={item.withConsent} />
                  </td>
                  <td className="picture" aria-hidden="true">
                    <EstimateBar interval={item.overlapped} widest={widest} kind="whole" />
                    <EstimateBar interval={item.withConsent} widest={widest} kind="part" />
                  </td>
                </>
              ) : (
                <td colSpan={2}>
                  {threshold ? t('feeds.estimate.below', { count: threshold }) : t('feeds.estimate.belowTheirs')}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {privacy && (
        <Box color="text-body-secondary">
          {t('feeds.estimate.budget', {
            spent: privacy.answersSpent,
            day: privacy.answersADay,
            left: Math.max(privacy.answersADay - privacy.answersSpent, 0),
          })}
        </Box>
      )}
    </section>
  );
}

function Numbers({ label, interval }: { label: string; interval: Schemas['Interval'] }) {
  const t = useT();
  const intl = useIntl();
  const [estimate, low, high] = [interval.estimate, interval.low, interval.high].map((number) =>
    intl.formatNumber(Math.round(number)),
  );
  return (
    <div className="count">
      {label}: {t('feeds.estimate.interval', { estimate, low, high })}
    </div>
  );
}
