import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import Tabs from '@cloudscape-design/components/tabs';
import type { ReactNode } from 'react';
import { useSandbox } from '../../api/me';
import { useT } from '../../i18n/messages';
import { useFollow } from '../../layout/follow';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';

const TABS = ['policies', 'labels', 'marketing-actions', 'data-sources', 'check', 'audience-manager'] as const;
export type Tab = (typeof TABS)[number];

/** The pages of governance, each a tab with an address of its own. */
export function GovernancePage({ tab, children }: { tab: Tab; children: ReactNode }) {
  const t = useT();
  const follow = useFollow();
  const sandbox = useSandbox();
  const title = t('governance.title');
  const own = t(`governance.tab.${tab}`);
  usePage({
    title: own,
    breadcrumbs: [{ text: title, href: inSandbox(sandbox, 'governance') }, { text: own }],
    contentType: 'table',
  });
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={t('governance.description')}>
          {title}
        </Header>
      }
    >
      <Tabs
        ariaLabel={title}
        activeTabId={tab}
        onChange={({ detail }) => follow({ preventDefault: () => undefined, detail: { href: detail.activeTabHref } })}
        tabs={TABS.map((id) => ({
          id,
          label: t(`governance.tab.${id}`),
          href: id === 'policies' ? inSandbox(sandbox, 'governance') : inSandbox(sandbox, 'governance', id),
          content: id === tab && children,
        }))}
      />
    </ContentLayout>
  );
}
