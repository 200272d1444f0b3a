"""When a request must be acknowledged and answered, and when to warn. Pure: no clock, no storage.

A period is counted in days of the calendar's time zone. The day of receipt is not counted (Regulation 1182/71 Art.
3(1)); a month ends with the same day of a later month, or its last day where there is none (Art. 3(2)(c)); a period
ends with the last hour of its last day.
"""

import calendar as gregorian
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handfast.platform.problems import Conflict, Refused
from handfast.privacy_requests.models import PrivacyType
from handfast.privacy_requests.regulations import Period, Terms, regulation

type Duty = Literal["acknowledge", "answer"]

_DAY = timedelta(days=1)
# Times are kept to the millisecond: the last one of a day.
_LAST = timedelta(milliseconds=1)
_SATURDAY = 5
_LEADS: dict[Duty, tuple[timedelta, ...]] = {"acknowledge": (_DAY,), "answer": (7 * _DAY, _DAY)}


@dataclass(frozen=True)
class Calendar:
    """Where days are counted: an IANA time zone, and the days nobody works beside Saturdays and Sundays.

    Raises Refused (`unknown_time_zone`).
    """

    zone: str = "UTC"
    holidays: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Refused(f"there is no time zone {self.zone}", reason="unknown_time_zone") from error

    def day_of(self, at: datetime) -> date:
        """The day on which an instant falls."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def end_of(self, day: date) -> datetime:
        """The last millisecond of a day, in UTC; days of 23 and 25 hours included."""
        midnight = datetime.combine(day + _DAY, time.min, ZoneInfo(self.zone))
        return midnight.astimezone(UTC) - _LAST

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, and no holiday."""
        return day.weekday() < _SATURDAY and day not in self.holidays


@dataclass(frozen=True)
class Deadline:
    """What a request's law asks for; instants in UTC, the last of their day.

    `extendable_until`: where `due_at` moves by the one extension there is, None when there is none (any more).
    """

    received_at: datetime
    acknowledge_by: datetime | None
    due_at: datetime
    extendable_until: datetime | None
    extended: bool = False


@dataclass(frozen=True)
class DeadlineWarning:
    """That a duty's end `by` is near, or has passed at `at`."""

    duty: Duty
    kind: Literal["approaching", "breached"]
    at: datetime
    by: datetime


def due(code: str, request_type: PrivacyType, received_at: datetime, calendar: Calendar) -> Deadline:
    """The deadline of a request received at an instant (timezone-aware), under the regulation with that code.

    Raises Refused (`unknown_regulation`, `not_a_right`).
    """
    terms = regulation(code).terms_of(request_type)
    day = calendar.day_of(received_at)
    return Deadline(
        received_at=received_at.astimezone(UTC),
        acknowledge_by=calendar.end_of(_end(day, terms.acknowledge, calendar)) if terms.acknowledge else None,
        due_at=calendar.end_of(_last_day(day, terms.answer, terms, calendar)),
        extendable_until=_extendable_until(day, terms, calendar),
    )


def extended(deadline: Deadline, at: datetime) -> Deadline:
    """The deadline after its one extension, of which the person is told at `at`, with the reason.

    Raises Refused (`not_extendable`) where the law has no extension, and Conflict where it was extended before or `at`
    is past the deadline: the person must hear of it in time (GDPR Art. 12(3), 11 CCR 7021(b)).
    """
    if deadline.extended:
        raise Conflict("the deadline was extended before; there is one extension", current="extended")
    if deadline.extendable_until is None:
        raise Refused("the regulation has no extension for this request", reason="not_extendable")
    if at > deadline.due_at:
        raise Conflict("the deadline has passed; it could be extended until then", current="overdue")
    return replace(deadline, due_at=deadline.extendable_until, extendable_until=None, extended=True)


def warnings(
    deadline: Deadline, after: datetime, until: datetime, *, acknowledged: bool = False
) -> list[DeadlineWarning]:
    """The warnings of an unanswered request that fall due in (after, until], oldest first.

    A week and a day before its answer is due, a day before its acknowledgement, and at each breach. Consecutive
    intervals give each warning once. `acknowledged`: that duty is done.
    """
    duties: list[tuple[Duty, datetime]] = [("answer", deadline.due_at)]
    if deadline.acknowledge_by and not acknowledged:
        duties.append(("acknowledge", deadline.acknowledge_by))
    found = [
        DeadlineWarning(duty, "approaching", by - lead, by)
        for duty, by in duties
        for lead in _LEADS[duty]
        if by - lead > deadline.received_at
    ]
    found += [DeadlineWarning(duty, "breached", by + _LAST, by) for duty, by in duties]
    return sorted((warning for warning in found if after < warning.at <= until), key=lambda warning: warning.at)


def _extendable_until(day: date, terms: Terms, calendar: Calendar) -> datetime | None:
    if terms.extension is None:
        return None
    whole = Period(terms.answer.length + terms.extension.length, terms.answer.unit)
    return calendar.end_of(_last_day(day, whole, terms, calendar))


def _last_day(received: date, period: Period, terms: Terms, calendar: Calendar) -> date:
    day = _end(received, period, calendar)
    while terms.next_working_day and not calendar.is_working_day(day):
        day += _DAY
    return day


def _end(received: date, period: Period, calendar: Calendar) -> date:
    match period.unit:
        case "calendar_month":
            return _months_later(received, period.length)
        case "calendar_day":
            return received + period.length * _DAY
        case "business_day":
            return _business_days_later(received, period.length, calendar)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, gregorian.monthrange(year, month)[1]))


def _business_days_later(day: date, count: int, calendar: Calendar) -> date:
    while count:
        day += _DAY
        count -= calendar.is_working_day(day)
    return day
