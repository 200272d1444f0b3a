import { globSync, readFileSync } from 'node:fs';
import { parse } from '@formatjs/icu-messageformat-parser';
import type { Plugin } from 'vite';

/** What Cloudscape's AppLayout carries for drawers that announce features, a third of them a drag-and-drop library. */
const UNUSED = /\/visual-refresh-toolbar\/drawer\/feature-notifications-drawer-content\.js$/;
const NOTHING = 'export default () => null; export const RuntimeContentPart = () => null;';
const ICONS = /\/icon\/generated\/icons\.js$/;
const PARSER = '@formatjs/icu-messageformat-parser';
const OWN_MESSAGES = /\/src\/(?:i18n|pages\/[^/]+)\/messages\.\w+\.json$/;

/** The icons that a component or a page names; Cloudscape brings all of its own with the first one. */
function namedIcons(code: string): string {
  const components = 'node_modules/@cloudscape-design/components';
  const all = globSync([`${components}/**/*.js`, 'src/**/*.{ts,tsx}'], {
    exclude: [`${components}/{icon,i18n}/**`, `${components}/internal/generated/**`],
  });
  const named = new Set(
    all.flatMap((file) => readFileSync(file, 'utf8').match(/(?<=['"])[a-z][a-z0-9-]*(?=['"])/g) ?? []),
  );
  return code
    .split(/\n {4}(?="?[a-z][a-z0-9-]*"?: React)/)
    .filter((entry, at) => at === 0 || named.has(entry.match(/[a-z][a-z0-9-]*/)?.[0] ?? '') || entry.includes('\n};'))
    .join('\n    ');
}

/**
 * Leave out of the first load what no page of the console needs: a drawer that it never opens, icons that none shows,
 * and the parser of messages, which are parsed here as Cloudscape's own are. `npm run size` holds the budget.
 */
export function trim(): Plugin {
  return {
    name: 'handfast-trim',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (source !== PARSER) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      return found?.id.replace(/index\.js$/, 'no-parser.js') ?? null;
    },
    load: (id) => (UNUSED.test(id) ? NOTHING : null),
    transform(code, id) {
      if (ICONS.test(id)) return { code: namedIcons(code), map: null };
      if (!OWN_MESSAGES.test(id)) return null;
      const messages = Object.entries(JSON.parse(code) as Record<string, string>);
      const parsed = messages.map(([key, message]) => [key, parse(message, { captureLocation: false })]);
      return { code: JSON.stringify(Object.fromEntries(parsed)), map: null };
    },
  };
}
