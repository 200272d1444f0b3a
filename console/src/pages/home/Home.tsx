import Header from '@cloudscape-design/components/header';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';

export default function Home() {
  const t = useT();
  const title = t('home.title');
  usePage({ title, breadcrumbs: [] });
  return <Header variant="h1">{title}</Header>;
}
