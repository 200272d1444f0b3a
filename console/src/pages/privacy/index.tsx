import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'privacy', page: () => import('./Overview'), title: 'privacy.title', permission: 'privacy:read' },
];
