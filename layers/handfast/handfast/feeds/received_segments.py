"""The segments that a sandbox receives now, and what those that it can use are made of (docs/composed-segments.md).

Loading this module makes the partners' terms for them known to changes of labels, policies and expressions.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from handfast.connections import store as connections
from handfast.feeds import store
from handfast.feeds.models import RECEIVING, ReceivedFeed
from handfast.governance.models import PartnerTerms
from handfast.segments import composing, policy_effects
from handfast.segments import store as segments
from handfast.segments.models import Segment


@dataclass(frozen=True)
class Parts:
    """What a segment is made of now. `received` are the feeds that bring each received segment in it, if any."""

    segment: Segment
    received: Mapping[str, tuple[ReceivedFeed, ...]]

    @property
    def received_name(self) -> str | None:
        """What the segment is called, if it is itself received."""
        return self.segment.name if self.segment.received == (self.segment.segment_id,) else None

    @property
    def lost(self) -> list[str]:
        """The received segments that it names and that are not received any more."""
        return sorted(name for name, feeds in self.received.items() if not feeds)

    @property
    def feeds(self) -> list[ReceivedFeed]:
        """The feeds that it reads, each once."""
        return list({feed.received_feed_id: feed for feeds in self.received.values() for feed in feeds}.values())

    @property
    def restricted(self) -> list[str]:
        """The marketing actions that the terms of its received segments exclude."""
        return sorted({action for feed in self.feeds for action in feed.restricted_marketing_actions})

    @property
    def terms(self) -> list[PartnerTerms]:
        """What the partners exclude for its received segments, feed by feed."""
        return list(map(terms_of, self.feeds))

    @property
    def dataflows(self) -> dict[str, tuple[str, ...]]:
        """The dataflows by which each received segment in it comes."""
        return {name: tuple(sorted(flows_of(feeds))) for name, feeds in sorted(self.received.items())}


def terms_of(feed: ReceivedFeed) -> PartnerTerms:
    """What a partner excludes for the segments of a feed."""
    return PartnerTerms(
        received_feed_id=feed.received_feed_id,
        name=feed.feed_name,
        marketing_actions=feed.restricted_marketing_actions,
        created_at=feed.shared_at,
        updated_at=feed.updated_at,
        revision=feed.revision,
    )


def flows_of(feeds: Collection[ReceivedFeed]) -> set[str]:
    """The dataflows that bring some feeds."""
    return {feed.dataflow_id for feed in feeds if feed.dataflow_id is not None}


def receivable(sandbox_id: str) -> dict[str, tuple[ReceivedFeed, ...]]:
    """The segments that a sandbox receives now, each with the feeds that bring it."""
    found: dict[str, tuple[ReceivedFeed, ...]] = {}
    for feed in store.received_feeds(sandbox_id):
        if feed.status in RECEIVING and _is_connected(sandbox_id, feed):
            for segment in feed.readable_segments:
                found[segment.segment_id] = (*found.get(segment.segment_id, ()), feed)
    return found


@policy_effects.reads_terms
def terms_by_segment(sandbox_id: str) -> Mapping[str, Sequence[PartnerTerms]]:
    """The terms of all feeds that bring each received segment whose members the sandbox may read."""
    found: defaultdict[str, list[PartnerTerms]] = defaultdict(list)
    for feed in store.received_feeds(sandbox_id):
        for segment in feed.readable_segments:
            found[segment.segment_id].append(terms_of(feed))
    return found


def _is_connected(sandbox_id: str, feed: ReceivedFeed) -> bool:
    connection = connections.get(sandbox_id, feed.connection_id)
    return connection is not None and connection.status == "active"


def parts(own: Segment) -> Parts:
    """What a segment of the sandbox's own is made of now."""
    named = composing.received_parts(own)
    found = receivable(own.sandbox_id) if named else {}
    return Parts(own, {name: found.get(name, ()) for name in named})


def usable(sandbox_id: str, segment_ids: Collection[str]) -> dict[str, Parts]:
    """Those of some segments that a sandbox has, its own and those it receives now, with what they are made of."""
    own = segments.segments_each(sandbox_id, segment_ids)
    others = [name for name in segment_ids if name not in own]
    receives = receivable(sandbox_id) if others or any(map(composing.received_parts, own.values())) else {}
    received = [
        composing.received(sandbox_id, name, _name(name, receives[name])) for name in others if name in receives
    ]
    return {
        each.segment_id: Parts(each, {part: receives.get(part, ()) for part in composing.received_parts(each)})
        for each in (*own.values(), *received)
    }


def _name(segment_id: str, feeds: Collection[ReceivedFeed]) -> str:
    return next(segment.name for feed in feeds for segment in feed.segments if segment.segment_id == segment_id)
