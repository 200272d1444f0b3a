import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'segments', page: () => import('./Overview'), title: 'segments.title', permission: 'segments:read' },
];
