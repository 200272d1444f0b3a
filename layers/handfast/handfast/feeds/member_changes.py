"""Who has come and who has left in a received feed since a time, so that a copy of it can be kept up to date."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.dataflows import store as dataflows
from handfast.dataflows import versions
from handfast.dataflows.models import named
from handfast.dataflows.versions import LedgerVersion
from handfast.feeds import changed_rows, readable
from handfast.feeds.members import record_read
from handfast.feeds.models import MemberChange, MemberChanges
from handfast.identity.namespaces import namespace_of
from handfast.journal.models import Caller
from handfast.lake import buckets, layout
from handfast.lake.duck import connect
from handfast.matching import relations
from handfast.platform import clock, cursors
from handfast.platform.problems import Gone, NotFound

_NET = Path(__file__).with_name("net_changes.sql")


@dataclass(frozen=True)
class _Place:
    """How far somebody has read: in which versions, and the last pair of them that was told, if any was."""

    first: int
    last: int
    bucket: int = 0
    hi: int | None = None
    lo: int = 0
    segment: str = ""

    @classmethod
    def parsed(cls, text: str) -> "_Place":
        *numbers, segment = text.split(",")
        first, last, bucket, hi, lo = map(int, numbers)
        return cls(first, last, bucket, hi, lo, segment)

    def __str__(self) -> str:
        return ",".join(map(str, (self.first, self.last, self.bucket, self.hi, self.lo, self.segment)))


def since(
    caller: Caller, received_feed_id: str, at: datetime, segment_id: str | None, limit: int, cursor: str | None
) -> MemberChanges:
    """A page of the changes after a time, net of each other, in the order of keys.

    Raises NotFound for an unknown received feed or segment, Conflict when reading has ended, Gone when the changes are
    no longer kept, Malformed for a cursor of another list.
    """
    received, segments = readable.load(caller.sandbox_id, received_feed_id, segment_id)
    flow = dataflows.dataflow(received.dataflow_id or "")
    if flow is None:
        raise NotFound("no such received feed")
    current, began = versions.current(flow), clock.to_text(at)
    scope = f"changes|{flow.dataflow_id}|{began}|{segment_id}"
    place = _Place.parsed(cursors.decode(scope, cursor)) if cursor else None
    asked = _versions(current, began, place)
    until = asked[-1] if asked else current
    start = place or _Place(asked[0].version if asked else 0, until.version)
    found, last, erased = _read(flow.dataflow_id, asked, segments, segment_id, limit, start) if asked else ([], None, 0)
    record_read(caller, received, segment_id, len(found))
    names = readable.all_names(received)
    return MemberChanges(
        items=found,
        segments=named((each.segment_id for each in found), names),
        erased=erased,
        next_since=began if last else until.at,
        as_of=until.at,
        run_id=until.run_id,
        next_cursor=cursors.encode(scope, str(last)) if last else None,
    )


def _versions(current: LedgerVersion, began: str, place: _Place | None) -> Sequence[LedgerVersion]:
    dataflow_id = current.dataflow_id
    asked = versions.between(dataflow_id, place.first, place.last) if place else versions.since(current, began)
    if asked is None:
        days = versions.KEPT_FOR.days
        raise Gone(f"changes are kept for {days} days: read all members anew, and follow from their asOf")
    return asked


def _read(
    dataflow_id: str,
    asked: Sequence[LedgerVersion],
    segments: Mapping[str, str],
    segment_id: str | None,
    limit: int,
    start: _Place,
) -> tuple[list[MemberChange], _Place | None, int]:
    """At most `limit` changes after a place, the place to go on after (None at the end), and how many were erased."""
    found: list[MemberChange] = []
    last, erased = start, 0
    parameters = {"limit": limit + 1, "wanted": segment_id}
    for bucket, rows in _changed(dataflow_id, asked, segments, parameters, start):
        for hi, lo, code, value, segment, change, at in rows:
            if len(found) + erased == limit:
                return found, last, erased
            last = _Place(start.first, start.last, bucket, hi, lo, segment)
            if value is None:
                erased += 1
            else:
                found.append(_change(code, value, segment, change, at))
    return found, None, erased


def _changed(
    dataflow_id: str,
    asked: Sequence[LedgerVersion],
    segments: Mapping[str, str],
    parameters: Mapping[str, Any],
    start: _Place,
) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """What is left of the changes, bucket by bucket from a place on."""
    wanted = versions.rows_of(asked)
    with TemporaryDirectory() as folder, connect() as connection:
        for bucket, stored in buckets.listing(layout.disclosures(dataflow_id)):
            if bucket not in wanted or bucket < start.bucket:
                continue
            copied = buckets.download({bucket: stored}, Path(folder), "disclosures")
            for path, _ in copied.values():
                changed_rows.relate(connection, [path], asked, segments)
                after = start if bucket == start.bucket and start.hi is not None else None
                key = {"hi": after.hi, "lo": after.lo, "segment": after.segment} if after else _NOTHING
                net = connection.execute(relations.statement(_NET), {**key, **parameters}).fetchall()
                yield bucket, net
                path.unlink()


_NOTHING: Mapping[str, None] = {"hi": None, "lo": None, "segment": None}


def _change(code: int, value: bytes, segment: str, change: str, at: datetime) -> MemberChange:
    namespace = namespace_of(code)
    return MemberChange(
        namespace=namespace.symbol,
        value=value.hex() if namespace.hashed else value.decode(),
        segment_id=segment,
        change="realized" if change == "insert" else "exited",
        at=clock.to_text(at.replace(tzinfo=UTC)),
    )
