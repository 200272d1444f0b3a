import { useSyncExternalStore } from 'react';
import type { Schemas } from '../../../api/client';

/** A file on its way to the store. It goes on while other pages are shown, and ends when the tab is closed. */
export interface Transfer {
  sent: number;
  total: number;
  state: 'sending' | 'sent' | 'failed';
  /** Why it has failed. */
  problem: unknown;
  /** Sends it once more after a failure; the link works for an hour. */
  again: (() => void) | null;
}

type Created = Schemas['UploadCreated'];
type Complete = (parts: Schemas['UploadedPart'][]) => Promise<unknown>;

const TRIES = 4;
const transfers = new Map<string, Transfer>();
const listeners = new Set<() => void>();

function set(upload: string, changes: Partial<Transfer>): void {
  const before = transfers.get(upload) ?? { sent: 0, total: 0, state: 'sending', problem: null, again: null };
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
  set(upload, { sent: 0, total: file.size, state: 'sending', problem: null, again: null });
  window.addEventListener('beforeunload', warn);
  try {
    if (created.uploadUrl) {
      await put(created.uploadUrl, untyped(file, 0, file.size), (sent) => set(upload, { sent }));
    } else {
      await complete(await putParts(file, created, (sent) => set(upload, { sent })));
    }
    set(upload, { sent: file.size, state: 'sent' });
  } catch (problem) {
    const again = () => void send(file, created, complete).catch(() => undefined);
    set(upload, { state: 'failed', problem, again });
    throw problem;
  } finally {
    if (![...transfers.values()].some(({ state }) => state === 'sending'))
      window.removeEventListener('beforeunload', warn);
  }
}

async function putParts(file: Blob, { parts }: Created, report: (sent: number) => void) {
  const sent: Schemas['UploadedPart'][] = [];
  let start = 0;
  for (const { partNumber, uploadUrl, sizeBytes } of parts ?? []) {
    const begin = start;
    const etag = await put(uploadUrl, untyped(file, begin, begin + sizeBytes), (size) => report(begin + size));
    sent.push({ partNumber, etag });
    start += sizeBytes;
  }
  return sent;
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
