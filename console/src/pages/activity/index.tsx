import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'activity', page: () => import('./Overview'), title: 'activity.title', permission: 'activity:read' },
  { path: 'activity/notifications', page: () => import('./Overview'), title: 'activity.title' },
];
