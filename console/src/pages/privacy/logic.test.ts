import { describe, expect, it } from 'vitest';
import { actionsOf, columnOf, isMoving, taskOf } from './board';
import { peopleOf } from './bulk';
import { parseCsv, toCsv } from './csv';
import { leftUntil } from './deadlines';
import { requestOf } from './fixtures/request';

const now = Date.parse('2026-03-27T12:00:00Z');

describe('a deadline', () => {
  it.each([
    ['2026-03-27T23:59:59.999Z', 0, 0, false],
    ['2026-03-30T23:59:59.999Z', 3, 1, false],
    ['2026-04-07T23:59:59.999Z', 11, 6, false],
    ['2026-03-25T23:59:59.999Z', -2, 2, true],
  ])('%s is %d days and %d working days away', (dueAt, days, workingDays, isOverdue) => {
    const calendar = { timeZone: 'UTC', holidays: ['2026-04-06'] };
    expect(leftUntil(dueAt, now, calendar)).toEqual({ days, workingDays, isOverdue });
  });

  it("is counted in the sandbox's days, over a change of the clock", () => {
    const calendar = { timeZone: 'Europe/Berlin', holidays: [] };
    // The last millisecond of 30 March in Berlin, where the clock goes forward on the 29th.
    expect(leftUntil('2026-03-30T21:59:59.999Z', now, calendar).days).toBe(3);
    expect(leftUntil('2026-03-30T21:59:59.999Z', Date.parse('2026-03-27T23:30:00Z'), calendar).days).toBe(2);
  });
});

describe('the board', () => {
  it('has each request in one column, with what is to be done', () => {
    const at = (name: string, status: string, detail = {}) => [
      { name, status, detail, startedAt: null, endedAt: null },
    ];
    const running = (name: string, status: string, detail = {}) =>
      requestOf({ status: 'running', stages: at(name, status, detail) as never });
    expect(columnOf(requestOf({ status: 'unverified' }))).toBe('unverified');
    expect([columnOf, taskOf].map((of) => of(requestOf({ status: 'pending' })))).toEqual(['pending', 'approve']);
    expect([columnOf, taskOf].map((of) => of(running('apply', 'running')))).toEqual(['work', null]);
    expect(columnOf(running('complete', 'running'))).toBe('waiting');
    expect(columnOf(running('complete', 'pending'))).toBe('work');
    expect(taskOf(running('find', 'failed'))).toBe('retry');
    expect(taskOf(running('manual_task', 'running'))).toBe('manual_task');
    expect(taskOf(running('review', 'running'))).toBe('review');
    expect(taskOf(running('review', 'running', { withheld: [] }))).toBeNull();
    expect(columnOf(requestOf({ status: 'completed_with_gaps' }))).toBe('done');
    expect(isMoving(running('complete', 'running'))).toBe(false);
    expect(isMoving(running('apply', 'running'))).toBe(true);
    expect(isMoving(requestOf({ status: 'pending' }))).toBe(true);
  });

  it('offers what can succeed', () => {
    expect([...actionsOf(requestOf({ status: 'pending' }))].sort()).toEqual([
      ...['approve', 'assign', 'cancel', 'deny', 'extend'],
    ]);
    expect([...actionsOf(requestOf({ status: 'completed' }))]).toEqual([]);
    expect(actionsOf(requestOf({ status: 'pending', extended: true })).has('extend')).toBe(false);
    const gap = { connectorId: 'cn_1', name: 'x', status: 'failed' as const };
    const connectors = [{ ...gap, reference: null, detail: null, sentAt: null, confirmedAt: null, parts: [] }];
    expect([...actionsOf(requestOf({ status: 'completed_with_gaps', connectors }))]).toEqual(['retry']);
  });
});

describe('CSV', () => {
  it('reads quotes, line ends of every kind and either separator', () => {
    expect(parseCsv('\uFEFFa,b\r\n"x, ""y""\nz",2\n\n')).toEqual([
      ['a', 'b'],
      ['x, "y"\nz', '2'],
    ]);
    expect(parseCsv('a;b\n1,5;2')).toEqual([
      ['a', 'b'],
      ['1,5', '2'],
    ]);
  });

  it('writes what has to be quoted in quotes', () => {
    expect(toCsv([['+x/=', 'a,b', 3, null, 'q"']])).toBe('+x/=,"a,b",3,,"q"""\r\n');
  });
});

describe('a bulk', () => {
  it('takes rows of one external id as one person', () => {
    const { people, faults } = peopleOf(
      'namespace,value,format,externalId\nemail,a@example.com,,c-1\nphone,+1,,c-1\nemail,b@example.com,sha256,\n',
    );
    expect(faults).toEqual([]);
    expect(people.map(({ externalId, identities }) => [externalId, identities.length])).toEqual([
      ['c-1', 2],
      [null, 1],
    ]);
  });

  it('names the line that is wrong', () => {
    expect(peopleOf('').faults).toEqual([{ code: 'empty', line: 0 }]);
    expect(peopleOf('email\nx').faults).toEqual([{ code: 'columns', line: 1 }]);
    expect(peopleOf('value,namespace,format\nx,,\n,email,\nx,email,md5').faults).toEqual([
      { code: 'namespace', line: 2 },
      { code: 'value', line: 3 },
      { code: 'format', line: 4 },
    ]);
    const many = Array.from({ length: 1001 }, () => 'email,x').join('\n');
    expect(peopleOf(`namespace,value\n${many}`).faults).toEqual([{ code: 'too_many', line: 0 }]);
  });
});
