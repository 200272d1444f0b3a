"""What delivery keeps and counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from handfast.delivery import rules
from handfast.destinations.contract import Change
from handfast.platform.wire import Packed, TableItem

type HeldCounts = Mapping[str, Mapping[int, int]]
"""Pairs of identity and segment that a destination holds, by segment and namespace code."""


@dataclass(frozen=True)
class BucketDelivery:
    """A bucket of a dataflow as delivery left it, having read the versions that `read` is a digest of.

    `held` is what the destination has taken, `left` how many changes wait: for their time, to be tried again, or to be
    reached; the first of them is due at `due_at` (RFC 3339; None: at once).
    """

    read: str
    held: HeldCounts
    left: int = 0
    due_at: str | None = None


@dataclass(frozen=True)
class Breaker(TableItem):
    """A destination of which `failures` calls in a row had no success; once it is open, none is made before `retry_at`.

    `reason` is what the last of them came to: a status code, or the code of why there was no answer. `since` is when
    the first of them was.
    """

    destination_id: str
    failures: int
    retry_at: str
    reason: str
    since: str

    @property
    def is_open(self) -> bool:
        """Whether the destination is failing: it stays so until a call succeeds."""
        return self.failures >= rules.OPENS_AT


@dataclass(frozen=True)
class DeadLetter(TableItem):
    """Changes that a destination has refused, or not taken in all of their tries; their rows are an object.

    `status` is the endpoint's status code, None without an answer; `reason` its code for these changes, or why there
    was no answer; `answer` the start of what it said. `in_doubt`: it may have taken some. `segments` are pairs by
    segment. `bucket` tells the span that they are of.
    """

    sandbox_id: str
    destination_id: str
    dataflow_id: str
    batch_id: str
    bucket: int
    at: str
    pairs: int
    identities: int
    status: int | None
    reason: str
    answer: str
    attempts: int
    in_doubt: bool
    segments: Packed[Mapping[str, int]] = field(default_factory=dict)


@dataclass
class Counts:
    """What came of the changes of a pass, in pairs of identity and segment; `by_segment` is what was activated."""

    activated: int = 0
    exited: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    by_segment: Counter[str] = field(default_factory=Counter)
    exited_by_segment: Counter[str] = field(default_factory=Counter)
    failed_by_segment: Counter[str] = field(default_factory=Counter)
    calls: int = 0

    def take(self, segment_id: str, count: int, *, entered: bool) -> None:
        """Count pairs of a segment that the destination has taken."""
        if entered:
            self.activated += count
            self.by_segment[segment_id] += count
        else:
            self.exited += count
            self.exited_by_segment[segment_id] += count

    def fail(self, reason: str, count: int) -> None:
        """Count failed pairs."""
        self.failed[reason] += count


class GivenReceipt(NamedTuple):
    """The receipt of a request, of which so many pairs were taken that entered or left one segment."""

    receipt: str
    segment_id: str
    change: Change
    pairs: int


@dataclass(frozen=True)
class Standing:
    """Of the members in a span as of its last reconciliation how many there are, and who is excluded, by reason.

    In pairs of identity and segment. `segments` has those of each segment by reason, and `shared` for all others.
    """

    span: int
    members: int
    excluded: Mapping[str, int]
    segments: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class SpanSegments(TableItem):
    """The members of each segment in a span as of the last reconciliation in an hour, as `Standing` has them."""

    segments: Packed[Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True)
class Hour:
    """What came of a dataflow's changes in the hour that begins at `start`: numbers by name, as they are stored.

    `calls`; `activated.`, `exited.` and `failed_of.` with a segment; `failed.` with a reason; and of a span `members.`
    with its number, `excluded.` with its number and a reason. `standing.` with a segment and a reason or `shared` is of
    all spans, and is kept beside: an item of the hour itself would cost each pass what all spans and segments weigh.
    """

    start: str
    numbers: Mapping[str, int]
