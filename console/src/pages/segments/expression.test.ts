import { describe, expect, it } from 'vitest';
import { hintOf, parse, tokensOf } from './expression';
import { segmentsIn } from './uses';

const KNOWN = new Map([
  ['seg_a', { isComposed: false }],
  ['seg_b', { isComposed: false }],
  ['seg_c', { isComposed: true }],
]);

describe('tokens', () => {
  it.each([
    'seg_a AND  NOT (trait_b or segID = "seg_c")',
    'FREQUENCY([seg_a,seg_b] <= 7D) >= 1',
    'né <script> seg_ü 💥',
    '',
  ])('are the whole text: %s', (text) => {
    expect(
      tokensOf(text)
        .map((token) => token.text)
        .join(''),
    ).toBe(text);
  });

  it('name segments, a trait as the one that it is of', () => {
    expect(segmentsIn('seg_a and trait_b OR segID == "seg_c"')).toEqual(['seg_a', 'seg_b', 'seg_c']);
  });
});

describe('reading', () => {
  it.each([
    'seg_a',
    'seg_a AND NOT seg_b',
    'not not seg_a or (seg_b and trait_a)',
    'segID = seg_a',
    'SEGID=="seg_a"',
    'FREQUENCY([seg_a, seg_b]) >= 2',
    'frequency([seg_a] <= 7d) == 1',
    'seg_a AND FREQUENCY([seg_a, seg_b] >= 30D) <= 1',
  ])('takes %s', (text) => {
    expect(parse(text)).toHaveProperty('rule');
    expect(hintOf(text, KNOWN)).toBeNull();
  });

  it('binds NOT first, then AND, then OR', () => {
    const member = (id: string, at: number) => ({ kind: 'member', id, at });
    expect(parse('NOT seg_a AND seg_b OR seg_c')).toEqual({
      rule: {
        kind: 'or',
        rules: [
          { kind: 'and', rules: [{ kind: 'not', rule: member('seg_a', 4) }, member('seg_b', 14)] },
          member('seg_c', 23),
        ],
      },
    });
  });

  it.each([
    ['seg_a AND AND', { code: 'segment', at: 11 }],
    ['seg_a AND', { code: 'segment', at: 10 }],
    ['seg_a seg_b', { code: 'here', at: 7 }],
    ['(seg_a', { code: 'here', at: 7 }],
    ['seg_a)', { code: 'here', at: 6 }],
    ['FREQUENCY([seg_a]) > 1', { code: 'here', at: 20 }],
    ['FREQUENCY(["seg_a"]) >= 1', { code: 'segment', at: 12 }],
    ['FREQUENCY([seg_a] <= 7) >= 1', { code: 'here', at: 23 }],
    ['"seg_a"', { code: 'segment', at: 1 }],
    ['seg_a AND seg_x', { code: 'unknown', at: 11, name: 'seg_x' }],
    ['FREQUENCY([seg_a, seg_c]) >= 1', { code: 'composed', at: 1, name: 'seg_c' }],
    ['FREQUENCY([seg_a, seg_a]) >= 2', { code: 'count', at: 1 }],
    ['NOT seg_a', { code: 'outsiders', at: 1 }],
    ['seg_a OR NOT seg_b', { code: 'outsiders', at: 1 }],
    ['FREQUENCY([seg_a, seg_b]) <= 1', { code: 'outsiders', at: 1 }],
    [`${'NOT NOT '.repeat(5)}seg_a`, { code: 'deep', at: 1 }],
  ])('says what is wrong with %s', (text, hint) => {
    expect(hintOf(text, KNOWN)).toEqual(hint);
  });

  it('looks no names up while they are not known, and says nothing of nothing', () => {
    expect(hintOf('seg_x')).toBeNull();
    expect(hintOf('  ', KNOWN)).toBeNull();
    expect(hintOf('seg_a', KNOWN, 'seg_a')).toMatchObject({ code: 'itself' });
  });
});
