"""Delivering whole memberships: one delivery has all that a dataflow is to have given, of all spans.

One worker writes it, a part at a time: it puts down who is in the part, writes the part's files, and after the last one
the manifest; then what was put down is what the destination holds. A worker that dies, or whose time is over, leaves a
delivery underway that the next one goes on with, under the same names. Nobody counts as given or as having left before
a delivery is complete, and whom an incomplete one has named is not forgotten.
"""

import hashlib
import json
import random
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from handfast.dataflows.models import Dataflow
from handfast.delivery import passes, rules, snapshot_states, states, store
from handfast.delivery.line import Line
from handfast.delivery.models import Counts, DeadLetter
from handfast.delivery.passes import Passed
from handfast.delivery.snapshot_parts import NotTakenError, write_manifest, write_parts
from handfast.delivery.snapshot_states import Snapshots, StagedPart, Underway
from handfast.delivery.snapshot_work import Work
from handfast.delivery.staging import write_held
from handfast.destinations import waking
from handfast.destinations.contract import Answer, SnapshotFormat, SnapshotSender
from handfast.destinations.sending import Sending
from handfast.lake import buckets, transfers
from handfast.platform import clock, objects, slots, table
from handfast.platform.ids import new_id

REPEATED_AFTER = timedelta(days=1)
"""After that a delivery is written though nothing has changed: RTC Collaboration forgets what is 7 days old."""
AGAIN_AFTER = timedelta(hours=1)
"""After that a delivery that was given up is written anew, unless its dead letter is replayed or discarded before."""
STALE_AFTER = timedelta(minutes=15)
"""After that nobody is written who was put down for parts of profiles, which are written once all are put down."""
_BUSY = timedelta(seconds=5)
_THROTTLED = 429
_FIRST_SPAN = 0
"""Whoever is at it writes the dataflow's deliveries; what is repeated wakes it."""


def deliver(flow: Dataflow, span: int, sending: Sending, to: SnapshotFormat, line: Line, holder: str) -> Passed:
    """Look what has changed in a span, and write a delivery of all spans, or go on with one, where that is due.

    The caller has the lease of the span, as `holder`. Raises LostRaceError when somebody else writes its objects.
    """
    began = clock.now()
    looked = passes.look(flow, span, sending, line)
    state, _ = snapshot_states.read(flow.dataflow_id)
    due_at = _due_at(flow, span, sending, state, looked)
    if due_at is None or due_at > clock.now():
        return replace(looked, due_at=due_at)
    with ExitStack() as opened:
        first = store.slots(flow.dataflow_id, _FIRST_SPAN)
        if span != _FIRST_SPAN and not opened.enter_context(slots.lent(first, holder)):
            return Passed(Counts(), False, clock.now() + _BUSY)
        # What another worker has done since is no more to be done.
        state, version = snapshot_states.read(flow.dataflow_id)
        sender = cast("SnapshotSender", opened.enter_context(sending.kind.open(sending.account)))
        lent = frozenset({span, _FIRST_SPAN})
        work = Work(flow, sending, to, sender, line, holder, lent, state, version, began)
        is_complete = _go_on(work)
    work.counts.calls = line.calls
    if not is_complete and work.state.underway is not None and work.state.underway.not_before is None:
        return Passed(work.counts, True, None)
    buckets_now, _ = states.state(flow.dataflow_id, span)
    waiting = [
        clock.from_text(each.due_at) if each.due_at else clock.now() for each in buckets_now.values() if each.left
    ]
    left = Passed(work.counts, False, min(waiting, default=None))
    return replace(left, due_at=_due_at(flow, span, sending, work.state, left))


def terms(sending: Sending) -> str:
    """A digest of how memberships are written: a delivery by other terms takes the place of the one before."""
    account = sending.account
    facts = [
        account.settings.model_dump(mode="json"),
        sorted(sending.targets.items()),
        sorted(sending.hashed),
        [(each.segment_id, each.mapping_id) for each in account.segments.values()],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _due_at(flow: Dataflow, span: int, sending: Sending, state: Snapshots, looked: Passed) -> datetime | None:
    """When this span's worker has to write a delivery; None: not that it knew."""
    now = clock.now()
    if state.underway is not None:
        return clock.from_text(state.underway.not_before) if state.underway.not_before else now
    due = [looked.due_at] if looked.due_at else []
    if not sending.is_paused and state.terms != terms(sending) and _has_members(flow, span):
        due.append(now)
    if not sending.is_paused and state.began_at and span == _FIRST_SPAN:
        due.append(clock.from_text(state.began_at) + REPEATED_AFTER)
    at = min(due, default=None)
    if at and state.failed_at and state.failed_batch_id and _is_dead(sending, state.failed_batch_id):
        return max(at, clock.from_text(state.failed_at) + AGAIN_AFTER)
    return at


def _has_members(flow: Dataflow, span: int) -> bool:
    found, _ = states.state(flow.dataflow_id, span)
    return any(each.held for each in found.values())


def _is_dead(sending: Sending, batch_id: str) -> bool:
    return store.dead_letter(sending.destination_id, batch_id) is not None


def _go_on(work: Work) -> bool:
    """Write what is left of a delivery; whether it is complete."""
    work.save(underway=_begun(work))
    try:
        if not work.underway.is_told:
            if not write_parts(work):
                return False
            write_manifest(work)
    except NotTakenError as error:
        _fail(work, error.answer)
        return False
    if not _hold(work):
        return False
    _complete(work)
    return True


def _begun(work: Work) -> Underway:
    """The delivery that is underway, as it is gone on with, or a new one.

    Whoever was put down and not written is put down anew, so that nobody is given who has left meanwhile.
    """
    old, by, now = work.state.underway, terms(work.sending), clock.now()
    if old is None or (old.terms != by and not old.is_told):
        return Underway(new_id("bat"), clock.to_text(now), by)
    if old.is_told:
        return old
    if not _are_there(work, old):
        return Underway(new_id("bat"), clock.to_text(now), by)
    if not work.to.by_profile:
        written = len(old.written)
        spans = tuple(span for span in old.spans if all(part.span != span for part in old.parts[written:]))
        return replace(old, parts=old.parts[:written], spans=spans, not_before=None)
    is_stale = bool(old.not_before) or now - clock.from_text(old.staged_at or old.began_at) > STALE_AFTER
    if not is_stale:
        return old
    return replace(old, parts=(), spans=(), written=(), staged_at=clock.to_text(now), not_before=None)


def _are_there(work: Work, of: Underway) -> bool:
    """Whether all is there still that was put down: a time of being told of changes takes it away."""
    there = {stored.key for stored in objects.listing(store.attempts_prefix(work.flow.dataflow_id))}
    return all(part.key in there for part in of.parts)


def _fail(work: Work, answer: Answer) -> None:
    """Have a delivery gone on with later, or give it up: a dead letter, until another one is complete."""
    underway = work.underway
    tries = underway.tries + (answer.status != _THROTTLED)
    if answer.may_succeed and tries < rules.TRIES:
        wait = rules.backoff(max(tries, 1), random.random(), answer.retry_after)  # noqa: S311 - jitter
        work.go_on(tries=tries, not_before=clock.to_text(clock.now() + wait))
        return
    segments = sum((Counter(part.entered) + Counter(part.exited) for part in underway.parts), Counter[str]())
    letter = DeadLetter(
        sandbox_id=work.sending.sandbox_id,
        destination_id=work.sending.destination_id,
        dataflow_id=work.flow.dataflow_id,
        batch_id=underway.batch_id,
        bucket=0,
        at=clock.now_text(),
        pairs=segments.total(),
        identities=sum(part.identities for part in underway.parts),
        status=answer.status,
        reason=answer.reason,
        answer=answer.detail,
        attempts=tries,
        in_doubt=True,
        segments=dict(segments),
    )
    _forget_letter(work)
    store.put_dead_letter(letter)
    work.counts.fail(letter.reason, letter.pairs)
    work.counts.failed_by_segment.update(segments)
    work.save(underway=None, failed_batch_id=letter.batch_id, failed_at=letter.at)


def _forget_letter(work: Work) -> None:
    """Remove the dead letter of the delivery that was given up last."""
    failed = work.state.failed_batch_id
    letter = store.dead_letter(work.sending.destination_id, failed) if failed else None
    if letter is not None:
        table.apply(store.without_dead_letter(letter))


def _hold(work: Work) -> bool:
    """Note what was put down as what the destination holds, span by span; whether all is noted."""
    for span in buckets.all_spans():
        if span in work.underway.held:
            continue
        with work.at(span) as is_lent:
            if not is_lent or work.is_over():
                return False
            _hold_span(work, span)
    return True


def _hold_span(work: Work, span: int) -> None:
    dataflow_id = work.flow.dataflow_id
    found = store.span_objects(dataflow_id, span)
    parts = [part for part in work.underway.parts if part.span == span]
    for part in parts:
        _hold_part(work, part, found)
    # Whom earlier deliveries, and changes, may have named is in none of this one's files, or is held.
    objects.delete(*(stored.key for stored in [*found.attempts, *filter(store.is_doubtful, found.dead)]))
    for part in parts:
        for counted, entered in ((part.entered, True), (part.exited, False)):
            for segment, number in counted.items():
                work.counts.take(segment, number, entered=entered)
    looked = passes.look(work.flow, span, work.sending, work.line, everywhere=True)
    if looked.due_at:
        waking.wake(dataflow_id, span, looked.due_at)
    work.go_on(held=(*work.underway.held, span))


def _hold_part(work: Work, part: StagedPart, found: store.SpanObjects) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        staged = folder / "staged.parquet"
        if objects.download(part.key, staged) is None:
            return  # noted before a crash
        held = write_held(staged, part.buckets, clock.from_text(work.underway.began_at), folder)
        wanted = {bucket: path for bucket, (path, rows) in held.items() if rows or bucket in found.held}

        def write(bucket: int) -> None:
            key = store.held_key(work.flow.dataflow_id, bucket)
            objects.write_file(key, wanted[bucket], replaces=found.held.get(bucket))

        transfers.parallel(write, wanted)


def _complete(work: Work) -> None:
    underway = work.underway
    _forget_letter(work)
    work.save(
        underway=None,
        began_at=underway.began_at,
        terms=underway.terms,
        parts=len(underway.written) if work.to.by_profile else work.state.parts,
        failed_batch_id=None,
        failed_at=None,
    )
    if not work.sending.is_paused:
        again = clock.from_text(underway.began_at) + REPEATED_AFTER
        waking.wake(work.flow.dataflow_id, _FIRST_SPAN, max(again, clock.now()))
