import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { bodyOf, ifMatch, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { GuardedButton } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { type Source, sourcesKey } from './queries';
import { RunDialog } from './RunDialog';
import { TestDialog } from './TestDialog';

type Asking = 'test' | 'run' | 'delete';

/** What can be done with a source. */
export function SourceActions({ source, etag }: { source: Source; etag: string | null }) {
  const t = useT();
  const api = useApi();
  const can = useCan()('segments:write');
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [asking, setAsking] = useState<Asking | null>(null);
  const path = { sandbox, source: source.sourceId };
  const headers = ifMatch(etag);
  const setStatus = useAction(
    (status: Source['status']) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/sources/{source}', {
          params: { path },
          body: { status } as Schemas['PatchSource'],
          headers,
        }),
      ),
    { invalidates: [sourcesKey(sandbox)] },
  );
  const remove = useAction(
    () => bodyOf(api.DELETE('/sandboxes/{sandbox}/sources/{source}', { params: { path }, headers })),
    { invalidates: [[...sourcesKey(sandbox), 'list']] },
  );
  const close = () => setAsking(null);
  const isPaused = source.status === 'paused';
  const turn = () =>
    setStatus.mutate(isPaused ? 'enabled' : 'paused', {
      onSuccess: () => flash.success(t(isPaused ? 'sources.resumed' : 'sources.paused')),
      onError: flash.error,
    });
  return (
    <>
      <GuardedButton permission="segments:write" onClick={() => setAsking('test')}>
        {t('sources.test')}
      </GuardedButton>
      <ButtonDropdown
        disabled={!can}
        disabledReason={can ? undefined : t('guard.reason', { permission: 'segments:write' })}
        loading={setStatus.isPending}
        items={[
          { id: 'edit', text: t('sources.edit') },
          { id: 'turn', text: t(isPaused ? 'sources.resume' : 'sources.pause') },
          { id: 'delete', text: t('sources.delete') },
        ]}
        onItemClick={({ detail }) => {
          if (detail.id === 'edit') void navigate(inSandbox(sandbox, 'sources', source.sourceId, 'edit'));
          else if (detail.id === 'turn') turn();
          else setAsking('delete');
        }}
      >
        {t('sources.actions')}
      </ButtonDropdown>
      <GuardedButton
        permission="segments:write"
        variant="primary"
        disabled={source.running}
        onClick={() => setAsking('run')}
      >
        {t('sources.run')}
      </GuardedButton>
      {asking === 'test' && <TestDialog source={source.sourceId} onClose={close} />}
      {asking === 'run' && <RunDialog source={source} onClose={close} />}
      {asking === 'delete' && (
        <ConfirmDialog
          title={t('sources.delete.title')}
          confirm={t('sources.delete')}
          typeName={source.name}
          onConfirm={async () => {
            await remove.mutateAsync();
            flash.success(t('sources.deleted', { name: source.name }));
            void navigate(inSandbox(sandbox, 'sources'));
          }}
          onClose={close}
        >
          {t('sources.delete.detail')}
        </ConfirmDialog>
      )}
    </>
  );
}
