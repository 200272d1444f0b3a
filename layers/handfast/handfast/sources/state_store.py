"""Where sources stand, in the table of segments, and which files they have taken, as objects of the data bucket.

pk                  sk              item
SBX#{s}             SRCSTATE#{src}  where a source stands
SRCDUE              {time}#{src}    a source that is run at a time
WATCHED#{bucket}    {src}           a prefix whose events begin runs
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from handfast.journal.keys import sandbox_key
from handfast.journal.models import Event
from handfast.journal.store import commit
from handfast.platform import clock, items, objects, table
from handfast.platform.items import ItemKind
from handfast.platform.optimistic import retry
from handfast.platform.table import UNCONDITIONAL, ConditionFailed, Delete, Write
from handfast.remote_files.models import Source
from handfast.remote_files.store import SEGMENTS
from handfast.sources import rules
from handfast.sources.models import DueSource, SourceState, WatchedPrefix

LEASE = timedelta(minutes=16)
"""How long a run holds its source at most: longer than a worker lives."""
_STATE = ItemKind("source_state", SourceState, SEGMENTS)
_DUE = ItemKind("source_due", DueSource, SEGMENTS)
_WATCHED = ItemKind("source_watched", WatchedPrefix, SEGMENTS)
_DUES = "SRCDUE"


class RunningError(Exception):
    """A run of the source is in work."""


# Where a source stands


def state(sandbox_id: str, source_id: str) -> SourceState | None:
    """Where a source stands."""
    return _STATE.get(sandbox_key(sandbox_id), _state_key(source_id))


def states(sandbox_id: str, source_ids: Sequence[str]) -> dict[str, SourceState]:
    """Where some sources stand, by their ids."""
    keys = [(sandbox_key(sandbox_id), _state_key(source_id)) for source_id in source_ids]
    return {(found := _STATE.load(item)).source_id: found for item in table.get_many(SEGMENTS, keys).values()}


def _state_key(source_id: str) -> str:
    return f"SRCSTATE#{source_id}"


def put(new: SourceState, over: SourceState | None) -> list[Write]:
    """The writes of where a source stands, over the revision read or as a new one, and of when it is due."""
    key = sandbox_key(new.sandbox_id)
    writes: list[Write] = [items.revise(_STATE, new, over, key, _state_key(new.source_id))]
    before = over.due_at if over else None
    if before != new.due_at:
        writes += [Delete(SEGMENTS, _DUES, _due_key(before, new.source_id), UNCONDITIONAL)] if before else []
        due = DueSource(new.sandbox_id, new.source_id)
        writes += [_DUE.put(due, _DUES, _due_key(new.due_at, new.source_id), UNCONDITIONAL)] if new.due_at else []
    return writes


def remove(old: SourceState) -> list[Write]:
    """The writes that delete where a source stands at the revision read, and when it is due."""
    gone = [Delete(SEGMENTS, sandbox_key(old.sandbox_id), _state_key(old.source_id), items.at_revision(old))]
    return [
        *gone,
        *([Delete(SEGMENTS, _DUES, _due_key(old.due_at, old.source_id), UNCONDITIONAL)] if old.due_at else []),
    ]


def _due_key(due_at: str, source_id: str) -> str:
    return f"{due_at}#{source_id}"


def due(now: str) -> Iterator[DueSource]:
    """The sources that are due, those first that have been for longest."""
    return map(_DUE.load, table.between(SEGMENTS, _DUES, "0", f"{now}$"))


def claim(sandbox_id: str, source_id: str) -> SourceState | None:
    """Hold a source for a run, which is due again once the lease has ended; returns where it stood before.

    None where there is no such source. Raises RunningError while another run holds it.
    """

    def attempt() -> SourceState | None:
        old, now = state(sandbox_id, source_id), clock.now()
        if old is None:
            return None
        if old.claimed_until is not None and old.claimed_until > clock.to_text(now):
            raise RunningError
        ends = clock.to_text(now + LEASE)
        held = replace(old, claimed_until=ends, next_at=ends, event_at=None, events_since=None)
        table.transact(put(held, over=old))
        return old

    return retry(attempt, ConditionFailed)


def change(
    sandbox_id: str, source_id: str, how: Callable[[SourceState], SourceState | None], events: Sequence[Event] = ()
) -> None:
    """Write where a source stands as `how` makes it of where it does; None, or a source that is gone, stays so."""

    def attempt() -> None:
        old = state(sandbox_id, source_id)
        new = how(old) if old else None
        if old is not None and new is not None:
            commit(put(new, over=old), events)

    retry(attempt, ConditionFailed, pause=0.05)


# Prefixes whose events begin runs


def watch(bucket: str, prefix: str, of: Source) -> Write:
    """The write that has events of a prefix begin runs of a source."""
    watched = WatchedPrefix(of.sandbox_id, of.source_id, of.kind, prefix)
    return _WATCHED.put(watched, _of(bucket), of.source_id, UNCONDITIONAL)


def unwatch(bucket: str, of: Source) -> Write:
    """The write after which no events of a bucket begin runs of a source."""
    return Delete(SEGMENTS, _of(bucket), of.source_id, UNCONDITIONAL)


def watched(bucket: str) -> Iterator[WatchedPrefix]:
    """The prefixes of a bucket whose events begin runs."""
    return _WATCHED.query(_of(bucket))


def _of(bucket: str) -> str:
    return f"WATCHED#{bucket}"


# Files that were taken, by their digests


def taken(found: Source) -> frozenset[bytes]:
    """The digests of the files that a source has taken."""
    return _digests(_taken_key(found.sandbox_id, found.source_id))


def offered(found: Source) -> frozenset[bytes]:
    """The digests of the files of the last import, of which it is not known yet whether they are taken."""
    return _digests(_offered_key(found.sandbox_id, found.source_id))


def offer(of: Source, digests: frozenset[bytes]) -> None:
    """Note the files of an import that is about to begin."""
    _write(_offered_key(of.sandbox_id, of.source_id), digests)


def take(of: Source, digests: frozenset[bytes]) -> None:
    """Note the files that a source has taken, in place of those noted before."""
    _write(_taken_key(of.sandbox_id, of.source_id), digests)


def forget_files(sandbox_id: str, source_id: str) -> None:
    """Forget which files a source has taken."""
    objects.delete(_taken_key(sandbox_id, source_id), _offered_key(sandbox_id, source_id))


def _digests(key: str) -> frozenset[bytes]:
    read = objects.read(key) if objects.find(key) else None
    return rules.unpacked(read[0]) if read else frozenset()


def _write(key: str, digests: frozenset[bytes]) -> None:
    objects.write(key, rules.packed(digests), replaces=objects.find(key))


def prefix(sandbox_id: str) -> str:
    """Where a sandbox's objects of sources lie."""
    return f"sources/{sandbox_id}/"


def _taken_key(sandbox_id: str, source_id: str) -> str:
    return f"{prefix(sandbox_id)}{source_id}/taken"


def _offered_key(sandbox_id: str, source_id: str) -> str:
    return f"{prefix(sandbox_id)}{source_id}/offered"
