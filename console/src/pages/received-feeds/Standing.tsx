import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMarketingActionWords } from '../../components/MarketingActions';
import { useT } from '../../i18n/messages';
import { type Difference, type Differences, differencesOf } from './difference';
import type { ReceivedFeed } from './queries';

const ALERTS = { pending: 'info', disabled: 'warning', declined: 'info', revoked: 'warning' } as const;

/** What the feed's status means for what is received, and of a changed one what its new version would change. */
export function Standing({ feed }: { feed: ReceivedFeed }) {
  const t = useT();
  const partner = feed.partner.organizationName;
  if (feed.status === 'enabled') return null;
  if (feed.status === 'changed') return <Changed feed={feed} />;
  return (
    <Alert type={ALERTS[feed.status]} header={t(`receivedFeeds.standing.${feed.status}`, { partner })}>
      {t(`receivedFeeds.standing.detail.${feed.status}`)}
    </Alert>
  );
}

function Changed({ feed }: { feed: ReceivedFeed }) {
  const t = useT();
  const words = useMarketingActionWords();
  const differences = differencesOf(feed);
  const accepted = feed.acceptedVersion ?? 0;
  return (
    <Container
      header={
        <Header variant="h2" description={t('receivedFeeds.difference.description')}>
          {t('receivedFeeds.difference', { offered: feed.version, accepted })}
        </Header>
      }
    >
      {differences ? (
        <SpaceBetween size="l">
          <Row of="segments" {...differences.segments} />
          <Row of="namespaces" {...differences.namespaces} />
          <Row of="uses" {...differences.uses} wordOf={(code) => words(code).name} />
        </SpaceBetween>
      ) : (
        t('receivedFeeds.difference.unknown', { offered: feed.version, accepted })
      )}
    </Container>
  );
}

const FLOWING = { added: 'pending', removed: 'stopped', kept: 'success' } as const;
// A use that is restricted is not allowed, and holds whatever the receiver decides.
const LOOKS = {
  segments: FLOWING,
  namespaces: FLOWING,
  uses: { added: 'stopped', removed: 'success', kept: 'stopped' },
} as const;
const CHANGES = ['added', 'removed', 'kept'] as const;

interface RowProps extends Difference {
  of: keyof Differences;
  /** The word for one of them, where it is not its own. */
  wordOf?: (code: string) => string;
}

/** What the version adds, takes out and keeps of one kind of thing, and what that means where there is some. */
function Row({ of, wordOf = (code) => code, ...difference }: RowProps) {
  const t = useT();
  return (
    <ColumnLayout columns={3} variant="text-grid">
      {CHANGES.map((change) => (
        <div key={change}>
          <Box variant="h3">
            {t(`receivedFeeds.difference.${of}.${change}`)} ({difference[change].length})
          </Box>
          {difference[change].length === 0
            ? t('common.none')
            : difference[change].map((each) => (
                <div key={each}>
                  <StatusIndicator type={LOOKS[of][change]}>
                    <span dir="auto" className="breaks">
                      {wordOf(each)}
                    </span>
                  </StatusIndicator>
                </div>
              ))}
          {difference[change].length > 0 && (
            <Box variant="small" color="text-body-secondary" display="block" margin={{ top: 'xs' }}>
              {t(`receivedFeeds.difference.${of}.${change}.note`)}
            </Box>
          )}
        </div>
      ))}
    </ColumnLayout>
  );
}
