import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'sources', page: () => import('./SourceList'), title: 'sources.title', permission: 'segments:read' },
  {
    path: 'sources/create',
    page: () => import('./CreateSource'),
    title: 'sources.create',
    permission: 'segments:write',
  },
  {
    path: 'sources/:source',
    page: () => import('./SourceDetail'),
    title: 'sources.title',
    permission: 'segments:read',
  },
  {
    path: 'sources/:source/edit',
    page: () => import('./EditSource'),
    title: 'sources.edit',
    permission: 'segments:write',
  },
];
