import type { Segment } from './queries';

export const KINDS = ['own', 'composed', 'received'] as const;
export type Kind = (typeof KINDS)[number];

/** Where a segment's members come from: files and streams, other segments, or a partner. */
export function kindOf({ origin, expression }: Pick<Segment, 'origin' | 'expression'>): Kind {
  if (origin === 'received') return 'received';
  return expression ? 'composed' : 'own';
}

/** All labels that count for a segment, its own first, each once. */
export function labelsOf({ labels, inheritedLabels }: Pick<Segment, 'labels' | 'inheritedLabels'>): string[] {
  return [...new Set([...labels, ...(inheritedLabels ?? []).map(({ label }) => label)])];
}
