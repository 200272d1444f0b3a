"""A feed's sharing ends: with one partner, or with everyone when it is deleted (docs/api.md, Feeds)."""

from dataclasses import replace

from handfast.dataflows import outbox
from handfast.dataflows import rules as dataflows_rules
from handfast.dataflows import runs as dataflows_runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Run, named
from handfast.feeds import rules, service, store
from handfast.feeds.models import (
    Copies,
    Feed,
    FeedView,
    Share,
    UnsharePreview,
)
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.partners import other_side
from handfast.partners.models import Partner
from handfast.platform import clock
from handfast.platform.optimistic import Versions, check_version, lost_condition_is, until_written
from handfast.platform.problems import Conflict, Refused
from handfast.segments import store as segments


def preview_unshare(caller: Caller, feed_id: str, connection_id: str) -> UnsharePreview:
    """What unsharing would end.

    Raises NotFound for an unknown feed, Refused for a connection that it is not shared over, Conflict when it is
    unshared already.
    """
    share = _shared(caller, feed_id, connection_id)
    return UnsharePreview(
        feed_id=feed_id,
        feed_name=service.load(caller, feed_id).draft.name,
        connection_id=connection_id,
        partner=Partner.of(share.partner),
        status=share.status,
        segment_ids=list(share.segment_ids),
        segments=named(share.segment_ids, segments.names(caller.sandbox_id, share.segment_ids)),
        dataflow_id=share.dataflow_id,
    )


def unshare(caller: Caller, feed_id: str, connection_id: str) -> FeedView:
    """Stop sharing with one partner: its reading stops at once, what it received is withdrawn.

    Raises NotFound for an unknown feed, Refused for a connection that it is not shared over, Conflict when it is
    unshared already, TooManyRequests when it changes too fast.
    """
    if not revoke(caller.sandbox_id, _shared(caller, feed_id, connection_id), caller):
        raise _already_unshared()
    return service.get(caller, feed_id)


def _shared(caller: Caller, feed_id: str, connection_id: str) -> Share:
    service.load(caller, feed_id)
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

    def attempt() -> bool:
        current = store.share(sandbox_id, share.feed_id, share.connection_id)
        if current is None or current.status == "revoked":
            return False
        _revoke(sandbox_id, current, caller, store.feed(sandbox_id, share.feed_id))
        return True

    return until_written("feed", attempt)


def _revoke(sandbox_id: str, share: Share, caller: Caller | None, feed: Feed | None) -> None:
    at, copies = clock.now_text(), store.copies(share)
    flow = dataflows.dataflow(share.dataflow_id) if share.dataflow_id else None
    revoked = rules.moved(copies, "revoked", at)
    writes = store.put_sent(sandbox_id, revoked, share=share, received=copies.received)
    runs: list[Run] = []
    if feed:
        writes.append(store.put_feed(rules.without_connection(feed, share.connection_id, at), over=feed))
    if flow and flow.status in dataflows_rules.DATAFLOW_TRANSITIONS["close"]:
        writes += dataflows.put_dataflow(replace(flow, status="closing", updated_at=at), over=flow)
        runs = [dataflows_runs.new_run(flow.dataflow_id, "feed.unshared")]
    outbox.commit(writes, _unshared_events(sandbox_id, copies, caller), runs)


def _unshared_events(sandbox_id: str, copies: Copies, caller: Caller | None) -> list[Event]:
    share, received = copies.share, copies.received
    actor = Actor.of(caller) if caller else Actor.system()
    sender = caller.on if caller else None
    detail = {"name": received.feed_name, "connectionId": share.connection_id}
    return [
        Event(sandbox_id, "feed.unshared", actor, share.feed_id, detail),
        other_side.event(share.partner, "feed.unshared", sender, received.received_feed_id, detail),
    ]


def delete(caller: Caller, feed_id: str, if_match: Versions) -> None:
    """Unshare the feed from everyone and delete it; after a failure, repeat it.

    Raises NotFound for an unknown feed, Stale when it is no longer the version in If-Match, Conflict when it is
    published at the same time, TooManyRequests when it changes too fast.
    """
    expected = if_match

    def attempt() -> None:
        nonlocal expected
        feed = service.load(caller, feed_id)
        check_version(expected, feed.revision, "feed")
        for share in store.shares(caller.sandbox_id, feed_id):
            if share.status != "revoked":
                _revoke(caller.sandbox_id, share, caller, feed)
                feed = rules.without_connection(feed, share.connection_id, clock.now_text())
                feed = replace(feed, revision=feed.revision + 1)  # as it was just written
                expected = None if if_match is None else frozenset({feed.revision})
        _delete_unshared(caller, feed, if_match)

    until_written("feed", attempt)


def _delete_unshared(caller: Caller, feed: Feed, if_match: Versions) -> None:
    """Delete a feed that nobody had when it was read: a publication since then is a Conflict."""
    writes = [store.delete_feed(feed), *service.use_writes(feed, None)]
    detail = {"name": feed.draft.name, "version": feed.version}
    with lost_condition_is(lambda _: service.overtaken(caller, feed.feed_id, if_match)):
        commit(writes, [Event(caller.sandbox_id, "feed.deleted", Actor.of(caller), feed.feed_id, detail)])
