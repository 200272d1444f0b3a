import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { type ComponentType, type LazyExoticComponent, Suspense } from 'react';
import { useLocation } from 'react-router';
import { useCan, useGrant, useMe } from '../api/me';
import { ProblemAlert } from '../components/ProblemAlert';
import { AreaMessages, useT } from '../i18n/messages';
import type { PageRoute } from '../pages/route';
import { ErrorBoundary } from './ErrorBoundary';
import { NoGrant, NotAllowed, NotFound } from './notices';

interface Props {
  area: string;
  route: PageRoute;
  page: LazyExoticComponent<ComponentType>;
}

/** A page of a sandbox, for those whose grant opens it, with its area's messages. */
export function RoutePage({ area, route, page: Page }: Props) {
  const { pathname } = useLocation();
  const me = useMe();
  const grant = useGrant();
  const can = useCan();
  if (me.error && !me.data) return <ProblemAlert error={me.error} onRetry={() => void me.refetch()} />;
  if (!me.data) return <Loading />;
  if (me.data.grants.length === 0) return <NoGrant />;
  if (!grant) return <NotFound />;
  if (route.permission && !can(route.permission)) return <NotAllowed permission={route.permission} />;
  return (
    <ErrorBoundary resetOn={pathname}>
      <Suspense fallback={<Loading />}>
        <AreaMessages area={area}>
          <Page />
        </AreaMessages>
      </Suspense>
    </ErrorBoundary>
  );
}

export function Loading() {
  const t = useT();
  return (
    <Box textAlign="center" padding="xxxl">
      <Spinner size="large" aria-label={t('common.loading')} />
    </Box>
  );
}
