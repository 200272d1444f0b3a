import type { ReceivedFeed } from './queries';

/** What enabling a feed's offered version changes. */
export interface Difference {
  /** Segments that wait to be accepted. */
  added: { segmentId: string; name: string }[];
  /** Segments that were accepted and that the partner has taken out. Their members are leaving. */
  removed: string[];
  /** Segments that flow as before. */
  kept: { segmentId: string; name: string }[];
}

/** The offered version against the accepted one. `carried` are the segments that the dataflow was enabled with. */
export function differenceOf({ segments }: Pick<ReceivedFeed, 'segments'>, carried: readonly string[]): Difference {
  const offered = new Set(segments.map(({ segmentId }) => segmentId));
  return {
    added: segments.filter(({ accepted }) => !accepted),
    removed: carried.filter((segmentId) => !offered.has(segmentId)),
    kept: segments.filter(({ accepted }) => accepted),
  };
}

/** Whether its members can be read: some have been accepted, and the sharing has not ended. */
export const isReadable = ({ status }: Pick<ReceivedFeed, 'status'>): boolean =>
  status === 'enabled' || status === 'changed' || status === 'disabled';
