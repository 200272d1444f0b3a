import { describe, expect, it } from 'vitest';
import {
  areMany,
  fromDrop,
  fromInput,
  isTable,
  ofAnotherFormat,
  partitionColumns,
  pick,
  sampleOf,
  titleOf,
} from './files';

const chosen = (...names: string[]) => names.map((name) => ({ name, file: new File(['1'], name) }));
const namesOf = (files: { name: string }[]) => files.map(({ name }) => name);

describe('files that were chosen', () => {
  it('are named below their folder, in the order of its paths', () => {
    const picked = pick(chosen('out/b-1.csv', 'out/b/2.csv', 'out/a.csv', 'out/b/10.csv'));
    expect(namesOf(picked.files)).toEqual(['a.csv', 'b/10.csv', 'b/2.csv', 'b-1.csv']);
    expect(titleOf(picked)).toBe('out');
    expect(areMany(picked)).toBe(true);
  });

  it('are left out where other systems write beside data', () => {
    const picked = pick(chosen('_out/_SUCCESS', '_out/.part.crc', '_out/_temporary/0/p.csv', '_out/p.csv'));
    expect(namesOf(picked.files)).toEqual(['p.csv']);
    expect(picked.leftOut).toEqual(['.part.crc', '_SUCCESS', '_temporary/0/p.csv']);
    expect(areMany(picked)).toBe(false);
  });

  it('are meant where one is chosen alone', () => {
    const picked = pick(chosen('_people.csv'));
    expect(namesOf(picked.files)).toEqual(['_people.csv']);
    expect(titleOf(picked)).toBe('_people.csv');
  });

  it('keep the folders that tell of a column', () => {
    const one = pick(chosen('dt=2026-11-28/p.csv'));
    expect(namesOf(one.files)).toEqual(['dt=2026-11-28/p.csv']);
    expect(areMany(one)).toBe(true);
    const more = pick(chosen('out/_dt=1/tier=gold/p.csv', 'out/_dt=2/p.csv', 'out/=x/a=b.csv'));
    expect(more.leftOut).toEqual([]);
    expect(partitionColumns(more)).toEqual(['_dt', 'tier']);
  });

  it('have a name as a whole, and one that is looked at', () => {
    const empty = { name: '0.csv', file: new File([], '0.csv') };
    const picked = pick([...chosen('2.csv', '1.csv'), empty]);
    expect(titleOf(picked)).toBe('0.csv +2');
    expect(sampleOf(picked)?.name).toBe('1.csv');
    expect(sampleOf(pick([]))).toBeNull();
  });

  it('may look like another format, or be those of a table', () => {
    const picked = pick(chosen('o/a.csv.gz', 'o/b.tsv', 'o/c.parquet', 'o/part-0', 'o/d.json'));
    expect(namesOf(ofAnotherFormat(picked, 'csv'))).toEqual(['c.parquet', 'd.json']);
    expect(ofAnotherFormat(picked, null)).toEqual([]);
    expect(isTable(picked)).toBe(false);
    expect(isTable(pick(chosen('t/_delta_log/0.json', 't/a.parquet')))).toBe(true);
    expect(isTable(pick(chosen('t/metadata/v1.metadata.json', 't/data/a.parquet')))).toBe(true);
  });

  it('come from an input with their paths, and from a drop with all that folders hold', async () => {
    const file = new File(['1'], 'p.csv');
    Object.defineProperty(file, 'webkitRelativePath', { value: 'out/p.csv' });
    expect(namesOf(fromInput([file, new File([], 'q.csv')]))).toEqual(['out/p.csv', 'q.csv']);

    const entry = (name: string) => ({ name, isFile: true, file: (found: (file: File) => void) => found(file) });
    const folder = (name: string, ...batches: object[][]) => ({
      name,
      isFile: false,
      createReader: () => ({ readEntries: (found: (entries: object[]) => void) => found(batches.shift() ?? []) }),
    });
    const root = folder('out', [entry('1.csv'), folder('dt=1', [entry('2.csv')])], [entry('3.csv')]);
    const items = [root, entry('4.csv'), null].map((each) => ({ webkitGetAsEntry: () => each }));
    const found = await fromDrop({ items } as unknown as DataTransfer);
    expect(namesOf(found)).toEqual(['out/1.csv', 'out/dt=1/2.csv', 'out/3.csv', '4.csv']);
  });
});
