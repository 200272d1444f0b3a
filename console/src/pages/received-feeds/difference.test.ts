import { expect, it } from 'vitest';
import { differencesOf, isReadable } from './difference';

const segment = (segmentId: string, accepted: boolean) => ({ segmentId, name: `Name of ${segmentId}`, accepted });
const OFFERED = {
  segments: [segment('seg_kept', true), segment('seg_new', false)],
  namespaces: ['ECID', 'IDFA', 'GAID'],
  acceptedNamespaces: ['ECID'],
  restrictedMarketingActions: ['analytics', 'loyalty'],
};

it('tells what the offered version adds, takes out and keeps', () => {
  const accepted = {
    segments: [segment('seg_kept', true), segment('seg_gone', true)],
    namespaces: ['ECID', 'Email_LC_SHA256', 'GAID'],
    restrictedMarketingActions: ['loyalty', 'data_science'],
  };
  expect(differencesOf({ ...OFFERED, accepted })).toEqual({
    segments: { added: ['Name of seg_new'], removed: ['Name of seg_gone'], kept: ['Name of seg_kept'] },
    // GAID was taken out and put back.
    namespaces: { added: ['IDFA', 'GAID'], removed: ['Email_LC_SHA256'], kept: ['ECID'] },
    uses: { added: ['analytics'], removed: ['data_science'], kept: ['loyalty'] },
  });
});

it('knows no difference where what was enabled is not known', () => {
  expect(differencesOf({ ...OFFERED, accepted: null })).toBeNull();
});

it('knows which feeds have members to read', () => {
  const all = ['pending', 'enabled', 'changed', 'disabled', 'declined', 'revoked'] as const;
  expect(all.filter((status) => isReadable({ status }))).toEqual(['enabled', 'changed', 'disabled']);
});
