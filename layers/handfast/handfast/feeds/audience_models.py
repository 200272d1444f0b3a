"""Received segments as Audience Manager's signals, traits and folders (docs/composed-segments.md)."""

from typing import Literal

from handfast.partners.models import Partner
from handfast.platform.wire import View
from handfast.segments.models import SourceRef


class SignalView(View):
    """The signal of a received segment, by which one sees that it comes in."""

    expression: str
    segment_id: str
    segment_name: str
    received_feed_id: str
    received_feed_name: str
    partner: Partner


class SignalList(View):
    """A page of signals."""

    items: list[SignalView]
    next_cursor: str | None


class SegmentWithTrait(View):
    """A segment that a trait is in."""

    segment_id: str
    name: str


class TraitView(View):
    """The trait that a received segment is: onboarded, of its signal.

    `segments` are the received segment itself, which is made of this trait, and the own ones composed of it.
    """

    trait_id: str
    name: str
    trait_type: Literal["onboarded"] = "onboarded"
    integration_code: str
    trait_expression: str
    data_source: SourceRef
    folder: str
    segments: list[SegmentWithTrait]
    received_feed_id: str
    received_feed_name: str
    partner: Partner


class TraitList(View):
    """A page of traits."""

    items: list[TraitView]
    next_cursor: str | None


class FolderView(View):
    """A folder, and how many traits or segments are in it."""

    name: str
    count: int


class FolderList(View):
    """The folders, which are one."""

    items: list[FolderView]
    next_cursor: None = None
