"""Parquet objects copied in part: the footer and the pages of some columns, each at its place in a file that is
otherwise a hole. DuckDB reads such a file as the object, as long as it is asked for those columns alone.
"""

# ruff: noqa: S608 - statements are built from quoted names
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from handfast.lake.duck import connect, literal
from handfast.lake.transfers import parallel
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion

TAIL = 32 << 10
"""Bytes that are copied first: a footer, or a whole small object."""
_GAP = 64 << 10  # what is cheaper to copy along than to ask for separately
_LENGTH = 8  # of what ends a file: the footer's length in four bytes, and a mark
_GREATEST = (1 << 63) - 1
_LEAST_HI = (
    "max(CASE WHEN path_in_schema = 'hi' THEN CAST(stats_min_value AS BIGINT) END)"
    " OVER (PARTITION BY file_name, row_group_id)"
)

type Range = tuple[int, int]
"""The first byte, and the one after the last."""


def copy(
    keys: Mapping[Path, str], columns: Mapping[Path, Collection[str]], limit: int | None = None
) -> dict[Path, ObjectVersion]:
    """Copy some columns of objects into files; what was read, without the objects that there are not.

    With `limit`, rows of a greater `hi` may be missing. Raises LostRaceError when an object is replaced meanwhile.
    """
    footers = parallel(lambda path: _footer(keys[path], path), keys)
    read = {path: stored for path, stored in zip(keys, footers, strict=True) if stored}
    fill(read, {path: columns[path] for path in read}, limit)
    return read


def fill(read: Mapping[Path, ObjectVersion], columns: Mapping[Path, Collection[str]], limit: int | None = None) -> None:
    """Copy more columns of objects into their files; raises LostRaceError when one has been replaced."""
    large = {path: names for path, names in columns.items() if read[path].size > TAIL}
    wanted = [(read[path], path, part) for path, parts in ranges(large, limit).items() for part in parts]
    parallel(lambda place: _copy(*place), wanted)


def ranges(columns: Mapping[Path, Collection[str]], limit: int | None = None) -> dict[Path, list[Range]]:
    """Where the pages of some columns of each file lie, without those of rows of a `hi` greater than `limit`."""
    if not columns:
        return {}
    names = ", ".join(map(literal, columns))
    chunks: dict[Path, list[Range]] = {path: [] for path in columns}
    with connect() as connection:
        rows = connection.execute(
            "SELECT file_name, path_in_schema, coalesce(dictionary_page_offset, data_page_offset),"
            f" total_compressed_size, bloom_filter_offset, bloom_filter_length FROM parquet_metadata([{names}])"
            f" QUALIFY {_LEAST_HI} <= $limit",
            {"limit": _GREATEST if limit is None else limit},
        ).fetchall()
    for name, column, start, size, bloom, bloom_size in rows:
        path = Path(name)
        if column in columns[path]:
            chunks[path].append((start, start + size))
            if bloom is not None:
                chunks[path].append((bloom, bloom + bloom_size))
    return {path: merged(parts) for path, parts in chunks.items()}


def merged(parts: Iterable[Range]) -> list[Range]:
    """The ranges in order, near ones as one."""
    joined: list[Range] = []
    for start, end in sorted(parts):
        if joined and start - joined[-1][1] <= _GAP:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _footer(key: str, path: Path) -> ObjectVersion | None:
    read = objects.read_end(key, TAIL)
    if read is None:
        return None
    tail, stored = read
    with path.open("wb") as file:
        file.truncate(stored.size)
        os.pwrite(file.fileno(), tail, stored.size - len(tail))
    length = int.from_bytes(tail[-_LENGTH : -_LENGTH // 2], "little") + _LENGTH
    if length > len(tail):
        _copy(stored, path, (stored.size - length, stored.size - len(tail)))
    return stored


def _copy(stored: ObjectVersion, path: Path, part: Range) -> None:
    with path.open("r+b") as file:
        os.pwrite(file.fileno(), objects.read_range(stored, *part), part[0])
