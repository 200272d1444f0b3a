import type { Schemas } from '../../../api/client';

export type Format = NonNullable<Schemas['CreateUpload']['format']>;
export type Delimiter = Schemas['Delimiter'];

/** Why a file's rows cannot be shown. It may still be one that the API reads. */
export type Unread = 'parquet' | 'zstd' | 'utf8' | 'empty' | 'unreadable' | 'format';

export interface FilePreview {
  /** By the file's name; null where that does not tell. */
  format: Format | null;
  delimiter: Delimiter | null;
  columns: string[];
  rows: string[][];
  unread: Unread | null;
}

/** How much of a file is read, unpacked. */
const READ_BYTES = 256 * 1024;
const MOST_ROWS = 200;
const HEADER_WITHIN = 20;
const FORMATS: Record<string, Format> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  parquet: 'parquet',
};
const DELIMITERS: Delimiter[] = [',', ';', '\t', '|'];

/** The format by a file's name, compressed or not. */
export function formatOf(name: string): Format | null {
  const ending =
    name
      .toLowerCase()
      .replace(/(\.(gz|gzip|zst|zstd))+$/, '')
      .split('.')
      .at(-1) ?? '';
  return FORMATS[ending] ?? null;
}

/** The first rows of a file, read in the browser. Nothing of it is sent. */
export async function previewOf(file: Blob & { name: string }): Promise<FilePreview> {
  const format = formatOf(file.name);
  const nothing = (unread: Unread): FilePreview => ({ format, delimiter: null, columns: [], rows: [], unread });
  let bytes: Uint8Array;
  try {
    const magic = new Uint8Array(await file.slice(0, 4).arrayBuffer());
    if (startsWith(magic, [0x50, 0x41, 0x52, 0x31])) return { ...nothing('parquet'), format: 'parquet' };
    if (startsWith(magic, [0x28, 0xb5, 0x2f, 0xfd])) return nothing('zstd');
    bytes = await firstBytes(file, startsWith(magic, [0x1f, 0x8b]));
  } catch {
    return nothing('unreadable');
  }
  if (format === 'parquet') return nothing('parquet');
  if (bytes.length === 0) return nothing('empty');
  const text = textOf(bytes);
  if (text === null) return nothing('utf8');
  const isCut = bytes.length >= READ_BYTES;
  const isNdjson = format === 'ndjson' || (format === null && text.trimStart().startsWith('{'));
  const table = isNdjson ? ndjsonTable(text, isCut) : csvTable(text, isCut);
  return { format: format ?? (isNdjson ? 'ndjson' : null), ...table, unread: format || isNdjson ? null : 'format' };
}

const startsWith = (bytes: Uint8Array, magic: number[]) => magic.every((byte, at) => bytes[at] === byte);

async function firstBytes(file: Blob, isGzip: boolean): Promise<Uint8Array> {
  if (!isGzip) return new Uint8Array(await file.slice(0, READ_BYTES).arrayBuffer());
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < READ_BYTES) {
    const { value, done } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  void reader.cancel().catch(() => undefined);
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all.subarray(0, READ_BYTES);
}

/** The bytes as text; null where they are not UTF-8. A character cut at the end is left out. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

type Table = Pick<FilePreview, 'columns' | 'rows' | 'delimiter'>;

function ndjsonTable(text: string, isCut: boolean): Table {
  const lines = text.split(/\r?\n/);
  if (isCut) lines.pop();
  const written = lines.filter((line) => line.trim()).slice(0, MOST_ROWS);
  const objects = written.flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return value && typeof value === 'object' && !Array.isArray(value) ? [value as Record<string, unknown>] : [];
    } catch {
      return [];
    }
  });
  const columns = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  return { columns, rows: objects.map((object) => columns.map((column) => cellOf(object[column]))), delimiter: null };
}

const cellOf = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

function csvTable(text: string, isCut: boolean): Table {
  const said = /^sep=(.)\r?\n/.exec(text);
  const body = said ? text.slice(said[0].length) : text;
  const told = DELIMITERS.find((each) => each === said?.[1]);
  const read = (told ? [told] : DELIMITERS).map((delimiter) => {
    const rows = csvRows(body, delimiter);
    if (isCut) rows.pop();
    const width = usual(rows.slice(0, HEADER_WITHIN + 1).map((row) => row.length));
    return { delimiter, rows, width };
  });
  const best = read.reduce((one, other) => (other.width > one.width ? other : one));
  const top = best.rows.slice(0, HEADER_WITHIN).findIndex((row) => row.length >= best.width);
  const header = best.rows[Math.max(top, 0)] ?? [];
  return {
    columns: header.map((name) => name.trim()),
    rows: best.rows.slice(Math.max(top, 0) + 1, Math.max(top, 0) + 1 + MOST_ROWS),
    delimiter: best.width > 1 || told ? best.delimiter : null,
  };
}

/** The number that stands there most often; of several the largest. */
function usual(numbers: number[]): number {
  const times = new Map<number, number>();
  for (const each of numbers) times.set(each, (times.get(each) ?? 0) + 1);
  const most = Math.max(...times.values(), 0);
  return Math.max(0, ...[...times].filter(([, count]) => count === most).map(([number]) => number));
}

/** The rows of a CSV (RFC 4180); blank lines are left out. */
export function csvRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    row.push(cell);
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  const lineEnd = text.includes('\n') ? '\n' : '\r';
  for (let at = 0; at < text.length && rows.length <= MOST_ROWS + HEADER_WITHIN; at += 1) {
    const character = text.charAt(at);
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && cell.trim() === '') {
      cell = '';
      isQuoted = true;
    } else if (character === delimiter) endCell();
    else if (character === lineEnd) endRow();
    else if (character !== '\r') cell += character;
  }
  if (cell !== '' || row.length > 0) endRow();
  return rows;
}
