import { expect, it } from 'vitest';
import { accountOf } from './population';

const step = (reason: string, identities: number) => ({ reason, identities, people: null });

it('adds up: members are all that is left out and what is left', () => {
  const account = accountOf({
    members: 55,
    steps: [step('consent', 6), step('policy', 0), step('suppressed', 4)],
    cleared: 45,
    shared: 45,
  });
  expect(account).toMatchObject({ members: 55, left: 45, leftIs: 'shared' });
  expect(account?.losses.map(({ reason }) => reason)).toEqual(['consent', 'suppressed']);
});

it('is cleared, not shared, where the partner knows some alone', () => {
  const part = { members: 55, steps: [step('consent', 6)], cleared: 49, shared: null };
  expect(accountOf(part)).toMatchObject({ left: 49, leftIs: 'cleared' });
});

it('is none where this side is not told', () => {
  expect(accountOf({ members: null, steps: [], cleared: null, shared: 12 })).toBeNull();
});
