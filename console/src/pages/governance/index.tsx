import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'governance', page: () => import('./Overview'), title: 'governance.title', permission: 'governance:read' },
];
