"""What a sandbox may read of what it receives, at this moment: reading ends with the connection or the feed."""

from handfast.connections import store as connections
from handfast.feeds import store
from handfast.feeds.models import ReceivedFeed
from handfast.governance import store as governance
from handfast.governance.models import AUDIENCE_SHARING
from handfast.governance.policies import Carried, Origin, Violation, violations
from handfast.platform.problems import Conflict, NotFound

_READABLE = frozenset({"enabled", "changed", "disabled"})
EXPORTING = ("data_export",)
"""What writing members into a file does with them (docs/governance.md, Marketing actions)."""


def load(sandbox_id: str, received_feed_id: str, segment_id: str | None = None) -> tuple[ReceivedFeed, dict[str, str]]:
    """A received feed and the segments of it that may be read now, or the one, with their names by id.

    Raises NotFound for an unknown received feed or segment, Conflict when reading has ended.
    """
    received = store.received_feed(sandbox_id, received_feed_id)
    if received is None:
        raise NotFound("no such received feed")
    if not _is_open(received):
        raise Conflict(f"its members cannot be read: the feed is {received.status}", current=received.status)
    connection = connections.get(sandbox_id, received.connection_id)
    if connection is None or connection.status != "active":
        raise Conflict("its members cannot be read: the connection has ended", current="disconnected")
    segments = names(received)
    if segment_id is None:
        return received, segments
    if segment_id not in segments:
        raise NotFound("no such segment in what has been accepted of this feed", pointer="/segmentId")
    return received, {segment_id: segments[segment_id]}


def names(received: ReceivedFeed) -> dict[str, str]:
    """The segments of a received feed that may be read, with their names by id."""
    return {segment.segment_id: segment.name for segment in received.readable_segments}


def all_names(received: ReceivedFeed) -> dict[str, str]:
    """The segments that a received feed offers or its accepted version offered, with their names by id."""
    earlier = received.accepted.segments if received.accepted else ()
    return {segment.segment_id: segment.name for segment in (*earlier, *received.segments)}


def received_feeds(sandbox_id: str) -> list[ReceivedFeed]:
    """The received feeds whose members may be read, oldest first."""
    found = [received for received in store.received_feeds(sandbox_id) if _is_open(received)]
    named = {received.connection_id for received in found}
    active = {each.connection_id for each in connections.each(sandbox_id, named) if each.status == "active"}
    return [received for received in found if received.connection_id in active]


def _is_open(received: ReceivedFeed) -> bool:
    return received.status in _READABLE and received.dataflow_id is not None


def forbidden(sandbox_id: str) -> list[Violation]:
    """What forbids to export what is received: it carries the labels of the one data source that it is of."""
    rules = governance.rulebook(sandbox_id)
    source = rules.sources[AUDIENCE_SHARING.data_source_id]
    origin = Origin("dataSource", source.data_source_id, source.name)
    return violations(rules.policies.values(), [Carried(label, origin) for label in source.carried], EXPORTING)
