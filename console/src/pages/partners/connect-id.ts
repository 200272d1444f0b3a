const LENGTH = 20;
const GROUP = /.{5}(?=.)/g;
const BETWEEN = /[\s\p{Dash}_]/gu;
const READ_AS: Record<string, string> = { O: '0', I: '1', L: '1' };
const CROCKFORD = /^[0-9A-HJKMNP-TV-Z]$/;

/** What of a typed connect ID can be told before anybody is asked. */
export type Reading =
  | { kind: 'empty' }
  | { kind: 'character'; character: string }
  | { kind: 'length'; length: number }
  | { kind: 'whole'; connectId: string };

/**
 * Read a connect ID as the API does (docs/api.md, Connect): in any case, with or without dashes and blanks, O as 0, I and
 * L as 1. Full-width letters and digits, as Japanese keyboards make them, and dashes of all kinds are read too.
 */
export function readConnectId(text: string): Reading {
  const letters = [...text.normalize('NFKC').replace(BETWEEN, '').toUpperCase()].map((one) => READ_AS[one] ?? one);
  if (letters.length === 0) return { kind: 'empty' };
  const strange = letters.find((letter) => !CROCKFORD.test(letter));
  if (strange !== undefined) return { kind: 'character', character: strange };
  if (letters.length !== LENGTH) return { kind: 'length', length: letters.length };
  return { kind: 'whole', connectId: letters.join('').replace(GROUP, '$&-') };
}
