import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'delivery', page: () => import('./DeliveryList'), title: 'delivery.title', permission: 'feeds:read' },
  {
    path: 'delivery/:dataflow',
    page: () => import('./DataflowDetail'),
    title: 'delivery.title',
    permission: 'feeds:read',
  },
];
