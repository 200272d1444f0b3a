import type { Population } from './queries';

type Part = Pick<Population['namespaces'][number], 'members' | 'steps' | 'cleared' | 'shared'>;

export interface Loss {
  reason: string;
  identities: number;
  people: number | null;
}

export interface Account {
  members: number;
  /** Those that leave somebody out, in the order in which they are looked at. */
  losses: Loss[];
  /** What no step leaves out: shared as it is, or cleared, of whom the partner knows some. */
  left: number;
  leftIs: 'shared' | 'cleared';
}

/** A population as an account that adds up: members = all losses + left. Null where this side is not told it. */
export function accountOf({ members, steps, shared }: Part): Account | null {
  if (members === null) return null;
  const losses = steps.filter(({ identities }) => identities > 0);
  const left = members - losses.reduce((sum, { identities }) => sum + identities, 0);
  return { members, losses, left, leftIs: shared === left ? 'shared' : 'cleared' };
}
