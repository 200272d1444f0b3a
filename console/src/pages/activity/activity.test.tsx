import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { problem, SANDBOX, show } from '../../testing/render';
import { csvOf } from './csv';
import { changed, daysOf, filterOf, timesOf } from './filter';
import Log from './Log';
import Notifications from './Notifications';
import type { ActivityRecord } from './queries';
import { placeOfRecord, spacedOut } from './words';

const RECORD: ActivityRecord = {
  sequence: 2,
  type: 'sandbox.changed',
  at: '2026-03-02T09:30:00.000Z',
  actor: { kind: 'partner', id: null, name: 'Example Retail' },
  subject: SANDBOX,
  detail: { old: { consentDefault: 'default_allow' }, new: { consentDefault: 'default_deny' }, pairs: 7 },
  previousHash: 'aa',
  hash: 'bb',
};
const page = (...items: unknown[]) => ({ items, nextCursor: null });
const types = () => page({ code: 'sandbox.changed' }, { code: 'policy.enabled' });
const options = { area: 'activity', permissions: ['activity:read' as const], at: 'activity', route: 'activity' };

describe('the filter', () => {
  it('is read from the address and written to it', () => {
    const search = new URLSearchParams('type=policy.*&record=7');
    expect(filterOf(search)).toEqual({ type: 'policy.*' });
    expect(String(changed(search, { type: undefined, actor: 'system' }))).toBe('record=7&actor=system');
  });

  it('takes whole days where the person is', () => {
    const days = { startDate: '2026-03-28', endDate: '2026-03-30' };
    const { from = '', to = '' } = timesOf(days);
    expect(new Date(from).getHours()).toBe(0);
    expect(new Date(to).getDate()).toBe(31);
    expect(daysOf({ from, to })).toEqual(days);
    expect(timesOf({ startDate: '', endDate: '' })).toEqual({});
  });
});

describe('the file', () => {
  it('quotes what needs it, and has no cell that a spreadsheet computes', () => {
    const text = csvOf([{ ...RECORD, actor: { kind: 'principal', id: 'p', name: '=HYPERLINK("x")' } }]);
    expect(text).toContain(`"'=HYPERLINK(""x"")"`);
    expect(text).toContain('"{""old"":');
    expect(text.split('\r\n')).toHaveLength(3);
  });
});

describe('places and words', () => {
  it('are those of the family where the subject is no id of a thing', () => {
    const at = (type: string, subject: string) => placeOfRecord('s', { type, subject });
    expect(at('policy.enabled', 'restrict_data_export')).toBe('/sandboxes/s/governance/policies/restrict_data_export');
    expect(at('policy.deleted', 'pol_1')).toBeNull();
    expect(at('feed.published', 'feed_1')).toBe('/sandboxes/s/feeds/feed_1');
    expect(spacedOut('sharedDevices')).toBe('Shared devices');
  });
});

describe('the log', () => {
  it('shows a record in words, with what was before and after', async () => {
    await show(<Log />, {
      ...options,
      at: 'activity?record=2',
      answers: { 'GET /activity': () => page(RECORD), 'GET /reference/event-types': types },
    });
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText('Settings changed')).toBeVisible();
    expect(within(dialog).getByText(/Partner:/)).toBeVisible();
    const row = within(dialog).getByRole('row', { name: /Consent default/ });
    expect(row).toHaveTextContent('default_allow');
    expect(row).toHaveTextContent('default_deny');
    expect(dialog).not.toHaveTextContent('{');
  });

  it('says how far the chain holds, and where it breaks', async () => {
    const found = [
      { verified: true, records: 1200, head: 'cafe', brokenAt: null },
      { verified: false, records: 41, head: 'cafe', brokenAt: 42 },
    ];
    await show(<Log />, {
      ...options,
      answers: {
        'GET /activity': () => page(RECORD),
        'GET /reference/event-types': types,
        'GET /activity/verify': () => found.shift(),
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Verify' }));
    expect(await screen.findByText('The log is unchanged')).toBeVisible();
    expect(screen.getByText(/number 1,200 fit together/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Verify' }));
    expect(await screen.findByText('The log has been changed')).toBeVisible();
    expect(screen.getByText(/Record 42 is the first that does not/)).toBeVisible();
  });

  it('tells an error with its request', async () => {
    await show(<Log />, {
      ...options,
      answers: { 'GET /activity': () => problem(403, { detail: 'activity:read is missing' }) },
    });
    expect(await screen.findByText('Request ID: req-1')).toBeVisible();
  });
});

describe('notifications', () => {
  it('are marked as read, one by one in the order shown', async () => {
    const one = (n: number) => ({
      notificationId: `ntf_${n}`,
      type: 'upload.completed',
      title: `The upload “${n}.csv” completed`,
      at: RECORD.at,
      read: false,
      subject: `upl_${n}`,
    });
    const { calls } = await show(<Notifications />, {
      area: 'activity',
      at: 'activity/notifications',
      answers: {
        'GET /notifications': () => ({ ...page(one(2), one(1)), unread: 2 }),
        'POST /notifications/ntf_2/read': () => one(2),
        'POST /notifications/ntf_1/read': () => one(1),
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Mark all as read' }));
    await waitFor(() => expect(screen.getByTestId('flashes')).toHaveTextContent('2 notifications are marked as read'));
    const sent = calls.filter(({ method }) => method === 'POST').map(({ url }) => url.split('/').at(-2));
    expect(sent).toEqual(['ntf_2', 'ntf_1']);
  });
});
