import type { Schemas } from 'handfast-client';
import { useMarketingActionWords } from '../../components/MarketingActions';
import { useT } from '../../i18n/messages';

type Violation = Schemas['ViolationView'];

/** Policies that forbid something: which, for which label, and what carries it. */
export function Violations({ violations }: { violations: readonly Violation[] }) {
  const sentence = useViolationSentence();
  return (
    <ul className="plain">
      {violations.map((violation) => (
        <li key={sentence(violation)} dir="auto" className="breaks">
          {sentence(violation)}
        </li>
      ))}
    </ul>
  );
}

/** A violation in a sentence. */
export function useViolationSentence(): (violation: Violation) => string {
  const t = useT();
  const words = useMarketingActionWords();
  return ({ policyName, label, marketingAction, from }) => {
    const values = { policy: policyName, action: words(marketingAction).name, name: from.name };
    return label === null
      ? t('destinations.violation.terms', values)
      : t(`destinations.violation.${from.entityType}`, { ...values, label });
  };
}
