import { expect, it } from 'vitest';
import { familiesOf, withoutCovered } from './events';

it('groups event types by family', () => {
  expect(familiesOf(['feed.published', 'grant.given', 'feed.changed'])).toEqual([
    { name: 'feed', pattern: 'feed.*', codes: ['feed.published', 'feed.changed'] },
    { name: 'grant', pattern: 'grant.*', codes: ['grant.given'] },
  ]);
});

it.each([
  [
    ['feed.published', 'feed.*', 'feedback.given'],
    ['feed.*', 'feedback.given'],
  ],
  [['feed.*', '*'], ['*']],
  [['feed.published'], ['feed.published']],
])('leaves out what is covered: %j', (patterns, left) => {
  expect(withoutCovered(patterns)).toEqual(left);
});
