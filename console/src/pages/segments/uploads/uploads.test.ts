import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Namespace } from '../queries';
import { bodyFor, columnOf, INITIAL, placesOf } from './body';
import { formatOf, previewOf } from './file-preview';
import { answersOf, guesses, type Mapping, unmapped } from './guesses';
import { bytesOf } from './sizes';

const NAMESPACES: Namespace[] = [
  { code: 'Email_LC_SHA256', name: 'E-mail', aliases: ['email'], hashesRaw: true, isDigest: true },
  { code: 'Phone_SHA256_E.164', name: 'Phone', aliases: ['phone'], hashesRaw: true, isDigest: true },
  { code: 'LOYALTY', name: 'Loyalty number', aliases: [], hashesRaw: false, isDigest: false },
];
const SEGMENTS = [{ segmentId: 'seg_1', externalId: 'readers', name: 'Readers' }];
const CONTEXT = { namespaces: NAMESPACES, segments: SEGMENTS };
const DIGEST = 'bb2ef2f2dc3637a24b228328324a590d9afe24dd3c613e4cd947a6847a598019';

// jsdom's own Blob has no streams.
const { Blob: NodeBlob } = await import('node:buffer');
const fileOf = (name: string, content: string | Uint8Array) =>
  Object.assign(new NodeBlob([content]) as unknown as Blob, { name });

describe('the first rows of a file', () => {
  it.each([
    ['people.csv', 'csv'],
    ['people.CSV.gz', 'csv'],
    ['people.jsonl.zst', 'ndjson'],
    ['people.parquet', 'parquet'],
    ['people.xlsx', null],
  ])('has its format by the name: %s', (name, format) => {
    expect(formatOf(name)).toBe(format);
  });

  it('reads a CSV with what Excel writes: a mark, semicolons, quotes and a line before the header', async () => {
    const text = '\ufeffExport of today\r\nid;"E-Mail";note\r\n1;rosa@one.example;"a ""b""; c\r\nd"\r\n\r\n2;;x\r\n';
    expect(await previewOf(fileOf('people.csv', text))).toEqual({
      format: 'csv',
      delimiter: ';',
      columns: ['id', 'E-Mail', 'note'],
      rows: [
        ['1', 'rosa@one.example', 'a "b"; c\r\nd'],
        ['2', '', 'x'],
      ],
      unread: null,
    });
  });

  it('obeys sep=, and reads one column', async () => {
    expect(await previewOf(fileOf('a.csv', 'sep=|\na|b\n1|2'))).toMatchObject({ delimiter: '|', columns: ['a', 'b'] });
    expect(await previewOf(fileOf('a.csv', 'mail\na@b.example\n'))).toMatchObject({
      delimiter: null,
      columns: ['mail'],
    });
  });

  it('unpacks gzip, and reads NDJSON with members that come late', async () => {
    const text = '{"id": 1}\nno json\n{"id": 2, "mail": "a@b.example", "tags": ["x"]}\n';
    expect(await previewOf(fileOf('people.ndjson.gz', gzipSync(text)))).toMatchObject({
      format: 'ndjson',
      columns: ['id', 'mail', 'tags'],
      rows: [
        ['1', '', ''],
        ['2', 'a@b.example', '["x"]'],
      ],
    });
  });

  it('reads the beginning alone of what is large', async () => {
    const rows = Array.from({ length: 60_000 }, (_, at) => `${at},person${at}@one.example`);
    const read = await previewOf(fileOf('people.csv', `id,mail\n${rows.join('\n')}`));
    expect(read.rows).toHaveLength(200);
    expect(read.rows.every((row) => row.length === 2)).toBe(true);
  });

  it.each([
    ['a.parquet', new TextEncoder().encode('PAR1…'), 'parquet'],
    ['a.csv.zst', new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0]), 'zstd'],
    ['a.csv', new Uint8Array([0x6d, 0xfc, 0x6e, 0x0a]), 'utf8'],
    ['a.csv', new Uint8Array([0xff, 0xfe, 0x61, 0]), 'utf8'],
    ['a.csv', new Uint8Array(), 'empty'],
    ['a.csv.gz', new Uint8Array([0x1f, 0x8b, 9, 9, 9]), 'unreadable'],
  ])('says why it cannot be shown: %s', async (name, content, unread) => {
    expect(await previewOf(fileOf(name, content))).toMatchObject({ unread, rows: [] });
  });
});

describe('what a column seems to hold', () => {
  const guessed = (column: string, ...cells: string[]) => {
    const [guess] = guesses(
      [column],
      cells.map((cell) => [cell]),
      CONTEXT,
    );
    return { ...guess?.mapping, reason: guess?.reason };
  };

  it.each([
    ['whatever', ['a@b.example', ' c@d.example'], { as: 'identity', namespace: 'Email_LC_SHA256', transform: 'hash' }],
    ['mail_hash', [DIGEST], { as: 'identity', namespace: 'Email_LC_SHA256', transform: 'none' }],
    ['hash', [DIGEST], { as: 'identity', transform: 'none', reason: 'digestUnknown' }],
    ['Telefon', ['030 23125001'], { as: 'identity', namespace: 'Phone_SHA256_E.164', transform: 'hash' }],
    ['contact', ['+49 30 23125001'], { as: 'identity', namespace: 'Phone_SHA256_E.164' }],
    ['order', ['4915123456789'], { as: null, reason: 'none' }],
    ['x', ['38400000123456789012345678901234567890'], { as: 'identity', namespace: 'ECID' }],
    ['idfa', ['AEBE52E7-03EE-455A-B3C4-E57283966239'], { as: 'identity', namespace: 'IDFA' }],
    ['id', ['aebe52e7-03ee-455a-b3c4-e57283966239'], { as: 'profileId' }],
    ['loyalty', ['12345678'], { as: 'identity', namespace: 'LOYALTY' }],
    ['kind', ['email', 'PHONE'], { as: 'namespace' }],
    ['Readers', ['1', '0'], { as: 'segment', name: 'seg_1', reason: 'segmentFlag' }],
    ['segments', ['readers|other'], { as: 'segment', reason: 'segmentCells' }],
    ['segments', ['unknown'], { as: null }],
    ['opted_in', ['ja', 'Nein', 'y'], { as: 'share', answers: { ja: 'y', nein: 'n' } }],
    ['consent_at', ['2026-03-01T09:30:00Z'], { as: 'shareAt' }],
    ['tc_string', ['CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA'], { as: 'tcf' }],
    ['status', ['realized', 'exited'], { as: 'status' }],
    ['status', ['open'], { as: null }],
    ['customer_no', ['17'], { as: 'profileId' }],
    ['country', ['DE'], { as: null }],
    ['notes', ['<script>'], { as: null, reason: 'none' }],
    ['empty', [], { as: null }],
  ])('%s of %j', (column, cells, expected) => {
    expect(guessed(column, ...cells)).toMatchObject(expected);
  });

  it('is a country of phone numbers only beside some, and one column at most is the profile id', () => {
    const found = guesses(['phone', 'country', 'user_id', 'customer_id'], [['030 23125001', 'DE', '1', '2']], CONTEXT);
    expect(found.map(({ mapping }) => mapping.as)).toEqual(['identity', 'phoneRegion', 'profileId', null]);
  });

  it('guesses no consent of a word that is not plainly one', () => {
    expect(answersOf(['maybe', 'Y', 'granted'])).toEqual({ maybe: '', granted: 'y' });
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
