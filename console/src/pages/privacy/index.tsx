import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'privacy', page: () => import('./Board'), title: 'privacy.title', permission: 'privacy:read' },
  {
    path: 'privacy/create',
    page: () => import('./CreateRequest'),
    title: 'privacy.create',
    permission: 'privacy:request',
  },
  { path: 'privacy/bulk', page: () => import('./CreateBulk'), title: 'privacy.bulk', permission: 'privacy:request' },
  { path: 'privacy/bulk/:bulk', page: () => import('./BulkDetail'), title: 'privacy.bulk', permission: 'privacy:read' },
  {
    path: 'privacy/connectors',
    page: () => import('./ConnectorList'),
    title: 'privacy.connectors',
    permission: 'privacy:approve',
  },
  {
    path: 'privacy/connectors/create',
    page: () => import('./CreateConnector'),
    title: 'privacy.connectors.add',
    permission: 'privacy:approve',
  },
  {
    path: 'privacy/connectors/:connector',
    page: () => import('./ConnectorDetail'),
    title: 'privacy.connectors',
    permission: 'privacy:approve',
  },
  {
    path: 'privacy/connectors/:connector/edit',
    page: () => import('./EditConnector'),
    title: 'privacy.connectors.edit',
    permission: 'privacy:approve',
  },
  {
    path: 'privacy/register',
    page: () => import('./Register'),
    title: 'privacy.register',
    permission: 'privacy:read',
  },
  {
    path: 'privacy/processing-record',
    page: () => import('./ProcessingRecord'),
    title: 'privacy.record',
    permission: 'privacy:read',
  },
  { path: 'privacy/intake', page: () => import('./Intake'), title: 'privacy.intake', permission: 'privacy:read' },
  { path: 'privacy/drop-lists', page: () => import('./DropLists'), title: 'privacy.drop', permission: 'privacy:read' },
  {
    path: 'privacy/drop-lists/:list',
    page: () => import('./DropListDetail'),
    title: 'privacy.drop',
    permission: 'privacy:read',
  },
  {
    path: 'privacy/:request',
    page: () => import('./RequestDetail'),
    title: 'privacy.title',
    permission: 'privacy:read',
  },
  { path: 'privacy/:request/proof', page: () => import('./Proof'), title: 'privacy.proof', permission: 'privacy:read' },
];
