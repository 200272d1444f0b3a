// How much JavaScript the first page needs, compressed: fails above the budget.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 250;
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

const kilobytes = (file) => gzipSync(readFileSync(join(site, file)), { level: 9 }).length / 1000;
const sizeOf = (files) => [...files].reduce((sum, file) => sum + kilobytes(file), 0);

const html = readFileSync(join(site, 'index.html'), 'utf8');
const entry = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path);
const frame = closureOf(entry);
const late = assets.filter((name) => name.endsWith('.js') && !frame.has(`assets/${name}`));
// With the frame come the messages of one language, the largest counts, and the home page.
const english = late.filter((name) => /^(messages\.(en|de|ja)|all\.(en|de|ja))-/.test(name));
const largest = (pattern) =>
  Math.max(0, ...english.filter((name) => pattern.test(name)).map((name) => kilobytes(`assets/${name}`)));
const pages = late.filter((name) => /^[A-Z]/.test(name));
const pageSizes = pages.map((name) => {
  const added = [...closureOf([`assets/${name}`])].filter((file) => !frame.has(file));
  return [name.replace(/-[\w-]{8}\.js$/, ''), sizeOf(added)];
});
const messages = largest(/^messages\./) + largest(/^all\./);
const home = Math.max(0, ...pageSizes.filter(([name]) => name === 'Home').map(([, size]) => size));
const first = sizeOf(frame) + messages + home;
print(
  `first load ${first.toFixed(1)} KB of ${BUDGET_KB} (frame ${sizeOf(frame).toFixed(1)}, messages ${messages.toFixed(1)}, home ${home.toFixed(1)})`,
);
for (const [name, size] of pageSizes.sort(([, one], [, other]) => other - one).slice(0, 5))
  print(`  ${name} adds ${size.toFixed(1)} KB`);
if (first > BUDGET_KB) process.exit(1);
