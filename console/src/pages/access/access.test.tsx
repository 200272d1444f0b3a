import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { show } from '../../testing/render';
import EditGrant from './EditGrant';
import GrantDetail from './GrantDetail';
import Invitations from './Invitations';
import type { Grant } from './queries';
import { beside, byArea, difference, isLastAdministrator, isMachine } from './rights';

const PERSON = '37083806-126c-4143-afe0-8dcaa7482788';
const VIEWER = ['activity:read', 'feeds:read'];
const ADMIN = ['access:manage', ...VIEWER];
const grant = (principalId: string, role: string | null, permissions: string[]): Grant => ({
  principalId,
  name: `${role}@example.com`,
  role,
  permissions,
});
const roles = () => ({
  items: [
    { code: 'viewer', name: 'Viewer', description: '', permissions: VIEWER },
    { code: 'sandbox-admin', name: 'Sandbox admin', description: '', permissions: ADMIN },
  ],
});
const page = (...items: unknown[]) => ({ items, nextCursor: null });
const options = { area: 'access', permissions: ['access:manage' as const] };

describe('rights', () => {
  it('tell people from machines, and what is beside a role', () => {
    expect(isMachine(grant(PERSON, null, []))).toBe(false);
    expect(isMachine(grant('PlLcfDJgEuNWW21W4PMpow8RQS', null, []))).toBe(true);
    expect(beside(ADMIN, VIEWER)).toEqual(['access:manage']);
    expect(difference(VIEWER, ADMIN)).toEqual({ added: ['access:manage'], removed: [] });
    expect(byArea(['feeds:read', 'activity:read', 'feeds:write'])).toEqual([
      ['feeds', ['feeds:read', 'feeds:write']],
      ['activity', ['activity:read']],
    ]);
  });

  it('know the last administrator', () => {
    const grants = [grant('a', 'sandbox-admin', ADMIN), grant('b', 'viewer', VIEWER)];
    expect(isLastAdministrator(grants, 'a')).toBe(true);
    expect(isLastAdministrator(grants, 'b')).toBe(false);
    expect(isLastAdministrator([...grants, grant('c', null, ['access:manage'])], 'a')).toBe(false);
  });
});

describe('changing a grant', () => {
  const answers = (...others: Grant[]) => ({
    'GET /reference/roles': roles,
    [`GET /grants/${PERSON}`]: () => Response.json(grant(PERSON, 'sandbox-admin', ADMIN), { headers: { ETag: '"4"' } }),
    'GET /grants': () => page(grant(PERSON, 'sandbox-admin', ADMIN), ...others),
    [`PUT /grants/${PERSON}`]: () => grant(PERSON, 'viewer', VIEWER),
  });
  const at = { at: `access/${PERSON}/edit`, route: 'access/:principal/edit' };
  const chooseViewer = async () => {
    await userEvent.click(await screen.findByRole('button', { name: /Sandbox admin/ }));
    await userEvent.click(await screen.findByRole('option', { name: /Viewer/ }));
  };

  it('shows what changes, and sends single rights without those of the role, as it was read', async () => {
    const { calls } = await show(<EditGrant />, {
      ...options,
      ...at,
      answers: answers(grant('b', 'sandbox-admin', ADMIN)),
    });
    await chooseViewer();
    expect(screen.getByText('May no longer do')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    const put = calls.find(({ method }) => method === 'PUT');
    expect(put?.headers.get('If-Match')).toBe('"4"');
    expect(await put?.json()).toEqual({ role: 'viewer', permissions: [] });
  });

  it('is refused where it would take the last administrator away', async () => {
    await show(<EditGrant />, { ...options, ...at, answers: answers() });
    await chooseViewer();
    const save = screen.getByRole('button', { name: /Save changes/ });
    await waitFor(() => expect(save).toHaveAttribute('aria-disabled', 'true'));
    expect(screen.getAllByText(/last one who may manage access/).length).toBeGreaterThan(0);
  });

  it('shows a name of markup as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await show(<GrantDetail />, {
      ...options,
      at: `access/${PERSON}`,
      route: 'access/:principal',
      answers: { ...answers(), [`GET /grants/${PERSON}`]: () => ({ ...grant(PERSON, null, VIEWER), name }) },
    });
    expect(await screen.findByRole('heading', { name })).toBeVisible();
    expect(document.querySelector('img[src=x]')).toBeNull();
  });
});

describe('invitations', () => {
  const at = { at: 'access/invitations', route: 'access/invitations' };
  const INVITATION = {
    invitationId: 'inv_1',
    email: 'new@example.com',
    role: 'viewer',
    permissions: VIEWER,
    status: 'pending',
    invitedBy: 'admin@example.com',
    createdAt: '2026-03-02T09:30:00.000Z',
    expiresAt: '2026-03-09T09:30:00.000Z',
    endedAt: null,
    principalId: null,
  };

  it('are sent again and taken back', async () => {
    const { calls } = await show(<Invitations />, {
      ...options,
      ...at,
      answers: {
        'GET /invitations': () => page(INVITATION),
        'POST /invitations/inv_1/resend': () => INVITATION,
        'DELETE /invitations/inv_1': () => new Response(null, { status: 204 }),
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: /Send the invitation to new@/ }));
    await waitFor(() => expect(screen.getByTestId('flashes')).toHaveTextContent('was sent again'));
    await userEvent.click(screen.getByRole('button', { name: /Take back the invitation to new@/ }));
    await userEvent.click(await screen.findByRole('button', { name: 'Take back' }));
    await waitFor(() => expect(calls.some(({ method }) => method === 'DELETE')).toBe(true));
  });
});
