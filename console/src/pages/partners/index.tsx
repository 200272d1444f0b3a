import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'partners', page: () => import('./PartnerList'), title: 'partners.title', permission: 'connections:read' },
  {
    path: 'partners/connect',
    page: () => import('./ConnectPartner'),
    title: 'partners.connect',
    permission: 'connections:request',
  },
  {
    path: 'partners/:connection',
    page: () => import('./ConnectionDetail'),
    title: 'partners.title',
    permission: 'connections:read',
  },
];
