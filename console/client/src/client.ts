import createFetchClient, { type Client as FetchClient } from 'openapi-fetch';
import { ProblemError } from './problem.ts';
import { retrying, type Send } from './repeats.ts';
import type { paths } from './schema.ts';

/** The API's calls by method and path: `client.GET('/sandboxes/{sandbox}/feeds', { params: { path: { sandbox } } })`. */
export type Client = FetchClient<paths>;

/** What a call answers; a problem is thrown, so `data` is missing only where the answer has no body. */
export interface Answer<T> {
  data?: T;
  response: Response;
}

/** Where bearer tokens come from. */
export interface TokenSource {
  /** A token that is good, null where there is none any more. */
  token(): Promise<string | null>;
  /** Get another one: the last was refused. Without it, calls end with what was refused. */
  renew?(): Promise<void>;
  /** A token was refused for good. */
  ended?(): void;
}

type Credentials = { clientId: string; clientSecret: string } | { token: string | TokenSource };

/**
 * A deployment and who calls it. `url` is the deployment's address, the stack's output ApiUrl; the caller is a machine
 * by id and secret, or whoever a token is of. `fetch` stands in for the one of the browser or of Node.
 */
export type Options = { url: string; fetch?: Send } & Credentials;

/**
 * Make a client of the API: every call carries a token, each POST an `Idempotency-Key`, what may pass is sent again,
 * and whatever is not a success is thrown as a ProblemError. A token that is refused is renewed once.
 */
export function createClient(options: Options): Client {
  const { fetch: send = (request) => fetch(request) } = options;
  const url = options.url.replace(/\/+$/, '');
  const source = sourceOf(options, url, send);

  async function authorized(request: Request, tokens: TokenSource): Promise<Response> {
    const token = await tokens.token();
    if (token) request.headers.set('Authorization', `Bearer ${token}`);
    return retrying(request, send);
  }

  async function call(request: Request): Promise<Response> {
    if (request.method === 'POST' && !request.headers.has('Idempotency-Key'))
      request.headers.set('Idempotency-Key', crypto.randomUUID());
    const tokens = await source;
    let response = await authorized(request.clone(), tokens);
    if (response.status === 401 && tokens.renew) {
      await tokens.renew();
      response = await authorized(request, tokens);
    }
    if (response.status === 401) tokens.ended?.();
    if (!response.ok) throw await ProblemError.from(response);
    return response;
  }

  return createFetchClient<paths>({ baseUrl: `${url}/v1`, fetch: call });
}

// A browser has a session: what machines alone need is loaded for them.
async function sourceOf(credentials: Credentials, url: string, send: Send): Promise<TokenSource> {
  if ('token' in credentials) {
    const { token } = credentials;
    return typeof token === 'string' ? { token: async () => token } : token;
  }
  const { clientCredentials } = await import('./client-credentials.ts');
  return clientCredentials(url, credentials.clientId, credentials.clientSecret, (request) => retrying(request, send));
}

/** The body of an answer. */
export async function bodyOf<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await answer).data as T;
}

/** The body of an answer with its `ETag`, for `ifMatch` when it is changed. */
export async function withEtag<T>(answer: Promise<Answer<T>>): Promise<{ value: T; etag: string | null }> {
  const { data, response } = await answer;
  return { value: data as T, etag: response.headers.get('ETag') };
}

/** The header that refuses a change of what somebody else has changed meanwhile (412). */
export const ifMatch = (etag: string | null | undefined): Record<string, string> => (etag ? { 'If-Match': etag } : {});
