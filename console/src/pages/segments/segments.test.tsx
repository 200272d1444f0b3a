import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { problem, show } from '../../testing/render';
import CreateSegment from './CreateSegment';
import { usersIn } from './DeleteSegment';
import EditSegment from './EditSegment';
import { changesOf, inputOf } from './editing';
import type { Segment, Upload } from './queries';
import SegmentDetail from './SegmentDetail';
import SegmentList from './SegmentList';
import UploadDetail from './uploads/UploadDetail';

const SEGMENT: Segment = {
  segmentId: 'seg_1',
  name: 'Readers',
  description: null,
  externalId: null,
  origin: 'own',
  labels: ['C1'],
  inheritedLabels: [{ label: 'I1', from: { entityType: 'column', entityId: 'seg_1/mail', name: 'mail' } }],
  restrictedMarketingActions: [],
  expression: null,
  lostSegmentIds: [],
  counts: { identities: 12350, byNamespace: { Email_LC_SHA256: 12350 }, people: 1320, peopleAsOf: null },
  receivedFeedId: null,
  integrationCode: null,
  dataSource: null,
  profileMergeRule: null,
  segmentRule: null,
  folder: null,
  updatedAt: '2026-03-02T09:31:12.450Z',
};
const COMPOSED: Segment = { ...SEGMENT, segmentId: 'seg_2', name: 'Loyal', expression: 'seg_1 AND NOT seg_3' };
const UPLOAD: Upload = {
  uploadId: 'upl_1',
  fileName: 'readers.csv',
  format: 'csv',
  mode: 'delta',
  segmentId: 'seg_1',
  segmentName: 'Readers',
  dataSourceId: null,
  delimiter: ',',
  asOf: null,
  status: 'completed',
  waiting: false,
  progress: { done: 1, total: 1 },
  counts: {
    rows: 100,
    accepted: 97,
    rejected: 3,
    rejectedByReason: { invalid_email: 3 },
    valuesRejected: {},
    repeated: 0,
    people: 97,
    replaced: 0,
    shapes: {},
    realized: 97,
    exited: 0,
    segmentsCreated: 0,
    unknownShares: {},
  },
  rejectsUrl: 'https://data.example.com/rejects',
  warnings: [],
  error: null,
  preview: null,
  createdAt: '2026-03-02T09:30:00.000Z',
  expiresAt: '2026-04-01T09:30:00.000Z',
};
const page = <T,>(...items: T[]) => ({ items, nextCursor: null });
const permissions = ['segments:read' as const, 'segments:write' as const];
const options = { area: 'segments', permissions };
const answers = {
  'GET /segments': () => page(SEGMENT, COMPOSED),
  'GET /segments/seg_1': () => Response.json(SEGMENT, { headers: { ETag: '"3-a"' } }),
  'GET /segments/seg_2': () => Response.json(COMPOSED, { headers: { ETag: '"1-b"' } }),
  'GET /segments/seg_1/renderings': () => ({ items: [] }),
  'GET /uploads': () => page(UPLOAD),
  'GET /uploads/upl_1': () => UPLOAD,
  'GET /reference/labels': () => page({ code: 'C1', name: 'C1', description: 'May leave only in aggregate' }),
  'GET /reference/namespaces': () => page({ code: 'Email_LC_SHA256', name: 'E-mail', description: 'x' }),
  'GET /reference/reasons': () =>
    page({ code: 'invalid_email', name: 'Invalid e-mail', description: 'Not an address', subject: 'value' }),
  'GET /namespaces': () => page(),
};

describe('the list', () => {
  it('says what to do first where there is none', async () => {
    await show(<SegmentList />, { ...options, answers: { 'GET /segments': () => page() } });
    expect(await screen.findByText(/Create a segment, then upload/)).toBeVisible();
  });

  it('tells apart what is own, composed and received, with all labels that count', async () => {
    const received = { ...SEGMENT, segmentId: 'seg_4', name: 'Theirs', origin: 'received' as const, folder: 'Folder' };
    await show(<SegmentList />, { ...options, answers: { 'GET /segments': () => page(SEGMENT, COMPOSED, received) } });
    const row = async (name: string) => (await screen.findByRole('link', { name })).closest('tr') as HTMLElement;
    expect(within(await row('Readers')).getByText('Own')).toBeVisible();
    expect(within(await row('Readers')).getByText('I1')).toBeVisible();
    expect(within(await row('Loyal')).getByText('Composed')).toBeVisible();
    expect(within(await row('Theirs')).getByText('Received')).toBeVisible();
  });

  it('shows a hostile name as text', async () => {
    const name = `<img src=x onerror=alert(1)>${'x'.repeat(10_000)}`;
    await show(<SegmentList />, { ...options, answers: { 'GET /segments': () => page({ ...SEGMENT, name }) } });
    expect(await screen.findByRole('link', { name })).toBeVisible();
    expect(document.querySelector('img[src=x]')).toBeNull();
  });
});

describe('the page of one', () => {
  const at = { at: 'segments/seg_1', route: 'segments/:segment' };

  it('shows what labels mean, what uses it, and no members to those who may not see them', async () => {
    await show(<SegmentDetail />, { ...options, ...at, answers });
    expect(await screen.findByText('May leave only in aggregate')).toBeVisible();
    expect(await screen.findByRole('link', { name: 'Loyal' })).toBeVisible();
    expect(screen.getByText(/does not include feeds:read/)).toBeVisible();
    expect(screen.getByText(/does not include profiles:read/)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Export' })).toBeNull();
  });

  it('shows members cut, and copies them whole', async () => {
    const value = 'b'.repeat(64);
    const member = { namespace: 'Email_LC_SHA256', value, segmentIds: ['seg_1'], since: SEGMENT.updatedAt };
    const members = { 'GET /segments/seg_1/members': () => page(member) };
    await show(<SegmentDetail />, {
      ...options,
      ...at,
      permissions: [...permissions, 'profiles:read'],
      answers: { ...answers, ...members },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Show members' }));
    expect(await screen.findByText(`${'b'.repeat(24)}…`)).toBeVisible();
  });

  it('says what stands in the way of deleting it', async () => {
    const refusal = () => problem(409, { current: 'in_use', detail: 'in use', ...{ feedIds: ['feed_1'] } });
    await show(<SegmentDetail />, { ...options, ...at, answers: { ...answers, 'DELETE /segments/seg_1': refusal } });
    await userEvent.click(await screen.findByRole('button', { name: 'Delete' }));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByRole('link', { name: 'Loyal' })).toBeVisible();
    await userEvent.type(within(dialog).getByRole('textbox'), SEGMENT.name);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Delete' }));
    expect(await within(dialog).findByRole('link', { name: 'feed_1' })).toBeVisible();
    expect(within(dialog).getByText('Request ID: req-1')).toBeVisible();
  });

  it('shows of a composed segment the names of its parts, and which are lost', async () => {
    const lost = () => Response.json({ ...COMPOSED, lostSegmentIds: ['seg_3'] });
    await show(<SegmentDetail />, {
      ...options,
      at: 'segments/seg_2',
      route: 'segments/:segment',
      answers: { ...answers, 'GET /segments/seg_2': lost },
    });
    expect(await screen.findByText('Nobody is a member of this segment now')).toBeVisible();
    expect(await screen.findByRole('link', { name: 'Readers' })).toBeVisible();
  });
});

describe('making and changing one', () => {
  it('hints at what is wrong as one types, and shows what the API says at its field until it is changed', async () => {
    const errors = [{ pointer: '/expression', message: 'at character 1: no such segment' }];
    await show(<CreateSegment />, {
      ...options,
      at: 'segments/create',
      route: 'segments/create',
      answers: { ...answers, 'POST /segments': () => problem(422, { errors }) },
    });
    await userEvent.click(await screen.findByRole('radio', { name: 'Other segments' }));
    const written = screen.getByRole('textbox', { name: 'Expression' });
    await userEvent.type(written, 'seg_1 AND seg_9');
    expect(await screen.findByText('At character 11: there is no segment seg_9.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Create segment' }));
    await waitFor(() => expect(written).toHaveAccessibleDescription(/no such segment/));
    await userEvent.clear(written);
    expect(written).not.toHaveAccessibleDescription(/no such segment/);
  });

  it('asks the API about another expression, and shows what it would do before it is done', async () => {
    const dry = { dryRun: true, segments: [], dataflows: [] };
    const { calls } = await show(<EditSegment />, {
      ...options,
      at: 'segments/seg_2/edit',
      route: 'segments/:segment/edit',
      answers: {
        ...answers,
        'GET /segments': () => page(SEGMENT, COMPOSED, { ...SEGMENT, segmentId: 'seg_3' }),
        'PATCH /segments/seg_2': (request) => (request.url.includes('dryRun') ? dry : COMPOSED),
      },
    });
    const written = await screen.findByRole('textbox', { name: 'Expression' });
    await userEvent.clear(written);
    await userEvent.type(written, 'seg_1');
    expect(await screen.findByText('Checked: this expression can be saved.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText(/stops or resumes/)).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save changes' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    const sent = calls.filter(({ method, url }) => method === 'PATCH' && !url.includes('dryRun'));
    expect(sent).toHaveLength(1);
    expect(sent[0]?.headers.get('If-Match')).toBe('"1-b"');
    expect(await sent[0]?.json()).toEqual({ expression: 'seg_1' });
  });

  it('sends what has changed, and takes away what is empty', () => {
    const named = { ...SEGMENT, description: 'x', externalId: 'r' };
    expect(changesOf(named, inputOf(named))).toEqual({});
    expect(changesOf(named, { ...inputOf(named), name: ' New ', description: ' ', labels: ['C1', 'C2'] })).toEqual({
      name: 'New',
      description: null,
      labels: ['C1', 'C2'],
    });
  });

  it('reads who uses a segment from a refusal alone', () => {
    expect(usersIn(new Error('x'))).toEqual([]);
  });
});

describe('an upload', () => {
  const at = { at: 'segments/uploads/upl_1', route: 'segments/uploads/:upload' };

  it('says why rows were refused, with the list of them', async () => {
    await show(<UploadDetail />, { ...options, ...at, answers });
    expect(await screen.findByText('Not an address')).toBeVisible();
    expect(screen.getByRole('link', { name: /Download list/ })).toHaveAttribute('href', UPLOAD.rejectsUrl);
  });

  it('says what to do when a guard has stopped it', async () => {
    const error = { reason: 'reject_guard', detail: '40 % of the rows were refused' };
    const stopped = () => ({ ...UPLOAD, status: 'failed', error });
    await show(<UploadDetail />, { ...options, ...at, answers: { ...answers, 'GET /uploads/upl_1': stopped } });
    expect(await screen.findByText(error.detail)).toBeVisible();
    expect(screen.getByText(/allow refused rows under Further settings/)).toBeVisible();
  });

  it('says of a file that was not sent from here that it has not come', async () => {
    const awaited = () => ({ ...UPLOAD, status: 'awaiting_file' });
    await show(<UploadDetail />, { ...options, ...at, answers: { ...answers, 'GET /uploads/upl_1': awaited } });
    expect(await screen.findByText('The file has not come yet')).toBeVisible();
  });
});
