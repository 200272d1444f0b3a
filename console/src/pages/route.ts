import type { ComponentType } from 'react';
import type { Permission } from '../api/me';

/** One page of an area. */
export interface PageRoute {
  /** Its path below `/sandboxes/:sandbox/`; empty for the sandbox's home. */
  path: string;
  /** The module of the page, loaded when the page is first shown. */
  page: () => Promise<{ default: ComponentType }>;
  /** The key of its title, shown until the page tells its own. */
  title: string;
  /** What a grant must allow to see it; left out where any grant does. */
  permission?: Permission;
}
