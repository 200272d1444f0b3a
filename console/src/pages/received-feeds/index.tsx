import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'received-feeds', page: () => import('./Overview'), title: 'receivedFeeds.title', permission: 'feeds:read' },
];
