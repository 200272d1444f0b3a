"""Segments, uploads, membership changes and received members (docs/api.md, Segments and members)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from handfast.governance.labels import Label, Labels
from handfast.identity.free_text import PlainName, PlainNote
from handfast.platform.wire import Request, Resource, TableItem, Timestamp, View

type Origin = Literal["own", "received"]


def _external(text: str) -> str:
    if text.startswith("seg_"):
        raise ValueError("must not start with seg_, as Handfast's own ids do")
    if "|" in text:
        raise ValueError("must not contain |, which stands between the segments of a cell")
    return text


ExternalId = Annotated[PlainName, AfterValidator(_external)]


@dataclass(frozen=True)
class Segment(TableItem):
    """A segment of its owner. `by_namespace` counts members by namespace code; `feeds` are those that use it.

    `people` is how many people the members were at `people_at`, when the objects were those of `people_of`.
    """

    sandbox_id: str
    segment_id: str
    name: str
    description: str | None
    external_id: str | None
    labels: tuple[Label, ...]
    created_at: str
    updated_at: str
    version: int = 1
    identities: int = 0
    by_namespace: Mapping[int, int] = field(default_factory=dict)
    feeds: frozenset[str] = frozenset()
    people: int | None = None
    people_of: str | None = None
    people_at: str | None = None


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
    """A segment: one's own, or one received in a feed, whose counts are of what has been received."""

    segment_id: str
    name: str
    description: str | None
    external_id: str | None
    origin: Origin
    labels: list[Label]
    counts: Counts
    received_feed_id: str | None = None
    updated_at: Timestamp


class SegmentList(View):
    """A page of segments."""

    items: list[SegmentView]
    next_cursor: str | None


class CreateSegment(Request):
    """A new segment. `externalId` is the sandbox's own id for it, usable in uploads."""

    name: PlainName
    description: PlainNote | None = None
    external_id: ExternalId | None = None
    labels: Labels = Field(default_factory=list)


class PatchSegment(Request):
    """What to change; members left out stay. Null takes a description or an external id away."""

    name: PlainName | None = None
    description: PlainNote | None = None
    external_id: ExternalId | None = None
    labels: Labels | None = None

    @field_validator("name", "labels", mode="before")
    @classmethod
    def _not_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("must not be null")
        return value


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
