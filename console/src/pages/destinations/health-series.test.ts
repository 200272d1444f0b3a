import { expect, it } from 'vitest';
import { byHour, type HealthWindow, reasonsIn } from './health-series';

const window = (start: string, activated: number, failed: Record<string, number> = {}): HealthWindow =>
  ({ start, identitiesActivated: activated, identitiesFailed: failed }) as HealthWindow;
const WINDOWS = [
  window('2026-03-02T09:00:00.000Z', 5, { '400': 1, timeout: 7 }),
  window('2026-03-01T10:00:00.000Z', 3, { '400': 2 }),
];

it('has a point for each of the last 24 hours', () => {
  const points = byHour(WINDOWS, Date.parse('2026-03-02T09:30:00.000Z'), (one) => one.identitiesActivated);
  expect(points).toHaveLength(24);
  expect(points[0]).toEqual({ at: new Date('2026-03-01T10:00:00.000Z'), count: 3 });
  expect(points.at(-1)?.count).toBe(5);
  expect(points.slice(1, -1).every(({ count }) => count === 0)).toBe(true);
});

it('names reasons, the most frequent first', () => {
  expect(reasonsIn(WINDOWS, ({ identitiesFailed }) => identitiesFailed)).toEqual(['timeout', '400']);
});
