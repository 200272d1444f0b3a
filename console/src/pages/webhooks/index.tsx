import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'webhooks', page: () => import('./Overview'), title: 'webhooks.title', permission: 'access:manage' },
];
