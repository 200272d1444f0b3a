"""A draft becomes the next version of its feed (docs/api.md, Feeds).

Both sides' copies and records are written with it. What follows in the data is an outbox entry of the same transaction.
"""

from dataclasses import dataclass, replace

from handfast.connections.models import Connection
from handfast.dataflows import outbox
from handfast.dataflows import runs as dataflows_runs
from handfast.dataflows.models import Run
from handfast.feeds import agreements, minimums, policy_checks, rules, service, store, unsharing
from handfast.feeds.models import (
    Feed,
    PublishedView,
    PublishPreview,
    SegmentRef,
    Share,
    ShareChange,
)
from handfast.feeds.naming import Names
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.partners import other_side
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, Refused
from handfast.platform.table import Write
from handfast.segments.models import Segment


def preview_publish(caller: Caller, feed_id: str) -> PublishPreview:
    """What publishing would do; refused as publishing is.

    Raises NotFound for an unknown feed, Conflict when nothing is new in it, Refused where publishing is refused.
    """
    feed = service.load(caller, feed_id)
    own, active = _publishable(caller, feed)
    policy_checks.refuse_and_count(caller, feed, own)
    shares = store.shares(caller.sandbox_id, feed_id)
    changes, names = rules.share_changes(feed, shares), Names.read(caller.sandbox_id, [(feed, shares)])
    found = minimums.of_draft(caller, feed, own, active, estimated=True)
    told = [*feed.draft.segment_ids, *(each for change in changes for each in change.removed_segment_ids)]
    return PublishPreview(
        feed_id=feed_id,
        name=feed.draft.name,
        version=feed.version + 1,
        shares=changes,
        minimums=found,
        **names.members(told, [change.connection_id for change in changes]),
    )


def publish(caller: Caller, feed_id: str) -> PublishedView:
    """Release the draft as the next version: offered to new partners, awaiting re-enabling by the others.

    What it takes out of an enabled feed stops at once. Refused with `violations` when a label forbids it.

    Raises NotFound for an unknown feed, Conflict when nothing is new in it or it is changed at the same time, Refused
    with `violations` when a label forbids it and with a pointer to what cannot be used, TooManyRequests when it
    changes too fast.
    """
    feed = service.load(caller, feed_id)
    own, active = _publishable(caller, feed)
    try:
        policy_checks.refuse_violations(feed, own)
    except Refused as refused:
        detail = {"name": feed.draft.name, "violations": refused.members["violations"]}
        commit([], [Event(caller.sandbox_id, "policy.violated", Actor.of(caller), feed_id, detail)])
        raise
    found = minimums.of_draft(caller, feed, own, active, estimated=False)
    _release(caller, _unshare_dropped(caller, feed), own, active)
    return PublishedView(**service.get(caller, feed_id).__dict__, minimums=found)


def _publishable(caller: Caller, feed: Feed) -> tuple[dict[str, Segment], dict[str, Connection]]:
    """The draft's segments and connections; Conflict when there is nothing new in it."""
    if not rules.has_changes(feed):
        detail = f"nothing has changed since version {feed.version} was published"
        raise Conflict(detail, current=feed.status, version=feed.version)
    if not feed.draft.connection_ids:
        raise Refused("share the feed with at least one connection", reason="validation", pointer="/connectionIds")
    own = service.own_segments(caller, feed.draft.segment_ids)
    active = service.active_connections(caller, feed.draft.connection_ids)
    agreements.check(caller, feed.draft.namespaces, active.values())
    return own, active


def _unshare_dropped(caller: Caller, feed: Feed) -> Feed:
    """Unshare from those no longer in the draft, each by itself; the feed as it is then."""
    kept = set(feed.draft.connection_ids)
    shares = store.shares(feed.sandbox_id, feed.feed_id)
    dropped = [share for share in shares if share.status != "revoked" and share.connection_id not in kept]
    if not dropped:
        return feed
    for share in dropped:
        unsharing.revoke(caller.sandbox_id, share, caller)
    now = service.load(caller, feed.feed_id)
    if (now.draft, now.version) != (feed.draft, feed.version):
        raise Conflict("the feed was changed at the same time; read it again", current=now.status)
    return now


def _release(caller: Caller, feed: Feed, own: dict[str, Segment], active: dict[str, Connection]) -> None:
    at, version = clock.now_text(), feed.version + 1
    released = replace(feed, status="published", version=version, released=feed.draft, published_at=at, updated_at=at)
    shares = {share.connection_id: share for share in store.shares(feed.sandbox_id, feed.feed_id)}
    detail = {"name": feed.draft.name, "version": version, "connectionIds": list(feed.draft.connection_ids)}
    event_type = "feed.published" if version == 1 else "feed.changed"
    parts = [
        _release_to(caller, released, own, active[change.connection_id], shares.get(change.connection_id), change)
        for change in rules.share_changes(feed, shares.values())
        if change.change != "none"
    ]
    runs = [run for part in parts for run in part.runs]
    used = service.use_writes(feed, released)
    writes = [store.put_feed(released, over=feed), *used]
    writes += [write for part in parts for write in part.writes]
    events = [Event(feed.sandbox_id, event_type, Actor.of(caller), feed.feed_id, detail)]
    with lost_condition_is(lambda _: service.changed_meanwhile(caller, feed.feed_id)):
        outbox.commit(writes, events + [part.event for part in parts], runs)


@dataclass(frozen=True)
class _Part:
    """What a publication does to one partner."""

    writes: list[Write]
    event: Event
    runs: list[Run]


def _release_to(
    caller: Caller,
    feed: Feed,
    own: dict[str, Segment],
    connection: Connection,
    old: Share | None,
    change: ShareChange,
) -> _Part:
    refs = tuple(SegmentRef(name, own[name].name) for name in feed.draft.segment_ids)
    if change.change == "offer" or old is None:
        event_type, over = "feed.published", None
        new = rules.offered(feed, PartnerRef.of(caller.on), connection, refs, new_id("rf"))
    else:
        event_type, over = "feed.changed", store.copies(old)
        new = rules.next_version(feed, refs, over)
    received = new.received
    detail = {
        "name": received.feed_name,
        "version": received.version,
        "added": change.added_segment_ids,
        "removed": change.removed_segment_ids,
    }
    return _Part(
        store.put_sent(feed.sandbox_id, new, share=old, received=over.received if over else None, active=True),
        other_side.event(connection.partner, event_type, caller.on, received.received_feed_id, detail),
        [dataflows_runs.new_run(received.dataflow_id, event_type)] if received.dataflow_id else [],
    )
