import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'feeds', page: () => import('./Overview'), title: 'feeds.title', permission: 'feeds:read' },
];
