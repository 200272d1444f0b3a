import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { problem, show } from '../../testing/render';
import EditSettings from './EditSettings';
import { changedFields, draftOf, GROUPS, patchOf, type Settings, settingOf, withoutNumber } from './fields';

const SETTINGS: Settings = {
  consentDefault: 'default_allow',
  checkOwnConsent: false,
  consentStrings: { tcf: { purposes: [1, 3], vendorId: null }, gpp: null },
  removalGuard: 0.3,
  rejectGuard: 0.07,
  overlapThreshold: 1000,
  partnerGuards: { largestShare: 0.9, fastestGrowth: 1, minimumAgeHours: 0 },
  phoneRegion: 'US',
  phoneIndex: false,
  privacyRule: 'approval',
  partnerErasures: 'delivered',
  privacyFourEyes: 'wide',
  packageReview: false,
  timeZone: 'UTC',
  holidays: ['2027-01-01'],
  traitFolder: 'Traits',
  segmentFolder: 'Segments',
  profileEntitlement: null,
};
const of = (group: string) => GROUPS[group] ?? [];
const edited = (group: string, changes: Record<string, string | boolean>) => {
  const before = draftOf(SETTINGS, of(group));
  return patchOf(before, { ...before, ...changes }, of(group));
};

describe('settings in a form', () => {
  it('show every setting of the API once', () => {
    const shown = Object.values(GROUPS).flatMap((fields) => fields.map(({ path: [top] }) => top));
    expect([...new Set(shown)].sort()).toEqual(Object.keys(SETTINGS).sort());
  });

  it('write shares in percent, without the dust of binary fractions', () => {
    expect(draftOf(SETTINGS, of('uploads')).rejectGuard).toBe('7');
    expect(edited('uploads', { rejectGuard: '29' })).toEqual({ rejectGuard: 0.29 });
  });

  it('send what has changed alone', () => {
    expect(edited('guards', { largestShare: '80' })).toEqual({ partnerGuards: { largestShare: 0.8 } });
    expect(edited('uploads', { phoneRegion: '', phoneIndex: true })).toEqual({ phoneRegion: null, phoneIndex: true });
    expect(edited('privacy', { holidays: '2027-01-01, 2027-12-25' })).toEqual({
      holidays: ['2027-01-01', '2027-12-25'],
    });
    expect(edited('sharing', {})).toEqual({});
  });

  it('send consent strings as a whole', () => {
    expect(edited('sharing', { gppSections: 'usnat usca' })).toEqual({
      consentStrings: { tcf: { purposes: [1, 3], vendorId: null }, gpp: { sections: ['usnat', 'usca'] } },
    });
    expect(edited('sharing', { tcfPurposes: '' })).toEqual({ consentStrings: { tcf: null, gpp: null } });
  });

  it('find numbers that are none', () => {
    const draft = { ...draftOf(SETTINGS, of('uploads')), removalGuard: 'much', profileEntitlement: '' };
    expect(withoutNumber(draft, of('uploads'))).toEqual(['removalGuard']);
    expect(changedFields(draftOf(SETTINGS, of('uploads')), draft, of('uploads')).map(({ name }) => name)).toEqual([
      'removalGuard',
    ]);
    expect(of('sharing').map((field) => settingOf(SETTINGS, field))).toContainEqual([1, 3]);
  });
});

describe('changing settings', () => {
  const patched = (...answers: unknown[]) => ({
    'GET ': () =>
      Response.json(
        { sandboxId: 's', name: 'n', organizationName: 'o', settings: SETTINGS },
        { headers: { ETag: '"7"' } },
      ),
    'PATCH ': () => answers.shift(),
  });
  const options = { area: 'settings', permissions: ['access:manage' as const], route: 'settings/:group' };

  it('tells by dataflow who would join or leave, and changes nothing before it is confirmed', async () => {
    const dataflows = [
      { dataflowId: 'flow_1', name: 'Autumn', joining: 0, leaving: 1234 },
      { dataflowId: 'flow_2', name: 'Winter', joining: null, leaving: null },
    ];
    const { calls } = await show(<EditSettings />, {
      ...options,
      at: 'settings/sharing',
      answers: patched({ dataflows, guards: [] }, { settings: SETTINGS }),
    });
    await userEvent.click(await screen.findByRole('radio', { name: /only if the person said yes/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Review the change' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByRole('row', { name: /Autumn/ })).toHaveTextContent('1,234');
    expect(within(dialog).getByRole('row', { name: /Winter/ })).toHaveTextContent('too many to count');
    const sent = () => calls.filter(({ method }) => method === 'PATCH');
    expect(sent().map(({ url }) => new URL(url).search)).toEqual(['?dryRun=true']);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Change settings' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    expect(sent()[1]?.headers.get('If-Match')).toBe('"7"');
    expect(await sent()[1]?.json()).toEqual({ settings: { consentDefault: 'default_deny' } });
  });

  it('shows what guards would hold back and let pass', async () => {
    const pair = { segmentId: 'seg_1', namespace: 'ECID', reason: 'guard_share' };
    const guards = [{ dataflowId: 'flow_1', name: 'Autumn', holding: [pair], releasing: [], undecided: true }];
    await show(<EditSettings />, { ...options, at: 'settings/guards', answers: patched({ dataflows: [], guards }) });
    const share = await screen.findByRole('textbox', { name: 'Largest share' });
    await userEvent.clear(share);
    await userEvent.click(screen.getByRole('button', { name: 'Review the change' }));
    expect(await screen.findByText('Enter a number.')).toBeVisible();
    await userEvent.type(share, '50');
    await userEvent.click(screen.getByRole('button', { name: 'Review the change' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText('Would be held back')).toBeVisible();
    expect(within(dialog).getByText(/It cannot be told/)).toBeVisible();
  });

  it('shows what the API refuses at its field', async () => {
    const refused = problem(422, { errors: [{ pointer: '/settings/timeZone', message: 'no such zone' }] });
    await show(<EditSettings />, { ...options, at: 'settings/privacy', answers: patched(refused) });
    await userEvent.click(await screen.findByRole('radio', { name: 'It begins by itself' }));
    await userEvent.click(screen.getByRole('button', { name: 'Review the change' }));
    await waitFor(() => expect(screen.getByText('no such zone')).toBeVisible());
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});
