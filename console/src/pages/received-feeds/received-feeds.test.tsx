import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { show } from '../../testing/render';
import type { ReceivedFeed } from './queries';
import ReceivedFeedDetail from './ReceivedFeedDetail';
import ReceivedFeedList from './ReceivedFeedList';

const FEED: ReceivedFeed = {
  version: 2,
  receivedFeedId: 'rf_1',
  feedId: 'feed_1',
  feedName: 'Readers',
  description: null,
  connectionId: 'con_1',
  partner: { organizationName: 'Example Media', sandboxName: 'production' },
  status: 'changed',
  acceptedVersion: 1,
  accepted: {
    segments: [
      { segmentId: 'seg_1', name: 'Newsletter readers' },
      { segmentId: 'seg_0', name: 'Lapsed buyers' },
    ],
    namespaces: ['IDFA', 'GAID'],
    restrictedMarketingActions: ['loyalty_mailing', 'data_science'],
  },
  segments: [
    { segmentId: 'seg_1', name: 'Newsletter readers', accepted: true },
    { segmentId: 'seg_2', name: '<img src=x onerror=alert(1)>', accepted: false },
  ],
  namespaces: ['IDFA', 'ECID'],
  acceptedNamespaces: ['IDFA'],
  restrictedMarketingActions: ['email_targeting', 'loyalty_mailing'],
  showPopulation: false,
  counts: { memberships: 12 },
  dataflowId: 'flow_1',
  held: [{ segmentId: 'seg_1', namespace: 'IDFA', reason: 'below_minimum' }],
  sharedAt: '2026-03-02T09:30:00.000Z',
  updatedAt: '2026-03-02T09:30:00.000Z',
};
const answers = {
  'GET /received-feeds/rf_1': () => FEED,
  'POST /received-feeds/rf_1/disable': () => ({ ...FEED, status: 'disabled' }),
};
const options = { area: 'received-feeds', at: 'received-feeds/rf_1', route: 'received-feeds/:receivedFeed', answers };

it('says how a feed comes here where there is none', async () => {
  await show(<ReceivedFeedList />, {
    area: 'received-feeds',
    answers: { 'GET /received-feeds': () => ({ items: [], nextCursor: null }) },
  });
  expect(await screen.findByText(/publishes one to you/)).toBeVisible();
});

it('shows a new version as what it adds, takes out and keeps, its restricted uses in words', async () => {
  await show(<ReceivedFeedDetail />, options);
  expect(await screen.findByText('Version 2 waits for you; version 1 is enabled')).toBeVisible();
  expect(screen.getByText('Segments added (1)').parentElement).toHaveTextContent('<img src=x onerror=alert(1)>');
  for (const [title, value] of [
    ['Segments removed (1)', 'Lapsed buyers'],
    ['Segments unchanged (1)', 'Newsletter readers'],
    ['Namespaces added (1)', 'ECID'],
    ['Namespaces removed (1)', 'GAID'],
    ['Namespaces unchanged (1)', 'IDFA'],
    ['Restricted uses added (1)', 'Email targeting'],
    ['Restricted uses removed (1)', 'Data science'],
    ['Restricted uses unchanged (1)', 'loyalty_mailing'],
  ] as const) {
    expect(screen.getByText(title).parentElement).toHaveTextContent(value);
  }
  expect(document.querySelector('img[src=x]')).toBeNull();
  expect(screen.getAllByText('Targeting people by email').length).toBeGreaterThan(0);
  expect(screen.getAllByText('loyalty_mailing').length).toBeGreaterThan(0);
  expect(screen.getByText(/the overlap is below the minimum/)).toBeVisible();
});

it('says so where it is not known what was enabled', async () => {
  const unknown = { ...answers, 'GET /received-feeds/rf_1': () => ({ ...FEED, accepted: null }) };
  await show(<ReceivedFeedDetail />, { ...options, answers: unknown });
  expect(await screen.findByText(/What version 1 offered is not known any more/)).toBeVisible();
});

it('says what disabling does before it is done', async () => {
  const { calls } = await show(<ReceivedFeedDetail />, { ...options, permissions: ['feeds:approve'] });
  await userEvent.click(await screen.findByRole('button', { name: 'Disable' }));
  const dialog = await screen.findByRole('dialog');
  expect(within(dialog).getByText(/all of it leaves your own destinations/)).toBeVisible();
  expect(calls.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Disable' }));
  await waitFor(() => expect(screen.getByTestId('flashes')).toHaveTextContent('The feed Readers is disabled.'));
});

it('reads no members for those who may not see identities, and none before they are asked for', async () => {
  const { calls } = await show(<ReceivedFeedDetail />, options);
  expect(await screen.findByRole('button', { name: 'Show members' })).toHaveAttribute('aria-disabled', 'true');
  expect(screen.getByRole('button', { name: 'Export' })).toHaveAttribute('aria-disabled', 'true');
  expect(calls.some(({ url }) => url.includes('/members'))).toBe(false);
});

it('leads those who manage access to the tokens of other tools, and tells the others whom to ask', async () => {
  const { unmount } = await show(<ReceivedFeedDetail />, { ...options, permissions: ['access:manage'] });
  const link = await screen.findByRole('link', { name: /^Recipient tokens/, hidden: true });
  expect(link.getAttribute('href')).toMatch(/access\/recipient-tokens$/);
  unmount();
  await show(<ReceivedFeedDetail />, options);
  expect(await screen.findByText(/Who manages access here makes a recipient token/)).toBeInTheDocument();
});
