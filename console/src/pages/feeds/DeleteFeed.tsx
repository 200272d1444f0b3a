import { bodyOf, ifMatch } from 'handfast-client';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { type Feed, feedsKey } from './queries';

interface Props {
  feed: Feed;
  etag: string | null;
  onClose: () => void;
}

/** Asks before a feed is deleted, naming whom it is unshared from. */
export function DeleteFeed({ feed, etag, onClose }: Props) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const params = { path: { sandbox, feed: feed.feedId } };
  const remove = useAction(
    (_: undefined) => bodyOf(api.DELETE('/sandboxes/{sandbox}/feeds/{feed}', { params, headers: ifMatch(etag) })),
    { invalidates: [[...feedsKey(sandbox), 'list']] },
  );
  const losing = feed.shares.filter(({ status }) => status !== 'revoked');
  return (
    <ConfirmDialog
      title={t('feeds.delete.title')}
      confirm={t('feeds.delete')}
      {...(losing.length > 0 && { typeName: feed.name })}
      onConfirm={async () => {
        await remove.mutateAsync(undefined);
        flash.success(t('feeds.deleted', { name: feed.name }));
        void navigate(inSandbox(sandbox, 'feeds'));
      }}
      onClose={onClose}
    >
      {losing.length === 0 ? (
        t('feeds.delete.unshared')
      ) : (
        <>
          {t('feeds.delete.shared', { count: losing.length })}
          <ul>
            {losing.map(({ connectionId, partner }) => (
              <li key={connectionId}>
                <Written>{partner.organizationName}</Written>
              </li>
            ))}
          </ul>
          {t('feeds.delete.final')}
        </>
      )}
    </ConfirmDialog>
  );
}
