"""What delivery keeps: objects of what destinations have taken, and items in the destinations table.

deliveries/dataflow={id}/                object
{bucket}.parquet                         what the destination has taken of a bucket
_attempts/{bucket}/{id}.parquet          changes under way, or to be tried again; of a bucket and others of its span
_dead/{bucket}/{batch}.parquet           a dead letter, likewise; `-doubtful` before `.parquet` where some of its
                                         changes may have been taken
_state/{span}.json                       the span's buckets as delivery left them
_snapshot.json                           how far a delivery of whole memberships has come

pk              sk                       item
DST#{dst}       BREAKER                  the destination is not called for a while
DST#{dst}       DEAD#{batch}             dead letter
DST#{dst}       HOUR#{flow}#{hour}       what came of the changes of an hour; expires
DST#{dst}       SPAN#{flow}#{hour}#{n}   a span's members by segment, as of the last reconciliation in an hour; expires
DST#{dst}       COUNTED#{message}#{n}    what a message has brought is counted; expires
DELIVERING      {flow}#{span}            a span was woken and is not done
SLOTS#delivery/{flow}/{span}  0          the worker that delivers a span, expiring
SLOTS#delivery/{dst}          {n}        a worker that is at a destination, expiring
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched

from handfast.delivery import states
from handfast.delivery.models import Breaker, Counts, DeadLetter, Hour, SpanSegments, Standing
from handfast.destinations.waking import DESTINATIONS
from handfast.lake import buckets, layout
from handfast.lake.buckets import span_name
from handfast.matching.models import REASONS
from handfast.platform import clock, items, objects, table
from handfast.platform.items import ItemKind
from handfast.platform.objects import LostRaceError, ObjectVersion
from handfast.platform.slots import Slots
from handfast.platform.table import UNCONDITIONAL, Delete, Item, Put, Update

WORKER_SECONDS = 300
"""How long a worker can run (Timeout in template.yaml)."""
WORKERS_AT_ONCE = 8
"""Workers that are at one destination, of all that there are (MaximumConcurrency in template.yaml)."""
_KEPT_FOR = timedelta(days=90)
_NAMES = 100
"""Numbers that one write adds to: DynamoDB takes an expression of 4 KB at most."""
_ATTEMPTS, _DEAD = _FOLDERS = "_attempts", "_dead"
_DOUBTFUL = "-doubtful"
_BREAKER = ItemKind("breaker", Breaker, DESTINATIONS)
_DEAD_LETTER = ItemKind("dead_letter", DeadLetter, DESTINATIONS)
_SPAN_SEGMENTS = ItemKind("span_segments", SpanSegments, DESTINATIONS)


@dataclass
class SpanObjects:
    """A span's objects, as listed: by bucket, and those that may be of several buckets."""

    disclosures: dict[int, ObjectVersion] = field(default_factory=dict)
    held: dict[int, ObjectVersion] = field(default_factory=dict)
    attempts: list[ObjectVersion] = field(default_factory=list)
    dead: list[ObjectVersion] = field(default_factory=list)

    def weight(self, bucket: int) -> int:
        """Bytes of a bucket's ledger and of what was taken of it."""
        return sum(listed[bucket].size for listed in (self.disclosures, self.held) if bucket in listed)


def span_objects(dataflow_id: str, span: int) -> SpanObjects:
    """The objects of a span."""
    found = SpanObjects(buckets.in_span(layout.disclosures(dataflow_id), span))
    prefix = layout.deliveries(dataflow_id)
    for stored in objects.listing(prefix):
        folder, _, rest = stored.key.removeprefix(prefix).partition("/")
        bucket = int(rest.partition("/")[0]) if folder in _FOLDERS else buckets.bucket_of_object(stored.key)
        if bucket is None or buckets.span_of(bucket) != span:
            continue
        if folder in _FOLDERS:
            (found.attempts if folder == _ATTEMPTS else found.dead).append(stored)
        else:
            found.held[bucket] = stored
    return found


def held_key(dataflow_id: str, bucket: int) -> str:
    """The key of what the destination has taken of a bucket."""
    return buckets.object_key(layout.deliveries(dataflow_id), bucket)


def attempts_prefix(dataflow_id: str) -> str:
    """The prefix of changes under way."""
    return f"{layout.deliveries(dataflow_id)}{_ATTEMPTS}/"


def attempt_key(dataflow_id: str, bucket: int, name: str) -> str:
    """The key of changes under way, of that bucket and maybe others of its span."""
    return f"{attempts_prefix(dataflow_id)}{buckets.bucket_name(bucket)}/{name}.parquet"


def dead_key(dataflow_id: str, bucket: int, batch_id: str, *, in_doubt: bool) -> str:
    """The key of a dead letter's changes, of that bucket and maybe others of its span."""
    mark = _DOUBTFUL if in_doubt else ""
    return f"{layout.deliveries(dataflow_id)}{_DEAD}/{buckets.bucket_name(bucket)}/{batch_id}{mark}.parquet"


def is_doubtful(stored: ObjectVersion) -> bool:
    """Whether some of a dead letter's changes may have been taken."""
    return stored.key.endswith(f"{_DOUBTFUL}.parquet")


def forget(dataflow_id: str, span: int) -> None:
    """Delete what is kept of a span: the destination keeps what it has, and is told nothing more."""
    found = span_objects(dataflow_id, span)
    listed = [*found.held.values(), *found.attempts, *found.dead]
    objects.delete(*(stored.key for stored in listed), states.state_key(dataflow_id, span))


def revive(dataflow_id: str, bucket: int, batch_id: str) -> None:
    """Have the changes of a dead letter sent again, as far as they are still wanted; safe to repeat.

    What may have been taken of them becomes an attempt, so that the destination is told of whoever has left since.
    """
    doubtful = dead_key(dataflow_id, bucket, batch_id, in_doubt=True)
    read = objects.read(doubtful)
    if read:
        with suppress(LostRaceError):  # written before a crash
            objects.write(attempt_key(dataflow_id, bucket, batch_id), read[0], replaces=None)
    objects.delete(doubtful, dead_key(dataflow_id, bucket, batch_id, in_doubt=False))


def share(destination_id: str) -> Slots:
    """A destination's part of all workers, so that one that is slow leaves the others theirs."""
    return Slots(DESTINATIONS, f"SLOTS#delivery/{destination_id}", WORKERS_AT_ONCE, WORKER_SECONDS)


def slots(dataflow_id: str, span: int) -> Slots:
    """The one worker that delivers a span at a time, so that what is sent of an identity keeps its order."""
    return Slots(DESTINATIONS, f"SLOTS#delivery/{dataflow_id}/{span_name(span)}", 1, WORKER_SECONDS)


# Destinations


def breaker(destination_id: str) -> Breaker | None:
    """The destination's breaker; None when its last call had success."""
    return _BREAKER.get(destination_key(destination_id), "BREAKER")


def failing(destination_id: str) -> Breaker | None:
    """The destination's breaker where it is open."""
    found = breaker(destination_id)
    return found if found and found.is_open else None


def put_breaker(new: Breaker) -> None:
    """Note that calls to a destination fail; have it not called for a while where they are enough."""
    table.apply(_BREAKER.put(new, destination_key(new.destination_id), "BREAKER", UNCONDITIONAL))


def close_breaker(destination_id: str) -> None:
    """Have the destination called as ever."""
    table.apply(Delete(DESTINATIONS, destination_key(destination_id), "BREAKER", UNCONDITIONAL))


def destination_key(destination_id: str) -> str:
    """The partition of what is kept of deliveries to a destination."""
    return f"DST#{destination_id}"


def put_dead_letter(new: DeadLetter) -> None:
    """Write a dead letter; a repeat writes it again."""
    key = destination_key(new.destination_id)
    table.apply(_DEAD_LETTER.put(new, key, f"DEAD#{new.batch_id}", UNCONDITIONAL))


def dead_letters_page(destination_id: str, limit: int, cursor: str | None) -> tuple[list[DeadLetter], str | None]:
    """A page of a destination's dead letters, newest first, and the next cursor."""
    return items.page(_DEAD_LETTER, destination_key(destination_id), "DEAD#", limit, cursor)


def dead_letters(destination_id: str) -> Iterator[DeadLetter]:
    """All dead letters of a destination, oldest first."""
    return _DEAD_LETTER.query(destination_key(destination_id), "DEAD#")


def dead_letter(destination_id: str, batch_id: str) -> DeadLetter | None:
    """One dead letter."""
    return _DEAD_LETTER.get(destination_key(destination_id), f"DEAD#{batch_id}")


def without_dead_letter(old: DeadLetter) -> Delete:
    """The write after which a dead letter is listed no more."""
    return Delete(DESTINATIONS, destination_key(old.destination_id), f"DEAD#{old.batch_id}", UNCONDITIONAL)


def count(destination_id: str, dataflow_id: str, counts: Counts, standing: Standing) -> str:
    """Add to what came of the changes of this hour, and note who is excluded of a span by now; returns the hour."""
    now = clock.now()
    hour = clock.to_text(now.replace(minute=0, second=0, microsecond=0))
    add = {
        "calls": counts.calls,
        **_named("activated", counts.by_segment),
        **_named("exited", counts.exited_by_segment),
    }
    add |= _named("failed", counts.failed) | _named("failed_of", counts.failed_by_segment)
    known = {f"members.{standing.span}": standing.members} | _named(f"excluded.{standing.span}", standing.excluded)
    if any(add.values()) or any(known.values()):
        gone = [name for reason in REASONS if (name := f"excluded.{standing.span}.{reason}") not in known]
        known["ttl"] = _expires(now)
        key, sk = destination_key(destination_id), _hour_key(dataflow_id, hour)
        table.apply(Update(DESTINATIONS, key, sk, assign=known, remove=gone, condition=UNCONDITIONAL))
        by_segment, sk = SpanSegments(standing.segments), _span_key(dataflow_id, hour, span_name(standing.span))
        table.apply(_SPAN_SEGMENTS.put(by_segment, key, sk, UNCONDITIONAL, ttl=known["ttl"]))
    for part in batched(add.items(), _NAMES, strict=False):
        add_to_hour(destination_id, dataflow_id, hour, dict(part))
    return hour


def add_to_hour(
    destination_id: str, dataflow_id: str, hour: str, numbers: Mapping[str, int], once: str | None = None
) -> None:
    """Add numbers, by name, to what came of the changes of an hour.

    Raises ConditionFailed for what was added under the same name `once` before.
    """
    add = {name: number for name, number in numbers.items() if number}
    if not add:
        return
    key, ttl = destination_key(destination_id), {"ttl": _expires(clock.now())}
    sk = _hour_key(dataflow_id, hour)
    update = Update(DESTINATIONS, key, sk, assign=ttl, add=add, condition=UNCONDITIONAL)
    if once is None:
        table.apply(update)
    else:
        table.transact([Put(DESTINATIONS, {"pk": key, "sk": f"COUNTED#{once}", **ttl}), update])


def _expires(now: datetime) -> int:
    return int((now + _KEPT_FOR).timestamp())


def _named(prefix: str, numbers: Mapping[str, int]) -> dict[str, int]:
    return {f"{prefix}.{name}": number for name, number in numbers.items()}


def _hour_key(dataflow_id: str, hour: str = "") -> str:
    return f"HOUR#{dataflow_id}#{hour}"


def _span_key(dataflow_id: str, hour: str, span: str = "") -> str:
    return f"SPAN#{dataflow_id}#{hour}#{span}"


def hours(destination_id: str, dataflow_id: str, since: str) -> list[Hour]:
    """What came of a dataflow's changes since an hour."""
    key, first, end = destination_key(destination_id), _hour_key(dataflow_id, since), _hour_key(dataflow_id, "~")
    return _with_segments(key, dataflow_id, list(map(_hour, table.between(DESTINATIONS, key, first, end))))


def hours_page(destination_id: str, dataflow_id: str, limit: int, cursor: str | None) -> tuple[list[Hour], str | None]:
    """A page of the hours of a dataflow, newest first, and the next cursor."""
    key = destination_key(destination_id)
    found = table.page(DESTINATIONS, key, _hour_key(dataflow_id), limit=limit, cursor=cursor)
    return _with_segments(key, dataflow_id, list(map(_hour, found.items))), found.next_cursor


def _with_segments(key: str, dataflow_id: str, found: Sequence[Hour]) -> list[Hour]:
    """The hours with the members of each segment, all spans together."""
    if not found:
        return []
    starts = [hour.start for hour in found]
    first, last = _span_key(dataflow_id, min(starts)), _span_key(dataflow_id, max(starts), "~")
    sums: dict[str, Counter[str]] = {start: Counter() for start in starts}
    for item in table.between(DESTINATIONS, key, first, last):
        start = item["sk"].split("#")[2]
        for segment, members in _SPAN_SEGMENTS.load(item).segments.items():
            sums[start].update(_named(f"standing.{segment}", members))
    return [replace(hour, numbers={**hour.numbers, **sums[hour.start]}) for hour in found]


def _hour(item: Item) -> Hour:
    numbers = {name: int(value) for name, value in item.items() if name not in ("pk", "sk", "ttl")}
    return Hour(item["sk"].rpartition("#")[2], numbers)
