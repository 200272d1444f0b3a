import type { Schemas } from 'handfast-client';

export type Expression = Schemas['Deny'];
export type Operator = 'AND' | 'OR';

/** An expression while it is edited: a label that may be empty still, or a group. */
export type Part = { label: string } | { operator: Operator; parts: Part[] };
export type Group = Extract<Part, { operator: Operator }>;

/** The deepest nesting of groups that the API takes. */
export const DEEPEST = 8;

export const isGroup = (part: Part): part is Group => 'operator' in part;

/** What a policy denies as the form holds it: always a group, so that labels can be added. */
export function groupOf(expression: Expression): Group {
  const part = partOf(expression);
  return isGroup(part) ? part : { operator: 'OR', parts: [part] };
}

const partOf = ({ label, operator, operands }: Expression): Part =>
  operator ? { operator, parts: (operands ?? []).map(partOf) } : { label: label ?? '' };

/** The expression as it is sent: a group of one part is that part. Null while a place is empty. */
export function expressionOf(part: Part): Expression | null {
  if (!isGroup(part)) return part.label ? { label: part.label } : null;
  const operands = part.parts.map(expressionOf);
  if (operands.length === 0 || operands.some((one) => one === null)) return null;
  const [only] = operands;
  return operands.length === 1 && only ? only : { operator: part.operator, operands: operands as Expression[] };
}

/** An expression in words: `C4 or (C5 and I1)`. */
export function inWords({ label, operator, operands }: Expression, and: string, or: string, always: string): string {
  if (!operator) return label ?? '';
  if (!operands?.length) return always;
  return operands
    .map((part) => (part.operator ? `(${inWords(part, and, or, always)})` : inWords(part, and, or, always)))
    .join(` ${operator === 'AND' ? and : or} `);
}
