import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'feeds', page: () => import('./FeedList'), title: 'feeds.title', permission: 'feeds:read' },
  { path: 'feeds/create', page: () => import('./CreateFeed'), title: 'feeds.create', permission: 'feeds:write' },
  { path: 'feeds/:feed', page: () => import('./FeedDetail'), title: 'feeds.title', permission: 'feeds:read' },
  { path: 'feeds/:feed/edit', page: () => import('./EditFeed'), title: 'feeds.edit', permission: 'feeds:write' },
];
