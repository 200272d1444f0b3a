"""Dead letters of a destination: listed, sent again, discarded by a person (docs/api.md, Destinations)."""

from collections.abc import Iterator
from itertools import islice

from handfast.delivery import store
from handfast.delivery.models import DeadLetter
from handfast.delivery.views import DeadLetterList, DeadLetterView, Replay, Replayed
from handfast.destinations import naming, waking
from handfast.destinations.store import destination
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.lake import buckets
from handfast.lake.transfers import parallel
from handfast.platform import clock
from handfast.platform.optimistic import Versions, check_version
from handfast.platform.problems import NotFound

_VERSION = 1
"""That of every dead letter: none changes."""
AT_ONCE = 90
"""Dead letters that one call sends again, which one transaction takes."""


def list_dead_letters(caller: Caller, destination_id: str, limit: int, cursor: str | None) -> DeadLetterList:
    """A page of a destination's dead letters, newest first.

    Raises NotFound for an unknown destination, Malformed for a cursor of another list.
    """
    _name(caller, destination_id)
    found, more = store.dead_letters_page(destination_id, limit, cursor)
    told = (name for letter in found for name in letter.segments)
    segments = naming.of_destination(caller.sandbox_id, destination_id, told)
    return DeadLetterList(items=list(map(_view, found)), segments=segments, next_cursor=more)


def replay(caller: Caller, destination_id: str, body: Replay) -> Replayed:
    """Send dead letters again, as far as they are still wanted.

    Raises NotFound for an unknown destination or an id that names no dead letter of it.
    """
    name = _name(caller, destination_id)
    wanted = _wanted(destination_id, body)
    first = list(islice(wanted, AT_ONCE))
    left = sum(1 for _ in wanted)
    parallel(lambda letter: store.revive(letter.dataflow_id, letter.bucket, letter.batch_id), first)
    for dataflow_id, span in sorted({(letter.dataflow_id, buckets.span_of(letter.bucket)) for letter in first}):
        waking.wake(dataflow_id, span)
    detail = {"name": name, "batches": len(first), "pairs": sum(letter.pairs for letter in first)}
    if first:
        event = Event(caller.sandbox_id, "destination.replayed", Actor.of(caller), destination_id, detail)
        commit(list(map(store.without_dead_letter, first)), [event])
    return Replayed(replayed=len(first), left=left)


def discard(caller: Caller, destination_id: str, batch_id: str, if_match: Versions) -> None:
    """Give up the changes of a dead letter; the destination is not told of them any more.

    Raises NotFound for an unknown destination or dead letter, Stale for a version in If-Match that it never has.
    """
    name, letter = _name(caller, destination_id), _letter(destination_id, batch_id)
    check_version(if_match, _VERSION, "dead letter")
    detail = {"name": name, "batchId": batch_id, "pairs": letter.pairs, "reason": letter.reason}
    event = Event(caller.sandbox_id, "destination.discarded", Actor.of(caller), destination_id, detail)
    commit([store.without_dead_letter(letter)], [event])


def _wanted(destination_id: str, body: Replay) -> Iterator[DeadLetter]:
    if body.batch_ids is not None:
        return iter([_letter(destination_id, batch_id) for batch_id in dict.fromkeys(body.batch_ids)])
    first = clock.to_text(body.from_) if body.from_ else ""
    end = clock.to_text(body.to) if body.to else "~"
    return (letter for letter in store.dead_letters(destination_id) if first <= letter.at < end)


def _letter(destination_id: str, batch_id: str) -> DeadLetter:
    found = store.dead_letter(destination_id, batch_id)
    if found is None:
        raise NotFound(f"no such dead letter: {batch_id}")
    return found


def _name(caller: Caller, destination_id: str) -> str:
    found = destination(caller.sandbox_id, destination_id)
    if found is None:
        raise NotFound("no such destination")
    return found.name


def _view(letter: DeadLetter) -> DeadLetterView:
    return DeadLetterView(
        batch_id=letter.batch_id,
        dataflow_id=letter.dataflow_id,
        at=letter.at,
        identities=letter.identities,
        pairs=letter.pairs,
        segments=letter.segments,
        status=letter.status,
        reason=letter.reason,
        answer=letter.answer,
        attempts=letter.attempts,
        in_doubt=letter.in_doubt,
    )
