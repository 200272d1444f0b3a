import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

interface Stack {
  apiUrl: string;
  tokenUrl: string;
  awsEndpointUrl: string;
  region: string;
  userPoolId: string;
  userPoolClientId: string;
  consoleUrl?: string;
}

const STACK = process.env.HANDFAST_STACK ?? fileURLToPath(new URL('../.local/stack.json', import.meta.url));
const SCOPES = 'openid aws.cognito.signin.user.admin';

/** The running local stack, or null where none is up. */
function runningStack(): Stack | null {
  try {
    return JSON.parse(readFileSync(STACK, 'utf8')) as Stack;
  } catch {
    return null;
  }
}

async function servedConfig(stack: Stack): Promise<object> {
  if (stack.consoleUrl) {
    const answer = await fetch(new URL('/config.json', stack.consoleUrl)).catch(() => null);
    if (answer?.ok) return (await answer.json()) as object;
  }
  const pool = stack.tokenUrl.replace(/\/oauth2\/token$/, '');
  return {
    authorizeUrl: `${pool}/oauth2/authorize`,
    logoutUrl: `${pool}/logout`,
    clientId: stack.userPoolClientId,
    scopes: SCOPES,
  };
}

type PoolClient = Record<string, unknown> & { CallbackURLs?: string[] };

async function ofPool(stack: Stack, action: string, body: object): Promise<{ UserPoolClient: PoolClient }> {
  const answer = await fetch(stack.awsEndpointUrl, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `AWSCognitoIdentityProviderService.${action}`,
      Authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${stack.region}/cognito-idp/aws4_request, SignedHeaders=host, Signature=local`,
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { UserPoolClient: PoolClient };
}

/** Let the local pool send people back to this server. */
async function allowReturn(stack: Stack, url: string): Promise<void> {
  const client = { UserPoolId: stack.userPoolId, ClientId: stack.userPoolClientId };
  const { UserPoolClient: known } = await ofPool(stack, 'DescribeUserPoolClient', client);
  if (known.CallbackURLs?.includes(url)) return;
  const { LastModifiedDate: _, CreationDate: __, ...settings } = known;
  await ofPool(stack, 'UpdateUserPoolClient', {
    ...settings,
    AllowedOAuthFlows: ['code'],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthScopes: SCOPES.split(' '),
    CallbackURLs: [...(known.CallbackURLs ?? []), url],
  });
}

/**
 * Let the development server stand before the local stack that `HANDFAST_STACK` or `.local/stack.json` names: its
 * `/config.json` is the stack's own, with the calls led through this server, so that the browser sees one origin.
 */
export function localStack(): Plugin {
  return {
    name: 'handfast-local-stack',
    apply: 'serve',
    config() {
      const stack = runningStack();
      if (!stack) return {};
      const without = (prefix: string) => (path: string) => path.slice(prefix.length);
      const pool = stack.tokenUrl.replace(/\/oauth2\/token$/, '');
      return {
        server: {
          proxy: {
            '/.api': { target: stack.apiUrl, changeOrigin: true, rewrite: without('/.api') },
            '/.pool': { target: pool, changeOrigin: true, rewrite: without('/.pool') },
          },
        },
      };
    },
    configureServer(server) {
      server.middlewares.use('/config.json', (request, response, next) => {
        const stack = runningStack();
        if (!stack) {
          response.statusCode = 503;
          response.end();
          return;
        }
        const origin = `http://${request.headers.host}`;
        const ready = allowReturn(stack, `${origin}/`).then(() => servedConfig(stack));
        void ready.then((config) => {
          response.setHeader('Content-Type', 'application/json');
          const here = {
            apiUrl: `${origin}/.api`,
            tokenUrl: `${origin}/.pool/oauth2/token`,
            revokeUrl: `${origin}/.pool/oauth2/revoke`,
            redirectUri: `${origin}/`,
          };
          response.end(JSON.stringify({ ...config, ...here }));
        }, next);
      });
    },
  };
}
