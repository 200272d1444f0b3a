import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render } from '@testing-library/react';
import { createClient, type Schemas } from 'handfast-client';
import { type ReactElement, Suspense } from 'react';
import { MemoryRouter, Route, Routes } from 'react-router';
import { ApiProvider } from '../api/context';
import type { Permission } from '../api/me';
import { AreaMessages, SharedMessages } from '../i18n/messages';
import { PreferencesProvider } from '../i18n/preferences';
import { FlashProvider, useFlashItems } from '../layout/flash';

export const SANDBOX = 'sbx_01K5Z8Q4T3N7W2X9B6C1D0E5FG';

/** What the stand-in of the API answers to a call: a body, or a Response for anything but 200. */
export type Answers = Record<string, (request: Request) => unknown>;

interface Options {
  /** The folder under `pages/` whose messages are needed. */
  area?: string;
  /** By method and path below the sandbox: `'GET /webhooks': () => ({items: [], nextCursor: null})`. */
  answers?: Answers;
  permissions?: Permission[];
  /** Below the sandbox, such as `webhooks/whk_1`, and the route that it matches. */
  at?: string;
  route?: string;
}

/** Show a page or component as the console does, over a stand-in of the API that records its calls. */
export async function show(element: ReactElement, options: Options = {}) {
  const { area, answers = {}, permissions = [], at = '', route = '*' } = options;
  const calls: Request[] = [];
  const send = async (request: Request): Promise<Response> => {
    calls.push(request.clone());
    const path = new URL(request.url).pathname.replace('/v1', '').replace(`/sandboxes/${SANDBOX}`, '');
    if (path === '/me') return Response.json(me(permissions));
    const answer = await answers[`${request.method} ${path}`]?.(request);
    if (answer instanceof Response) return answer;
    return answer === undefined
      ? problem(404, { detail: `no answer to ${request.method} ${path}` })
      : Response.json(answer);
  };
  const api = createClient({ url: 'http://api.test', token: 'token', fetch: send });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });
  const page = area ? <AreaMessages area={area}>{element}</AreaMessages> : element;
  const tree = (
    <PreferencesProvider>
      <Suspense>
        <SharedMessages>
          <ApiProvider value={api}>
            <QueryClientProvider client={queries}>
              <MemoryRouter initialEntries={[`/sandboxes/${SANDBOX}/${at}`]}>
                <FlashProvider>
                  <Flashes />
                  <Suspense>
                    <Routes>
                      <Route path={`/sandboxes/:sandbox/${route}`} element={page} />
                      <Route path="*" element={<p>elsewhere</p>} />
                    </Routes>
                  </Suspense>
                </FlashProvider>
              </MemoryRouter>
            </QueryClientProvider>
          </ApiProvider>
        </SharedMessages>
      </Suspense>
    </PreferencesProvider>
  );
  const shown = await act(async () => render(tree));
  await shown.findByTestId('flashes');
  return { ...shown, calls };
}

/** An error as the API answers it. */
export function problem(status: number, members: Partial<Schemas['Problem']>): Response {
  const body = {
    type: '/v1/problems/refused',
    title: 'Refused',
    status,
    detail: '',
    instance: '/',
    requestId: 'req-1',
  };
  return new Response(JSON.stringify({ ...body, ...members }), {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
  });
}

const me = (permissions: string[]): Schemas['Me'] => ({
  principalId: 'p-1',
  name: 'person@example.com',
  grants: [
    { sandboxId: SANDBOX, sandboxName: 'production', organizationName: 'Example Media', role: null, permissions },
  ],
});

function Flashes() {
  return (
    <div data-testid="flashes">
      {useFlashItems().map((item) => (
        <div key={item.id}>
          {item.header} {item.content}
        </div>
      ))}
    </div>
  );
}
