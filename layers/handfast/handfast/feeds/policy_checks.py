"""What policies forbid of a feed's draft, segment by segment and recipient by recipient (docs/governance.md, Explain).

Publishing and estimating are refused with what explaining tells.
"""

from collections.abc import Mapping

from handfast.feeds import service
from handfast.feeds.models import Feed
from handfast.feeds.naming import Names
from handfast.feeds.policy_models import ExplainedSegment, FeedExplanation
from handfast.governance import store as governance
from handfast.governance.marketing_actions import PARTNER_ACTIONS
from handfast.governance.policies import Violation, resolutions
from handfast.journal import hourly
from handfast.journal.models import Actor, Caller, Event
from handfast.platform.problems import Refused
from handfast.segments import labelled, refusing
from handfast.segments.models import Segment, ViolationView


def explain(caller: Caller, feed_id: str) -> FeedExplanation:
    """For each segment of the draft and each partner that it is for: whether policies allow it, and what would help.

    Raises NotFound for an unknown feed, Refused for a draft whose segments are gone.
    """
    feed = service.load(caller, feed_id)
    found = violations(feed, service.own_segments(caller, feed.draft.segment_ids))
    names = Names.read(caller.sandbox_id, [(feed, [])])
    return FeedExplanation(
        items=[
            ExplainedSegment(
                connection_id=connection_id,
                segment_id=segment_id,
                allowed=not found[segment_id],
                violations=list(map(ViolationView.of, found[segment_id])),
                resolve=resolutions(found[segment_id]),
            )
            for connection_id in feed.draft.connection_ids or (None,)
            for segment_id in feed.draft.segment_ids
        ],
        **names.members(feed.draft.segment_ids, feed.draft.connection_ids),
    )


def violations(feed: Feed, own: Mapping[str, Segment]) -> dict[str, list[Violation]]:
    """What forbids sharing each segment of the draft with partners."""
    rules = governance.rulebook(feed.sandbox_id)
    return {name: labelled.forbidden(own[name], rules, PARTNER_ACTIONS) for name in feed.draft.segment_ids}


def refuse_violations(feed: Feed, own: Mapping[str, Segment]) -> None:
    """Raise Refused, with `violations`, when policies forbid sharing a segment of the draft with partners."""
    refusing.refuse(violations(feed, own), "sharing", "leave the segment out of the feed")


def refuse_and_count(caller: Caller, feed: Feed, own: dict[str, Segment]) -> None:
    """`refuse_violations` for what only asks: counted by the hour, where publishing records each one.

    Raises Refused with `violations`.
    """
    try:
        refuse_violations(feed, own)
    except Refused as refused:
        detail = {"status": refused.status, "name": feed.draft.name}
        hourly.count([Event(caller.sandbox_id, "call.refused", Actor.of(caller), feed.feed_id, detail)])
        raise
