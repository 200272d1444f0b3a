import type { Permission } from '../api/me';

export interface Section {
  /** The folder under `pages/`. */
  area: string;
  /** Its path below the sandbox. */
  path: string;
  /** Shown to those whose grant allows one of these; to all where there are none. */
  anyOf: Permission[];
}

/** The navigation, group by group. Their names are the messages `nav.<area>` and `nav.group.<name>`. */
export const HOME: Section = { area: 'home', path: '', anyOf: [] };
export const GROUPS: { name: string; sections: Section[] }[] = [
  {
    name: 'sharing',
    sections: [
      { area: 'partners', path: 'partners', anyOf: ['connections:read'] },
      { area: 'segments', path: 'segments', anyOf: ['segments:read'] },
      { area: 'sources', path: 'sources', anyOf: ['segments:read'] },
      { area: 'feeds', path: 'feeds', anyOf: ['feeds:read'] },
      { area: 'received-feeds', path: 'received-feeds', anyOf: ['feeds:read'] },
    ],
  },
  {
    name: 'activation',
    sections: [
      { area: 'destinations', path: 'destinations', anyOf: ['destinations:read'] },
      { area: 'delivery', path: 'delivery', anyOf: ['feeds:read', 'destinations:read'] },
    ],
  },
  {
    name: 'trust',
    sections: [
      { area: 'governance', path: 'governance', anyOf: ['governance:read'] },
      { area: 'privacy', path: 'privacy', anyOf: ['privacy:read'] },
      { area: 'activity', path: 'activity', anyOf: ['activity:read'] },
    ],
  },
  {
    name: 'administration',
    sections: [
      { area: 'access', path: 'access', anyOf: ['access:manage'] },
      { area: 'webhooks', path: 'webhooks', anyOf: ['access:manage'] },
      { area: 'settings', path: 'settings', anyOf: [] },
    ],
  },
];
export const SECTIONS: Section[] = [HOME, ...GROUPS.flatMap((group) => group.sections)];
