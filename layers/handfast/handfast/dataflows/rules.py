"""Pure decisions about dataflows and runs."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Literal

from handfast.dataflows.models import DataflowStatus, HoldDecision, Run, Verdict
from handfast.matching import guarding
from handfast.matching.guarding import Overlap, Weighed
from handfast.matching.models import BucketState, DeliveredCounts, HoldReason, Terms
from handfast.platform import clock

type DataflowAction = Literal["pause", "resume", "close", "finish"]


DATAFLOW_TRANSITIONS: dict[DataflowAction, dict[DataflowStatus, DataflowStatus]] = {
    "pause": {"active": "paused"},
    "resume": {"paused": "active"},
    "close": {"active": "closing", "paused": "closing"},
    "finish": {"closing": "closed"},
}


def run_counts(buckets: Iterable[BucketState], run_id: str) -> Counter[str]:
    """A run's counts over the buckets of a span (dataflows.models.Run)."""
    counts: Counter[str] = Counter()
    for bucket in buckets:
        counts["profilesReceived"] += bucket.members
        counts["identitiesActivated"] += bucket.shared
        counts.update({f"excluded.{reason}": number for reason, number in bucket.excluded.items()})
        if bucket.run_id == run_id:
            counts.update(realized=bucket.realized, exited=bucket.exited)
    return counts


def segment_counts(buckets: Iterable[BucketState]) -> dict[str, Counter[str]]:
    """The members of each segment in a span's buckets: how many are `shared`, and how many not by reason."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for bucket in buckets:
        for segment, excluded in bucket.excluded_by_segment.items():
            sums[segment].update(excluded)
        for segment, by_namespace in bucket.delivered.items():
            sums[segment]["shared"] += sum(by_namespace.values())
    return sums


def delivered_counts(buckets: Iterable[BucketState]) -> DeliveredCounts:
    """What the target holds of a span's buckets."""
    sums: dict[str, Counter[int]] = defaultdict(Counter)
    for bucket in buckets:
        for segment, by_namespace in bucket.delivered.items():
            sums[segment].update(by_namespace)
    return sums


# What is held back

HELD_FOR = timedelta(hours=1)
"""How long what is held back stays so, and how long guards are others before a decision is taken by them."""
CLEARED_FOR = timedelta(hours=24)
"""How long what passes does so, and for how long a target's growth is measured from the same size."""
_DECIDED_ON = frozenset({"received_feed.enabled"})
"""What a receiver does that sets off a run which begins with a decision, when the one before is `HELD_FOR` old."""
_GROWN_BY = 1.05
FEW = 1_000
"""Identities that a universe is taken to have had when its growth is looked at."""

type Reasons = dict[tuple[str, int], HoldReason | None]


def reasons(decision: HoldDecision | None) -> Reasons:
    """Why a segment is held back in a namespace, by its code, or None; of all that was decided on."""
    return {(each.segment_id, each.namespace): each.reason for each in (decision.verdicts if decision else ())}


def held(decision: HoldDecision | None) -> Reasons:
    """The same, without what is held back of single identities, which is no matter of the pair."""
    return {pair: None if reason == "guard_age" else reason for pair, reason in reasons(decision).items()}


def is_due(decision: HoldDecision | None, terms: Terms, run: Run, now: datetime) -> bool:
    """Whether what is held back is to be decided on before a run goes on."""
    if decision is None or is_called_for(decision, terms, run, now):
        return True
    stays = HELD_FOR if decision.held() or decision.guards != terms.guards else CLEARED_FOR
    return now - clock.from_text(decision.decided_at) >= stays


def is_called_for(decision: HoldDecision | None, terms: Terms, run: Run, now: datetime) -> bool:
    """Whether it is to be decided because of what the receiver did: it has accepted something, or enabled the feed.

    Enabling it again within the hour is not enough: new noise each time would let a smaller overlap pass sooner or
    later, and tell the source more of it.
    """
    if decision is None or not reasons(decision).keys() >= set(product(terms.segments, terms.namespaces)):
        return True
    is_old = now - clock.from_text(decision.decided_at) >= HELD_FOR
    return is_old and run.reason in _DECIDED_ON and decision.decided_at < run.started_at


def has_grown(universe: int, decided: int) -> bool:
    """Whether a target's universe is larger than it was decided on by a part that may matter."""
    return universe > max(decided, FEW) * _GROWN_BY


def decided(
    dataflow_id: str, old: HoldDecision | None, weighed: Weighed, terms: Terms, now: datetime, universe: int
) -> HoldDecision:
    """The decision on what was weighed, of a target that knows at least `universe` identities.

    Raises ValueError for terms without guards.
    """
    guards = terms.guards
    if guards is None:
        raise ValueError("terms without guards hold nothing back")
    universe, at = max(universe, weighed.whole_universe), clock.to_text(now)
    accepted, accepted_at = (old.accepted_universe, old.accepted_at) if old else (universe, at)
    outgrown = guarding.has_outgrown(universe, accepted, guards)
    if not outgrown and now - clock.from_text(accepted_at) >= CLEARED_FOR:
        accepted, accepted_at = universe, at
    let_pass = {(each.segment_id, each.namespace) for each in (old.verdicts if old else ()) if each.released}

    def verdict(pair: tuple[str, int], overlap: Overlap) -> Verdict:
        released = pair in let_pass
        reason = guarding.decide(overlap, weighed.share, guards, released=released)
        if outgrown and reason in {None, "guard_age"}:
            reason = "guard_growth"
        return Verdict(*pair, reason, released)

    verdicts = tuple(verdict(pair, overlap) for pair, overlap in sorted(weighed.overlaps.items()))
    return HoldDecision(dataflow_id, at, guards, verdicts, universe, accepted, accepted_at)


def released(decision: HoldDecision, at: str) -> HoldDecision:
    """The decision when the source lets pass what its guards hold back: this share, and this growth."""
    verdicts = tuple(
        replace(each, reason=None, released=each.released or each.reason == "guard_share") if is_guarded(each) else each
        for each in decision.verdicts
    )
    return replace(decision, verdicts=verdicts, accepted_universe=decision.universe, accepted_at=at)


def is_guarded(verdict: Verdict) -> bool:
    """Whether a guard holds it back, which its source may release."""
    return verdict.reason in {"guard_share", "guard_growth"}
