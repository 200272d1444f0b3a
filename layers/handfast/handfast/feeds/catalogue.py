"""The segments that a sandbox sees: its own and those that it receives."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from handfast.dataflows import runs as dataflows_runs
from handfast.feeds import composed_members, received_segments
from handfast.feeds import store as feeds
from handfast.feeds.models import RECEIVING, ReceivedFeed, SegmentRef
from handfast.governance import store as governance
from handfast.governance.models import AUDIENCE_SHARING, DataSource, Rulebook
from handfast.journal.models import Caller
from handfast.lake import people_counts
from handfast.matching.models import DeliveredCounts
from handfast.partners.models import Partner
from handfast.platform import clock, cursors
from handfast.platform.optimistic import Versions
from handfast.platform.problems import NotFound
from handfast.platform.wanted import CREATED, Placed, Selection, Wanted, by_name, sorted_page
from handfast.segments import composing, store
from handfast.segments import service as segments_service
from handfast.segments.models import (
    CreateSegment,
    InheritedLabel,
    LabelOriginView,
    PatchSegment,
    RulesPreview,
    Segment,
    SegmentList,
    SegmentView,
    SourceRef,
)

MERGE_RULE = "External Merge Policy"
"""The profile merge rule of received segments: who is in them is decided where they come from."""


type _Wanted = Callable[[SegmentRef], bool]
type _Placed = tuple[str, SegmentView]
"""A segment with its place in the list: own ones at their ids, received ones behind them."""


@dataclass(frozen=True)
class _Listed:
    """A segment in the list, own or received, before what is shown of it has been read."""

    segment_id: str
    name: str
    updated_at: str
    texts: tuple[str | None, ...]
    source: Segment | tuple[ReceivedFeed, SegmentRef]


def list_segments(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> SegmentList:
    """The sandbox's own segments, oldest first, then those it receives; or one of the two, or what else is wanted.

    Raises Malformed for a cursor of another list, Refused for one that is too long to be searched or sorted.
    """
    origin = wanted.members["origin"]
    selection: Selection[_Listed] = replace(wanted, members={}).selection(
        lambda each: each.texts,
        keys={"name": lambda each: by_name(each.name), "updated": lambda each: each.updated_at},
        descending=False,
    )
    if not selection.scope:
        return _all(caller, origin, limit, cursor)
    if wanted.order or wanted.sort == CREATED:
        selection = replace(selection, key=selection.key or (lambda each: each.segment_id))
    scope = f"segments|{caller.sandbox_id}|{origin}|{selection.scope}"
    found, more = sorted_page(_listed(caller.sandbox_id, origin), selection, limit, cursor, scope)
    return SegmentList(items=_shown(caller, found), next_cursor=more)


def _listed(sandbox_id: str, origin: str | None) -> Iterator[Placed[_Listed]]:
    """The segments in the order of the list."""
    for own in store.segments_without_parts(sandbox_id) if origin != "received" else ():
        texts = (own.name, own.description, own.external_id)
        yield Placed(f"0{own.segment_id}", _Listed(own.segment_id, own.name, own.updated_at, texts, own))
    for feed in feeds.received_feeds(sandbox_id) if origin != "own" else ():
        for place, segment in _places(feed) if feed.status in RECEIVING else ():
            texts = (segment.name, feed.feed_name, feed.partner.organization_name)
            listed = _Listed(segment.segment_id, segment.name, feed.updated_at, texts, (feed, segment))
            yield Placed(f"1{place}", listed)


def _shown(caller: Caller, found: Sequence[_Listed]) -> list[SegmentView]:
    received = [each.source for each in found if isinstance(each.source, tuple)]
    delivered = dataflows_runs.delivered_each(feed.dataflow_id for feed, _ in received if feed.dataflow_id)
    rules = governance.rulebook(caller.sandbox_id)
    source = rules.sources[AUDIENCE_SHARING.data_source_id]

    def view(of: Segment | tuple[ReceivedFeed, SegmentRef]) -> SegmentView:
        if isinstance(of, Segment):
            return _own_view(store.with_parts(of), rules)
        feed, segment = of
        return _received_view(caller, source, feed, segment, delivered.get(feed.dataflow_id or "", {}))

    return [view(each.source) for each in found]


def _all(caller: Caller, origin: str | None, limit: int, cursor: str | None) -> SegmentList:
    scope = f"segments|{caller.sandbox_id}|{origin}"
    after = cursors.decode(scope, cursor) if cursor else ""
    found: list[_Placed] = []
    if origin != "received" and "/" not in after:
        found += _own_after(caller.sandbox_id, after, limit + 1)
    if origin != "own" and len(found) <= limit:
        found += _received_after(caller, after if "/" in after else "", limit + 1 - len(found))
    more = cursors.encode(scope, found[limit - 1][0]) if len(found) > limit else None
    return SegmentList(items=[view for _, view in found[:limit]], next_cursor=more)


def _own_after(sandbox_id: str, after: str, limit: int) -> list[_Placed]:
    found, rules = store.segments(sandbox_id, after or None, batch=limit), governance.rulebook(sandbox_id)
    return [(own.segment_id, _own_view(own, rules)) for own in islice(found, limit)]


def _own_view(own: Segment, rules: Rulebook) -> SegmentView:
    view = segments_service.view(own, rules)
    if not composing.received_parts(own):
        return view
    parts = received_segments.parts(own)
    return view.model_copy(update={"restricted_marketing_actions": parts.restricted, "lost_segment_ids": parts.lost})


def create(caller: Caller, body: CreateSegment) -> SegmentView:
    """A new segment, a composed one with its members counted.

    Raises Conflict, Refused and TooManyRequests as `segments.service.create` does, NotFound when a composed one is
    deleted before it is counted.
    """
    if body.expression is None:
        return segments_service.create(caller, body)
    new = segments_service.create(caller, body, received_segments.receivable(caller.sandbox_id))
    return get(caller, new.segment_id)


def update(caller: Caller, segment_id: str, body: PatchSegment, if_match: Versions) -> SegmentView:
    """Change a segment.

    Raises NotFound, Stale, Conflict, Refused and TooManyRequests as `segments.service.update` does.
    """
    view = segments_service.update(caller, segment_id, body, if_match, _receivable(caller, body))
    return get(caller, segment_id) if view.expression is not None else view


def preview_update(caller: Caller, segment_id: str, body: PatchSegment, if_match: Versions) -> RulesPreview:
    """What a change of a segment would do to what is shared; refused as the change is.

    Raises NotFound, Stale and Refused as `update` does.
    """
    return segments_service.preview_update(caller, segment_id, body, if_match, _receivable(caller, body))


def _receivable(caller: Caller, body: PatchSegment) -> Collection[str]:
    return received_segments.receivable(caller.sandbox_id) if "expression" in body.model_fields_set else ()


def received_page(
    caller: Caller, scope: str, limit: int, cursor: str | None, wanted: _Wanted = lambda _: True
) -> tuple[list[SegmentView], str | None]:
    """A page of those received segments that are wanted, and the next cursor.

    Raises Malformed for a cursor of another list.
    """
    scope = f"{scope}|{caller.sandbox_id}"
    found = _received_after(caller, cursors.decode(scope, cursor) if cursor else "", limit + 1, wanted)
    more = cursors.encode(scope, found[limit - 1][0]) if len(found) > limit else None
    return [view for _, view in found[:limit]], more


def count_received(sandbox_id: str) -> int:
    """How many segments the sandbox receives."""
    received = (feed for feed in feeds.received_feeds(sandbox_id) if feed.status in RECEIVING)
    return sum(len(feed.readable_segments) for feed in received)


def trait_id(segment_id: str) -> str:
    """The trait that a received segment is."""
    return f"trait_{segment_id.removeprefix('seg_')}"


def _received_after(caller: Caller, after: str, limit: int, wanted: _Wanted = lambda _: True) -> list[_Placed]:
    received_feeds = feeds.received_feeds(caller.sandbox_id, after.partition("/")[0], batch=limit)
    behind = (
        (place, received, segment)
        for received in received_feeds
        if received.status in RECEIVING
        for place, segment in _places(received)
        if place > after and wanted(segment)
    )
    found = list(islice(behind, limit))
    delivered = dataflows_runs.delivered_each(received.dataflow_id for _, received, _ in found if received.dataflow_id)
    source = _source(caller.sandbox_id) if found else AUDIENCE_SHARING
    return [
        (place, _received_view(caller, source, received, segment, delivered.get(received.dataflow_id or "", {})))
        for place, received, segment in found
    ]


def _source(sandbox_id: str) -> DataSource:
    return governance.rulebook(sandbox_id).sources[AUDIENCE_SHARING.data_source_id]


def _places(received: ReceivedFeed) -> list[tuple[str, SegmentRef]]:
    """A received feed's segments with their places in the list."""
    shared = sorted(received.readable_segments, key=lambda segment: segment.segment_id)
    return [(f"{received.received_feed_id}/{segment.segment_id}", segment) for segment in shared]


def _received_view(
    caller: Caller,
    source: DataSource,
    received: ReceivedFeed,
    segment: SegmentRef,
    delivered: DeliveredCounts,
    people: int | None = None,
) -> SegmentView:
    return SegmentView(
        segment_id=segment.segment_id,
        name=segment.name,
        description=None,
        external_id=None,
        origin="received",
        labels=[],
        restricted_marketing_actions=list(received.restricted_marketing_actions),
        counts=segments_service.counts(
            delivered.get(segment.segment_id, {}), people, None if people is None else clock.now_text()
        ),
        received_feed_id=received.received_feed_id,
        received_feed_name=received.feed_name,
        partner=Partner.of(received.partner),
        inherited_labels=[InheritedLabel(label=label, origin=_origin(source)) for label in source.carried],
        integration_code=segment.segment_id,
        data_source=SourceRef.of(source),
        profile_merge_rule=MERGE_RULE,
        segment_rule=trait_id(segment.segment_id),
        folder=caller.on.segment_folder,
        updated_at=received.updated_at,
        version=received.revision,
    )


def _origin(source: DataSource) -> LabelOriginView:
    return LabelOriginView(entity_type="dataSource", entity_id=source.data_source_id, name=source.name)


def get(caller: Caller, segment_id: str) -> SegmentView:
    """One segment, own or received, with its people counted.

    Raises NotFound for an unknown segment.
    """
    own = store.segment(caller.sandbox_id, segment_id)
    if own:
        counted = _counted_composed(own) if own.expression is not None else segments_service.counted(own)
        return _own_view(counted, governance.rulebook(caller.sandbox_id))
    for received in feeds.received_feeds(caller.sandbox_id):
        for segment in received.readable_segments if received.status in RECEIVING else ():
            if segment.segment_id == segment_id:
                return _received(caller, received, segment)
    raise NotFound("no such segment")


def _counted_composed(own: Segment) -> Segment:
    """A composed segment with its members counted anew, where something has changed since they were."""
    found = composed_members.counted(received_segments.parts(own))
    return own if found is None else segments_service.noted(own, *found)


def _received(caller: Caller, received: ReceivedFeed, segment: SegmentRef) -> SegmentView:
    source = _source(caller.sandbox_id)
    if received.dataflow_id is None:
        return _received_view(caller, source, received, segment, {})
    delivered = dataflows_runs.delivered_each([received.dataflow_id]).get(received.dataflow_id, {})
    counted = people_counts.received(caller.sandbox_id, received.dataflow_id, segment.segment_id)
    return _received_view(caller, source, received, segment, delivered, counted.people if counted else None)
