import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Permission } from '../../../api/me';
import { show } from '../../../testing/render';
import type { Import } from '../queries';
import ImportDetail from './ImportDetail';
import type { Part } from './imports';
import { isCancellable, match, takesParts } from './repairs';
import UploadList from './UploadList';

vi.mock('./transfers', async (original) => ({
  ...(await original<object>()),
  sendParts: vi.fn(async () => undefined),
}));
const { sendParts } = await import('./transfers');

const NOTHING = { rows: 0, accepted: 0, rejected: 0, people: 0, repeated: 0, realized: 0, exited: 0, replaced: 0 };
const BROKEN = { reason: 'missing_column', detail: 'the file has no column <b>Mail</b>' };
const FAILED = {
  importId: 'imp_1',
  fileName: 'export',
  format: 'csv',
  mode: 'delta',
  segmentId: null,
  segmentName: null,
  sourceId: null,
  status: 'failed',
  waiting: false,
  progress: { done: 0, total: 0 },
  parts: { total: 3, done: 0, failed: [{ name: 'dt=1/b.csv', error: BROKEN }], failedTotal: 1 },
  splits: null,
  counts: { ...NOTHING, rejectedByReason: {}, valuesRejected: {}, shapes: {}, segmentsCreated: 0, unknownShares: {} },
  preview: null,
  warnings: [],
  error: { reason: 'parts_refused', detail: '1 of 3 parts cannot be read' },
  createdAt: '2026-11-30T10:00:00.000Z',
  expiresAt: '2999-12-01T10:00:00.000Z',
} as unknown as Import;
const part = (number: number, name: string, more: Partial<Part> = {}): Part => ({
  number,
  name,
  sizeBytes: 3,
  error: null,
  uploadUrl: `http://store.test/${number}`,
  ...more,
});
const PARTS = [part(0, 'dt=1/a.csv'), part(1, 'dt=1/b.csv', { error: BROKEN }), part(2, 'dt=2/a.csv')];
const page = (...items: unknown[]) => ({ items, nextCursor: null });
const file = (name: string, content = '123') => ({ name, file: new File([content], name) });

const shown = (imported: unknown, permissions: Permission[] = ['segments:read', 'segments:write'], answers = {}) =>
  show(<ImportDetail />, {
    area: 'segments',
    permissions,
    at: 'segments/imports/imp_1',
    route: 'segments/imports/:import',
    answers: {
      'GET /imports/imp_1': () => imported,
      'GET /imports/imp_1/parts': () => page(...PARTS),
      'GET /segments': () => page(),
      'GET /reference/reasons': () => page({ code: 'missing_column', subject: 'upload', name: 'Missing column' }),
      ...answers,
    },
  });

describe('which parts files are', () => {
  it('is told by their paths, or by their names where one part alone has it', () => {
    expect(match(PARTS, [file('b.csv'), file('a.csv')])).toMatchObject({
      sending: [{ number: 1 }],
      missing: [],
      strangers: ['a.csv'],
    });
    expect(match(PARTS, [file('x.csv')])).toEqual({ sending: [], missing: ['dt=1/b.csv'], strangers: ['x.csv'] });
  });

  it('leaves what is there as it was chosen, and sends what has become another', () => {
    const all = [file('dt=1/a.csv'), file('dt=1/b.csv'), file('dt=2/a.csv', 'longer')];
    expect(match(PARTS, all).sending.map(({ number }) => number)).toEqual([1, 2]);
    expect(match([part(0, 'a', { sizeBytes: null }), part(1, 'b')], [file('a')]).sending).toHaveLength(1);
  });
});

it('parts may be put until a day is over, it was given up, or it is of a source', () => {
  expect(takesParts(FAILED, 0)).toBe(true);
  expect(takesParts({ ...FAILED, status: 'processing' }, 0)).toBe(false);
  expect(takesParts({ ...FAILED, sourceId: 'src_1' }, 0)).toBe(false);
  expect(takesParts({ ...FAILED, error: { reason: 'cancelled', detail: '' } }, 0)).toBe(false);
  expect(takesParts(FAILED, Date.parse(FAILED.expiresAt))).toBe(false);
  expect(isCancellable({ ...FAILED, status: 'processing' })).toBe(true);
  expect(isCancellable({ ...FAILED, status: 'processing', progress: { done: 0, total: 4 } })).toBe(false);
  expect(isCancellable(FAILED)).toBe(false);
});

describe('the page of an import', () => {
  it('names each bad file with what to fix, takes it repaired by its name, and starts again', async () => {
    const { container } = await shown(FAILED);
    const table = await screen.findByRole('table', { name: 'Files that could not be read' });
    expect(within(table).getByText('dt=1/b.csv')).toBeVisible();
    expect(await within(table).findByText('Missing column')).toBeVisible();
    expect(within(table).getByText(BROKEN.detail)).toBeVisible();
    expect(within(table).getByText(/the columns of the other files/)).toBeVisible();
    expect(await screen.findByRole('button', { name: 'Start again' })).toHaveAttribute('aria-disabled', 'true');
    const [input] = container.querySelectorAll<HTMLInputElement>('input[type=file]');
    if (!input) throw new Error('no input');
    await userEvent.upload(input, new File(['Mail\nx'], 'b.csv'));
    await userEvent.click(await screen.findByRole('button', { name: 'Send and start again' }));
    await waitFor(() => expect(sendParts).toHaveBeenCalledOnce());
    expect(vi.mocked(sendParts).mock.calls[0]?.[1]).toMatchObject([{ number: 1 }]);
  });

  it('says after a reload how many files are there, and asks for the others', async () => {
    const answers = {
      'GET /imports/imp_1/parts': () => page(part(0, 'a.csv'), part(1, 'b.csv', { sizeBytes: null })),
    };
    await shown({ ...FAILED, status: 'awaiting_file', error: null }, undefined, answers);
    expect(await screen.findByText('Not all files have come')).toBeVisible();
    expect(await screen.findByText(/1 of 2 files are here/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Start' })).toHaveAttribute('aria-disabled', 'true');
  });

  it('shows how far the reading is, and gives it up when asked', async () => {
    const answers = { 'POST /imports/imp_1/cancel': () => ({ ...FAILED, error: { reason: 'cancelled', detail: '' } }) };
    const reading = { ...FAILED, status: 'processing', error: null, splits: { done: 2, total: 8 } };
    const { calls } = await shown(reading, undefined, answers);
    expect(await screen.findByText('0 of 3 files read · 2 of 8 pieces of work')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel import' }));
    await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Cancel import' }));
    await waitFor(() =>
      expect(calls.some(({ method, url }) => method === 'POST' && url.endsWith('/cancel'))).toBe(true),
    );
  });

  it('lets a viewer see, and asks for no links', async () => {
    const { calls } = await shown(FAILED, ['segments:read']);
    expect(await screen.findByText('dt=1/b.csv')).toBeVisible();
    expect(screen.queryByText('Send repaired files')).toBeNull();
    expect(calls.some(({ url }) => url.includes('/parts'))).toBe(false);
  });
});

it('the list has uploads and imports, the newest first, by what is chosen in the address', async () => {
  const upload = { ...FAILED, importId: undefined, uploadId: 'upl_1', fileName: 'people.csv', status: 'completed' };
  const given = { ...FAILED, importId: 'imp_2', fileName: 'given up', error: { reason: 'cancelled', detail: '' } };
  const answers = {
    'GET /uploads': () => page({ ...upload, createdAt: '2026-11-30T10:30:00.000Z', error: null, importId: undefined }),
    'GET /imports': () => page(FAILED, { ...given, sourceId: 'src_1' }),
    'GET /segments': () => page(),
  };
  const list = (search: string) =>
    show(<UploadList />, {
      area: 'segments',
      permissions: ['segments:read'],
      at: `segments/uploads${search}`,
      answers,
    });
  const { unmount } = await list('');
  const rows = (await screen.findAllByRole('row')).slice(1).map((row) => row.textContent);
  expect(rows.map((text) => text?.slice(0, 6))).toEqual(['people', 'export', 'given ']);
  expect(screen.getByText('Cancelled')).toBeVisible();
  expect(screen.getByRole('link', { name: 'src_1' })).toHaveAttribute(
    'href',
    expect.stringContaining('/sources/src_1'),
  );
  unmount();
  await list('?status=failed');
  expect(await screen.findByRole('link', { name: 'export' })).toBeVisible();
  expect(screen.queryByText('people.csv')).toBeNull();
});
