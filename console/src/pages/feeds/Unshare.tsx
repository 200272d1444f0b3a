import { bodyOf, type Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { DryRunDialog } from '../../components/DryRunDialog';
import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type Feed, feedsKey, type Share, useSegmentNames } from './queries';

interface Props {
  feed: Feed;
  share: Share;
  onClose: () => void;
}

/** Asks before a feed is unshared from one partner, with what that would end. */
export function Unshare({ feed, share, onClose }: Props) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const names = useSegmentNames(sandbox);
  const partner = share.partner.organizationName;
  const path = { sandbox, feed: feed.feedId };
  const body = { connectionId: share.connectionId };
  const unshare = useAction(
    (_: undefined, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/feeds/{feed}/unshare', { params: { path }, body, headers: once })),
    { invalidates: [feedsKey(sandbox)] },
  );
  return (
    <DryRunDialog
      title={t('feeds.unshare.title', { partner })}
      confirm={t('feeds.unshare')}
      dryRun={async (signal) =>
        (await bodyOf(
          api.POST('/sandboxes/{sandbox}/feeds/{feed}/unshare', {
            params: { path, query: { dryRun: true } },
            body,
            signal,
          }),
        )) as Schemas['UnsharePreview']
      }
      onConfirm={async () => {
        await unshare.mutateAsync(undefined);
        flash.success(t('feeds.unshare.done', { name: feed.name, partner }));
      }}
      onClose={onClose}
    >
      {({ segmentIds, dataflowId }) => (
        <>
          <p>{t('feeds.unshare.segments', { count: segmentIds.length })}</p>
          <ul>
            {segmentIds.map((id) => (
              <li key={id}>
                <Written>{names.get(id) ?? id}</Written>
              </li>
            ))}
          </ul>
          <p>{t(dataflowId ? 'feeds.unshare.flow' : 'feeds.unshare.noFlow')}</p>
        </>
      )}
    </DryRunDialog>
  );
}
