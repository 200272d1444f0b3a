import { useSyncExternalStore } from 'react';
import { useIntl } from 'react-intl';
import { useT } from '../i18n/messages';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const OLD_DAYS = 14;
const TICK_MS = 30_000;

function subscribe(onTick: () => void) {
  const timer = setInterval(onTick, TICK_MS);
  return () => clearInterval(timer);
}

/** The time now, in steps of half a minute, in ms. */
const useNow = () => useSyncExternalStore(subscribe, () => Math.floor(Date.now() / TICK_MS) * TICK_MS);

interface Props {
  /** RFC 3339, or null for never. */
  at: string | null | undefined;
  /** Show the exact time instead. */
  exact?: boolean;
}

/** A time as people say it, `3 hours ago`, with the exact one as its title; older or later than two weeks, the date. */
export function Time({ at, exact = false }: Props) {
  const intl = useIntl();
  const t = useT();
  const now = useNow();
  if (!at) return <>{t('common.none')}</>;
  const time = new Date(at);
  const whole = intl.formatDate(time, { dateStyle: 'long', timeStyle: 'long' });
  const seconds = Math.round((time.getTime() - now) / 1000);
  return (
    <time dateTime={at} title={whole} className="time">
      {exact ? intl.formatDate(time, { dateStyle: 'medium', timeStyle: 'medium' }) : spoken()}
    </time>
  );

  function spoken(): string {
    const size = Math.abs(seconds);
    if (size > OLD_DAYS * 86_400) return intl.formatDate(time, { dateStyle: 'medium' });
    const [unit, length] = UNITS.find(([, least]) => size >= least) ?? ['second', 1];
    if (unit === 'second') return t('time.now');
    return intl.formatRelativeTime(Math.trunc(seconds / length), unit, { numeric: 'auto' });
  }
}
