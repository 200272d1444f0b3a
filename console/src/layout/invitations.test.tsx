import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { problem, show } from '../testing/render';
import { NoGrant } from './notices';

const INVITATION = {
  invitationId: 'inv_1',
  sandboxId: 'sbx_2',
  sandboxName: 'production',
  organizationName: '<b>Example Retail</b>',
  role: 'viewer',
  permissions: [],
  invitedBy: 'admin@example.com',
  expiresAt: '2026-03-09T09:30:00.000Z',
};
const invited = { 'GET /me/invitations': () => ({ items: [INVITATION] }) };

test('who has no grant accepts the invitation that let them in', async () => {
  const { calls } = await show(<NoGrant />, {
    answers: { ...invited, 'POST /me/invitations/inv_1/accept': () => ({}) },
  });
  expect(await screen.findByText('<b>Example Retail</b>')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Accept' }));
  expect(await screen.findByText(/Invitation accepted/)).toBeVisible();
  expect(calls.some(({ method, url }) => method === 'POST' && url.endsWith('/inv_1/accept'))).toBe(true);
});

test('an invitation that cannot be accepted any more says why and stays', async () => {
  const refused = () => problem(409, { detail: 'whoever invited you may not give grants any more' });
  await show(<NoGrant />, { answers: { ...invited, 'POST /me/invitations/inv_1/accept': refused } });
  await userEvent.click(await screen.findByRole('button', { name: 'Accept' }));
  expect(await screen.findByText(/may not give grants any more/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Decline' })).toBeEnabled();
});

test('whom nobody has invited is told whom to ask', async () => {
  await show(<NoGrant />, { answers: { 'GET /me/invitations': () => ({ items: [] }) } });
  expect(await screen.findByText('No grant yet')).toBeVisible();
});
