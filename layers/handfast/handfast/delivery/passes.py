"""Delivering a span: every bucket of it whose ledger or whose leftovers are others than delivery left them.

Buckets that are due go together, as many as memory allows. Order in a group of them: the attempts that are about to be
made, the requests, dead letters, what the destination has taken, what is left of the attempts, and at last the span's
state. Whatever a crash leaves is an attempt, which the next pass finds: what is still wanted of it is sent again, under
the same id, and of what is not the destination is told the contrary.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.dataflows.models import Dataflow
from handfast.delivery import states, store
from handfast.delivery.batches import Batch, Buried, Outcome, send
from handfast.delivery.differences import DeliveryFiles, Differences, compared
from handfast.delivery.fetching import fetch
from handfast.delivery.line import Line
from handfast.delivery.models import BucketDelivery, Counts, DeadLetter
from handfast.delivery.store import SpanObjects
from handfast.destinations.contract import Sender
from handfast.destinations.sending import Sending
from handfast.lake import buckets, transfers
from handfast.platform import clock, objects, queues
from handfast.platform.ids import new_id
from handfast.platform.objects import ObjectVersion

SLICE = 10_000
"""Changes whose attempt is written down at once, before they are sent."""
GROUP_BYTES = 16 << 20
"""Of objects that are compared at once: some 150,000 pairs that are to be had, and as many that were taken."""
_UNSENT = "unsent "
"""Before the digest of a bucket that was compared, and of which something was not reached."""

type _States = Mapping[int, BucketDelivery]


@dataclass(frozen=True)
class Passed:
    """What came of a pass, whether some was not reached, and when what waits is due next (None: nothing waits)."""

    counts: Counts
    is_unfinished: bool
    due_at: datetime | None


@dataclass
class _Pass:
    flow: Dataflow
    sending: Sending
    line: Line
    found: SpanObjects
    began: datetime
    counts: Counts = field(default_factory=Counts)
    unsent: set[int] = field(default_factory=set)
    unseen: set[int] = field(default_factory=set)

    def is_enough(self) -> bool:
        """Whether the rest is left to another pass."""
        return queues.is_enough(self.began)

    def read(self, bucket: int) -> str:
        """A digest of what decides on what is due of a bucket, but for what waits for its time."""
        ledger = self.found.disclosures.get(bucket)
        facts = [
            ledger.etag if ledger else None,
            sorted(stored.key for stored in self.found.dead),
            sorted(self.sending.targets.items()),
            self.sending.backfill,
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def deliver(flow: Dataflow, span: int, sending: Sending, line: Line) -> Passed:
    """Send what is due of a span. Raises LostRaceError when somebody else writes its objects."""
    work = _Pass(flow, sending, line, store.span_objects(flow.dataflow_id, span), clock.now())
    before, version = states.state(flow.dataflow_id, span)
    after = dict(before)
    weights = [(bucket, work.found.weight(bucket)) for bucket in _due(work, before)]
    with ExitStack() as opened:
        sender = cache(lambda: opened.enter_context(sending.kind.open(sending.account)))
        for group in buckets.groups(weights, GROUP_BYTES):
            if work.is_enough() or (line.is_open and _are_counted(work, group, before)):
                work.unseen.update(group)
            else:
                after |= _deliver_group(work, group, sender)
    after = {
        bucket: state if bucket in work.unseen else _with_read(work, bucket, state) for bucket, state in after.items()
    }
    if after != before:
        states.write_state(flow.dataflow_id, span, after, over=version)
    work.counts.calls = line.calls
    return _passed(work, after)


def look(flow: Dataflow, span: int, sending: Sending, line: Line, *, everywhere: bool = False) -> Passed:
    """Note what waits of a span in its state, and send nothing; `everywhere` in buckets that have not changed too.

    Raises LostRaceError when somebody else writes its objects.
    """
    work = _Pass(flow, sending, line, store.span_objects(flow.dataflow_id, span), clock.now())
    before, version = states.state(flow.dataflow_id, span)
    after = dict(before)
    due = sorted({*work.found.disclosures, *work.found.held, *before}) if everywhere else _due(work, before)
    for group in buckets.groups([(bucket, work.found.weight(bucket)) for bucket in due], GROUP_BYTES):
        if work.is_enough():
            work.unseen.update(group)
        else:
            after |= {bucket: _with_read(work, bucket, state) for bucket, state in _look_at(work, group).items()}
    if after != before:
        states.write_state(flow.dataflow_id, span, after, over=version)
    return _passed(work, after)


def _look_at(work: _Pass, group: Sequence[int]) -> dict[int, BucketDelivery]:
    with TemporaryDirectory() as name:
        files, _ = _fetch(work, group, Path(name))
        with compared(files, group, work.sending, clock.now()) as differences:
            differences.take((), (), ())
            return differences.states(group)


def _passed(work: _Pass, after: _States) -> Passed:
    due = [clock.from_text(state.due_at) if state.due_at else work.began for state in after.values() if state.left]
    return Passed(work.counts, bool(work.unsent or work.unseen), min(due, default=None))


def _due(work: _Pass, before: _States) -> list[int]:
    """The buckets to be looked at: where changes are gathered, also those that have some which wait."""
    known = sorted({*work.found.disclosures, *work.found.held, *before})
    due = [bucket for bucket in known if _is_due(before.get(bucket), work.read(bucket), work.began)]
    if not due or not work.sending.aggregation.max_age_seconds:
        return due
    return [bucket for bucket in known if bucket in due or before[bucket].left]


def _is_due(state: BucketDelivery | None, read: str, now: datetime) -> bool:
    if state is None or state.read != read:
        return True
    return state.left > 0 and (state.due_at is None or clock.from_text(state.due_at) <= now)


def _are_counted(work: _Pass, group: Sequence[int], before: _States) -> bool:
    """Whether it is known of buckets how much of them waits for a destination that is not to be called now."""
    return all(bucket in before and before[bucket].read == _UNSENT + work.read(bucket) for bucket in group)


def _with_read(work: _Pass, bucket: int, state: BucketDelivery) -> BucketDelivery:
    return replace(state, read=(_UNSENT if bucket in work.unsent else "") + work.read(bucket))


def _deliver_group(work: _Pass, group: Sequence[int], sender: Callable[[], Sender]) -> dict[int, BucketDelivery]:
    """Send what is due of some buckets; the buckets afterwards."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        files, doubtful = _fetch(work, group, folder)
        with compared(files, group, work.sending, clock.now()) as differences:
            outcome, attempts = _send(work, group[0], differences, sender, folder)
            letters = [_bury(work, group[0], differences, buried, folder) for buried in outcome.buried]
            buried = [number for each in outcome.buried for number in each.numbers]
            taken = differences.take(outcome.taken, outcome.left, buried)
            _count(work.counts, taken, outcome.buried)
            _write_held(work, differences.write_held(folder))
            ended = _resolve(differences, doubtful, folder) if taken else []
            work.found.dead = [stored for stored in work.found.dead if stored.key not in ended] + letters
            _leave(work, group[0], differences, outcome, folder, attempts)
            if outcome.reached < differences.due:
                work.unsent.update(group)
            return differences.states(group)


def _fetch(work: _Pass, group: Sequence[int], folder: Path) -> tuple[DeliveryFiles, Mapping[Path, ObjectVersion]]:
    column = "attributes" if work.sending.attributes else None
    return fetch(work.found, group, work.sending.sandbox_id, column, folder)


def _send(
    work: _Pass, bucket: int, differences: Differences, sender: Callable[[], Sender], folder: Path
) -> tuple[Outcome, list[ObjectVersion]]:
    """Send what is due, a slice at a time: what came of it, and the attempts that were written down for it."""
    outcome, attempts = Outcome(), []
    requests = differences.requests()
    for part in buckets.groups(((at, len(numbers)) for at, numbers in enumerate(requests)), SLICE):
        if work.line.is_open or work.is_enough():
            break
        numbers = range(requests[part[0]].start, requests[part[-1]].stop)
        path = folder / f"attempts-{numbers.start}.parquet"
        differences.write_attempts(numbers, path)
        key = store.attempt_key(work.flow.dataflow_id, bucket, new_id("att"))
        attempts.append(objects.write_file(key, path, replaces=None))
        batches = _batches(differences, numbers, [requests[at] for at in part])
        outcome.add(send(sender(), work.line, batches, work.is_enough))
    return outcome, attempts


def _batches(differences: Differences, numbers: range, requests: Sequence[range]) -> list[Batch]:
    pairs, tried, first = differences.pairs(numbers), differences.tried(numbers), numbers.start
    return [Batch(each, pairs[each.start - first : each.stop - first], tried) for each in requests]


def _count(counts: Counts, taken: list[tuple[str, bool, int]], buried: list[Buried]) -> None:
    for segment, entered, number in taken:
        counts.take(segment, number, entered=entered)
    for each in buried:
        counts.fail(each.reason, len(each.numbers))
        counts.failed_by_segment.update(each.batch.pair(number).segment_id for number in each.numbers)


def _bury(work: _Pass, bucket: int, differences: Differences, buried: Buried, folder: Path) -> ObjectVersion:
    """Write a dead letter: the changes, then what people are told of it."""
    batch, sending = buried.batch, work.sending
    batch_id = new_id("bat")
    path = folder / f"{batch_id}.parquet"
    differences.write_dead(buried.numbers, path, in_doubt=buried.in_doubt)
    key = store.dead_key(work.flow.dataflow_id, bucket, batch_id, in_doubt=buried.in_doubt)
    stored = objects.write_file(key, path, replaces=None)
    pairs = [batch.pair(number) for number in buried.numbers]
    store.put_dead_letter(
        DeadLetter(
            sandbox_id=sending.sandbox_id,
            destination_id=sending.destination_id,
            dataflow_id=work.flow.dataflow_id,
            batch_id=batch_id,
            bucket=bucket,
            at=clock.now_text(),
            pairs=len(pairs),
            identities=len({(pair.target, pair.value) for pair in pairs}),
            status=buried.answer.status,
            reason=buried.reason,
            answer=buried.answer.detail,
            attempts=max(batch.attempts(number) + 1 for number in buried.numbers),
            in_doubt=buried.in_doubt,
            segments=dict(Counter(pair.segment_id for pair in pairs)),
        )
    )
    return stored


def _write_held(work: _Pass, paths: Mapping[int, Path]) -> None:
    def write(bucket: int) -> None:
        key = store.held_key(work.flow.dataflow_id, bucket)
        objects.write_file(key, paths[bucket], replaces=work.found.held.get(bucket))

    transfers.parallel(write, paths)


def _resolve(differences: Differences, doubtful: Mapping[Path, ObjectVersion], folder: Path) -> list[str]:
    """Take out of dead letters in doubt what the destination has been told of since; the keys of those that end so."""
    ended = []
    for number, (path, stored) in enumerate(doubtful.items()):
        rest = folder / f"unresolved-{number}.parquet"
        left, rows = differences.write_unresolved(path, rest)
        if not left:
            ended.append(stored.key)
        elif left < rows:
            objects.write_file(stored.key, rest, replaces=stored)
    objects.delete(*ended)
    return ended


def _leave(
    work: _Pass, bucket: int, differences: Differences, outcome: Outcome, folder: Path, attempts: list[ObjectVersion]
) -> None:
    """Write what is in doubt, in place of all attempts of the span so far."""
    path, former, left = folder / "left.parquet", work.found.attempts, []
    # Of what was taken at its first try nothing is in doubt.
    if (outcome.left or former) and differences.write_left(path):
        key = store.attempt_key(work.flow.dataflow_id, bucket, new_id("att"))
        left = [objects.write_file(key, path, replaces=None)]
    objects.delete(*(stored.key for stored in (*former, *attempts)))
    work.found.attempts = left
