import type { PageRoute } from '../route';

export const routes: PageRoute[] = [
  { path: 'webhooks', page: () => import('./WebhookList'), title: 'webhooks.title', permission: 'access:manage' },
  {
    path: 'webhooks/create',
    page: () => import('./CreateWebhook'),
    title: 'webhooks.create',
    permission: 'access:manage',
  },
  {
    path: 'webhooks/:webhook',
    page: () => import('./WebhookDetail'),
    title: 'webhooks.title',
    permission: 'access:manage',
  },
  {
    path: 'webhooks/:webhook/edit',
    page: () => import('./EditWebhook'),
    title: 'webhooks.edit',
    permission: 'access:manage',
  },
];
