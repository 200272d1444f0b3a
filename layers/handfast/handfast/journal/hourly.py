"""What happens too often for a record each: counted by the hour, and recorded once the hour has ended.

A log takes one writer at a time: a record of every page that is read would hold up the sandbox's changes. A count is
one small write to an item that nobody else writes.

pk                    sk                    item
HOURLY#{shard}        {hour}#{digest}       one kind of event in one hour, with how often it happened
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256

from boto3.dynamodb.conditions import Attr

from handfast.journal.models import Event
from handfast.journal.store import ACTIVITY, commit
from handfast.platform import clock, table
from handfast.platform.items import ItemKind
from handfast.platform.table import UNCONDITIONAL, Delete, Update
from handfast.platform.wire import Packed, TableItem

_SHARDS = "0123456789abcdef"


@dataclass(frozen=True)
class HourlyCount(TableItem):
    """How often something happened in the hour that begins at `hour` (RFC 3339).

    `events` are its records, one for each log that it belongs into. `identities` is how many were shown or taken, once
    for each time; None where that is not counted. `operations` are the API's calls by which it happened.
    """

    events: Packed[tuple[Event, ...]]
    hour: str
    calls: int = 0
    identities: int | None = None
    operations: frozenset[str] = field(default_factory=frozenset)


_COUNTED = ("calls", "identities", "operations")
_HOURLY = ItemKind("hourly_count", HourlyCount, ACTIVITY, exclude=_COUNTED)


def count(events: Sequence[Event], *, identities: int | None = None, operation: str | None = None) -> None:
    """Count one more time that something happened, to be recorded by these events when the hour has ended."""
    hour = _this_hour()
    digest = sha256(json.dumps([asdict(event) for event in events], sort_keys=True).encode()).hexdigest()[:32]
    pk, sk = _partition(digest[0]), f"{hour}#{digest}"
    facts = _HOURLY.dump(HourlyCount(tuple(events), hour), pk, sk)
    more: dict[str, object] = {"calls": 1}
    if identities is not None:
        more["identities"] = identities
    if operation is not None:
        more["operations"] = {operation}
    assign = {name: value for name, value in facts.items() if name not in {"pk", "sk"}}
    table.apply(Update(ACTIVITY, pk, sk, assign=assign, add=more, condition=UNCONDITIONAL))


def ended() -> Iterator[tuple[HourlyCount, Delete]]:
    """The counts of the hours that have ended, each with the write that takes it away as it was read."""
    now = _this_hour()
    for shard in _SHARDS:
        for item in table.between(ACTIVITY, _partition(shard), "0", now):
            found = _HOURLY.load(item)
            yield found, Delete(ACTIVITY, item["pk"], item["sk"], Attr("calls").eq(found.calls))


def record(taken: Delete, events: Sequence[Event]) -> None:
    """Write the records of a count in its place.

    Raises ConditionFailed when it has been counted on since, TooManyRequests when a log is too busy.
    """
    commit([taken], events)


def _partition(shard: str) -> str:
    return f"HOURLY#{shard}"


def _this_hour() -> str:
    return clock.to_text(clock.now().replace(minute=0, second=0, microsecond=0))
