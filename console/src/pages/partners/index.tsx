import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'partners', page: () => import('./Overview'), title: 'partners.title', permission: 'connections:read' },
];
