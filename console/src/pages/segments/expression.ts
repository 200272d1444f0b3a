/** The syntax of composed segments, read for colours and hints while somebody types. What holds is what the API says. */

export type TokenKind = 'segment' | 'word' | 'function' | 'compare' | 'number' | 'mark' | 'space' | 'unknown';

export interface Token {
  kind: TokenKind;
  text: string;
  /** The character that it begins at, counted from 0. */
  at: number;
}

const KINDS: [TokenKind, RegExp][] = [
  ['space', /\s+/y],
  ['segment', /(?:seg|trait)_[\p{L}\p{N}_]+|"(?:seg|trait)_[\p{L}\p{N}_]+"/uy],
  ['function', /segID|FREQUENCY/iy],
  ['word', /AND|OR|NOT/iy],
  ['compare', /<=|>=|==?/y],
  ['number', /\d{1,4}/y],
  ['mark', /[()[\],]|D/iy],
];

/** The text in pieces; joined they are the text again. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) return { kind, text: found[0], at };
  }
  const rest = /[^\s()[\],]+|./suy;
  rest.lastIndex = at;
  return { kind: 'unknown', text: rest.exec(text)?.[0] ?? text.charAt(at), at };
}

/** The segment that a token names: a trait is the segment that it is of. */
export const segmentOf = (text: string): string => text.replaceAll('"', '').replace(/^trait_/, 'seg_');

export type Rule =
  | { kind: 'member'; id: string; at: number }
  | { kind: 'not'; rule: Rule }
  | { kind: 'and' | 'or'; rules: Rule[] }
  | { kind: 'frequency'; ids: string[]; at: number; comparison: string; count: number };

/** What is wrong, and at which character, counted from 1. `code` is that of a message. */
export interface Hint {
  code: 'segment' | 'here' | 'unknown' | 'composed' | 'count' | 'outsiders' | 'itself' | 'deep';
  at: number;
  name?: string;
}

class Unreadable extends Error {
  constructor(readonly hint: Hint) {
    super(hint.code);
  }
}

const MAX_LEVELS = 10;

/** The rule that a text is, or what keeps it from being one. */
export function parse(text: string): { rule: Rule } | { hint: Hint } {
  try {
    return { rule: new Parser(text).whole() };
  } catch (error) {
    if (error instanceof Unreadable) return { hint: error.hint };
    throw error;
  }
}

class Parser {
  private readonly tokens: Token[];
  private next = 0;

  constructor(private readonly text: string) {
    this.tokens = tokensOf(text).filter(({ kind }) => kind !== 'space');
  }

  whole(): Rule {
    const rule = this.either();
    if (this.next < this.tokens.length) throw this.wrong('here');
    return rule;
  }

  private either = (): Rule => this.joined('or', () => this.joined('and', this.negated));

  private joined(kind: 'and' | 'or', part: () => Rule): Rule {
    const rules = [part()];
    while (this.takes(kind)) rules.push(part());
    const [only] = rules;
    return only && rules.length === 1 ? only : { kind, rules };
  }

  private negated = (): Rule => {
    const token = this.tokens[this.next];
    if (this.takes('not')) return { kind: 'not', rule: this.negated() };
    if (this.takes('(')) {
      const rule = this.either();
      this.must(')');
      return rule;
    }
    if (token && this.takes('segid')) {
      if (!this.takes('=')) this.must('==');
      return { kind: 'member', id: this.segment(true), at: token.at };
    }
    if (token && this.takes('frequency')) return this.frequency(token.at);
    return { kind: 'member', id: this.segment(false), at: token?.at ?? 0 };
  };

  private frequency(at: number): Rule {
    this.must('(');
    this.must('[');
    const ids = new Set([this.segment(false)]);
    while (this.takes(',')) ids.add(this.segment(false));
    this.must(']');
    if (this.takes('<=') || this.takes('>=')) {
      this.number();
      this.must('d');
    }
    this.must(')');
    const comparison = this.tokens[this.next]?.text ?? '';
    if (!['<=', '>=', '=='].includes(comparison)) throw this.wrong('here');
    this.next += 1;
    return { kind: 'frequency', ids: [...ids], at, comparison, count: this.number() };
  }

  private segment(mayBeQuoted: boolean): string {
    const token = this.tokens[this.next];
    if (token?.kind !== 'segment' || (!mayBeQuoted && token.text.startsWith('"'))) throw this.wrong('segment');
    this.next += 1;
    return segmentOf(token.text);
  }

  private number(): number {
    const token = this.tokens[this.next];
    if (token?.kind !== 'number') throw this.wrong('here');
    this.next += 1;
    return Number(token.text);
  }

  private takes(text: string): boolean {
    if (this.tokens[this.next]?.text.toLowerCase() !== text) return false;
    this.next += 1;
    return true;
  }

  private must(text: string): void {
    if (!this.takes(text)) throw this.wrong('here');
  }

  private wrong(code: 'segment' | 'here'): Unreadable {
    return new Unreadable({ code, at: (this.tokens[this.next]?.at ?? this.text.length) + 1 });
  }
}

export interface Known {
  isComposed: boolean;
}

/**
 * The first thing that is wrong with an expression, as far as that can be known here. `known` are the sandbox's
 * segments; left out, names are not looked up. `itself` is the segment that the expression is of.
 */
export function hintOf(text: string, known?: ReadonlyMap<string, Known>, itself?: string): Hint | null {
  if (!text.trim()) return null;
  const parsed = parse(text);
  if ('hint' in parsed) return parsed.hint;
  const { rule } = parsed;
  for (const { at, text: name } of tokensOf(text).filter(({ kind }) => kind === 'segment')) {
    const id = segmentOf(name);
    if (id === itself) return { code: 'itself', at: at + 1, name: id };
    if (known && !known.has(id)) return { code: 'unknown', at: at + 1, name: id };
  }
  for (const { at, ids, comparison, count } of frequenciesOf(rule)) {
    const composed = ids.find((id) => known?.get(id)?.isComposed);
    if (composed) return { code: 'composed', at: at + 1, name: composed };
    if (comparison !== '<=' && count > ids.length) return { code: 'count', at: at + 1 };
  }
  if (levelsOf(rule) > MAX_LEVELS) return { code: 'deep', at: 1 };
  return holdsOfOutsiders(rule) ? { code: 'outsiders', at: 1 } : null;
}

function frequenciesOf(rule: Rule): Extract<Rule, { kind: 'frequency' }>[] {
  if (rule.kind === 'frequency') return [rule];
  if (rule.kind === 'not') return frequenciesOf(rule.rule);
  return rule.kind === 'member' ? [] : rule.rules.flatMap(frequenciesOf);
}

function levelsOf(rule: Rule): number {
  if (rule.kind === 'not') return 1 + levelsOf(rule.rule);
  if (rule.kind === 'and' || rule.kind === 'or') return 1 + Math.max(...rule.rules.map(levelsOf));
  return 1;
}

/** Whether an expression holds of people who are in none of its segments. */
function holdsOfOutsiders(rule: Rule): boolean {
  switch (rule.kind) {
    case 'member':
      return false;
    case 'not':
      return !holdsOfOutsiders(rule.rule);
    case 'and':
      return rule.rules.every(holdsOfOutsiders);
    case 'or':
      return rule.rules.some(holdsOfOutsiders);
    case 'frequency':
      return rule.comparison === '<=' || rule.count === 0;
  }
}
