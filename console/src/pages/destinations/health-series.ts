import type { Health } from './queries';

export type HealthWindow = Health['windows'][number];

export interface Point {
  at: Date;
  count: number;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** The last day's hours, oldest first, with the number of each; an hour of which nothing is told has none. */
export function byHour(
  windows: readonly HealthWindow[],
  now: number,
  countOf: (window: HealthWindow) => number,
): Point[] {
  const counts = new Map(windows.map((window) => [Date.parse(window.start), countOf(window)]));
  const last = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: HOURS }, (_, at) => {
    const start = last - (HOURS - 1 - at) * HOUR_MS;
    return { at: new Date(start), count: counts.get(start) ?? 0 };
  });
}

/** The reasons that any of the hours names, the most frequent first. */
export function reasonsIn(
  windows: readonly HealthWindow[],
  of: (window: HealthWindow) => Readonly<Record<string, number>>,
): string[] {
  const sums = new Map<string, number>();
  for (const window of windows)
    for (const [reason, count] of Object.entries(of(window))) sums.set(reason, (sums.get(reason) ?? 0) + count);
  return [...sums].sort(([, one], [, other]) => other - one).map(([reason]) => reason);
}
