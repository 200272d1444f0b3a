import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import Tabs from '@cloudscape-design/components/tabs';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { useFollow } from '../../layout/follow';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';

const TABS = ['people', 'machines', 'recipient-tokens', 'invitations'] as const;
export type Tab = (typeof TABS)[number];

const pathOf = (tab: Tab) => (tab === 'people' ? ['access'] : ['access', tab]);

interface Props {
  tab: Tab;
  /** What is done there; giving somebody rights if left out. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The pages of access, each a tab with an address of its own. */
export function AccessPage({ tab, actions, children }: Props) {
  const t = useT();
  const follow = useFollow();
  const sandbox = useSandbox();
  const title = t('access.title');
  usePage({
    title: tab === 'people' ? title : t(`access.tab.${tab}`),
    breadcrumbs:
      tab === 'people'
        ? [{ text: title }]
        : [{ text: title, href: inSandbox(sandbox, 'access') }, { text: t(`access.tab.${tab}`) }],
    contentType: 'table',
  });
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={t('access.description')}
          actions={<div className="row">{actions ?? <GiveRights />}</div>}
        >
          {title}
        </Header>
      }
    >
      <Tabs
        activeTabId={tab}
        onChange={({ detail }) => follow({ preventDefault: () => undefined, detail: { href: detail.activeTabHref } })}
        tabs={TABS.map((id) => ({
          id,
          label: t(`access.tab.${id}`),
          href: inSandbox(sandbox, ...pathOf(id)),
          content: id === tab && children,
        }))}
        ariaLabel={title}
      />
    </ContentLayout>
  );
}

function GiveRights() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  return (
    <>
      <GuardedButton permission="access:manage" onClick={() => void navigate(inSandbox(sandbox, 'access', 'add'))}>
        {t('access.add')}
      </GuardedButton>
      <GuardedButton
        permission="access:manage"
        variant="primary"
        onClick={() => void navigate(inSandbox(sandbox, 'access', 'invite'))}
      >
        {t('access.invite')}
      </GuardedButton>
    </>
  );
}
