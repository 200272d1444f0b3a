import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { bodyOf, ProblemError, type Schemas } from 'handfast-client';
import { useEffect } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { KeyValues } from '../../components/KeyValues';
import { MarketingActions } from '../../components/MarketingActions';
import { Written } from '../../components/NameOrId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { StatusBadge } from '../../components/StatusBadge';
import { useT } from '../../i18n/messages';
import { Explanation } from './Explanation';
import { type Feed, feedKey, useActiveConnections, useSegmentNames } from './queries';

type Preview = Schemas['PublishPreview'];
type Change = Preview['shares'][number];

interface Props {
  feed: Feed;
  etag: string | null;
  /** What publishing has answered. */
  error: unknown;
  /** Whether the dry run allows publishing. */
  onPreviewed: (isPreviewed: boolean) => void;
}

/** What publishing would do, by its dry run. */
export function PublishStep({ feed, etag, error, onPreviewed }: Props) {
  const t = useT();
  const preview = usePreview(feed, etag);
  useEffect(() => onPreviewed(preview.isSuccess), [preview.isSuccess, onPreviewed]);
  const isUnchanged = preview.error instanceof ProblemError && preview.error.status === 409;
  return (
    <SpaceBetween size="l">
      <ProblemAlert error={error} />
      {preview.isFetching && <StatusIndicator type="loading">{t('dryRun.running')}</StatusIndicator>}
      {isUnchanged && !feed.hasUnpublishedChanges ? (
        <Alert type="info" header={t('feeds.publish.unchanged', { version: feed.version })}>
          {t('feeds.publish.unchanged.detail')}
        </Alert>
      ) : (
        <SpaceBetween size="l">
          <Explanation feed={feed.feedId} version={etag} />
          <ProblemAlert error={preview.error} onRetry={() => void preview.refetch()} />
        </SpaceBetween>
      )}
      {preview.data && (
        <SpaceBetween size="l">
          <Alert type="info" header={t('feeds.publish.version', { version: preview.data.version })}>
            {t('feeds.publish.detail')}
          </Alert>
          {preview.data.shares.map((change) => (
            <OfPartner key={change.connectionId} feed={feed} change={change} minimums={preview.data.minimums} />
          ))}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

function usePreview(feed: Feed, etag: string | null) {
  const api = useApi();
  const sandbox = useSandbox();
  return useQuery({
    queryKey: [...feedKey(sandbox, feed.feedId), 'publish-preview', etag],
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) =>
      (await bodyOf(
        api.POST('/sandboxes/{sandbox}/feeds/{feed}/publish', {
          params: { path: { sandbox, feed: feed.feedId }, query: { dryRun: true } },
          signal,
        }),
      )) as Preview,
  });
}

const LOOKS = { offer: 'pending', change: 'changed', unshare: 'revoked', none: 'active' } as const;

function OfPartner({ feed, change, minimums }: { feed: Feed; change: Change; minimums: Preview['minimums'] }) {
  const t = useT();
  const sandbox = useSandbox();
  const names = useSegmentNames(sandbox);
  const connections = useActiveConnections(sandbox).data?.items ?? [];
  const partner =
    feed.shares.find(({ connectionId }) => connectionId === change.connectionId)?.partner ??
    connections.find(({ connectionId }) => connectionId === change.connectionId)?.partner;
  const named = (ids: readonly string[]) => <Lines lines={ids.map((id) => names.get(id) ?? id)} />;
  const mine = minimums.filter(({ connectionId }) => connectionId === change.connectionId);
  const pairs = (wanted: Preview['minimums'][number]['minimum']) =>
    mine
      .filter(({ minimum }) => minimum === wanted)
      .map(({ segmentId, namespace }) => `${names.get(segmentId) ?? segmentId} · ${namespace}`);
  const below = pairs('below');
  const unknown = pairs('unknown');
  const gets = change.change !== 'unshare';
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t(`feeds.publish.change.description.${change.change}`)}
          info={<StatusBadge status={LOOKS[change.change]}>{t(`feeds.publish.change.${change.change}`)}</StatusBadge>}
        >
          <span dir="auto" className="breaks">
            {partner?.organizationName ?? change.connectionId}
          </span>
        </Header>
      }
    >
      <KeyValues
        items={[
          { label: t('feeds.publish.added'), value: named(change.addedSegmentIds) },
          { label: t('feeds.publish.removed'), value: named(change.removedSegmentIds) },
          ...(gets
            ? [
                { label: t('feeds.namespaces'), value: <Lines lines={feed.namespaces} /> },
                { label: t('feeds.restricted'), value: <MarketingActions codes={feed.restrictedMarketingActions} /> },
              ]
            : []),
          ...(below.length > 0 ? [{ label: t('feeds.publish.below'), value: <Lines lines={below} /> }] : []),
          ...(unknown.length > 0 ? [{ label: t('feeds.publish.unknown'), value: <Lines lines={unknown} /> }] : []),
        ]}
      />
    </Container>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  const t = useT();
  if (lines.length === 0) return <>{t('common.none')}</>;
  return (
    <ul className="plain">
      {lines.map((line) => (
        <li key={line}>
          <Written>{line}</Written>
        </li>
      ))}
    </ul>
  );
}
