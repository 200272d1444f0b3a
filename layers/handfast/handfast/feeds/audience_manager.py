"""Received segments as Audience Manager shows what comes from Experience Platform: each a signal, trait and segment.

Nothing of it is kept: all of it follows from what is received. Names and rules are those of Adobe's page on audience
sharing with Audience Manager (docs/sources.md).
"""

from collections.abc import Mapping
from typing import Any

from handfast.feeds import catalogue
from handfast.feeds.audience_models import (
    FolderList,
    FolderView,
    SegmentWithTrait,
    SignalList,
    SignalView,
    TraitList,
    TraitView,
)
from handfast.governance.models import AUDIENCE_SHARING
from handfast.journal.models import Caller
from handfast.segments import store
from handfast.segments.models import SegmentView, SourceRef


def list_signals(caller: Caller, search: str | None, limit: int, cursor: str | None) -> SignalList:
    """The signals of received segments whose expression or segment's name has a text in it, whatever its case.

    Raises Malformed for a cursor of another list.
    """
    wanted = "".join((search or "").lower().split())
    found, more = catalogue.received_page(
        caller,
        f"signals|{wanted}",
        limit,
        cursor,
        lambda segment: wanted in f"{_expression(segment.segment_id)}\n{segment.name}".lower().replace(" ", ""),
    )
    return SignalList(items=list(map(_signal, found)), next_cursor=more)


def _expression(segment_id: str) -> str:
    return f"segID = {segment_id}"


def _signal(received: SegmentView) -> SignalView:
    return SignalView(
        expression=_expression(received.segment_id),
        segment_id=received.segment_id,
        segment_name=received.name,
        **_origin(received),
    )


def _origin(received: SegmentView) -> dict[str, Any]:
    """The received feed that brings a segment, and whose it is."""
    return {name: getattr(received, name) for name in ("received_feed_id", "received_feed_name", "partner")}


def list_traits(caller: Caller, limit: int, cursor: str | None) -> TraitList:
    """The traits that received segments are.

    Raises Malformed for a cursor of another list.
    """
    found, more = catalogue.received_page(caller, "traits", limit, cursor)
    using = _composed(caller.sandbox_id) if found else {}
    items = [_trait(received, caller.on.trait_folder, using) for received in found]
    return TraitList(items=items, next_cursor=more)


def _composed(sandbox_id: str) -> Mapping[str, list[SegmentWithTrait]]:
    """The composed segments by what they name."""
    using: dict[str, list[SegmentWithTrait]] = {}
    for composed_id, named in sorted(store.named_by_composed(sandbox_id).items()):
        if own := store.segment(sandbox_id, composed_id):
            for segment_id in named:
                using.setdefault(segment_id, []).append(SegmentWithTrait(segment_id=composed_id, name=own.name))
    return using


def _trait(received: SegmentView, folder: str, using: Mapping[str, list[SegmentWithTrait]]) -> TraitView:
    itself = SegmentWithTrait(segment_id=received.segment_id, name=received.name)
    return TraitView(
        trait_id=catalogue.trait_id(received.segment_id),
        name=received.name,
        integration_code=received.segment_id,
        trait_expression=_expression(received.segment_id),
        data_source=received.data_source or SourceRef.of(AUDIENCE_SHARING),
        folder=folder,
        segments=[itself, *using.get(received.segment_id, ())],
        **_origin(received),
    )


def list_trait_folders(caller: Caller) -> FolderList:
    """The folder of the traits that received segments are."""
    return _folder(caller, caller.on.trait_folder)


def list_segment_folders(caller: Caller) -> FolderList:
    """The folder of received segments."""
    return _folder(caller, caller.on.segment_folder)


def _folder(caller: Caller, name: str) -> FolderList:
    return FolderList(items=[FolderView(name=name, count=catalogue.count_received(caller.sandbox_id))])
