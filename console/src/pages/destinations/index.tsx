import type { PageRoute } from '../route';

const READ = 'destinations:read';

export const routes: PageRoute[] = [
  { path: 'destinations', page: () => import('./DestinationList'), title: 'destinations.title', permission: READ },
  {
    path: 'destinations/catalogue',
    page: () => import('./Catalogue'),
    title: 'destinations.catalogue',
    permission: READ,
  },
  {
    path: 'destinations/connect/:type',
    page: () => import('./ConnectDestination'),
    title: 'destinations.connect',
    permission: 'destinations:manage',
  },
  {
    path: 'destinations/activations/:activation',
    page: () => import('./FindActivation'),
    title: 'destinations.activation',
    permission: READ,
  },
  {
    path: 'destinations/:destination',
    page: () => import('./DestinationDetail'),
    title: 'destinations.title',
    permission: READ,
  },
  {
    path: 'destinations/:destination/edit',
    page: () => import('./EditDestination'),
    title: 'destinations.edit',
    permission: 'destinations:manage',
  },
  {
    path: 'destinations/:destination/activate',
    page: () => import('./wizard/CreateActivation'),
    title: 'destinations.activate',
    permission: 'destinations:activate',
  },
  {
    path: 'destinations/:destination/activations/:activation',
    page: () => import('./ActivationDetail'),
    title: 'destinations.activation',
    permission: READ,
  },
  {
    path: 'destinations/:destination/activations/:activation/edit',
    page: () => import('./wizard/EditActivation'),
    title: 'destinations.activation.edit',
    permission: 'destinations:activate',
  },
];
