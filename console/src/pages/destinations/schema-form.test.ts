import { describe, expect, it } from 'vitest';
import { changesOf, draftOf, fieldsOf, isShown, valuesOf } from './schema-form';

const AUTHENTICATION = {
  type: 'object',
  properties: {
    bearerToken: {
      anyOf: [{ type: 'string', maxLength: 4096, writeOnly: true }, { type: 'null' }],
      default: null,
      description: 'For bearer',
      title: 'Bearer token',
    },
    tokenUrl: {
      anyOf: [{ type: 'string' }, { type: 'null' }],
      default: null,
      description: 'For oauth2: where a token is got',
      title: 'Token URL',
    },
    privateKey: { type: 'string', maxLength: 16384, writeOnly: true, title: 'Private key' },
    kind: { type: 'string', default: 'none', enum: ['none', 'bearer', 'oauth2'], title: 'Kind' },
  },
};
const SETTINGS = {
  $defs: { Format: { enum: ['csv', 'parquet'], type: 'string' } },
  properties: {
    gzip: { type: 'boolean', default: false, title: 'Compress' },
    format: { $ref: '#/$defs/Format', default: 'csv', title: 'Format' },
    headers: { type: 'object', title: 'Headers' },
    port: { type: 'integer', default: 22, minimum: 1, maximum: 65535, title: 'Port' },
    url: { type: 'string', title: 'HTTP endpoint' },
  },
  required: ['url'],
};

const PAIRS: [string, string][] = [
  ['A', '1'],
  ['', '2'],
];

describe('fields', () => {
  it('have the kind that the schema gives them, what is required first', () => {
    expect(fieldsOf(SETTINGS).map(({ name, kind }) => [name, kind])).toEqual([
      ['url', 'text'],
      ['gzip', 'boolean'],
      ['format', 'choice'],
      ['headers', 'map'],
      ['port', 'number'],
    ]);
    expect(fieldsOf(AUTHENTICATION).map(({ name, kind }) => [name, kind])).toEqual([
      ['kind', 'choice'],
      ['bearerToken', 'secret'],
      ['tokenUrl', 'text'],
      ['privateKey', 'block'],
    ]);
  });

  it('are shown with the choice that they are for', () => {
    const fields = fieldsOf(AUTHENTICATION);
    const shown = (kind: string) => fields.filter((field) => isShown(field, { kind })).map(({ name }) => name);
    expect(shown('none')).toEqual(['kind', 'privateKey']);
    expect(shown('oauth2')).toEqual(['kind', 'tokenUrl', 'privateKey']);
    expect(fields.find(({ name }) => name === 'tokenUrl')?.help).toBe('Where a token is got');
  });
});

describe('values', () => {
  it('are those that are shown and filled in', () => {
    const fields = fieldsOf(SETTINGS);
    const draft = {
      ...draftOf(fields),
      url: ' https://x.example ',
      port: '2222',
      headers: PAIRS,
    };
    expect(valuesOf(fields, draft)).toEqual({
      url: 'https://x.example',
      gzip: false,
      format: 'csv',
      headers: { A: '1' },
      port: 2222,
    });
    expect(valuesOf(fieldsOf(AUTHENTICATION), { kind: 'none', bearerToken: 'left over' })).toEqual({ kind: 'none' });
  });

  it('are no numbers where no number was entered, so that the API says what is wrong', () => {
    expect(valuesOf(fieldsOf(SETTINGS), { port: 'many' })).toMatchObject({ port: 'many' });
  });
});

describe('changes', () => {
  const before = { url: 'https://x.example', gzip: true, port: 2222, headers: { A: '1' } };
  const fields = fieldsOf(SETTINGS);

  it('are what differs, and null for what goes back to its default', () => {
    const draft = { ...draftOf(fields, before), gzip: false, headers: [], port: '' };
    expect(changesOf(fields, draft, before)).toEqual({ gzip: false, headers: null, port: null });
    expect(changesOf(fields, draftOf(fields, before), before)).toEqual({});
  });

  it('leave secrets as they are unless new ones are entered', () => {
    const secrets = fieldsOf(AUTHENTICATION);
    const draft = draftOf(secrets, { kind: 'bearer' });
    expect(changesOf(secrets, draft, { kind: 'bearer' })).toEqual({});
    expect(changesOf(secrets, { ...draft, bearerToken: 'new' }, { kind: 'bearer' })).toEqual({ bearerToken: 'new' });
  });

  it('give another kind of authentication as a whole', () => {
    const secrets = fieldsOf(AUTHENTICATION);
    const draft = { ...draftOf(secrets, { kind: 'bearer' }), kind: 'oauth2', tokenUrl: 'https://t.example' };
    expect(changesOf(secrets, draft, { kind: 'bearer' })).toEqual({ kind: 'oauth2', tokenUrl: 'https://t.example' });
  });
});
