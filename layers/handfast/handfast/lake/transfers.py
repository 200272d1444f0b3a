"""Many objects at a time: S3 answers each slowly and all of them at once."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from handfast.platform import objects
from handfast.platform.objects import ObjectVersion

CONNECTIONS = 16
"""Requests to S3 at once."""


def parallel[T, R](work: Callable[[T], R], parts: Iterable[T]) -> list[R]:
    """The result of each part, in their order; raises what the first part that fails raises."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(work, parts))


def download(keys: Mapping[Path, str]) -> dict[Path, ObjectVersion]:
    """Copy objects into files: what was read, without the objects that there are not."""
    read = parallel(lambda path: objects.download(keys[path], path), keys)
    return {path: stored for path, stored in zip(keys, read, strict=True) if stored is not None}
