import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventOf } from './events';

const API = join(import.meta.dirname, '../../../../layers/handfast/handfast/journal/event_types.py');

it('every type of events of the API has its words', () => {
  const types = [...readFileSync(API, 'utf8').matchAll(/^\s+"(\w+\.\w+)": /gm)].map(([, type]) => type ?? '');
  expect(types.length).toBeGreaterThan(100);
  const without = types.filter((type) => {
    const { family, verb } = eventOf(type);
    return !family || !verb;
  });
  expect(without).toEqual([]);
});

it('a type that is unknown has none', () => {
  expect(eventOf('comet.seen')).toEqual({ family: null, verb: null, badge: null });
});
