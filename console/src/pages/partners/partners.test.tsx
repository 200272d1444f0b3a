import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Permission } from '../../api/me';
import { type Answers, problem, show } from '../../testing/render';
import ConnectionDetail from './ConnectionDetail';
import ConnectPartner from './ConnectPartner';
import PartnerList from './PartnerList';
import type { Connection } from './queries';

const CONNECTION: Connection = {
  connectionId: 'con_1',
  status: 'pending',
  direction: 'incoming',
  partner: { organizationName: 'Example Media', sandboxName: 'production' },
  requestedAt: '2026-03-02T09:30:00.000Z',
  requestedBy: null,
  decidedAt: null,
  decidedBy: null,
  decisionNote: null,
  expiresAt: '2026-04-01T09:30:00.000Z',
  connectIdRetired: false,
  note: null,
  sharing: { feeds: 0, segments: 0 },
  receiving: { feeds: 0, segments: 0 },
  allowsEstimates: false,
  partnerAllowsEstimates: true,
  namespaces: [],
  probe: null,
};
const ACTIVE: Connection = { ...CONNECTION, status: 'active', sharing: { feeds: 1, segments: 2 }, probe: [] };
const OWN = 'AAAAA-AAAAA-AAAAA-AAAAA';
const THEIRS = '7KQ2M-9XW4T-3BN8R-VD5H0';
const ALL: Permission[] = [
  'connections:read',
  'connections:request',
  'connections:approve',
  'connections:manage',
  'feeds:read',
];
const list = (...items: unknown[]) => ({ items, nextCursor: null });
const connectId = () => ({ connectId: OWN, createdAt: CONNECTION.requestedAt });

describe('the overview', () => {
  const overview = (answers: Answers, permissions = ALL) =>
    show(<PartnerList />, {
      area: 'partners',
      permissions,
      answers: { 'GET /connect-id': connectId, 'GET /connections': () => list(), ...answers },
    });

  it('says what to do first, and how the own connect ID is used', async () => {
    await overview({});
    expect(await screen.findByText('No partners yet')).toBeVisible();
    expect(await screen.findByText(OWN)).toBeVisible();
  });

  it('names the requests that await an approval', async () => {
    const own = { ...CONNECTION, connectionId: 'con_2', direction: 'outgoing' };
    await overview({ 'GET /connections': () => list(CONNECTION, own) });
    expect(await screen.findByText('You have one connection request awaiting your approval')).toBeVisible();
  });

  it('reads 2,000 connections in ten calls, and none for a row', async () => {
    const many = (request: Request) => {
      const query = new URL(request.url).searchParams;
      if (query.get('status') === 'pending') return list();
      const from = Number(query.get('cursor') ?? 0);
      const items = Array.from({ length: 200 }, (_, at) => ({ ...ACTIVE, connectionId: `con_${from + at}` }));
      return { items, nextCursor: from < 1800 ? String(from + 200) : null };
    };
    const { calls } = await overview({ 'GET /connections': many });
    expect(await screen.findByText('(2,000)')).toBeVisible();
    const isRow = ({ url }: Request) => url.includes('/connections') && !url.includes('status=pending');
    expect(calls.filter(isRow)).toHaveLength(10);
    await userEvent.type(screen.getByRole('searchbox'), 'nobody');
    expect(await screen.findByText('Nothing matches')).toBeVisible();
    expect(calls.filter(isRow)).toHaveLength(10);
  });

  it('says what regenerating does before it is done', async () => {
    const { calls } = await overview({ 'POST /connect-id/regenerate': () => ({ ...connectId(), connectId: THEIRS }) });
    await userEvent.click(await screen.findByRole('button', { name: 'Regenerate' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText(/The old connect ID ends at once/)).toBeVisible();
    expect(within(dialog).getByText('Connections stay as they are.')).toBeVisible();
    expect(calls.filter(({ method }) => method === 'POST')).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Regenerate' }));
    await waitFor(() => expect(screen.getByTestId('flashes')).toHaveTextContent('You have a new connect ID'));
  });

  it('gives a viewer nothing to act with', async () => {
    await overview({}, ['connections:read']);
    expect(await screen.findByRole('button', { name: 'Connect partner' })).toHaveAttribute('aria-disabled', 'true');
    expect(screen.getByRole('button', { name: 'Regenerate' })).toHaveAttribute('aria-disabled', 'true');
  });
});

describe('connecting a partner', () => {
  const connect = (answers: Answers) =>
    show(<ConnectPartner />, {
      area: 'partners',
      at: 'partners/connect',
      route: 'partners/connect',
      permissions: ALL,
      answers: { 'GET /connect-id': connectId, ...answers },
    });
  const type = async (text: string) => {
    const field = await screen.findByRole('textbox', { name: /Connect ID/ });
    await userEvent.clear(field);
    await userEvent.type(field, text);
  };

  it('shows whose it is, however it is written, and asks once', async () => {
    const { calls } = await connect({
      'POST /connect-requests/preview': () => ({ organizationName: '<b>Media</b>', sandboxName: 'production' }),
      'POST /connect-requests': () => ({ ...CONNECTION, direction: 'outgoing' }),
    });
    await type(` ${THEIRS.toLowerCase().replaceAll('-', ' ')} `);
    expect(await screen.findByText('<b>Media</b>')).toBeVisible();
    await userEvent.click(screen.getByRole('checkbox'));
    await userEvent.click(screen.getByRole('button', { name: 'Request connection' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    const asked = calls.filter(({ url }) => url.endsWith('/connect-requests'));
    expect(asked).toHaveLength(1);
    expect(await asked[0]?.json()).toEqual({ connectId: THEIRS, allowsEstimates: true });
  });

  it('says plainly what is wrong with an ID, without asking where that can be told', async () => {
    const { calls } = await connect({ 'POST /connect-requests/preview': () => problem(404, { detail: 'none' }) });
    await type('7KQ2M');
    await userEvent.click(screen.getByRole('button', { name: 'Request connection' }));
    expect(await screen.findByText(/has 20 letters and digits; this has 5/)).toBeVisible();
    await type(OWN);
    expect(await screen.findByText(/This is your own connect ID/)).toBeVisible();
    expect(calls.filter(({ method }) => method === 'POST')).toEqual([]);
    await type(THEIRS);
    expect(await screen.findByText(/No sandbox has this connect ID/)).toBeVisible();
  });

  it('leads to the connection that the pair already has', async () => {
    const members = { current: 'pending', direction: 'incoming', connectionId: 'con_9' };
    await connect({
      'POST /connect-requests/preview': () => CONNECTION.partner,
      'POST /connect-requests': () => problem(409, members),
    });
    await type(THEIRS);
    await screen.findByText('Example Media');
    await userEvent.click(screen.getByRole('button', { name: 'Request connection' }));
    expect(await screen.findByText(/This partner has already asked you/)).toBeVisible();
    expect(screen.getByRole('link', { name: 'Open the connection' })).toHaveAttribute(
      'href',
      expect.stringMatching(/partners\/con_9$/),
    );
  });
});

describe('the page of a connection', () => {
  const detail = (connection: Partial<Connection>, answers: Answers = {}, permissions = ALL) =>
    show(<ConnectionDetail />, {
      area: 'partners',
      at: 'partners/con_1',
      route: 'partners/:connection',
      permissions,
      answers: {
        'GET /connections/con_1': () => Response.json({ ...ACTIVE, ...connection }, { headers: { ETag: '"3-abc"' } }),
        'GET /feeds': () => list(),
        'GET /received-feeds': () => list(),
        ...answers,
      },
    });

  it('is accepted with a note and the word on estimates', async () => {
    const { calls } = await detail(CONNECTION, { 'POST /connections/con_1/accept': () => ACTIVE });
    await userEvent.click(await screen.findByRole('button', { name: 'Accept' }));
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(within(dialog).getByRole('textbox'), 'Welcome{Enter}back');
    await userEvent.click(within(dialog).getByRole('checkbox'));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Accept' }));
    await waitFor(() => expect(screen.getByTestId('flashes')).toHaveTextContent('You are connected to Example Media'));
    const call = calls.find(({ url }) => url.endsWith('/accept'));
    expect(await call?.json()).toEqual({ note: 'Welcome back', allowsEstimates: true });
  });

  it('shows what a disconnect ends before it is done', async () => {
    const preview = { dryRun: true, connectionId: 'con_1', sharing: ACTIVE.sharing, receiving: ACTIVE.receiving };
    const { calls } = await detail({}, { 'POST /connections/con_1/disconnect': () => preview });
    await userEvent.click(await screen.findByRole('button', { name: 'Disconnect' }));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText('You share: 1 feed, 2 segments')).toBeVisible();
    expect(within(dialog).getByText('You receive: nothing')).toBeVisible();
    const posts = calls.filter(({ method }) => method === 'POST');
    expect(posts.map(({ url }) => new URL(url).searchParams.get('dryRun'))).toEqual(['true']);
  });

  it('changes the consent to estimates only as it was read', async () => {
    const { calls } = await detail({}, { 'PATCH /connections/con_1': () => ({ ...ACTIVE, allowsEstimates: true }) });
    await userEvent.click(await screen.findByRole('checkbox', { name: /Let the partner estimate/ }));
    await waitFor(() => expect(screen.getByTestId('flashes')).toHaveTextContent('may now estimate'));
    expect(calls.find(({ method }) => method === 'PATCH')?.headers.get('If-Match')).toBe('"3-abc"');
  });

  it('gives a viewer nothing to act with', async () => {
    await detail(CONNECTION, {}, ['connections:read']);
    expect(await screen.findByRole('button', { name: 'Accept' })).toHaveAttribute('aria-disabled', 'true');
    expect(screen.getByRole('checkbox', { name: /Let the partner estimate/ })).toBeDisabled();
  });
});
