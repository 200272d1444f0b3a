"""Feeds, what they share with whom, and the dataflows that carry them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

type FeedStatus = Literal["draft", "published"]
type ShareStatus = Literal["pending", "enabled", "changed", "disabled", "declined", "revoked"]
type DataflowStatus = Literal["active", "paused", "closing", "closed"]
type RunStatus = Literal["running", "completed", "failed"]


class Stored:
    """What the feeds table holds: the same members in camelCase."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(alias_generator=to_camel)


@dataclass(frozen=True)
class PartnerRef(Stored):
    """The other side, as much as each side may know of it."""

    sandbox_id: str
    organization_name: str
    sandbox_name: str


@dataclass(frozen=True)
class Content(Stored):
    """What a version of a feed says. `namespaces` are Adobe's symbols."""

    name: str
    description: str | None
    segment_ids: tuple[str, ...]
    namespaces: tuple[str, ...]
    restricted_marketing_actions: tuple[str, ...]
    connection_ids: tuple[str, ...]


@dataclass(frozen=True)
class Feed(Stored):
    """A feed of its sender: the draft of the next version, and what the last version released.

    `version` counts publications (0: never published), `revision` every change.
    """

    sandbox_id: str
    feed_id: str
    status: FeedStatus
    version: int
    revision: int
    draft: Content
    released: Content | None
    created_at: str
    updated_at: str
    published_at: str | None = None


@dataclass(frozen=True)
class SegmentRef(Stored):
    """A segment as the receiver sees it."""

    segment_id: str
    name: str


@dataclass(frozen=True)
class Share(Stored):
    """A feed shared over one connection, the sender's copy. `status` is the received feed's."""

    sandbox_id: str
    feed_id: str
    connection_id: str
    received_feed_id: str
    partner: PartnerRef
    status: ShareStatus
    version: int
    segment_ids: tuple[str, ...]
    namespaces: tuple[str, ...]
    shared_at: str
    accepted_version: int | None = None
    accepted_segment_ids: tuple[str, ...] = ()
    accepted_namespaces: tuple[str, ...] = ()
    dataflow_id: str | None = None


@dataclass(frozen=True)
class ReceivedFeed(Stored):
    """A feed as its receiver sees it, the receiver's copy of a share."""

    sandbox_id: str
    received_feed_id: str
    feed_id: str
    connection_id: str
    partner: PartnerRef
    feed_name: str
    description: str | None
    status: ShareStatus
    version: int
    segments: tuple[SegmentRef, ...]
    namespaces: tuple[str, ...]
    restricted_marketing_actions: tuple[str, ...]
    shared_at: str
    updated_at: str
    accepted_version: int | None = None
    accepted_segment_ids: tuple[str, ...] = ()
    accepted_namespaces: tuple[str, ...] = ()
    dataflow_id: str | None = None

    @property
    def readable_segments(self) -> tuple[SegmentRef, ...]:
        """The segments whose members the receiver may read now: accepted once, still shared, not ended.

        A disabled feed keeps what it has received.
        """
        if self.status not in {"enabled", "changed", "disabled"}:
            return ()
        return tuple(segment for segment in self.segments if segment.segment_id in self.accepted_segment_ids)


@dataclass(frozen=True)
class Dataflow(Stored):
    """What carries one share, from the receiver's first enabling on. `segment_ids` are those last accepted."""

    dataflow_id: str
    source: PartnerRef
    target: PartnerRef
    feed_id: str
    feed_name: str
    connection_id: str
    received_feed_id: str
    status: DataflowStatus
    segment_ids: tuple[str, ...]
    created_at: str
    updated_at: str


@dataclass(frozen=True)
class Run(Stored):
    """One pass over a dataflow's spans. `outstanding` are the spans (as in object keys) not yet reconciled.

    `counts` are sums over the spans done: profilesReceived, identitiesActivated, identitiesFailed, realized, exited,
    and one `excluded.<reason>` for each reason.
    """

    dataflow_id: str
    run_id: str
    status: RunStatus
    reason: str
    started_at: str
    outstanding: frozenset[str] = frozenset()
    completed_at: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
