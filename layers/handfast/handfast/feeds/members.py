"""What a sandbox holds of the feeds it receives, read live: reading ends with the connection or the feed."""

from handfast.connections import store as connections
from handfast.feeds import member_reader
from handfast.feeds import store as feeds
from handfast.feeds.models import ExportMembers, MemberExport, MemberList
from handfast.journal.models import Caller
from handfast.platform.problems import Conflict, NotFound

_READABLE = frozenset({"enabled", "changed", "disabled"})


def members(
    caller: Caller, received_feed_id: str, segment_id: str | None, limit: int, cursor: str | None
) -> MemberList:
    """A page of the identities received, in the order of their keys; Conflict when reading has ended.

    Raises NotFound for an unknown received feed or segment, Conflict when reading has ended, Malformed for a cursor
    of another list.
    """
    dataflow_id, segment_ids = _readable(caller, received_feed_id, segment_id)

    return member_reader.members_page(dataflow_id, segment_ids, limit, cursor)


def export(caller: Caller, received_feed_id: str, body: ExportMembers) -> MemberExport:
    """All identities received, as one file behind a short-lived link.

    Raises NotFound for an unknown received feed or segment, Conflict when reading has ended.
    """
    dataflow_id, segment_ids = _readable(caller, received_feed_id, body.segment_id)

    return member_reader.export_file(
        dataflow_id, segment_ids, body.format, sandbox_id=caller.sandbox_id, name=received_feed_id
    )


def _readable(caller: Caller, received_feed_id: str, segment_id: str | None) -> tuple[str, list[str]]:
    """The dataflow to read and the segments of it that may be read at this moment."""
    received = feeds.received_feed(caller.sandbox_id, received_feed_id)
    if received is None:
        raise NotFound("no such received feed")
    if received.status not in _READABLE or received.dataflow_id is None:
        raise Conflict(f"its members cannot be read: the feed is {received.status}", current=received.status)
    connection = connections.get(caller.sandbox_id, received.connection_id)
    if connection is None or connection.status != "active":
        raise Conflict("its members cannot be read: the connection has ended", current="disconnected")
    readable = [segment.segment_id for segment in received.readable_segments]
    if segment_id is None:
        return received.dataflow_id, readable
    if segment_id not in readable:
        raise NotFound("no such segment in what has been accepted of this feed", pointer="/segmentId")
    return received.dataflow_id, [segment_id]
