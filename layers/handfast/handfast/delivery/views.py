"""What delivery tells callers (docs/api.md, Destinations)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from handfast.dataflows.models import Excluded, SegmentName
from handfast.platform.wire import Request, Timestamp, View


class DeadLetterView(View):
    """Changes that the destination has not taken. `identities` are in `pairs` of identity and segment.

    `status` is its status code, null where there was no answer; `reason` its code for these changes, or why there was
    no answer; `answer` the start of what it said. `inDoubt`: it may have taken some of them.
    """

    batch_id: str
    dataflow_id: str
    at: Timestamp
    identities: int
    pairs: int
    segments: Mapping[str, int]
    status: int | None
    reason: str
    answer: str
    attempts: int
    in_doubt: bool


class DeadLetterList(View):
    """A page of dead letters, newest first. `segments` have the names of all that it tells of by id."""

    items: list[DeadLetterView]
    segments: list[SegmentName]
    next_cursor: str | None


class Replay(Request):
    """Which dead letters are sent again: `all`, those from a time on and before another, or some by their ids."""

    all: Literal[True] | None = None
    from_: Annotated[datetime | None, Field(alias="from")] = None
    to: datetime | None = None
    batch_ids: Annotated[list[str] | None, Field(min_length=1, max_length=1_000)] = None

    @model_validator(mode="after")
    def _is_one_choice(self) -> Self:
        by_time = self.from_ is not None or self.to is not None
        if [bool(self.all), by_time, bool(self.batch_ids)].count(True) != 1:
            raise ValueError("give either `all`, or `from` and `to` or one of them, or `batchIds`")
        return self


class Replayed(View):
    """How many dead letters are sent again, and how many of those that were asked for are left for another call."""

    replayed: int
    left: int


class SegmentWindow(View):
    """What came of an hour's changes of a segment, in identities; `members` and `identitiesExcluded` as in its window.

    These are null where not all that was reconciled in the hour is known by segment: of hours before it was counted.
    The answer's `segments` have its name.
    """

    segment_id: str
    identities_activated: int
    identities_exited: int
    identities_excluded: Excluded | None
    identities_failed: int
    members: int | None


class Receipts(View):
    """What a destination has said since of its requests of an hour.

    `requests` are those by what has become of them: `processing`, `success`, `partial_success`, `failed`, or `unknown`
    when it has not said. `records` are those that it counted, `errors` how many of them failed by its reason, and
    `matchRates` requests by the range of how many it knows, in percent.
    """

    requests: Mapping[str, int]
    records: int
    errors: Mapping[str, int]
    match_rates: Mapping[str, int]


class Window(View):
    """What came of an hour's changes, in pairs of identity and segment.

    `profilesReceived` are all that were sent; `activationRate` is the share of them that was activated or exited, null
    without any. `identitiesFailed` are those of dead letters by reason, and those of which the destination has said
    later that they failed. `receipts` are its own words, null from one that says nothing later. `identitiesExcluded`
    are the members that were not given, by reason, as of the hour's last reconciliation and of what was reconciled in
    it; `members` are all of these.
    """

    start: Timestamp
    profiles_received: int
    identities_activated: int
    identities_exited: int
    identities_excluded: Excluded
    identities_failed: Mapping[str, int]
    activation_rate: float | None
    members: int
    calls: int
    segments: list[SegmentWindow]
    receipts: Receipts | None


class DeliveryRun(Window):
    """What came of a dataflow's changes in an hour. It is `processing` until the hour is over."""

    status: Literal["processing", "completed"]


class DeliveryRunList(View):
    """A page of the hours in which something of a dataflow was sent or reconciled, newest first.

    `segments` have the names of all that it tells of by id.
    """

    items: list[DeliveryRun]
    segments: list[SegmentName]
    next_cursor: str | None


class HealthView(View):
    """How a destination is doing.

    `failing`: it is not called before `retryAt`, since `since`, because of `reason`, a status code or the code of why
    there was no answer. `windows` are the last day's hours in which something was sent or reconciled, newest first.
    """

    status: Literal["healthy", "failing"]
    reason: str | None
    since: Timestamp | None
    retry_at: Timestamp | None
    dead_letters: int
    waiting: int
    windows: list[Window]
    segments: list[SegmentName]
