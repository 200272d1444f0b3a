"""Feeds, what they share with whom, and the dataflows that carry them (docs/api.md, Feeds)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, field_validator

from handfast.dataflows.models import DataflowView, HeldView, Interval, SegmentName
from handfast.governance.marketing_actions import Restrictions
from handfast.identity.free_text import PlainName, PlainNote
from handfast.partners.answer_budget import PrivacyLoss
from handfast.partners.models import Partner, PartnerRef
from handfast.platform.wire import Link, Packed, Request, Resource, TableItem, Timestamp, View, not_null

type Minimum = Literal["below", "reached", "unknown"]
type ExportFormat = Literal["parquet", "csv"]


class Member(View):
    """An identity in a segment, own or received. `value` is hex for a digest, text otherwise."""

    namespace: str
    value: str
    segment_ids: list[str]
    since: Timestamp


class MemberList(View):
    """A page of members, in the order of their keys. `segments` have the names of those that it is about.

    Of a received feed `runId` is the run that last changed it, and `asOf` when that ended: whoever has read all pages
    follows what changes from the first page's `asOf` on. Both are null of own segments.
    """

    items: list[Member]
    segments: list[SegmentName]
    as_of: Timestamp | None = None
    run_id: str | None = None
    next_cursor: str | None


class MemberChange(View):
    """An identity that came into a segment or left it, and when. `value` is hex for a digest, text otherwise."""

    namespace: str
    value: str
    segment_id: str
    change: Literal["realized", "exited"]
    at: Timestamp


class MemberChanges(View):
    """A page of changes, in the order of keys, net of each other: who came and left in between is not told.

    `erased` counts those on the page who left and were erased: their values are no longer there to be told, so that
    whoever keeps a copy reads all members anew. The next call is the same with `nextCursor`, and once that is null one
    with `nextSince`. `asOf` is when `runId`, the last run that is told of, ended.
    """

    items: list[MemberChange]
    segments: list[SegmentName]
    erased: int
    next_since: Timestamp
    as_of: Timestamp
    run_id: str | None
    next_cursor: str | None


class MemberExport(View):
    """A file of all members, behind a link that ends with `expiresAt`. `asOf` and `runId` are as of a list of members.

    The file's object has both, as the metadata `as-of` and `run-id`.
    """

    url: Link
    format: ExportFormat
    members: int
    as_of: Timestamp | None = None
    run_id: str | None = None
    expires_at: Timestamp


class ExportSegment(Request):
    """The form of the file."""

    format: ExportFormat


class ExportMembers(Request):
    """The form of the file, and the one segment it is about (all without)."""

    format: ExportFormat
    segment_id: Annotated[str, Field(max_length=100)] | None = None


MAX_SEGMENTS = 20
MAX_CONNECTIONS = 15
"""Together they keep a publication, with its partners' records, inside one transaction of 100 items."""

type FeedStatus = Literal["draft", "published"]
type ShareStatus = Literal["pending", "enabled", "changed", "disabled", "declined", "revoked"]
RECEIVING: frozenset[ShareStatus] = frozenset({"enabled", "changed"})
"""What a received feed is while members come in."""


# What is stored


@dataclass(frozen=True)
class Content(TableItem):
    """What a version of a feed says. `namespaces` are Adobe's symbols.

    `show_population`: the receiver may see how many members are kept back on the sender's side, and why.
    """

    name: str
    description: str | None
    segment_ids: tuple[str, ...]
    namespaces: tuple[str, ...]
    restricted_marketing_actions: tuple[str, ...]
    connection_ids: tuple[str, ...]
    show_population: bool = False


@dataclass(frozen=True)
class Feed(TableItem):
    """A feed of its sender: the draft of the next version, and what the last version released.

    `version` counts publications (0: never published), `revision` every change.
    """

    sandbox_id: str
    feed_id: str
    status: FeedStatus
    version: int
    draft: Packed[Content]
    released: Packed[Content] | None
    created_at: str
    updated_at: str
    published_at: str | None = None
    revision: int = 1


@dataclass(frozen=True)
class SegmentRef(TableItem):
    """A segment as the receiver sees it."""

    segment_id: str
    name: str


@dataclass(frozen=True)
class Share(TableItem):
    """A feed shared over one connection, the sender's copy. `status` is the received feed's.

    What is accepted is always part of what is shared.
    """

    feed_id: str
    connection_id: str
    received_feed_id: str
    partner: Packed[PartnerRef]
    status: ShareStatus
    version: int
    segment_ids: tuple[str, ...]
    namespaces: tuple[str, ...]
    shared_at: str
    updated_at: str
    accepted_version: int | None = None
    accepted_segment_ids: tuple[str, ...] = ()
    accepted_namespaces: tuple[str, ...] = ()
    dataflow_id: str | None = None
    revision: int = 1


@dataclass(frozen=True)
class Offer(TableItem):
    """What a version of a feed offers its receiver: what it accepts or not."""

    segments: tuple[SegmentRef, ...]
    namespaces: tuple[str, ...]
    restricted_marketing_actions: tuple[str, ...]


@dataclass(frozen=True)
class ReceivedFeed(TableItem):
    """A feed as its receiver sees it, the receiver's copy of a share.

    `accepted` is what the accepted version offered, whatever has been taken out of the feed since.
    """

    received_feed_id: str
    feed_id: str
    connection_id: str
    partner: Packed[PartnerRef]
    feed_name: str
    description: str | None
    status: ShareStatus
    version: int
    segments: Packed[tuple[SegmentRef, ...]]
    namespaces: tuple[str, ...]
    restricted_marketing_actions: tuple[str, ...]
    shared_at: str
    updated_at: str
    accepted_version: int | None = None
    accepted_segment_ids: tuple[str, ...] = ()
    accepted_namespaces: tuple[str, ...] = ()
    accepted: Packed[Offer] | None = None
    dataflow_id: str | None = None
    show_population: bool = False
    revision: int = 1

    @property
    def offer(self) -> Offer:
        """What its version offers."""
        return Offer(self.segments, self.namespaces, self.restricted_marketing_actions)

    @property
    def readable_segments(self) -> tuple[SegmentRef, ...]:
        """The segments whose members the receiver may read: accepted, still shared, not ended.

        A disabled feed keeps what it has received.
        """
        if self.status not in {"enabled", "changed", "disabled"}:
            return ()
        return tuple(segment for segment in self.segments if segment.segment_id in self.accepted_segment_ids)


@dataclass(frozen=True)
class Copies:
    """Both sides' copies of a share; they change together."""

    share: Share
    received: ReceivedFeed


# What goes over the wire


Id = Annotated[str, Field(min_length=1, max_length=100)]
SegmentIds = Annotated[list[Id], Field(min_length=1, max_length=MAX_SEGMENTS)]
Namespaces = Annotated[list[Annotated[str, Field(max_length=50)]], Field(min_length=1, max_length=10)]
ConnectionIds = Annotated[list[Id], Field(max_length=MAX_CONNECTIONS)]


class CreateFeed(Request):
    """A feed to draft: which of one's own segments, by which namespaces, not for which uses, to which partners.

    With `showPopulation` a partner sees how many members are kept back, and why.
    """

    name: PlainName
    description: PlainNote | None = None
    segment_ids: SegmentIds
    namespaces: Namespaces
    restricted_marketing_actions: Restrictions = Field(default_factory=list)
    connection_ids: ConnectionIds = Field(default_factory=list)
    show_population: bool = False


class PatchFeed(Request):
    """What to change in the draft of the next version; members left out stay, a null description is taken away."""

    name: PlainName | None = None
    description: PlainNote | None = None
    segment_ids: SegmentIds | None = None
    namespaces: Namespaces | None = None
    restricted_marketing_actions: Restrictions | None = None
    connection_ids: ConnectionIds | None = None
    show_population: bool | None = None

    _not_null = field_validator(
        "name",
        "segment_ids",
        "namespaces",
        "restricted_marketing_actions",
        "connection_ids",
        "show_population",
        mode="before",
    )(not_null)


class Unshare(Request):
    """Whom to stop sharing with."""

    connection_id: Id


class EstimateFeed(Request):
    """How near the estimates should be: half the 95 % interval as a part of the estimate."""

    precision: Annotated[float, Field(ge=0.005, le=0.5)] = 0.05


class ConnectionName(View):
    """Whom a connection is to that the answer names by its id."""

    connection_id: str
    partner: Partner


class ShareView(View):
    """How one partner stands to the feed. `revoked` is no longer shared.

    `held` is what waits for its overlap to reach the minimum, or for a guard; null as long as that was not decided.
    """

    connection_id: str
    partner: Partner
    status: ShareStatus
    version: int
    accepted_version: int | None
    segment_ids: list[str]
    dataflow_id: str | None
    held: list[HeldView] | None
    shared_at: Timestamp
    updated_at: Timestamp


class FeedView(Resource):
    """A feed. The content shown is the draft of the next version, the shares what partners have.

    `segments` and `connections` have the names of all that it tells of by id, in the shares too.
    """

    feed_id: str
    status: FeedStatus
    version: int
    name: str
    description: str | None
    segment_ids: list[str]
    segments: list[SegmentName]
    namespaces: list[str]
    restricted_marketing_actions: list[str]
    connection_ids: list[str]
    connections: list[ConnectionName]
    show_population: bool
    has_unpublished_changes: bool
    shares: list[ShareView]
    created_at: Timestamp
    updated_at: Timestamp
    published_at: Timestamp | None
    revision: int = Field(exclude=True)

    @property
    def etag_version(self) -> int:
        """The ETag changes with every change, the version with publications only."""
        return self.revision


class FeedList(View):
    """A page of feeds, newest first."""

    items: list[FeedView]
    next_cursor: str | None


class ShareChange(View):
    """What a publication would do to one partner's share."""

    connection_id: str
    change: Literal["offer", "change", "unshare", "none"]
    added_segment_ids: list[str]
    removed_segment_ids: list[str]


class PairMinimum(View):
    """Whether the overlap of a segment in a namespace is below the minimum of the pair, so that it does not flow.

    `unknown` where it was not decided, and the partner allows no estimate or no answers are left of the day's.
    """

    connection_id: str
    segment_id: str
    namespace: str
    minimum: Minimum


class PublishedView(FeedView):
    """A feed as it was published, and which parts of it are below the minimum."""

    minimums: list[PairMinimum]


class PublishPreview(View):
    """What a publication would do, and which parts of it are below the minimum.

    `segments` and `connections` have the names of all that it tells of by id.
    """

    dry_run: Literal[True] = True
    feed_id: str
    name: str
    version: int
    segments: list[SegmentName]
    connections: list[ConnectionName]
    shares: list[ShareChange]
    minimums: list[PairMinimum]


class UnsharePreview(View):
    """What would end."""

    dry_run: Literal[True] = True
    feed_id: str
    feed_name: str
    connection_id: str
    partner: Partner
    status: ShareStatus
    segment_ids: list[str]
    segments: list[SegmentName]
    dataflow_id: str | None


class OverlapEstimate(View):
    """How many identities of a segment the partner has too, and how many of those may be shared.

    Below the threshold the numbers are withheld. `dataRead` is the part of the data looked at (0 to 1).
    """

    connection_id: str
    segment_id: str
    namespace: str
    overlapped: Interval | None
    with_consent: Interval | None
    below_threshold: bool
    data_read: float
    as_of: Timestamp


class PairPrivacy(PrivacyLoss):
    """What the day's answers about the partner of a connection tell at most, these included."""

    connection_id: str


class EstimateList(View):
    """All estimates of a feed, and what the answers about each partner have come to on this day.

    `segments` and `connections` have the names of all that it tells of by id.
    """

    items: list[OverlapEstimate]
    segments: list[SegmentName]
    connections: list[ConnectionName]
    privacy: list[PairPrivacy]


class ReceivedSegment(View):
    """A segment of a received feed."""

    segment_id: str
    name: str
    accepted: bool


class AcceptedOffer(View):
    """What the accepted version of a received feed offered, whatever has been taken out of the feed since."""

    segments: list[SegmentName]
    namespaces: list[str]
    restricted_marketing_actions: list[str]


class ReceivedCounts(View):
    """What the receiver holds: pairs of identity and segment."""

    memberships: int


class ReceivedFeedView(Resource):
    """A feed as its receiver sees it.

    `accepted` is what the version offered that was last enabled: null before one was, and where one was enabled before
    Handfast kept this and has changed since. Of what is offered now, segments say whether they are accepted, and
    `acceptedNamespaces` which namespaces are; the others wait.
    `held` is what waits for its overlap to reach the minimum, or for a guard of the sender; null as long as that was
    not decided, which the first run of its dataflow does.
    """

    received_feed_id: str
    feed_id: str
    feed_name: str
    description: str | None
    connection_id: str
    partner: Partner
    status: ShareStatus
    version: int
    accepted_version: int | None
    accepted: AcceptedOffer | None
    segments: list[ReceivedSegment]
    namespaces: list[str]
    accepted_namespaces: list[str]
    restricted_marketing_actions: list[str]
    show_population: bool
    counts: ReceivedCounts
    dataflow_id: str | None
    held: list[HeldView] | None
    shared_at: Timestamp
    updated_at: Timestamp
    revision: int = Field(exclude=True)

    @property
    def etag_version(self) -> int:
        """The ETag changes with every change, the version with publications only."""
        return self.revision


class PartnerDataflowView(DataflowView):
    """A dataflow to or from a partner: the feed that it carries, over which connection."""

    partner: Partner
    connection_id: str
    feed_id: str
    feed_name: str
    received_feed_id: str


class ReceivedFeedList(View):
    """A page of received feeds, newest first."""

    items: list[ReceivedFeedView]
    next_cursor: str | None
