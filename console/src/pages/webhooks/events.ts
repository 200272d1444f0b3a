/** The pattern that stands for all events. */
export const ALL = '*';

export interface Family {
  name: string;
  /** The pattern of the whole family, such as `connection.*`. */
  pattern: string;
  codes: string[];
}

/** Event types by the first part of their code, in the order of the API. */
export function familiesOf(codes: readonly string[]): Family[] {
  const families = new Map<string, Family>();
  for (const code of codes) {
    const name = code.split('.')[0] ?? code;
    const family = families.get(name) ?? { name, pattern: `${name}.*`, codes: [] };
    family.codes.push(code);
    families.set(name, family);
  }
  return [...families.values()];
}

/** The patterns without those that another one covers: `*` covers all, `feed.*` covers `feed.published`. */
export function withoutCovered(patterns: readonly string[]): string[] {
  if (patterns.includes(ALL)) return [ALL];
  const covers = (pattern: string, code: string) =>
    pattern !== code && pattern.endsWith('.*') && code.startsWith(pattern.slice(0, -1));
  return patterns.filter((code) => !patterns.some((pattern) => covers(pattern, code)));
}
