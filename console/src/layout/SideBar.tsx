import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import { useLocation } from 'react-router';
import { useGrant, useSandbox } from '../api/me';
import { useT } from '../i18n/messages';
import { inSandbox } from '../paths';
import { useFollow } from './follow';
import { GROUPS, HOME, SECTIONS, type Section } from './sections';

/** The sections that the caller's grant opens. */
export function SideBar() {
  const t = useT();
  const follow = useFollow();
  const sandbox = useSandbox();
  const permissions: readonly string[] = useGrant()?.permissions ?? [];
  const { pathname } = useLocation();
  const isOpen = ({ anyOf }: Section) => anyOf.length === 0 || anyOf.some((one) => permissions.includes(one));
  const hrefOf = ({ path }: Section) => (path ? inSandbox(sandbox, path) : inSandbox(sandbox));
  const link = (section: Section): SideNavigationProps.Link => ({
    type: 'link',
    text: t(`nav.${section.area}`),
    href: hrefOf(section),
  });
  const groups = GROUPS.map(
    ({ name, sections }): SideNavigationProps.Item => ({
      type: 'section-group',
      title: t(`nav.group.${name}`),
      items: sections.filter(isOpen).map(link),
    }),
  );
  const active = SECTIONS.filter((section) => section.path && pathname.startsWith(hrefOf(section))).at(0) ?? HOME;
  return (
    <SideNavigation
      activeHref={hrefOf(active)}
      items={[link(HOME), { type: 'divider' }, ...groups]}
      onFollow={follow}
    />
  );
}
