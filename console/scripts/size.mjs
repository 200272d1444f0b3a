// How much JavaScript the first page needs, compressed by Brotli as CloudFront sends it: fails above the budget.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const BUDGET_KB = 250;
const AS_SENT = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
const print = (line) => process.stdout.write(`${line}\n`);
const site = fileURLToPath(new URL('../../functions/console/site/', import.meta.url));
const assets = readdirSync(join(site, 'assets'));

/** What a file imports at once, not what it loads later. */
function importsOf(file) {
  const text = readFileSync(join(site, file), 'utf8');
  const found = text.matchAll(/(?:^|[;}\s])(?:import|export)\s*(?:[\w*{}\s,$]*?\s*from\s*)?["'](\.[^"']+\.js)["']/g);
  return [...found].map(([, path]) => normalize(join(dirname(file), path)));
}

function closureOf(files) {
  const seen = new Set();
  const left = [...files];
  while (left.length > 0) {
    const file = left.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    left.push(...importsOf(file));
  }
  return seen;
}

const kilobytes = (file) => brotliCompressSync(readFileSync(join(site, file)), AS_SENT).length / 1000;
const sizeOf = (files) => [...files].reduce((sum, file) => sum + kilobytes(file), 0);

const html = readFileSync(join(site, 'index.html'), 'utf8');
const entry = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path);
const frame = closureOf(entry);
const late = assets.filter((name) => name.endsWith('.js') && !frame.has(`assets/${name}`));
// With the frame come the home page and its messages, those that all share, and Cloudscape's, in one language.
const loaders = [...frame].map((file) => readFileSync(join(site, file), 'utf8')).join('');
const loadedFor = (path) => loaders.slice(loaders.lastIndexOf(`"${path}"`)).match(/import\(["'`]\.\/([^"'`]+)/)[1];
const messagesIn = (language) =>
  sizeOf([
    `assets/${loadedFor(`./messages.${language}.json`)}`,
    `assets/${loadedFor(`../pages/home/messages.${language}.json`)}`,
    `assets/${late.find((name) => name.startsWith(`all.${language}-`))}`,
  ]);
const pages = late.filter((name) => /^[A-Z]/.test(name));
const pageSizes = pages.map((name) => {
  const added = [...closureOf([`assets/${name}`])].filter((file) => !frame.has(file));
  return [name.replace(/-[\w-]{8}\.js$/, ''), sizeOf(added)];
});
const messages = Math.max(...['en', 'de', 'ja'].map(messagesIn));
const home = Math.max(0, ...pageSizes.filter(([name]) => name === 'Home').map(([, size]) => size));
const first = sizeOf(frame) + messages + home;
print(
  `first load ${first.toFixed(1)} KB of ${BUDGET_KB} (frame ${sizeOf(frame).toFixed(1)}, messages ${messages.toFixed(1)}, home ${home.toFixed(1)})`,
);
for (const [name, size] of pageSizes.sort(([, one], [, other]) => other - one).slice(0, 5))
  print(`  ${name} adds ${size.toFixed(1)} KB`);
if (first > BUDGET_KB) process.exit(1);
