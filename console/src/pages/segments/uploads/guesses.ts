import type { Schemas } from '../../../api/client';
import type { Namespace, Segment } from '../queries';

export type Role = Schemas['Role'];
type Column = Schemas['ColumnMapping'];

/** What is chosen for one column; without a role it is not read. */
export interface Mapping extends Omit<Column, 'as' | 'labels' | 'answers' | 'leaves' | 'optional'> {
  as: Role | null;
  labels: string[];
  answers: Record<string, string>;
}

/** Why a column was guessed to be what it is: the end of a message's key. */
export type Reason =
  | 'email'
  | 'phone'
  | 'digestNamed'
  | 'digestUnknown'
  | 'ecid'
  | 'device'
  | 'namespaceNamed'
  | 'namespaceCells'
  | 'consent'
  | 'consentString'
  | 'consentTime'
  | 'status'
  | 'region'
  | 'profileId'
  | 'segmentCells'
  | 'segmentFlag'
  | 'none';

export interface Guess {
  mapping: Mapping;
  reason: Reason;
}

export const ANSWERS = ['y', 'n', 'p', 'u', 'dy', 'dn', 'LI', 'CT', 'CP', 'VI', 'PI'] as const;
const ENOUGH = 0.6;
const EMAIL = /^(mailto:)?[^\s@,;]+@[^\s@,;]+\.[^\s@,;]{2,}$/i;
const PHONE = /^(tel:|p:)?\+?[\d\s().\-/]{7,20}$/;
const DIGEST = /^([0-9a-f]{64}|[A-Za-z0-9+/]{43}=)$/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
const STATUSES = new Set(['realized', 'exited', '1', '0', 'true', 'false', 'yes', 'no', 'y', 'n']);
const YES = new Set([
  '1',
  'true',
  'yes',
  'ja',
  'oui',
  'si',
  'sí',
  'はい',
  'opt-in',
  'optin',
  'opted-in',
  'in',
  'granted',
  'accepted',
  'consent',
]);
const NO = new Set([
  '0',
  'false',
  'no',
  'nein',
  'non',
  'いいえ',
  'opt-out',
  'optout',
  'opted-out',
  'out',
  'denied',
  'refused',
  'withdrawn',
]);

const NAMED = {
  email: /mail|correo|メール/i,
  phone: /phone|mobile|msisdn|telefon|handy|^tel|cell|電話|携帯/i,
  ecid: /ecid|mcid|marketingcloud/i,
  idfa: /idfa|ios/i,
  gaid: /gaid|aaid|adid|android/i,
  consent: /consent|opt(ed)?.?(in|out)|einwillig|permission|zustimm|同意/i,
  time: /(_|\b)(at|time|date|timestamp|datum|am)$|zeit|日時/i,
  status: /status|membership/i,
  region: /country|region|land$|国/i,
  profile:
    /^(id|uid|pid)$|(customer|crm|profile|user|person|member|kunden|loyalty|account).{0,3}(id|nr|no|number|nummer|key)|顧客/i,
  segment: /segment|audience|trait|list|zielgruppe|セグメント/i,
};

interface Context {
  namespaces: Namespace[];
  segments: Pick<Segment, 'segmentId' | 'externalId' | 'name'>[];
}

export const unmapped = (column: string): Mapping => ({ column, as: null, labels: [], answers: {} });

/** What each column seems to hold, by its name and its first cells, and why. */
export function guesses(columns: string[], rows: string[][], context: Context): Guess[] {
  const found = columns.map((column, at) =>
    guessOf(column, rows.map((row) => (row[at] ?? '').trim()).filter(Boolean), context),
  );
  return onlyOnce(withRegions(found));
}

function guessOf(column: string, cells: string[], { namespaces, segments }: Context): Guess {
  const share = (test: (cell: string) => boolean) => (cells.length ? cells.filter(test).length / cells.length : 0);
  const mostly = (pattern: RegExp) => share((cell) => pattern.test(cell)) >= ENOUGH;
  const are = (words: ReadonlySet<string>) => cells.length > 0 && share((cell) => words.has(cell.toLowerCase())) === 1;
  const as = (role: Role, reason: Reason, more: Partial<Mapping> = {}): Guess => ({
    mapping: { ...unmapped(column), as: role, ...more },
    reason,
  });
  const identity = (namespace: string, reason: Reason, transform?: Column['transform']) =>
    as('identity', reason, { namespace, ...(transform && { transform }) });

  if (mostly(EMAIL)) return identity('Email_LC_SHA256', 'email', 'hash');
  if (mostly(DIGEST)) {
    if (NAMED.email.test(column)) return identity('Email_LC_SHA256', 'digestNamed', 'none');
    if (NAMED.phone.test(column)) return identity('Phone_SHA256_E.164', 'digestNamed', 'none');
    return as('identity', 'digestUnknown', { transform: 'none' });
  }
  if (mostly(/^\d{38}$/)) return identity('ECID', 'ecid');
  if (mostly(UUID) && NAMED.idfa.test(column)) return identity('IDFA', 'device');
  if (mostly(UUID) && NAMED.gaid.test(column)) return identity('GAID', 'device');
  const named = namespaces.find(({ code, aliases }) =>
    [code, ...aliases].some((each) => each.toLowerCase() === column.toLowerCase()),
  );
  if (named && !NAMED.phone.test(column)) return identity(named.code, 'namespaceNamed');
  const symbols = new Set(
    namespaces.flatMap(({ code, aliases }) => [code, ...aliases]).map((each) => each.toLowerCase()),
  );
  if (are(symbols)) return as('namespace', 'namespaceCells');
  if (/tcf|tc.?string/i.test(column) && mostly(/^C[\w-]{10,}/)) return as('tcf', 'consentString');
  if (/gpp/i.test(column) && mostly(/^DB[\w-]{2,}/)) return as('gpp', 'consentString');
  if (mostly(TIME) && (NAMED.consent.test(column) || /share/i.test(column))) return as('shareAt', 'consentTime');
  const flagged = segments.find(({ segmentId, externalId, name }) => [segmentId, externalId, name].includes(column));
  if (flagged && are(STATUSES)) return as('segment', 'segmentFlag', { name: flagged.segmentId });
  if (NAMED.consent.test(column) || /^share$/i.test(column))
    return as('share', 'consent', { answers: answersOf(cells) });
  if (NAMED.status.test(column) && are(STATUSES)) return as('status', 'status');
  if (NAMED.region.test(column) && mostly(/^[a-z]{2}$/i)) return as('phoneRegion', 'region');
  const ids = new Set(segments.flatMap(({ segmentId, externalId }) => [segmentId, externalId ?? '']).filter(Boolean));
  if (share((cell) => cell.split('|').some((each) => ids.has(each.trim()))) > 0 && NAMED.segment.test(column))
    return as('segment', 'segmentCells');
  if (NAMED.profile.test(column)) return as('profileId', 'profileId');
  if (NAMED.phone.test(column) && (mostly(PHONE) || cells.length === 0))
    return identity('Phone_SHA256_E.164', 'phone', cells.length ? 'hash' : undefined);
  if (mostly(/^\+\d[\d\s().-]{6,18}$/)) return identity('Phone_SHA256_E.164', 'phone', 'hash');
  return { mapping: unmapped(column), reason: 'none' };
}

/** The words of a consent column that are none of the answers, with what they seem to stand for. */
export function answersOf(cells: string[]): Record<string, string> {
  const known = new Set(ANSWERS.map((answer) => answer.toLowerCase()));
  const words = [...new Set(cells.map((cell) => cell.toLowerCase()))].filter((word) => !known.has(word));
  return Object.fromEntries(words.slice(0, 50).map((word) => [word, YES.has(word) ? 'y' : NO.has(word) ? 'n' : '']));
}

/** A column of regions means something only beside raw phone numbers. */
function withRegions(found: Guess[]): Guess[] {
  const hasPhones = found.some(({ mapping }) => mapping.namespace?.startsWith('Phone') && mapping.transform !== 'none');
  return found.map((guess) =>
    guess.mapping.as === 'phoneRegion' && !hasPhones
      ? { mapping: unmapped(guess.mapping.column), reason: 'none' }
      : guess,
  );
}

const ONCE: ReadonlySet<Role | null> = new Set<Role>(['profileId', 'status', 'phoneRegion', 'shareAt', 'namespace']);

/** Of what a file may have one of, the first column that seems to be it. */
function onlyOnce(found: Guess[]): Guess[] {
  const taken = new Set<Role | null>();
  return found.map((guess) => {
    const role = guess.mapping.as;
    if (!ONCE.has(role)) return guess;
    if (taken.has(role)) return { mapping: unmapped(guess.mapping.column), reason: 'none' };
    taken.add(role);
    return guess;
  });
}
