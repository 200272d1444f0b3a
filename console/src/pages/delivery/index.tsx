import type { PageRoute } from '../route';

export const routes: PageRoute[] = [{ path: 'delivery', page: () => import('./Overview'), title: 'delivery.title' }];
