"""What explaining a feed answers (docs/api.md, Governance)."""

from handfast.dataflows.models import SegmentName
from handfast.feeds.models import ConnectionName
from handfast.platform.wire import View
from handfast.segments.models import ViolationView


class ExplainedSegment(View):
    """Whether a segment may be shared over a connection, what forbids it, and what would resolve that.

    `connectionId` is null as long as the draft is for nobody.
    """

    connection_id: str | None
    segment_id: str
    allowed: bool
    violations: list[ViolationView]
    resolve: list[str]


class FeedExplanation(View):
    """All segments of a feed's draft, for each of its connections, with the names of both."""

    items: list[ExplainedSegment]
    segments: list[SegmentName]
    connections: list[ConnectionName]
