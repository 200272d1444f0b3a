import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { problem, show } from '../../testing/render';
import CreateRecipientToken from './CreateRecipientToken';
import RecipientTokenDetail from './RecipientTokenDetail';
import RecipientTokens from './RecipientTokens';
import { lapseOf, networksIn, type RecipientToken } from './recipient-tokens';

const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();
const LINK = 'https://api.test/v1/sharing/activations/code';
const TOKEN: RecipientToken = {
  tokenId: 'rtk_1',
  name: 'Power BI',
  status: 'active',
  createdAt: inDays(-10),
  createdBy: 'admin@example.com',
  expiresAt: inDays(80),
  allowedNetworks: [],
  lastUsedAt: null,
  activatedAt: inDays(-9),
  graceUntil: null,
  activationUrl: null,
  activationExpiresAt: null,
};
const AWAITING = {
  ...TOKEN,
  status: 'awaiting_activation',
  activatedAt: null,
  activationExpiresAt: inDays(3),
} as const;
const MADE = { ...AWAITING, activationUrl: LINK };
const options = { area: 'access', permissions: ['access:manage' as const] };
const at = { at: 'access/recipient-tokens/rtk_1', route: 'access/recipient-tokens/:token' };
const read = (token: RecipientToken) => ({
  'GET /recipient-tokens/rtk_1': () => Response.json(token, { headers: { ETag: '"7"' } }),
});

describe('a recipient token', () => {
  it('needs somebody where it ends soon, has ended, or nobody opened its link', () => {
    const now = Date.now();
    expect(lapseOf(TOKEN, now)).toBeNull();
    expect(lapseOf(AWAITING, now)).toBeNull();
    expect(lapseOf({ ...TOKEN, expiresAt: inDays(5) }, now)).toBe('ending');
    expect(lapseOf({ ...TOKEN, status: 'expired', expiresAt: inDays(-1) }, now)).toBe('expired');
    expect(lapseOf({ ...AWAITING, activationExpiresAt: inDays(-1) }, now)).toBe('unopened');
  });

  it('has networks one a line, or with commas between', () => {
    expect(networksIn(' 203.0.113.0/24,\n2001:db8::/48\n\n')).toEqual(['203.0.113.0/24', '2001:db8::/48']);
    expect(networksIn('  ')).toEqual([]);
  });

  it('is listed with where it works, how long and when it was used', async () => {
    const office = { ...TOKEN, tokenId: 'rtk_2', name: 'Office', allowedNetworks: ['203.0.113.0/24'] };
    const items = [TOKEN, { ...office, lastUsedAt: inDays(-1) }];
    const answers = { 'GET /recipient-tokens': () => ({ items, nextCursor: null }) };
    await show(<RecipientTokens />, { ...options, answers });
    const row = await screen.findByRole('row', { name: /Power BI/ });
    expect(within(row).getByText('From everywhere')).toBeVisible();
    expect(within(row).getByText('Never')).toBeVisible();
    expect(within(screen.getByRole('row', { name: /Office/ })).getByText('203.0.113.0/24')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Create recipient token' })).toBeEnabled();
  });

  it('is made after what is wrong with a network was mended, and its link is shown once', async () => {
    const errors = [{ pointer: '/allowedNetworks/1', message: 'must be a network' }];
    const answered = [problem(422, { detail: 'invalid', errors }), MADE];
    const answers = { 'POST /recipient-tokens': () => answered.shift() };
    const { calls } = await show(<CreateRecipientToken />, {
      ...options,
      at: 'access/recipient-tokens/create',
      route: 'access/recipient-tokens/create',
      answers,
    });
    await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), ' Power BI ');
    const networks = screen.getByRole('textbox', { name: /^Allowed networks/ });
    await userEvent.type(networks, '203.0.113.0/24{enter}office');
    const create = screen.getByRole('button', { name: 'Create recipient token' });
    await userEvent.click(create);
    expect(await screen.findByText('office: must be a network')).toBeVisible();
    await userEvent.type(networks, '{backspace>6/}2001:db8::/48');
    await userEvent.click(create);
    expect(await screen.findByText(LINK)).toBeVisible();
    const sent = await calls.filter(({ method }) => method === 'POST')[1]?.json();
    expect(sent).toMatchObject({ name: 'Power BI', allowedNetworks: ['203.0.113.0/24', '2001:db8::/48'] });
    const days = (Date.parse(sent.expiresAt) - Date.now()) / DAY;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThanOrEqual(90.1);
    await userEvent.click(screen.getByRole('button', { name: 'I have stored it' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });

  it('cannot be made without the day on which it expires', async () => {
    const { calls } = await show(<CreateRecipientToken />, options);
    await userEvent.clear(await screen.findByPlaceholderText('YYYY/MM/DD'));
    expect(screen.getAllByText('Enter the day on which it expires.')[0]).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: /Create recipient token/ }));
    expect(calls.some(({ method }) => method === 'POST')).toBe(false);
  });

  it('is rotated, and the one in use works on for as long as is chosen', async () => {
    const answers = { ...read(TOKEN), 'POST /recipient-tokens/rtk_1/rotate': () => MADE };
    const { calls } = await show(<RecipientTokenDetail />, { ...options, ...at, answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Rotate' }));
    await userEvent.click(screen.getByRole('button', { name: /The token in use works for/ }));
    await userEvent.click(screen.getByRole('option', { name: 'One more hour' }));
    await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Rotate' }));
    expect(await screen.findByText(LINK)).toBeVisible();
    const sent = await calls.find(({ method }) => method === 'POST')?.json();
    expect(sent).toMatchObject({ graceSeconds: 3600 });
  });

  it('says that its link was not opened, and asks for no grace where none is in use', async () => {
    const answers = read({ ...AWAITING, activationExpiresAt: inDays(-1) });
    await show(<RecipientTokenDetail />, { ...options, ...at, answers });
    expect(await screen.findByText(/Nobody has opened its link in time/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Rotate' }));
    expect(screen.queryByText('The token in use works for')).toBeNull();
  });

  it('is deleted once its name is typed, as it was read', async () => {
    const deleted = { 'DELETE /recipient-tokens/rtk_1': () => new Response(null, { status: 204 }) };
    const answers = { ...read(TOKEN), ...deleted };
    const { calls } = await show(<RecipientTokenDetail />, { ...options, ...at, answers });
    await userEvent.click(await screen.findByRole('button', { name: 'Delete' }));
    const dialog = within(screen.getByRole('dialog'));
    expect(dialog.getByRole('button', { name: 'Delete' })).toBeDisabled();
    await userEvent.type(dialog.getByRole('textbox'), 'Power BI');
    await userEvent.click(dialog.getByRole('button', { name: 'Delete' }));
    await waitFor(() => expect(screen.getByText('elsewhere')).toBeVisible());
    expect(calls.find(({ method }) => method === 'DELETE')?.headers.get('If-Match')).toBe('"7"');
  });
});
