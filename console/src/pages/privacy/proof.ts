/**
 * What a signed history proves, checked in the browser as `handfast privacy verify` checks it: every link of the chain,
 * and every signature (Ed25519, RFC 8032) over canonical JSON, against the keys that are trusted.
 */

const GENESIS = '0'.repeat(64);
const HASHED = ['sequence', 'type', 'at', 'actor', 'subject', 'detail', 'previousHash'];

/** Why a check fails; the words are `privacy.fault.<code>`. */
export type Fault =
  | 'unreadable'
  | 'not_as_written'
  | 'signature'
  | 'key_id'
  | 'untrusted_key'
  | 'number'
  | 'other_request'
  | 'link'
  | 'content'
  | 'head';

export interface Check {
  subject: 'file' | 'signature' | 'key' | 'record' | 'head' | 'receipt';
  /** The record's or receipt's place, from 1. */
  number?: number;
  /** Null where it holds. */
  fault: Fault | null;
}

export interface Signed<T = Record<string, unknown>> {
  document: T;
  signature: { algorithm: string; keyId: string; publicKey: string; value: string };
}

export interface HistoryRecord {
  sequence: number;
  type: string;
  at: string;
  actor: Record<string, unknown>;
  subject: string;
  detail: Record<string, unknown>;
  previousHash: string;
  hash: string;
}

export interface Receipt {
  privacyRequestId: string;
  rootId: string;
  recipient: string;
  outcome: string;
  at: string;
  counts: Record<string, number>;
  scope?: string | null;
}

export interface History {
  type: string;
  privacyRequestId: string;
  rootId: string;
  builtAt: string;
  records: HistoryRecord[];
  receipts: Signed<Receipt>[];
  head: string;
}

export interface Report {
  checks: Check[];
  /** Whether all checks hold. */
  holds: boolean;
  /** Null where the file could not be read. */
  signed: Signed<History> | null;
}

/** Check the bytes of a history file. `trusted` are public keys in base64; nothing holds by another key. */
export async function verifyHistory(bytes: Uint8Array<ArrayBuffer>, trusted: readonly string[]): Promise<Report> {
  const text = new TextDecoder().decode(bytes);
  const signed = read(text);
  if (!signed) return reportOf([{ subject: 'file', fault: 'unreadable' }], null);
  const history = signed.document;
  const checks: Check[] = [
    { subject: 'file', fault: canonical(signed) === text ? null : 'not_as_written' },
    { subject: 'signature', fault: await signatureFault(signed) },
    { subject: 'key', fault: trusted.includes(signed.signature.publicKey) ? null : 'untrusted_key' },
  ];
  let previous = GENESIS;
  for (const [at, record] of history.records.entries()) {
    const fault = await recordFault(record, at + 1, previous, history.privacyRequestId);
    checks.push({ subject: 'record', number: at + 1, fault });
    previous = record.hash;
  }
  checks.push({ subject: 'head', fault: history.head === previous ? null : 'head' });
  for (const [at, receipt] of history.receipts.entries())
    checks.push({ subject: 'receipt', number: at + 1, fault: await receiptFault(receipt, history.rootId, trusted) });
  return reportOf(checks, signed);
}

/** Why a signed document, such as an entry of the register, does not hold; null where it does. */
export async function documentFault(signed: Signed, trusted: readonly string[]): Promise<Fault | null> {
  return (await signatureFault(signed)) ?? (trusted.includes(signed.signature.publicKey) ? null : 'untrusted_key');
}

const reportOf = (checks: Check[], signed: Signed<History> | null): Report => ({
  checks,
  holds: checks.every(({ fault }) => fault === null),
  signed,
});

function read(text: string): Signed<History> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isHistory(value) ? value : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSigned = (value: unknown): value is Signed =>
  isObject(value) &&
  isObject(value.document) &&
  isObject(value.signature) &&
  value.signature.algorithm === 'Ed25519' &&
  ['keyId', 'publicKey', 'value'].every(
    (name) => typeof (value.signature as Record<string, unknown>)[name] === 'string',
  );

const isRecord = (value: unknown): boolean =>
  isObject(value) &&
  ['type', 'at', 'subject', 'previousHash', 'hash'].every((name) => typeof value[name] === 'string') &&
  isObject(value.actor) &&
  isObject(value.detail);

const isReceipt = (value: unknown): boolean =>
  isSigned(value) &&
  ['privacyRequestId', 'rootId', 'recipient', 'outcome', 'at'].every(
    (name) => typeof value.document[name] === 'string',
  ) &&
  isObject(value.document.counts);

function isHistory(value: unknown): value is Signed<History> {
  if (!isSigned(value)) return false;
  const { type, privacyRequestId, rootId, builtAt, head, records, receipts } = value.document;
  return (
    type === 'privacy_request_history' &&
    [privacyRequestId, rootId, builtAt, head].every((member) => typeof member === 'string') &&
    Array.isArray(records) &&
    records.length > 0 &&
    records.every(isRecord) &&
    Array.isArray(receipts) &&
    receipts.every(isReceipt)
  );
}

async function recordFault(
  record: HistoryRecord,
  sequence: number,
  previous: string,
  subject: string,
): Promise<Fault | null> {
  if (record.sequence !== sequence) return 'number';
  if (record.subject !== subject) return 'other_request';
  if (record.previousHash !== previous) return 'link';
  const body = Object.fromEntries(HASHED.map((name) => [name, record[name as keyof HistoryRecord]]));
  // A record's hash is over JSON in ASCII, where a signature is over UTF-8.
  return record.hash === (await sha256(new TextEncoder().encode(inAscii(canonical(body))))) ? null : 'content';
}

async function receiptFault(
  receipt: Signed<Receipt>,
  rootId: string,
  trusted: readonly string[],
): Promise<Fault | null> {
  const found = await signatureFault(receipt);
  if (found) return found;
  if (receipt.document.rootId !== rootId) return 'other_request';
  return trusted.includes(receipt.signature.publicKey) ? null : 'untrusted_key';
}

async function signatureFault({ document, signature }: { document: unknown; signature: Signed['signature'] }) {
  try {
    const raw = fromBase64(signature.publicKey);
    if (signature.keyId !== (await sha256(raw)).slice(0, 16)) return 'key_id';
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    const data = new TextEncoder().encode(canonical(document));
    const isGood = await crypto.subtle.verify('Ed25519', key, fromBase64(signature.value), data);
    return isGood ? null : 'signature';
  } catch (cause) {
    // Where the browser has no Ed25519, nothing was checked: that is no finding about the file.
    if (cause instanceof DOMException && cause.name === 'NotSupportedError') throw cause;
    return 'signature';
  }
}

/** The one text that a document is signed as: names in the order of their code points, no white space. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort(byCodePoints)
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(',')}}`;
}

function byCodePoints(one: string, other: string): number {
  const [left, right] = [Array.from(one), Array.from(other)];
  const at = left.findIndex((character, place) => character !== right[place]);
  if (at < 0) return left.length - right.length;
  return (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
}

const inAscii = (json: string): string =>
  json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

async function sha256(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
