import type { Format } from './mapping';

/** A file with its path below what was chosen. */
export interface Chosen {
  name: string;
  file: File;
}

/** What was dropped or chosen: the files in the order of their paths, and those that are left out. */
export interface Picked {
  files: Chosen[];
  /** They begin with `_` or `.`, as what other systems leave beside data does. */
  leftOut: string[];
  /** The one folder that was chosen. */
  folder: string | null;
}

/** The most parts of an import, and the longest one. */
export const MOST_PARTS = 10_000;
export const MOST_PART_BYTES = 5 * 1024 ** 3;
/** What all parts may have together, unpacked, in a deployment as it comes; in a larger one more. */
export const USUAL_BYTES = 16 * 1024 ** 3;

// A folder such as `_day=1` tells a column's value.
const isIgnored = (path: string): boolean => path.split('/').some((name) => /^(\.|_[^=]*$)/.test(name));

/** Order chosen files, and leave out what is no data. One that is chosen alone is meant. */
export function pick(chosen: readonly Chosen[]): Picked {
  const folder = folderOf(chosen);
  // A folder that tells a column's value, such as `dt=2026-11-28`, is a part of the names.
  const start = folder && !folder.includes('=') ? folder.length + 1 : 0;
  const files = chosen.map(({ name, file }) => ({ name: name.slice(start), file })).sort(byPath);
  const isOne = files.length === 1 && !folder;
  return {
    files: files.filter(({ name }) => isOne || !isIgnored(name)),
    leftOut: isOne ? [] : files.map(({ name }) => name).filter(isIgnored),
    folder,
  };
}

function folderOf(chosen: readonly Chosen[]): string | null {
  const folders = new Set(chosen.map(({ name }) => (name.includes('/') ? name.split('/', 1)[0] : '')));
  const [folder] = folders;
  return folders.size === 1 && folder ? folder : null;
}

/** As programs order folders: by one name of the path after the other. */
function byPath(one: Chosen, other: Chosen): number {
  const [left, right] = [one.name.split('/'), other.name.split('/')];
  for (const [at, name] of left.entries()) {
    const beside = right[at];
    if (beside === undefined) return 1;
    if (name !== beside) return name < beside ? -1 : 1;
  }
  return left.length - right.length;
}

/** Whether they are an import: several files, or one whose folder tells a column's value. */
export const areMany = ({ files }: Picked): boolean => files.length > 1 || files.some(({ name }) => /=.*\//.test(name));

/** What an import of them is called. */
export function titleOf({ files, folder }: Picked): string {
  const first = files[0]?.name ?? '';
  return folder ?? (files.length > 1 ? `${first} +${files.length - 1}` : first);
}

/** The file that tells what all of them hold: the first that has bytes. */
export const sampleOf = ({ files }: Picked): File | null =>
  (files.find(({ file }) => file.size > 0) ?? files[0])?.file ?? null;

export const bytesIn = (files: readonly Chosen[]): number => files.reduce((sum, { file }) => sum + file.size, 0);

/** The columns that folders tell of, as Hive writes it: `dt=2026-11-28/part-0.csv`. */
export function partitionColumns({ files }: Picked): string[] {
  const columns = files.flatMap(({ name }) =>
    name
      .split('/')
      .slice(0, -1)
      .filter((folder) => folder.indexOf('=') > 0)
      .map((folder) => folder.slice(0, folder.indexOf('='))),
  );
  return [...new Set(columns)];
}

/** Whether the folder is that of a table whose files are not all of its newest version. */
export const isTable = ({ leftOut, files }: Picked): boolean =>
  leftOut.some((name) => name.startsWith('_delta_log/')) ||
  files.some(({ name }) => /^metadata\/.*\.metadata\.json$/.test(name));

const FORMATS: Record<string, Format> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  json: 'ndjson',
  jsonl: 'ndjson',
  ndjson: 'ndjson',
  parquet: 'parquet',
};

/** The files that are of another format by their names. */
export const ofAnotherFormat = ({ files }: Picked, format: Format | null): Chosen[] =>
  files.filter(({ name }) => {
    const ending = name.replace(/\.(gz|zst|snappy)$/i, '').split('.');
    const named = ending.length > 1 ? FORMATS[ending.at(-1)?.toLowerCase() ?? ''] : undefined;
    return format !== null && named !== undefined && named !== format;
  });

/** What an input of files or of a folder holds. */
export const fromInput = (files: Iterable<File>): Chosen[] =>
  [...files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));

/** What was dropped, with all that folders hold. The items have to be read before anything is waited for. */
export async function fromDrop(transfer: DataTransfer): Promise<Chosen[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return (await Promise.all(entries.map((entry) => within(entry, '')))).flat();
}

async function within(entry: FileSystemEntry, above: string): Promise<Chosen[]> {
  const name = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ name, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Chosen[] = [];
  // A reader answers some entries at a time, and none at the end.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return found;
    for (const each of entries) found.push(...(await within(each, `${name}/`)));
  }
}
