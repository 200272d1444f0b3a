import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { type Once, useAction } from '../../api/queries';
import { DryRunDialog } from '../../components/DryRunDialog';
import { GuardedButton } from '../../components/Guarded';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type Effects, governanceKey, type Policy } from './queries';
import { RulesEffects } from './RulesEffects';
import { useWords } from './words';

/** The one that sharing segments keeps on. */
export const ALWAYS_ON = 'restrict_data_sharing';

/** Switches a policy on or off, after showing what that would stop and what would go on. */
export function SwitchPolicy({ policy, variant }: { policy: Policy; variant: 'normal' | 'inline-link' }) {
  const t = useT();
  const api = useApi();
  const can = useCan();
  const flash = useFlash();
  const sandbox = useSandbox();
  const name = useWords().policy(policy);
  const [asking, setAsking] = useState<'enable' | 'disable' | null>(null);
  const call = (
    to: 'enable' | 'disable',
    query: { dryRun?: boolean },
    more: { signal?: AbortSignal; headers?: Once },
  ) =>
    bodyOf(
      api.POST(`/sandboxes/{sandbox}/policies/{policy}/${to}`, {
        params: { path: { sandbox, policy: policy.policyId }, query },
        ...more,
      }),
    );
  const change = useAction((to: 'enable' | 'disable', once) => call(to, {}, { headers: once }), {
    invalidates: [governanceKey(sandbox)],
  });
  const next = policy.enabled ? 'disable' : 'enable';
  if (policy.policyId === ALWAYS_ON || (variant === 'inline-link' && !can('governance:write'))) return null;
  return (
    <>
      <GuardedButton
        permission="governance:write"
        variant={variant}
        ariaLabel={t(`governance.policy.${next}.one`, { name })}
        onClick={() => setAsking(next)}
      >
        {t(`governance.policy.${next}`)}
      </GuardedButton>
      {asking && (
        <DryRunDialog<Effects>
          title={t(`governance.policy.${asking}.title`, { name })}
          confirm={t(`governance.policy.${asking}`)}
          dryRun={async (signal) => (await call(asking, { dryRun: true }, { signal })) as Effects}
          onConfirm={async () => {
            await change.mutateAsync(asking);
            flash.success(t(`governance.policy.${asking}d`, { name }));
          }}
          onClose={() => setAsking(null)}
        >
          {(found) => <RulesEffects found={found} />}
        </DryRunDialog>
      )}
    </>
  );
}
