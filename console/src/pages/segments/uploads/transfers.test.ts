import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sendParts } from './transfers';

const urls: string[] = [];
let open = 0;
let most = 0;
let broken = new Set<string>();

class Sending {
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onloadend = () => undefined;
  status = 0;
  responseText = '<Error><Code>AccessDenied</Code></Error>';
  url = '';
  open(_: string, url: string) {
    this.url = url;
  }
  getResponseHeader = () => '"etag"';
  async send(body: Blob) {
    open += 1;
    most = Math.max(most, open);
    await Promise.resolve();
    this.upload.onprogress?.({ loaded: body.size });
    open -= 1;
    this.status = broken.has(this.url) ? 403 : 200;
    urls.push(this.url);
    this.onloadend();
  }
}

const files = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ number, file: new File(['12'], 'f') }));

beforeEach(() => {
  urls.length = 0;
  most = 0;
  broken = new Set();
  vi.stubGlobal('XMLHttpRequest', Sending);
});
afterEach(() => vi.unstubAllGlobals());

it('sends the parts of an import four at a time, each to its link, and then starts it', async () => {
  const start = vi.fn(async () => undefined);
  await sendParts('imp_1', files(11), async (number) => `to/${number}`, start);
  expect(urls.sort()).toEqual(Array.from({ length: 11 }, (_, number) => `to/${number}`).sort());
  expect(most).toBe(4);
  expect(start).toHaveBeenCalledOnce();
});

it('begins nothing after a failure, and does not start what is not whole', async () => {
  broken.add('to/3');
  const start = vi.fn(async () => undefined);
  await expect(sendParts('imp_2', files(30), async (number) => `to/${number}`, start)).rejects.toThrow('AccessDenied');
  expect(urls.length).toBeLessThan(9);
  expect(start).not.toHaveBeenCalled();
});
