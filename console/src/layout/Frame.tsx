import AppLayoutToolbar from '@cloudscape-design/components/app-layout-toolbar';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Outlet, useLocation } from 'react-router';
import { useGrant, useSandbox } from '../api/me';
import { useT } from '../i18n/messages';
import { inSandbox } from '../paths';
import { rememberSandbox } from './Entry';
import { FlashProvider, useFlashItems } from './flash';
import { useFollow } from './follow';
import { FrameContext, type PageFrame } from './page';
import { SideBar } from './SideBar';
import { TopBar } from './TopBar';

// Most pages are read without a message ever standing above them.
const Flashbar = lazy(() => import('@cloudscape-design/components/flashbar'));
const EMPTY: PageFrame = { title: '', breadcrumbs: [] };

/** The frame around every page of a sandbox. */
export function Frame() {
  return (
    <FlashProvider>
      <FrameBody />
    </FlashProvider>
  );
}

function FrameBody() {
  const t = useT();
  const follow = useFollow();
  const sandbox = useSandbox();
  const grant = useGrant();
  const flashes = useFlashItems();
  const [frame, setFrame] = useState(EMPTY);
  const [isNavigationOpen, setNavigationOpen] = useState(() => window.innerWidth > 1100);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const main = useRef<HTMLDivElement>(null);
  useFocusOnChange(main);
  useEffect(() => {
    if (grant) rememberSandbox(grant.sandboxId);
  }, [grant]);
  const crumbs = [
    { text: grant?.sandboxName ?? t('product'), href: sandbox ? inSandbox(sandbox) : '/' },
    ...frame.breadcrumbs.map(({ text, href }) => ({ text, href: href ?? '#' })),
  ];
  return (
    <FrameContext value={setFrame}>
      <a href="#main" className="skip-link">
        {t('frame.skip')}
      </a>
      <TopBar />
      <AppLayoutToolbar
        headerSelector="#top"
        contentType={frame.contentType ?? 'default'}
        navigation={<SideBar />}
        navigationHide={!grant}
        navigationOpen={isNavigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        breadcrumbs={<BreadcrumbGroup items={crumbs} onFollow={follow} />}
        notifications={
          <Suspense>{flashes.length > 0 && <Flashbar items={flashes} stackItems={flashes.length > 2} />}</Suspense>
        }
        tools={frame.help}
        toolsHide={!frame.help}
        toolsOpen={isHelpOpen && frame.help !== undefined}
        onToolsChange={({ detail }) => setHelpOpen(detail.open)}
        ariaLabels={{ navigation: t('frame.navigation'), notifications: t('frame.flashes') }}
        content={
          <div id="main" ref={main} tabIndex={-1}>
            <Outlet />
          </div>
        }
      />
    </FrameContext>
  );
}

/** Move the focus to the page when the route changes, so that the keyboard and screen readers go on there. */
function useFocusOnChange(main: React.RefObject<HTMLDivElement | null>): void {
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname, main]);
}
