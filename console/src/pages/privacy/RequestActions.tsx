import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, ProblemError } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { type Permission, useCan, useMe, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { errorAt } from '../../components/field-errors';
import { GuardedButton } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { Approve } from './Approve';
import { ByHandDialog } from './ByHand';
import { type Action, actionsOf, taskOf } from './board';
import { type Denial, DenialFields, ReasonField } from './DenialFields';
import { type PrivacyRequest, requestsKey } from './queries';
import { typeOf } from './words';

const NEEDS: Record<Exclude<Action, 'review'>, Permission> = {
  verify: 'privacy:request',
  cancel: 'privacy:request',
  approve: 'privacy:approve',
  deny: 'privacy:approve',
  extend: 'privacy:approve',
  retry: 'privacy:approve',
  complete: 'privacy:approve',
  assign: 'privacy:approve',
};
/** What stands as a button where it is what the request waits for, the first of them. */
const FIRST = ['verify', 'approve', 'complete', 'retry'] as const;
const OTHERS = ['deny', 'extend', 'assign', 'retry', 'cancel'] as const;
type Asked = (typeof FIRST)[number] | (typeof OTHERS)[number];

/** The calls that decide on a request or move it on: `POST …/{request}/{verb}`. */
export function useVerbs(request: PrivacyRequest) {
  const api = useApi();
  const sandbox = useSandbox();
  const params = { path: { sandbox, privacy_request: request.privacyRequestId } };
  const { principalId } = useMe().data ?? {};
  const base = '/sandboxes/{sandbox}/privacy-requests/{privacy_request}';
  const options = { invalidates: [requestsKey(sandbox)] };
  return {
    verify: useAction(
      (code: string, once) => bodyOf(api.POST(`${base}/verify` as const, { params, body: { code }, headers: once })),
      options,
    ),
    deny: useAction(
      (body: Denial, once) => bodyOf(api.POST(`${base}/deny` as const, { params, body, headers: once })),
      options,
    ),
    extend: useAction(
      (reason: string, once) =>
        bodyOf(api.POST(`${base}/extend` as const, { params, body: { reason }, headers: once })),
      options,
    ),
    retry: useAction(
      (_: undefined, once) => bodyOf(api.POST(`${base}/retry` as const, { params, headers: once })),
      options,
    ),
    cancel: useAction(
      (_: undefined, once) => bodyOf(api.POST(`${base}/cancel` as const, { params, headers: once })),
      options,
    ),
    assign: useAction(
      (isMine: boolean, once) =>
        bodyOf(
          api.POST('/sandboxes/{sandbox}/privacy-requests/decisions', {
            params: { path: { sandbox } },
            body: {
              action: 'assign',
              privacyRequestIds: [request.privacyRequestId],
              assignee: isMine ? (principalId ?? null) : null,
              includeDuplicates: false,
            },
            headers: once,
          }),
        ),
      options,
    ),
  };
}

export function RequestActions({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const can = useCan();
  const flash = useFlash();
  const { principalId } = useMe().data ?? {};
  const verbs = useVerbs(request);
  const [asking, setAsking] = useState<Asked | null>(null);
  const [code, setCode] = useState('');
  const [reason, setReason] = useState('');
  const [denial, setDenial] = useState<Denial>({ reason: '', ground: 'other' });
  const allowed = actionsOf(request);
  const isMine = request.assignee !== null && request.assignee === principalId;
  // A gap that may be tried again is no call to act; a stage that failed is.
  const first = FIRST.find((each) => allowed.has(each) && (each !== 'retry' || taskOf(request) === 'retry'));
  const others = OTHERS.filter((each) => allowed.has(each) && each !== first && can(NEEDS[each]));
  const textOf = (each: Asked) => (each === 'assign' && isMine ? t('privacy.unassign') : t(`privacy.${each}`));
  const close = () => setAsking(null);
  const said = (each: Asked) => flash.success(t(`privacy.${each}.done`));
  const assign = () =>
    verbs.assign.mutate(!isMine, {
      onSuccess: ({ items }) => {
        const problem = items[0]?.problem;
        if (problem) flash.error(new ProblemError(Number(problem.status ?? 422), problem));
      },
      onError: (error) => flash.error(error),
    });
  return (
    <>
      {others.length > 0 && (
        <ButtonDropdown
          items={others.map((id) => ({ id, text: textOf(id) }))}
          loading={verbs.assign.isPending}
          onItemClick={({ detail }) => (detail.id === 'assign' ? assign() : setAsking(detail.id as Asked))}
        >
          {t('privacy.actions')}
        </ButtonDropdown>
      )}
      {first && (
        <GuardedButton permission={NEEDS[first]} variant="primary" onClick={() => setAsking(first)}>
          {t(`privacy.${first}`)}
        </GuardedButton>
      )}
      {asking === 'approve' && <Approve request={request} onClose={close} />}
      {asking === 'complete' && (
        <ByHandDialog request={request} onClose={close}>
          {t(`privacy.byHand.here.${request.type}`)}
        </ByHandDialog>
      )}
      {asking === 'verify' && (
        <ConfirmDialog
          title={t('privacy.verify.title')}
          confirm={t('privacy.verify')}
          onConfirm={async () => {
            await verbs.verify.mutateAsync(code.trim());
            said('verify');
          }}
          onClose={close}
        >
          <FormField
            label={t('privacy.code.label')}
            description={t('privacy.verify.detail')}
            errorText={errorAt(verbs.verify.error, '/code') ?? triesLeft(t, verbs.verify.error)}
          >
            <Input
              value={code}
              inputMode="numeric"
              autoComplete={false}
              onChange={({ detail }) => setCode(detail.value)}
            />
          </FormField>
        </ConfirmDialog>
      )}
      {asking === 'deny' && (
        <ConfirmDialog
          title={t('privacy.deny.title')}
          confirm={t('privacy.deny')}
          onConfirm={async () => {
            await verbs.deny.mutateAsync({ ...denial, reason: denial.reason.trim() });
            said('deny');
          }}
          onClose={close}
        >
          <SpaceBetween size="m">
            <div>{t('privacy.deny.detail')}</div>
            <DenialFields denial={denial} onChange={setDenial} error={verbs.deny.error} />
          </SpaceBetween>
        </ConfirmDialog>
      )}
      {asking === 'extend' && (
        <ConfirmDialog
          title={t('privacy.extend.title')}
          confirm={t('privacy.extend')}
          onConfirm={async () => {
            await verbs.extend.mutateAsync(reason.trim());
            said('extend');
          }}
          onClose={close}
        >
          <SpaceBetween size="m">
            <div>{t('privacy.extend.detail')}</div>
            <ReasonField value={reason} onChange={setReason} error={verbs.extend.error} />
          </SpaceBetween>
        </ConfirmDialog>
      )}
      {(asking === 'retry' || asking === 'cancel') && (
        <ConfirmDialog
          title={t(`privacy.${asking}.title`)}
          confirm={t(`privacy.${asking}`)}
          onConfirm={async () => {
            await verbs[asking].mutateAsync(undefined);
            said(asking);
          }}
          onClose={close}
        >
          {t(`privacy.${asking}.detail`, { type: typeOf(t, request) })}
        </ConfirmDialog>
      )}
    </>
  );
}

function triesLeft(t: ReturnType<typeof useT>, error: unknown): string | undefined {
  const left = error instanceof ProblemError ? error.members.triesLeft : undefined;
  return typeof left === 'number' ? t('privacy.verify.triesLeft', { count: left }) : undefined;
}
