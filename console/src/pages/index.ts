import { routes as access } from './access';
import { routes as activity } from './activity';
import { routes as delivery } from './delivery';
import { routes as destinations } from './destinations';
import { routes as feeds } from './feeds';
import { routes as governance } from './governance';
import { routes as home } from './home';
import { routes as partners } from './partners';
import { routes as privacy } from './privacy';
import { routes as receivedFeeds } from './received-feeds';
import type { PageRoute } from './route';
import { routes as segments } from './segments';
import { routes as settings } from './settings';
import { routes as sources } from './sources';
import { routes as webhooks } from './webhooks';

/** The pages of each area, by the folder they are in. */
export const areas: Record<string, PageRoute[]> = {
  home,
  partners,
  segments,
  sources,
  feeds,
  'received-feeds': receivedFeeds,
  destinations,
  delivery,
  governance,
  privacy,
  activity,
  access,
  webhooks,
  settings,
};
