import type { Import } from '../queries';
import type { Chosen } from './files';
import type { Part } from './imports';
import type { Numbered } from './transfers';

/** Whether parts of it may be put, and it be started: it waits for them, or has failed and is not a day old. */
export function takesParts({ status, error, sourceId, expiresAt }: Import, now: number): boolean {
  if (sourceId || Date.parse(expiresAt) <= now) return false;
  return status === 'awaiting_file' || (status === 'failed' && error?.reason !== 'cancelled');
}

/** Whether it may be given up: nothing of it has become visible. */
export const isCancellable = ({ status, progress }: Import): boolean =>
  status === 'awaiting_file' || (status === 'processing' && progress.total === 0);

/** The parts that have not come, or could not be read. */
export const wanted = (parts: readonly Part[]): Part[] =>
  parts.filter(({ error, sizeBytes }) => error !== null || sizeBytes === null);

export interface Matched {
  sending: Numbered[];
  /** The parts that are wanted and were not chosen. */
  missing: string[];
  /** The files that are no part, or might be several. */
  strangers: string[];
}

/**
 * Which parts the chosen files are: by their paths, else by the name of the file where one part alone has it. Those
 * are sent that are wanted, or are of another size than what is there.
 */
export function match(parts: readonly Part[], files: readonly Chosen[]): Matched {
  const lacking = new Set(wanted(parts));
  const byName = new Map(parts.map((part) => [part.name, part]));
  const byFile = [byFileName([...lacking]), byFileName(parts)];
  const chosen = new Map<Part, File>();
  const strangers: string[] = [];
  for (const { name, file } of files) {
    const part = byName.get(name) ?? byFile.map((known) => known.get(fileOf(name))).find((found) => found);
    if (part) chosen.set(part, file);
    else strangers.push(name);
  }
  const sending = [...chosen].filter(([part, file]) => lacking.has(part) || file.size !== part.sizeBytes);
  return {
    sending: sending.map(([{ number }, file]) => ({ number, file })),
    missing: [...lacking].filter((part) => !chosen.has(part)).map(({ name }) => name),
    strangers,
  };
}

/** Parts by the names of their files, where no two have the same. */
function byFileName(parts: readonly Part[]): ReadonlyMap<string, Part | null> {
  const found = new Map<string, Part | null>();
  for (const part of parts) {
    const file = fileOf(part.name);
    found.set(file, found.has(file) ? null : part);
  }
  return found;
}

const fileOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
