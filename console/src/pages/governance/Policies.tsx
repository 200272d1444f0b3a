import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { NameOrId } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { GovernancePage } from './GovernancePage';
import { type Policy, usePolicies } from './queries';
import { ALWAYS_ON, SwitchPolicy } from './SwitchPolicy';
import { useExpressionWords } from './useExpressionWords';
import { useWords } from './words';

export default function Policies() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const words = useWords();
  const expression = useExpressionWords();
  const list = usePolicies(sandbox);
  const originOf = ({ core }: Policy) => t(core ? 'governance.core' : 'governance.own');
  const actionsOf = ({ marketingActions }: Policy) => marketingActions.map(words.action).join(', ');
  const columns: Column<Policy>[] = [
    {
      id: 'name',
      header: t('governance.policy.name'),
      cell: (policy) => (
        <NameOrId
          name={words.policy(policy)}
          id={policy.policyId}
          href={inSandbox(sandbox, 'governance/policies', policy.policyId)}
        />
      ),
      value: words.policy,
      isRowHeader: true,
      width: 290,
    },
    {
      id: 'status',
      header: t('governance.policy.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status.toLowerCase()}`),
      width: 145,
    },
    {
      id: 'deny',
      header: t('governance.policy.deny'),
      cell: ({ deny }) => expression(deny),
      value: ({ deny }) => expression(deny),
      width: 165,
    },
    { id: 'actions', header: t('governance.policy.actions'), cell: actionsOf, value: actionsOf, width: 210 },
    { id: 'origin', header: t('governance.origin'), cell: originOf, value: originOf, width: 105 },
    {
      id: 'switch',
      header: t('governance.policy.switch'),
      cell: (policy) =>
        policy.policyId === ALWAYS_ON ? (
          t('governance.policy.alwaysOn')
        ) : (
          <SwitchPolicy policy={policy} variant="inline-link" />
        ),
      width: 150,
    },
  ];
  return (
    <GovernancePage tab="policies">
      <ResourceTable
        name="policies"
        title={t('governance.tab.policies')}
        description={t('governance.policies.description')}
        list={list}
        columns={columns}
        idOf={({ policyId }) => policyId}
        actions={
          <GuardedButton
            permission="governance:write"
            variant="primary"
            onClick={() => void navigate(inSandbox(sandbox, 'governance/policies/create'))}
          >
            {t('governance.policy.create')}
          </GuardedButton>
        }
        empty={{ title: t('governance.policies.empty'), detail: t('governance.policies.empty.detail') }}
        filters={[
          {
            id: 'status',
            label: t('governance.policy.status'),
            value: ({ status }) => status,
            options: ['ENABLED', 'DISABLED', 'DRAFT'].map((value) => ({
              value,
              label: t(`status.${value.toLowerCase()}`),
            })),
          },
          {
            id: 'origin',
            label: t('governance.origin'),
            value: ({ core }) => (core ? 'core' : 'own'),
            options: [
              { value: 'core', label: t('governance.core') },
              { value: 'own', label: t('governance.own') },
            ],
          },
        ]}
      />
    </GovernancePage>
  );
}
