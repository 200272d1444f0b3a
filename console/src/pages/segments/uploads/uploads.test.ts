import { describe, expect, it } from 'vitest';
import { bodyFor, columnOf, INITIAL, placesOf } from './body';
import { type Look, type Mapping, mappingsOf, unmapped } from './mapping';
import { bytesOf } from './sizes';

const COLUMN: Look['columns'][number] = {
  column: 'E-Mail',
  as: 'identity',
  namespace: 'Email_LC_SHA256',
  transform: 'hash',
  form: null,
  name: null,
  answers: null,
  mapped: true,
  why: '3 of 4 values look like e-mail addresses.',
  reason: 'email',
  fitting: 3,
  values: 4,
  shapes: { email: 3, text: 1 },
};

describe('what a look has found', () => {
  it('is what the columns are mapped as first, with the words that have no meaning yet', () => {
    const consent = { ...COLUMN, column: 'ok', as: 'share' as const, namespace: null, transform: null };
    const words = [
      { column: 'ok', word: 'ja', rows: 3, answer: 'y' },
      { column: 'ok', word: 'evtl', rows: 3, answer: null },
      { column: 'other', word: 'evtl', rows: 3, answer: null },
    ];
    const columns = [COLUMN, { ...consent, answers: { ja: 'y' } }, { ...consent, column: 'note', as: null }];
    expect(mappingsOf({ columns, shareWords: words })).toEqual([
      { ...unmapped('E-Mail'), as: 'identity', namespace: 'Email_LC_SHA256', transform: 'hash' },
      { ...unmapped('ok'), as: 'share', answers: { ja: 'y', evtl: '' } },
      unmapped('note'),
    ]);
  });
});

describe('what is sent', () => {
  const mail: Mapping = { ...unmapped('mail'), as: 'identity', namespace: 'Email_LC_SHA256', transform: 'hash' };

  it('has of a column what its role has', () => {
    expect(columnOf({ ...mail, name: 'left over', labels: ['I1'] })).toEqual({
      column: 'mail',
      as: 'identity',
      namespace: 'Email_LC_SHA256',
      transform: 'hash',
      labels: ['I1'],
    });
    expect(columnOf({ ...unmapped('ok'), as: 'share', answers: { ja: 'y', hm: '' } })).toEqual({
      column: 'ok',
      as: 'share',
      answers: { ja: 'y' },
    });
    expect(columnOf({ ...unmapped('tier'), as: 'attribute', labels: ['C1'] })).toEqual({
      column: 'tier',
      as: 'attribute',
    });
    expect(columnOf(unmapped('notes'))).toBeNull();
  });

  it('leaves out what was not chosen, and what the mode does not have', () => {
    const file = { name: 'people.csv', size: 10 };
    const plain = { fileName: 'people.csv', format: 'csv', columns: [columnOf(mail)] };
    expect(bodyFor(file, 'csv', [mail, unmapped('x')], { ...INITIAL, segmentId: 'seg_1' }, false)).toEqual({
      ...plain,
      mode: 'delta',
      segmentId: 'seg_1',
    });
    const suppression = { ...INITIAL, mode: 'suppression' as const, segmentId: 'seg_1', dataSourceId: 'ds_1' };
    expect(bodyFor(file, 'csv', [mail], suppression, true)).toEqual({ ...plain, mode: 'suppression' });
  });

  it('says when the file was extracted where that was chosen, and names profiles where there are some', () => {
    const file = { name: 'people.csv', size: 10 };
    const id: Mapping = { ...unmapped('id'), as: 'profileId' };
    const choices = { ...INITIAL, rejectsNameProfiles: true, extracted: { day: '2026-11-28', time: '02:30' } };
    const asOf = new Date(2026, 10, 28, 2, 30).toISOString();
    expect(bodyFor(file, 'csv', [mail, id], choices, false)).toMatchObject({ asOf, rejectsNameProfiles: true });
    expect(bodyFor(file, 'csv', [mail], choices, false)).not.toHaveProperty('rejectsNameProfiles');
    expect(bodyFor(file, 'csv', [mail], INITIAL, false)).not.toHaveProperty('asOf');
  });

  it('says how a CSV is written where that was chosen, or where it has no header', () => {
    const file = { name: 'people.csv', size: 10 };
    const headless = { dialect: { delimiter: ';' as const, header: ['column1', 'column2'] } };
    const told = (choices: object, look: typeof headless | null, format: 'csv' | 'ndjson' = 'csv') =>
      bodyFor(file, format, [mail], { ...INITIAL, ...choices }, false, look).dialect;
    expect(told({}, null)).toBeUndefined();
    expect(told({ delimiter: '|' }, null)).toEqual({ delimiter: '|' });
    expect(told({}, headless)).toEqual({ delimiter: ';', header: ['column1', 'column2'] });
    expect(told({}, headless, 'ndjson')).toBeUndefined();
  });

  it('says which segments are taken where there is an entitlement, and the size of what goes up in parts', () => {
    const file = { name: 'p.csv', size: 200 * 1024 * 1024 };
    const cells: Mapping = { ...unmapped('segments'), as: 'segment' };
    expect(bodyFor(file, 'csv', [mail, cells], INITIAL, true)).toMatchObject({ segments: 'all', sizeBytes: file.size });
    expect(bodyFor(file, 'csv', [mail, cells], INITIAL, false)).not.toHaveProperty('segments');
    expect(bodyFor(file, 'csv', [mail, cells], { ...INITIAL, selected: ['seg_1'] }, true)).toMatchObject({
      segments: ['seg_1'],
    });
  });

  it('has its columns in the order of the form, without those that are not read', () => {
    expect(placesOf([unmapped('a'), mail, unmapped('b'), mail])).toEqual([-1, 0, -1, 1]);
  });
});

it('writes sizes as people do', () => {
  const intl = { formatNumber: (value: number, options: object) => new Intl.NumberFormat('en', options).format(value) };
  expect([0, 286, 48_210, 1_500_000_000].map((bytes) => bytesOf(intl as never, bytes))).toEqual([
    '0 bytes',
    '286 bytes',
    '48.2 kB',
    '1.5 GB',
  ]);
});
