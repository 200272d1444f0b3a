import Alert from '@cloudscape-design/components/alert';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Checkbox from '@cloudscape-design/components/checkbox';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useMe, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { Guarded } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type Denial, DenialFields } from './DenialFields';
import { type PrivacyRequest, requestsKey } from './queries';

const MOST_AT_ONCE = 100;
const ACTIONS = ['approve', 'deny', 'retry', 'assign'] as const;
type Many = (typeof ACTIONS)[number];
type Decision = Pick<Schemas['BulkDecision'], 'action'> & Partial<Schemas['BulkDecision']>;

/** Decides on all requests that are selected, each on its own. */
export function DecideMany({ selected, onDone }: { selected: PrivacyRequest[]; onDone: () => void }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const principal = useMe().data?.principalId ?? null;
  const [asking, setAsking] = useState<Many | null>(null);
  const [withDuplicates, setWithDuplicates] = useState(false);
  const [denial, setDenial] = useState<Denial>({ reason: '', ground: 'other' });
  const ids = selected.slice(0, MOST_AT_ONCE).map(({ privacyRequestId }) => privacyRequestId);
  const decide = useAction(
    (decision: Decision, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/privacy-requests/decisions', {
          params: { path: { sandbox } },
          body: { privacyRequestIds: ids, includeDuplicates: withDuplicates, ...decision },
          headers: once,
        }),
      ),
    { invalidates: [requestsKey(sandbox)] },
  );
  const confirm = async (action: Many) => {
    const { items } = await decide.mutateAsync({
      action,
      ...(action === 'deny' && denial),
      ...(action === 'assign' && { assignee: principal }),
    });
    const refused = items.filter(({ problem }) => problem);
    const done = items.length - refused.length;
    if (done > 0) flash.success(t('privacy.many.done', { done }));
    if (refused.length > 0) flash.warning(<Refused items={refused} />);
    onDone();
  };
  return (
    <Guarded permission="privacy:approve">
      <ButtonDropdown
        disabled={selected.length === 0}
        disabledReason={t('privacy.many.select')}
        items={ACTIONS.map((id) => ({ id, text: t(`privacy.many.${id}`) }))}
        onItemClick={({ detail }) => setAsking(detail.id as Many)}
      >
        {t('privacy.many', { count: selected.length })}
      </ButtonDropdown>
      {asking && (
        <ConfirmDialog
          title={t(`privacy.many.${asking}.title`, { count: ids.length })}
          confirm={t(`privacy.many.${asking}`)}
          onConfirm={() => confirm(asking)}
          onClose={() => setAsking(null)}
        >
          <SpaceBetween size="m">
            <div>{t(`privacy.many.${asking}.detail`)}</div>
            {asking === 'approve' && <div>{t('privacy.many.reach', reachOf(selected.slice(0, MOST_AT_ONCE)))}</div>}
            {selected.length > MOST_AT_ONCE && (
              <Alert type="info">{t('privacy.many.most', { count: MOST_AT_ONCE })}</Alert>
            )}
            {asking === 'deny' && <DenialFields denial={denial} onChange={setDenial} error={decide.error} />}
            <Checkbox checked={withDuplicates} onChange={({ detail }) => setWithDuplicates(detail.checked)}>
              {t('privacy.many.duplicates')}
            </Checkbox>
          </SpaceBetween>
        </ConfirmDialog>
      )}
    </Guarded>
  );
}

/** How many profiles and identities requests reach, as far as that has been looked up. */
function reachOf(requests: PrivacyRequest[]) {
  const found = requests.map(({ stages }) => stages[0]?.detail ?? {});
  const sum = (name: string) => found.reduce((total, detail) => total + Number(detail[name] ?? 0), 0);
  const unknown = found.filter(({ profiles }) => profiles === undefined).length;
  return { profiles: sum('profiles'), identities: sum('identities'), unknown };
}

function Refused({ items }: { items: Schemas['DecidedItem'][] }) {
  const t = useT();
  return (
    <>
      {t('privacy.many.refused', { count: items.length })}
      <ul className="plain">
        {items.slice(0, 5).map(({ privacyRequestId, problem }) => (
          <li key={privacyRequestId} dir="auto">
            {privacyRequestId}: {String(problem?.detail ?? problem?.title ?? '')}
          </li>
        ))}
      </ul>
    </>
  );
}
