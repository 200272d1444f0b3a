import type { Schemas } from 'handfast-client';

const DAY_MS = 86_400_000;
/** From when on a deadline is named. */
export const SOON_DAYS = 7;

/** One thing that needs somebody: a message of this area with its values, and where it is seen to. */
export interface Need {
  key: string;
  level: 'error' | 'warning' | 'info';
  message: string;
  values?: Record<string, string | number>;
  path: string[];
}

/** How many of a kind are named one by one. */
const NAMED = 3;

/** One need for each of a few, or one that counts them all, which is seen to where all are. */
export function eachOrAll<T>(items: T[], needOf: (item: T) => Need, all: (count: number) => Need): Need[] {
  return items.length > NAMED ? [all(items.length)] : items.map(needOf);
}

export interface Deadlines {
  overdue: number;
  soon: number;
  undecided: number;
}

/** Of open privacy requests, how many are overdue, due within days, and wait for a decision. */
export function deadlinesOf(requests: Schemas['PrivacyRequestView'][], now: number): Deadlines {
  const inDays = (dueAt: string) => (Date.parse(dueAt) - now) / DAY_MS;
  return {
    overdue: requests.filter(({ dueAt }) => inDays(dueAt) < 0).length,
    soon: requests.filter(({ dueAt }) => inDays(dueAt) >= 0 && inDays(dueAt) <= SOON_DAYS).length,
    undecided: requests.filter(({ status }) => status === 'pending').length,
  };
}
