import { describe, expect, it } from 'vitest';
import { createClient, SignInError } from '../src/index.ts';

const TOLD = { tokenUrl: 'http://pool.test/oauth2/token' };
const ME = { principalId: 'p-1', name: 'machine', grants: [] };

/** A deployment and its token endpoint, which gives `token-1`, `token-2`, … for so many seconds. */
function deployment({ seconds = 3600, refused = [] as string[], tokenStatus = 200, told = TOLD as object } = {}) {
  const asked: string[] = [];
  const forms: string[] = [];
  let given = 0;
  const send = async (request: Request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    if (pathname === '/v1/.well-known/handfast.json') return Response.json(told);
    if (pathname === '/oauth2/token') {
      forms.push(await request.text());
      given += 1;
      return Response.json({ access_token: `token-${given}`, expires_in: seconds }, { status: tokenStatus });
    }
    const token = request.headers.get('Authorization')?.replace('Bearer ', '') ?? '';
    return refused.includes(token) ? new Response('{}', { status: 401 }) : Response.json(ME);
  };
  const client = createClient({ url: 'http://api.test/', clientId: 'id', clientSecret: 's&cret', fetch: send });
  return { client, asked, forms };
}

const SIGN_IN = ['/v1/.well-known/handfast.json', '/oauth2/token'];

describe('a machine', () => {
  it('gets its token where the deployment tells, and keeps it', async () => {
    const { client, asked, forms } = deployment();
    await client.GET('/me');
    await client.GET('/me');
    expect(asked).toEqual([...SIGN_IN, '/v1/me', '/v1/me']);
    expect(forms).toEqual(['grant_type=client_credentials&client_id=id&client_secret=s%26cret']);
  });

  it('gets one for calls at once, and another before it ends', async () => {
    const { client, asked } = deployment({ seconds: 30 });
    await Promise.all([client.GET('/me'), client.GET('/me')]);
    expect(asked).toEqual([...SIGN_IN, '/v1/me', '/v1/me']);
    await client.GET('/me');
    expect(asked).toEqual([...SIGN_IN, '/v1/me', '/v1/me', ...SIGN_IN, '/v1/me']);
  });

  it('gets another when one is refused, once', async () => {
    const one = deployment({ refused: ['token-1'] });
    await one.client.GET('/me');
    expect(one.asked).toEqual([...SIGN_IN, '/v1/me', ...SIGN_IN, '/v1/me']);
    const both = deployment({ refused: ['token-1', 'token-2'] });
    await expect(both.client.GET('/me')).rejects.toMatchObject({ status: 401 });
  });

  it('is told that its credentials are refused, or that there is no deployment', async () => {
    await expect(deployment({ tokenStatus: 400 }).client.GET('/me')).rejects.toThrow(
      new SignInError('The token endpoint refused the client (400)'),
    );
    await expect(deployment({ told: {} }).client.GET('/me')).rejects.toThrow('does not tell how to sign in (200)');
  });
});

it('a token that was given is refused at once', async () => {
  let sent = 0;
  const fetch = async () => {
    sent += 1;
    return new Response('{}', { status: 401 });
  };
  await expect(createClient({ url: 'http://api.test', token: 't', fetch }).GET('/me')).rejects.toMatchObject({
    status: 401,
  });
  expect(sent).toBe(1);
});
