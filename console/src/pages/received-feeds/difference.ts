import type { ReceivedFeed } from './queries';

/** What enabling a feed's offered version adds to what was enabled, what it takes out, and what stays as it is. */
export interface Difference {
  added: string[];
  removed: string[];
  kept: string[];
}

/** Segments by name, namespaces and restricted uses by code. */
export interface Differences {
  segments: Difference;
  namespaces: Difference;
  uses: Difference;
}

/**
 * The offered version against the one that was enabled; null where that was not kept. What was taken out and put back
 * waits as what is new does.
 */
export function differencesOf({
  accepted,
  segments,
  namespaces,
  acceptedNamespaces,
  restrictedMarketingActions: uses,
}: Pick<
  ReceivedFeed,
  'accepted' | 'segments' | 'namespaces' | 'acceptedNamespaces' | 'restrictedMarketingActions'
>): Differences | null {
  if (accepted === null) return null;
  const names = (some: readonly { name: string | null; segmentId: string }[]) =>
    some.map(({ name, segmentId }) => name ?? segmentId);
  const offered = new Set(segments.map(({ segmentId }) => segmentId));
  return {
    segments: {
      added: names(segments.filter((segment) => !segment.accepted)),
      removed: names(accepted.segments.filter(({ segmentId }) => !offered.has(segmentId))),
      kept: names(segments.filter((segment) => segment.accepted)),
    },
    namespaces: {
      added: without(namespaces, acceptedNamespaces),
      removed: without(accepted.namespaces, namespaces),
      kept: [...acceptedNamespaces],
    },
    uses: {
      added: without(uses, accepted.restrictedMarketingActions),
      removed: without(accepted.restrictedMarketingActions, uses),
      kept: uses.filter((use) => accepted.restrictedMarketingActions.includes(use)),
    },
  };
}

const without = (some: readonly string[], others: readonly string[]) => some.filter((each) => !others.includes(each));

/** Whether its members can be read: some have been accepted, and the sharing has not ended. */
export const isReadable = ({ status }: Pick<ReceivedFeed, 'status'>): boolean =>
  status === 'enabled' || status === 'changed' || status === 'disabled';
