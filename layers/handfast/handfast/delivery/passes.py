"""Delivering a span: every bucket of it whose ledger or whose leftovers are others than delivery left them.

Order in a bucket: the attempts that are about to be made, the requests, dead letters, what the destination has taken,
what is left of the attempts, and at last the span's state. Whatever a crash leaves is an attempt, which the next pass
finds: what is still wanted of it is sent again, under the same id, and of what is not the destination is told the
contrary.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.dataflows.models import Dataflow
from handfast.delivery import states, store
from handfast.delivery.batches import Batch, Buried, Outcome, send
from handfast.delivery.differences import DeliveryFiles, Differences, Left, compared
from handfast.delivery.line import Line
from handfast.delivery.models import BucketDelivery, Counts, DeadLetter
from handfast.delivery.store import BucketObjects
from handfast.destinations.contract import Sender
from handfast.destinations.sending import Sending
from handfast.lake import buckets, layout, ranges, transfers
from handfast.platform import clock, objects, queues
from handfast.platform.ids import new_id
from handfast.platform.objects import ObjectVersion

SLICE = 10_000
"""Changes whose attempt is written down at once, before they are sent."""


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
    began: datetime
    counts: Counts = field(default_factory=Counts)
    unfinished: bool = False

    def is_enough(self) -> bool:
        """Whether the rest is left to another pass."""
        return queues.is_enough(self.began)


def deliver(flow: Dataflow, span: int, sending: Sending, line: Line) -> Passed:
    """Send what is due of a span. Raises LostRaceError when somebody else writes its objects."""
    work = _Pass(flow, sending, line, clock.now())
    before, version = states.state(flow.dataflow_id, span)
    after = dict(before)
    with ExitStack() as opened:
        sender = cache(lambda: opened.enter_context(sending.kind.open(sending.account)))
        for bucket, found in sorted(store.span_objects(flow.dataflow_id, span).items()):
            if not _is_due(before.get(bucket), _read(found, sending), work.began):
                continue
            if line.is_open or work.is_enough():
                work.unfinished = True
                break
            after[bucket] = _deliver_bucket(work, bucket, found, sender)
    if after != before:
        states.write_state(flow.dataflow_id, span, after, over=version)
    work.counts.calls = line.calls
    due = [clock.from_text(state.due_at) if state.due_at else work.began for state in after.values() if state.left]
    return Passed(work.counts, work.unfinished, min(due, default=None))


def _read(found: BucketObjects, sending: Sending) -> str:
    """A digest of what decides on what is due of a bucket, but for what waits for its time."""
    facts = [
        found.disclosures.etag if found.disclosures else None,
        sorted(stored.key for stored in found.dead),
        sorted(sending.targets.items()),
        sending.backfill,
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _is_due(state: BucketDelivery | None, read: str, now: datetime) -> bool:
    if state is None or state.read != read:
        return True
    return state.left > 0 and (state.due_at is None or clock.from_text(state.due_at) <= now)


def _deliver_bucket(work: _Pass, bucket: int, found: BucketObjects, sender: Callable[[], Sender]) -> BucketDelivery:
    flow_id, sending = work.flow.dataflow_id, work.sending
    with TemporaryDirectory() as name:
        folder = Path(name)
        files, versions = _fetch(found, folder, _profiles(sending, bucket))
        with compared(files, sending, clock.now()) as differences:
            outcome, attempts = _send(work, bucket, differences, sender, folder)
            dead = [_bury(work, bucket, differences, buried, folder) for buried in outcome.buried]
            _count(work.counts, differences.take(outcome.taken), outcome.buried)
            after = folder / "held-after.parquet"
            counts = differences.write_held(clock.now(), after)
            resolved = []
            if outcome.taken:
                held = versions.get(files.held) if files.held else None
                objects.write_file(store.held_key(flow_id, bucket), after, replaces=held)
                resolved = _resolve(differences, {path: versions[path] for path in files.doubtful}, folder)
            left = _leave(flow_id, bucket, differences, outcome, folder, found.attempts)
            objects.delete(*(stored.key for stored in (*found.attempts, *attempts)))
            due_at = _first(differences.due.first_at, outcome.left)
        is_unfinished = outcome.reached < differences.due.now
        work.unfinished |= is_unfinished
        still = [stored for stored in found.dead if stored.key not in resolved]
        seen = BucketObjects(found.disclosures, found.held, [], [*still, *dead])
        return BucketDelivery(
            read="" if is_unfinished else _read(seen, sending),
            held=counts,
            left=left,
            due_at=clock.to_text(due_at) if due_at else None,
        )


def _first(waiting: datetime | None, left: list[Left]) -> datetime | None:
    return min([each.not_before for each in left] + ([waiting] if waiting else []), default=None)


def _profiles(sending: Sending, bucket: int) -> str | None:
    """The key of the profiles whose attributes are sent along."""
    return buckets.object_key(layout.profiles(sending.sandbox_id), bucket) if sending.attributes else None


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


def _fetch(
    found: BucketObjects, folder: Path, profiles: str | None
) -> tuple[DeliveryFiles, Mapping[Path, ObjectVersion]]:
    """Copy a bucket's objects; beside the files the versions read."""
    wanted = [stored for stored in (found.disclosures, found.held, *found.attempts, *found.dead) if stored]
    paths = {folder / f"{number}.parquet": stored for number, stored in enumerate(wanted)}
    read = transfers.download({path: stored.key for path, stored in paths.items()})
    local = {paths[path].key: path for path in read}

    def of(listed: list[ObjectVersion]) -> list[Path]:
        return [local[stored.key] for stored in listed if stored.key in local]

    return (
        DeliveryFiles(
            profiles=_attributes(profiles, folder) if profiles else None,
            disclosures=local.get(found.disclosures.key) if found.disclosures else None,
            held=local.get(found.held.key) if found.held else None,
            attempts=of(found.attempts),
            dead=of(found.dead),
            doubtful=of([stored for stored in found.dead if store.is_doubtful(stored)]),
        ),
        read,
    )


def _attributes(key: str, folder: Path) -> Path | None:
    path = folder / "profiles.parquet"
    return path if ranges.copy({path: key}, {path: ("hi", "lo", "attributes")}) else None


def _send(
    work: _Pass, bucket: int, differences: Differences, sender: Callable[[], Sender], folder: Path
) -> tuple[Outcome, list[ObjectVersion]]:
    """Send what is due, a slice at a time: what came of it, and the attempts that were written down for it."""
    outcome, attempts = Outcome(), []
    for first in range(0, differences.due.now, SLICE):
        if work.line.is_open or work.is_enough():
            break
        path = folder / f"attempts-{first}.parquet"
        differences.write_attempts(first, SLICE, path)
        key = store.attempt_key(work.flow.dataflow_id, bucket, new_id("att"))
        attempts.append(objects.write_file(key, path, replaces=None))
        batches = _batches(differences, first, work.sending.limits.pairs)
        outcome.add(send(sender(), work.line, batches, work.is_enough))
    return outcome, attempts


def _batches(differences: Differences, first: int, size: int) -> list[Batch]:
    pairs, tried = differences.pairs(first, SLICE), differences.tried(first, SLICE)
    parts = [(start, pairs[start : start + size]) for start in range(0, len(pairs), size)]
    return [Batch(range(first + start, first + start + len(part)), part, tried) for start, part in parts]


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


def _leave(
    flow_id: str, bucket: int, differences: Differences, outcome: Outcome, folder: Path, former: list[ObjectVersion]
) -> int:
    """Write what is in doubt, in place of all attempts so far; returns how many changes are tried again."""
    path = folder / "left.parquet"
    buried = [number for each in outcome.buried for number in each.numbers]
    # Of what was taken at its first try nothing is in doubt.
    if (outcome.left or former) and differences.write_left(outcome.left, buried, path):
        objects.write_file(store.attempt_key(flow_id, bucket, new_id("att")), path, replaces=None)
    return len(outcome.left) + differences.due.waiting
