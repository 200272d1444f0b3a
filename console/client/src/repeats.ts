import { ProblemError } from './problem.ts';

/** How a request is sent: `fetch`, or what stands in for it. */
export type Send = (request: Request) => Promise<Response>;

const TRIES = 4;
const LONGEST_WAIT_SECONDS = 30;
const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Send a request, and again while that may help: reads always, posts only where it is known that nothing was done.
 * Throws a ProblemError of status 0 where no answer comes.
 */
export async function retrying(request: Request, send: Send): Promise<Response> {
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
