import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Popover from '@cloudscape-design/components/popover';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { NameOrId, Written } from '../../components/NameOrId';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { type Feed, type Share, useSegmentNames } from './queries';
import { Runs } from './Runs';
import { Unshare } from './Unshare';

/** How each partner stands to a feed, and the runs of what flows to the one that is chosen. */
export function Shares({ feed }: { feed: Feed }) {
  const t = useT();
  const sandbox = useSandbox();
  const [chosen, setChosen] = useState<string | null>(null);
  const [unsharing, setUnsharing] = useState<Share | null>(null);
  const flowing = feed.shares.filter(({ dataflowId }) => dataflowId !== null);
  const shown = flowing.find(({ connectionId }) => connectionId === chosen) ?? flowing[0];
  return (
    <SpaceBetween size="l">
      <Table
        header={
          <Header variant="h2" counter={`(${feed.shares.length})`} description={t('feeds.shares.description')}>
            {t('feeds.partners')}
          </Header>
        }
        ariaLabels={{
          tableLabel: t('feeds.partners'),
          selectionGroupLabel: t('feeds.shares.select'),
          itemSelectionLabel: (_, { partner }) => partner.organizationName,
        }}
        {...(flowing.length > 1 && {
          selectionType: 'single' as const,
          selectedItems: shown ? [shown] : [],
          isItemDisabled: ({ dataflowId }: Share) => dataflowId === null,
          onSelectionChange: ({ detail }: { detail: { selectedItems: Share[] } }) =>
            setChosen(detail.selectedItems[0]?.connectionId ?? null),
        })}
        trackBy="connectionId"
        items={feed.shares}
        empty={
          <Box textAlign="center" color="text-body-secondary">
            {t('feeds.shares.empty')}
          </Box>
        }
        columnDefinitions={[
          {
            id: 'partner',
            header: t('feeds.partner'),
            isRowHeader: true,
            cell: ({ connectionId, partner }) => (
              <>
                <NameOrId
                  name={partner.organizationName}
                  id={connectionId}
                  href={inSandbox(sandbox, 'partners', connectionId)}
                />
                <Box variant="small" display="block" color="text-body-secondary">
                  <Written>{partner.sandboxName}</Written>
                </Box>
              </>
            ),
          },
          { id: 'status', header: t('feeds.share.status'), cell: ({ status }) => <StatusBadge status={status} /> },
          { id: 'version', header: t('feeds.share.version'), cell: ({ version }) => version },
          {
            id: 'accepted',
            header: t('feeds.share.accepted'),
            cell: ({ acceptedVersion }) => acceptedVersion ?? t('common.none'),
          },
          { id: 'held', header: t('feeds.share.held'), cell: (share) => <Held share={share} /> },
          { id: 'sharedAt', header: t('feeds.share.sharedAt'), cell: ({ sharedAt }) => <Time at={sharedAt} /> },
          {
            id: 'actions',
            header: t('feeds.actions'),
            minWidth: 150,
            cell: (share) =>
              share.status === 'revoked' ? (
                t('common.none')
              ) : (
                <GuardedButton
                  permission="feeds:write"
                  variant="inline-link"
                  ariaLabel={t('feeds.unshare.from', { partner: share.partner.organizationName })}
                  onClick={() => setUnsharing(share)}
                >
                  {t('feeds.unshare')}
                </GuardedButton>
              ),
          },
        ]}
      />
      {shown?.dataflowId && (
        <Runs key={shown.dataflowId} dataflow={shown.dataflowId} partner={shown.partner.organizationName} />
      )}
      {unsharing && <Unshare feed={feed} share={unsharing} onClose={() => setUnsharing(null)} />}
    </SpaceBetween>
  );
}

/** What of a share is held back, and why. */
function Held({ share: { held } }: { share: Share }) {
  const t = useT();
  const names = useSegmentNames(useSandbox());
  if (held === null) return <>{t('common.none')}</>;
  if (held.length === 0) return <StatusIndicator type="success">{t('feeds.held.nothing')}</StatusIndicator>;
  return (
    <Popover
      header={t('feeds.share.held')}
      content={
        <ul className="plain">
          {held.map(({ segmentId, namespace, reason }) => (
            <li key={`${segmentId} ${namespace}`}>
              <Written>{names.get(segmentId) ?? segmentId}</Written> · {namespace}: {t(`feeds.held.${reason}`)}
            </li>
          ))}
        </ul>
      }
    >
      <StatusIndicator type="warning">{t('feeds.held.count', { count: held.length })}</StatusIndicator>
    </Popover>
  );
}
