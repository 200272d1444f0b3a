import { describe, expect, it } from 'vitest';
import { blankOf, kindOf, type Schema, settingsToChange, settingsToCreate } from './settings';

const SEGMENT: Schema = {
  properties: {
    domain: { type: 'string', title: 'Domain', default: 'platform.segmentapis.com' },
    accessToken: { type: 'string', title: 'Access token', writeOnly: true },
    regulation: { $ref: '#/$defs/Regulation', default: 'SUPPRESS_WITH_DELETE' },
  },
  $defs: { Regulation: { type: 'string', enum: ['SUPPRESS_ONLY', 'SUPPRESS_WITH_DELETE'] } },
  required: ['accessToken'],
};
const defs = SEGMENT.$defs ?? {};

describe('the settings of a connector', () => {
  it('are asked for as their schema says', () => {
    expect(kindOf({ type: 'string', writeOnly: true })).toBe('secret');
    expect(kindOf({ type: 'string' })).toBe('text');
    expect(kindOf({ type: 'string', description: 'PEM of who may issue' })).toBe('lines');
    expect(kindOf({ type: 'array', items: {} })).toBe('list');
    expect(kindOf({ type: 'object', additionalProperties: { type: 'string' } })).toBe('map');
    expect(kindOf({ anyOf: [{ type: 'object', properties: {} }, { type: 'null' }] })).toBe('optional');
    expect(kindOf({})).toBe('json');
    expect(blankOf({ $ref: '#/$defs/Regulation', default: 'SUPPRESS_WITH_DELETE' }, defs)).toBe('SUPPRESS_WITH_DELETE');
    const order = { type: 'object', properties: { path: { type: 'string' }, body: {} }, required: ['path'] };
    expect(blankOf(order, {})).toEqual({ path: '' });
  });

  it('leave to the default what is left empty', () => {
    expect(settingsToCreate({ domain: '', accessToken: 's', headers: {} })).toEqual({ accessToken: 's' });
  });

  it('are changed one by one, and secrets only where one is entered', () => {
    const before = { domain: 'eu.example.com', regulation: 'SUPPRESS_ONLY' };
    expect(settingsToChange(SEGMENT, before, { ...before, accessToken: '' })).toEqual({});
    expect(settingsToChange(SEGMENT, before, { ...before, domain: '', accessToken: 'new' })).toEqual({
      domain: null,
      accessToken: 'new',
    });
  });
});
