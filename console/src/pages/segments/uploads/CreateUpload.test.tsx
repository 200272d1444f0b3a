import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { problem, show } from '../../../testing/render';
import CreateUpload from './CreateUpload';
import type { Look } from './mapping';

vi.mock('./transfers', async (original) => ({
  ...(await original<object>()),
  put: vi.fn(async () => '"etag"'),
  sendParts: vi.fn(async () => undefined),
}));
const { put, sendParts, StoreError } = await import('./transfers');

const LOOK: Look = {
  previewId: 'prv_1',
  fileName: 'people.csv',
  status: 'completed',
  format: 'csv',
  packing: 'gzip',
  encoding: 'utf-8',
  delimiter: ';',
  hasHeader: true,
  linesAbove: 0,
  dialect: { delimiter: ';', header: null },
  rows: 4,
  whole: true,
  columnsFound: 2,
  columns: [
    {
      column: 'E-Mail',
      as: 'identity',
      namespace: 'Email_LC_SHA256',
      transform: 'hash',
      form: null,
      name: null,
      answers: null,
      mapped: true,
      why: '3 of 4 values look like e-mail addresses.',
      reason: 'email',
      fitting: 3,
      values: 4,
      shapes: { text: 1, email: 3 },
    },
    {
      column: 'Einwilligung',
      as: 'share',
      namespace: null,
      transform: null,
      form: null,
      name: null,
      answers: { ja: 'y' },
      mapped: true,
      why: 'The name speaks of consent.',
      reason: 'consent',
      fitting: 3,
      values: 4,
      shapes: { text: 4 },
    },
  ],
  shareWords: [
    { column: 'Einwilligung', word: 'ja', rows: 3, answer: 'y' },
    { column: 'Einwilligung', word: 'evtl', rows: 3, answer: null },
  ],
  otherShareWords: 0,
  presets: [],
  wouldReject: { rows: 4, accepted: 3, rejected: 1, rejectedByReason: { invalid_email: 1 }, valuesRejected: {} },
  warnings: [],
  sample: [],
  error: null,
  createdAt: '2026-11-28T10:00:00.000Z',
  expiresAt: '2026-11-28T11:00:00.000Z',
};
const CREATED = {
  previewId: 'prv_1',
  uploadUrl: 'http://store.test/prv_1',
  maxBytes: 10,
  maxParquetBytes: 20,
  expiresAt: LOOK.expiresAt,
};
const page = { items: [], nextCursor: null };
const ANSWERS = {
  'POST /uploads/preview': () => CREATED,
  'GET /uploads/preview/prv_1': (): unknown => LOOK,
  'POST /uploads': () => ({ uploadId: 'upl_1', uploadUrl: 'http://store.test/upl_1', expiresAt: LOOK.expiresAt }),
  'GET /segments': () => page,
  'GET /namespaces': () => page,
  'GET /reference/namespaces': () => ({
    items: [{ code: 'Email_LC_SHA256', name: 'E-mail', description: '', aliases: ['email'], hashesRaw: true }],
  }),
  'GET /reference/reasons': () => page,
  'GET /reference/labels': () => page,
};
const FILE = new File(['E-Mail;Einwilligung\nrosa@one.example;ja\n'], 'people.csv');

async function chosen(answers: object = {}) {
  const shown = await show(<CreateUpload />, {
    area: 'segments',
    permissions: ['segments:read', 'segments:write'],
    at: 'segments/uploads/create',
    route: 'segments/uploads/create',
    answers: { ...ANSWERS, ...answers },
  });
  const input = await waitFor(() => {
    const found = shown.container.querySelector('input[type=file]');
    if (!found) throw new Error('not shown yet');
    return found as HTMLInputElement;
  });
  await userEvent.upload(input, FILE);
  return shown;
}
const bodies = async (calls: Request[], path: string) =>
  Promise.all(
    calls
      .filter(({ method, url }) => method === 'POST' && url.endsWith(path))
      .map((call) => call.json() as Promise<Record<string, unknown>>),
  );

describe('uploading a file', () => {
  it('sends the first bytes, and shows what they tell', async () => {
    const { calls } = await chosen();
    expect(await screen.findByText('3 of 4 values look like e-mail addresses.')).toBeVisible();
    expect(screen.getByText('e-mail addresses: 3 · other text: 1')).toBeVisible();
    expect(screen.getByText(/Packed with gzip/)).toBeVisible();
    expect(screen.getByText('evtl')).toBeVisible();
    expect(await bodies(calls, '/uploads/preview')).toEqual([{ fileName: 'people.csv', sizeBytes: FILE.size }]);
    expect(put).toHaveBeenCalledWith(CREATED.uploadUrl, expect.objectContaining({ size: 10 }), expect.anything());
    expect(screen.getByText('What would be refused')).toBeVisible();
    expect(screen.getByText('By all 4 rows, read as an upload reads them.')).toBeVisible();
    expect(screen.getAllByText('invalid_email')[0]).toBeVisible();
  });

  it('checks the mapping again as it is by then', async () => {
    const { calls } = await chosen();
    await userEvent.click(await screen.findByRole('button', { name: 'Check this mapping' }));
    await waitFor(async () =>
      expect(
        await bodies(
          calls.map((call) => call.clone()),
          '/uploads/preview',
        ),
      ).toHaveLength(2),
    );
    const [, again] = await bodies(calls, '/uploads/preview');
    expect(again).toMatchObject({
      format: 'csv',
      mode: 'delta',
      columns: [
        { column: 'E-Mail', as: 'identity', namespace: 'Email_LC_SHA256', transform: 'hash' },
        { column: 'Einwilligung', as: 'share', answers: { ja: 'y' } },
      ],
    });
  });

  it('says why an upload would fail', async () => {
    const error = { reason: 'not_utf8', detail: 'the file is Latin-1, not UTF-8' };
    await chosen({ 'GET /uploads/preview/prv_1': () => ({ ...LOOK, wouldReject: null, error }) });
    expect(await screen.findByText(error.detail)).toBeVisible();
    expect(screen.getByText('No row could be read this way.')).toBeVisible();
  });

  it('says that the first bytes were not taken, and sends them again', async () => {
    vi.mocked(put).mockRejectedValueOnce(new StoreError(403, '<Code>AccessDenied</Code>'));
    await chosen();
    expect(await screen.findByText(/AccessDenied/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('3 of 4 values look like e-mail addresses.')).toBeVisible();
  });

  it('makes an import of several files, with the columns that folders tell of', async () => {
    const imported = { importId: 'imp_1', uploadUrls: ['http://store.test/0'], nextCursor: 'more', expiresAt: '' };
    const parts = { items: [{ uploadUrl: 'http://store.test/1' }], nextCursor: null };
    const { container, calls } = await chosen({
      'POST /imports': () => imported,
      'GET /imports/imp_1/parts': () => parts,
      'POST /imports/imp_1/start': () => ({}),
    });
    const inFolder = (path: string) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return Object.defineProperty(new File(['1'], name), 'webkitRelativePath', { value: path });
    };
    const folder = container.querySelector<HTMLInputElement>('input[webkitdirectory]');
    if (!folder) throw new Error('no input of folders');
    await userEvent.upload(folder, ['out/dt=2/b.csv', 'out/_SUCCESS', 'out/dt=1/a.csv'].map(inFolder));
    expect(await screen.findByText(/names that begin with _ or . are no data/)).toHaveTextContent('_SUCCESS');
    expect(await screen.findByText('The folders’ names tell its values.')).toBeVisible();
    expect(screen.getByText(/Of a.csv alone/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Dry run' })).toHaveAttribute('aria-disabled', 'true');
    await userEvent.click(screen.getByRole('button', { name: 'Upload' }));
    await screen.findByText('elsewhere');
    expect(await bodies(calls, '/imports')).toMatchObject([
      { fileName: 'out', files: ['dt=1/a.csv', 'dt=2/b.csv'], format: 'csv' },
    ]);
    const [id, files, linkOf, start] = vi.mocked(sendParts).mock.calls[0] ?? [];
    expect([id, files?.map(({ number }) => number)]).toEqual(['imp_1', [0, 1]]);
    expect(await linkOf?.(0, false)).toBe('http://store.test/0');
    expect(await linkOf?.(1, false)).toBe('http://store.test/1');
    expect(calls.find(({ url }) => url.includes('/parts'))?.url).toContain('cursor=more');
    await start?.();
    expect(calls.at(-1)?.url).toContain('/imports/imp_1/start');
  });

  it('lets columns be added by hand where a file cannot be looked at', async () => {
    await chosen({ 'POST /uploads/preview': () => problem(422, { detail: 'not now' }) });
    expect(await screen.findByText('not now')).toBeVisible();
    await userEvent.type(screen.getByRole('textbox', { name: /Add a column/ }), 'mail');
    await userEvent.click(screen.getByRole('button', { name: 'Add' }));
    expect(screen.getByText('mail')).toBeVisible();
  });
});
