import type { PageRoute } from '../route';

const permission = 'access:manage';

export const routes: PageRoute[] = [
  { path: 'access', page: () => import('./People'), title: 'access.title', permission },
  { path: 'access/machines', page: () => import('./Machines'), title: 'access.tab.machines', permission },
  {
    path: 'access/recipient-tokens',
    page: () => import('./RecipientTokens'),
    title: 'access.tab.recipient-tokens',
    permission,
  },
  {
    path: 'access/recipient-tokens/create',
    page: () => import('./CreateRecipientToken'),
    title: 'access.tokens.create',
    permission,
  },
  {
    path: 'access/recipient-tokens/:token',
    page: () => import('./RecipientTokenDetail'),
    title: 'access.tokens.overview',
    permission,
  },
  { path: 'access/invitations', page: () => import('./Invitations'), title: 'access.tab.invitations', permission },
  { path: 'access/invite', page: () => import('./Invite'), title: 'access.invite.title', permission },
  { path: 'access/add', page: () => import('./AddGrant'), title: 'access.add', permission },
  { path: 'access/:principal', page: () => import('./GrantDetail'), title: 'access.overview', permission },
  { path: 'access/:principal/edit', page: () => import('./EditGrant'), title: 'access.edit', permission },
];
