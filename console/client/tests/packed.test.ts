import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const CONSOLE = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

const PROGRAM = `
import { createClient, ifMatch, items, ProblemError, type Schemas, withEtag } from 'handfast-client';

const [url = '', sandbox = ''] = process.argv.slice(2);
const client = createClient({ url, clientId: 'id', clientSecret: 'secret' });
const path = { sandbox };
const read = (query: { limit: number }) => client.GET('/sandboxes/{sandbox}/webhooks', { params: { path, query } });
for await (const webhook of items(read)) {
  const one = { params: { path: { sandbox, webhook: webhook.webhookId } } };
  const { value, etag }: { value: Schemas['Webhook']; etag: string | null } = await withEtag(
    client.GET('/sandboxes/{sandbox}/webhooks/{webhook}', one),
  );
  try {
    await client.DELETE('/sandboxes/{sandbox}/webhooks/{webhook}', { ...one, headers: ifMatch(etag) });
  } catch (problem) {
    if (problem instanceof ProblemError) console.log(value.url, problem.slug, problem.status);
  }
}
`;
const WRONG = `
import { createClient } from 'handfast-client';

createClient({ url: '' });
createClient({ url: '', token: 't' }).GET('/nowhere');
`;
const STALE = { type: '/v1/problems/stale', status: 412, detail: 'changed meanwhile' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handfast-client-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Pack the client and, as they stand here, the libraries that it needs; install them in a folder that has nothing. */
async function installed(): Promise<string> {
  const needs = ['openapi-fetch', 'openapi-typescript-helpers'].map((name) => join(CONSOLE, 'node_modules', name));
  await npm(CONSOLE, 'pack', '--workspace', 'handfast-client', '--pack-destination', folder);
  await npm(CONSOLE, 'pack', ...needs, '--ignore-scripts', '--pack-destination', folder);
  const tarballs = (await readdir(folder)).map((name) => join(folder, name));
  const alone = join(folder, 'alone');
  await mkdir(alone);
  await writeFile(join(alone, 'package.json'), '{"type": "module"}');
  await npm(alone, 'install', '--offline', '--no-audit', ...tarballs);
  return alone;
}

// Where npm runs this, the one that does.
function npm(cwd: string, ...words: string[]) {
  const { npm_execpath: itself } = process.env;
  return itself ? run(process.execPath, [itself, ...words], { cwd }) : run('npm', words, { cwd });
}

/** The programs that a page of the documentation shows. */
async function shown(page: string): Promise<Record<string, string>> {
  const text = await readFile(join(CONSOLE, '..', page), 'utf8');
  const blocks = text.matchAll(/^```ts\n(.*?)^```/gms);
  return Object.fromEntries([...blocks].map(([, block = ''], at) => [`${basename(page, '.md')}-${at}.ts`, block]));
}

/** What a type checker says of programs in a folder. */
async function errorsIn(cwd: string, ...files: string[]): Promise<string> {
  const tsc = join(CONSOLE, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext'];
  const node = ['--typeRoots', join(CONSOLE, 'node_modules/@types'), '--types', 'node'];
  const checked = run(process.execPath, [tsc, ...options, ...node, ...files], { cwd });
  return checked.then(
    () => '',
    (failed: { stdout: string }) => failed.stdout,
  );
}

it('what is packed is installed alone, type-checked and run', { timeout: 60_000 }, async () => {
  const alone = await installed();
  const programs = {
    'program.ts': PROGRAM,
    'wrong.ts': WRONG,
    ...(await shown('docs/sdk.md')),
    ...(await shown('console/client/README.md')),
  };
  for (const [name, program] of Object.entries(programs)) await writeFile(join(alone, name), program);
  const errors = await errorsIn(alone, ...Object.keys(programs));
  expect(errors.match(/^\S.*?(?=,)/gm), errors).toEqual(['wrong.ts(4', 'wrong.ts(5']);

  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { method, url = '', headers } = request;
    asked.push([method, url, headers.authorization, headers['if-match']].filter(Boolean).join(' '));
    const send = (body: object, status = 200) =>
      response
        .writeHead(status, {
          'Content-Type': status < 400 ? 'application/json' : 'application/problem+json',
          ETag: '"3"',
        })
        .end(JSON.stringify(body));
    if (url.endsWith('handfast.json')) return send({ tokenUrl: `http://${headers.host}/token` });
    if (url === '/token') return send({ access_token: 't', expires_in: 3600 });
    if (method === 'DELETE') return send(STALE, 412);
    const webhook = { webhookId: 'whk_1', url: 'https://a.test' };
    return send(url.includes('?') ? { items: [webhook], nextCursor: null } : webhook);
  });
  await new Promise<void>((started) => server.listen(0, '127.0.0.1', started));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const told = await run(process.execPath, ['program.ts', url, 'sbx_1'], { cwd: alone });
  server.close();
  expect(told.stdout).toBe('https://a.test stale 412\n');
  expect(asked).toEqual([
    'GET /v1/.well-known/handfast.json',
    'POST /token',
    'GET /v1/sandboxes/sbx_1/webhooks?limit=200 Bearer t',
    'GET /v1/sandboxes/sbx_1/webhooks/whk_1 Bearer t',
    'DELETE /v1/sandboxes/sbx_1/webhooks/whk_1 Bearer t "3"',
  ]);
});
