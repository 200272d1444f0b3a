import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Permission } from '../../api/me';
import { problem, show } from '../../testing/render';
import DestinationList from './DestinationList';
import EditDestination from './EditDestination';
import type { Destination } from './queries';
import EditActivation from './wizard/EditActivation';

const DESTINATION: Destination = {
  destinationId: 'dst_1',
  type: 'http',
  name: 'Warehouse <img src=x onerror=alert(1)>',
  description: null,
  accountId: null,
  status: 'enabled',
  settings: { url: 'https://audiences.example.com' },
  authentication: { kind: 'bearer' },
  secrets: 'set',
  secretNames: ['bearerToken'],
  formerSecretsUntil: null,
  credentialsExpireAt: null,
  marketingActions: ['data_export'],
  exportLabels: [],
  aggregation: { maxIdentities: null, maxAgeSeconds: 0, groupBy: [] },
  createdAt: '2026-03-02T09:30:00.000Z',
  updatedAt: '2026-03-02T09:30:00.000Z',
};
const TYPE = {
  type: 'http',
  name: 'HTTP',
  description: 'Streams changes',
  exportType: 'segment_export',
  exportFrequency: 'streaming',
  identities: [
    {
      target: 'email',
      description: 'E-mail',
      considerations: '',
      namespaces: ['Email_LC_SHA256'],
      ownNamespaces: false,
      appliesTransformation: false,
    },
  ],
  takesAttributes: false,
  accountId: null,
  mappingId: null,
  marketingActions: ['data_export'],
  prerequisites: [],
  knownLimits: [],
  settingsSchema: { properties: { url: { type: 'string', title: 'URL' } }, required: ['url'] },
  authenticationSchema: {
    properties: {
      kind: { enum: ['none', 'bearer'], default: 'none', type: 'string', title: 'Kind' },
      bearerToken: { type: 'string', maxLength: 4096, writeOnly: true, title: 'Token', description: 'For bearer' },
    },
  },
  limits: { pairsPerCall: 1000, callsPerSecond: 100 },
};
const HEALTH = {
  status: 'failing',
  reason: '503',
  since: null,
  retryAt: null,
  deadLetters: 2,
  waiting: 7,
  windows: [],
};
const page = <T,>(...items: T[]) => ({ items, nextCursor: null });
const permissions: Permission[] = [
  'destinations:read',
  'destinations:manage',
  'destinations:activate',
  'segments:read',
  'profiles:read',
];
const options = { area: 'destinations', permissions };
const tagged = (value: unknown) => Response.json(value, { headers: { ETag: '"3"' } });
const segment = (segmentId: string, name: string) => ({
  segmentId,
  name,
  origin: 'own',
  labels: [],
  counts: { identities: 3, byNamespace: { Email_LC_SHA256: 3 }, people: 3, peopleAsOf: null },
});
const dryRun = (request: Request) => new URL(request.url).searchParams.has('dryRun');

describe('the list', () => {
  it('tells health for its rows, and shows hostile names as text', async () => {
    await show(<DestinationList />, {
      ...options,
      answers: {
        'GET /destinations': () => page(DESTINATION),
        'GET /destination-types': () => page(TYPE),
        'GET /destinations/dst_1/health': () => HEALTH,
      },
    });
    expect(await screen.findByRole('link', { name: DESTINATION.name })).toBeVisible();
    expect(await screen.findByText('Failing')).toBeVisible();
    expect(document.querySelector('img[src=x]')).toBeNull();
  });
});

describe('changing a destination', () => {
  const at = { at: 'destinations/dst_1/edit', route: 'destinations/:destination/edit' };
  const preview = {
    dryRun: true,
    testNeeded: true,
    formerSecretsUntil: null,
    segments: [],
    activations: [
      {
        activationId: 'act_1',
        dataflowId: 'flow_1',
        segmentIds: ['seg_1'],
        resumedSegmentIds: [],
        joining: 0,
        leaving: 1040,
      },
    ],
  };
  const answers = {
    'GET /destinations/dst_1': () => tagged(DESTINATION),
    'GET /destination-types': () => page(TYPE),
    'GET /segments': () => page(segment('seg_1', 'Readers')),
  };

  it('shows who would leave, and sends what has changed as it was read', async () => {
    const { calls } = await show(<EditDestination />, {
      ...options,
      ...at,
      answers: {
        ...answers,
        'PATCH /destinations/dst_1': (request) => (dryRun(request) ? preview : tagged(DESTINATION)),
      },
    });
    await userEvent.type(await screen.findByRole('textbox', { name: /URL/ }), '/v2');
    await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText(/1,040 leave/)).toBeVisible();
    expect(within(dialog).getByText(/Test it afterwards/)).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save changes' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    const sent = calls.filter(({ method }) => method === 'PATCH').at(-1);
    expect(sent?.headers.get('If-Match')).toBe('"3"');
    expect(await sent?.json()).toEqual({ settings: { url: 'https://audiences.example.com/v2' } });
  });

  it('says what is wrong with a field at the field', async () => {
    const errors = [{ pointer: '/settings/url', message: 'must be https' }];
    await show(<EditDestination />, {
      ...options,
      ...at,
      answers: { ...answers, 'PATCH /destinations/dst_1': () => problem(422, { errors }) },
    });
    await userEvent.type(await screen.findByRole('textbox', { name: /URL/ }), 'x');
    await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
    expect(await screen.findByText('must be https')).toBeVisible();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });
});

describe('changing an activation', () => {
  const activation = {
    activationId: 'act_1',
    destinationId: 'dst_1',
    dataflowId: 'flow_1',
    status: 'active',
    segments: [{ segmentId: 'seg_1', mappingId: 'readers', startDate: null, endDate: null }],
    mapping: [{ source: 'Email_LC_SHA256', target: 'email', applyTransformation: false }],
    attributes: [],
    backfillAskedAt: null,
    createdAt: '2026-03-02T09:30:00.000Z',
    updatedAt: '2026-03-02T09:30:00.000Z',
  };
  const forbidden = {
    destinationId: 'dst_1',
    segmentId: 'seg_2',
    allowed: false,
    violations: [
      {
        policy: 'pol_1',
        policyName: 'No export',
        label: 'C4',
        marketingAction: 'data_export',
        from: { entityType: 'segment', entityId: 'seg_2', name: 'Buyers' },
      },
    ],
    lostSegmentIds: [],
    resolve: [],
  };
  const change = {
    dryRun: true,
    counts: { members: 10, activated: 8 },
    excluded: { byReason: { consent: 2 } },
    sample: { profiles: [] },
    joining: 0,
    leaving: 12,
    segments: [{ segmentId: 'seg_1', joining: 0, leaving: 12 }],
  };

  it('greys what a policy forbids, says why, and shows who would leave', async () => {
    await show(<EditActivation />, {
      ...options,
      at: 'destinations/dst_1/activations/act_1/edit',
      route: 'destinations/:destination/activations/:activation/edit',
      answers: {
        'GET /destinations/dst_1': () => tagged(DESTINATION),
        'GET /destination-types': () => page(TYPE),
        'GET /segments': () => page(segment('seg_1', 'Readers'), segment('seg_2', 'Buyers')),
        'GET /namespaces': () => ({ items: [] }),
        'GET /destinations/dst_1/activations': () => page(activation),
        'GET /destinations/dst_1/activations/act_1': () => tagged(activation),
        'POST /destinations/dst_1/explain': () => ({ items: [forbidden] }),
        'PATCH /destinations/dst_1/activations/act_1': (request) => (dryRun(request) ? change : tagged(activation)),
      },
    });
    expect(await screen.findByText(/No export forbids “Data export” for the label C4/)).toBeVisible();
    expect(screen.getByRole('checkbox', { name: 'Buyers' })).toBeDisabled();
    expect(screen.getByRole('checkbox', { name: 'Readers' })).toBeChecked();
    for (const _ of [1, 2, 3]) await userEvent.click(screen.getByRole('button', { name: 'Next' }));
    expect(await screen.findByText('Nobody joins, 12 leave.')).toBeVisible();
    expect(within(screen.getByRole('table', { name: 'What would be given' })).getByText('−2')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });
});
