"""How requests were answered, as 11 CCR 7102(a) has businesses count them. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from statistics import fmean, median
from typing import Annotated

from pydantic import Field

from handfast.platform import clock
from handfast.platform.wire import View
from handfast.privacy_requests import rules
from handfast.privacy_requests.deadlines import Calendar
from handfast.privacy_requests.models import PrivacyRequest, PrivacyType


class MetricsItem(View):
    """The requests of a type that were received in a year.

    `compliedInPart`: a recipient or a system outside has not confirmed. `other`: open or cancelled. `unverified` were
    never verified, and are not in `received`: anybody may have made them. `messagesFailed` are messages to people that
    were not sent, as they stand now.
    The days are calendar days from receipt to the answer, of those complied with or denied.
    """

    year: int
    type: PrivacyType
    received: int
    complied_in_whole: int
    complied_in_part: int
    denied: int
    other: int
    unverified: int
    median_days: float | None
    mean_days: float | None
    messages_failed: int


class Metrics(View):
    """What was received from a day to another, both included, by year and type."""

    first: Annotated[str, Field(json_schema_extra={"format": "date"})]
    last: Annotated[str, Field(json_schema_extra={"format": "date"})]
    items: list[MetricsItem]


@dataclass
class _Counts:
    whole: int = 0
    part: int = 0
    denied: int = 0
    other: int = 0
    unverified: int = 0
    messages_failed: int = 0
    days: list[int] = field(default_factory=list)


def metrics(requests: Iterable[PrivacyRequest], calendar: Calendar, first: date, last: date) -> Metrics:
    """Count the requests that people made of the sandbox itself: those that partners passed on are counted there."""
    found: dict[tuple[int, PrivacyType], _Counts] = defaultdict(_Counts)
    for request in requests:
        received = calendar.day_of(clock.from_text(request.received_at))
        if first <= received <= last and request.origin.partner is None:
            _count(found[received.year, request.type], request, received, calendar)
    items = [_item(year, kind, counts) for (year, kind), counts in sorted(found.items())]
    return Metrics(first=first.isoformat(), last=last.isoformat(), items=items)


def _count(counts: _Counts, request: PrivacyRequest, received: date, calendar: Calendar) -> None:
    if request.status not in rules.UNVERIFIED:
        counts.messages_failed += sum(message.status == "failed" for message in request.messages)
    match request.status:
        case "completed" | "completed_with_gaps" if rules.answer_of(request) == "partial":
            counts.part += 1
        case "completed":
            counts.whole += 1
        case "denied":
            counts.denied += 1
        case "unverified" | "expired":
            counts.unverified += 1
            return
        case _:
            counts.other += 1
            return
    if request.ended_at:
        counts.days.append((calendar.day_of(clock.from_text(request.ended_at)) - received).days)


def _item(year: int, kind: PrivacyType, counts: _Counts) -> MetricsItem:
    return MetricsItem(
        year=year,
        type=kind,
        received=counts.whole + counts.part + counts.denied + counts.other,
        complied_in_whole=counts.whole,
        complied_in_part=counts.part,
        denied=counts.denied,
        other=counts.other,
        unverified=counts.unverified,
        median_days=float(median(counts.days)) if counts.days else None,
        mean_days=round(fmean(counts.days), 1) if counts.days else None,
        messages_failed=counts.messages_failed,
    )
