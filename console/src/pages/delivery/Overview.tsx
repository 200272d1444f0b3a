import Header from '@cloudscape-design/components/header';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';

export default function Overview() {
  const t = useT();
  const title = t('delivery.title');
  usePage({ title, breadcrumbs: [{ text: title }] });
  return <Header variant="h1">{title}</Header>;
}
