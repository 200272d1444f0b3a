import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from 'handfast-client';
import { useSandbox } from '../../api/me';
import { useMarketingActionWords } from '../../components/MarketingActions';
import { NameOrId, Written } from '../../components/NameOrId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { useExplanation, useSegmentNames } from './queries';

type Violation = Schemas['ViolationView'];

/** The policy that no sandbox can disable. */
const ALWAYS_ON = 'restrict_data_sharing';

/** What policies forbid of a feed's draft, by segment, and what would resolve it. Nothing where all is allowed. */
export function Explanation({ feed, version }: { feed: string; version: string | null }) {
  const t = useT();
  const sandbox = useSandbox();
  const names = useSegmentNames(sandbox);
  const read = useExplanation(sandbox, feed, version);
  const items = read.data?.value.items ?? [];
  // A policy forbids sharing a segment with anybody: what is said of one partner is true of all.
  const blocked = new Map(items.filter(({ allowed }) => !allowed).map((item) => [item.segmentId, item.violations]));
  if (read.error) return <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />;
  if (blocked.size === 0) return null;
  return (
    <Alert type="warning" header={t('feeds.explain.title', { count: blocked.size })}>
      <SpaceBetween size="s">
        <div>{t('feeds.explain.detail')}</div>
        {[...blocked].map(([segment, violations]) => (
          <div key={segment}>
            <NameOrId name={names.get(segment)} id={segment} href={inSandbox(sandbox, 'segments', segment)} />
            <ul>
              {violations.map((violation) => (
                <li
                  key={`${violation.policy} ${violation.label} ${violation.marketingAction} ${violation.from.entityId}`}
                >
                  <Reason {...violation} />
                </li>
              ))}
            </ul>
            <Box color="text-body-secondary">
              {t('feeds.explain.resolve')} <Resolution violations={violations} />
            </Box>
          </div>
        ))}
      </SpaceBetween>
    </Alert>
  );
}

function Reason({ policy, policyName, label, marketingAction, from }: Violation) {
  const t = useT();
  const sandbox = useSandbox();
  const words = useMarketingActionWords();
  return (
    <>
      <RouteLink href={inSandbox(sandbox, 'governance/policies', policy)}>
        <Written>{policyName}</Written>
      </RouteLink>
      {': '}
      {t(`feeds.explain.from.${from.entityType}`, {
        label: label ?? '',
        action: words(marketingAction).name,
      })}{' '}
      <RouteLink href={placeOfOrigin(sandbox, from)}>
        <Written>{from.name}</Written>
      </RouteLink>
    </>
  );
}

function Resolution({ violations }: { violations: Violation[] }) {
  const t = useT();
  const ways = new Set<string>();
  for (const { policy, policyName, label } of violations) {
    ways.add(t('feeds.explain.takeOff', { label: label ?? '' }));
    if (policy !== ALWAYS_ON) ways.add(t('feeds.explain.disable', { policy: policyName }));
  }
  ways.add(t('feeds.explain.leaveOut'));
  return <span dir="auto">{[...ways].join('; ')}</span>;
}

function placeOfOrigin(sandbox: string, { entityType, entityId }: Violation['from']): string {
  if (entityType === 'dataSource') return inSandbox(sandbox, 'governance/data-sources', entityId);
  if (entityType === 'receivedFeed') return inSandbox(sandbox, 'received-feeds', entityId);
  // A column is named after its segment: `seg_…/mail`.
  return inSandbox(sandbox, 'segments', entityId.split('/')[0] ?? entityId);
}
