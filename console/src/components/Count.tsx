import { useIntl } from 'react-intl';
import { useT } from '../i18n/messages';

interface Props {
  value: number | null | undefined;
  /** The threshold: the number is not told because it is below it. */
  fewerThan?: number;
}

/** A number as the person's language writes it; *fewer than N* where the threshold hides it. */
export function Count({ value, fewerThan }: Props) {
  const intl = useIntl();
  const t = useT();
  if (fewerThan !== undefined) return <>{t('count.fewerThan', { count: fewerThan })}</>;
  if (value === null || value === undefined) return <>{t('common.none')}</>;
  return <span className="count">{intl.formatNumber(value)}</span>;
}
