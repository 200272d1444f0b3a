import { useT } from '../../i18n/messages';
import { type Expression, inWords } from './expression';

/** What a policy denies, in words. */
export function useExpressionWords(): (expression: Expression) => string {
  const t = useT();
  return (expression) => inWords(expression, t('governance.and'), t('governance.or'), t('governance.always'));
}
