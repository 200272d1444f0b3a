import { useIntl } from 'react-intl';
import { useT } from '../../i18n/messages';
import type { Source } from './queries';

/** When a source is run by itself, in words. */
export function useScheduleWords() {
  const t = useT();
  const intl = useIntl();
  return ({ schedule, onEvents }: Pick<Source, 'schedule' | 'onEvents'>): string => {
    const said: string[] = [];
    if (schedule?.everyMinutes)
      said.push(t('sources.when.everyWords', { every: everyWords(intl, schedule.everyMinutes) }));
    if (schedule?.timeOfDay)
      said.push(t('sources.when.dailyWords', { time: schedule.timeOfDay, zone: schedule.timeZone }));
    if (onEvents) said.push(t('sources.when.events'));
    return said.join(' · ') || t('sources.when.hand');
  };
}

/** A number of minutes as days, hours or minutes. */
export function everyWords(intl: Pick<ReturnType<typeof useIntl>, 'formatNumber'>, minutes: number): string {
  const [value, unit] =
    minutes % 1440 === 0 ? [minutes / 1440, 'day'] : minutes % 60 === 0 ? [minutes / 60, 'hour'] : [minutes, 'minute'];
  return intl.formatNumber(value, { style: 'unit', unit, unitDisplay: 'long' });
}

/** A message of codes, of which the API may have others: those are shown as they are. */
export function useKnown() {
  const t = useT();
  const { messages } = useIntl();
  return (key: string, code: string): string => (key in messages ? t(key) : code);
}
