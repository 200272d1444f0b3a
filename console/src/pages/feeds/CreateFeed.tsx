import { useSandbox } from '../../api/me';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { FeedWizard } from './FeedWizard';

export default function CreateFeed() {
  const t = useT();
  const sandbox = useSandbox();
  const title = t('feeds.create');
  usePage({
    title,
    contentType: 'wizard',
    breadcrumbs: [{ text: t('feeds.title'), href: inSandbox(sandbox, 'feeds') }, { text: title }],
  });
  return <FeedWizard feed={null} etag={null} />;
}
