import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import { useQueryClient } from '@tanstack/react-query';
import type { Schemas } from 'handfast-client';
import { useNavigate } from 'react-router';
import { useApi } from '../api/context';
import { useGrant, useMe, useSandbox } from '../api/me';
import { useResource } from '../api/queries';
import { useSession } from '../auth/context';
import { LOCALE_NAMES, LOCALES, type Locale } from '../i18n/locale';
import { useT } from '../i18n/messages';
import { type Theme, usePreferences } from '../i18n/preferences';
import { inSandbox, placeOf } from '../paths';
import { useFollow } from './follow';

type Menu = Extract<TopNavigationProps.Utility, { type: 'menu-dropdown' }>;

const THEMES: Theme[] = ['system', 'light', 'dark'];
const SHOWN = 8;
const LONGEST = 60;

/** A name by another's hand, short enough for a menu. */
const short = (name: string) => (name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name);

/** The product, the sandbox, and what is the person's own. */
export function TopBar() {
  const follow = useFollow();
  const sandboxes = useSandboxMenu();
  const notifications = useNotificationMenu();
  const settings = useSettingsMenu();
  const person = usePersonMenu();
  const t = useT();
  return (
    <div id="top">
      <TopNavigation
        identity={{ href: '/', title: t('product'), onFollow: follow, logo: { src: '/icon.svg', alt: '' } }}
        utilities={[sandboxes, notifications, settings, person].filter((menu) => menu !== null)}
      />
    </div>
  );
}

function useSandboxMenu(): Menu | null {
  const t = useT();
  const navigate = useNavigate();
  const me = useMe();
  const grant = useGrant();
  const grants = me.data?.grants ?? [];
  if (grants.length === 0) return null;
  const text = grant ? `${short(grant.organizationName)} / ${short(grant.sandboxName)}` : t('sandbox.choose');
  const organizations = [...new Set(grants.map(({ organizationName }) => organizationName))];
  return {
    type: 'menu-dropdown',
    text,
    // The name begins with what is seen (WCAG 2.5.3).
    ariaLabel: `${text}, ${t('sandbox.switch')}`,
    items: organizations.map((organization) => ({
      id: organization,
      text: short(organization),
      items: grants
        .filter(({ organizationName }) => organizationName === organization)
        .map(({ sandboxId, sandboxName }) => ({
          id: sandboxId,
          text: short(sandboxName),
          description: sandboxId === grant?.sandboxId ? t('sandbox.current') : undefined,
        })),
    })),
    onItemClick: ({ detail }) => void navigate(inSandbox(detail.id)),
  };
}

function useNotificationMenu(): Menu | null {
  const t = useT();
  const api = useApi();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const sandbox = useSandbox();
  const grant = useGrant();
  const key = ['sandbox', sandbox, 'notifications', 'latest'];
  const latest = useResource(
    key,
    (signal) =>
      api.GET('/sandboxes/{sandbox}/notifications', {
        params: { path: { sandbox }, query: { limit: SHOWN } },
        signal,
      }),
    { enabled: grant !== undefined, live: () => false },
  ).data?.value;
  if (!grant) return null;
  const unread = latest?.unread ?? 0;
  return {
    type: 'menu-dropdown',
    iconName: 'notification',
    badge: unread > 0,
    ariaLabel: t('notifications.label', { unread }),
    title: t('notifications.unread', { unread }),
    items: [
      ...(latest?.items ?? []).map((notification) => ({
        id: notification.notificationId,
        text: short(notification.title),
        iconName: notification.read ? ('check' as const) : ('status-info' as const),
      })),
      { id: 'all', text: t('notifications.all'), iconName: 'arrow-right' as const },
    ],
    onItemClick: ({ detail }) => {
      const chosen = latest?.items.find(({ notificationId }) => notificationId === detail.id);
      if (!chosen) return void navigate(inSandbox(sandbox, 'activity/notifications'));
      void markRead(chosen);
      void navigate(placeOf(sandbox, chosen.subject) ?? inSandbox(sandbox, 'activity/notifications'));
    },
  };

  async function markRead({ read, notificationId }: Schemas['Notification']) {
    if (read) return;
    await api.POST('/sandboxes/{sandbox}/notifications/{notification}/read', {
      params: { path: { sandbox, notification: notificationId } },
    });
    await queries.invalidateQueries({ queryKey: ['sandbox', sandbox, 'notifications'] });
  }
}

function useSettingsMenu(): Menu {
  const t = useT();
  const { preferences, prefer } = usePreferences();
  return {
    type: 'menu-dropdown',
    iconName: 'settings',
    ariaLabel: t('look.label'),
    title: t('look.label'),
    items: [
      {
        id: 'language',
        text: t('look.language'),
        items: LOCALES.map((locale) => ({
          id: `locale ${locale}`,
          itemType: 'checkbox' as const,
          checked: preferences.locale === locale,
          text: LOCALE_NAMES[locale],
        })),
      },
      {
        id: 'theme',
        text: t('look.theme'),
        items: THEMES.map((theme) => ({
          id: `theme ${theme}`,
          itemType: 'checkbox' as const,
          checked: preferences.theme === theme,
          text: t(`look.theme.${theme}`),
        })),
      },
      {
        id: 'density',
        text: t('look.density'),
        items: [
          { id: 'compact', itemType: 'checkbox' as const, checked: preferences.isCompact, text: t('look.compact') },
        ],
      },
    ],
    onItemClick: ({ detail }) => {
      const [kind, value] = detail.id.split(' ');
      if (kind === 'locale') prefer({ locale: value as Locale });
      else if (kind === 'theme') prefer({ theme: value as Theme });
      else prefer({ isCompact: !preferences.isCompact });
    },
  };
}

function usePersonMenu(): Menu {
  const t = useT();
  const session = useSession();
  const navigate = useNavigate();
  const me = useMe();
  const grant = useGrant();
  const name = me.data?.name ?? '';
  return {
    type: 'menu-dropdown',
    iconName: 'user-profile',
    text: short(name),
    description: grant?.role ? t('person.role', { role: grant.role }) : name,
    ariaLabel: `${short(name)}, ${t('person.label')}`,
    items: [
      { id: 'invitations', text: t('invitations.title') },
      { id: 'sign-out', text: t('person.signOut') },
    ],
    onItemClick: ({ detail }) => void (detail.id === 'invitations' ? navigate('/invitations') : session.signOut()),
  };
}
