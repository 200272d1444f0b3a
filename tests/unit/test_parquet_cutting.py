"""Where Parquet files are cut into splits: pieces have the rows of the whole, of whatever was written, or lies."""

import base64
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handfast.ingest import cutting
from handfast.ingest.parquet_cutting import RowGroups, cut_parquet, write_piece
from handfast.ingest.parquet_thrift import written_integer, written_struct, written_structs
from handfast.ingest.plan import UploadRejected

COLUMNS = {
    "number": "i",
    "few": "'person' || (i % 5) || '@mail.example'",
    "many": "'person' || i || '@mail.example'",
    "some": "CASE WHEN i % 3 = 0 THEN i * 1.5 END",
    "nobody": "NULL::VARCHAR",
    "truth": "i % 2 = 0",
    "digest": "unhex(sha256(i::VARCHAR))",
    "day": "DATE '2026-01-01' + i::INTEGER",
    "amount": "(i / 7)::DECIMAL(20, 3)",
    "words": "[x::VARCHAR FOR x IN range(i % 4)]",
    "segments": "MAP {'a' || i: {'at': i, 'of': [i, NULL]}}",
    "identities": "MAP {'email': [{'id': 'person' || i, 'primary': i % 2 = 0}]}",
}
LONG_RUN = os.environ.get("HYPOTHESIS_PROFILE") == "long"
UNKEPT = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=500 if LONG_RUN else 40
)


def read_of(data: bytes) -> cutting.Read:
    def read(start: int, end: int) -> bytes:
        assert 0 <= start <= end <= len(data)
        return data[start:end]

    return read


def rows(path: Path, where: str = "TRUE", connection: Any = duckdb) -> list[tuple[Any, ...]]:
    """The rows of a file in their order."""
    found: list[tuple[Any, ...]] = connection.execute(f"FROM read_parquet('{path}') WHERE {where}").fetchall()
    return found


def written(path: Path, data: bytes, piece_bytes: int) -> Iterator[tuple[RowGroups, Path]]:
    """Each piece of a file, and the file that it becomes."""
    pieces = cut_parquet(read_of(data), len(data), piece_bytes)
    assert pieces[0].first == 0
    assert all(after.first == before.last + 1 for before, after in pairwise(pieces))
    for piece in pieces:
        part = path.with_suffix(".piece")
        write_piece(read_of(data), len(data), piece, part)
        assert part.stat().st_size <= len(data)
        yield piece, part


def rows_of_pieces(path: Path, piece_bytes: int, where: str = "TRUE") -> list[list[tuple[Any, ...]]]:
    return [rows(part, where) for _, part in written(path, path.read_bytes(), piece_bytes)]


def made(path: Path, select: str, *options: str) -> bytes:
    """A query's rows as Parquet."""
    duckdb.execute(f"COPY ({select}) TO '{path}' ({', '.join(['FORMAT parquet', *options])})")
    return path.read_bytes()


def arrow_of(select: str) -> Any:
    relation = duckdb.sql(select)
    assert relation is not None
    return relation.to_arrow_table()


def by_arrow(path: Path, table: Any, **options: Any) -> bytes:
    pq.write_table(table, path, **options)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.parquet"


@UNKEPT
@given(
    names=st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, unique=True),
    count=st.integers(0, 9_000),
    group=st.sampled_from([2048, 4096]),
    piece_bytes=st.integers(1, 150_000),
    compression=st.sampled_from(["snappy", "zstd", "uncompressed", "gzip"]),
    version=st.sampled_from(["v1", "v2"]),
)
def test_pieces_have_the_rows_of_the_whole_as_the_engine_writes_them(
    path: Path, names: list[str], count: int, group: int, piece_bytes: int, compression: str, version: str
) -> None:
    select = f"SELECT {', '.join(f'{COLUMNS[name]} AS {name}' for name in names)} FROM range({count}) AS t(i)"
    made(path, select, f"ROW_GROUP_SIZE {group}", f"COMPRESSION {compression}", f"PARQUET_VERSION {version}")
    found = rows_of_pieces(path, piece_bytes)
    assert [row for piece in found for row in piece] == rows(path)
    assert piece_bytes > 1 or len(found) == max(1, -(-count // group))


@UNKEPT
@given(
    names=st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, unique=True),
    count=st.integers(0, 200),
    group=st.integers(10, 100),
    piece_bytes=st.integers(1, 20_000),
    compression=st.sampled_from(["snappy", "zstd", "none", "gzip"]),
    page=st.sampled_from(["1.0", "2.0"]),
    dictionary=st.booleans(),
    told=st.booleans(),
    checked=st.booleans(),
)
def test_pieces_have_the_rows_of_the_whole_as_others_write_them(
    path: Path,
    names: list[str],
    count: int,
    group: int,
    piece_bytes: int,
    compression: str,
    page: str,
    dictionary: bool,
    told: bool,
    checked: bool,
) -> None:
    select = f"SELECT {', '.join(f'{COLUMNS[name]} AS {name}' for name in names)} FROM range({count}) AS t(i)"
    by_arrow(
        path,
        arrow_of(select),
        row_group_size=group,
        compression=compression,
        data_page_version=page,
        use_dictionary=dictionary,
        write_statistics=told,
        write_page_index=told,
        write_page_checksum=checked,
    )
    found = rows_of_pieces(path, piece_bytes)
    assert [row for piece in found for row in piece] == rows(path)
    assert piece_bytes > 1 or len(found) == max(1, -(-count // group))


def test_a_piece_reads_its_own_bytes_alone(path: Path) -> None:
    data = made(path, "SELECT i, 'person' || i AS name FROM range(100000) AS t(i)", "ROW_GROUP_SIZE 2048")
    read: list[tuple[int, int]] = []

    def reading(start: int, end: int) -> bytes:
        read.append((start, end))
        return data[start:end]

    pieces = cut_parquet(reading, len(data), len(data) // 5)
    assert 5 <= len(pieces) <= 7
    assert sum(piece.rows for piece in pieces) == 100_000
    assert sum(end - start for start, end in read) < 20_000
    for piece in pieces:
        assert sum(end - start for start, end in piece.ranges) < len(data) // 4
        read.clear()
        write_piece(reading, len(data), piece, path.with_suffix(".piece"))
        assert [place for place in read if place[1] <= piece.ranges[-1][1]] == list(piece.ranges)
        assert path.with_suffix(".piece").stat().st_blocks * 512 < len(data) // 3


def test_a_row_group_larger_than_a_piece_is_one(path: Path) -> None:
    data = made(path, "SELECT i FROM range(100000) AS t(i)", "ROW_GROUP_SIZE 200000")
    assert [piece.rows for piece in cut_parquet(read_of(data), len(data), 1000)] == [100_000]


def test_what_lies_outside_of_row_groups_is_not_asked_for(path: Path) -> None:
    """Bloom filters and page indexes: a condition would have them read."""
    few = "SELECT 'person' || (i // 100) AS few, i FROM range(9000) AS t(i)"
    made(path, few, "ROW_GROUP_SIZE 2048")
    assert duckdb.execute(f"SELECT count(bloom_filter_offset) FROM parquet_metadata('{path}')").fetchall() > [(0,)]
    for name in ("person3", "person88", "nobody"):
        found = rows_of_pieces(path, 1, f"few = '{name}'")
        assert [row for piece in found for row in piece] == rows(path, f"few = '{name}'")
    by_arrow(path, arrow_of(few), row_group_size=1000, write_page_index=True)
    for _, part in written(path, path.read_bytes(), 1):
        chunk = pq.ParquetFile(part).metadata.row_group(0).column(0)
        assert not chunk.has_column_index
        assert not chunk.has_offset_index
        assert pq.read_table(part).num_rows == 1000


def test_row_groups_without_rows_are_read_as_such(path: Path) -> None:
    schema = pa.schema({"mail": pa.string(), "words": pa.list_(pa.string())})
    with pq.ParquetWriter(path, schema) as writer:
        for count in (0, 3, 0, 0, 2, 0):
            writer.write_table(pa.table({"mail": ["a"] * count, "words": [["x"]] * count}, schema), row_group_size=5)
    for piece_bytes in (1, 400, 10_000):
        found = rows_of_pieces(path, piece_bytes)
        assert [row for piece in found for row in piece] == rows(path) == [("a", ["x"])] * 5


def test_a_file_without_row_groups_is_one_empty_piece(path: Path) -> None:
    with pq.ParquetWriter(path, pa.schema({"mail": pa.string()})):
        pass
    data = path.read_bytes()
    assert cut_parquet(read_of(data), len(data), 100) == [RowGroups(0, -1, 0, ())]
    assert rows_of_pieces(path, 100) == [[]]


@pytest.mark.parametrize("is_long", [False, True])
def test_many_row_groups_are_cut_and_too_many_refused(path: Path, is_long: bool) -> None:
    count = 10_000 + is_long
    data = by_arrow(path, pa.table({"i": range(count)}), row_group_size=1, write_statistics=False)
    if is_long:
        assert refusal(data) == "too_many_row_groups"
        return
    pieces = cut_parquet(read_of(data), len(data), len(data) // 10)
    assert sum(piece.rows for piece in pieces) == count
    part = path.with_suffix(".piece")
    write_piece(read_of(data), len(data), pieces[-1], part)
    assert rows(part) == [(i,) for i in range(count - pieces[-1].rows, count)]


# What a footer may say


def refusal(data: bytes, piece_bytes: int = 1000) -> str:
    """Why a file is refused."""
    with pytest.raises(UploadRejected) as refused:
        cut_parquet(read_of(data), len(data), piece_bytes)
    assert refused.value.detail
    return refused.value.reason


def file_of(footer: bytes, content: bytes = bytes(1000)) -> bytes:
    return b"PAR1" + content + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def integer(value: int) -> bytes:
    return written_integer(value) if value >= 0 else bytes([(-value << 1) - 1])


def chunk(start: int, length: int, dictionary: int | None = None) -> bytes:
    """A ColumnChunk whose bytes lie at a place."""
    places = [(7, 6, integer(length)), (9, 6, integer(start))]
    if dictionary is not None:
        places.append((11, 6, integer(dictionary)))
    return written_struct([(3, 12, written_struct(places))])


def group(*chunks: bytes, rows: int = 1) -> bytes:
    return written_struct([(1, 9, written_structs(list(chunks))), (3, 6, integer(rows))])


def footer(*groups: bytes) -> bytes:
    return written_struct([(1, 5, integer(1)), (4, 9, written_structs(list(groups)))])


def test_a_footer_of_ones_own_is_read_as_meant() -> None:
    data = file_of(footer(group(chunk(200, 100), chunk(310, 50, 305)), group(chunk(4, 96, 0), rows=2), group()))
    assert cut_parquet(read_of(data), len(data), 180) == [
        RowGroups(0, 0, 1, ((200, 455),)),
        RowGroups(1, 2, 3, ((4, 200),)),
    ]
    assert cut_parquet(read_of(data), len(data), 1000) == [RowGroups(0, 2, 4, ((4, 455),))]


def test_a_long_range_is_read_in_parts(path: Path) -> None:
    content = bytes(range(250)) * 80_000
    data = file_of(footer(group(chunk(4, len(content)))), content)
    read: list[int] = []

    def reading(start: int, end: int) -> bytes:
        read.append(end - start)
        return data[start:end]

    (piece,) = cut_parquet(reading, len(data), 1000)
    write_piece(reading, len(data), piece, path)
    assert max(read) < 10_000_000
    assert path.read_bytes()[: len(content) + 4] == data[: len(content) + 4]


LONG = b"\xff\xff\xff\xff\x0f"
"""2^32 - 1 as a varint."""
LIES = {
    "nothing": b"",
    "no end": b"\x15\x02",
    "a row group beyond the end": footer(group(chunk(900, 105))),
    "a row group far beyond the end": footer(group(chunk(4, 1 << 62))),
    "a place far beyond the end": footer(group(chunk(1 << 62, 1))),
    "a negative place": footer(group(chunk(-4, 100))),
    "a place in the magic bytes": footer(group(chunk(3, 100))),
    "a negative length": footer(group(chunk(4, -1))),
    "a dictionary beyond the end": footer(group(chunk(4, 100, 2000))),
    "a dictionary elsewhere": footer(group(chunk(4, 100, 500))),
    "a dictionary long before": footer(group(chunk(500, 100, 4))),
    "rows fewer than none": footer(group(chunk(4, 100), rows=-1)),
    "more rows than there are numbers": footer(*[group(chunk(4 + 9 * n, 9), rows=(1 << 63) - 1) for n in range(2)]),
    "no rows": footer(written_struct([(1, 9, written_structs([chunk(4, 100)]))])),
    "no length": footer(group(written_struct([(3, 12, written_struct([(9, 6, integer(4))]))]))),
    "the same row group again": footer(group(chunk(4, 100)), group(chunk(4, 100))),
    "row groups that share bytes": footer(group(chunk(4, 100)), group(chunk(300, 50)), group(chunk(103, 100))),
    "row groups within one another": footer(group(chunk(4, 10), chunk(300, 50)), group(chunk(103, 100))),
    "2^32 row groups without an end": b"\x49\xfc" + b"\xff\xff\x00",
    "2^32 columns": footer(b"\x19\xfc" + LONG + b"\0"),
    "2^32 elements of what is skipped": b"\x19\xf5" + LONG + b"\x02\0",
    "2^32 bytes of what is skipped": b"\x19\xf3" + LONG + b"\x02\0",
    "2^32 doubles of what is skipped": b"\x19\xf7" + LONG + b"\x02\0",
    "2^32 pairs of what is skipped": b"\x1b" + LONG + b"\x55\x02\0",
    "a text of 2^32 bytes": b"\x18" + LONG + b"\0",
    "a number that never ends": b"\x15" + b"\xff" * 500 + b"\0",
    "a number of 70 bits": footer(group(written_struct([(3, 12, b"\x76" + b"\xff" * 9 + b"\x7f\0")]))),
    "structs within structs": b"\x1c" * 500 + b"\0" * 501,
    "lists within lists": b"\x19" * 500 + b"\0" * 501,
    "maps within maps": b"\x1b\x01\xbb" * 300 + b"\0" * 501,
    "an unknown type": b"\x1e\0\0",
    "a list of an unknown type": b"\x19\x1e\0\0",
    "a field again": b"\x15\x02\x05\x02\x02\0",
    "row groups twice": written_struct([(4, 9, written_structs([]))])[:-1] + b"\x09\x08\x0c\0",
    "row groups that are a number": written_struct([(4, 5, integer(1))]),
    "row groups that are texts": written_struct([(4, 9, b"\x18\x01a")]),
    "a column that is a number": footer(group(written_struct([(3, 5, integer(1))]))),
    "rows that are a text": footer(written_struct([(3, 8, b"\x01a")])),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_footer_that_cannot_be_is_refused(lie: str) -> None:
    expected = "too_many_row_groups" if lie.startswith("2^32 row groups") else "damaged_file"
    assert refusal(file_of(LIES[lie])) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PAR1",
        b"PAR1PAR1",
        b"mail\na@mail.example\n" * 9,
        b"PAR1" + b"\xff" * 4 + b"PAR1",
        b"PAR1" + (5).to_bytes(4, "little") + b"PAR1",
        file_of(footer())[:-1],
        file_of(footer())[:-1] + b"E",
    ],
)
def test_what_is_no_parquet_is_refused(data: bytes) -> None:
    assert refusal(data) == "damaged_file"


def test_a_footer_that_is_long_to_read_is_refused_unread() -> None:
    size = 64 << 20
    tail = (17 << 20).to_bytes(4, "little") + b"PAR1"

    def read(start: int, end: int) -> bytes:
        assert (start, end) == (size - 8, size)
        return tail

    with pytest.raises(UploadRejected) as refused:
        cut_parquet(read, size, 1000)
    assert refused.value.reason == "footer_too_large"


def test_a_file_that_changed_since_it_was_cut_is_refused(path: Path) -> None:
    data = by_arrow(path, pa.table({"i": range(9)}), row_group_size=3)
    other = by_arrow(path, pa.table({"i": range(9)}), row_group_size=9)
    (*_, last) = cut_parquet(read_of(data), len(data), 1)
    with pytest.raises(UploadRejected, match="damaged_file"):
        write_piece(read_of(other), len(other), last, path)


class Keys(pe.KmsClient):  # type: ignore[misc]
    """Keys that are no secret."""

    def wrap_key(self, key_bytes: bytes, _: str) -> bytes:
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key: bytes, _: str) -> bytes:
        return base64.b64decode(wrapped_key)


@pytest.mark.parametrize("is_plain", [False, True])
def test_an_encrypted_file_is_read_as_far_as_the_whole_is(path: Path, is_plain: bool) -> None:
    table = pa.table({"mail": ["a", "b", "c"], "secret": [1, 2, 3]})
    config = pe.EncryptionConfiguration("key", column_keys={"other": ["secret"]}, plaintext_footer=is_plain)
    keys = pe.CryptoFactory(lambda _: Keys()).file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(path, table.schema, encryption_properties=keys) as writer:
        writer.write_table(table, row_group_size=1)
    data = path.read_bytes()
    if not is_plain:
        assert refusal(data) == "damaged_file"
        return
    mails = []
    for _, part in written(path, data, 1):
        mails += duckdb.execute(f"SELECT mail FROM read_parquet('{part}')").fetchall()
        with pytest.raises(duckdb.Error, match="encrypted"):
            rows(part)
    assert mails == [("a",), ("b",), ("c",)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A good file."""
    path = tmp_path_factory.mktemp("whole") / "file.parquet"
    names = ("number", "few", "some", "words")
    select = f"SELECT {', '.join(f'{COLUMNS[name]} AS {name}' for name in names)} FROM range(6000) AS t(i)"
    return made(path, select, "ROW_GROUP_SIZE 2048")


def read_or_not(path: Path) -> list[tuple[Any, ...]] | None:
    """The rows of a file that may break the engine that reads it."""
    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            return rows(path, connection=connection)
        except duckdb.Error:
            return None


@UNKEPT
@given(flips=st.lists(st.tuples(st.integers(1), st.integers(1, 255)), min_size=1, max_size=3), cut=st.data())
def test_a_damaged_footer_is_refused_or_read_as_the_whole_is(
    path: Path, whole: bytes, flips: list[tuple[int, int]], cut: st.DataObject
) -> None:
    length = int.from_bytes(whole[-8:-4], "little") + 8
    data = bytearray(whole)
    for place, flip in flips:
        data[-1 - place % length] ^= flip
    path.write_bytes(data)
    expected = read_or_not(path)
    found: list[tuple[Any, ...]] | None = []
    try:
        for _, part in written(path, bytes(data), cut.draw(st.integers(1, 2 * len(data)))):
            piece = read_or_not(part)
            found = None if found is None or piece is None else [*found, *piece]
    except UploadRejected:
        found = None
    assert found in (None, expected)


@UNKEPT
@given(data=st.binary(max_size=200))
def test_any_bytes_of_a_footer_are_refused_or_cut(path: Path, data: bytes) -> None:
    content = file_of(data)
    try:
        pieces = cut_parquet(read_of(content), len(content), 100)
    except UploadRejected:
        return
    assert all(4 <= start < end <= 1004 for piece in pieces for start, end in piece.ranges)
    for piece in pieces:
        write_piece(read_of(content), len(content), piece, path)
