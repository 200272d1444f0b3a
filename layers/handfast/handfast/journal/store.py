"""The log of each sandbox; `commit` is how every state change is written."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from handfast.journal.chain import GENESIS, record_hash
from handfast.journal.models import Event
from handfast.platform import clock, table
from handfast.platform.optimistic import retry
from handfast.platform.problems import TooManyRequests
from handfast.platform.table import ConditionFailed, Item, Page, Put, TransactionConflict, Write

ACTIVITY = "ACTIVITY_TABLE"


_ATTEMPTS = 12
_SKEW = timedelta(minutes=1)
"""How far the clocks of who writes a log may be apart: its records are in the order in which they were written."""
_PAUSE = 0.02
"""Seconds between the first two attempts at most."""


def _log_key(sandbox_id: str) -> str:
    return f"LOG#{sandbox_id}"


def _record_key(sequence: int) -> str:
    return f"SEQ#{sequence:012d}"


def next_records(sandbox_id: str, events: Sequence[Event]) -> Iterator[Item]:
    """The records that events of one sandbox become at the end of its log, chained to the last that is there."""
    last = next(table.query(ACTIVITY, _log_key(sandbox_id), "SEQ#", newest_first=True, batch=1), None)
    sequence, previous = (last["sequence"], last["hash"]) if last else (0, GENESIS)
    for event in events:
        sequence += 1
        record: Item = {
            "pk": _log_key(sandbox_id),
            "sk": _record_key(sequence),
            "sequence": sequence,
            "type": event.type,
            "at": clock.now_text(),
            "actor": {"kind": event.actor.kind, "id": event.actor.actor_id, "name": event.actor.name},
            "subject": event.subject,
            "detail": dict(event.detail),
            "previousHash": previous,
        }
        # Hashed as it will be read back: a number may return in another form.
        record = table.deserialised(table.serialised(record))
        record["hash"] = previous = record_hash(record)
        yield record


def commit(writes: Sequence[Write], events: Sequence[Event]) -> None:
    """Do the writes and append the events to their sandboxes' logs, all or nothing.

    Raises ConditionFailed when one of `writes` is refused. A lost race for the end of a log is tried again;
    a log too busy for that raises TooManyRequests.
    """
    try:
        retry(lambda: _try_commit(writes, events), TransactionConflict, tries=_ATTEMPTS, pause=_PAUSE)
    except TransactionConflict as conflict:
        raise TooManyRequests("many changes at once; try again", retryAfter=1) from conflict


def _try_commit(writes: Sequence[Write], events: Sequence[Event]) -> None:
    records = [
        record
        for sandbox_id in dict.fromkeys(event.sandbox_id for event in events)
        for record in next_records(sandbox_id, [event for event in events if event.sandbox_id == sandbox_id])
    ]
    try:
        table.transact([*writes, *(Put(ACTIVITY, record) for record in records)])
    except ConditionFailed as failed:
        if failed.write < len(writes):
            raise
        raise TransactionConflict from failed  # somebody else has written the end of a log


def log(sandbox_id: str) -> Iterator[Item]:
    """The whole log, oldest first."""
    return table.query(ACTIVITY, _log_key(sandbox_id), "SEQ#")


def log_page(
    sandbox_id: str,
    limit: int,
    cursor: str | None,
    keep: Callable[[Item], bool] | None,
    scope: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Page:
    """A page of the log, newest first; `keep` and `scope` as in `table.page`.

    With `since` and `until`, which `keep` decides on, no more is read than what was written about then.
    """
    start = _record_key(_first_from(sandbox_id, until + _SKEW)) if until and not cursor else None
    earliest = clock.to_text(since - _SKEW) if since else ""
    return table.page(
        ACTIVITY,
        _log_key(sandbox_id),
        "SEQ#",
        limit=limit,
        cursor=cursor,
        keep=keep,
        scope=scope,
        start=start,
        ends=lambda record: record["at"] < earliest,
    )


def _first_from(sandbox_id: str, at: datetime) -> int:
    """The sequence of the first record from a time on, found by halves; the one behind the last where there is none."""
    last = next(table.query(ACTIVITY, _log_key(sandbox_id), "SEQ#", newest_first=True, batch=1), None)
    sequences, text = range(1, last["sequence"] + 1 if last else 1), clock.to_text(at)

    def is_from(sequence: int) -> bool:
        found = record(sandbox_id, sequence)
        return found is not None and found["at"] >= text

    return 1 + bisect_left(sequences, x=True, key=is_from)


def record(sandbox_id: str, sequence: int) -> Item | None:
    """One record of the log."""
    return table.get(ACTIVITY, _log_key(sandbox_id), _record_key(sequence))


def from_stream(change: Mapping[str, Any]) -> tuple[str, Item] | None:
    """The sandbox and the new record of its log that a change in the table's stream shows; None for other changes."""
    image = change["dynamodb"].get("NewImage")
    new = table.deserialised(image) if image and change["eventName"] == "INSERT" else {}
    kind, _, sandbox_id = new.get("pk", "").partition("#")
    return (sandbox_id, new) if kind == "LOG" else None
