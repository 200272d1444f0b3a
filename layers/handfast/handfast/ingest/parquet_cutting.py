"""Where a Parquet file is cut into splits: between row groups, each split being read as a Parquet file of its own.

What reads Parquet takes whole files alone. So a split becomes a file as long as the whole, in which only the bytes of
its row groups are written, where they are in the whole, and a footer that has no others: a disk keeps no room for what
is not written. Nothing that a footer says is believed; what is not needed of it is skipped, and left as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from handfast.ingest.cells import damaged_parquet
from handfast.ingest.cutting import Read
from handfast.ingest.parquet_source import check_footer_bytes, check_row_group_count
from handfast.ingest.parquet_thrift import (
    LIST,
    STRUCT,
    Thrift,
    written_integer,
    written_struct,
    written_structs,
)
from handfast.ingest.unpacking import PARQUET_MAGIC
from handfast.lake.buckets import groups

_WINDOW = 8 << 20
_MOST_ROWS = 1 << 63
_START = len(PARQUET_MAGIC)
_TAIL_BYTES = 4 + len(PARQUET_MAGIC)
_UNTOLD_BYTES = 100
"""What the length of a column may leave out: a dictionary's header, by parquet-mr before 1.2.9 (PARQUET-816)."""


@dataclass(frozen=True)
class RowGroups:
    """Row groups of a Parquet file, from the `first` to the `last` one, counted from 0; they have so many `rows`.

    The only piece of a file without row groups has none either: its `last` is before its `first`. `ranges` are where
    their bytes lie, in order, each from a place to before another one.
    """

    first: int
    last: int
    rows: int
    ranges: tuple[tuple[int, int], ...]


def cut_parquet(read: Read, size: int, piece_bytes: int) -> list[RowGroups]:
    """The pieces of a Parquet file, of about so many bytes, or of one row group that has more.

    Raises UploadRejected for what is no Parquet, or too long to read.
    """
    data = _footer(read, size)
    end = size - _TAIL_BYTES - len(data)
    found = list(_row_groups(Thrift(data), end))
    _check(found)
    runs = groups(enumerate(max(0, group.end - group.start) for group in found), piece_bytes)
    pieces = [_piece(found, run[0], run[-1], end) for run in runs]
    return pieces or [RowGroups(0, -1, 0, ())]


def write_piece(read: Read, size: int, piece: RowGroups, path: Path) -> None:
    """Write a piece of a file as a Parquet file, in which its bytes are where they are in the whole one.

    Raises UploadRejected for a file that is not the one that was cut.
    """
    data = _footer(read, size)
    footer = _footer_of(Thrift(data), piece)
    with path.open("wb") as file:
        file.write(PARQUET_MAGIC)
        for start, end in piece.ranges:
            file.seek(start)
            for place in range(start, end, _WINDOW):
                file.write(read(place, min(place + _WINDOW, end)))
        file.seek(size - _TAIL_BYTES - len(data))
        file.write(footer + len(footer).to_bytes(4, "little") + PARQUET_MAGIC)


def _footer(read: Read, size: int) -> bytes:
    end = size - _TAIL_BYTES
    if end < _START:
        raise damaged_parquet()
    tail = read(end, size)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != PARQUET_MAGIC or length > end - _START:
        raise damaged_parquet()
    check_footer_bytes(length)
    return read(end - length, end)


# Row groups


@dataclass(frozen=True)
class _RowGroup:
    """How many rows a row group says it has, and where its columns begin and end; without any, the end comes first."""

    rows: int
    start: int
    end: int


def _piece(found: list[_RowGroup], first: int, last: int, end: int) -> RowGroups:
    """The row groups between two of them; a range ends before the place where the file's footer begins."""
    of_piece = found[first : last + 1]
    ranges: list[tuple[int, int]] = []
    for group in _with_bytes(of_piece):
        stop = min(group.end + _UNTOLD_BYTES, end)
        if ranges and group.start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], stop)
        else:
            ranges.append((group.start, stop))
    return RowGroups(first, last, sum(group.rows for group in of_piece), tuple(ranges))


def _check(found: list[_RowGroup]) -> None:
    """Refuse more rows than can be counted, and row groups that share bytes: pieces would be larger than the file."""
    share = any(before.end > after.start for before, after in pairwise(_with_bytes(found)))
    if share or sum(group.rows for group in found) >= _MOST_ROWS:
        raise damaged_parquet()


def _with_bytes(found: list[_RowGroup]) -> list[_RowGroup]:
    """The row groups that have any bytes, in the order of these."""
    return sorted((group for group in found if group.start < group.end), key=lambda group: group.start)


# What a footer says, by the numbers of parquet.thrift (https://github.com/apache/parquet-format)

_FILE_ROWS, _FILE_GROUPS = 3, 4
_GROUP_COLUMNS, _GROUP_ROWS = 1, 3
_COLUMN_DATA = 3
_DATA_BYTES, _DATA_PAGES, _DATA_DICTIONARY = 7, 9, 11


def _row_groups(footer: Thrift, end: int) -> Iterator[_RowGroup]:
    for number, kind in footer.fields():
        if number == _FILE_GROUPS:
            count = footer.structs(kind)
            check_row_group_count(count)
            for _ in range(count):
                yield _row_group(footer, end)
        else:
            footer.skip(kind)


def _row_group(footer: Thrift, end: int) -> _RowGroup:
    rows = -1
    start, stop = end, _START
    for number, kind in footer.fields():
        if number == _GROUP_COLUMNS:
            for _ in range(footer.structs(kind)):
                for begins, ends in _column(footer, end):
                    start, stop = min(start, begins), max(stop, ends)
        elif number == _GROUP_ROWS:
            rows = footer.integer(kind)
        else:
            footer.skip(kind)
    if rows < 0:
        raise damaged_parquet()
    return _RowGroup(rows, start, stop)


def _column(footer: Thrift, end: int) -> Iterator[tuple[int, int]]:
    """Where the bytes of a column's part of a row group begin and end, which is before a place in the file.

    One without its own metadata is of a column that is encrypted, or damaged; both are for the reader to tell.
    """
    for number, kind in footer.fields():
        if number == _COLUMN_DATA:
            yield from _places(footer, kind, end)
        else:
            footer.skip(kind)


def _places(footer: Thrift, kind: int, end: int) -> Iterator[tuple[int, int]]:
    if kind != STRUCT:
        raise damaged_parquet()
    said: dict[int, int] = {}
    for number, inner in footer.fields():
        if number in {_DATA_BYTES, _DATA_PAGES, _DATA_DICTIONARY}:
            said[number] = footer.integer(inner)
        else:
            footer.skip(inner)
    length = said.pop(_DATA_BYTES, -1)
    # A place at which nothing can be says that there is no dictionary, or no page.
    places = [place for place in said.values() if place >= _START]
    if length:
        start = min(places, default=end)
        if not start <= max(places, default=end) < start + length <= end:
            raise damaged_parquet()
        yield start, start + length


# The footer of a piece

type _Pruning = Mapping[int, _Pruning | None]
"""The fields of a struct that are left out (None), or that are structs or lists of them with such fields."""

_PRUNING: _Pruning = {
    _GROUP_COLUMNS: {
        # Where indexes of pages and bloom filters are, and how long. They lie elsewhere, and nothing needs them.
        **dict.fromkeys((4, 5, 6, 7)),
        _COLUMN_DATA: dict.fromkeys((14, 15)),
    }
}


def _footer_of(footer: Thrift, piece: RowGroups) -> bytes:
    fields: list[tuple[int, int, bytes]] = []
    for number, kind in footer.fields():
        if number == _FILE_GROUPS:
            fields.append((number, kind, _groups_of(footer, kind, piece)))
        elif number == _FILE_ROWS:
            footer.skip(kind)
            fields.append((number, kind, written_integer(piece.rows)))
        else:
            fields.append((number, kind, footer.skip(kind)))
    return written_struct(fields)


def _groups_of(footer: Thrift, kind: int, piece: RowGroups) -> bytes:
    wanted = range(piece.first, piece.last + 1)
    kept: list[bytes] = []
    for number in range(footer.structs(kind)):
        if number in wanted:
            kept.append(_pruned(footer, STRUCT, _PRUNING))
        else:
            footer.skip(STRUCT)
    if len(kept) < len(wanted):
        raise damaged_parquet()
    return written_structs(kept)


def _pruned(footer: Thrift, kind: int, pruning: _Pruning) -> bytes:
    """A struct, or a list of structs, as it is written without some fields."""
    if kind == LIST:
        return written_structs([_pruned(footer, STRUCT, pruning) for _ in range(footer.structs(kind))])
    if kind != STRUCT:
        raise damaged_parquet()
    fields: list[tuple[int, int, bytes]] = []
    for number, inner in footer.fields():
        if number not in pruning:
            fields.append((number, inner, footer.skip(inner)))
        elif (deeper := pruning[number]) is not None:
            fields.append((number, inner, _pruned(footer, inner, deeper)))
        else:
            footer.skip(inner)
    return written_struct(fields)
