import type { Schemas } from 'handfast-client';

type Feed = Schemas['FeedView'];
type Segment = Schemas['SegmentView'];
type Policy = Schemas['PolicyView'];
type Expression = Schemas['PolicyExpression'];

/** The steps of the wizard, as an address names them: `?step=partners`. */
export const STEPS = ['configure', 'segments', 'partners', 'review', 'publish'] as const;
export type Step = (typeof STEPS)[number];

/** The most segments and partners of a feed. */
export const MOST_SEGMENTS = 20;
export const MOST_PARTNERS = 15;

/** What a person says of a feed. */
export interface FeedInput {
  name: string;
  description: string;
  segmentIds: string[];
  namespaces: string[];
  restrictedMarketingActions: string[];
  connectionIds: string[];
  showPopulation: boolean;
}

export const EMPTY: FeedInput = {
  name: '',
  description: '',
  segmentIds: [],
  namespaces: [],
  restrictedMarketingActions: [],
  connectionIds: [],
  showPopulation: false,
};

/** The position of the step that an address names; the first where it names none. */
export const stepAt = (named: string | null): number => Math.max(STEPS.indexOf(named as Step), 0);

export const inputOf = (feed: Feed): FeedInput => ({
  name: feed.name,
  description: feed.description ?? '',
  segmentIds: feed.segmentIds,
  namespaces: feed.namespaces,
  restrictedMarketingActions: feed.restrictedMarketingActions,
  connectionIds: feed.connectionIds,
  showPopulation: feed.showPopulation,
});

/** The body of the call that saves it. */
export function bodyOf(input: FeedInput): Schemas['CreateFeed'] {
  return { ...input, name: input.name.trim(), description: input.description.trim() || null };
}

/** Whether saving would change something; the order of what is chosen means nothing. */
export function isChanged(before: FeedInput, input: FeedInput): boolean {
  const written = (one: FeedInput) => {
    const body = bodyOf(one);
    return JSON.stringify(
      Object.entries(body).map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value]),
    );
  };
  return written(before) !== written(input);
}

/** What is missing before a step can be left, by the pointer of the member. */
export function missingIn(step: Step, input: FeedInput): string[] {
  if (step === 'configure')
    return [...(input.name.trim() ? [] : ['/name']), ...(input.namespaces.length > 0 ? [] : ['/namespaces'])];
  if (step === 'segments')
    return input.segmentIds.length > 0 && input.segmentIds.length <= MOST_SEGMENTS ? [] : ['/segmentIds'];
  if (step === 'partners')
    return input.connectionIds.length > 0 && input.connectionIds.length <= MOST_PARTNERS ? [] : ['/connectionIds'];
  return [];
}

/** The first step between two that lacks something, or null. */
export function firstGap(from: number, to: number, input: FeedInput): number | null {
  const gap = STEPS.findIndex((step, at) => at >= from && at < to && missingIn(step, input).length > 0);
  return gap < 0 ? null : gap;
}

/** What sharing with a partner does with data: a policy that forbids one of these forbids sharing. */
const SHARING = ['segment_match', 'export_to_third_party', 'data_export', 'data_collaboration'];

function isMet(expression: Expression, labels: ReadonlySet<string>): boolean {
  if (expression.label) return labels.has(expression.label);
  const operands = expression.operands ?? [];
  const isMetBy = (operand: Expression) => isMet(operand, labels);
  return expression.operator === 'OR' ? operands.some(isMetBy) : operands.every(isMetBy);
}

/** The enabled policies that forbid sharing a segment, by the labels it carries. The API has the last word. */
export function policiesAgainst(segment: Segment, policies: readonly Policy[]): Policy[] {
  const labels = new Set(labelsOf(segment));
  return policies.filter(
    ({ enabled, marketingActions, deny }) =>
      enabled && marketingActions.some((action) => SHARING.includes(action)) && isMet(deny, labels),
  );
}

/** The chosen namespaces that a partner has not agreed to. Those that need no agreement are none of `own`. */
export function namespacesNotAgreed(
  chosen: readonly string[],
  own: ReadonlySet<string>,
  agreed: readonly Schemas['AgreedNamespace'][],
): string[] {
  const names = new Set(agreed.filter(({ status }) => status === 'agreed').map(({ namespace }) => namespace));
  return chosen.filter((namespace) => own.has(namespace) && !names.has(namespace));
}

/** What estimating a draft costs of the day's answers about each of its partners, as long as no answer is known. */
export const answersFor = (input: Pick<FeedInput, 'segmentIds' | 'namespaces'>): number =>
  input.segmentIds.length * input.namespaces.length;

/** The labels that a segment carries, its own and those it inherits. */
export const labelsOf = ({ labels, inheritedLabels }: Segment): string[] => [
  ...new Set([...labels, ...(inheritedLabels ?? []).map(({ label }) => label)]),
];
