import { StatusBadge } from '../../components/StatusBadge';
import { useT } from '../../i18n/messages';
import type { Feed } from './queries';

/** A feed's status; of a published one also whether its next version waits to be published. */
export function FeedStatus({ feed }: { feed: Feed }) {
  const t = useT();
  if (feed.status === 'published' && feed.hasUnpublishedChanges)
    return <StatusBadge status="changed">{t('feeds.status.unpublished')}</StatusBadge>;
  return <StatusBadge status={feed.status} />;
}
