import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bodyOf, createClient, ifMatch, items, ProblemError, withEtag } from '../src/index.ts';

const PATH = { params: { path: { sandbox: 'sbx_1' } } };
const page = { items: [], nextCursor: null };

function client(...answers: (Response | Error)[]) {
  const sent: Request[] = [];
  const session = { token: vi.fn(async () => 'token-1'), renew: vi.fn(async () => undefined), ended: vi.fn() };
  const api = createClient({
    url: 'http://api.test',
    token: session,
    fetch: async (request) => {
      sent.push(request);
      const answer = answers.shift() ?? Response.json(page);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { api, sent, session };
}

const refused = (status: number, members: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ type: '/v1/problems/refused', status, detail: 'no', requestId: 'req-1', ...members }), {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  });

// Nothing waits here.
beforeEach(() => {
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void) =>
    queueMicrotask(run)) as typeof setTimeout);
});

describe('a call', () => {
  it('carries the token and goes below /v1', async () => {
    const { api, sent } = client();
    expect(await bodyOf(api.GET('/sandboxes/{sandbox}/webhooks', PATH))).toEqual(page);
    expect(sent[0]?.url).toBe('http://api.test/v1/sandboxes/sbx_1/webhooks');
    expect(sent[0]?.headers.get('Authorization')).toBe('Bearer token-1');
    expect(sent[0]?.headers.has('Idempotency-Key')).toBe(false);
  });

  it('throws what the API refuses, with its field, reason and request', async () => {
    const errors = [{ pointer: '/url', message: 'must be https' }];
    const { api } = client(refused(422, { errors, reason: 'validation' }));
    const call = api.POST('/sandboxes/{sandbox}/webhooks', { ...PATH, body: { url: 'http://x', types: ['*'] } });
    const error = await call.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      status: 422,
      slug: 'refused',
      detail: 'no',
      errors,
      requestId: 'req-1',
      reason: 'validation',
    });
  });

  it('renews a refused token once, and ends the session when it is refused again', async () => {
    const { api, session, sent } = client(refused(401), refused(401));
    await expect(api.GET('/me')).rejects.toMatchObject({ status: 401 });
    expect(session.renew).toHaveBeenCalledTimes(1);
    expect(sent).toHaveLength(2);
    expect(session.ended).toHaveBeenCalledTimes(1);
  });

  it('repeats a read after errors of the network and the server, and waits as told', async () => {
    const { api, sent } = client(new TypeError('offline'), refused(500), refused(429, {}, { 'Retry-After': '1' }));
    expect(await bodyOf(api.GET('/sandboxes/{sandbox}/webhooks', PATH))).toEqual(page);
    expect(sent).toHaveLength(4);
  });

  it('repeats a POST with the same key, and none that may have been done', async () => {
    const { api, sent } = client(new TypeError('offline'), refused(500));
    const call = api.POST('/sandboxes/{sandbox}/webhooks', { ...PATH, body: { url: 'https://x.test', types: ['*'] } });
    await expect(call).rejects.toMatchObject({ status: 500 });
    expect(sent).toHaveLength(2);
    expect(sent[0]?.headers.get('Idempotency-Key')).toBe(sent[1]?.headers.get('Idempotency-Key'));
    expect(await sent[1]?.json()).toEqual({ url: 'https://x.test', types: ['*'] });
  });

  it('tells when nothing answers', async () => {
    const offline = new TypeError('offline');
    const { api } = client(offline, offline, offline, offline);
    await expect(api.GET('/me')).rejects.toMatchObject({ status: 0, slug: 'network' });
  });

  it('gives an ETag to change by', async () => {
    const { api } = client(Response.json(page, { headers: { ETag: '"1"' } }));
    const { etag } = await withEtag(api.GET('/sandboxes/{sandbox}/webhooks', PATH));
    expect(ifMatch(etag)).toEqual({ 'If-Match': '"1"' });
    expect(ifMatch(null)).toEqual({});
  });

  it('reads the pages of a list as they are gone through', async () => {
    const one = { items: [{ webhookId: 'whk_1' }], nextCursor: 'c1' };
    const { api, sent } = client(Response.json(one), Response.json({ ...one, nextCursor: null }));
    const found = [];
    const read = (query: { limit: number; cursor?: string }) =>
      api.GET('/sandboxes/{sandbox}/webhooks', { params: { ...PATH.params, query } });
    for await (const webhook of items(read)) found.push(webhook.webhookId);
    expect(found).toEqual(['whk_1', 'whk_1']);
    expect(sent.map((request) => new URL(request.url).search)).toEqual(['?limit=200', '?limit=200&cursor=c1']);
  });
});
