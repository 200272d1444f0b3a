import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { ProblemError } from 'handfast-client';
import { expect, it, vi } from 'vitest';
import { show } from '../testing/render';
import { Count } from './Count';
import { DryRunDialog } from './DryRunDialog';
import { errorAt, errorsElsewhere } from './field-errors';
import { Guarded } from './Guarded';
import { compare, ResourceTable } from './ResourceTable';
import { StatusBadge } from './StatusBadge';
import { Time } from './Time';
import { barsOf } from './Waterfall';

it('puts an error at the field that it points at or into', () => {
  const error = new ProblemError(422, {
    errors: [
      { pointer: '/types/0', message: 'is unknown' },
      { pointer: '/typesOfMore', message: 'is another' },
    ],
  });
  expect(errorAt(error, '/types')).toBe('is unknown');
  expect(errorsElsewhere(error, ['/types'])).toEqual([{ pointer: '/typesOfMore', message: 'is another' }]);
  expect(errorAt(new Error('x'), '/types')).toBeUndefined();
});

it('asks only after the dry run, and does it once confirmed', async () => {
  const onConfirm = vi.fn(async () => undefined);
  const onClose = vi.fn();
  let answer: (feeds: number) => void = () => undefined;
  const dryRun = () => new Promise<number>((resolve) => (answer = resolve));
  await show(
    <DryRunDialog title="Disconnect" confirm="Disconnect" dryRun={dryRun} onConfirm={onConfirm} onClose={onClose}>
      {(feeds) => <p>{feeds} feeds end</p>}
    </DryRunDialog>,
  );
  await screen.findByRole('dialog');
  const button = () => within(screen.getByRole('dialog')).getByRole('button', { name: 'Disconnect' });
  expect(button()).toBeDisabled();
  answer(3);
  expect(await screen.findByText('3 feeds end')).toBeVisible();
  await userEvent.click(button());
  expect(onConfirm).toHaveBeenCalledOnce();
  expect(onClose).toHaveBeenCalledOnce();
});

it('searches 2,000 rows and sorts numbers by size', async () => {
  const items = Array.from({ length: 2000 }, (_, at) => ({ id: `seg_${at}`, name: `Segment ${at}` }));
  const list = { data: { items, isCut: false }, error: null, isPending: false, refetch: vi.fn() };
  await show(
    <ResourceTable
      name="test"
      title="Segments"
      list={list}
      columns={[{ id: 'name', header: 'Name', cell: ({ name }) => name, value: ({ name }) => name, isRowHeader: true }]}
      idOf={({ id }) => id}
      empty={{ title: 'None' }}
      sortBy={{ column: 'name' }}
    />,
  );
  expect(await screen.findAllByRole('row')).toHaveLength(21);
  await userEvent.type(screen.getByRole('searchbox'), 'segment 1999');
  expect((await screen.findAllByText('1 match'))[0]).toBeVisible();
  expect(screen.getAllByRole('row')).toHaveLength(2);
  expect([10, 9, 100].sort(compare)).toEqual([9, 10, 100]);
  expect(['b 10', 'b 9', null].sort(compare)).toEqual([null, 'b 9', 'b 10']);
});

it('writes numbers, times and statuses in words', async () => {
  const hourAgo = new Date(Date.now() - 3_700_000).toISOString();
  await show(
    <>
      <Count value={1234567} /> <Count value={null} fewerThan={50} /> <Time at={hourAgo} /> <Time at={null} />
      <StatusBadge status="completed_with_gaps" /> <StatusBadge status="ENABLED" /> <StatusBadge status="new_code" />
    </>,
  );
  for (const text of ['1,234,567', 'Completed with gaps', 'Enabled', 'new_code', '1 hour ago'])
    expect(screen.getByText(text)).toBeVisible();
  expect(document.body).toHaveTextContent('fewer than 50');
});

it('shows to those whose grant allows it', async () => {
  const guarded = (
    <Guarded permission="feeds:write" otherwise="not yours">
      <p>yours</p>
    </Guarded>
  );
  const { unmount } = await show(guarded, { permissions: ['feeds:write'] });
  expect(await screen.findByText('yours')).toBeVisible();
  unmount();
  await show(guarded, { permissions: ['feeds:read'] });
  expect(await screen.findByText('not yours')).toBeVisible();
});

it('draws each loss where the one before ended', () => {
  const bars = barsOf(
    { label: 'm', count: 10 },
    [
      { label: 'a', count: 3 },
      { label: 'b', count: 2 },
    ],
    { label: 's', count: 5 },
  );
  expect(bars.map(({ start, count }) => [start, count])).toEqual([
    [0, 10],
    [7, 3],
    [5, 2],
    [0, 5],
  ]);
});
