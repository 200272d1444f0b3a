"""What delivery keeps and counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """A destination that is not called before `retry_at`, after `failures` calls in a row without success.

    `reason` is what the last of them came to: a status code, or the code of why there was no answer. `since` is when
    the first of them was.
    """

    destination_id: str
    failures: int
    retry_at: str
    reason: str
    since: str


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
    """What came of the changes of a pass, in pairs of identity and segment; `failed` by reason."""

    activated: int = 0
    exited: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    by_segment: dict[str, int] = field(default_factory=dict)
    calls: int = 0

    def fail(self, reason: str, count: int) -> None:
        """Count failed pairs."""
        self.failed[reason] = self.failed.get(reason, 0) + count
