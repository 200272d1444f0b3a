import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, ProblemError, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { DryRunDialog } from '../../components/DryRunDialog';
import { KeyValues } from '../../components/KeyValues';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { isBeingLookedUp } from './board';
import { ByNamespace, Reach } from './Preview';
import { type PrivacyRequest, requestsKey } from './queries';

interface Props {
  request: PrivacyRequest;
  onClose: () => void;
}

/** Asks before a request is approved, with what it reaches. */
export function Approve(props: Props) {
  const { type, origin } = props.request;
  return type === 'erasure' && origin.partner ? <ApprovePartners {...props} /> : <ApproveOwn {...props} />;
}

function useApproval(request: PrivacyRequest) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const params = { path: { sandbox, privacy_request: request.privacyRequestId } };
  const approve = useAction(
    (body: Partial<Schemas['Approval']>, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/privacy-requests/{privacy_request}/approve', {
          params,
          body: body as Schemas['Approval'],
          headers: once,
        }),
      ),
    { invalidates: [requestsKey(sandbox)] },
  );
  return {
    params,
    error: approve.error,
    confirm: async (body: Partial<Schemas['Approval']>) => {
      await approve.mutateAsync(body);
      flash.success(t('privacy.approve.done'));
    },
  };
}

function ApproveOwn({ request, onClose }: Props) {
  const t = useT();
  const { confirm, error } = useApproval(request);
  const [withProfiles, setWithProfiles] = useState(false);
  const found = request.stages[0]?.detail ?? {};
  const devices = found.sharedDevices as { profiles: number; byNamespace: Record<string, number> } | undefined;
  const isWaiting = isBeingLookedUp(request);
  return (
    <ConfirmDialog
      title={t('privacy.approve.title')}
      confirm={t('privacy.approve')}
      isWaiting={isWaiting}
      onConfirm={() => confirm(withProfiles ? { sharedDevices: 'profiles' } : {})}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <div>{t(`privacy.approve.detail.${request.type}`)}</div>
        {isWaiting && <Alert type="info">{t('privacy.notice.lookedUp')}</Alert>}
        {typeof found.profiles === 'number' && (
          <KeyValues
            columns={2}
            items={[
              { label: t('privacy.count.profiles'), value: String(found.profiles) },
              {
                label: t('privacy.preview.identities'),
                value: <ByNamespace counts={(found.byNamespace ?? {}) as Record<string, number>} />,
              },
            ]}
          />
        )}
        {devices && devices.profiles > 0 && (
          <Checkbox
            checked={withProfiles}
            description={t('privacy.devices.detail', { profiles: devices.profiles })}
            onChange={({ detail }) => setWithProfiles(detail.checked)}
          >
            {t('privacy.devices.take')}
          </Checkbox>
        )}
        <FourEyes request={request} error={error} />
      </SpaceBetween>
    </ConfirmDialog>
  );
}

/** A partner's erasure: what each scope would reach, from the preview. */
function ApprovePartners({ request, onClose }: Props) {
  const t = useT();
  const api = useApi();
  const { params, confirm, error } = useApproval(request);
  const [scope, setScope] = useState<Schemas['ErasureScope']>(request.scope ?? 'delivered');
  return (
    <DryRunDialog
      title={t('privacy.approve.title')}
      confirm={t('privacy.approve')}
      dryRun={(signal) =>
        bodyOf(api.GET('/sandboxes/{sandbox}/privacy-requests/{privacy_request}/preview', { params, signal }))
      }
      onConfirm={() => confirm({ scope })}
      onClose={onClose}
    >
      {(found) => (
        <SpaceBetween size="m">
          <Box>{t('privacy.approve.named', { count: found.named })}</Box>
          <RadioGroup
            value={scope}
            items={(['delivered', 'everything'] as const).map((value) => ({
              value,
              label: t(`privacy.scope.${value}`),
              description: t(`privacy.scope.${value}.detail`),
            }))}
            onChange={({ detail }) => setScope(detail.value as Schemas['ErasureScope'])}
          />
          <Reach found={found[scope]} />
          <FourEyes request={request} error={error} />
        </SpaceBetween>
      )}
    </DryRunDialog>
  );
}

/** Why the same person may not approve, before the attempt and after it. */
function FourEyes({ request, error }: { request: PrivacyRequest; error: unknown }) {
  const t = useT();
  const isRefused = error instanceof ProblemError && error.reason === 'another_approver';
  if (isRefused) return <Alert type="warning">{t('privacy.fourEyes.refused')}</Alert>;
  return request.fourEyes ? <Alert type="info">{t('privacy.fourEyes.detail')}</Alert> : null;
}
