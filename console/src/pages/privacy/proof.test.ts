import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonical, documentFault, type History, type Report, type Signed, verifyHistory } from './proof';

// Made by handfast.privacy_requests.proof, with a receipt by the same key and one by another deployment's.
const FILE = readFileSync(join(import.meta.dirname, 'fixtures', 'history.signed'), 'utf8');
const signed = JSON.parse(FILE) as Signed<History>;
const OWN = signed.signature.publicKey;
const OTHER = signed.document.receipts[1]?.signature.publicKey ?? '';

const verify = (text: string, trusted = [OWN, OTHER]) => verifyHistory(new TextEncoder().encode(text), trusted);
const failed = ({ checks }: Report) => checks.filter(({ fault }) => fault !== null);
const changed = (change: (copy: Signed<History>) => void) => {
  const copy = JSON.parse(FILE) as Signed<History>;
  change(copy);
  return canonical(copy);
};

describe('a history', () => {
  it('holds by the keys that signed it, with names in any script', async () => {
    const report = await verify(FILE);
    expect(failed(report)).toEqual([]);
    expect(report.holds).toBe(true);
    expect(report.checks.map(({ subject }) => subject)).toEqual([
      ...['file', 'signature', 'key'],
      ...Array<string>(5).fill('record'),
      ...['head', 'receipt', 'receipt'],
    ]);
  });

  it('does not hold by a key that was not named', async () => {
    expect(failed(await verify(FILE, [OTHER]))).toEqual([
      { subject: 'key', fault: 'untrusted_key' },
      { subject: 'receipt', number: 1, fault: 'untrusted_key' },
    ]);
  });

  it('shows which record was changed', async () => {
    const text = changed(({ document }) => {
      Object.assign(document.records[3]?.detail ?? {}, { recipientStatus: 'absent' });
    });
    expect(failed(await verify(text))).toEqual([
      { subject: 'signature', fault: 'signature' },
      { subject: 'record', number: 4, fault: 'content' },
    ]);
  });

  it('shows that a record was taken out, or the last one cut off', async () => {
    const without = await verify(changed(({ document }) => void document.records.splice(2, 1)));
    expect(failed(without)).toContainEqual({ subject: 'record', number: 3, fault: 'number' });
    const cut = await verify(changed(({ document }) => void document.records.pop()));
    expect(failed(cut)).toContainEqual({ subject: 'head', fault: 'head' });
  });

  it('shows a receipt of another request, and one that was changed', async () => {
    const text = changed(({ document }) => {
      document.rootId = 'prq_2';
      Object.assign(document.receipts[1]?.document ?? {}, { outcome: 'absent' });
    });
    expect(failed(await verify(text))).toEqual([
      { subject: 'signature', fault: 'signature' },
      { subject: 'receipt', number: 1, fault: 'other_request' },
      { subject: 'receipt', number: 2, fault: 'signature' },
    ]);
  });

  it('shows a space too many', async () => {
    expect(failed(await verify(`${FILE}\n`))).toEqual([{ subject: 'file', fault: 'not_as_written' }]);
  });

  it.each(['', 'nonsense', '[]', '{"document":{},"signature":{}}', '{"document":{"records":[]},"signature":null}'])(
    'is not what %j is',
    async (text) => {
      expect(failed(await verify(text))).toEqual([{ subject: 'file', fault: 'unreadable' }]);
    },
  );
});

it('a signed document holds by its key alone', async () => {
  const [receipt] = signed.document.receipts as unknown as Signed[];
  if (!receipt) throw new Error('no receipt');
  expect(await documentFault(receipt, [OWN])).toBeNull();
  expect(await documentFault(receipt, [OTHER])).toBe('untrusted_key');
  expect(await documentFault({ ...receipt, document: { ...receipt.document, at: '' } }, [OWN])).toBe('signature');
});
