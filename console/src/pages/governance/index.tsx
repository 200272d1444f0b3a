import type { PageRoute } from '../route';

const permission = 'governance:read';

export const routes: PageRoute[] = [
  { path: 'governance', page: () => import('./Policies'), title: 'governance.title', permission },
  { path: 'governance/labels', page: () => import('./LabelList'), title: 'governance.tab.labels', permission },
  {
    path: 'governance/marketing-actions',
    page: () => import('./ActionList'),
    title: 'governance.tab.marketing-actions',
    permission,
  },
  { path: 'governance/policies', page: () => import('./Policies'), title: 'governance.title', permission },
  {
    path: 'governance/policies/create',
    page: () => import('./CreatePolicy'),
    title: 'governance.policy.create',
    permission: 'governance:write',
  },
  {
    path: 'governance/policies/:policy',
    page: () => import('./PolicyDetail'),
    title: 'governance.tab.policies',
    permission,
  },
  {
    path: 'governance/policies/:policy/edit',
    page: () => import('./EditPolicy'),
    title: 'governance.policy.form.edit',
    permission: 'governance:write',
  },
  {
    path: 'governance/data-sources',
    page: () => import('./DataSources'),
    title: 'governance.tab.data-sources',
    permission,
  },
  {
    path: 'governance/data-sources/create',
    page: () => import('./CreateDataSource'),
    title: 'governance.sources.create',
    permission: 'governance:write',
  },
  {
    path: 'governance/data-sources/:source',
    page: () => import('./DataSourceDetail'),
    title: 'governance.tab.data-sources',
    permission,
  },
  {
    path: 'governance/data-sources/:source/edit',
    page: () => import('./EditDataSource'),
    title: 'governance.sources.edit.title',
    permission: 'governance:write',
  },
  { path: 'governance/check', page: () => import('./Check'), title: 'governance.tab.check', permission },
  {
    path: 'governance/audience-manager',
    page: () => import('./AudienceManager'),
    title: 'governance.tab.audience-manager',
    permission,
  },
];
