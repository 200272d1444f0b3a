import { useIntl } from 'react-intl';
import { useMarketingActionWords } from '../../components/MarketingActions';
import type { Action, Label, Policy } from './queries';

/** What core policies, labels and marketing actions are called, and what they mean; own ones say so themselves. */
export function useWords() {
  const { messages, formatMessage } = useIntl();
  const word = (key: string, otherwise: string) => (key in messages ? formatMessage({ id: key }) : otherwise);
  const ofAction = useMarketingActionWords();
  const action = (code: string) => ofAction(code).name;
  return {
    action,
    actionName: ({ code, name, custom }: Pick<Action, 'code' | 'name' | 'custom'>) => (custom ? name : action(code)),
    actionText: ({ code, description, custom }: Action) => (custom ? description : ofAction(code).meaning) ?? '',
    labelText: ({ code, description, custom }: Label) =>
      custom ? (description ?? '') : word(`governance.label.${code}`, description ?? ''),
    policy: ({ policyId, name, core }: Pick<Policy, 'policyId' | 'name' | 'core'>) =>
      core ? word(`governance.corePolicy.${policyId}`, name) : name,
    policyNamed: (policyId: string, name: string) => word(`governance.corePolicy.${policyId}`, name),
  };
}
