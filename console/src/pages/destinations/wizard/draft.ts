import type { Schemas } from 'handfast-client';
import type { Activation, DestinationType } from '../queries';

/** What a person has chosen so far of an activation. */
export interface ActivationDraft {
  segments: ChosenSegment[];
  mapping: ChosenIdentity[];
  attributes: ChosenAttribute[];
}

export interface ChosenSegment {
  segmentId: string;
  mappingId: string;
  /** Days of the sandbox's time zone, `YYYY-MM-DD`, or nothing. */
  startDate: string;
  endDate: string;
}

export interface ChosenIdentity {
  source: string;
  target: string;
  applyTransformation: boolean;
}

export interface ChosenAttribute {
  source: string;
  target: string;
}

export const EMPTY: ActivationDraft = { segments: [], mapping: [], attributes: [] };

export const draftOf = ({ segments, mapping, attributes }: Activation): ActivationDraft => ({
  segments: segments.map(({ segmentId, mappingId, startDate, endDate }) => ({
    segmentId,
    mappingId: mappingId ?? '',
    startDate: startDate ?? '',
    endDate: endDate ?? '',
  })),
  mapping: mapping.map(({ source, target, applyTransformation }) => ({ source, target, applyTransformation })),
  attributes: attributes.map(({ source, target }) => ({ source, target })),
});

/** The draft as the API takes it. */
export const bodyOfDraft = ({ segments, mapping, attributes }: ActivationDraft): Schemas['CreateActivation'] => ({
  segments: segments.map(({ segmentId, mappingId, startDate, endDate }) => ({
    segmentId,
    mappingId: mappingId.trim() || null,
    startDate: startDate || null,
    endDate: endDate || null,
  })),
  mapping: mapping.map(({ source, target, applyTransformation }) => ({
    source,
    target: target.trim(),
    applyTransformation,
  })),
  attributes: attributes
    .map(({ source, target }) => ({ source: source.trim(), target: target.trim() }))
    .filter(({ source, target }) => source || target),
});

/** The segments as they are chosen: those that were keep what was entered, new ones have nothing yet. */
export function choose(draft: ActivationDraft, segmentIds: readonly string[]): ActivationDraft {
  const known = new Map(draft.segments.map((segment) => [segment.segmentId, segment]));
  const segments = segmentIds.map(
    (segmentId) => known.get(segmentId) ?? { segmentId, mappingId: '', startDate: '', endDate: '' },
  );
  return { ...draft, segments };
}

/** What has to be mended before the step is left, as message keys; none when it is whole. */
export function missingIn(step: number, draft: ActivationDraft, type: DestinationType): string[] {
  switch (step) {
    case 0:
      return draft.segments.length === 0 ? ['destinations.wizard.noSegment'] : [];
    case 1: {
      const needsIds = type.mappingId !== null && draft.segments.some(({ mappingId }) => !mappingId.trim());
      const reversed = draft.segments.some(({ startDate, endDate }) => startDate && endDate && endDate < startDate);
      return [
        ...(needsIds ? ['destinations.wizard.noMappingId'] : []),
        ...(reversed ? ['destinations.wizard.endBeforeStart'] : []),
      ];
    }
    case 2:
      return draft.mapping.length === 0 || draft.mapping.some(({ source, target }) => !source || !target.trim())
        ? ['destinations.wizard.noMapping']
        : [];
    default:
      return [];
  }
}
