import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import { useSandbox } from '../../api/me';
import { Labels } from '../../components/Labels';
import { MarketingActions } from '../../components/MarketingActions';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { differenceOf } from './difference';
import { type ReceivedFeed, useDataflow } from './queries';

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
  const dataflow = useDataflow(useSandbox(), feed.dataflowId);
  const { added, removed, kept } = differenceOf(feed, dataflow.data?.value.segmentIds ?? []);
  const accepted = feed.acceptedVersion ?? 0;
  return (
    <Container
      header={
        <Header variant="h2" description={t('receivedFeeds.difference.description')}>
          {t('receivedFeeds.difference', { offered: feed.version, accepted })}
        </Header>
      }
    >
      <ColumnLayout columns={3} variant="text-grid">
        <Part
          title={t('receivedFeeds.difference.added')}
          lines={added.map(({ name }) => name)}
          type="pending"
          note={t('receivedFeeds.difference.added.note')}
        />
        {dataflow.data ? (
          <Part
            title={t('receivedFeeds.difference.removed')}
            lines={removed}
            type="stopped"
            note={t('receivedFeeds.difference.removed.note')}
          />
        ) : (
          <Terms title={t('receivedFeeds.difference.removed')} note={null}>
            {dataflow.error ? (
              <ProblemAlert error={dataflow.error} onRetry={() => void dataflow.refetch()} />
            ) : (
              <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>
            )}
          </Terms>
        )}
        <Part
          title={t('receivedFeeds.difference.kept')}
          lines={kept.map(({ name }) => name)}
          type="success"
          note={t('receivedFeeds.difference.kept.note')}
        />
        <Terms title={t('receivedFeeds.difference.namespaces')} note={t('receivedFeeds.difference.namespaces.note')}>
          <Labels labels={feed.namespaces} />
        </Terms>
        <Terms title={t('receivedFeeds.restricted')} note={t('receivedFeeds.difference.restricted.note')}>
          <MarketingActions codes={feed.restrictedMarketingActions} />
        </Terms>
      </ColumnLayout>
    </Container>
  );
}

interface PartProps {
  title: string;
  lines: readonly string[];
  type: StatusIndicatorProps.Type;
  /** What this means, where there is some. */
  note: string;
}

function Part({ title, lines, type, note }: PartProps) {
  const t = useT();
  return (
    <Terms title={`${title} (${lines.length})`} note={lines.length > 0 ? note : null}>
      {lines.length === 0
        ? t('common.none')
        : lines.map((line) => (
            <div key={line}>
              <StatusIndicator type={type}>
                <span dir="auto" className="breaks">
                  {line}
                </span>
              </StatusIndicator>
            </div>
          ))}
    </Terms>
  );
}

function Terms({ title, note, children }: { title: string; note: string | null; children: ReactNode }) {
  return (
    <div>
      <Box variant="h3">{title}</Box>
      {children}
      {note && (
        <Box variant="small" color="text-body-secondary" display="block" margin={{ top: 'xs' }}>
          {note}
        </Box>
      )}
    </div>
  );
}
