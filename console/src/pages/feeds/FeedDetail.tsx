import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useCan, useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { Guarded, GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { Labels } from '../../components/Labels';
import { MarketingActions } from '../../components/MarketingActions';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { DeleteFeed } from './DeleteFeed';
import { Explanation } from './Explanation';
import { type Feed, useFeed } from './queries';
import { Segments } from './Segments';
import { Shares } from './Shares';
import { FeedStatus } from './status';
import { Versions } from './Versions';

export default function FeedDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { feed: id = '' } = useParams();
  const read = useFeed(sandbox, id);
  return (
    <DetailPage
      resource={read}
      title={(feed) => feed?.name ?? id}
      above={[{ text: t('feeds.title'), href: inSandbox(sandbox, 'feeds') }]}
      actions={(feed, etag) => <Actions feed={feed} etag={etag} />}
    >
      {(feed, etag) => (
        <>
          <Unpublished feed={feed} />
          <Explanation feed={feed.feedId} version={etag} />
          <Container header={<Header variant="h2">{t('feeds.overview')}</Header>}>
            <KeyValues
              items={[
                { label: t('feeds.status'), value: <FeedStatus feed={feed} /> },
                { label: t('feeds.version'), value: feed.version > 0 ? String(feed.version) : t('common.none') },
                { label: t('feeds.publishedAt'), value: <Time at={feed.publishedAt} /> },
                { label: t('feeds.namespaces'), value: <Labels labels={feed.namespaces} /> },
                { label: t('feeds.restricted'), value: <MarketingActions codes={feed.restrictedMarketingActions} /> },
                {
                  label: t('feeds.showPopulation'),
                  value: t(feed.showPopulation ? 'feeds.showPopulation.yes' : 'feeds.showPopulation.no'),
                },
                {
                  label: t('feeds.description'),
                  value: feed.description ? (
                    <span dir="auto" className="breaks">
                      {feed.description}
                    </span>
                  ) : (
                    t('common.none')
                  ),
                },
                { label: t('feeds.createdAt'), value: <Time at={feed.createdAt} /> },
                { label: t('feeds.id'), value: <CopyId value={feed.feedId} /> },
              ]}
            />
          </Container>
          <Segments feed={feed} />
          <Shares feed={feed} />
          <Versions feed={feed} />
        </>
      )}
    </DetailPage>
  );
}

function Unpublished({ feed }: { feed: Feed }) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  if (!feed.hasUnpublishedChanges) return null;
  const review = () => void navigate(`${inSandbox(sandbox, 'feeds', feed.feedId, 'edit')}?step=review`);
  return (
    <Alert
      type="info"
      header={t(feed.version === 0 ? 'feeds.draft.title' : 'feeds.unpublished.title', { version: feed.version + 1 })}
      action={
        <Guarded permission="feeds:write">
          <Button onClick={review}>{t('feeds.draft.review')}</Button>
        </Guarded>
      }
    >
      {t(feed.version === 0 ? 'feeds.draft.detail' : 'feeds.unpublished.detail', { version: feed.version })}
    </Alert>
  );
}

function Actions({ feed, etag }: { feed: Feed; etag: string | null }) {
  const t = useT();
  const can = useCan();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <>
      <GuardedButton
        permission="feeds:write"
        onClick={() => void navigate(inSandbox(sandbox, 'feeds', feed.feedId, 'edit'))}
      >
        {t('feeds.edit')}
      </GuardedButton>
      <ButtonDropdown
        disabled={!can('feeds:write')}
        items={[{ id: 'delete', text: t(feed.version === 0 ? 'feeds.deleteDraft' : 'feeds.delete') }]}
        onItemClick={() => setDeleting(true)}
      >
        {t('feeds.actions')}
      </ButtonDropdown>
      {isDeleting && <DeleteFeed feed={feed} etag={etag} onClose={() => setDeleting(false)} />}
    </>
  );
}
