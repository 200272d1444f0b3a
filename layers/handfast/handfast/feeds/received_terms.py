"""The partners' terms for the segments that a sandbox receives (docs/governance.md, Evaluating)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from handfast.feeds import store
from handfast.feeds.received_segments import terms_of
from handfast.governance.models import PartnerTerms


def by_segment(sandbox_id: str) -> Mapping[str, Sequence[PartnerTerms]]:
    """The terms of all feeds that bring each received segment whose members the sandbox may read."""
    found: defaultdict[str, list[PartnerTerms]] = defaultdict(list)
    for feed in store.received_feeds(sandbox_id):
        for segment in feed.readable_segments:
            found[segment.segment_id].append(terms_of(feed))
    return found
