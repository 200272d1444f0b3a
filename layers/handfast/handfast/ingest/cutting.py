"""Where a plain file is cut into splits: at the ends of records, so that each split is a file with the same header.

A line end inside a quoted cell ends no record. Quotes are counted from the start of the file: a record ends at the line
end before which they are even (RFC 4180, 2). A file that has others, which reading takes for letters, is cut where the
records that follow have as many fields as the header.
"""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from handfast.ingest.csv_source import Dialect

_WINDOW = 8 << 20
LONGEST_RECORD = 2 << 20
"""Bytes of the longest record that reading takes."""
_FITTING = 5
"""Records that have to have the header's fields behind a line end which the quotes do not vouch for."""

type Read = Callable[[int, int], bytes]
"""The bytes of a file from a place to before another one."""


@dataclass(frozen=True)
class ByteRange:
    """The bytes of a file from `start` to before `end`: whole records, and in the first piece the header."""

    start: int
    end: int


def cut_lines(read: Read, size: int, piece_bytes: int) -> list[ByteRange]:
    """The pieces of a file of lines, such as NDJSON, of about so many bytes."""
    ends = [0]
    for target in range(piece_bytes, size, piece_bytes):
        if target > ends[-1] and (end := _line_end(read, target, size)):
            ends.append(end)
    return _pieces(ends, size)


def _line_end(read: Read, target: int, size: int) -> int | None:
    """The place behind the first line end from a place on; None where the file has none before its end."""
    for start in range(target - 1, size, LONGEST_RECORD):
        found = read(start, min(start + LONGEST_RECORD, size)).find(b"\n")
        if found >= 0:
            return start + found + 1
    return None


def _pieces(ends: list[int], size: int) -> list[ByteRange]:
    return [ByteRange(start, end) for start, end in pairwise([*dict.fromkeys(ends), size]) if start < end]


def cut_csv(read: Read, size: int, piece_bytes: int, dialect: Dialect) -> list[ByteRange]:
    """The pieces of a CSV of this dialect, of about so many bytes; lines that end with carriage returns are one."""
    if not dialect.ends_with_line_feeds:
        return _pieces([0], size)
    return _pieces([0, *_record_ends(read, size, piece_bytes, dialect)], size)


def header_end(read: Read, dialect: Dialect) -> int:
    """The place behind a CSV's header: what each of its pieces begins with."""
    return dialect.header_bytes + (len(BOM_UTF8) if read(0, len(BOM_UTF8)) == BOM_UTF8 else 0)


def _record_ends(read: Read, size: int, piece_bytes: int, dialect: Dialect) -> Iterator[int]:
    header = header_end(read, dialect)
    target, is_quoted = max(piece_bytes, header + 1), False
    for start in range(header, size, _WINDOW):
        window = read(start, min(start + _WINDOW, size))
        place = 0
        while start + len(window) > target:
            begin = max(target - start - 1, place)
            is_quoted ^= _are_odd(window, place, begin)
            place = begin
            found = _even_end(window, place, is_quoted=is_quoted)
            if found is None and len(window) - place > LONGEST_RECORD:
                found = _fitting_end(window, place, dialect)
            if found is None:
                break
            yield start + found
            place, is_quoted, target = found, False, start + found + piece_bytes
        is_quoted ^= _are_odd(window, place, len(window))


def _are_odd(window: bytes, start: int, end: int) -> bool:
    return window.count(b'"', start, end) % 2 == 1


def _even_end(window: bytes, start: int, *, is_quoted: bool) -> int | None:
    """The place behind the first line end, no further away than a record is long, that is in no quotes."""
    place = start
    while 0 <= (found := window.find(b"\n", place)) < start + LONGEST_RECORD:
        is_quoted ^= _are_odd(window, place, found)
        place = found + 1
        if not is_quoted:
            return place
    return None


def _fitting_end(window: bytes, start: int, dialect: Dialect) -> int | None:
    """The place behind the first line end that records of the header's length follow."""
    place = start
    while 0 <= (found := window.find(b"\n", place)) < start + LONGEST_RECORD:
        place = found + 1
        if _fits(window[place : place + LONGEST_RECORD], dialect):
            return place
    return None


def _fits(data: bytes, dialect: Dialect) -> bool:
    lines = io.StringIO(data.decode(errors="replace"), newline="\n")
    try:
        records = list(islice(csv.reader(lines, delimiter=dialect.delimiter, strict=True), _FITTING))
    except csv.Error:
        return False
    return len(records) == _FITTING and all(len(record) == len(dialect.names) for record in records)
