import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'access', page: () => import('./Overview'), title: 'access.title', permission: 'access:manage' },
];
