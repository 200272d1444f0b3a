import type { PageRoute } from '../route';

export const routes: PageRoute[] = [{ path: 'settings', page: () => import('./Overview'), title: 'settings.title' }];
