"""A destination that fails in every way, and the truth of who should be in which segment there."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from handfast.connectors.contract import Settings
from handfast.dataflows.models import Dataflow, Target
from handfast.delivery import passes, rules, store
from handfast.delivery.line import Line
from handfast.delivery.passes import Passed
from handfast.destinations.aggregation import Aggregation
from handfast.destinations.contract import Account, Answer, DestinationType, Limits, Pair
from handfast.destinations.sending import Sending
from handfast.lake import layout
from handfast.lake.buckets import bucket_of, object_key
from handfast.partners.models import PartnerRef
from handfast.platform import clock, objects, table
from tests.worlds.data_plane import DISCLOSURES, write_rows
from tests.worlds.memory import Deployment

BITS = 2
FLOW, DESTINATION = "flow_1", "dst_1"
START = datetime(2026, 11, 1, tzinfo=UTC)

type Member = tuple[int, str]
"""An identity by its number, and a segment."""
type Fault = Literal[
    "none", "unavailable", "unavailable_after", "cut", "cut_after", "throttled", "refused", "in_part", "crash"
]
FAULTS: tuple[Fault, ...] = (
    "none",
    "unavailable",
    "unavailable_after",
    "cut",
    "cut_after",
    "throttled",
    "refused",
    "in_part",
    "crash",
)


class Crash(BaseException):
    """The worker dies."""


@dataclass
class Outside:
    """The system outside: what it holds, by value and segment, and all that it was ever told."""

    holds: set[tuple[str, str]] = field(default_factory=set)
    told: list[Pair] = field(default_factory=list)
    batches: dict[str, list[Pair]] = field(default_factory=dict)
    calls: int = 0
    faults: list[Fault] = field(default_factory=list)

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:
        """Take the pairs, or fail as the next fault says."""
        self.calls += 1
        fault = self.faults.pop(0) if self.faults else "none"
        self.told += pairs
        assert self.batches.setdefault(batch_id, list(pairs)) == list(pairs)
        if fault == "crash":
            raise Crash
        if fault == "in_part":
            half = len(pairs) // 2
            self._take(pairs[:half])
            again = frozenset(range(half, len(pairs), 2))
            return Answer(200, refused=dict.fromkeys(range(half + 1, len(pairs), 2), "odd"), again=again)
        if fault in ("none", "unavailable_after", "cut_after"):
            self._take(pairs)
        return _ANSWERS[fault]

    def _take(self, pairs: Sequence[Pair]) -> None:
        for pair in pairs:
            place = (pair.value, pair.segment_id)
            self.holds.add(place) if pair.change == "realized" else self.holds.discard(place)


_ANSWERS: dict[str, Answer] = {
    "none": Answer(200),
    "unavailable": Answer(503),
    "unavailable_after": Answer(500),
    "cut": Answer(error="connection_failed"),
    "cut_after": Answer(error="connection_failed"),
    "throttled": Answer(429, retry_after=30.0),
    "refused": Answer(400, detail="no"),
}


@dataclass
class Kind:
    """A type of destination of the tests."""

    outside: Outside

    @contextmanager
    def open(self, _account: Any) -> Iterator[Outside]:
        """The system itself."""
        yield self.outside


class Deliveries:
    """A dataflow to a destination, over stores in memory, at a time that the tests set."""

    bits = BITS

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.stores = Deployment()
        self.stores.install(patch, self.bits)
        self.now = START
        patch.setattr(clock, "now", lambda: self.now)
        patch.setattr("handfast.delivery.batches.CALLS_AT_ONCE", 1)
        self.outside = Outside()
        self.live: set[Member] = set()
        self._rows: dict[Member, list[list[Any]]] = {}
        self._written: dict[int, list[Any]] = {}
        self._folder = folder
        self.targets = {1: "email"}
        self.backfill: str | None = None
        self.kind = cast("DestinationType[Any, Any]", Kind(self.outside))
        self.account: Account[Any, Any] = Account("account", Settings(), Settings())
        self.limits = Limits(3, 1_000_000)
        self.aggregation = Aggregation()

    def change(self, enters: set[Member], leaves: set[Member], erased: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        """Have the ledger say who is to be had; the values of who is erased are gone from it."""
        for member in enters - self.live:
            self._rows.setdefault(member, []).append([value(member[0]), self.now, None])
        for member in leaves & self.live:
            self._rows[member][-1][2] = self.now
        self.live = (self.live | enters) - leaves
        assert not {number for number, _ in self.live} & erased
        for (number, _), rows in self._rows.items():
            for row in rows:
                row[0] = None if number in erased else row[0]
        self._write()

    def _write(self) -> None:
        by_bucket: dict[int, list[Any]] = {}
        for (number, segment), rows in self._rows.items():
            for held, since, until in rows:
                at = [each and each.replace(tzinfo=None) for each in (since, until)]
                by_bucket.setdefault(bucket_of(key(number), self.bits), []).append(
                    (key(number), number, 1, held, segment, *at)
                )
        for bucket, found in by_bucket.items():
            if self._written.get(bucket) == found:
                continue
            self._written[bucket] = found
            path = write_rows(self._folder / "ledger.parquet", DISCLOSURES, found)
            name = object_key(layout.disclosures(FLOW), bucket)
            objects.write_file(name, path, replaces=objects.find(name))

    def deliver(self) -> Passed | None:
        """One pass over the span, unless the destination is not to be called; None then, and when the worker dies."""
        line = Line(DESTINATION, 1_000_000)
        if line.retry_at:
            return None
        try:
            return passes.deliver(flow(), 0, self.sending(), line)
        except Crash:
            return None

    def sending(self) -> Sending:
        """The destination as delivery sees it."""
        return Sending(
            "sbx_1",
            DESTINATION,
            self.kind,
            self.account,
            self.targets,
            self.limits,
            backfill=self.backfill,
            aggregation=self.aggregation,
        )

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def replay(self) -> None:
        """Have all dead letters sent again."""
        for letter in list(store.dead_letters(DESTINATION)):
            store.revive(FLOW, letter.bucket, letter.batch_id)
            table.apply(store.without_dead_letter(letter))

    def drain(self) -> None:
        """Let time pass until nothing is due."""
        for _ in range(rules.TRIES):
            passed = self.deliver()
            if passed and not passed.is_unfinished and passed.due_at is None:
                return
            self.later(2 * 86_400)
        raise AssertionError("something is due for ever")

    def wanted(self) -> set[tuple[str, str]]:
        """What the destination should hold."""
        return {(value(number).hex(), segment) for number, segment in self.live}


def key(number: int) -> int:
    """A key's `hi`, anywhere."""
    return random.Random(number).getrandbits(64) - (1 << 63)


def value(number: int) -> bytes:
    """An identity's digest."""
    return number.to_bytes(32, "big")


def flow() -> Dataflow:
    """The dataflow."""
    at = clock.to_text(START)
    source = PartnerRef("sbx_1", "Organisation", "Sandbox")
    return Dataflow(FLOW, source, Target("destination"), "Flow", "active", ("seg_a",), at, at)
