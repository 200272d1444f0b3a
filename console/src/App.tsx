import Button from '@cloudscape-design/components/button';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createClient } from 'handfast-client';
import { Suspense, useMemo, useState } from 'react';
import { BrowserRouter, useRoutes } from 'react-router';
import { ApiProvider } from './api/context';
import { SessionProvider } from './auth/context';
import type { Session, Start } from './auth/session';
import type { Config } from './config';
import { SharedMessages, useT } from './i18n/messages';
import { PreferencesProvider } from './i18n/preferences';
import { Notice } from './layout/notices';
import { routes } from './routes';

export type Begun =
  | { state: Exclude<Start, 'leaving'>; config: Config; session: Session }
  | { state: 'refused'; session: Session; why: string }
  | { state: 'broken'; why: string };

/** The console, once it is known whether somebody is signed in. */
export function App({ begun }: { begun: Begun }) {
  return (
    <PreferencesProvider>
      <Suspense>
        <SharedMessages>
          {begun.state === 'signed-in' ? <SignedIn {...begun} /> : <Outside begun={begun} />}
        </SharedMessages>
      </Suspense>
    </PreferencesProvider>
  );
}

function SignedIn({ config, session }: { config: Config; session: Session }) {
  const [queries] = useState(
    () =>
      new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 5_000 }, mutations: { retry: false } } }),
  );
  const api = useMemo(() => createClient({ url: config.apiUrl, token: session }), [config, session]);
  return (
    <SessionProvider value={session}>
      <ApiProvider value={api}>
        <QueryClientProvider client={queries}>
          <BrowserRouter>
            <Pages />
          </BrowserRouter>
        </QueryClientProvider>
      </ApiProvider>
    </SessionProvider>
  );
}

const Pages = () => useRoutes(routes);

function Outside({ begun }: { begun: Exclude<Begun, { state: 'signed-in' }> | Begun }) {
  const t = useT();
  if (begun.state === 'broken')
    return (
      <Notice
        title={t('start.broken')}
        action={<Button onClick={() => window.location.reload()}>{t('common.retry')}</Button>}
      >
        {t('start.broken.detail', { why: begun.why })}
      </Notice>
    );
  const isRefused = begun.state === 'refused';
  return (
    <Notice
      title={t(isRefused ? 'start.refused' : 'start.signedOut')}
      action={
        <Button variant="primary" onClick={() => void begun.session.signIn('/')}>
          {t('start.signIn')}
        </Button>
      }
    >
      {isRefused ? t('start.refused.detail', { why: begun.why }) : t('start.signedOut.detail')}
    </Notice>
  );
}
