import type { TokenSource } from 'handfast-client';
import type { Config } from '../config';
import { challengeOf, randomToken } from './pkce';

const PENDING = 'handfast.signIn';
const SIGNED_OUT = 'handfast.signedOut';
const RENEW_BEFORE_SECONDS = 60;

interface Pending {
  state: string;
  verifier: string;
  returnTo: string;
}

interface TokenAnswer {
  access_token: string;
  refresh_token?: string;
  expires_in: number;
}

/** What the browser gives a session; tests give their own. */
export interface Surroundings {
  fetch: typeof fetch;
  storage: Storage;
  location: Pick<Location, 'href' | 'pathname' | 'search' | 'origin'>;
  /** Leave for another page. */
  leave: (url: string) => void;
  /** Show another path without loading it. */
  replace: (path: string) => void;
  now: () => number;
}

export const browser = (): Surroundings => ({
  fetch: (input, init) => window.fetch(input, init),
  storage: window.sessionStorage,
  location: window.location,
  leave: (url) => window.location.assign(url),
  replace: (path) => window.history.replaceState(null, '', path),
  now: () => Date.now(),
});

/** The sign-in pages refused, or answered something that this browser has not asked for. */
export class SignInError extends Error {}

export type Start = 'signed-in' | 'leaving' | 'signed-out';

/**
 * A person's session: authorization code with PKCE (RFC 9700, 2.1) against the pool's pages.
 *
 * Tokens are in memory alone, so a reload goes through the pool's own session. The verifier, the state and the path to
 * come back to are in `sessionStorage` from leaving until the return.
 */
export class Session implements TokenSource {
  private accessToken: string | null = null;
  private refreshToken: string | null = null;
  private expiresAt = 0;
  private renewing: Promise<void> | null = null;

  constructor(
    private readonly config: Config,
    private readonly around: Surroundings = browser(),
  ) {}

  /** Take up the answer of the sign-in pages, or go there. Raises SignInError when they refused. */
  async start(): Promise<Start> {
    const { location, storage } = this.around;
    const parameters = new URLSearchParams(location.search);
    const isReturn = location.pathname === new URL(this.config.redirectUri).pathname && parameters.has('state');
    if (isReturn) {
      await this.finishSignIn(parameters);
      return 'signed-in';
    }
    if (storage.getItem(SIGNED_OUT)) {
      storage.removeItem(SIGNED_OUT);
      this.around.replace('/');
      return 'signed-out';
    }
    await this.signIn(location.pathname + location.search);
    return 'leaving';
  }

  /** Go to the sign-in pages, to come back to `returnTo`. */
  async signIn(returnTo = '/'): Promise<void> {
    const pending: Pending = { state: randomToken(), verifier: randomToken(), returnTo };
    this.around.storage.setItem(PENDING, JSON.stringify(pending));
    const parameters = new URLSearchParams({
      response_type: 'code',
      client_id: this.config.clientId,
      redirect_uri: this.config.redirectUri,
      scope: this.config.scopes.join(' '),
      state: pending.state,
      code_challenge_method: 'S256',
      code_challenge: await challengeOf(pending.verifier),
    });
    this.around.leave(`${this.config.authorizeUrl}?${parameters}`);
  }

  /** The access token, renewed when it ends within a minute. Null once the session has ended. */
  async token(): Promise<string | null> {
    const isEnding = this.around.now() >= this.expiresAt - RENEW_BEFORE_SECONDS * 1000;
    if (this.accessToken && isEnding) await this.renew();
    return this.accessToken;
  }

  /** Get new tokens by the refresh token; several calls at once share one. Afterwards token() tells the outcome. */
  renew(): Promise<void> {
    this.renewing ??= this.renewOnce().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  /** The API refuses the session's tokens: sign in again, and come back to the same page. */
  ended(): void {
    const { pathname, search } = this.around.location;
    void this.signIn(pathname + search);
  }

  /** End the session here and at the pool, and leave for its sign-out page. */
  async signOut(): Promise<void> {
    const token = this.refreshToken;
    this.forget();
    if (token && this.config.revokeUrl) {
      // The session ends at the pool's sign-out page even if the token cannot be revoked now.
      await this.post(this.config.revokeUrl, { token }).catch(() => undefined);
    }
    this.around.storage.setItem(SIGNED_OUT, 'yes');
    const parameters = new URLSearchParams({
      client_id: this.config.clientId,
      logout_uri: `${this.around.location.origin}/`,
    });
    this.around.leave(this.config.logoutUrl ? `${this.config.logoutUrl}?${parameters}` : '/');
  }

  private async finishSignIn(parameters: URLSearchParams): Promise<void> {
    const stored = this.around.storage.getItem(PENDING);
    this.around.storage.removeItem(PENDING);
    const pending = stored ? (JSON.parse(stored) as Pending) : null;
    this.around.replace(pending?.returnTo ?? '/');
    const refused = parameters.get('error_description') ?? parameters.get('error');
    if (refused) throw new SignInError(refused);
    const code = parameters.get('code');
    if (!pending || !code || parameters.get('state') !== pending.state) throw new SignInError('state');
    const response = await this.post(this.config.tokenUrl, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.config.redirectUri,
      code_verifier: pending.verifier,
    });
    if (!response.ok) throw new SignInError(`${response.status}`);
    this.keep((await response.json()) as TokenAnswer);
  }

  private async renewOnce(): Promise<void> {
    if (!this.refreshToken) return this.forget();
    const response = await this.post(this.config.tokenUrl, {
      grant_type: 'refresh_token',
      refresh_token: this.refreshToken,
    });
    if (response.ok) this.keep((await response.json()) as TokenAnswer);
    else if (response.status < 500 && response.status !== 429) this.forget();
  }

  private keep(answer: TokenAnswer): void {
    this.accessToken = answer.access_token;
    this.refreshToken = answer.refresh_token ?? this.refreshToken;
    this.expiresAt = this.around.now() + answer.expires_in * 1000;
  }

  private forget(): void {
    this.accessToken = null;
    this.refreshToken = null;
  }

  private post(url: string, form: Record<string, string>): Promise<Response> {
    return this.around.fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...form, client_id: this.config.clientId }),
    });
  }
}
