"""A table's version, description and files, as the protocol asks for them (docs/delta-sharing.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from handfast.dataflows import store as dataflows
from handfast.dataflows import versions
from handfast.dataflows.models import Dataflow
from handfast.dataflows.versions import LedgerVersion
from handfast.feeds import members, readable
from handfast.lake.views import View
from handfast.platform import clock
from handfast.platform.problems import Gone, Malformed, NotFound
from handfast.sharing import change_files, lines, view_files
from handfast.sharing.catalogue import SharedTable
from handfast.sharing.wire import ChangesAsked, QueryTable

MOST_VERSIONS = 512
"""Versions with changes in one answer, each of which is a file."""
NO_LONGER_KEPT = (
    "these changes are no longer kept, or began before they were: read the table, and follow from its version"
)
NO_TIME_TRAVEL = (
    "what has left is not kept to be read: only the present version can be read; follow the changes instead"
)

_EARLIEST = "1970-01-01T00:00:00.000Z"
"""Before everything: what lies before it means the same, and the calendar's first day has no day before it."""


@dataclass(frozen=True)
class Answer:
    """An answer in lines, and the version that it is of."""

    version: int
    text: str


def flow_of(table: SharedTable) -> Dataflow:
    """The dataflow behind a table. Raises NotFound when it is gone."""
    flow = dataflows.dataflow(table.dataflow_id)
    if flow is None:
        raise NotFound("no such table")
    return flow


def version(table: SharedTable, starting: str | None) -> int:
    """The present version, or the first one at or after a time.

    Raises Malformed for what is no time, and for one after the present version, NotFound when the table is gone.
    """
    current = versions.current(flow_of(table))
    if starting is None:
        return current.version
    at = time_of(starting, "startingTimestamp")
    return first_at(current, at)


def first_at(current: LedgerVersion, at: str) -> int:
    """The first version that is kept at or after a time.

    Raises Malformed for a time after the present version's.
    """
    if at > current.at:
        raise Malformed(f"there is no version after {current.at}", pointer="/query/startingTimestamp")
    before = clock.to_text(clock.from_text(at) - timedelta(milliseconds=1))
    after = versions.since(current, before)
    return after[0].version if after else current.version


def time_of(text: str, name: str) -> str:
    """A time as the protocol's clients write one, or as RFC 3339 does; UTC where it names no zone.

    Raises Malformed for anything else.
    """
    try:
        at = datetime.fromisoformat(text.strip())
        return max(clock.to_text(at if at.tzinfo else at.replace(tzinfo=UTC)), _EARLIEST)
    except (ValueError, OverflowError):
        detail = f"{name} is no time; write one such as 2026-12-24 18:00:00 or 2026-12-24T18:00:00Z"
        raise Malformed(detail, pointer=f"/query/{name}") from None


def metadata(table: SharedTable) -> Answer:
    """What the table is, without a row of it. Raises NotFound when it is gone."""
    current = versions.current(flow_of(table))
    return Answer(current.version, lines.text([lines.PROTOCOL, lines.metadata(table)]))


def query(table: SharedTable, asked: QueryTable, *, wants_end: bool) -> Answer:
    """The files of the table as it is, those alone that a limit asks for.

    The version is read first: the files may already have what the next one has. Raises Malformed for another version
    than the present one, NotReady while files are being made, NotFound when the table is gone.
    """
    current = versions.current(flow_of(table))
    if asked.starting_version is not None or asked.ending_version is not None:
        raise Malformed("read what has changed by the change data feed: GET …/changes?startingVersion=")
    if asked.timestamp is not None or asked.version not in {None, current.version}:
        raise Malformed(NO_TIME_TRAVEL, current=current.version)
    found = view_files.files(table.dataflow_id, readable.names(table.received))
    given = _limited(found, asked.limit_hint)
    told = lines.metadata(table, size=sum(view.size for view in found), numFiles=len(found))
    record(table, given)
    answer = [lines.PROTOCOL, told, *map(lines.file, given)]
    ends = wants_end or asked.include_end_stream_action or asked.include_refresh_token
    return Answer(current.version, lines.text([*answer, *_end(ends, asked.include_refresh_token)]))


def changes(table: SharedTable, asked: ChangesAsked) -> Answer:
    """What has changed from one version to another, both included, in files; the versions together come to it.

    Raises Malformed for versions that there are not, Gone for those that are no longer kept, NotReady while files are
    being made, NotFound when the table is gone.
    """
    current = versions.current(flow_of(table))
    first, last = _range(asked, current)
    found = versions.between(table.dataflow_id, max(first, 1), last) if first <= last else []
    if found is None:
        raise Gone(NO_LONGER_KEPT)
    if sum(1 for each in found if each.changed) > MOST_VERSIONS:
        raise Malformed(f"at most {MOST_VERSIONS} versions are told at once: set endingVersion")
    names, readable_now = readable.all_names(table.received), readable.names(table.received)
    told = change_files.files(table.dataflow_id, found, readable_now, names)
    record(table, [view for _, view in told])
    files = [
        lines.file(view, "cdf", version=version.version, timestamp=_milliseconds(version.at)) for version, view in told
    ]
    return Answer(first, lines.text([lines.PROTOCOL, lines.metadata(table), *files, *_end(asked.wants_end)]))


def _range(asked: ChangesAsked, current: LedgerVersion) -> tuple[int, int]:
    """The versions that are asked for. One that is just not there yet has changed nothing."""
    first, last = asked.starting_version, asked.ending_version
    if first is None and asked.starting_timestamp is not None:
        first = first_at(current, time_of(asked.starting_timestamp, "startingTimestamp"))
    if first is None:
        raise Malformed("say from which version or time on: startingVersion or startingTimestamp")
    if last is None and asked.ending_timestamp is not None:
        last = last_at(current, time_of(asked.ending_timestamp, "endingTimestamp"))
    last = current.version if last is None else last
    if first > current.version + 1 or (last < first <= current.version):
        raise Malformed(f"there are no versions from {first} to {last}; the present one is {current.version}")
    return first, min(last, current.version)


def last_at(current: LedgerVersion, at: str) -> int:
    """The last version that is kept at or before a time. Raises Gone where it may be one that is no longer kept."""
    after = versions.since(current, at)
    if after is None:
        raise Gone(NO_LONGER_KEPT)
    return after[0].version - 1 if after else current.version


def _milliseconds(at: str) -> int:
    return round(clock.from_text(at).timestamp() * 1000)


def record(table: SharedTable, given: Sequence[View]) -> None:
    """Count a reading of files in the log, and in that of the partner whose members they hold."""
    rows = sum(view.rows for view in given)
    members.record_read(table.caller, table.received, None, rows, via="delta_sharing")


def _limited(found: Sequence[View], limit: int | None) -> list[View]:
    given: list[View] = []
    for view in found:
        if limit is not None and sum(each.rows for each in given) >= limit:
            break
        given.append(view)
    return given


def _end(is_wanted: bool, refreshes: bool = False) -> list[dict[str, Any]]:
    """What ends an answer for those who ask for it; others do not know the line."""
    if not is_wanted:
        return []
    said: dict[str, Any] = {"minUrlExpirationTimestamp": lines.expires()}
    # A file keeps its name as long as it is the same, so that asking again is all there is to refreshing.
    return [{"endStreamAction": said | ({"refreshToken": "present"} if refreshes else {})}]
