import type { Schemas } from 'handfast-client';
import type { Segment } from './queries';
import type { SegmentInput } from './SegmentForm';

type Patch = Schemas['PatchSegment'];

/** A segment as the form shows it. */
export const inputOf = (segment: Segment): SegmentInput => ({
  name: segment.name,
  description: segment.description ?? '',
  externalId: segment.externalId ?? '',
  labels: segment.labels,
  expression: segment.expression ?? null,
});

/** What is to be changed of a segment: members that are the same are left out, and empty ones are taken away. */
export function changesOf(segment: Segment, input: SegmentInput): Patch {
  const before = inputOf(segment);
  const changes: Patch = {};
  if (input.name.trim() !== before.name) changes.name = input.name.trim();
  if (input.description.trim() !== before.description) changes.description = input.description.trim() || null;
  if (input.externalId.trim() !== before.externalId) changes.externalId = input.externalId.trim() || null;
  if ([...input.labels].sort().join() !== [...before.labels].sort().join()) changes.labels = input.labels;
  if (input.expression !== null && input.expression !== before.expression) changes.expression = input.expression;
  return changes;
}

/** Whether a change may stop, or resume, what partners and destinations are given. */
export const mayStopSharing = (changes: Patch): boolean => 'labels' in changes || 'expression' in changes;
