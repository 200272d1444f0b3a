import { expect, it } from 'vitest';
import { differenceOf, isReadable } from './difference';

const segment = (segmentId: string, accepted: boolean) => ({ segmentId, name: `Name of ${segmentId}`, accepted });

it('tells what the offered version adds, removes and keeps', () => {
  const feed = { segments: [segment('seg_kept', true), segment('seg_new', false)] };
  const { added, removed, kept } = differenceOf(feed, ['seg_kept', 'seg_gone']);
  expect(added.map(({ segmentId }) => segmentId)).toEqual(['seg_new']);
  expect(removed).toEqual(['seg_gone']);
  expect(kept.map(({ segmentId }) => segmentId)).toEqual(['seg_kept']);
});

it('knows which feeds have members to read', () => {
  const all = ['pending', 'enabled', 'changed', 'disabled', 'declined', 'revoked'] as const;
  expect(all.filter((status) => isReadable({ status }))).toEqual(['enabled', 'changed', 'disabled']);
});
