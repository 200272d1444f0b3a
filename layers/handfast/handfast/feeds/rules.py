"""Pure decisions about feeds: states, what a new version changes, what may flow (docs/architecture.md, States)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from handfast.connections.models import Connection
from handfast.dataflows.models import Dataflow
from handfast.feeds.models import Content, Copies, Feed, ReceivedFeed, SegmentRef, Share, ShareChange, ShareStatus
from handfast.governance.marketing_actions import FeedMarketingAction
from handfast.partners.models import PartnerRef

type ShareAction = Literal["publish", "enable", "disable", "decline", "revoke"]


# From each state, where an action leads. A declined feed is offered anew only after it was unshared.
SHARE_TRANSITIONS: dict[ShareAction, dict[ShareStatus, ShareStatus]] = {
    "publish": {"pending": "pending", "enabled": "changed", "changed": "changed", "disabled": "disabled"},
    "enable": {"pending": "enabled", "changed": "enabled", "disabled": "enabled"},
    "disable": {"enabled": "disabled", "changed": "disabled"},
    "decline": {"pending": "declined"},
    "revoke": dict.fromkeys(("pending", "enabled", "changed", "disabled", "declined"), "revoked"),
}
FLOWING: frozenset[ShareStatus] = frozenset({"enabled", "changed", "disabled"})
LIVE: frozenset[ShareStatus] = FLOWING | {"pending"}


def same_offer(content: Content, other: Content) -> bool:
    """Whether two versions mean the same to a partner: all but to whom they go."""
    return _offer(content) == _offer(other)


def _offer(content: Content) -> tuple[object, ...]:
    return (
        content.name,
        content.description,
        frozenset(content.segment_ids),
        frozenset(content.namespaces),
        frozenset(content.restricted_marketing_actions),
        content.show_population,
    )


def has_changes(feed: Feed) -> bool:
    """Whether publishing would release anything."""
    released = feed.released
    if released is None:
        return True
    return not same_offer(feed.draft, released) or set(feed.draft.connection_ids) != set(released.connection_ids)


@dataclass(frozen=True)
class Accepted:
    """What a receiver has accepted and still is offered. Without `realize` exits apply and nothing new is disclosed."""

    segment_ids: tuple[str, ...]
    namespaces: tuple[str, ...]
    realize: bool


NOTHING = Accepted((), (), realize=False)


def accepted(flow: Dataflow, share: Share | None) -> Accepted:
    """What may pass over a dataflow, its connection aside. A share offered anew has another dataflow."""
    if share is None or share.received_feed_id != flow.target.about["receivedFeedId"]:
        return NOTHING
    if share.status not in FLOWING or flow.status not in {"active", "paused"}:
        return NOTHING
    realize = share.status != "disabled" and flow.status == "active"
    return Accepted(share.accepted_segment_ids, share.accepted_namespaces, realize)


def share_changes(feed: Feed, shares: Iterable[Share]) -> list[ShareChange]:
    """What publishing the feed's draft does to each partner, in the order of the draft, those left out last."""
    live = {share.connection_id: share for share in shares if share.status != "revoked"}
    wanted = [_change(feed, connection_id, live.get(connection_id)) for connection_id in feed.draft.connection_ids]
    dropped = [share for share in live.values() if share.connection_id not in feed.draft.connection_ids]
    return wanted + [_share_change(share.connection_id, "unshare", share.segment_ids, ()) for share in dropped]


def _change(feed: Feed, connection_id: str, share: Share | None) -> ShareChange:
    segment_ids = feed.draft.segment_ids
    if share is None:
        return _share_change(connection_id, "offer", (), segment_ids)
    unchanged = feed.released is not None and same_offer(feed.draft, feed.released)
    if unchanged or share.status not in SHARE_TRANSITIONS["publish"]:
        return _share_change(connection_id, "none", (), ())
    return _share_change(connection_id, "change", share.segment_ids, segment_ids)


def _share_change(
    connection_id: str,
    change: Literal["offer", "change", "unshare", "none"],
    old: tuple[str, ...],
    new: tuple[str, ...],
) -> ShareChange:
    return ShareChange(
        connection_id=connection_id,
        change=change,
        added_segment_ids=[name for name in new if name not in old],
        removed_segment_ids=[name for name in old if name not in new],
    )


def moved(copies: Copies, status: ShareStatus, at: str, **common: Any) -> Copies:
    """Both copies in another state, with what they have in common."""
    return Copies(
        replace(copies.share, status=status, updated_at=at, **common),
        replace(copies.received, status=status, updated_at=at, **common),
    )


def offered(
    feed: Feed, sender: PartnerRef, connection: Connection, refs: tuple[SegmentRef, ...], received_feed_id: str
) -> Copies:
    """The published feed as a new offer to the partner of a connection."""
    content = feed.draft
    common: dict[str, Any] = {
        "feed_id": feed.feed_id,
        "connection_id": connection.connection_id,
        "received_feed_id": received_feed_id,
        "status": "pending",
        "version": feed.version,
        "namespaces": content.namespaces,
        "shared_at": feed.updated_at,
        "updated_at": feed.updated_at,
    }
    share = Share(partner=connection.partner, segment_ids=content.segment_ids, **common)
    received = ReceivedFeed(
        partner=sender,
        feed_name=content.name,
        description=content.description,
        segments=refs,
        restricted_marketing_actions=content.restricted_marketing_actions,
        show_population=content.show_population,
        **common,
    )
    return Copies(share, received)


def next_version(feed: Feed, refs: tuple[SegmentRef, ...], copies: Copies) -> Copies:
    """The published feed as a partner's next version. What is taken out and put back has to be accepted again."""
    content, share = feed.draft, copies.share
    now = moved(
        copies,
        SHARE_TRANSITIONS["publish"][share.status],
        feed.updated_at,
        version=feed.version,
        namespaces=content.namespaces,
        accepted_segment_ids=_still(share.accepted_segment_ids, content.segment_ids),
        accepted_namespaces=_still(share.accepted_namespaces, content.namespaces),
    )
    received = replace(
        now.received,
        feed_name=content.name,
        description=content.description,
        segments=refs,
        restricted_marketing_actions=content.restricted_marketing_actions,
        show_population=content.show_population,
    )
    return Copies(replace(now.share, segment_ids=content.segment_ids), received)


def _still(accepted: Iterable[str], shared: Iterable[str]) -> tuple[str, ...]:
    kept = set(shared)
    return tuple(name for name in accepted if name in kept)


def without_connection(feed: Feed, connection_id: str, at: str) -> Feed:
    """The feed as if it had never gone over the connection, so that publishing again does not bring it back."""

    def without(content: Content) -> Content:
        return replace(content, connection_ids=tuple(name for name in content.connection_ids if name != connection_id))

    return replace(feed, draft=without(feed.draft), released=feed.released and without(feed.released), updated_at=at)


def shared_change(old: Share | None, new: Share) -> tuple[int, dict[str, int]]:
    """What a share's next state adds to the feeds shared, and to the feeds that each segment is shared in."""
    before, after = ({*share.segment_ids} if share and share.status in LIVE else None for share in (old, new))
    names = (before or set()) | (after or set())
    by_segment = {name: (name in (after or ())) - (name in (before or ())) for name in sorted(names)}
    return (after is not None) - (before is not None), by_segment


def used_actions(feed: Feed) -> frozenset[str]:
    """The custom marketing actions that a feed excludes: those of its draft and those released."""
    contents = [feed.draft, *([feed.released] if feed.released else [])]
    named = {action for content in contents for action in content.restricted_marketing_actions}
    return frozenset(named - set(get_args(FeedMarketingAction)))


def used_segments(feed: Feed) -> frozenset[str]:
    """The segments a feed needs to exist: those of its draft and those released."""
    return frozenset(feed.draft.segment_ids) | frozenset(feed.released.segment_ids if feed.released else ())
