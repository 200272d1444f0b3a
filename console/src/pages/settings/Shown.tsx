import { useIntl } from 'react-intl';
import { Labels } from '../../components/Labels';
import { useT } from '../../i18n/messages';
import type { Field } from './fields';

/** The value of a setting, in words. */
export function Shown({ field, value }: { field: Field; value: unknown }) {
  const t = useT();
  const intl = useIntl();
  const { kind, name } = field;
  if (value === null || value === '') return <>{t('settings.none')}</>;
  if (kind === 'choice') return <>{t(`settings.${name}.${String(value)}`)}</>;
  if (kind === 'toggle') return <>{t(value ? 'settings.on' : 'settings.off')}</>;
  if (kind === 'share')
    return <>{intl.formatNumber(value as number, { style: 'percent', maximumFractionDigits: 4 })}</>;
  if (kind === 'integer') return <>{intl.formatNumber(value as number)}</>;
  if (name === 'holidays') return <Days days={value as string[]} />;
  if (kind === 'list') return <Labels labels={(value as unknown[]).map(String)} />;
  if (name === 'phoneRegion') return <>{`${regionName(String(value), intl.locale)} (${String(value)})`}</>;
  return (
    <span dir="auto" className="breaks">
      {String(value)}
    </span>
  );
}

function Days({ days }: { days: string[] }) {
  const t = useT();
  const intl = useIntl();
  const written = days.map((day) => intl.formatDate(`${day}T00:00:00Z`, { dateStyle: 'medium', timeZone: 'UTC' }));
  return <span title={written.join('\n')}>{t('settings.holidays.count', { count: days.length })}</span>;
}

function regionName(region: string, locale: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'region' }).of(region) ?? region;
  } catch {
    return region;
  }
}
