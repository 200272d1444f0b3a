import { useParams } from 'react-router';
import { useSandbox } from '../../api/me';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { FeedWizard } from './FeedWizard';
import { useFeed } from './queries';

export default function EditFeed() {
  const t = useT();
  const sandbox = useSandbox();
  const { feed: id = '' } = useParams();
  const read = useFeed(sandbox, id, false);
  const feed = read.data?.value;
  const title = `${t('feeds.edit')}: ${feed?.name ?? id}`;
  usePage({
    title,
    contentType: 'wizard',
    breadcrumbs: [
      { text: t('feeds.title'), href: inSandbox(sandbox, 'feeds') },
      { text: feed?.name ?? id, href: inSandbox(sandbox, 'feeds', id) },
      { text: t('feeds.edit') },
    ],
  });
  if (!read.data || !feed)
    return read.error ? (
      <PageProblem title={title} error={read.error} onRetry={() => void read.refetch()} />
    ) : (
      <Loading />
    );
  return <FeedWizard key={id} feed={feed} etag={read.data.etag} />;
}
