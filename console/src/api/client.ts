import createClient, { type Client } from 'openapi-fetch';
import type { Session } from '../auth/session';
import { ProblemError } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Api = Client<paths>;

/** What a call answers; a problem is thrown, so `data` is missing only where the answer has no body. */
export interface Answer<T> {
  data?: T;
  response: Response;
}

const TRIES = 4;
const LONGEST_WAIT_SECONDS = 30;
const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Make the client of the API: every call carries the session's token, each POST an `Idempotency-Key`, and whatever is
 * not a success is thrown as a ProblemError. `endSession` is called when a token is refused although it was renewed.
 */
export function createApi(
  apiUrl: string,
  session: Pick<Session, 'token' | 'renew'>,
  endSession: () => void,
  send: (request: Request) => Promise<Response> = (request) => fetch(request),
): Api {
  async function authorized(request: Request): Promise<Response> {
    const token = await session.token();
    if (token) request.headers.set('Authorization', `Bearer ${token}`);
    return retrying(request, send);
  }

  async function call(request: Request): Promise<Response> {
    if (request.method === 'POST' && !request.headers.has('Idempotency-Key'))
      request.headers.set('Idempotency-Key', crypto.randomUUID());
    let response = await authorized(request.clone());
    if (response.status === 401) {
      await session.renew();
      response = await authorized(request);
    }
    if (response.status === 401) endSession();
    if (!response.ok) throw await ProblemError.from(response);
    return response;
  }

  return createClient<paths>({ baseUrl: `${apiUrl}/v1`, fetch: call });
}

/** Send a request, and again while that may help: reads always, posts only where it is known that nothing was done. */
async function retrying(request: Request, send: (request: Request) => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await send(request.clone());
      const seconds = secondsToWait(response, attempt);
      if (attempt === TRIES || !mayRepeat(request, response) || seconds > LONGEST_WAIT_SECONDS) return response;
      await wait(seconds);
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      if (attempt === TRIES || !isRepeatable(request)) throw ProblemError.unreachable(cause);
      await wait(backoff(attempt));
    }
  }
}

// A POST has its Idempotency-Key: sent again, it is done once.
const isRepeatable = (request: Request) => request.method === 'GET' || request.method === 'POST';

function mayRepeat(request: Request, response: Response): boolean {
  if (response.status === 429) return true;
  if (request.method === 'GET') return response.status >= 500;
  return request.method === 'POST' && (response.status === 503 || response.status === 504);
}

function secondsToWait(response: Response, attempt: number): number {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : backoff(attempt);
}

const backoff = (attempt: number) => 0.3 * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);

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
