import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Permission } from '../../api/me';
import { type Answers, problem, show } from '../../testing/render';
import CreateSource from './CreateSource';
import EditSource from './EditSource';
import { changesTo, EMPTY, inputOf, missingIn, newSource, type SourceInput } from './input';
import { rightsOf, trustOf } from './policies';
import { placeOf, type Source, statusOf } from './queries';
import SourceDetail from './SourceDetail';
import SourceList from './SourceList';
import { everyWords } from './words';

const RUN = {
  at: '2026-11-30T06:00:00.000Z',
  trigger: 'schedule',
  status: 'started',
  importId: 'imp_1',
  files: 3,
  bytes: 2000,
  leftOut: { hidden: 1 },
  more: false,
  error: null,
};
const SOURCE = {
  sourceId: 'src_1',
  externalId: 'src_1',
  name: 'Nightly <b>export</b>',
  description: null,
  kind: 's3',
  status: 'enabled',
  settings: {
    bucket: 'exports',
    region: 'eu-west-1',
    prefix: 'a/',
    roleArn: 'arn:aws-cn:iam::111122223333:role/handfast-source-x',
  },
  secrets: [],
  takes: 'new',
  schedule: { everyMinutes: null, timeOfDay: '06:30', timeZone: 'Europe/Berlin' },
  onEvents: true,
  running: false,
  lastRun: RUN,
  nextRunAt: '2999-01-01T00:00:00.000Z',
  createdAt: '2026-11-01T00:00:00.000Z',
  updatedAt: '2026-11-01T00:00:00.000Z',
  version: 1,
  format: 'csv',
  mode: 'delta',
  preset: null,
  segmentId: null,
  columns: [{ column: 'mail', as: 'identity', namespace: 'Email_LC_SHA256', name: null }],
} as unknown as Source;
const SFTP = {
  ...SOURCE,
  kind: 'sftp',
  settings: { host: 'files.example.com', port: 22, hostKey: 'ssh-ed25519 AAAA', directory: 'out', userName: 'h' },
  secrets: ['password'],
} as Source;
const page = (...items: unknown[]) => ({ items, nextCursor: null });
const READS: Answers = {
  'GET /sources/src_1': () => SOURCE,
  'GET /sources': () => page(SOURCE),
  'GET /imports': () => page(),
  'GET /segments': () => page(),
  'GET /namespaces': () => page(),
  'GET /reference/namespaces': () => page(),
  'GET /reference/labels': () => page(),
};
const WRITER: Permission[] = ['segments:read', 'segments:write'];
const at = (path: string, route: string, answers: Answers = {}, permissions = WRITER) => ({
  area: 'sources',
  at: path,
  route,
  permissions,
  answers: { ...READS, ...answers },
});
const bodyOf = async (calls: Request[], method: string, path: string) =>
  (await calls.find((call) => call.method === method && new URL(call.url).pathname.endsWith(path))?.json()) as unknown;

describe('what is sent', () => {
  const s3: SourceInput = {
    ...EMPTY,
    name: ' Exports ',
    settings: { bucket: 'b', region: 'eu-west-1', prefix: '', roleArn: 'arn' },
    when: 'every',
  };
  const columns = { fileName: 'sample.csv', format: 'csv', mode: 'delta', columns: [] } as never;

  it('has what was entered of the kind, and how files are read without the sample', () => {
    expect(newSource(s3, columns)).toEqual({
      format: 'csv',
      mode: 'delta',
      columns: [],
      name: 'Exports',
      description: null,
      kind: 's3',
      settings: { bucket: 'b', region: 'eu-west-1', roleArn: 'arn' },
      takes: 'new',
      schedule: { everyMinutes: 60, timeZone: 'UTC' },
      onEvents: false,
    });
    expect(newSource({ ...s3, kind: 'delta', onEvents: true, when: 'hand' }, columns)).not.toHaveProperty('takes');
    const preset = { ...s3, reading: 'preset' as const, preset: 'rtc-collaboration', dataSourceId: 'ds_1' };
    expect(newSource(preset, columns)).toMatchObject({
      preset: 'rtc-collaboration',
      createSegments: true,
      dataSourceId: 'ds_1',
    });
  });

  it('has of a change what differs, and no secret that was not entered', () => {
    const kept = changesTo(SFTP, { ...inputOf(SFTP), name: 'New', when: 'hand' }, null);
    expect(kept).toEqual({ name: 'New', description: null, takes: 'new', schedule: null, onEvents: false });
    const other = { ...inputOf(SFTP), signIn: 'privateKey' as const };
    const moved = { ...other, settings: { ...other.settings, port: '2222', privateKey: '-----KEY-----\n' } };
    expect(changesTo(SFTP, moved, null).settings).toEqual({
      port: 2222,
      privateKey: '-----KEY-----\n',
      password: null,
    });
    expect(changesTo(SOURCE, { ...inputOf(SOURCE), reading: 'preset', preset: 'x' }, null)).toMatchObject({
      preset: 'x',
      columns: [],
      mode: null,
    });
    const whole = { ...SOURCE, mode: 'snapshot' } as Source;
    expect(changesTo(whole, inputOf(whole), null).takes).toBeNull();
  });

  it('is not sent while something is missing', () => {
    expect(missingIn(0, EMPTY, false)).toEqual(['name']);
    expect(missingIn(1, EMPTY, false)).toEqual(['bucket', 'region', 'roleArn']);
    expect(missingIn(1, inputOf(SFTP), false, ['password'])).toEqual([]);
    expect(missingIn(1, { ...EMPTY, kind: 'sftp' }, false)).toEqual(['host', 'hostKey', 'userName', 'privateKey']);
    expect(missingIn(2, EMPTY, false)).toEqual(['sample']);
    expect(missingIn(2, { ...EMPTY, reading: 'preset', preset: 'audience-manager-sync' }, false)).toEqual(['fileName']);
    expect(missingIn(3, { ...EMPTY, timeOfDay: '6:' }, true)).toEqual(['timeOfDay']);
  });
});

it('the policies name the source, its folder and nothing else', () => {
  const { Statement: trust } = JSON.parse(trustOf(SOURCE));
  expect(trust[0].Condition).toEqual({ StringEquals: { 'sts:ExternalId': 'src_1' } });
  const { Statement: rights } = JSON.parse(rightsOf(SOURCE));
  expect(rights.map(({ Action, Resource }: { Action: string; Resource: string }) => [Action, Resource])).toEqual([
    ['s3:ListBucket', 'arn:aws-cn:s3:::exports'],
    ['s3:GetObject', 'arn:aws-cn:s3:::exports/a/*'],
  ]);
  expect(rights[0].Condition).toEqual({ StringLike: { 's3:prefix': ['a/*'] } });
  expect(rightsOf({ settings: { bucket: 'b' } })).not.toContain('Condition');
});

it('a source is told in words', () => {
  expect(placeOf(SOURCE)).toBe('s3://exports/a/');
  expect(placeOf(SFTP)).toBe('sftp://h@files.example.com:22/out');
  expect(statusOf({ ...SOURCE, status: 'paused' })).toBe('paused');
  expect(statusOf({ ...SOURCE, lastRun: { ...RUN, status: 'failed' } as never })).toBe('failing');
  const english = {
    formatNumber: new Intl.NumberFormat('en', { style: 'unit', unit: 'hour', unitDisplay: 'long' }).format,
  };
  expect(everyWords(english as never, 120)).toBe('2 hours');
});

describe('the pages', () => {
  it('list sources with schedule and runs, as text', async () => {
    await show(<SourceList />, at('sources', 'sources'));
    const row = (await screen.findByText(SOURCE.name)).closest('tr') as HTMLElement;
    expect(row).toHaveTextContent('Daily at 06:30, Europe/Berlin · When files come');
    expect(row).toHaveTextContent('Import begun');
  });

  it('say what to do first where there is none', async () => {
    await show(<SourceList />, at('sources', 'sources', { 'GET /sources': () => page() }, ['segments:read']));
    expect(await screen.findByText(/Create a source where a system of yours/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Create source' })).toHaveAttribute('aria-disabled', 'true');
  });

  it('tell each outcome of a test, and what to do', async () => {
    const checks = [{ name: 'role', ok: false, detail: 'the role cannot be assumed' }];
    await show(
      <SourceDetail />,
      at('sources/src_1', 'sources/:source', {
        'POST /sources/src_1/test': () => ({ ok: false, outcome: 'authentication_failed', checks }),
      }),
    );
    await userEvent.click(await screen.findByRole('button', { name: 'Test' }));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText('Sign-in has failed')).toBeVisible();
    expect(within(dialog).getByText('the role cannot be assumed')).toBeVisible();
  });

  it('show which files a run would take before it is begun', async () => {
    const found = {
      dryRun: true,
      files: 1,
      bytes: 1000,
      sample: [{ name: 'part-0.csv', bytes: 1000, partition: {} }],
      leftOut: { hidden: 1 },
      leftOutSample: [{ name: '_SUCCESS', bytes: 0, reason: 'hidden' }],
      more: true,
    };
    const { calls } = await show(
      <SourceDetail />,
      at('sources/src_1', 'sources/:source', {
        'POST /sources/src_1/run': ({ url }) => (url.includes('dryRun=true') ? found : RUN),
      }),
    );
    await userEvent.click(await screen.findByRole('button', { name: 'Run now' }));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText('part-0.csv')).toBeVisible();
    expect(within(dialog).getByText('_SUCCESS').closest('tr')).toHaveTextContent('Hidden');
    expect(within(dialog).getByText(/There are more/)).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Run now' }));
    expect(await screen.findByText('A run has begun: 3 files are taken.')).toBeVisible();
    expect(calls.filter(({ url }) => url.includes('/run'))).toHaveLength(2);
  });

  it('say why the last run has failed, and let it be paused', async () => {
    const failed = { ...RUN, status: 'failed', importId: null, error: { reason: 'gone', detail: 'no such bucket' } };
    const { calls } = await show(
      <SourceDetail />,
      at('sources/src_1', 'sources/:source', {
        'GET /sources/src_1': () => ({ ...SOURCE, lastRun: failed }),
        'PATCH /sources/src_1': () => ({ ...SOURCE, status: 'paused' }),
      }),
    );
    expect(await screen.findByText('no such bucket')).toBeVisible();
    expect(screen.getByText('Failing')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Actions' }));
    await userEvent.click(screen.getByRole('menuitem', { name: 'Pause' }));
    expect(await bodyOf(calls, 'PATCH', '/sources/src_1')).toEqual({ status: 'paused' });
  });

  it('set one up by a preset, and show what the API refuses at its field', async () => {
    const refused = problem(422, { errors: [{ pointer: '/settings/bucket', message: 'is no bucket' }] });
    const { calls } = await show(
      <CreateSource />,
      at('sources/create', 'sources/create', { 'POST /sources': () => refused }),
    );
    const next = async () => userEvent.click(screen.getByRole('button', { name: 'Next' }));
    await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), 'Exports');
    await next();
    await next();
    expect(await screen.findAllByText('This is missing.')).toHaveLength(3);
    await userEvent.type(screen.getByRole('textbox', { name: 'Bucket' }), 'b');
    await userEvent.type(screen.getByRole('textbox', { name: 'Region' }), 'eu-west-1');
    await userEvent.type(screen.getByRole('textbox', { name: 'Role' }), 'arn');
    await next();
    await userEvent.click(await screen.findByRole('radio', { name: /By the system that writes them/ }));
    await userEvent.click(screen.getByRole('button', { name: /^System/ }));
    await userEvent.click(await screen.findByRole('option', { name: /Real-Time CDP Collaboration/ }));
    await next();
    await next();
    await userEvent.click(screen.getByRole('button', { name: 'Create source' }));
    expect(await screen.findByText(/is no bucket/)).toBeVisible();
    expect(await bodyOf(calls, 'POST', '/sources')).toMatchObject({ preset: 'rtc-collaboration', kind: 's3' });
    for (let step = 0; step < 3; step += 1) await userEvent.click(screen.getByRole('button', { name: 'Previous' }));
    expect(await screen.findByText('is no bucket')).toBeVisible();
  });

  it('change one without reading its files anew', async () => {
    const { calls } = await show(
      <EditSource />,
      at('sources/src_1/edit', 'sources/:source/edit', { 'PATCH /sources/src_1': () => SOURCE }),
    );
    const name = await screen.findByRole('textbox', { name: 'Name' });
    await userEvent.clear(name);
    await userEvent.type(name, 'Weekly');
    for (let step = 0; step < 4; step += 1) await userEvent.click(screen.getByRole('button', { name: 'Next' }));
    await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
    await waitFor(async () => expect(calls.some(({ method }) => method === 'PATCH')).toBe(true));
    expect(await bodyOf(calls, 'PATCH', '/sources/src_1')).toEqual({
      name: 'Weekly',
      description: null,
      takes: 'new',
      schedule: { timeOfDay: '06:30', timeZone: 'Europe/Berlin' },
      onEvents: true,
    });
  });
});
