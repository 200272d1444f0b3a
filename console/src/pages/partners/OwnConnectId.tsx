import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Spinner from '@cloudscape-design/components/spinner';
import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { GuardedButton } from '../../components/Guarded';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { partnersKey, useOwnConnectId } from './queries';

/** The sandbox's own connect ID, to be copied and, by who may, regenerated. */
export function OwnConnectId() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const read = useOwnConnectId(sandbox);
  const [isAsking, setAsking] = useState(false);
  const regenerate = useAction(
    (_: undefined, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/connect-id/regenerate', { params: { path: { sandbox } }, headers: once })),
    { invalidates: [partnersKey(sandbox)] },
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('partners.connectId.description')}
          actions={
            <GuardedButton permission="connections:manage" onClick={() => setAsking(true)}>
              {t('partners.regenerate')}
            </GuardedButton>
          }
        >
          {t('partners.connectId.own')}
        </Header>
      }
    >
      <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
      {read.isPending && <Spinner aria-label={t('common.loading')} />}
      {read.data && (
        <>
          <Box fontSize="heading-m">
            <span className="secret">
              <CopyId value={read.data.value.connectId} label={t('partners.connectId')} />
            </span>
          </Box>
          <Box variant="small" color="text-body-secondary">
            {t('partners.connectId.since')} <Time at={read.data.value.createdAt} />
          </Box>
        </>
      )}
      {isAsking && (
        <ConfirmDialog
          title={t('partners.regenerate.title')}
          confirm={t('partners.regenerate')}
          onConfirm={async () => {
            await regenerate.mutateAsync(undefined);
            flash.success(t('partners.regenerated'));
          }}
          onClose={() => setAsking(false)}
        >
          <ul>
            <li>{t('partners.regenerate.ends')}</li>
            <li>{t('partners.regenerate.connections')}</li>
            <li>{t('partners.regenerate.pending')}</li>
            <li>{t('partners.regenerate.hand')}</li>
          </ul>
        </ConfirmDialog>
      )}
    </Container>
  );
}
