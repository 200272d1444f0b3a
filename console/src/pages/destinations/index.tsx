import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  {
    path: 'destinations',
    page: () => import('./Overview'),
    title: 'destinations.title',
    permission: 'destinations:read',
  },
];
