"""Buckets and spans of the data bucket: their names, their objects, and how these are read together."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from handfast.identity import keys
from handfast.identity.keys import Key, bucket_of, span_of
from handfast.lake import layout
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion
from handfast.platform.settings import setting


def span_names() -> list[str]:
    """The deployment's spans, as object keys write them."""
    return [f"{span:03d}" for span in keys.spans(int(setting("BUCKET_BITS")))]


_TRANSFERS = 16


type Files = dict[int, tuple[Path, ObjectVersion]]
"""Bucket objects as local files, with the versions read."""


def download(found: Mapping[int, ObjectVersion], work_dir: Path, label: str) -> Files:
    def fetch(entry: tuple[int, ObjectVersion]) -> tuple[int, Path, ObjectVersion | None]:
        bucket, stored = entry
        path = work_dir / f"{label}-{bucket:05d}.parquet"
        return bucket, path, objects.download(stored.key, path)

    return {bucket: (path, stored) for bucket, path, stored in parallel(fetch, found.items()) if stored is not None}


def parallel[T, R](work: Callable[[T], R], parts: Iterable[T]) -> list[R]:
    with ThreadPoolExecutor(_TRANSFERS) as pool:
        return list(pool.map(work, parts))


def span_name(span: int) -> str:
    return f"{span:03d}"


def buckets(prefix: str, span: int | None = None) -> dict[int, ObjectVersion]:
    """The bucket objects below a prefix, of one span or of all."""
    found = {int(entry.key.removeprefix(prefix).removesuffix(".parquet")): entry for entry in objects.listing(prefix)}
    return {bucket: entry for bucket, entry in found.items() if span in (None, span_of(bucket))}


def members_by_segment(sandbox_id: str, span: int) -> dict[str, dict[int, ObjectVersion]]:
    """The members' objects of a span, of every segment that there are objects of, deleted ones too."""
    root = layout.segments(sandbox_id)
    found: dict[str, dict[int, ObjectVersion]] = {}
    for entry in objects.listing(root):
        segment, _, name = entry.key.removeprefix(root).partition("/")
        bucket = int(name.removesuffix(".parquet"))
        if span_of(bucket) == span:
            found.setdefault(segment, {})[bucket] = entry
    return found


def bucket_key(prefix: str, bucket: int) -> str:
    """The key of a bucket's object."""
    return f"{prefix}{bucket:05d}.parquet"


def spans_of_keys(keys: Iterable[Key]) -> list[int]:
    """The spans that identities fall into."""
    bits = int(setting("BUCKET_BITS"))
    return sorted({span_of(bucket_of(hi, bits)) for hi, _ in keys})


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


def bucket_bits() -> int:
    """How many leading bits of a key name its bucket."""
    return int(setting("BUCKET_BITS"))
