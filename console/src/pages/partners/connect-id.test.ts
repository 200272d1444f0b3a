import { describe, expect, it } from 'vitest';
import { readConnectId } from './connect-id';

const PRINTED = '7KQ2M-9XW4T-3BN8R-VD5H0';

describe('a connect ID', () => {
  it.each([
    PRINTED,
    '7kq2m9xw4t3bn8rvd5h0',
    ' 7KQ2M 9XW4T\t3BN8R VD5HO\n',
    '7KQ2M–9XW4T—3BN8R‑VD5H0',
    '７ＫＱ２Ｍ－９ＸＷ４Ｔ－３ＢＮ８Ｒ－ＶＤ５Ｈ０',
  ])('is read however it is written: %s', (text) => {
    expect(readConnectId(text)).toEqual({ kind: 'whole', connectId: PRINTED });
  });

  it('reads letters that are taken for digits', () => {
    expect(readConnectId('ILilO-00000-00000-00000')).toEqual({ kind: 'whole', connectId: '11110-00000-00000-00000' });
  });

  it('is told to be too short, too long, or to hold what none holds', () => {
    expect(readConnectId(' - ')).toEqual({ kind: 'empty' });
    expect(readConnectId('7KQ2M')).toEqual({ kind: 'length', length: 5 });
    expect(readConnectId(`${PRINTED}1`)).toEqual({ kind: 'length', length: 21 });
    expect(readConnectId(PRINTED.replace('7', 'U'))).toEqual({ kind: 'character', character: 'U' });
    expect(readConnectId('<script>alert(1)')).toEqual({ kind: 'character', character: '<' });
  });
});
