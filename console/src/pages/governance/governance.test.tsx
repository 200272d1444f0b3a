import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { problem, show } from '../../testing/render';
import CreatePolicy from './CreatePolicy';
import { expressionOf, groupOf, inWords } from './expression';
import LabelList from './LabelList';
import Policies from './Policies';
import type { Action, Policy } from './queries';
import { questionsOf, rowsOf } from './questions';

const POLICY: Policy = {
  policyId: 'restrict_data_export',
  name: 'Restrict data export',
  description: null,
  core: true,
  status: 'DISABLED',
  enabled: false,
  marketingActions: ['data_export'],
  marketingActionRefs: ['../marketingActions/core/dataExport'],
  deny: { label: 'C12' },
  createdAt: null,
  updatedAt: null,
};
const ACTION: Action = {
  code: 'data_export',
  name: 'Data export',
  description: '',
  custom: false,
  marketingActionRef: '../marketingActions/core/dataExport',
  createdAt: null,
  updatedAt: null,
};
const label = (code: string, custom = false) => ({ code, name: code, description: `About ${code}`, custom });
const page = (...items: unknown[]) => ({ items, nextCursor: null });
const options = {
  area: 'governance',
  permissions: ['governance:read' as const, 'governance:write' as const],
  at: 'governance',
};
const EFFECTS = {
  dryRun: true,
  segments: [
    {
      segmentId: 'seg_1',
      violations: [
        {
          policy: 'restrict_data_export',
          policyName: 'Restrict data export',
          label: 'C12',
          marketingAction: 'data_export',
          from: { entityType: 'segment', entityId: 'seg_1', name: 'Readers' },
        },
      ],
    },
  ],
  dataflows: [{ dataflowId: 'flow_1', segmentIds: ['seg_1'], resumedSegmentIds: [], members: 1200, resumed: 0 }],
};

describe('expressions', () => {
  const nested = {
    operator: 'OR' as const,
    operands: [{ label: 'C4' }, { operator: 'AND' as const, operands: [{ label: 'C5' }, { label: 'I1' }] }],
  };

  it('are told in words', () => {
    expect(inWords(nested, 'and', 'or', 'always')).toBe('C4 or (C5 and I1)');
    expect(inWords({ label: 'C2' }, 'and', 'or', 'always')).toBe('C2');
    expect(inWords({ operator: 'AND', operands: [] }, 'and', 'or', 'always')).toBe('always');
  });

  it('are the same after being edited, and a group of one is what is in it', () => {
    expect(expressionOf(groupOf(nested))).toEqual(nested);
    expect(expressionOf(groupOf({ label: 'C2' }))).toEqual({ label: 'C2' });
  });

  it('are none while a place is empty', () => {
    expect(expressionOf({ operator: 'OR', parts: [{ label: 'C2' }, { label: '' }] })).toBeNull();
    expect(expressionOf({ operator: 'OR', parts: [] })).toBeNull();
  });
});

describe('questions', () => {
  const subjects = [
    { id: 'seg_1', kind: 'segment' as const },
    { id: 'labels', kind: 'labels' as const, labels: ['C1'] },
  ];

  it('ask of each subject by itself', () => {
    expect(questionsOf(subjects, [ACTION], true)).toEqual([
      {
        evalRef: '/marketingActions/core/dataExport/constraints',
        includeDraft: true,
        entityList: [{ entityType: 'segment', entityId: 'seg_1' }],
      },
      { evalRef: '/marketingActions/core/dataExport/constraints', includeDraft: true, labels: ['C1'] },
    ]);
  });

  it('are answered in rows', () => {
    const answer = (title: string) => ({ status: 404, body: { title, detail: '' } });
    const rows = rowsOf(subjects, [1, 2], [answer('a'), answer('b'), answer('c'), answer('d')]);
    expect(rows.map(({ answers }) => answers.map(({ body }) => ('title' in body ? body.title : '')))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });
});

describe('switching a policy', () => {
  it('shows which segments and dataflows stop before it is done', async () => {
    const { calls } = await show(<Policies />, {
      ...options,
      answers: {
        'GET /policies': () => page(POLICY),
        'GET /segments': () => page({ segmentId: 'seg_1', name: 'Readers' }),
        'POST /policies/restrict_data_export/enable': (request) =>
          new URL(request.url).search ? EFFECTS : { ...POLICY, enabled: true },
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Switch on Restrict data export' }));
    const dialog = await screen.findByRole('dialog');
    expect((await within(dialog).findAllByRole('link', { name: 'Readers' })).length).toBeGreaterThan(0);
    expect(within(dialog).getByText(/label C12 against Data export/)).toBeVisible();
    expect(within(dialog).getByText(/1,200 members/)).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Switch on' }));
    const posts = calls.filter(({ method }) => method === 'POST').map(({ url }) => new URL(url).search);
    expect(posts).toEqual(['?dryRun=true', '']);
  });

  it('is not offered to those who may not', async () => {
    await show(<Policies />, {
      ...options,
      permissions: ['governance:read'],
      answers: { 'GET /policies': () => page(POLICY) },
    });
    expect(await screen.findByRole('link', { name: 'Restrict data export' })).toBeVisible();
    expect(screen.queryByRole('button', { name: /Switch/ })).toBeNull();
  });
});

describe('creating a policy', () => {
  const at = { at: 'governance/policies/create', route: 'governance/policies/create' };
  const answers = {
    'GET /labels': () => page(label('C1'), label('loyal', true)),
    'GET /marketing-actions': () => page(ACTION),
    'POST /policies': (request: Request) =>
      new URL(request.url).search ? { dryRun: true, segments: [], dataflows: [] } : { ...POLICY, policyId: 'pol_1' },
  };

  it('sends the expression after its dry run', async () => {
    const { calls } = await show(<CreatePolicy />, { ...options, ...at, answers });
    await userEvent.type(await screen.findByRole('textbox', { name: 'Policy' }), 'No loyalty data');
    await userEvent.click(screen.getByRole('button', { name: 'Review and create' }));
    expect(await screen.findByText(/Choose a label in every place/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: /Label 1/ }));
    await userEvent.click(await screen.findByRole('option', { name: /loyal/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Review and create' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText(/No segment and no dataflow/)).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Create policy' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    const posts = calls.filter(({ method }) => method === 'POST');
    expect(await posts[1]?.json()).toMatchObject({
      name: 'No loyalty data',
      status: 'DRAFT',
      deny: { label: 'loyal' },
    });
  });

  it('shows what the API refuses at its field', async () => {
    const refused = () => problem(422, { errors: [{ pointer: '/marketingActions', message: 'name one at least' }] });
    await show(<CreatePolicy />, { ...options, ...at, answers: { ...answers, 'POST /policies': refused } });
    await userEvent.click(await screen.findByRole('button', { name: /Label 1/ }));
    await userEvent.click(await screen.findByRole('option', { name: /C1/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Review and create' }));
    expect(await screen.findByText('name one at least')).toBeVisible();
  });
});

describe('labels', () => {
  it('of one’s own are defined, and those in use stay with the reason', async () => {
    const { calls } = await show(<LabelList />, {
      ...options,
      answers: {
        'GET /labels': () => page(label('C1'), label('loyal', true)),
        'PUT /labels/vip': () => label('vip', true),
        'DELETE /labels/loyal': () => problem(409, { detail: 'seg_1 carries it' }),
      },
    });
    expect(await screen.findByText(/May leave only in aggregate/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Define label' }));
    await userEvent.type(await screen.findByRole('textbox', { name: 'Code' }), 'vip');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('vip is saved.', { exact: false });
    expect(await calls.find(({ method }) => method === 'PUT')?.json()).toEqual({ name: 'vip', description: null });
    await userEvent.click(screen.getByRole('button', { name: 'Delete loyal' }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Delete' }));
    expect(await screen.findByText('seg_1 carries it')).toBeVisible();
  });
});
