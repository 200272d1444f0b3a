import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { governanceKey, type Policy, usePolicy } from './queries';
import { ALWAYS_ON, SwitchPolicy } from './SwitchPolicy';
import { useExpressionWords } from './useExpressionWords';
import { useWords } from './words';

export default function PolicyDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const words = useWords();
  const expression = useExpressionWords();
  const { policy = '' } = useParams();
  return (
    <DetailPage
      resource={usePolicy(sandbox, policy)}
      title={(value) => (value ? words.policy(value) : policy)}
      above={[
        { text: t('governance.title'), href: inSandbox(sandbox, 'governance') },
        { text: t('governance.tab.policies'), href: inSandbox(sandbox, 'governance') },
      ]}
      actions={(value, etag) => <Actions policy={value} etag={etag} />}
    >
      {(value) => (
        <Container header={<Header variant="h2">{t('governance.policy.overview')}</Header>}>
          <div className="stack">
            <Box variant="p">
              <span dir="auto" className="breaks">
                {t('governance.policy.sentence', {
                  deny: expression(value.deny),
                  actions: value.marketingActions.map(words.action).join(', '),
                })}
              </span>
            </Box>
            <KeyValues
              items={[
                {
                  label: t('governance.policy.status'),
                  value: (
                    <>
                      <StatusBadge status={value.status} />{' '}
                      {value.policyId === ALWAYS_ON && `(${t('governance.policy.alwaysOn')})`}
                    </>
                  ),
                },
                { label: t('governance.origin'), value: t(value.core ? 'governance.core' : 'governance.own') },
                { label: t('governance.policy.id'), value: <CopyId value={value.policyId} /> },
                {
                  label: t('governance.policy.description'),
                  value: (
                    <span dir="auto" className="breaks">
                      {value.description ?? t('common.none')}
                    </span>
                  ),
                },
                { label: t('governance.policy.createdAt'), value: <Time at={value.createdAt} /> },
                { label: t('governance.policy.updatedAt'), value: <Time at={value.updatedAt} /> },
              ]}
            />
          </div>
        </Container>
      )}
    </DetailPage>
  );
}

function Actions({ policy, etag }: { policy: Policy; etag: string | null }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { name, policyId } = policy;
  const [isAsking, setAsking] = useState(false);
  const remove = useAction(
    () =>
      api.DELETE('/sandboxes/{sandbox}/policies/{policy}', {
        params: { path: { sandbox, policy: policyId } },
        headers: ifMatch(etag),
      }),
    { invalidates: [[...governanceKey(sandbox), 'policies', 'list']] },
  );
  return (
    <>
      <SwitchPolicy policy={policy} variant="normal" />
      {!policy.core && (
        <>
          <GuardedButton
            permission="governance:write"
            onClick={() => void navigate(inSandbox(sandbox, 'governance/policies', policyId, 'edit'))}
          >
            {t('governance.policy.edit')}
          </GuardedButton>
          <GuardedButton permission="governance:write" onClick={() => setAsking(true)}>
            {t('governance.policy.delete')}
          </GuardedButton>
        </>
      )}
      {isAsking && (
        <ConfirmDialog
          title={t('governance.policy.delete.title', { name })}
          confirm={t('governance.policy.delete')}
          typeName={name}
          onConfirm={async () => {
            await remove.mutateAsync();
            flash.success(t('governance.policy.deleted', { name }));
            void navigate(inSandbox(sandbox, 'governance'));
          }}
          onClose={() => setAsking(false)}
        >
          {t('governance.policy.delete.detail')}
        </ConfirmDialog>
      )}
    </>
  );
}
