import { lazy, Suspense } from 'react';
import type { RouteObject } from 'react-router';
import { Entry } from './layout/Entry';
import { Frame } from './layout/Frame';
import { NotFound } from './layout/notices';
import { Loading, RoutePage } from './layout/RoutePage';
import { areas } from './pages';

const InvitationsPage = lazy(() => import('./layout/InvitationsPage'));

/** All routes: each area's below `/sandboxes/:sandbox`. */
export const routes: RouteObject[] = [
  {
    element: <Frame />,
    children: [
      { path: '/', element: <Entry /> },
      {
        path: '/invitations',
        element: (
          <Suspense fallback={<Loading />}>
            <InvitationsPage />
          </Suspense>
        ),
      },
      ...Object.entries(areas).flatMap(([area, pages]) =>
        pages.map((route) => ({
          path: route.path ? `/sandboxes/:sandbox/${route.path}` : '/sandboxes/:sandbox',
          element: <RoutePage key={`${area}/${route.path}`} area={area} route={route} page={lazy(route.page)} />,
        })),
      ),
      { path: '*', element: <NotFound /> },
    ],
  },
];
