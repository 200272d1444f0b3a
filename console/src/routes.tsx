import { lazy } from 'react';
import type { RouteObject } from 'react-router';
import { Entry } from './layout/Entry';
import { Frame } from './layout/Frame';
import { NotFound } from './layout/notices';
import { RoutePage } from './layout/RoutePage';
import { areas } from './pages';

/** All routes: each area's below `/sandboxes/:sandbox`. */
export const routes: RouteObject[] = [
  {
    element: <Frame />,
    children: [
      { path: '/', element: <Entry /> },
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
