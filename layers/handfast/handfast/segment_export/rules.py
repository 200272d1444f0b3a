"""Pure decisions around a reconciliation."""

from collections.abc import Iterable, Iterator


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
