import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  {
    path: 'received-feeds',
    page: () => import('./ReceivedFeedList'),
    title: 'receivedFeeds.title',
    permission: 'feeds:read',
  },
  {
    path: 'received-feeds/:receivedFeed',
    page: () => import('./ReceivedFeedDetail'),
    title: 'receivedFeeds.title',
    permission: 'feeds:read',
  },
];
