import type { TokenSource } from './client.ts';
import type { Send } from './repeats.ts';
import type { components } from './schema.ts';

/** The credentials were refused, or what answers is no deployment. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
}

const RENEW_BEFORE_SECONDS = 60;

interface TokenAnswer {
  access_token: string;
  expires_in: number;
}

interface Kept {
  token: string;
  until: number;
}

/**
 * The tokens of a machine, by OAuth 2.0 client credentials: got when one is first needed, kept until shortly before it
 * ends. The deployment at `url` tells where they are got; `send` sends again what may pass.
 *
 * Its `token` throws SignInError for credentials that are refused and for an address that is no deployment's, and
 * ProblemError where nothing answers.
 */
export function clientCredentials(url: string, clientId: string, clientSecret: string, send: Send): TokenSource {
  let kept: Kept | null = null;
  let getting: Promise<Kept> | null = null;

  async function get(): Promise<Kept> {
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const request = new Request(await tokenUrlOf(url, send), { method: 'POST', body: new URLSearchParams(form) });
    const response = await send(request);
    if (!response.ok) throw new SignInError(`The token endpoint refused the client (${response.status})`);
    const answer = await jsonOf<TokenAnswer>(response);
    if (!answer?.access_token) throw new SignInError('What answers at the token URL sent no token');
    return {
      token: answer.access_token,
      until: Date.now() + (answer.expires_in - RENEW_BEFORE_SECONDS) * 1000,
    };
  }

  return {
    async token() {
      if (kept && Date.now() < kept.until) return kept.token;
      getting ??= get().finally(() => {
        getting = null;
      });
      kept = await getting;
      return kept.token;
    },
    async renew() {
      kept = null;
    },
  };
}

async function tokenUrlOf(url: string, send: Send): Promise<string> {
  const address = `${url}/v1/.well-known/handfast.json`;
  const response = await send(new Request(address));
  const told = response.ok ? await jsonOf<components['schemas']['Deployment']>(response) : null;
  if (!told?.tokenUrl) throw new SignInError(`${address} does not tell how to sign in (${response.status})`);
  return told.tokenUrl;
}

async function jsonOf<T>(response: Response): Promise<T | null> {
  return (await response.json().catch(() => null)) as T | null;
}
