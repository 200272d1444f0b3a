"""Buckets and spans: which identities they hold, what they are called, and the objects there are of them.

A bucket is all identities whose key begins with the same bits, and one object of each kind. A span is 64 neighbouring
buckets, the unit of work and of order.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from handfast.identity.keys import Key
from handfast.lake import layout, transfers
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion
from handfast.platform.settings import setting

SPAN_BUCKETS = 64
"""Buckets that one work item covers."""

_OBJECT = re.compile(r"/(\d{5})\.parquet$")

type Files = dict[int, tuple[Path, ObjectVersion]]
"""Buckets' objects as local files, with the versions read."""


# Keys, buckets and spans of a deployment with 2^bits buckets


def bucket_bits() -> int:
    """How many leading bits of a key tell its bucket in this deployment."""
    return int(setting("BUCKET_BITS"))


def bucket_of(hi: int, bits: int) -> int:
    """The bucket of a key: the leading `bits` bits of `hi` read as unsigned."""
    return (hi >> (64 - bits)) & ((1 << bits) - 1)


def bucket_sql(bits: int) -> str:
    """The bucket of a row's key, as an expression over its column `hi`."""
    return f"((hi >> {64 - bits}) & {(1 << bits) - 1})"


def span_of(bucket: int) -> int:
    """The span that a bucket belongs to."""
    return bucket // SPAN_BUCKETS


def spans(bits: int) -> range:
    """All spans of a deployment with 2^bits buckets."""
    return range(max(1, (1 << bits) // SPAN_BUCKETS))


def buckets_of(span: int, bits: int) -> range:
    """The buckets of a span."""
    return range(span * SPAN_BUCKETS, min((span + 1) * SPAN_BUCKETS, 1 << bits))


def key_range(bucket: int, bits: int) -> tuple[int, int]:
    """The least and the greatest `hi` of a bucket."""
    width = 1 << (64 - bits)
    low = bucket * width
    low -= (1 << 64) if low >= 1 << 63 else 0
    return low, low + width - 1


def span_range(span: int, bits: int) -> tuple[int, int]:
    """The least and the greatest `hi` of a span."""
    ranges = [key_range(bucket, bits) for bucket in buckets_of(span, bits)]
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def slice_holds(slices: int, number: int, bucket: int, bits: int) -> bool:
    """Whether a bucket lies in one of the slices, a power of two, that the keys are cut into."""
    return bucket * slices >> bits == number


def within_sql(hi_range: tuple[int, int]) -> str:
    """Whether a row's key lies in the range of a bucket or a span, as a condition over its column `hi`."""
    low, high = hi_range
    return f"hi BETWEEN {low} AND {high}"


def by_bucket(keys: Iterable[Key]) -> dict[int, list[Key]]:
    """Identities by their bucket in this deployment, each once, in the order of the buckets."""
    return _grouped(dict.fromkeys(keys), lambda key: key[0], lambda bucket: bucket)


def by_span[T](rows: Iterable[T], hi: Callable[[T], int]) -> dict[int, list[T]]:
    """Rows by the span of their key in this deployment, in the order of the spans; `hi` tells a row's."""
    return _grouped(rows, hi, span_of)


def spans_of_keys(keys: Iterable[Key]) -> list[int]:
    """The spans that identities fall into in this deployment, in order."""
    return list(by_span(keys, lambda key: key[0]))


def _grouped[T](rows: Iterable[T], hi: Callable[[T], int], unit: Callable[[int], int]) -> dict[int, list[T]]:
    bits = bucket_bits()
    groups: dict[int, list[T]] = {}
    for row in rows:
        groups.setdefault(unit(bucket_of(hi(row), bits)), []).append(row)
    return dict(sorted(groups.items()))


# Spans as text


def span_name(span: int) -> str:
    """A span as object keys, messages and items write it."""
    return f"{span:03d}"


def span_number(name: str) -> int:
    """The span that a text names."""
    return int(name)


def all_spans() -> range:
    """The spans of this deployment."""
    return spans(bucket_bits())


def span_names() -> list[str]:
    """The spans of this deployment as text."""
    return list(map(span_name, all_spans()))


# Objects


def object_key(prefix: str, bucket: int) -> str:
    """The key of a bucket's object below a prefix, or the name of a local file that begins with `prefix`."""
    return f"{prefix}{bucket_name(bucket)}.parquet"


def bucket_name(bucket: int) -> str:
    """A bucket as object keys write it."""
    return f"{bucket:05d}"


def bucket_of_object(key: str) -> int | None:
    """The bucket that an object is of; None for an object that holds no bucket."""
    match = _OBJECT.search(key)
    return int(match[1]) if match else None


def listing(prefix: str) -> Iterator[tuple[int, ObjectVersion]]:
    """Each bucket's object below the prefix of one owner, in the order of the buckets, page by page."""
    for stored in objects.listing(prefix):
        bucket = bucket_of_object(stored.key)
        if bucket is not None:
            yield bucket, stored


def in_span(prefix: str, span: int) -> dict[int, ObjectVersion]:
    """The objects of a span's buckets below the prefix of one owner."""
    return {bucket: stored for bucket, stored in listing(prefix) if span_of(bucket) == span}


def members_by_segment(sandbox_id: str, span: int | None = None) -> dict[str, dict[int, ObjectVersion]]:
    """The members' objects by segment and bucket, in their order: of a span (None: of all), deleted segments' too."""
    root = layout.segments(sandbox_id)
    by_segment: dict[str, dict[int, ObjectVersion]] = {}
    for bucket, stored in listing(root):
        if span in (None, span_of(bucket)):
            by_segment.setdefault(stored.key.removeprefix(root).partition("/")[0], {})[bucket] = stored
    return by_segment


def download(listed: Mapping[int, ObjectVersion], folder: Path, label: str) -> Files:
    """Copy buckets' objects to files whose names begin with `label`; those that are gone by now are left out."""
    paths = {folder / object_key(f"{label}-", bucket): bucket for bucket in listed}
    read = transfers.download({path: listed[bucket].key for path, bucket in paths.items()})
    return {paths[path]: (path, stored) for path, stored in read.items()}


def groups(weights: Iterable[tuple[int, int]], limit: int) -> Iterator[tuple[int, ...]]:
    """Cut buckets with their weights (rows or bytes) into runs that weigh at most `limit`, a heavier bucket alone.

    Small buckets ride in one statement, large ones do not fill the memory or the disk.
    """
    group: list[int] = []
    total = 0
    for bucket, weight in weights:
        if group and total + weight > limit:
            yield tuple(group)
            group, total = [], 0
        group.append(bucket)
        total += weight
    if group:
        yield tuple(group)
