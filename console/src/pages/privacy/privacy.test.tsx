import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { problem, show } from '../../testing/render';
import Board from './Board';
import ConnectorDetail from './ConnectorDetail';
import CreateRequest from './CreateRequest';
import { requestOf } from './fixtures/request';
import Proof from './Proof';
import RequestDetail from './RequestDetail';

const page = <T,>(...items: T[]) => ({ items, nextCursor: null });
const all = ['privacy:read', 'privacy:request', 'privacy:approve'] as const;
const options = { area: 'privacy', permissions: [...all] };
const LAW = {
  code: 'gdpr',
  name: 'GDPR',
  description: 'Art. 12(3)',
  requestTypes: ['access', 'erasure', 'opt_in'],
};
const EMAIL = { code: 'Email_LC_SHA256', name: 'E-mail', description: '', valueForm: 'sha256' };
const reference = {
  'GET /reference/regulations': () => page(LAW),
  'GET /reference/namespaces': () => page(EMAIL),
  'GET /namespaces': () => page(),
};
const calendar = { 'GET ': () => ({ settings: { timeZone: 'UTC', holidays: [] } }) };
const HISTORY = readFileSync(join(import.meta.dirname, 'fixtures', 'history.signed'), 'utf8');
const { signature, document } = JSON.parse(HISTORY);
const OTHER = document.receipts[1].signature.publicKey as string;

describe('the board', () => {
  const metrics = { first: '2026-01-01', last: '2026-03-02', items: [] };
  const answers = (open: unknown[]) => ({
    ...reference,
    ...calendar,
    'GET /privacy-requests/metrics': () => metrics,
    'GET /privacy-requests': (request: Request) =>
      new URL(request.url).searchParams.get('status') === 'unverified' ? page() : page(...open),
  });

  it('says what to do first where there is no request', async () => {
    await show(<Board />, { ...options, answers: answers([]) });
    expect(await screen.findByText(/Enter a person's request, switch on the intake form/)).toBeVisible();
  });

  it('shows what is overdue and what waits for a decision', async () => {
    await show(<Board />, { ...options, answers: answers([requestOf({ dueAt: '2020-01-02T23:59:59.999Z' })]) });
    expect(await screen.findByText(/^Overdue by/)).toBeVisible();
    expect(screen.getByRole('tab', { name: 'Overdue (1)' })).toBeVisible();
    expect(screen.getByText('Your decision')).toBeVisible();
  });

  it('lets a viewer see and decide nothing', async () => {
    await show(<Board />, { ...options, permissions: ['privacy:read'], answers: answers([requestOf()]) });
    expect(await screen.findByText('Your decision')).toBeVisible();
    expect(screen.queryByRole('checkbox')).toBeNull();
    expect(screen.getByRole('button', { name: /New request/ })).toHaveAttribute('aria-disabled', 'true');
  });
});

describe('a new request', () => {
  it('is previewed, shows errors at their fields, and forgets the person once it is filed', async () => {
    const found = { identities: { byNamespace: {} }, segments: [], recipients: [], connectors: [], profiles: 0 };
    const refusal = problem(422, { errors: [{ pointer: '/subject/identities/0/value', message: 'is no address' }] });
    const previews: unknown[] = [refusal, { ...found, dryRun: true, sharedDevices: null, fourEyes: true }];
    const { calls } = await show(<CreateRequest />, {
      ...options,
      at: 'privacy/create',
      route: 'privacy/create',
      answers: {
        ...reference,
        'POST /privacy-requests': (request) =>
          new URL(request.url).searchParams.get('dryRun') === 'true'
            ? previews.shift()
            : { ...requestOf(), verificationCode: '123456' },
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: /Regulation/ }));
    await userEvent.click(await screen.findByRole('option', { name: /GDPR/ }));
    await userEvent.click(screen.getByRole('button', { name: /Type/ }));
    await userEvent.click(await screen.findByRole('option', { name: /Erasure/ }));
    await userEvent.click(screen.getByRole('button', { name: /Namespace/ }));
    await userEvent.click(await screen.findByRole('option', { name: /E-mail/ }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Value' }), 'person@example.com');
    await userEvent.click(screen.getByRole('button', { name: 'Preview' }));
    expect(await screen.findByText('is no address')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Preview' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText(/Another person than you/)).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'File request' }));
    expect(await screen.findByText('123456')).toBeVisible();
    expect(screen.queryByDisplayValue('person@example.com')).toBeNull();
    const sent = calls.filter(({ method }) => method === 'POST').map(({ url }) => new URL(url).search);
    expect(sent).toEqual(['?dryRun=true', '?dryRun=true', '?dryRun=false']);
  });
});

describe('a request', () => {
  const at = { at: 'privacy/prq_1', route: 'privacy/:request' };
  const stages = requestOf().stages.map((stage, number) =>
    number === 0 ? { ...stage, detail: { profiles: 2, byNamespace: { Email_LC_SHA256: 2 } } } : stage,
  );
  const pending = requestOf({ fourEyes: true, stages });

  it('explains four eyes when the same person may not approve', async () => {
    await show(<RequestDetail />, {
      ...options,
      ...at,
      answers: {
        ...reference,
        ...calendar,
        'GET /privacy-requests/prq_1': () => pending,
        'POST /privacy-requests/prq_1/approve': () =>
          problem(422, { reason: 'another_approver', detail: 'somebody else has to' }),
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Approve' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText('E-mail: 2')).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Approve' }));
    expect(await within(dialog).findByText(/so somebody else has to approve it/)).toBeVisible();
  });

  it('tells told from confirmed, and hostile names as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const recipients = [
      {
        ...{ name, kind: 'partner' as const, destinationId: null, status: 'sent' as const, confirmedAt: null },
        ...{ notifiedAt: '2026-03-02T09:31:00.000Z', reason: null, ground: null, scope: null, receipt: null },
      },
    ];
    const answers = { ...reference, ...calendar, 'GET /privacy-requests/prq_1': () => requestOf({ recipients }) };
    await show(<RequestDetail />, { ...options, ...at, answers });
    expect(await screen.findByText(name)).toBeVisible();
    expect(screen.getByText('Told, not confirmed')).toBeVisible();
    expect(globalThis.document.querySelector('img[src=x]')).toBeNull();
  });
});

describe('the proof', () => {
  const proof = (file: string) => ({
    ...reference,
    'GET /privacy-requests/prq_1': () => requestOf({ status: 'completed' }),
    'GET /privacy-requests/prq_1/history': () => new Response(file),
    'GET /receipt-keys': () => ({ keys: [{ keyId: '', algorithm: 'Ed25519', publicKey: signature.publicKey }] }),
  });
  const at = { ...options, at: 'privacy/prq_1/proof', route: 'privacy/:request/proof' };

  it('holds once the key of a partner elsewhere is named', async () => {
    await show(<Proof />, { ...at, answers: proof(HISTORY) });
    expect(await screen.findByText('Whole, but signed with a key that is unknown here')).toBeVisible();
    await userEvent.type(screen.getByRole('textbox', { name: 'Other keys that you trust' }), OTHER);
    expect(await screen.findByText('The history holds')).toBeVisible();
  });

  it('names the record that was changed', async () => {
    await show(<Proof />, { ...at, answers: proof(HISTORY.replace('"regulation":"gdpr"', '"regulation":"ccpa"')) });
    expect(await screen.findByText('The history does not hold')).toBeVisible();
    expect(screen.getByText('Record 1: was changed since it was made')).toBeVisible();
  });
});

it('a connector shows what each check has found', async () => {
  await show(<ConnectorDetail />, {
    ...options,
    at: 'privacy/connectors/cn_1',
    route: 'privacy/connectors/:connector',
    answers: {
      'GET /connector-types': () => page(),
      'GET /connectors/cn_1': () => ({
        ...{ connectorId: 'cn_1', type: 'segment', name: 'Segment', settings: {}, secrets: [] },
        ...{ createdAt: '2026-03-02T09:30:00.000Z', updatedAt: '2026-03-02T09:30:00.000Z' },
      }),
      'POST /connectors/cn_1/test': () => ({
        ok: false,
        checks: [
          { name: 'domain', ok: true, detail: 'reached' },
          { name: 'access token', ok: false, detail: 'is refused: make another' },
        ],
      }),
    },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Test connection' }));
  expect(await screen.findByText('The connection does not work')).toBeVisible();
  await waitFor(() => expect(screen.getByText('is refused: make another')).toBeVisible());
});
