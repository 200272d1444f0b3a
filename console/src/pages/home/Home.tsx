import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import { useGrant, useSandbox } from '../../api/me';
import { Guarded } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { Attention } from './Attention';
import { FirstSteps } from './FirstSteps';
import { Flowing } from './Flowing';
import { usePulse } from './queries';
import { Recent } from './Recent';

/** What needs somebody first, then what flows, then what has happened. */
export default function Home() {
  const t = useT();
  const grant = useGrant();
  const title = t('home.title');
  usePage({ title, breadcrumbs: [] });
  usePulse(useSandbox());
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={
            <span dir="auto" className="breaks">
              {grant?.organizationName} / {grant?.sandboxName}
            </span>
          }
        >
          {title}
        </Header>
      }
    >
      <div className="stack">
        <FirstSteps />
        <Attention />
        <Flowing />
        <Guarded permission="activity:read">
          <Guarded permission="feeds:read">
            <Recent kind="runs" />
          </Guarded>
          <Recent kind="activity" />
        </Guarded>
      </div>
    </ContentLayout>
  );
}
