"""Feeds as their receiver sees, enables, disables and declines them (docs/api.md, Feeds)."""

from collections.abc import Sequence
from dataclasses import replace

from handfast.connections import store as connections
from handfast.dataflows import holding, holds, outbox, runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow, HoldDecision, Run, SegmentName
from handfast.feeds import partner_target, passing_on, rules, store
from handfast.feeds.models import (
    AcceptedOffer,
    Copies,
    Offer,
    ReceivedCounts,
    ReceivedFeed,
    ReceivedFeedList,
    ReceivedFeedView,
    ReceivedSegment,
    ShareStatus,
)
from handfast.journal.models import Actor, Caller, Event
from handfast.partners import other_side
from handfast.partners.models import Partner, PartnerRef
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, NotFound
from handfast.platform.table import ConditionFailed, Write
from handfast.platform.wanted import Wanted, by_name


def get(caller: Caller, received_feed_id: str) -> ReceivedFeedView:
    """One received feed.

    Raises NotFound for an unknown received feed.
    """
    received = _load(caller, received_feed_id)
    flow = received.dataflow_id
    return _view(received, runs.delivered(flow), holds.decision(flow)) if flow else _view(received, 0, None)


def list_received(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> ReceivedFeedList:
    """The feeds that partners offer or have offered, newest first unless something else is wanted.

    Raises Malformed for a cursor of another list, Refused for one that is too long to be sorted.
    """
    selection = wanted.selection(
        lambda each: (each.feed_name, each.description, each.partner.organization_name, each.partner.sandbox_name),
        {"status": lambda each: each.status, "connectionId": lambda each: each.connection_id},
        {
            "name": lambda each: by_name(each.feed_name),
            "partner": lambda each: by_name(each.partner.name),
            "updated": lambda each: each.updated_at,
        },
    )
    found, next_cursor = store.received_feeds_page(caller.sandbox_id, limit, cursor, selection)
    delivered = runs.delivered_each(received.dataflow_id for received in found if received.dataflow_id)
    decided = holds.decisions(received.dataflow_id for received in found if received.dataflow_id)
    items = [
        _view(received, runs.pairs(delivered.get(flow, {})), decided.get(flow))
        for received in found
        for flow in [received.dataflow_id or ""]
    ]
    return ReceivedFeedList(items=items, next_cursor=next_cursor)


def enable(caller: Caller, received_feed_id: str) -> ReceivedFeedView:
    """Accept the feed's version as it stands; its dataflow starts, or takes up the change.

    Raises NotFound for an unknown received feed, Conflict for one that cannot be enabled in its state, and when it or
    its connection is changed at the same time.
    """
    copies, status = _decidable(caller, received_feed_id, "enable")
    received, at = copies.received, clock.now_text()
    flow = dataflows.dataflow(received.dataflow_id) if received.dataflow_id else None
    segment_ids = tuple(segment.segment_id for segment in received.segments)
    if flow:
        carried = replace(flow, name=received.feed_name, segment_ids=segment_ids, updated_at=at)
    else:
        carried = _new_dataflow(caller, received, segment_ids, at)
    new = rules.moved(
        copies,
        status,
        at,
        accepted_version=received.version,
        accepted_segment_ids=segment_ids,
        accepted_namespaces=received.namespaces,
        dataflow_id=carried.dataflow_id,
    )
    new = replace(new, received=replace(new.received, accepted=received.offer))
    run = runs.new_run(carried.dataflow_id, "received_feed.enabled")
    writes: list[Write] = [
        connections.check_active(caller.sandbox_id, received.connection_id),
        *dataflows.put_dataflow(carried, over=flow),
    ]
    passed_on = passing_on.due(caller.sandbox_id, {*segment_ids, *(flow.segment_ids if flow else ())})
    _decide(caller, "received_feed.enabled", copies, new, writes, [run, *passed_on])
    return get(caller, received_feed_id)


def _new_dataflow(caller: Caller, received: ReceivedFeed, segment_ids: tuple[str, ...], at: str) -> Dataflow:
    return Dataflow(
        dataflow_id=new_id("flow"),
        source=received.partner,
        target=partner_target.target(PartnerRef.of(caller.on), received),
        name=received.feed_name,
        status="active",
        segment_ids=segment_ids,
        created_at=at,
        updated_at=at,
    )


def disable(caller: Caller, received_feed_id: str) -> ReceivedFeedView:
    """Receive nothing new; what leaves still leaves, and all of it leaves the receiver's own destinations.

    Raises NotFound for an unknown received feed, Conflict for one that is not enabled.
    """
    copies, status = _decidable(caller, received_feed_id, "disable")
    new = rules.moved(copies, status, clock.now_text())
    passed_on = passing_on.due(caller.sandbox_id, new.received.accepted_segment_ids)
    _decide(caller, "received_feed.disabled", copies, new, [], passed_on)
    return get(caller, received_feed_id)


def decline(caller: Caller, received_feed_id: str) -> ReceivedFeedView:
    """Turn an offer down for good; only a new offer brings it back.

    Raises NotFound for an unknown received feed, Conflict for one that is not pending.
    """
    copies, status = _decidable(caller, received_feed_id, "decline")
    new = rules.moved(copies, status, clock.now_text())
    _decide(caller, "received_feed.declined", copies, new, [])
    return get(caller, received_feed_id)


def _load(caller: Caller, received_feed_id: str) -> ReceivedFeed:
    received = store.received_feed(caller.sandbox_id, received_feed_id)
    if received is None:
        raise NotFound("no such received feed")
    return received


def _decidable(caller: Caller, received_feed_id: str, action: rules.ShareAction) -> tuple[Copies, ShareStatus]:
    """Both copies and the state the action leads to; Conflict where it leads nowhere."""
    received = _load(caller, received_feed_id)
    status = rules.SHARE_TRANSITIONS[action].get(received.status)
    if status is None:
        raise Conflict(f"cannot {action} this feed: it is {received.status}", current=received.status)
    return store.copies(received), status


def _decide(
    caller: Caller, event_type: str, old: Copies, new: Copies, writes: list[Write], runs_due: Sequence[Run] = ()
) -> None:
    share, received = new.share, new.received
    common = {"name": received.feed_name, "version": received.version, "dataflowId": received.dataflow_id}
    theirs = common | {"connectionId": share.connection_id}
    events = [
        Event(caller.sandbox_id, event_type, Actor.of(caller), received.received_feed_id, common),
        other_side.event(received.partner, event_type, caller.on, share.feed_id, theirs),
    ]

    def changed(_: ConditionFailed) -> Conflict:
        current = _load(caller, received.received_feed_id).status
        return Conflict("the feed or its connection was changed at the same time; read it again", current=current)

    with lost_condition_is(changed):
        outbox.commit([*store.put_decided(caller.sandbox_id, new, old), *writes], events, runs_due)


def _view(received: ReceivedFeed, delivered: int, decided: HoldDecision | None) -> ReceivedFeedView:
    readable = set(received.readable_segments)
    return ReceivedFeedView(
        received_feed_id=received.received_feed_id,
        feed_id=received.feed_id,
        feed_name=received.feed_name,
        description=received.description,
        connection_id=received.connection_id,
        partner=Partner.of(received.partner),
        status=received.status,
        version=received.version,
        accepted_version=received.accepted_version,
        accepted=_accepted(received.accepted) if received.accepted else None,
        segments=[
            ReceivedSegment(segment_id=segment.segment_id, name=segment.name, accepted=segment in readable)
            for segment in received.segments
        ],
        namespaces=list(received.namespaces),
        accepted_namespaces=list(received.accepted_namespaces),
        restricted_marketing_actions=list(received.restricted_marketing_actions),
        show_population=received.show_population,
        counts=ReceivedCounts(memberships=delivered if readable else 0),
        dataflow_id=received.dataflow_id,
        held=holding.view(decided, is_source=False) if decided else None,
        shared_at=received.shared_at,
        updated_at=received.updated_at,
        revision=received.revision,
    )


def _accepted(offer: Offer) -> AcceptedOffer:
    return AcceptedOffer(
        segments=[SegmentName(segment_id=segment.segment_id, name=segment.name) for segment in offer.segments],
        namespaces=list(offer.namespaces),
        restricted_marketing_actions=list(offer.restricted_marketing_actions),
    )
