"""Segments, uploads, membership changes and received members (docs/api.md, Segments and members)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from handfast.dataflows.models import SegmentName
from handfast.governance.labels import LabelCode, Labels
from handfast.governance.models import DataSource
from handfast.governance.policies import Origin as LabelOrigin
from handfast.governance.policies import Violation
from handfast.identity.free_text import PlainName, PlainNote
from handfast.partners.models import Partner
from handfast.platform.wire import Packed, Request, Resource, TableItem, Timestamp, View, not_null
from handfast.segments.trait_rule_syntax import MAX_CHARACTERS

type Origin = Literal["own", "received"]


def _external(text: str) -> str:
    if text.startswith("seg_"):
        raise ValueError("must not start with seg_, as Handfast's own ids do")
    if "|" in text:
        raise ValueError("must not contain |, which stands between the segments of a cell")
    return text


ExpressionText = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
ColumnName = Annotated[str, Field(min_length=1, max_length=200)]
ExternalId = Annotated[PlainName, AfterValidator(_external)]


@dataclass(frozen=True)
class Segment(TableItem):
    """A segment of its owner. `by_namespace` counts members by namespace code; `feeds` are the feeds and
    activations that use it.

    `data_source_ids` are those that have fed it, `column_labels` the labels of upload columns that have, by column.
    `expression` makes it a composed segment, whose members are those of other segments and are not kept: `parts` are
    the own ones that it names, `received` the ids of the others.
    `people` is how many people the members were at `people_at`, when the objects were those of `people_of`.
    """

    sandbox_id: str
    segment_id: str
    name: str
    description: str | None
    external_id: str | None
    labels: tuple[LabelCode, ...]
    created_at: str
    updated_at: str
    version: int = 1
    identities: int = 0
    by_namespace: Mapping[int, int] = field(default_factory=dict)
    feeds: frozenset[str] = frozenset()
    people: int | None = None
    people_of: str | None = None
    people_at: str | None = None
    data_source_ids: tuple[str, ...] = ()
    column_labels: Packed[Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    expression: str | None = None
    parts: tuple["Segment", ...] = ()
    received: tuple[str, ...] = ()


class SourceRef(View):
    """A data source, named."""

    data_source_id: str
    name: str

    @classmethod
    def of(cls, source: DataSource) -> "SourceRef":
        """As it is answered."""
        return cls(data_source_id=source.data_source_id, name=source.name)


class LabelOriginView(View):
    """What carries a label: a segment, a column of uploads, or a data source; or the received feed that has terms."""

    entity_type: Literal["segment", "column", "dataSource", "receivedFeed"]
    entity_id: str
    name: str

    @classmethod
    def of(cls, origin: LabelOrigin) -> "LabelOriginView":
        """As it is answered."""
        return cls(entity_type=origin.entity_type, entity_id=origin.entity_id, name=origin.name)


class InheritedLabel(View):
    """A label that a segment has from what feeds it."""

    label: str
    origin: LabelOriginView = Field(alias="from")


class ViolationView(View):
    """A policy that forbids a marketing action for a label, and what carries the label.

    Where an export control of a data source does, the policy is that. What the terms of a received feed exclude has no
    label; the policy is then the feed.
    """

    policy: str
    policy_name: str
    label: str | None
    marketing_action: str
    origin: LabelOriginView = Field(alias="from")

    @classmethod
    def of(cls, found: Violation) -> "ViolationView":
        """As it is answered."""
        return cls(
            policy=found.policy,
            policy_name=found.policy_name,
            label=found.label,
            marketing_action=found.marketing_action,
            origin=LabelOriginView.of(found.origin),
        )


class StoppedSegment(View):
    """A segment that would no longer be allowed, and what forbids it."""

    segment_id: str
    name: str | None
    violations: list[ViolationView]


class AffectedDataflow(View):
    """A dataflow that would stop some of its segments, or take some up again.

    `members` are the sandbox's own members in those that stop, `resumed` those in the ones that it takes up.
    `people` and `resumedPeople` are how many people these were when they were last counted, null where one of the
    segments never was. `segments` have the names of both.
    """

    dataflow_id: str
    name: str
    segment_ids: list[str]
    resumed_segment_ids: list[str]
    segments: list[SegmentName]
    members: int
    people: int | None
    resumed: int
    resumed_people: int | None


class RulesPreview(View):
    """What a change of labels or policies would do to the segments and dataflows of the sandbox."""

    dry_run: Literal[True] = True
    segments: list[StoppedSegment]
    dataflows: list[AffectedDataflow]


class Counts(View):
    """Members of a segment: identities, in all and by namespace, and how many people they are.

    People are counted when the one segment is read; `peopleAsOf` says when that was last, and both are null as long as
    it has not been, and where they are too many to count.
    """

    identities: int
    by_namespace: dict[str, int]
    people: int | None
    people_as_of: Timestamp | None


class SegmentView(Resource):
    """A segment: one's own, or one received in a feed, whose counts are of what has been received.

    `labels` are its own; `inheritedLabels` come from upload columns, data sources and the segments that it is composed
    of, and count as much. `restrictedMarketingActions` are what the feed of a received segment excludes, or those of
    the received segments that it is composed of. `expression` is that of a composed segment, which has no members
    while it names `lostSegmentIds`: segments that are not received any more. `receivedFeedId`, `receivedFeedName` and
    `partner` say where a received segment comes from. What stands from `integrationCode` on is of received segments, as
    Audience Manager shows them: made of one trait, in one folder.
    """

    segment_id: str
    name: str
    description: str | None
    external_id: str | None
    origin: Origin
    labels: list[str]
    inherited_labels: list[InheritedLabel] = Field(default_factory=list)
    restricted_marketing_actions: list[str] = Field(default_factory=list)
    expression: str | None = None
    lost_segment_ids: list[str] = Field(default_factory=list)
    counts: Counts
    received_feed_id: str | None = None
    received_feed_name: str | None = None
    partner: Partner | None = None
    integration_code: str | None = None
    data_source: SourceRef | None = None
    profile_merge_rule: str | None = None
    segment_rule: str | None = None
    folder: str | None = None
    updated_at: Timestamp


class SegmentList(View):
    """A page of segments."""

    items: list[SegmentView]
    next_cursor: str | None


class CreateSegment(Request):
    """A new segment. `externalId` is the sandbox's own id for it, usable in uploads.

    With an `expression` it is composed of other segments, and has no members of its own.
    """

    name: PlainName
    description: PlainNote | None = None
    external_id: ExternalId | None = None
    labels: Labels = Field(default_factory=list)
    expression: ExpressionText | None = None


class PatchSegment(Request):
    """What to change; members left out stay. Null takes a description or an external id away.

    `columnLabels` replaces the labels of the upload columns that it names, which only the segment inherits.
    `expression` is only for a segment that was composed from the beginning.
    """

    name: PlainName | None = None
    description: PlainNote | None = None
    external_id: ExternalId | None = None
    labels: Labels | None = None
    column_labels: Annotated[dict[ColumnName, Labels], Field(max_length=200)] = Field(default_factory=dict)
    expression: ExpressionText = Field(default_factory=str)

    _not_null = field_validator("name", "labels", mode="before")(not_null)


class RenderingCount(View):
    """Of a namespace, a segment's members, and of how many of them each platform can be given its own form.

    A platform that takes none of the namespace is left out. `asHeld`: it hashes as the value is held, so that all are.
    """

    namespace: str
    members: int
    platforms: dict[str, int]
    as_held: list[str]


class RenderingCounts(View):
    """A segment's members by namespace, and what platforms can be given of them."""

    items: list[RenderingCount]
