import type { ActivityRecord } from './queries';

const COLUMNS = ['sequence', 'at', 'type', 'actor', 'subject', 'detail', 'previousHash', 'hash'];
/** What makes a spreadsheet take a cell for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string | number | null): string {
  const text = String(value ?? '');
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Records as a CSV file (RFC 4180), one a line; `detail` as JSON, as the hashes are of it. */
export function csvOf(records: readonly ActivityRecord[]): string {
  const rows = records.map(({ sequence, at, type, actor, subject, detail, previousHash, hash }) =>
    [sequence, at, type, actor.name ?? actor.kind, subject, JSON.stringify(detail), previousHash, hash].map(cell),
  );
  return [COLUMNS, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}
