import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from 'vitest';
import { STATUSES } from '../components/StatusBadge';
import { GROUPS, SECTIONS } from '../layout/sections';
import { LOCALES, type Messages } from './locale';

const SRC = join(import.meta.dirname, '..');
const PAGES = join(SRC, 'pages');
const areas = readdirSync(PAGES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

const messagesIn = (folder: string, locale: string) =>
  JSON.parse(readFileSync(join(folder, `messages.${locale}.json`), 'utf8')) as Messages;

function sourcesIn(folder: string, skip: (path: string) => boolean = () => false): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.test)\.tsx?$/.test(path) && !skip(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
}

/** Keys as the code writes them: whole, in any quoted text, or begun, in a template such as `status.${code}`. */
function namedIn(written: string) {
  const source = written.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
  const whole = new Set([...source.matchAll(/['"`]([a-z][\w-]*(?:\.[\w-]+)*)['"`]/g)].map(([, key]) => key ?? ''));
  const begun = [...source.matchAll(/`([a-z][\w-]*(?:\.[\w-]+)*\.)\$\{/g)].map(([, start]) => start ?? '');
  const asked = new Set([...source.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key]) => key ?? ''));
  for (const [, key] of source.matchAll(/\btitle: '([a-z]\w*\.[\w.-]+)'/g)) asked.add(key ?? '');
  return { whole, begun, asked };
}

const placeholders = (message: string): string[] => {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (value && typeof value === 'object') {
      const element = value as { type?: number; value?: unknown };
      if (typeof element.value === 'string' && element.type !== undefined && element.type > 0 && element.type < 7)
        found.add(element.value);
      Object.values(value).forEach(visit);
    }
  };
  visit(parse(message, { captureLocation: false }));
  return [...found].sort();
};

const everywhere = [
  { name: 'shared', folder: join(SRC, 'i18n'), source: sourcesIn(SRC) },
  ...areas.map((area) => ({ name: area, folder: join(PAGES, area), source: sourcesIn(join(PAGES, area)) })),
];

describe.each(everywhere)('messages: $name', ({ name, folder, source }) => {
  const english = messagesIn(folder, 'en');

  it.each(LOCALES)('are complete, with the same values, in %s', (locale) => {
    const messages = messagesIn(folder, locale);
    expect(Object.keys(messages).sort()).toEqual(Object.keys(english).sort());
    for (const [key, message] of Object.entries(messages)) {
      expect(message.trim(), key).not.toBe('');
      expect(placeholders(message), `${locale} ${key}`).toEqual(placeholders(english[key] ?? ''));
    }
  });

  it('are all used', () => {
    const { whole, begun } = namedIn(source);
    const unused = Object.keys(english).filter(
      (key) => !whole.has(key) && !begun.some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });

  it('are all there', () => {
    const shared = messagesIn(join(SRC, 'i18n'), 'en');
    const { asked } = namedIn(name === 'shared' ? sourcesIn(SRC, (path) => path.startsWith('pages')) : source);
    expect([...asked].filter((key) => !(key in english) && !(key in shared))).toEqual([]);
  });
});

it('every message of an area begins with the area, so that none hides a shared one', () => {
  const prefixOf = (area: string) => `${area.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}.`;
  const strays = areas.flatMap((area) =>
    Object.keys(messagesIn(join(PAGES, area), 'en')).filter((key) => !key.startsWith(prefixOf(area))),
  );
  expect(strays).toEqual([]);
});

it('every status, section and group has its words', () => {
  const shared = messagesIn(join(SRC, 'i18n'), 'en');
  const wanted = [
    ...Object.keys(STATUSES).map((code) => `status.${code}`),
    ...SECTIONS.map(({ area }) => `nav.${area}`),
    ...GROUPS.map((group) => `nav.group.${group.name}`),
  ];
  expect(wanted.filter((key) => !(key in shared))).toEqual([]);
});
