import type { Schemas } from 'handfast-client';
import { describe, expect, it } from 'vitest';
import { endSoon } from '../../components/end-soon';
import { deadlinesOf, eachOrAll, type Need } from './attention';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const request = (dueAt: string, status = 'running') => ({ dueAt, status }) as Schemas['PrivacyRequestView'];

describe('deadlines', () => {
  it('are counted as overdue, soon, and later', () => {
    const requests = [
      request('2026-03-02T11:59:00Z', 'pending'),
      request('2026-03-02T12:01:00Z'),
      request('2026-03-09T11:00:00Z', 'pending'),
      request('2026-03-10T12:00:00Z'),
    ];
    expect(deadlinesOf(requests, NOW)).toEqual({ overdue: 1, soon: 2, undecided: 2 });
  });

  it('of credentials are told two weeks ahead', () => {
    expect(endSoon(null, NOW)).toBe(false);
    expect(endSoon('2026-03-15T12:00:00Z', NOW)).toBe(true);
    expect(endSoon('2026-03-17T12:00:00Z', NOW)).toBe(false);
  });
});

describe('several of a kind', () => {
  const need = (message: string): Need => ({ key: message, level: 'info', message, path: [] });
  const told = (count: number) =>
    eachOrAll(
      Array.from({ length: count }, (_, at) => at),
      (at) => need(`one ${at}`),
      (all) => need(`all ${all}`),
    );

  it('are named while they are few, and counted when they are many', () => {
    expect(told(0)).toEqual([]);
    expect(told(3).map(({ message }) => message)).toEqual(['one 0', 'one 1', 'one 2']);
    expect(told(4).map(({ message }) => message)).toEqual(['all 4']);
  });
});
