import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useParams } from 'react-router';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { Count } from '../../components/Count';
import { DetailPage } from '../../components/DetailPage';
import { KeyValues } from '../../components/KeyValues';
import { Labels } from '../../components/Labels';
import { MarketingActions } from '../../components/MarketingActions';
import { NameOrId } from '../../components/NameOrId';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { Decisions } from './Decisions';
import { isReadable } from './difference';
import { Export } from './Export';
import { Members } from './Members';
import { OtherTools } from './OtherTools';
import { type ReceivedFeed, useReceivedFeed } from './queries';
import { Standing } from './Standing';

export default function ReceivedFeedDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { receivedFeed: id = '' } = useParams();
  const read = useReceivedFeed(sandbox, id);
  return (
    <DetailPage
      resource={read}
      title={(feed) => feed?.feedName ?? id}
      above={[{ text: t('receivedFeeds.title'), href: inSandbox(sandbox, 'received-feeds') }]}
      actions={(feed) => <Decisions feed={feed} />}
    >
      {(feed) => (
        <SpaceBetween size="l">
          <Standing feed={feed} />
          <Overview feed={feed} />
          <Container
            header={
              <Header variant="h2" description={t('receivedFeeds.restricted.description')}>
                {t('receivedFeeds.restricted')}
              </Header>
            }
          >
            {feed.restrictedMarketingActions.length > 0 ? (
              <MarketingActions codes={feed.restrictedMarketingActions} />
            ) : (
              t('receivedFeeds.restricted.none')
            )}
          </Container>
          <Segments feed={feed} />
          {isReadable(feed) && (
            <SpaceBetween size="l">
              <Members feed={feed} />
              <Export feed={feed} />
              <OtherTools feed={feed} />
            </SpaceBetween>
          )}
        </SpaceBetween>
      )}
    </DetailPage>
  );
}

function Overview({ feed }: { feed: ReceivedFeed }) {
  const t = useT();
  const sandbox = useSandbox();
  return (
    <Container header={<Header variant="h2">{t('receivedFeeds.overview')}</Header>}>
      <KeyValues
        items={[
          { label: t('receivedFeeds.status'), value: <StatusBadge status={feed.status} /> },
          {
            label: t('receivedFeeds.partner'),
            value: (
              <NameOrId
                name={`${feed.partner.organizationName} / ${feed.partner.sandboxName}`}
                id={feed.connectionId}
                href={inSandbox(sandbox, 'partners', feed.connectionId)}
              />
            ),
          },
          { label: t('receivedFeeds.memberships'), value: <Count value={feed.counts.memberships} /> },
          { label: t('receivedFeeds.offeredVersion'), value: String(feed.version) },
          {
            label: t('receivedFeeds.enabledVersion'),
            value: feed.acceptedVersion === null ? t('common.none') : String(feed.acceptedVersion),
          },
          { label: t('receivedFeeds.namespaces'), value: <Labels labels={feed.namespaces} /> },
          {
            label: t('receivedFeeds.note'),
            value: feed.description ? (
              <span dir="auto" className="breaks">
                {feed.description}
              </span>
            ) : (
              t('common.none')
            ),
          },
          { label: t('receivedFeeds.sharedAt'), value: <Time at={feed.sharedAt} /> },
          {
            label: t('receivedFeeds.dataflow'),
            value: feed.dataflowId ? (
              <RouteLink href={inSandbox(sandbox, 'delivery', feed.dataflowId)}>
                {t('receivedFeeds.dataflow.show')}
              </RouteLink>
            ) : (
              t('common.none')
            ),
          },
          { label: t('receivedFeeds.id'), value: <CopyId value={feed.receivedFeedId} /> },
        ]}
      />
    </Container>
  );
}

function Segments({ feed }: { feed: ReceivedFeed }) {
  const t = useT();
  const sandbox = useSandbox();
  const heldOf = (segment: string) => (feed.held ?? []).filter(({ segmentId }) => segmentId === segment);
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${feed.segments.length})`}>
          {t('receivedFeeds.segments')}
        </Header>
      }
      ariaLabels={{ tableLabel: t('receivedFeeds.segments') }}
      trackBy="segmentId"
      items={feed.segments}
      columnDefinitions={[
        {
          id: 'name',
          header: t('receivedFeeds.segment'),
          isRowHeader: true,
          cell: ({ segmentId, name, accepted }) => (
            <NameOrId
              name={name}
              id={segmentId}
              {...(accepted && feed.status !== 'disabled' && { href: inSandbox(sandbox, 'segments', segmentId) })}
            />
          ),
        },
        {
          id: 'accepted',
          header: t('receivedFeeds.segment.state'),
          cell: ({ accepted }) =>
            accepted ? (
              <StatusIndicator type="success">{t('receivedFeeds.segment.accepted')}</StatusIndicator>
            ) : (
              <StatusIndicator type="pending">{t('receivedFeeds.segment.waiting')}</StatusIndicator>
            ),
        },
        {
          id: 'held',
          header: t('receivedFeeds.held'),
          cell: ({ segmentId }) => {
            const held = heldOf(segmentId);
            if (held.length === 0) return t('common.none');
            return (
              <ul className="plain">
                {held.map(({ namespace, reason }) => (
                  <li key={namespace}>
                    <StatusIndicator type="warning">
                      {namespace}: {t(`receivedFeeds.held.${reason}`)}
                    </StatusIndicator>
                  </li>
                ))}
              </ul>
            );
          },
        },
        {
          id: 'id',
          header: t('receivedFeeds.segment.id'),
          cell: ({ segmentId }) => <CopyId value={segmentId} />,
        },
      ]}
    />
  );
}
