import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import { lazy, Suspense } from 'react';
import { useGrant, useSandbox } from '../../api/me';
import { Guarded } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { Attention } from './Attention';
import { FirstSteps } from './FirstSteps';
import { usePulse } from './queries';

// What is below the first things is most of what this page would load.
const Flowing = lazy(() => import('./Flowing'));
const Recent = lazy(() => import('./Recent'));

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
        <Suspense fallback={<Loading />}>
          <Flowing />
          <Guarded permission="activity:read">
            <Guarded permission="feeds:read">
              <Recent kind="runs" />
            </Guarded>
            <Recent kind="activity" />
          </Guarded>
        </Suspense>
      </div>
    </ContentLayout>
  );
}
