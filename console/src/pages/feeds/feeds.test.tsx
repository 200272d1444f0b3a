import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { problem, SANDBOX, show } from '../../testing/render';
import CreateFeed from './CreateFeed';
import EditFeed from './EditFeed';
import FeedList from './FeedList';
import type { Connection, Feed, Policy, Segment } from './queries';
import { unsavedOf } from './unsaved';

const SEGMENT = {
  segmentId: 'seg_1',
  name: 'Newsletter readers',
  origin: 'own',
  labels: [],
  inheritedLabels: [],
  counts: { identities: 3000, byNamespace: {}, people: 2000, peopleAsOf: null },
} as unknown as Segment;
const BLOCKED = { ...SEGMENT, segmentId: 'seg_2', name: '<b>Health</b>', labels: ['C11'] } as Segment;
const POLICY = {
  policyId: 'restrict_data_sharing',
  name: 'Restrict data sharing',
  enabled: true,
  marketingActions: ['segment_match'],
  deny: { label: 'C11' },
} as Policy;
const CONNECTION = {
  connectionId: 'con_1',
  partner: { organizationName: 'Example Retail', sandboxName: 'production' },
  namespaces: [],
  sharing: { feeds: 0, segments: 0 },
} as unknown as Connection;
const FEED: Feed = {
  version: 0,
  feedId: 'feed_1',
  status: 'draft',
  name: 'Readers',
  description: null,
  segmentIds: ['seg_1'],
  segments: [{ segmentId: 'seg_1', name: 'Readers' }],
  namespaces: ['IDFA'],
  restrictedMarketingActions: [],
  connectionIds: ['con_1'],
  connections: [{ connectionId: 'con_1', partner: { organizationName: 'Example Retail', sandboxName: 'production' } }],
  showPopulation: false,
  hasUnpublishedChanges: true,
  shares: [],
  createdAt: '2026-03-02T09:30:00.000Z',
  updatedAt: '2026-03-02T09:30:00.000Z',
  publishedAt: null,
};
const page = <T,>(...items: T[]) => ({ items, nextCursor: null });
const reads = {
  'GET /segments': () => page(SEGMENT, BLOCKED),
  'GET /policies': () => page(POLICY),
  'GET /connections': () => page(CONNECTION),
  'GET /marketing-actions': () => page(),
  'GET /namespaces': () => ({ items: [] }),
  'GET /reference/namespaces': () => ({ items: [{ code: 'IDFA', name: 'iOS advertising id', description: 'x' }] }),
  'GET /quotas': () => ({ items: [] }),
  'GET /feeds/feed_1': () => Response.json(FEED, { headers: { ETag: '"1-a"' } }),
  'POST /feeds/feed_1/explain': () => ({ items: [] }),
};
const permissions = [
  'feeds:read',
  'feeds:write',
  'segments:read',
  'connections:read',
  'governance:read',
] as const satisfies string[];
const options = { area: 'feeds', permissions: [...permissions], answers: reads };
const create = { ...options, at: 'feeds/create', route: 'feeds/create' };
const edit = (step: string) => ({ ...options, at: `feeds/feed_1/edit?step=${step}`, route: 'feeds/:feed/edit' });

beforeEach(() => window.sessionStorage.clear());

describe('the list', () => {
  it('shows hostile names as text, and lets nobody create one whose grant does not allow it', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await show(<FeedList />, {
      ...options,
      permissions: ['feeds:read'],
      answers: { 'GET /feeds': () => page({ ...FEED, name }) },
    });
    expect(await screen.findByRole('link', { name })).toBeVisible();
    expect(document.querySelector('img[src=x]')).toBeNull();
    expect(screen.getByRole('button', { name: /Create feed/ })).toHaveAttribute('aria-disabled', 'true');
  });
});

describe('a new feed', () => {
  it('says what is missing, and holds what is written for the next load', async () => {
    await show(<CreateFeed />, create);
    await userEvent.click(await screen.findByRole('button', { name: 'Next' }));
    expect(await screen.findByText('Give the feed a name.')).toBeVisible();
    expect(screen.getByText('Choose at least one namespace.')).toBeVisible();
    await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), 'Spring');
    expect(unsavedOf(SANDBOX, 'new')?.input.name).toBe('Spring');
  });

  it('shows a segment that a policy blocks as one that cannot be chosen', async () => {
    await show(<CreateFeed />, { ...create, at: 'feeds/create?step=segments' });
    const blocked = await screen.findByRole('row', { name: /Health/ });
    expect(blocked.querySelector('input')).toBeDisabled();
    expect(await screen.findByRole('link', { name: 'Restrict data sharing' })).toHaveAttribute(
      'href',
      `/sandboxes/${SANDBOX}/governance/policies/restrict_data_sharing`,
    );
    expect(screen.getByRole('row', { name: /Newsletter/ }).querySelector('input')).toBeEnabled();
  });
});

describe('a draft', () => {
  it('is saved on going on, only as it was read, and says when somebody else was first', async () => {
    const answers = { ...reads, 'PATCH /feeds/feed_1': () => problem(412, { detail: 'the feed has changed' }) };
    const { calls } = await show(<EditFeed />, { ...edit('configure'), answers });
    await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), '!');
    await userEvent.click(screen.getByRole('button', { name: 'Next' }));
    expect(await screen.findByText('Somebody else has changed this draft meanwhile')).toBeVisible();
    expect(calls.find(({ method }) => method === 'PATCH')?.headers.get('If-Match')).toBe('"1-a"');
    await userEvent.click(screen.getByRole('button', { name: 'Load the current draft' }));
    await waitFor(() => expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('Readers'));
    expect(unsavedOf(SANDBOX, 'feed_1')).toBeNull();
  });

  it('is not saved where nothing has changed', async () => {
    const { calls } = await show(<EditFeed />, edit('configure'));
    await userEvent.click(await screen.findByRole('button', { name: 'Next' }));
    expect(await screen.findByRole('row', { name: /Newsletter/ })).toBeVisible();
    expect(calls.some(({ method }) => method === 'PATCH')).toBe(false);
  });

  it('tells an overlap below the threshold without a number, and what is left of the day', async () => {
    const item = { connectionId: 'con_1', namespace: 'IDFA', dataRead: 1, asOf: FEED.updatedAt };
    const few = { ...item, segmentId: 'seg_1', overlapped: null, withConsent: null, belowThreshold: true };
    const privacy = {
      connectionId: 'con_1',
      answersSpent: 1,
      answersADay: 100,
      sigma: 25,
      epsilonSpent: 0,
      epsilonADay: 1,
      delta: 0,
    };
    const answers = {
      ...reads,
      'GET ': () => ({ settings: { overlapThreshold: 1000 } }),
      'POST /feeds/feed_1/estimate': () => ({ items: [few], privacy: [privacy] }),
    };
    await show(<EditFeed />, { ...edit('review'), answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Analyze by segment' }));
    expect(await screen.findByText(/^fewer than 1,000/)).toBeVisible();
    expect(screen.getByText(/1 of 100 answers about this partner spent today, 99 left/)).toBeVisible();
  });

  it('tells who does not allow estimates', async () => {
    const answers = {
      ...reads,
      'POST /feeds/feed_1/estimate': () =>
        problem(422, { reason: 'estimates_not_allowed', connectionId: 'con_1' } as Record<string, unknown>),
    };
    await show(<EditFeed />, { ...edit('review'), answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Analyze by segment' }));
    expect(await screen.findByText(/^Example Retail does not allow estimates/)).toBeVisible();
  });

  it('is published only after its dry run, which tells what a policy forbids', async () => {
    const violation = {
      policy: POLICY.policyId,
      policyName: POLICY.name,
      label: 'C11',
      marketingAction: 'segment_match',
      from: { entityType: 'segment', entityId: 'seg_1', name: 'Newsletter readers' },
    };
    const blocked = { connectionId: 'con_1', segmentId: 'seg_1', allowed: false, violations: [violation], resolve: [] };
    const answers = {
      ...reads,
      'POST /feeds/feed_1/explain': () => ({ items: [blocked] }),
      'POST /feeds/feed_1/publish': () => problem(422, { reason: 'policy_violation', detail: 'a policy forbids it' }),
    };
    const { calls } = await show(<EditFeed />, { ...edit('publish'), answers });
    expect(await screen.findByText('a policy forbids it')).toBeVisible();
    expect(await screen.findByText('1 segment cannot be shared')).toBeVisible();
    expect(screen.getByText(/take the label C11 off where it does not apply; leave the segment out/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Publish' }));
    expect((await screen.findAllByText(/can be published once its dry run/)).length).toBeGreaterThan(0);
    expect(calls.filter(({ url }) => url.endsWith('/publish'))).toEqual([]);
  });
});
