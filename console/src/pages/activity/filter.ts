/** What of the log is asked, as the API and the address name it. */
export interface LogFilter {
  type?: string;
  subject?: string;
  /** A principal's id, or a kind of actor. */
  actor?: string;
  from?: string;
  to?: string;
}

const NAMES = ['type', 'subject', 'actor', 'from', 'to'] as const;

/** The filter that an address holds: `?type=policy.*&from=…`. */
export function filterOf(search: URLSearchParams): LogFilter {
  return Object.fromEntries(NAMES.flatMap((name) => (search.get(name) ? [[name, search.get(name)]] : [])));
}

/** The address with some members of the filter changed; one that is undefined goes. */
export function changed(search: URLSearchParams, change: LogFilter): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}

export interface Days {
  startDate: string;
  endDate: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const midnight = (day: string, later = 0) => {
  const time = new Date(`${day}T00:00:00`);
  time.setDate(time.getDate() + later);
  return time;
};
const dayOf = (time: Date) =>
  [time.getFullYear(), time.getMonth() + 1, time.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

/** From the first moment of the first day to the last one of the last, where the person is. */
export function timesOf({ startDate, endDate }: Days): Pick<LogFilter, 'from' | 'to'> {
  if (!DAY.test(startDate) || !DAY.test(endDate)) return {};
  return { from: midnight(startDate).toISOString(), to: midnight(endDate, 1).toISOString() };
}

/** The days that such times are, or null where there are none. */
export function daysOf({ from, to }: LogFilter): Days | null {
  if (!from || !to) return null;
  const last = new Date(new Date(to).getTime() - 1);
  return { startDate: dayOf(new Date(from)), endDate: dayOf(last) };
}

/** The part of a type before the dot: `policy` of `policy.enabled`. */
export const familyOf = (type: string): string => type.split('.')[0] ?? type;
