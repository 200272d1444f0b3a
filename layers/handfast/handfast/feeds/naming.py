"""What feeds tell of by id, with its name: segments, and whom connections are to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handfast.connections import store as connections
from handfast.connections.models import Connection
from handfast.dataflows.models import named
from handfast.feeds.models import ConnectionName, Feed, Share
from handfast.partners.models import Partner, PartnerRef
from handfast.segments import store as segments
from handfast.segments.models import Segment


@dataclass(frozen=True)
class Names:
    """The names of a sandbox's segments, and whom its connections are to, by id."""

    segments: Mapping[str, str]
    partners: Mapping[str, PartnerRef]

    @classmethod
    def of(cls, own: Mapping[str, Segment], active: Mapping[str, Connection]) -> "Names":
        """Of segments and connections that have been read."""
        return cls(
            {name: segment.name for name, segment in own.items()},
            {name: connection.partner for name, connection in active.items()},
        )

    @classmethod
    def read(cls, sandbox_id: str, feeds: Sequence[tuple[Feed, Sequence[Share]]]) -> "Names":
        """Of all that feeds and their shares tell of; connections are read where a draft alone names them."""
        partners = {share.connection_id: share.partner for _, shares in feeds for share in shares}
        drafted = {each for feed, _ in feeds for each in feed.draft.connection_ids} - partners.keys()
        found = connections.each(sandbox_id, drafted)
        told = {each for feed, shares in feeds for each in segment_ids(feed, shares)}
        return cls(
            segments.names(sandbox_id, told),
            partners | {connection.connection_id: connection.partner for connection in found},
        )

    def members(self, segment_ids: Sequence[str], connection_ids: Sequence[str]) -> dict[str, Any]:
        """What of an answer has the names of these."""
        known = [each for each in dict.fromkeys(connection_ids) if each in self.partners]
        return {
            "segments": named(segment_ids, self.segments),
            "connections": [
                ConnectionName(connection_id=each, partner=Partner.of(self.partners[each])) for each in known
            ],
        }


def segment_ids(feed: Feed, shares: Sequence[Share]) -> list[str]:
    """The segments of a feed's draft and of what partners have of it."""
    return [*feed.draft.segment_ids, *(each for share in shares for each in share.segment_ids)]
