"""Feeds as their sender drafts and sees them (docs/api.md, Feeds). Every change is conditional on what it read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from handfast.connections import store as connections
from handfast.connections.models import Connection
from handfast.dataflows import holding, holds
from handfast.dataflows.models import HoldDecision
from handfast.feeds import rules, store
from handfast.feeds.models import (
    Content,
    CreateFeed,
    Feed,
    FeedList,
    FeedView,
    PatchFeed,
    Share,
    ShareView,
)
from handfast.feeds.naming import Names, segment_ids
from handfast.governance import store as governance
from handfast.governance.marketing_actions import FeedMarketingAction
from handfast.identity.namespaces import UnknownNamespaceError, namespace
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.partners.models import Partner
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, lost_condition_is, stale
from handfast.platform.problems import Conflict, NotFound, Refused, Stale
from handfast.platform.table import ConditionFailed, Write
from handfast.platform.wanted import Wanted, by_name
from handfast.segments import composing
from handfast.segments import store as segments
from handfast.segments.models import Segment


def create(caller: Caller, body: CreateFeed) -> FeedView:
    """Draft a feed.

    Raises Refused with a pointer to each segment, namespace or connection that cannot be used.
    """
    content = Content(**_checked(caller, body.model_dump()))
    at = clock.now_text()
    new = Feed(caller.sandbox_id, new_id("feed"), "draft", 0, content, None, at, at)
    writes = [store.put_feed(new, over=None), *use_writes(None, new)]
    detail = {"name": content.name}
    try:
        commit(writes, [Event(caller.sandbox_id, "feed.created", Actor.of(caller), new.feed_id, detail)])
    except ConditionFailed:
        _checked(caller, body.model_dump())  # names what was deleted meanwhile
        raise
    return _views([(new, [])])[0]


def _checked(caller: Caller, members: dict[str, Any]) -> dict[str, Any]:
    """The members of a content that were sent, canonical; Refused with a pointer to each that is wrong."""
    checked = {name: _distinct(value) if isinstance(value, list) else value for name, value in members.items()}
    if "namespaces" in checked:
        checked["namespaces"] = _symbols(members["namespaces"], caller.on.own_namespaces)
    own_segments(caller, members.get("segment_ids", ()))
    _check_actions(caller, members.get("restricted_marketing_actions", ()))
    active_connections(caller, members.get("connection_ids", ()))
    return checked


def _check_actions(caller: Caller, actions: Sequence[str]) -> None:
    """Refused for actions that a feed cannot exclude, with a pointer to each."""
    if set(actions) <= set(get_args(FeedMarketingAction)):
        return
    known = {*get_args(FeedMarketingAction), *governance.rulebook(caller.sandbox_id).actions}
    if wrong := [(index, "no such marketing action") for index, code in enumerate(actions) if code not in known]:
        raise _refused("restrictedMarketingActions", wrong)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _symbols(names: Sequence[str], own: Sequence[int]) -> tuple[str, ...]:
    symbols: list[str] = []
    errors: list[tuple[int, str]] = []
    for index, name in enumerate(names):
        try:
            symbols.append(namespace(name, own).symbol)
        except UnknownNamespaceError as unknown:
            errors.append((index, str(unknown)))
    if errors:
        raise _refused("namespaces", errors)
    return _distinct(symbols)


def _refused(member: str, errors: Sequence[tuple[int, str]], reason: str = "validation") -> Refused:
    entries = [{"pointer": f"/{member}/{index}", "message": message} for index, message in errors]
    return Refused(f"{errors[0][1]}; see errors", reason=reason, errors=entries)


def own_segments(caller: Caller, segment_ids: Sequence[str]) -> dict[str, Segment]:
    """The caller's own segments by id; Refused for others, with a reason of its own for received ones, and for those
    that are composed of what cannot be shared.
    """
    found = {segment_id: segments.segment(caller.sandbox_id, segment_id) for segment_id in segment_ids}
    missing = [(index, segment_id) for index, segment_id in enumerate(segment_ids) if found[segment_id] is None]
    if missing:
        feeds = store.received_feeds(caller.sandbox_id)
        received = {segment.segment_id for feed in feeds for segment in feed.segments}
        onward = [(index, "a received segment cannot be shared") for index, name in missing if name in received]
        if onward:
            raise _refused("segmentIds", onward, "received_segment_not_shareable")
        raise _refused("segmentIds", [(index, "no such segment") for index, _ in missing])
    own = {segment_id: segment for segment_id, segment in found.items() if segment is not None}
    why = [(index, composing.why_not_shared(own[segment_id])) for index, segment_id in enumerate(segment_ids)]
    composed = [(index, message) for index, message in why if message]
    if composed:
        raise _refused("segmentIds", composed, "composed_segment_not_shareable")
    return own


def active_connections(caller: Caller, connection_ids: Sequence[str]) -> dict[str, Connection]:
    """The caller's active connections by id; Refused for others."""
    found = {name: connections.get(caller.sandbox_id, name) for name in connection_ids}
    active = {
        name: connection
        for name, connection in found.items()
        if connection is not None and connection.status == "active"
    }
    wrong = [(index, "no active connection") for index, name in enumerate(connection_ids) if name not in active]
    if wrong:
        raise _refused("connectionIds", wrong, "connection_not_active")
    return active


def use_writes(old: Feed | None, new: Feed | None) -> list[Write]:
    """What a change of a feed means for the segments and marketing actions that it keeps from being deleted."""
    feed = new or old
    if feed is None:
        return []
    of, keeps = (feed.sandbox_id, feed.feed_id), (old, new)
    gone, come = (rules.used_segments(each) if each else frozenset[str]() for each in keeps)
    lost, won = (rules.used_actions(each) if each else frozenset[str]() for each in keeps)
    return [
        *(segments.use(of[0], name, of[1]) for name in sorted(come - gone)),
        *(segments.release(of[0], name, of[1]) for name in sorted(gone - come)),
        *(governance.use_action(of[0], code, of[1]) for code in sorted(won - lost)),
        *(governance.release_action(of[0], code, of[1]) for code in sorted(lost - won)),
    ]


def get(caller: Caller, feed_id: str) -> FeedView:
    """One feed.

    Raises NotFound for an unknown feed.
    """
    return _views([(load(caller, feed_id), store.shares(caller.sandbox_id, feed_id))])[0]


def list_feeds(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> FeedList:
    """The sandbox's feeds, newest first unless something else is wanted.

    Raises Malformed for a cursor of another list, Refused for one that is too long to be sorted.
    """
    selection = wanted.selection(
        lambda each: (each.draft.name, each.draft.description),
        {"status": lambda each: each.status},
        {"name": lambda each: by_name(each.draft.name), "updated": lambda each: each.updated_at},
    )
    feeds, next_cursor = store.feeds_page(caller.sandbox_id, limit, cursor, selection)
    shares = store.shares_each(caller.sandbox_id, [feed.feed_id for feed in feeds])
    items = _views([(feed, shares[feed.feed_id]) for feed in feeds])
    return FeedList(items=items, next_cursor=next_cursor)


def update(caller: Caller, feed_id: str, body: PatchFeed, if_match: Versions) -> FeedView:
    """Change the draft of the next version; Stale when the feed is no longer the one in If-Match.

    Raises NotFound for an unknown feed, Stale when it is no longer the version in If-Match, Conflict when it is
    changed at the same time, Refused with a pointer to each member that cannot be used.
    """
    old = load(caller, feed_id)
    check_version(if_match, old.revision, "feed")
    changes = _checked(caller, body.model_dump(exclude_unset=True))
    new = replace(old, draft=replace(old.draft, **changes), updated_at=clock.now_text())
    if new.draft == old.draft:
        return get(caller, feed_id)
    detail = {"name": new.draft.name, "changed": sorted(body.model_dump(exclude_unset=True, by_alias=True))}
    event = Event(caller.sandbox_id, "feed.updated", Actor.of(caller), feed_id, detail)
    with lost_condition_is(lambda _: overtaken(caller, feed_id, if_match)):
        commit(
            [store.put_feed(new, over=old), *use_writes(old, new)],
            [event],
        )
    return get(caller, feed_id)


def overtaken(caller: Caller, feed_id: str, if_match: Versions) -> Stale | Conflict:
    """The problem of a write that another came before. Raises NotFound when the feed has been deleted meanwhile."""
    return changed_meanwhile(caller, feed_id) if if_match is None else stale("feed")


def changed_meanwhile(caller: Caller, feed_id: str) -> Conflict:
    """The problem of a lost race. Raises NotFound when the feed has been deleted meanwhile."""
    current = load(caller, feed_id).status
    return Conflict("the feed or what it uses was changed at the same time; read it again", current=current)


def load(caller: Caller, feed_id: str) -> Feed:
    """The caller's feed; NotFound for others."""
    feed = store.feed(caller.sandbox_id, feed_id)
    if feed is None:
        raise NotFound("no such feed")
    return feed


def _views(found: Sequence[tuple[Feed, Sequence[Share]]]) -> list[FeedView]:
    decided = holds.decisions(share.dataflow_id for _, shares in found for share in shares if share.dataflow_id)
    names = Names.read(found[0][0].sandbox_id, found) if found else Names({}, {})
    return [_view(feed, shares, decided, names) for feed, shares in found]


def _view(feed: Feed, shares: Sequence[Share], decided: Mapping[str, HoldDecision], names: Names) -> FeedView:
    draft = feed.draft
    connection_ids = [*draft.connection_ids, *(share.connection_id for share in shares)]
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
        show_population=draft.show_population,
        has_unpublished_changes=rules.has_changes(feed),
        shares=[_share_view(share, decided.get(share.dataflow_id or "")) for share in shares],
        created_at=feed.created_at,
        updated_at=feed.updated_at,
        published_at=feed.published_at,
        revision=feed.revision,
        **names.members(segment_ids(feed, shares), connection_ids),
    )


def _share_view(share: Share, decided: HoldDecision | None) -> ShareView:
    return ShareView(
        connection_id=share.connection_id,
        partner=Partner.of(share.partner),
        status=share.status,
        version=share.version,
        accepted_version=share.accepted_version,
        segment_ids=list(share.segment_ids),
        dataflow_id=share.dataflow_id,
        held=holding.view(decided, is_source=True) if decided else None,
        shared_at=share.shared_at,
        updated_at=share.updated_at,
    )
