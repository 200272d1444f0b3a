import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useCan } from '../../api/me';
import { useList } from '../../api/queries';
import { inSandbox } from '../../paths';
import { segmentOf, tokensOf } from './expression';
import { type Segment, useSegments } from './queries';

export interface Use {
  kind: 'feed' | 'destination' | 'segment';
  id: string;
  name: string;
  status: string | null;
  href: string;
}

/** The segments that an expression names. */
export const segmentsIn = (expression: string): string[] =>
  tokensOf(expression)
    .filter(({ kind }) => kind === 'segment')
    .map(({ text }) => segmentOf(text));

/** What a segment is part of. `isPartial` where the grant hides feeds and destinations. */
export function useUses(sandbox: string, { segmentId }: Segment) {
  const api = useApi();
  const enabled = useCan()('feeds:read');
  const path = { sandbox };
  const feeds = useList<Schemas['FeedView']>(
    ['sandbox', sandbox, 'feeds', 'of-segments'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/feeds', { params: { path, query }, signal }),
    { live: () => false, enabled },
  );
  const flows = useList<Schemas['AnyDataflow']>(
    ['sandbox', sandbox, 'dataflows', 'of-segments'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/dataflows', { params: { path, query }, signal }),
    { live: () => false, enabled },
  );
  const segments = useSegments(sandbox);
  const items: Use[] = [
    ...(feeds.data?.items ?? [])
      .filter(({ segmentIds, shares }) =>
        [segmentIds, ...shares.map((share) => share.segmentIds)].flat().includes(segmentId),
      )
      .map(({ feedId, name, status }) => ({
        kind: 'feed' as const,
        id: feedId,
        name,
        status,
        href: inSandbox(sandbox, 'feeds', feedId),
      })),
    ...(flows.data?.items ?? [])
      .filter(({ segmentIds, status }) => segmentIds.includes(segmentId) && status !== 'closed')
      .flatMap((flow) =>
        'destinationId' in flow
          ? [
              {
                kind: 'destination' as const,
                id: flow.activationId,
                name: flow.destinationName,
                status: flow.status,
                href: inSandbox(sandbox, 'destinations', flow.destinationId),
              },
            ]
          : [],
      ),
    ...(segments.data?.items ?? [])
      .filter(({ expression }) => expression && segmentsIn(expression).includes(segmentId))
      .map((composed) => ({
        kind: 'segment' as const,
        id: composed.segmentId,
        name: composed.name,
        status: null,
        href: inSandbox(sandbox, 'segments', composed.segmentId),
      })),
  ];
  return {
    items,
    isPartial: !enabled,
    isPending: segments.isPending || (enabled && (feeds.isPending || flows.isPending)),
    error: segments.error ?? feeds.error ?? flows.error,
  };
}
