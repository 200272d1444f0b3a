"""What a sandbox holds of the feeds it receives, read live: reading ends with the connection or the feed."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.access.models import Caller
from handfast.connections import store as connections
from handfast.feeds import store as feeds
from handfast.feeds.models import ReceivedFeed
from handfast.platform import clock, cursors
from handfast.platform.ids import new_id
from handfast.platform.problems import Conflict, NotFound
from handfast.segment_export.models import Key
from handfast.segments import store
from handfast.segments.models import ExportMembers, Member, MemberList, MembersExport

LINK_FOR = timedelta(minutes=15)
_READABLE = frozenset({"enabled", "changed", "disabled"})


def members(
    caller: Caller, received_feed_id: str, segment_id: str | None, limit: int, cursor: str | None
) -> MemberList:
    """A page of the identities received, in the order of their keys; Conflict when reading has ended."""
    from handfast.segment_export import reader  # noqa: PLC0415 - only these two calls load DuckDB

    received, segment_ids = _readable(caller, received_feed_id, segment_id)
    scope = f"members|{received_feed_id}|{segment_id}"
    after = Key(*map(int, cursors.decode(scope, cursor).split())) if cursor else None
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        found, last = reader.page(
            store.deliveries(received.dataflow_id or "", after.bucket if after else 0, work_dir),
            segment_ids,
            work_dir,
            limit,
            after,
        )
    items = [Member.model_validate(one, from_attributes=True) for one in found]
    position = f"{last.bucket} {last.hi} {last.lo}" if last else None
    return MemberList(items=items, next_cursor=cursors.encode(scope, position) if position else None)


def export(caller: Caller, received_feed_id: str, body: ExportMembers) -> MembersExport:
    """All identities received, as one file behind a link that lasts 15 minutes."""
    from handfast.segment_export import reader  # noqa: PLC0415

    received, segment_ids = _readable(caller, received_feed_id, body.segment_id)
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        target = work_dir / f"members.{body.format}"
        paths = (path for _, path in store.deliveries(received.dataflow_id or "", 0, work_dir))
        identities = reader.export(paths, segment_ids, target, body.format, work_dir)
        seconds = int(LINK_FOR.total_seconds())
        link = store.put_package(caller.sandbox_id, new_id("pkg"), body.format, target, seconds)
    expires_at = clock.to_text(clock.now() + LINK_FOR)
    return MembersExport(format=body.format, identities=identities, url=link, expires_at=expires_at)


def _readable(caller: Caller, received_feed_id: str, segment_id: str | None) -> tuple[ReceivedFeed, Sequence[str]]:
    received = feeds.received_feed(caller.sandbox_id, received_feed_id)
    if received is None:
        raise NotFound("no such received feed")
    if received.status not in _READABLE:
        raise Conflict(f"its members cannot be read: the feed is {received.status}", current=received.status)
    connection = connections.get(caller.sandbox_id, received.connection_id)
    if connection is None or connection.status != "active":
        raise Conflict("its members cannot be read: the connection has ended", current="disconnected")
    readable = [segment.segment_id for segment in received.readable_segments]
    if segment_id is None:
        return received, readable
    if segment_id not in readable:
        raise NotFound("no such segment in what has been accepted of this feed")
    return received, [segment_id]
