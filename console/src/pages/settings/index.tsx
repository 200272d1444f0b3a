import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'settings', page: () => import('./Settings'), title: 'settings.title' },
  {
    path: 'settings/namespaces/define',
    page: () => import('./DefineNamespace'),
    title: 'settings.namespaces.define',
    permission: 'access:manage',
  },
  {
    path: 'settings/:group',
    page: () => import('./EditSettings'),
    title: 'settings.edit',
    permission: 'access:manage',
  },
];
