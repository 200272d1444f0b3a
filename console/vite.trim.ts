import type { Plugin } from 'vite';

/** What Cloudscape's AppLayout carries for drawers that announce features, a third of them a drag-and-drop library. */
const UNUSED = /\/visual-refresh-toolbar\/drawer\/feature-notifications-drawer-content\.js$/;

/** Leave out of the first load what no page of the console can open. `npm run size` holds the budget. */
export function trim(): Plugin {
  return {
    name: 'handfast-trim',
    apply: 'build',
    enforce: 'pre',
    load: (id) =>
      UNUSED.test(id.split('?')[0] ?? id)
        ? 'export default () => null; export const RuntimeContentPart = () => null;'
        : null,
  };
}
