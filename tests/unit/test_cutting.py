"""Where files are cut into splits: at the ends of records, whatever stands in cells."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.ingest import cutting
from handfast.ingest.csv_source import find_dialect

CELLS = st.text(alphabet='ab",\n\r ;é', max_size=12)


def read_of(data: bytes) -> cutting.Read:
    return lambda start, end: data[start:end]


def splits(data: bytes, piece_bytes: int, wanted: str = "mail") -> list[bytes]:
    """Each split as the file that a worker reads."""
    dialect = find_dialect(data.decode("utf-8-sig"), [wanted], None)
    pieces = cutting.cut_csv(read_of(data), len(data), piece_bytes, dialect)
    header = data[: cutting.header_end(read_of(data), dialect)]
    assert [piece.start for piece in pieces] == [0, *(piece.end for piece in pieces[:-1])]
    assert pieces[-1].end == len(data)
    return [(header if piece.start else b"") + data[piece.start : piece.end] for piece in pieces]


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]


@given(
    cells=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30),
    line_end=st.sampled_from(["\n", "\r\n"]),
    piece_bytes=st.integers(1, 60),
    mark=st.booleans(),
    ends=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_splits_have_the_rows_of_the_file_in_their_order(
    cells: list[tuple[str, str]], line_end: str, piece_bytes: int, mark: bool, ends: bool, quoting: Any
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end, quoting=quoting)
    writer.writerows([("mail", "note"), *cells])
    written = text.getvalue() if ends else text.getvalue().removesuffix(line_end)
    data = (b"\xef\xbb\xbf" if mark else b"") + written.encode()
    found = splits(data, piece_bytes)
    assert [row for split in found for row in rows(split)] == rows(data)
    if all("\n" not in cell for row in cells for cell in row):
        assert len(found) >= min(len(cells), len(data) // (piece_bytes + max(len(str(row)) * 4 for row in cells)))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_quote_that_is_a_letter_does_not_end_the_cutting(line_end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "LONGEST_RECORD", 100)
    lines = ["mail,note", 'a@example.com,5" disk', *(f"p{number}@example.com,x" for number in range(40))]
    data = line_end.join([*lines, ""]).encode()
    found = splits(data, 60)
    assert len(found) > 5
    assert [row for split in found for row in rows(split)] == rows(data)


def test_lines_that_end_with_carriage_returns_alone_are_one_split() -> None:
    data = b"mail,note\ra@example.com,x\rb@example.com,y\r" * 20
    assert splits(data, 30) == [data]


def test_a_record_longer_than_a_split_is_whole() -> None:
    data = b'mail,note\na@example.com,"' + b"x\n" * 500 + b'"\nb@example.com,y\n'
    first, _ = splits(data, 50)
    assert rows(first) == [["a@example.com", "x\n" * 500]]


@given(
    lines=st.lists(st.text(alphabet='abé {}"', max_size=20), min_size=1, max_size=30), piece_bytes=st.integers(1, 60)
)
def test_lines_are_cut_behind_line_feeds(lines: list[str], piece_bytes: int) -> None:
    data = "\n".join(lines).encode()
    pieces = cutting.cut_lines(read_of(data), len(data), piece_bytes)
    parts = [data[piece.start : piece.end] for piece in pieces]
    assert b"".join(parts) == data
    assert all(part.endswith(b"\n") for part in parts[:-1])
