"""Pure decisions around a reconciliation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from handfast.segment_export.models import BucketState, Held


def groups(weights: Iterable[tuple[int, int]], limit: int) -> Iterator[tuple[int, ...]]:
    """Cut (bucket, rows) into runs of at most `limit` rows, a bucket that has more alone.

    Small buckets ride in one statement, large ones do not fill the memory.
    """
    group: list[int] = []
    total = 0
    for bucket, rows in weights:
        if group and total + rows > limit:
            yield tuple(group)
            group, total = [], 0
        group.append(bucket)
        total += rows
    if group:
        yield tuple(group)


def run_counts(buckets: Iterable[BucketState], run_id: str) -> Counter[str]:
    """A run's counts over the buckets of a span (feeds.models.Run)."""
    counts: Counter[str] = Counter()
    for bucket in buckets:
        counts["profilesReceived"] += bucket.members
        counts["identitiesActivated"] += bucket.shared
        counts.update({f"excluded.{reason}": number for reason, number in bucket.excluded.items()})
        if bucket.run_id == run_id:
            counts.update(realized=bucket.realized, exited=bucket.exited)
    return counts


def held(buckets: Iterable[BucketState]) -> Held:
    """What the target holds of a span's buckets."""
    sums: dict[str, Counter[int]] = defaultdict(Counter)
    for bucket in buckets:
        for segment, by_namespace in bucket.held.items():
            sums[segment].update(by_namespace)
    return sums
