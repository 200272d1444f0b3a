"""Pure decisions about dataflows and runs."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Literal

from handfast.dataflows.models import DataflowStatus
from handfast.matching.models import BucketState, DeliveredCounts

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


def delivered_counts(buckets: Iterable[BucketState]) -> DeliveredCounts:
    """What the target holds of a span's buckets."""
    sums: dict[str, Counter[int]] = defaultdict(Counter)
    for bucket in buckets:
        for segment, by_namespace in bucket.delivered.items():
            sums[segment].update(by_namespace)
    return sums
