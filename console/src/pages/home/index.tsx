import type { PageRoute } from '../route';

export const routes: PageRoute[] = [{ path: '', page: () => import('./Home'), title: 'home.title' }];
