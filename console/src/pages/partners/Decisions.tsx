import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import { bodyOf, type Schemas } from 'handfast-client';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { DryRunDialog } from '../../components/DryRunDialog';
import { GuardedButton } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { NoteField } from './NoteField';
import { type Connection, partnersKey } from './queries';

type Decision = 'accept' | 'reject' | 'withdraw' | 'disconnect';

const PERMISSIONS = {
  accept: 'connections:approve',
  reject: 'connections:approve',
  withdraw: 'connections:request',
  disconnect: 'connections:manage',
} as const;

/** What this side may decide in the connection's state. */
function decisionsOf({ status, direction }: Connection): Decision[] {
  if (status === 'active') return ['disconnect'];
  if (status !== 'pending') return [];
  return direction === 'incoming' ? ['reject', 'accept'] : ['withdraw'];
}

/** The decisions that a connection waits for or allows, each asked for with a note. */
export function Decisions({ connection }: { connection: Connection }) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [asking, setAsking] = useState<Decision | null>(null);
  const decisions = decisionsOf(connection);
  return (
    <>
      {decisions.map((decision) => (
        <GuardedButton
          key={decision}
          permission={PERMISSIONS[decision]}
          variant={decision === 'accept' ? 'primary' : 'normal'}
          onClick={() => setAsking(decision)}
        >
          {t(`partners.${decision}`)}
        </GuardedButton>
      ))}
      {decisions.length === 0 && (
        <Button onClick={() => void navigate(inSandbox(sandbox, 'partners', 'connect'))}>{t('partners.again')}</Button>
      )}
      {asking && decisions.includes(asking) && (
        <Asking connection={connection} decision={asking} onClose={() => setAsking(null)} />
      )}
    </>
  );
}

interface AskingProps {
  connection: Connection;
  decision: Decision;
  onClose: () => void;
}

function Asking({ connection, decision, onClose }: AskingProps) {
  const t = useT();
  const flash = useFlash();
  const [note, setNote] = useState('');
  const [allowsEstimates, setAllowsEstimates] = useState(false);
  const decide = useDecision(connection, decision);
  const dryRun = useDisconnectDryRun(connection);
  const partner = connection.partner.organizationName;
  const dialog = {
    title: t(`partners.${decision}.title`, { partner }),
    confirm: t(`partners.${decision}`),
    onClose,
    onConfirm: async () => {
      await decide.mutateAsync({ note: note.trim(), allowsEstimates });
      flash.success(t(`partners.${decision}.done`, { partner }));
    },
  };
  const asked = (what: ReactNode) => (
    <div className="stack">
      <div>{what}</div>
      {decision === 'accept' && (
        <Checkbox
          checked={allowsEstimates}
          description={t('partners.estimates.description')}
          onChange={({ detail }) => setAllowsEstimates(detail.checked)}
        >
          {t('partners.estimates.allow')}
        </Checkbox>
      )}
      <NoteField value={note} onChange={setNote} description={t('partners.note.decision')} />
    </div>
  );
  if (decision !== 'disconnect')
    return <ConfirmDialog {...dialog}>{asked(t(`partners.${decision}.detail`))}</ConfirmDialog>;
  return (
    <DryRunDialog {...dialog} dryRun={dryRun}>
      {(found) =>
        asked(
          <>
            {t('partners.disconnect.detail')}
            <ul>
              <li>{t('partners.disconnect.sharing', { ...found.sharing })}</li>
              <li>{t('partners.disconnect.receiving', { ...found.receiving })}</li>
            </ul>
            {t('partners.disconnect.final')}
          </>,
        )
      }
    </DryRunDialog>
  );
}

interface Input {
  note: string;
  allowsEstimates: boolean;
}

function useDecision({ connectionId }: Connection, decision: Decision) {
  const api = useApi();
  const sandbox = useSandbox();
  const params = { path: { sandbox, connection: connectionId } };
  return useAction(
    ({ note, allowsEstimates }: Input, headers) => {
      const body = note ? { note } : {};
      switch (decision) {
        case 'accept': {
          const accepted = { ...body, allowsEstimates };
          return bodyOf(
            api.POST('/sandboxes/{sandbox}/connections/{connection}/accept', { params, body: accepted, headers }),
          );
        }
        case 'reject':
          return bodyOf(api.POST('/sandboxes/{sandbox}/connections/{connection}/reject', { params, body, headers }));
        case 'withdraw':
          return bodyOf(
            api.POST('/sandboxes/{sandbox}/connect-requests/{connection}/withdraw', { params, body, headers }),
          );
        case 'disconnect': {
          const ended = note ? { reason: note } : {};
          return bodyOf(
            api.POST('/sandboxes/{sandbox}/connections/{connection}/disconnect', { params, body: ended, headers }),
          );
        }
      }
    },
    { invalidates: [partnersKey(sandbox)] },
  );
}

function useDisconnectDryRun({ connectionId }: Connection) {
  const api = useApi();
  const sandbox = useSandbox();
  return (signal: AbortSignal) =>
    bodyOf(
      api.POST('/sandboxes/{sandbox}/connections/{connection}/disconnect', {
        params: { path: { sandbox, connection: connectionId }, query: { dryRun: true } },
        body: {},
        signal,
      }),
    ) as Promise<Schemas['DisconnectPreview']>;
}
