import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'activity', page: () => import('./Log'), title: 'activity.title', permission: 'activity:read' },
  { path: 'activity/notifications', page: () => import('./Notifications'), title: 'activity.notifications.title' },
];
