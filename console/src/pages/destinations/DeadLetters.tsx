import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { Count } from '../../components/Count';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { Moment, momentOf } from '../../components/Moment';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { type DeadLetter, destinationsKey, useDeadLetters, useSegmentNames } from './queries';

type Asking = 'all' | 'time' | 'chosen' | 'discard';
type Wanted = Schemas['Replay'];

/** Changes that the destination has not taken: looked into, sent again, or given up. */
export function DeadLetters({ destination }: { destination: string }) {
  const t = useT();
  const sandbox = useSandbox();
  const list = useDeadLetters(sandbox, destination);
  const nameOf = useSegmentNames(sandbox);
  const [query, setQuery] = useSearchParams();
  const [chosen, setChosen] = useState<DeadLetter[]>([]);
  const [asking, setAsking] = useState<Asking | null>(null);
  const items = list.data?.items ?? [];
  const there = new Set(items.map(({ batchId }) => batchId));
  const selected = chosen.filter(({ batchId }) => there.has(batchId));
  const opened = items.find(({ batchId }) => batchId === query.get('batch'));
  const open = (batch: string | null) =>
    setQuery(batch ? { tab: 'deadLetters', batch } : { tab: 'deadLetters' }, { replace: true });
  const columns: Column<DeadLetter>[] = [
    {
      id: 'at',
      header: t('destinations.letter.at'),
      cell: ({ at, batchId }) => (
        <Link
          href="#"
          onFollow={(event) => {
            event.preventDefault();
            open(batchId);
          }}
        >
          <Time at={at} exact />
        </Link>
      ),
      value: ({ at }) => at,
      isRowHeader: true,
      width: 210,
    },
    {
      id: 'status',
      header: t('destinations.letter.status'),
      cell: ({ status }) => status ?? t('destinations.letter.noAnswer'),
      value: ({ status }) => status,
      width: 130,
    },
    {
      id: 'reason',
      header: t('destinations.letter.reason'),
      cell: ({ reason }) => <Written>{reason}</Written>,
      value: ({ reason }) => reason,
      width: 170,
    },
    {
      id: 'answer',
      header: t('destinations.letter.answer'),
      cell: ({ answer }) => <Written>{answer || t('common.none')}</Written>,
      value: ({ answer }) => answer,
      width: 320,
    },
    {
      id: 'pairs',
      header: t('destinations.letter.pairs'),
      cell: ({ pairs }) => <Count value={pairs} />,
      value: ({ pairs }) => pairs,
      width: 120,
    },
    {
      id: 'attempts',
      header: t('destinations.letter.attempts'),
      cell: ({ attempts }) => <Count value={attempts} />,
      value: ({ attempts }) => attempts,
      width: 120,
    },
    {
      id: 'segments',
      header: t('destinations.segments'),
      cell: ({ segments }) => <Written>{Object.keys(segments).map(nameOf).join(', ')}</Written>,
      value: ({ segments }) => Object.keys(segments).map(nameOf).join(', '),
      isHidden: true,
    },
    {
      id: 'batch',
      header: t('destinations.letter.batch'),
      cell: ({ batchId }) => batchId,
      value: ({ batchId }) => batchId,
      isHidden: true,
    },
  ];
  const close = () => setAsking(null);
  const done = () => setChosen([]);
  return (
    <>
      <ResourceTable
        name="dead-letters"
        title={t('destinations.deadLetters')}
        description={t('destinations.deadLetters.description')}
        list={list}
        columns={columns}
        idOf={({ batchId }) => batchId}
        selection={{ type: 'multi', selected, onChange: setChosen }}
        actions={
          items.length > 0 && (
            <>
              <GuardedButton
                permission="destinations:manage"
                disabled={selected.length === 0}
                onClick={() => setAsking('discard')}
              >
                {t('destinations.discard')}
              </GuardedButton>
              <GuardedButton
                permission="destinations:manage"
                disabled={selected.length === 0}
                onClick={() => setAsking('chosen')}
              >
                {t('destinations.replay.chosen')}
              </GuardedButton>
              <GuardedButton permission="destinations:manage" onClick={() => setAsking('time')}>
                {t('destinations.replay.time')}
              </GuardedButton>
              <GuardedButton permission="destinations:manage" variant="primary" onClick={() => setAsking('all')}>
                {t('destinations.replay.all')}
              </GuardedButton>
            </>
          )
        }
        empty={{ title: t('destinations.deadLetters.empty'), detail: t('destinations.deadLetters.empty.detail') }}
        sortBy={{ column: 'at', isDescending: true }}
      />
      {opened && <Inspect letter={opened} onClose={() => open(null)} />}
      {asking === 'all' && <Replay destination={destination} letters={items} onDone={done} onClose={close} />}
      {asking === 'chosen' && (
        <Replay destination={destination} letters={selected} areChosen onDone={done} onClose={close} />
      )}
      {asking === 'time' && <ReplaySpan destination={destination} letters={items} onDone={done} onClose={close} />}
      {asking === 'discard' && <Discard destination={destination} letters={selected} onDone={done} onClose={close} />}
    </>
  );
}

const pairsOf = (letters: readonly DeadLetter[]) => letters.reduce((sum, { pairs }) => sum + pairs, 0);

/** Sends dead letters again, call after call until none is left. */
function useReplay(destination: string) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const replay = useAction(
    (body: Wanted, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/destinations/{destination}/dead-letters/replay', {
          params: { path: { sandbox, destination } },
          body,
          headers: once,
        }),
      ),
    { invalidates: [[...destinationsKey(sandbox), destination]] },
  );
  return async (wanted: Wanted) => {
    let sum = 0;
    let left = 0;
    do {
      const told = await replay.mutateAsync(wanted);
      sum += told.replayed;
      left = told.replayed > 0 ? told.left : 0;
    } while (left > 0);
    flash.success(t('destinations.replayed', { count: sum }));
  };
}

interface DialogProps {
  destination: string;
  letters: DeadLetter[];
  onDone: () => void;
  onClose: () => void;
}

function Replay({ destination, letters, areChosen = false, onDone, onClose }: DialogProps & { areChosen?: boolean }) {
  const t = useT();
  const replay = useReplay(destination);
  return (
    <ConfirmDialog
      title={t('destinations.replay.title')}
      confirm={t('destinations.replay')}
      onConfirm={async () => {
        await replay(areChosen ? { batchIds: letters.map(({ batchId }) => batchId) } : { all: true });
        onDone();
      }}
      onClose={onClose}
    >
      <SpaceBetween size="s">
        <div>{t('destinations.replay.what', { count: letters.length, pairs: pairsOf(letters) })}</div>
        <div>{t('destinations.replay.detail')}</div>
      </SpaceBetween>
    </ConfirmDialog>
  );
}

function ReplaySpan({ destination, letters, onDone, onClose }: DialogProps) {
  const t = useT();
  const replay = useReplay(destination);
  const [begin, setBegin] = useState({ day: '', time: '' });
  const [end, setEnd] = useState({ day: '', time: '' });
  const from = momentOf(begin.day, begin.time);
  const to = momentOf(end.day, end.time);
  const within = letters.filter(({ at }) => (!from || at >= from) && (!to || at < to));
  return (
    <ConfirmDialog
      title={t('destinations.replay.time')}
      confirm={t('destinations.replay')}
      isWaiting={!from && !to}
      onConfirm={async () => {
        await replay({ ...(from && { from }), ...(to && { to }) });
        onDone();
      }}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <Moment
          label={t('destinations.replay.from')}
          constraint={t('destinations.replay.local')}
          value={begin}
          onChange={setBegin}
        />
        <Moment
          label={t('destinations.replay.to')}
          constraint={t('destinations.replay.local')}
          value={end}
          onChange={setEnd}
        />
        <div aria-live="polite">{t('destinations.replay.what', { count: within.length, pairs: pairsOf(within) })}</div>
        <div>{t('destinations.replay.detail')}</div>
      </SpaceBetween>
    </ConfirmDialog>
  );
}

function Discard({ destination, letters, onDone, onClose }: DialogProps) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const discard = useAction(
    (batch: string) =>
      bodyOf(
        api.DELETE('/sandboxes/{sandbox}/destinations/{destination}/dead-letters/{batch}', {
          params: { path: { sandbox, destination, batch } },
        }),
      ),
    { invalidates: [[...destinationsKey(sandbox), destination]] },
  );
  return (
    <ConfirmDialog
      title={t('destinations.discard.title')}
      confirm={t('destinations.discard')}
      onConfirm={async () => {
        for (const { batchId } of letters) await discard.mutateAsync(batchId);
        flash.success(t('destinations.discarded', { count: letters.length }));
        onDone();
      }}
      onClose={onClose}
    >
      <Alert type="warning">
        {t('destinations.discard.detail', { count: letters.length, pairs: pairsOf(letters) })}
      </Alert>
    </ConfirmDialog>
  );
}

function Inspect({ letter, onClose }: { letter: DeadLetter; onClose: () => void }) {
  const t = useT();
  const sandbox = useSandbox();
  const nameOf = useSegmentNames(sandbox);
  return (
    <Modal
      visible
      size="large"
      header={t('destinations.letter')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onClose}>
            {t('destinations.close')}
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="l">
        {letter.inDoubt && <Alert type="info">{t('destinations.letter.inDoubt')}</Alert>}
        <KeyValues
          items={[
            { label: t('destinations.letter.at'), value: <Time at={letter.at} exact /> },
            { label: t('destinations.letter.status'), value: letter.status ?? t('destinations.letter.noAnswer') },
            { label: t('destinations.letter.reason'), value: <Written>{letter.reason}</Written> },
            { label: t('destinations.letter.attempts'), value: <Count value={letter.attempts} /> },
            { label: t('destinations.letter.identities'), value: <Count value={letter.identities} /> },
            { label: t('destinations.letter.pairs'), value: <Count value={letter.pairs} /> },
            { label: t('destinations.letter.batch'), value: <CopyId value={letter.batchId} /> },
            {
              label: t('destinations.dataflow'),
              value: <NameOrId id={letter.dataflowId} href={inSandbox(sandbox, 'delivery', letter.dataflowId)} />,
            },
          ]}
        />
        <div>
          <Box variant="awsui-key-label">{t('destinations.letter.answer')}</Box>
          <div dir="auto" className="breaks payload">
            {letter.answer || t('common.none')}
          </div>
        </div>
        <div>
          <Box variant="awsui-key-label">{t('destinations.letter.bySegment')}</Box>
          <ul className="plain">
            {Object.entries(letter.segments).map(([segment, count]) => (
              <li key={segment}>
                <Written>{nameOf(segment)}</Written>: <Count value={count} />
              </li>
            ))}
          </ul>
        </div>
      </SpaceBetween>
    </Modal>
  );
}
