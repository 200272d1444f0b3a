import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { type Once, useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { GuardedButton } from '../../components/Guarded';
import { MarketingActions } from '../../components/MarketingActions';
import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type ReceivedFeed, receivedFeedsKey } from './queries';

type Decision = 'enable' | 'disable' | 'decline';

/** What a receiver may do with a feed in each of its states. */
const POSSIBLE: Record<ReceivedFeed['status'], readonly Decision[]> = {
  pending: ['decline', 'enable'],
  changed: ['disable', 'enable'],
  enabled: ['disable'],
  disabled: ['enable'],
  declined: [],
  revoked: [],
};

/** Enables, disables or declines a feed, having said what that does. */
export function Decisions({ feed }: { feed: ReceivedFeed }) {
  const t = useT();
  const flash = useFlash();
  const [asking, setAsking] = useState<Decision | null>(null);
  const decide = useDecide(feed.receivedFeedId);
  const isNewVersion = feed.status === 'changed';
  const verb = (decision: Decision) =>
    t(decision === 'enable' && isNewVersion ? 'receivedFeeds.enableVersion' : `receivedFeeds.${decision}`, {
      version: feed.version,
    });
  return (
    <>
      {POSSIBLE[feed.status].map((decision) => (
        <GuardedButton
          key={decision}
          permission="feeds:approve"
          variant={decision === 'enable' ? 'primary' : 'normal'}
          onClick={() => setAsking(decision)}
        >
          {verb(decision)}
        </GuardedButton>
      ))}
      {asking && (
        <ConfirmDialog
          title={t(`receivedFeeds.${asking}.title`, { name: feed.feedName.slice(0, 100) })}
          confirm={verb(asking)}
          onConfirm={async () => {
            await decide.mutateAsync(asking);
            flash.success(t(`receivedFeeds.${asking}.done`, { name: feed.feedName.slice(0, 100) }));
          }}
          onClose={() => setAsking(null)}
        >
          {asking === 'enable' ? <WhatComes feed={feed} /> : t(`receivedFeeds.${asking}.detail`)}
        </ConfirmDialog>
      )}
    </>
  );
}

function useDecide(receivedFeed: string) {
  const api = useApi();
  const sandbox = useSandbox();
  const params = { path: { sandbox, received_feed: receivedFeed } };
  const calls = {
    enable: (headers: Once) =>
      api.POST('/sandboxes/{sandbox}/received-feeds/{received_feed}/enable', { params, headers }),
    disable: (headers: Once) =>
      api.POST('/sandboxes/{sandbox}/received-feeds/{received_feed}/disable', { params, headers }),
    decline: (headers: Once) =>
      api.POST('/sandboxes/{sandbox}/received-feeds/{received_feed}/decline', { params, headers }),
  };
  return useAction((decision: Decision, once) => bodyOf(calls[decision](once)), {
    invalidates: [receivedFeedsKey(sandbox), ['sandbox', sandbox, 'segments']],
  });
}

/** What enabling the offered version brings, and on which terms. */
function WhatComes({ feed }: { feed: ReceivedFeed }) {
  const t = useT();
  const { segments, namespaces, restrictedMarketingActions } = feed;
  return (
    <>
      <p>{t('receivedFeeds.enable.comes', { count: segments.length })}</p>
      <ul>
        {segments.map(({ segmentId, name }) => (
          <li key={segmentId}>
            <Written>{name}</Written>
          </li>
        ))}
      </ul>
      <p>{t('receivedFeeds.enable.only', { namespaces: namespaces.join(', ') })}</p>
      {restrictedMarketingActions.length > 0 && (
        <>
          <p>{t('receivedFeeds.enable.terms')}</p>
          <MarketingActions codes={restrictedMarketingActions} />
        </>
      )}
    </>
  );
}
