import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Permission } from '../../api/me';
import { type Answers, problem, show } from '../../testing/render';
// What Home loads later is there before a test waits for it.
import './Flowing';
import Home from './Home';
import './Recent';

const PERMISSIONS: Permission[] = [
  'activity:read',
  'connections:read',
  'connections:request',
  'destinations:read',
  'feeds:read',
  'privacy:read',
  'segments:read',
];
const list = (...items: unknown[]) => ({ items, nextCursor: null });
const NOTHING: Answers = {
  'GET /connections': () => list(),
  'GET /feeds': () => list(),
  'GET /received-feeds': () => list(),
  'GET /segments': () => list(),
  'GET /sources': () => list(),
  'GET /dataflows': () => list(),
  'GET /destinations': () => list(),
  'GET /privacy-requests': () => list(),
  'GET /activity': () => list(),
};
const home = (answers: Answers = {}, permissions = PERMISSIONS) =>
  show(<Home />, { area: 'home', permissions, answers: { ...NOTHING, ...answers } });

describe('Home', () => {
  it('tells an empty sandbox what to do first', async () => {
    await home();
    expect(await screen.findByRole('heading', { name: '1. Connect a partner' })).toBeVisible();
    expect(screen.getByRole('button', { name: 'Connect partner' })).toBeEnabled();
    expect(screen.getByRole('button', { name: /Go to feeds/ })).toHaveAttribute('aria-disabled', 'true');
    expect(await screen.findByText('Nothing needs your attention')).toBeVisible();
  });

  it('names what needs somebody, the gravest first, as text', async () => {
    const partner = { organizationName: '<img src=x onerror=alert(1)>', sandboxName: 's' };
    const connection = { connectionId: 'con_1', status: 'pending', direction: 'incoming', partner, namespaces: [] };
    const source = { sourceId: 'src_1', name: 'Nightly export', nextRunAt: null, lastRun: { status: 'failed' } };
    const destination = { destinationId: 'dst_1', name: 'Warehouse', status: 'enabled', credentialsExpireAt: null };
    const health = { status: 'failing', reason: '503', since: null, retryAt: null, deadLetters: 3, waiting: 0 };
    await home({
      'GET /connections': () => list(connection),
      'GET /sources': () => list(source),
      'GET /destinations': () => list(destination),
      'GET /destinations/dst_1/health': () => ({ ...health, windows: [] }),
      'GET /privacy-requests': () => list({ status: 'pending', dueAt: '2020-01-01T00:00:00Z' }),
    });
    await waitFor(() => expect(screen.getByText(/does not take what is sent to it/)).toBeVisible());
    expect(screen.getByText(/has 3 dead letters/)).toBeVisible();
    expect(screen.getByText(/The last run of the source .Nightly export. failed/)).toBeVisible();
    expect(screen.getByText('1 privacy request is overdue')).toBeVisible();
    expect(screen.getByText(/<img src=x onerror=alert\(1\)>. asks to connect/)).toBeVisible();
    expect(document.querySelector('img[src=x]')).toBeNull();
    const sentences = screen.getAllByRole('link').map((link) => link.textContent ?? '');
    expect(sentences.findIndex((text) => text.includes('overdue'))).toBeLessThan(
      sentences.findIndex((text) => text.includes('asks to connect')),
    );
  });

  it('names recipient tokens that end soon to those who manage access', async () => {
    const token = { tokenId: 'rtk_1', name: 'Power BI', status: 'active', activationExpiresAt: null };
    const soon = { ...token, expiresAt: new Date(Date.now() + 86_400_000).toISOString() };
    await home({ 'GET /recipient-tokens': () => list(soon) }, [...PERMISSIONS, 'access:manage']);
    const link = await screen.findByRole('link', {
      name: /The recipient token .Power BI. expires soon or has expired/,
    });
    expect(link.getAttribute('href')).toMatch(/access\/recipient-tokens\/rtk_1$/);
  });

  it('counts the runs that still stand as failed, not those that a later one made up for', async () => {
    const failed = (subject: string, sequence: number) => ({
      sequence,
      type: 'dataflow.failed',
      at: '2026-03-02T09:30:00.000Z',
      actor: { kind: 'system', id: null, name: 'Handfast' },
      subject,
      detail: { name: subject },
    });
    const flow = (dataflowId: string) => ({
      dataflowId,
      status: 'active',
      held: [],
      feedName: `Feed of ${dataflowId}`,
    });
    await home({
      'GET /dataflows': () => list(flow('flow_1'), flow('flow_2')),
      'GET /activity': () => list(failed('flow_1', 2), failed('flow_2', 1)),
      'GET /dataflows/flow_1/runs': () => list({ status: 'failed' }),
      'GET /dataflows/flow_2/runs': () => list({ status: 'completed' }),
    });
    expect(await screen.findByText(/The last run of the dataflow .Feed of flow_1. failed/)).toBeVisible();
    expect(screen.queryByText(/Feed of flow_2/)).toBeNull();
  });

  it('keeps what can be read when one source cannot', async () => {
    await home({ 'GET /destinations': () => problem(403, { detail: 'destinations are closed' }) });
    expect(await screen.findAllByText(/destinations are closed/)).not.toHaveLength(0);
    expect(await screen.findByRole('heading', { name: 'Recent activity' })).toBeVisible();
    expect(await screen.findByText('Nothing has run yet')).toBeVisible();
    expect(screen.queryByText('Nothing needs your attention')).toBeNull();
  });

  it('makes only the calls that the grant allows', async () => {
    const { calls } = await home({}, ['feeds:read']);
    await screen.findByText('Nothing needs your attention');
    const asked = new Set(calls.map(({ url }) => new URL(url).pathname.split('/').at(-1)));
    expect([...asked].sort()).toEqual(['dataflows', 'feeds', 'me', 'received-feeds']);
    expect(await screen.findByText('Active dataflows')).toBeVisible();
    expect(screen.queryByText('Own segments')).toBeNull();
  });
});
