"""The members of what a sandbox receives, read live (reading ends with the connection or the feed), and of its own
segments.
"""

from handfast.connections import store as connections
from handfast.feeds import catalogue, member_reader
from handfast.feeds import store as feeds
from handfast.feeds.models import ExportMembers, ExportSegment, MemberExport, MemberList
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

    return member_reader.members_page(member_reader.disclosed(dataflow_id), segment_ids, limit, cursor)


def export(caller: Caller, received_feed_id: str, body: ExportMembers) -> MemberExport:
    """All identities received, as one file behind a short-lived link.

    Raises NotFound for an unknown received feed or segment, Conflict when reading has ended.
    """
    dataflow_id, segment_ids = _readable(caller, received_feed_id, body.segment_id)

    return member_reader.export_file(
        member_reader.disclosed(dataflow_id),
        segment_ids,
        body.format,
        sandbox_id=caller.sandbox_id,
        name=received_feed_id,
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


def own_members(caller: Caller, segment_id: str, limit: int, cursor: str | None) -> MemberList:
    """A page of the members of an own segment, in the order of their keys.

    Raises NotFound for an unknown segment, Conflict for one that is received, Malformed for a cursor of another list.
    """
    return member_reader.members_page(_own(caller, segment_id), [segment_id], limit, cursor)


def export_own(caller: Caller, segment_id: str, body: ExportSegment) -> MemberExport:
    """All members of an own segment, as one file behind a short-lived link.

    Raises NotFound for an unknown segment, Conflict for one that is received.
    """
    holdings = _own(caller, segment_id)
    return member_reader.export_file(holdings, [segment_id], body.format, sandbox_id=caller.sandbox_id, name=segment_id)


def _own(caller: Caller, segment_id: str) -> member_reader.Holdings:
    segment = catalogue.get(caller, segment_id)
    if segment.origin == "received":
        detail = f"the segment is received: ask for the members of {segment.received_feed_id}, with this segmentId"
        raise Conflict(detail, current="received", receivedFeedId=segment.received_feed_id)
    return member_reader.own(caller.sandbox_id, segment_id)
