import { describe, expect, it } from 'vitest';
import type { DestinationType } from '../queries';
import { bodyOfDraft, choose, EMPTY, missingIn } from './draft';
import { guess, mappingOf, sourcesOf, targetNamed, targetsOf } from './identities';
import { bodyText, rowsOf } from './sample';

const target = (name: string, namespaces: string[], ownNamespaces = false, appliesTransformation = false) => ({
  target: name,
  description: '',
  considerations: '',
  namespaces,
  ownNamespaces,
  appliesTransformation,
});
const TYPE = {
  mappingId: null,
  identities: [
    target('email', ['Email_LC_SHA256'], false, true),
    target('madid', ['IDFA', 'GAID']),
    target('*', [], true, true),
  ],
} as unknown as DestinationType;
const OWN = [
  { namespace: 'CRM_ID', kind: 'text', status: 'active' },
  { namespace: 'HASHED', kind: 'sha256', status: 'active' },
  { namespace: 'OLD', kind: 'text', status: 'disabled' },
] as const;
const SOURCES = sourcesOf(TYPE, OWN);
const source = (namespace: string) => {
  const found = SOURCES.find((one) => one.namespace === namespace);
  if (!found) throw new Error(namespace);
  return found;
};

describe('mapping', () => {
  it('offers the namespaces that the type takes', () => {
    expect(SOURCES.map(({ namespace }) => namespace)).toEqual(['Email_LC_SHA256', 'IDFA', 'GAID', 'CRM_ID', 'HASHED']);
    expect(targetsOf(TYPE, source('IDFA')).map((one) => one.target)).toEqual(['madid']);
  });

  it('gives a namespace of one’s own as what is for one’s own', () => {
    expect(mappingOf(TYPE, source('CRM_ID'))).toEqual({
      source: 'CRM_ID',
      target: 'crm_id',
      applyTransformation: false,
    });
  });

  it('hashes a text of one’s own on its way where the target takes hashes alone', () => {
    const hashesAlone = { ...TYPE, identities: TYPE.identities.slice(0, 1) };
    const chosen = { target: 'email' };
    expect(mappingOf(hashesAlone, source('CRM_ID'))).toMatchObject({ ...chosen, applyTransformation: true });
    expect(mappingOf(hashesAlone, source('HASHED'))).toMatchObject({ ...chosen, applyTransformation: false });
  });

  it('guesses from the namespaces in which the segments have members', () => {
    const counts = { byNamespace: { Email_LC_SHA256: 5, IDFA: 0 } };
    expect(guess(TYPE, SOURCES, [{ counts }])).toEqual([
      { source: 'Email_LC_SHA256', target: 'email', applyTransformation: false },
    ]);
  });

  it('knows a target of one’s own by any other name', () => {
    expect(targetNamed(TYPE, 'EMAIL')?.target).toBe('email');
    expect(targetNamed(TYPE, 'customer')?.target).toBe('*');
  });
});

describe('the draft', () => {
  it('keeps what was entered of segments that stay chosen', () => {
    const begun = choose(EMPTY, ['seg_1', 'seg_2']);
    const named = { ...begun, segments: begun.segments.map((one) => ({ ...one, mappingId: one.segmentId })) };
    expect(choose(named, ['seg_3', 'seg_2']).segments.map(({ mappingId }) => mappingId)).toEqual(['', 'seg_2']);
  });

  it('says what is missing at each step', () => {
    expect(missingIn(0, EMPTY, TYPE)).toHaveLength(1);
    const one = choose(EMPTY, ['seg_1']);
    expect(missingIn(0, one, TYPE)).toEqual([]);
    expect(missingIn(1, one, TYPE)).toEqual([]);
    expect(missingIn(1, one, { ...TYPE, mappingId: 'the id of the audience' })).toHaveLength(1);
    const segments = [{ segmentId: 'seg_1', mappingId: '', startDate: '2026-03-02', endDate: '2026-03-01' }];
    expect(missingIn(1, { ...one, segments }, TYPE)).toHaveLength(1);
    expect(missingIn(2, one, TYPE)).toHaveLength(1);
  });

  it('leaves out what is blank', () => {
    const body = bodyOfDraft({ ...choose(EMPTY, ['seg_1']), attributes: [{ source: ' ', target: '' }] });
    expect(body).toEqual({
      segments: [{ segmentId: 'seg_1', mappingId: null, startDate: null, endDate: null }],
      mapping: [],
      attributes: [],
    });
  });
});

describe('the sample', () => {
  it('is shown by path', () => {
    expect(rowsOf({ profiles: [{ identityMap: { email: [{ id: 'x' }] } }] })).toEqual([
      { path: 'profiles[1].identityMap.email[1].id', value: 'x' },
    ]);
  });

  it('of files is their text', () => {
    expect(bodyText([{ name: 'a.csv', text: 'segment,id' }])).toBe('a.csv\n\nsegment,id');
  });
});
