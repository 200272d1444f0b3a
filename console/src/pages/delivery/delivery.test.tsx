import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { Permission } from '../../api/me';
import { show } from '../../testing/render';
import DataflowDetail from './DataflowDetail';
import type { PartnerDataflow } from './queries';

const FLOW: PartnerDataflow = {
  dataflowId: 'flow_1',
  direction: 'outgoing',
  status: 'active',
  segmentIds: ['seg_1'],
  segments: [{ segmentId: 'seg_1', name: 'Buyers' }],
  held: [{ segmentId: 'seg_1', namespace: 'Email_LC_SHA256', reason: 'guard_share' }],
  createdAt: '2026-03-02T09:30:00.000Z',
  updatedAt: '2026-03-02T09:30:00.000Z',
  partner: { organizationName: 'Example Media', sandboxName: 'production' },
  connectionId: 'con_1',
  feedId: 'feed_1',
  feedName: 'Readers',
  receivedFeedId: 'rf_1',
};
const RUN = {
  runId: 'run_1',
  status: 'running',
  reason: 'data.changed',
  failure: null,
  startedAt: '2026-03-02T09:30:00.000Z',
  completedAt: null,
  progress: { done: 3, total: 12 },
  profilesReceived: null,
  identitiesActivated: null,
  identitiesExcluded: null,
  identitiesFailed: 0,
  realized: null,
  exited: null,
};
const part = {
  members: 9530,
  steps: [
    { reason: 'consent', identities: 210, people: 110 },
    { reason: 'policy', identities: 0, people: 0 },
  ],
  cleared: 9320,
  shared: null,
  people: null,
};
const POPULATION = {
  ...part,
  namespaces: [
    {
      ...part,
      namespace: 'Email_LC_SHA256',
      sharedEstimate: { estimate: 1550, low: 1480, high: 1620 },
      belowThreshold: false,
    },
  ],
  sharedAsOf: '2026-03-02T09:30:00.000Z',
  notCounted: [],
  privacy: { sigma: 25, answersSpent: 6, answersADay: 100, epsilonSpent: 0.5, epsilonADay: 2.1, delta: 0.000001 },
};
const permissions: Permission[] = ['feeds:read', 'feeds:write', 'segments:read'];
const options = { area: 'delivery', permissions, at: 'delivery/flow_1', route: 'delivery/:dataflow' };
const answers = {
  'GET /dataflows/flow_1': () => FLOW,
  'GET /dataflows/flow_1/runs': () => ({ items: [RUN], nextCursor: null }),
  'GET /dataflows/flow_1/population': () => POPULATION,
  'GET /segments': () => ({ items: [{ segmentId: 'seg_1', name: 'Buyers' }], nextCursor: null }),
  'POST /dataflows/flow_1/release': () => ({ dryRun: true, dataflowId: 'flow_1', held: FLOW.held }),
};

it('tells in words why fewer are shared, and what the partner was given with its noise', async () => {
  await show(<DataflowDetail />, { ...options, answers });
  const figure = within(await screen.findByRole('table', { name: 'Population' }));
  expect(figure.getByText('9,530')).toBeVisible();
  expect(figure.getByText('−210')).toBeVisible();
  expect(figure.getByText('9,320')).toBeVisible();
  expect(figure.queryByText('Policy')).toBeNull();
  expect(screen.getByText(/210 have no consent/)).toBeVisible();
  expect(screen.getByText('110 people are not shared for this reason.')).toBeVisible();
  expect(screen.getByText(/about 1,550 \(1,480 to 1,620\)/)).toBeVisible();
});

it('shows what a release lets pass before it is done', async () => {
  const { calls } = await show(<DataflowDetail />, { ...options, answers });
  await userEvent.click(await screen.findByRole('button', { name: 'Release' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(await dialog.findByText('Buyers')).toBeVisible();
  await userEvent.click(dialog.getByRole('button', { name: 'Release' }));
  const releases = calls.filter(({ url }) => url.includes('/release')).map(({ url }) => new URL(url).search);
  expect(releases).toEqual(['?dryRun=true', '']);
});

it('shows how far a run has come', async () => {
  await show(<DataflowDetail />, { ...options, answers });
  await userEvent.click(await screen.findByRole('tab', { name: 'Runs' }));
  expect(await screen.findAllByText('3 of 12 parts')).toHaveLength(2);
  expect(screen.getByText('Data changed')).toBeVisible();
});

it('says that the partner does not show what comes before', async () => {
  const hidden = { ...POPULATION, members: null, steps: [], cleared: null, shared: 1550, privacy: null };
  const incoming = { ...FLOW, direction: 'incoming' as const, held: [] };
  await show(<DataflowDetail />, {
    ...options,
    answers: {
      ...answers,
      'GET /dataflows/flow_1': () => incoming,
      'GET /dataflows/flow_1/population': () => ({ ...hidden, namespaces: [] }),
    },
  });
  expect(await screen.findByText('1,550 identities have arrived.')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull();
});
