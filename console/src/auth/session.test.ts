import { describe, expect, it, vi } from 'vitest';
import type { Config } from '../config';
import { challengeOf } from './pkce';
import { Session, SignInError, type Surroundings } from './session';

const CONFIG: Config = {
  apiUrl: 'https://api.test',
  authorizeUrl: 'https://pool.test/oauth2/authorize',
  tokenUrl: 'https://pool.test/oauth2/token',
  logoutUrl: 'https://pool.test/logout',
  revokeUrl: 'https://pool.test/oauth2/revoke',
  clientId: 'client-1',
  scopes: ['openid'],
  redirectUri: 'https://console.test/',
};

class Store extends Map<string, string> {
  getItem = (key: string) => this.get(key) ?? null;
  setItem = (key: string, value: string) => void this.set(key, value);
  removeItem = (key: string) => void this.delete(key);
}

function surroundings(path: string, storage = new Store()) {
  const url = new URL(path, 'https://console.test');
  const answers: Response[] = [];
  const fetched = vi.fn(
    async (_url: RequestInfo | URL, _init?: RequestInit) => answers.shift() ?? new Response(null, { status: 400 }),
  );
  const clock = { now: 1_000_000 };
  const around = {
    fetch: fetched,
    storage: storage as unknown as Storage,
    location: { href: url.href, pathname: url.pathname, search: url.search, origin: url.origin },
    leave: vi.fn<(url: string) => void>(),
    replace: vi.fn<(path: string) => void>(),
    now: () => clock.now,
  } satisfies Surroundings;
  return { around, answers, fetched, clock, storage };
}

const tokens = (members: object = {}) =>
  Response.json({ access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 3600, ...members });
const formOf = (call: Parameters<typeof fetch> | undefined) =>
  Object.fromEntries((call?.[1]?.body ?? []) as URLSearchParams);

async function signedIn() {
  const leaving = surroundings('/sandboxes/sbx_1/feeds?x=1');
  await new Session(CONFIG, leaving.around).start();
  const asked = new URL(leaving.around.leave.mock.calls[0]?.[0] ?? '').searchParams;
  const back = surroundings(`/?code=code-1&state=${asked.get('state')}`, leaving.storage);
  back.answers.push(tokens());
  const session = new Session(CONFIG, back.around);
  const state = await session.start();
  return { ...back, session, state, asked };
}

describe('signing in', () => {
  it('asks by PKCE and comes back to the path it left', async () => {
    const { state, asked, around, fetched, session, storage } = await signedIn();
    expect(state).toBe('signed-in');
    const form = formOf(fetched.mock.calls[0]);
    expect(form).toMatchObject({ grant_type: 'authorization_code', code: 'code-1', client_id: 'client-1' });
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(asked.get('code_challenge')).toBe(await challengeOf(form.code_verifier ?? ''));
    expect(around.replace).toHaveBeenCalledWith('/sandboxes/sbx_1/feeds?x=1');
    expect(await session.token()).toBe('access-1');
    expect([...storage.keys()]).toEqual([]);
  });

  it('takes the code out of the address before it is spent', async () => {
    const { around, fetched } = await signedIn();
    expect(around.replace.mock.invocationCallOrder[0]).toBeLessThan(fetched.mock.invocationCallOrder[0] ?? 0);
  });

  it('refuses an answer with a state that this browser has not sent', async () => {
    const { around } = surroundings('/?code=code-1&state=of-another');
    await expect(new Session(CONFIG, around).start()).rejects.toThrow(SignInError);
    expect(around.fetch).not.toHaveBeenCalled();
  });

  it('tells why the sign-in page refused', async () => {
    const { around } = surroundings('/?error=access_denied&error_description=not+you&state=s');
    await expect(new Session(CONFIG, around).start()).rejects.toThrow('not you');
  });
});

describe('the access token', () => {
  it('is renewed before it ends, once for calls at the same time', async () => {
    const { session, clock, answers, fetched } = await signedIn();
    clock.now += 3_550_000;
    answers.push(tokens({ access_token: 'access-2', refresh_token: undefined }));
    expect(await Promise.all([session.token(), session.token()])).toEqual(['access-2', 'access-2']);
    expect(fetched).toHaveBeenCalledTimes(2);
    expect(formOf(fetched.mock.calls[1])).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'refresh-1' });
  });

  it('is gone when the refresh token is refused', async () => {
    const { session, answers } = await signedIn();
    answers.push(Response.json({ error: 'invalid_grant' }, { status: 400 }));
    await session.renew();
    expect(await session.token()).toBeNull();
  });

  it('stays when the pool cannot answer now', async () => {
    const { session, answers } = await signedIn();
    answers.push(new Response(null, { status: 503 }));
    await session.renew();
    expect(await session.token()).toBe('access-1');
  });
});

describe('signing out', () => {
  it('revokes the refresh token and leaves for the sign-out page', async () => {
    const { session, answers, fetched, around, storage } = await signedIn();
    answers.push(new Response());
    await session.signOut();
    expect(formOf(fetched.mock.calls[1])).toEqual({ token: 'refresh-1', client_id: 'client-1' });
    const left = new URL(around.leave.mock.calls[0]?.[0] ?? '');
    expect(left.origin + left.pathname).toBe(CONFIG.logoutUrl);
    expect(left.searchParams.get('logout_uri')).toBe('https://console.test/');
    expect(await session.token()).toBeNull();
    const again = surroundings('/', storage);
    expect(await new Session(CONFIG, again.around).start()).toBe('signed-out');
    expect(again.around.leave).not.toHaveBeenCalled();
  });
});
