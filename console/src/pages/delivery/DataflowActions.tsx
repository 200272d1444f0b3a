import Box from '@cloudscape-design/components/box';
import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { DryRunDialog } from '../../components/DryRunDialog';
import { GuardedButton } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { HeldList } from './Held';
import { type Dataflow, deliveryKey, isToDestination } from './queries';

type Asking = 'backfill' | 'pause' | 'release';
type Preview = Schemas['ReleasePreview'];

const GUARDS: readonly string[] = ['guard_share', 'guard_growth'];

/** What the source of a dataflow can do with it. */
export function DataflowActions({ flow }: { flow: Dataflow }) {
  const t = useT();
  const api = useApi();
  const can = useCan();
  const flash = useFlash();
  const sandbox = useSandbox();
  const [asking, setAsking] = useState<Asking | null>(null);
  const params = { path: { sandbox, dataflow: flow.dataflowId } };
  const options = { invalidates: [deliveryKey(sandbox)] };
  const backfill = useAction(
    (_: undefined, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/dataflows/{dataflow}/backfill', { params, headers: once })),
    options,
  );
  const pause = useAction(
    (_: undefined, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/dataflows/{dataflow}/pause', { params, headers: once })),
    options,
  );
  const resume = useAction(
    (_: undefined, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/dataflows/{dataflow}/resume', { params, headers: once })),
    options,
  );
  const release = useAction(
    (_: undefined, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/dataflows/{dataflow}/release', { params, headers: once })),
    options,
  );
  if (flow.direction !== 'outgoing') return null;
  const close = () => setAsking(null);
  const isOver = flow.status === 'closed' || flow.status === 'closing';
  // A destination's dataflow is paused and resumed by who may activate to it beside.
  const missing = isToDestination(flow) && !can('destinations:activate') ? 'destinations:activate' : 'feeds:write';
  return (
    <>
      {isToDestination(flow) && (
        <GuardedButton permission="destinations:activate" disabled={isOver} onClick={() => setAsking('backfill')}>
          {t('delivery.backfill')}
        </GuardedButton>
      )}
      {flow.held.some(({ reason }) => GUARDS.includes(reason)) && (
        <GuardedButton permission="feeds:write" onClick={() => setAsking('release')}>
          {t('delivery.release')}
        </GuardedButton>
      )}
      {flow.status === 'paused' ? (
        <GuardedButton
          permission={missing}
          variant="primary"
          loading={resume.isPending}
          onClick={() =>
            resume.mutate(undefined, {
              onSuccess: () => flash.success(t('delivery.resumed')),
              onError: flash.error,
            })
          }
        >
          {t('delivery.resume')}
        </GuardedButton>
      ) : (
        <GuardedButton permission={missing} disabled={isOver} onClick={() => setAsking('pause')}>
          {t('delivery.pause')}
        </GuardedButton>
      )}
      {asking === 'backfill' && (
        <ConfirmDialog
          title={t('delivery.backfill.title')}
          confirm={t('delivery.backfill')}
          onConfirm={async () => {
            await backfill.mutateAsync();
            flash.success(t('delivery.backfill.asked'));
          }}
          onClose={close}
        >
          {t('delivery.backfill.detail')}
        </ConfirmDialog>
      )}
      {asking === 'pause' && (
        <ConfirmDialog
          title={t('delivery.pause.title')}
          confirm={t('delivery.pause')}
          onConfirm={async () => {
            await pause.mutateAsync();
            flash.success(t('delivery.paused'));
          }}
          onClose={close}
        >
          {t('delivery.pause.detail', { count: flow.segmentIds.length })}
        </ConfirmDialog>
      )}
      {asking === 'release' && (
        <DryRunDialog<Preview>
          title={t('delivery.release.title')}
          confirm={t('delivery.release')}
          dryRun={(signal) =>
            bodyOf(
              api.POST('/sandboxes/{sandbox}/dataflows/{dataflow}/release', {
                params: { ...params, query: { dryRun: true } },
                signal,
              }),
            ) as Promise<Preview>
          }
          onConfirm={async () => {
            await release.mutateAsync();
            flash.success(t('delivery.released'));
          }}
          onClose={close}
        >
          {({ held }) => (
            <>
              <Box>{t('delivery.release.detail')}</Box>
              <HeldList held={held} />
            </>
          )}
        </DryRunDialog>
      )}
    </>
  );
}
