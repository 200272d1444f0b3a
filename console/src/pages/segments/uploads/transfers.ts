import type { Schemas } from 'handfast-client';
import { useSyncExternalStore } from 'react';

/** Files on their way to the store. It goes on while other pages are shown, and ends when the tab is closed. */
export interface Transfer {
  sent: number;
  total: number;
  /** How many of the files of an import have been sent. */
  files: { sent: number; total: number } | null;
  state: 'sending' | 'sent' | 'failed';
  /** Why it has failed. */
  problem: unknown;
  /** Sends it once more after a failure; the link works for an hour. */
  again: (() => void) | null;
}

type Created = Schemas['UploadCreated'];
type Complete = (parts: Schemas['UploadedPart'][]) => Promise<unknown>;

const TRIES = 4;
const AT_ONCE = 4;
const transfers = new Map<string, Transfer>();
const listeners = new Set<() => void>();

const BEGUN: Transfer = { sent: 0, total: 0, files: null, state: 'sending', problem: null, again: null };

function set(upload: string, changes: Partial<Transfer>): void {
  const before = transfers.get(upload) ?? BEGUN;
  transfers.set(upload, { ...before, ...changes });
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How far a file's transfer from this tab is; undefined of one that was not begun here. */
export const useTransfer = (upload: string): Transfer | undefined =>
  useSyncExternalStore(subscribe, () => transfers.get(upload));

/** Send a file to where its upload says, whole or in parts. Resolves when all of it is there; a failure rejects. */
export async function send(file: Blob, created: Created, complete: Complete): Promise<void> {
  const upload = created.uploadId;
  const again = () => void send(file, created, complete).catch(() => undefined);
  set(upload, { ...BEGUN, total: file.size });
  await told(upload, again, async () => {
    if (created.uploadUrl) {
      await put(created.uploadUrl, untyped(file, 0, file.size), (sent) => set(upload, { sent }));
    } else {
      await complete(await putParts(file, created, (sent) => set(upload, { sent })));
    }
    set(upload, { sent: file.size });
  });
}

async function putParts(file: Blob, { parts }: Created, report: (sent: number) => void) {
  let start = 0;
  const pieces = (parts ?? []).map(({ partNumber, uploadUrl, sizeBytes }) => {
    const body = untyped(file, start, start + sizeBytes);
    start += sizeBytes;
    return { number: partNumber, uploadUrl, body };
  });
  const sent = sum(report);
  const done: Schemas['UploadedPart'][] = [];
  await eachOf(pieces, async ({ number, uploadUrl, body }) => {
    done.push({ partNumber: number, etag: await put(uploadUrl, body, (size) => sent(number, size)) });
  });
  return done.sort((one, other) => one.partNumber - other.partNumber);
}

/** A file of an import, and its place among the parts. */
export interface Numbered {
  number: number;
  file: Blob;
}

/**
 * Send files of an import, four at a time, and start it when all of them are there. `linkOf` says where each goes; asked
 * with `isNew` it does not answer from what it knows. A second try sends what has not come.
 */
export async function sendParts(
  id: string,
  files: readonly Numbered[],
  linkOf: (number: number, isNew: boolean) => Promise<string>,
  start: () => Promise<unknown>,
): Promise<void> {
  const total = files.reduce((bytes, { file }) => bytes + file.size, 0);
  const done = new Set<number>();
  set(id, { ...BEGUN, total, files: { sent: 0, total: files.length } });
  const sent = sum((bytes) => set(id, { sent: bytes, files: { sent: done.size, total: files.length } }));
  const go = async (isNew: boolean): Promise<void> => {
    set(id, { state: 'sending', problem: null, again: null });
    await told(
      id,
      () => void go(true).catch(() => undefined),
      async () => {
        const left = files.filter(({ number }) => !done.has(number));
        let isAsked = isNew;
        await eachOf(left, async ({ number, file }) => {
          const link = linkOf(number, isAsked);
          isAsked = false;
          await put(await link, untyped(file, 0, file.size), (size) => sent(number, size));
          done.add(number);
          sent(number, file.size);
        });
        await start();
      },
    );
  };
  await go(false);
}

/** Do the work of a transfer, and tell what came of it. */
async function told(id: string, again: () => void, work: () => Promise<void>): Promise<void> {
  window.addEventListener('beforeunload', warn);
  try {
    await work();
    set(id, { state: 'sent' });
  } catch (problem) {
    set(id, { state: 'failed', problem, again });
    throw problem;
  } finally {
    if (![...transfers.values()].some(({ state }) => state === 'sending'))
      window.removeEventListener('beforeunload', warn);
  }
}

/** Report the sum of what is told of each number. */
function sum(report: (sum: number) => void) {
  const sizes = new Map<number, number>();
  let all = 0;
  return (number: number, size: number) => {
    all += size - (sizes.get(number) ?? 0);
    sizes.set(number, size);
    report(all);
  };
}

/** Run for each of them, four at a time; the first failure rejects, and nothing is begun after it. */
async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items].reverse();
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) {
      try {
        await run(item);
      } catch (problem) {
        left.length = 0;
        throw problem;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The link is signed without a type, so that none is sent. */
const untyped = (file: Blob, start: number, end: number): Blob => file.slice(start, end, '');

const warn = (event: BeforeUnloadEvent) => event.preventDefault();
const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** PUT, and again where the way there broke or the store was busy. Answers the ETag. */
export async function put(url: string, body: Blob, report: (sent: number) => void): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await putOnce(url, body, report);
    if (answer.status >= 200 && answer.status < 300) return answer.etag;
    const mayPass = answer.status === 0 || answer.status >= 500;
    if (!mayPass || attempt === TRIES) throw new StoreError(answer.status, answer.text);
    report(0);
    await wait(2 ** (attempt - 1));
  }
}

/** The store has not taken the file: `status` 0 where no answer came. */
export class StoreError extends Error {
  constructor(
    readonly status: number,
    text: string,
  ) {
    // S3 answers in XML, with a code and a message.
    super([...text.matchAll(/<(?:Code|Message)>([^<]*)</g)].map(([, said]) => said).join(': '));
  }
}

interface StoreAnswer {
  status: number;
  etag: string;
  text: string;
}

// fetch does not tell how much of a body has been sent.
function putOnce(url: string, body: Blob, report: (sent: number) => void): Promise<StoreAnswer> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    request.upload.onprogress = ({ loaded }) => report(loaded);
    request.onloadend = () =>
      resolve({
        status: request.status,
        etag: request.status ? (request.getResponseHeader('ETag') ?? '') : '',
        text: request.responseText,
      });
    request.send(body);
  });
}
