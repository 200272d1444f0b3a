"""Feeds as their sender drafts, publishes and ends them (docs/api.md, Feeds).

Every change is conditional on what it read, and both sides' copies and records are written with it. What follows
in the data is promised in the same transaction and kept right after it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handfast.connections import store as connections
from handfast.connections.models import Connection
from handfast.dataflows import outbox
from handfast.dataflows import rules as dataflows_rules
from handfast.dataflows import runs as dataflows_runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Run
from handfast.feeds import rules, store
from handfast.feeds.models import (
    Content,
    Copies,
    CreateFeed,
    Feed,
    FeedList,
    FeedView,
    PatchFeed,
    PublishPreview,
    SegmentRef,
    Share,
    ShareChange,
    ShareView,
    UnsharePreview,
)
from handfast.governance import policies
from handfast.identity.namespaces import UnknownNamespaceError, namespace
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.partners import other_side
from handfast.partners.models import Partner, PartnerRef
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, NotFound, Refused, Stale, TooManyRequests
from handfast.platform.table import ConditionFailed, Write
from handfast.segments import store as segments
from handfast.segments.models import Segment

_ATTEMPTS = 5


# Drafts


def create(caller: Caller, body: CreateFeed) -> FeedView:
    """Draft a feed.

    Raises Refused with a pointer to each segment, namespace or connection that cannot be used.
    """
    content = Content(**_checked(caller, body.model_dump()))
    at = clock.now_text()
    new = Feed(caller.sandbox_id, new_id("feed"), "draft", 0, content, None, at, at)
    writes = [store.put_feed(new, over=None), *_segment_writes(new, frozenset(), rules.used_segments(new))]
    detail = {"name": content.name}
    try:
        commit(writes, [Event(caller.sandbox_id, "feed.created", Actor.of(caller), new.feed_id, detail)])
    except ConditionFailed:
        own_segments(caller, content.segment_ids)  # names the segment that was deleted meanwhile
        raise
    return _view(new, [])


def _checked(caller: Caller, members: dict[str, Any]) -> dict[str, Any]:
    """The members of a content that were sent, canonical; Refused with a pointer to each that is wrong."""
    checked = {name: _distinct(value) if isinstance(value, list) else value for name, value in members.items()}
    if "namespaces" in checked:
        checked["namespaces"] = _symbols(members["namespaces"])
    own_segments(caller, members.get("segment_ids", ()))
    active_connections(caller, members.get("connection_ids", ()))
    return checked


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _symbols(names: Sequence[str]) -> tuple[str, ...]:
    symbols: list[str] = []
    errors: list[tuple[int, str]] = []
    for index, name in enumerate(names):
        try:
            symbols.append(namespace(name).symbol)
        except UnknownNamespaceError as unknown:
            errors.append((index, str(unknown)))
    if errors:
        raise _refused("namespaces", errors)
    return _distinct(symbols)


def _refused(member: str, errors: Sequence[tuple[int, str]], reason: str = "validation") -> Refused:
    entries = [{"pointer": f"/{member}/{index}", "message": message} for index, message in errors]
    return Refused(f"{errors[0][1]}; see errors", reason=reason, errors=entries)


def own_segments(caller: Caller, segment_ids: Sequence[str]) -> dict[str, Segment]:
    """The caller's own segments by id; Refused for others, with a reason of its own for received ones."""
    found = {segment_id: segments.segment(caller.sandbox_id, segment_id) for segment_id in segment_ids}
    missing = [(index, segment_id) for index, segment_id in enumerate(segment_ids) if found[segment_id] is None]
    if missing:
        feeds = store.received_feeds(caller.sandbox_id)
        received = {segment.segment_id for feed in feeds for segment in feed.segments}
        onward = [(index, "a received segment cannot be shared") for index, name in missing if name in received]
        if onward:
            raise _refused("segmentIds", onward, "received_segment_not_shareable")
        raise _refused("segmentIds", [(index, "no such segment") for index, _ in missing])
    return {segment_id: segment for segment_id, segment in found.items() if segment is not None}


def active_connections(caller: Caller, connection_ids: Sequence[str]) -> dict[str, Connection]:
    """The caller's active connections by id; Refused for others."""
    found = {name: connections.get(caller.sandbox_id, name) for name in connection_ids}
    active = {name: one for name, one in found.items() if one is not None and one.status == "active"}
    wrong = [(index, "no active connection") for index, name in enumerate(connection_ids) if name not in active]
    if wrong:
        raise _refused("connectionIds", wrong, "connection_not_active")
    return active


def _segment_writes(feed: Feed, before: frozenset[str], after: frozenset[str]) -> list[Write]:
    """What a change of a feed means for the segments that it keeps from being deleted."""
    uses = [segments.use(feed.sandbox_id, name, feed.feed_id) for name in sorted(after - before)]
    return [*uses, *(segments.release(feed.sandbox_id, name, feed.feed_id) for name in sorted(before - after))]


def get(caller: Caller, feed_id: str) -> FeedView:
    """One feed.

    Raises NotFound for an unknown feed.
    """
    return _view(load(caller, feed_id), store.shares(caller.sandbox_id, feed_id))


def list_feeds(caller: Caller, limit: int, cursor: str | None) -> FeedList:
    """The sandbox's feeds, newest first.

    Raises Malformed for a cursor of another list.
    """
    feeds, next_cursor = store.feeds_page(caller.sandbox_id, limit, cursor)
    shares = store.shares_each(caller.sandbox_id, [feed.feed_id for feed in feeds])
    return FeedList(items=[_view(feed, shares[feed.feed_id]) for feed in feeds], next_cursor=next_cursor)


def update(caller: Caller, feed_id: str, body: PatchFeed, if_match: int | None) -> FeedView:
    """Change the draft of the next version; Stale when the feed is no longer the one in If-Match.

    Raises NotFound for an unknown feed, Stale when it is no longer the version in If-Match, Conflict when it is
    changed at the same time, Refused with a pointer to each member that cannot be used.
    """
    old = load(caller, feed_id)
    if if_match not in (None, old.revision):
        raise Stale("the feed has changed; read it again")
    changes = _checked(caller, body.model_dump(exclude_unset=True))
    new = replace(old, draft=replace(old.draft, **changes), updated_at=clock.now_text())
    if new.draft == old.draft:
        return get(caller, feed_id)
    detail = {"name": new.draft.name, "changed": sorted(body.model_dump(exclude_unset=True, by_alias=True))}
    event = Event(caller.sandbox_id, "feed.updated", Actor.of(caller), feed_id, detail)
    with lost_condition_is(lambda _: _not_updated(caller, feed_id, if_match)):
        commit(
            [store.put_feed(new, over=old), *_segment_writes(new, rules.used_segments(old), rules.used_segments(new))],
            [event],
        )
    return get(caller, feed_id)


def _not_updated(caller: Caller, feed_id: str, if_match: int | None) -> Stale | Conflict:
    """The problem of an update that another change came before."""
    if if_match is not None:
        return Stale("the feed has changed; read it again")
    return _changed_meanwhile(caller, feed_id)


def _changed_meanwhile(caller: Caller, feed_id: str) -> Conflict:
    """The problem of a lost race. Raises NotFound when the feed has been deleted meanwhile."""
    current = load(caller, feed_id).status
    return Conflict("the feed or what it uses was changed at the same time; read it again", current=current)


def load(caller: Caller, feed_id: str) -> Feed:
    """The caller's feed; NotFound for others."""
    feed = store.feed(caller.sandbox_id, feed_id)
    if feed is None:
        raise NotFound("no such feed")
    return feed


def delete(caller: Caller, feed_id: str) -> None:
    """Unshare the feed from everyone and delete it; after a failure, repeat it.

    Raises NotFound for an unknown feed, Conflict when it is published at the same time, TooManyRequests when it
    changes too fast.
    """
    for _ in range(_ATTEMPTS):
        feed = load(caller, feed_id)
        live = [share for share in store.shares(caller.sandbox_id, feed_id) if share.status != "revoked"]
        if not live:
            return _delete_unshared(caller, feed)
        for share in live:
            revoke(caller.sandbox_id, share, caller)
    raise TooManyRequests("the feed is changing too fast; try again", retryAfter=1)


def _delete_unshared(caller: Caller, feed: Feed) -> None:
    """Delete a feed that nobody had when it was read: a publication since then is a Conflict."""
    writes = [store.delete_feed(feed), *_segment_writes(feed, rules.used_segments(feed), frozenset())]
    detail = {"name": feed.draft.name, "version": feed.version}
    with lost_condition_is(lambda _: _changed_meanwhile(caller, feed.feed_id)):
        commit(writes, [Event(caller.sandbox_id, "feed.deleted", Actor.of(caller), feed.feed_id, detail)])


# Publishing


def preview_publish(caller: Caller, feed_id: str) -> PublishPreview:
    """What publishing would do; refused as publishing is.

    Raises NotFound for an unknown feed, Conflict when nothing is new in it, Refused where publishing is refused.
    """
    feed = load(caller, feed_id)
    refuse_violations(feed, _publishable(caller, feed)[0])
    changes = rules.share_changes(feed, store.shares(caller.sandbox_id, feed_id))
    return PublishPreview(feed_id=feed_id, version=feed.version + 1, shares=changes)


def publish(caller: Caller, feed_id: str) -> FeedView:
    """Release the draft as the next version: offered to new partners, awaiting re-enabling by the others.

    What it takes out of an enabled feed stops at once. Refused with `violations` when a label forbids it.

    Raises NotFound for an unknown feed, Conflict when nothing is new in it or it is changed at the same time, Refused
    with `violations` when a label forbids it and with a pointer to what cannot be used, TooManyRequests when it
    changes too fast.
    """
    feed = load(caller, feed_id)
    own, active = _publishable(caller, feed)
    try:
        refuse_violations(feed, own)
    except Refused as refused:
        detail = {"name": feed.draft.name, "violations": refused.members["violations"]}
        commit([], [Event(caller.sandbox_id, "policy.violated", Actor.of(caller), feed_id, detail)])
        raise
    _release(caller, _unshare_dropped(caller, feed), own, active)
    return get(caller, feed_id)


def _publishable(caller: Caller, feed: Feed) -> tuple[dict[str, Segment], dict[str, Connection]]:
    """The draft's segments and connections; Conflict when there is nothing new in it."""
    if not rules.has_changes(feed):
        detail = f"nothing has changed since version {feed.version} was published"
        raise Conflict(detail, current=feed.status, version=feed.version)
    if not feed.draft.connection_ids:
        raise Refused("share the feed with at least one connection", reason="validation", pointer="/connectionIds")
    return own_segments(caller, feed.draft.segment_ids), active_connections(caller, feed.draft.connection_ids)


def refuse_violations(feed: Feed, own: dict[str, Segment]) -> None:
    """Refused with `violations` when a label forbids sharing one of the draft's segments with partners."""
    found = policies.violations({name: own[name].labels for name in feed.draft.segment_ids})
    if found:
        detail = f"the label {policies.NOT_SHAREABLE} forbids sharing {len(found)} of the segments with partners"
        raise Refused(detail, reason="policy_violation", violations=[violation.as_member() for violation in found])


def _unshare_dropped(caller: Caller, feed: Feed) -> Feed:
    """Unshare from those no longer in the draft, each by itself; the feed as it is then."""
    kept = set(feed.draft.connection_ids)
    shares = store.shares(feed.sandbox_id, feed.feed_id)
    dropped = [share for share in shares if share.status != "revoked" and share.connection_id not in kept]
    if not dropped:
        return feed
    for share in dropped:
        revoke(caller.sandbox_id, share, caller)
    now = load(caller, feed.feed_id)
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
    used = _segment_writes(feed, rules.used_segments(feed), rules.used_segments(released))
    writes = [store.put_feed(released, over=feed), *used]
    writes += [write for part in parts for write in part.writes]
    events = [Event(feed.sandbox_id, event_type, Actor.of(caller), feed.feed_id, detail)]
    with lost_condition_is(lambda _: _changed_meanwhile(caller, feed.feed_id)):
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


# Ending


def preview_unshare(caller: Caller, feed_id: str, connection_id: str) -> UnsharePreview:
    """What unsharing would end.

    Raises NotFound for an unknown feed, Refused for a connection that it is not shared over, Conflict when it is
    unshared already.
    """
    share = _shared(caller, feed_id, connection_id)
    return UnsharePreview(
        feed_id=feed_id,
        connection_id=connection_id,
        partner=Partner.of(share.partner),
        status=share.status,
        segment_ids=list(share.segment_ids),
        dataflow_id=share.dataflow_id,
    )


def unshare(caller: Caller, feed_id: str, connection_id: str) -> FeedView:
    """Stop sharing with one partner: its reading stops at once, what it received is withdrawn.

    Raises NotFound for an unknown feed, Refused for a connection that it is not shared over, Conflict when it is
    unshared already, TooManyRequests when it changes too fast.
    """
    if not revoke(caller.sandbox_id, _shared(caller, feed_id, connection_id), caller):
        raise _already_unshared()
    return get(caller, feed_id)


def _shared(caller: Caller, feed_id: str, connection_id: str) -> Share:
    load(caller, feed_id)
    share = store.share(caller.sandbox_id, feed_id, connection_id)
    if share is None:
        detail = "the feed is not shared over this connection"
        raise Refused(detail, reason="validation", pointer="/connectionId")
    if share.status == "revoked":
        raise _already_unshared()
    return share


def _already_unshared() -> Conflict:
    return Conflict("the feed is no longer shared over this connection", current="revoked")


def revoke(sandbox_id: str, share: Share, caller: Caller | None) -> bool:
    """End a sender's share, whatever else happens to it meanwhile; False when it had ended.

    Without a caller, Handfast did it. Raises TooManyRequests when the feed changes too fast.
    """
    current: Share | None = share
    for _ in range(_ATTEMPTS):
        if current is None or current.status == "revoked":
            return False
        if _try_revoke(sandbox_id, current, caller):
            return True
        current = store.share(sandbox_id, share.feed_id, share.connection_id)
    raise TooManyRequests("the feed is changing too fast; try again", retryAfter=1)


def _try_revoke(sandbox_id: str, share: Share, caller: Caller | None) -> bool:
    at, copies, feed = clock.now_text(), store.copies(share), store.feed(sandbox_id, share.feed_id)
    flow = dataflows.dataflow(share.dataflow_id) if share.dataflow_id else None
    revoked = rules.moved(copies, "revoked", at)
    writes = store.put_sent(sandbox_id, revoked, share=share, received=copies.received)
    runs: list[Run] = []
    if feed:
        writes.append(store.put_feed(rules.without_connection(feed, share.connection_id, at), over=feed))
    if flow and flow.status in dataflows_rules.DATAFLOW_TRANSITIONS["close"]:
        writes += dataflows.put_dataflow(replace(flow, status="closing", updated_at=at), over=flow)
        runs = [dataflows_runs.new_run(flow.dataflow_id, "feed.unshared")]
    try:
        outbox.commit(writes, _unshared_events(sandbox_id, copies, caller), runs)
    except ConditionFailed:
        return False
    return True


def _unshared_events(sandbox_id: str, copies: Copies, caller: Caller | None) -> list[Event]:
    share, received = copies.share, copies.received
    actor = Actor.of(caller) if caller else Actor.system()
    sender = caller.on if caller else None
    detail = {"name": received.feed_name, "connectionId": share.connection_id}
    return [
        Event(sandbox_id, "feed.unshared", actor, share.feed_id, detail),
        other_side.event(share.partner, "feed.unshared", sender, received.received_feed_id, detail),
    ]


# Views


def _view(feed: Feed, shares: Sequence[Share]) -> FeedView:
    draft = feed.draft
    return FeedView(
        feed_id=feed.feed_id,
        status=feed.status,
        version=feed.version,
        name=draft.name,
        description=draft.description,
        segment_ids=list(draft.segment_ids),
        namespaces=list(draft.namespaces),
        restricted_marketing_actions=list(draft.restricted_marketing_actions),
        connection_ids=list(draft.connection_ids),
        has_unpublished_changes=rules.has_changes(feed),
        shares=[_share_view(share) for share in shares],
        created_at=feed.created_at,
        updated_at=feed.updated_at,
        published_at=feed.published_at,
        revision=feed.revision,
    )


def _share_view(share: Share) -> ShareView:
    return ShareView(
        connection_id=share.connection_id,
        partner=Partner.of(share.partner),
        status=share.status,
        version=share.version,
        accepted_version=share.accepted_version,
        segment_ids=list(share.segment_ids),
        dataflow_id=share.dataflow_id,
        shared_at=share.shared_at,
        updated_at=share.updated_at,
    )
