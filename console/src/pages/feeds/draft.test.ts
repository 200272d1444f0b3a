import { describe, expect, it } from 'vitest';
import {
  answersFor,
  bodyOf,
  EMPTY,
  type FeedInput,
  firstGap,
  isChanged,
  missingIn,
  namespacesNotAgreed,
  policiesAgainst,
  stepAt,
} from './draft';
import { placesOf } from './EstimateBar';
import type { Policy, Segment } from './queries';

const WHOLE: FeedInput = {
  ...EMPTY,
  name: 'Readers',
  segmentIds: ['seg_1', 'seg_2'],
  namespaces: ['Email_LC_SHA256', 'IDFA'],
  connectionIds: ['con_1'],
};

describe('the steps', () => {
  it('are found by name, and are the first for another', () => {
    expect(stepAt('partners')).toBe(2);
    expect(stepAt('nonsense')).toBe(0);
    expect(stepAt(null)).toBe(0);
  });

  it('say what is missing before they are left', () => {
    expect(missingIn('configure', { ...EMPTY, name: '  ' })).toEqual(['/name', '/namespaces']);
    expect(missingIn('segments', { ...WHOLE, segmentIds: Array.from({ length: 21 }, (_, at) => `seg_${at}`) })).toEqual(
      ['/segmentIds'],
    );
    expect(firstGap(0, 4, WHOLE)).toBeNull();
    expect(firstGap(0, 4, { ...WHOLE, connectionIds: [] })).toBe(2);
    expect(firstGap(0, 2, { ...WHOLE, connectionIds: [] })).toBeNull();
  });
});

describe('the input', () => {
  it('is sent without blanks, an empty description as none', () => {
    expect(bodyOf({ ...WHOLE, name: ' Readers ', description: ' ' })).toMatchObject({
      name: 'Readers',
      description: null,
    });
  });

  it('is changed by what is chosen and not by its order', () => {
    expect(isChanged(WHOLE, { ...WHOLE, segmentIds: ['seg_2', 'seg_1'], name: 'Readers ' })).toBe(false);
    expect(isChanged(WHOLE, { ...WHOLE, segmentIds: ['seg_2'] })).toBe(true);
    expect(isChanged(WHOLE, { ...WHOLE, showPopulation: true })).toBe(true);
  });

  it('costs an answer for each segment and namespace', () => {
    expect(answersFor(WHOLE)).toBe(4);
  });
});

describe('policies against a segment', () => {
  const segment = (labels: string[], inherited: string[] = []) =>
    ({
      labels,
      inheritedLabels: inherited.map((label) => ({
        label,
        from: { entityType: 'dataSource', entityId: 'ds_1', name: 'CRM' },
      })),
    }) as unknown as Segment;
  const policy = (changes: Partial<Policy>) =>
    ({
      policyId: 'p',
      enabled: true,
      marketingActions: ['segment_match'],
      deny: { label: 'C11' },
      ...changes,
    }) as Policy;

  it('are those that are enabled, about sharing, and met', () => {
    const names = (policies: Policy[]) => policiesAgainst(segment(['C11']), policies).map(({ policyId }) => policyId);
    expect(names([policy({})])).toEqual(['p']);
    expect(names([policy({ enabled: false })])).toEqual([]);
    expect(names([policy({ marketingActions: ['email_targeting'] })])).toEqual([]);
    expect(names([policy({ marketingActions: ['email_targeting', 'data_export'] })])).toEqual(['p']);
  });

  it('count labels that are inherited, together where AND asks for them', () => {
    const both = policy({ deny: { operator: 'AND', operands: [{ label: 'loyal' }, { label: 'I1' }] } });
    const any = policy({ deny: { operator: 'OR', operands: [{ label: 'loyal' }, { label: 'I1' }] } });
    expect(policiesAgainst(segment(['loyal'], ['I1']), [both])).toEqual([both]);
    expect(policiesAgainst(segment(['loyal']), [both])).toEqual([]);
    expect(policiesAgainst(segment([], ['I1']), [any])).toEqual([any]);
  });
});

it('asks for agreement on namespaces of the sandbox’s own alone', () => {
  const agreed = [{ namespace: 'CRM_ID', status: 'agreed' as const }].map((each) => ({
    ...each,
    kind: 'text' as const,
    minLength: null,
    maxLength: null,
  }));
  expect(namespacesNotAgreed(['IDFA', 'CRM_ID', 'CARD'], new Set(['CRM_ID', 'CARD']), agreed)).toEqual(['CARD']);
});

it('draws an interval inside the picture', () => {
  expect(placesOf({ estimate: 50, low: -10, high: 120 }, 100)).toEqual({ estimate: 50, low: 0, high: 100 });
});
