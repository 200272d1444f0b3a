"""The beginning of a file, however it is written and wherever it is cut."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handfast.identity.namespaces import namespaces
from handfast.ingest import heads
from handfast.ingest.guessing import Known
from handfast.ingest.heads import Announced, Head, read_head
from handfast.ingest.models import DELIMITERS, HEAD_BYTES

KNOWN = Known(list(namespaces().values()), {"loyal": "seg_1"})
ROWS = [["10001", "rosa@one.example", "Müller, R.; a|b", "y"], ["10002", "kai@two.example", "日本\tx", "n"]]
NAMES = ["Kundennummer", "E-Mail", "Notiz", "Einwilligung"]


def head(folder: Path, content: bytes, name: str = "crm.csv", received: int | None = None, **said: Any) -> Head:
    path = folder / "bytes"
    path.write_bytes(content)
    return read_head(path, Announced(name, **said), received or len(content), KNOWN.is_name, folder)


def written(delimiter: str, *, header: bool = True, **how: Any) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, **how).writerows([NAMES, *ROWS] if header else ROWS)
    return text.getvalue()


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("above", ["", "sep={}{}", "A report{1}", "A report{1}{1}Of today{1}"])
def test_the_delimiter_and_the_header_are_found(tmp_path: Path, delimiter: str, end: str, above: str) -> None:
    if end == "\r" and delimiter == "\t":
        return  # the cell with a tab is quoted, and holds no other line end
    content = above.format(delimiter, end) + written(delimiter, lineterminator=end)
    found = head(tmp_path, content.encode())
    assert found.refusal is None
    assert found.dialect is not None
    assert (found.dialect.delimiter, found.dialect.has_header, found.names) == (delimiter, True, tuple(NAMES))
    assert (found.rows, found.is_whole) == (ROWS, True)


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("told", [True, False])
def test_a_file_without_a_header_is_named_by_places(tmp_path: Path, delimiter: Any, told: bool) -> None:
    content = written(delimiter, header=False).encode()
    found = head(tmp_path, content, delimiter=delimiter if told else None)
    assert found.dialect is not None
    assert (found.dialect.delimiter, found.dialect.has_header) == (delimiter, False)
    assert found.names == ("column1", "column2", "column3", "column4")
    assert found.rows == ROWS
    named = head(tmp_path, content, header=("id", "mail", "note", "ok"))
    assert (named.names, named.rows) == (("id", "mail", "note", "ok"), ROWS)


@pytest.mark.parametrize(
    ("content", "is_header"),
    [
        ("mail\nann@one.example\n", True),
        ("[id],[mail]\n1,ann@one.example\n", True),
        ("ann@one.example\nbob@one.example\n", False),
        ("Kontakt,Wert\nann@one.example,5\n", True),
        ("+49 30 1234567,x\n+49 30 1234568,y\n", False),
        ("1,2\n3,4\n", False),
        ("Anna,Berlin\nBert,Bonn\n", False),
        ("loyal,x\n1,2\n", True),
        ("mail", True),
        ("2026-01-02,Berlin\n2026-01-03,Bonn\n", False),
        ("created,sum\n2026-01-02,10\n2026-01-03,20\n", True),
        ("メール,同意\nann@one.example,はい\n", True),
        ("5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99,y\n", False),
    ],
)
def test_whether_a_first_record_is_a_header(tmp_path: Path, content: str, is_header: bool) -> None:
    found = head(tmp_path, content.encode())
    assert found.dialect is not None
    assert found.dialect.has_header is is_header


@pytest.mark.parametrize(
    ("encoded", "encoding", "refusal"),
    [
        (written(",").encode(), "utf-8", None),
        (written(",").encode("utf-8-sig"), "utf-8-sig", None),
        (written(",").encode("utf-16"), "utf-16", "UTF-16"),
        (written(",").encode("utf-16-le"), "utf-16", "UTF-16"),
        (written(",").encode("utf-16-be"), "utf-16", "UTF-16"),
        (written(",").replace("日本", "").encode("latin-1"), "latin-1", "Latin-1"),
        (written(",").replace("Müller", "メール").encode("cp932"), "shift_jis", "Shift_JIS"),
    ],
)
def test_another_encoding_is_told_with_the_fix_and_read_all_the_same(
    tmp_path: Path, encoded: bytes, encoding: str, refusal: str | None
) -> None:
    found = head(tmp_path, encoded)
    assert found.encoding == encoding
    assert found.names == tuple(NAMES)
    assert [row[1] for row in found.rows] == ["rosa@one.example", "kai@two.example"]
    if refusal is None:
        assert found.refusal is None
    else:
        assert found.refusal is not None
        assert found.refusal.reason == "not_utf8"
        assert refusal in found.refusal.detail
        assert "UTF-8" in found.refusal.detail


ODD = 'id,mail,note\n1,ärger@one.example,"two\nlines, 日本"\n2,kai@two.example,"a ""word"""\n3,mia@three.example,x\n'


@given(at=st.integers(len("id,mail,note\n"), len(ODD.encode())), told=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_cut_anywhere_leaves_whole_rows_alone(tmp_path: Path, at: int, told: bool) -> None:
    data = ODD.encode()
    whole = [list(row) for row in list(csv.reader(io.StringIO(ODD)))[1:]]
    found = head(tmp_path, data[:at], size=len(data) if told else None)
    assert found.dialect is not None
    rows = [list(row) for row in found.rows]
    if told:
        assert rows == whole[: len(rows)]
        assert found.is_whole == (at == len(data))
    else:
        # Without its size a file may end where it was cut: only a row that is wrong is known to be cut.
        assert rows[:-1] == whole[: max(0, len(rows) - 1)]
    assert found.path is not None
    again = list(csv.reader(io.StringIO(found.path.read_text())))
    assert len(again) == len(rows) + 1


@given(at=st.integers(1, 2000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_packed_bytes_may_be_cut_too(tmp_path: Path, pack: Any, at: int) -> None:
    text = "mail,ok\n" + "".join(f"p{number}@one.example,{'yn'[number % 2]}\n" for number in range(2000))
    data = pack(text.encode())
    cut = data[: min(at * 4 + 400, len(data))]
    found = head(tmp_path, cut, "crm.csv.gz", size=len(data))
    if found.refusal is None:
        assert all(len(row) == 2 and "@one.example" in row[0] for row in found.rows)
        assert found.is_whole == (len(cut) == len(data))
    else:
        assert found.refusal.reason in {"empty_file", "no_rows"}


@pytest.mark.parametrize("name", ["people.ndjson", "people", "people.csv"])
def test_ndjson_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    lines = [
        '{"id": 1, "mail": "ann@one.example", "tags": ["a"], "ok": true}',
        '{"mail": "bob@two.example", "note": null}',
    ]
    found = head(tmp_path, "\n".join(lines).encode(), name)
    assert (found.format, found.refusal) == ("ndjson", None)
    assert found.names == ("id", "mail", "tags", "ok", "note")
    assert found.rows == [["1", "ann@one.example", '["a"]', "true", ""], ["", "bob@two.example", "", "", ""]]
    cut = head(tmp_path, "\n".join(lines).encode()[:-9], name)
    assert len(cut.rows) == 1
    assert not cut.is_whole


def test_a_parquet_file_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    made = tmp_path / "made.parquet"
    select = (
        "SELECT range AS id, 'p' || range || '@one.example' AS mail, sha256(range::VARCHAR) AS hash, [range] AS list"
    )
    duckdb.execute(f"COPY ({select} FROM range(20000)) TO '{made}' (FORMAT parquet)")
    found = head(tmp_path, made.read_bytes(), "people.bin")
    assert (found.format, found.names) == ("parquet", ("id", "mail", "hash", "list"))
    assert len(found.rows) == heads.HEAD_ROWS
    assert found.rows[1][:2] == ["1", "p1@one.example"]
    assert not found.is_whole
    assert found.path is not None
    ((count, kind),) = duckdb.execute(
        f"SELECT count(*), max(typeof(list)) FROM read_parquet('{found.path}')"
    ).fetchall()
    assert (count, kind) == (heads.HEAD_ROWS, "BIGINT[]")
    for content in (made.read_bytes()[:-100], b"PAR1"):
        assert refusal(head(tmp_path, content)) == "damaged_file"
    assert refusal(head(tmp_path, made.read_bytes(), format="csv")) == "wrong_format"
    assert refusal(head(tmp_path, made.read_bytes()[:1000], size=made.stat().st_size)) == "damaged_file"


def refusal(found: Head) -> str | None:
    return found.refusal.reason if found.refusal else None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty_file"),
        (b"\n\n", "no_rows"),
        (b"PK\x03\x04...", "wrong_format"),
        (b'[{"mail": "ann@one.example"}]', "malformed_json"),
        (b'"', "malformed_csv"),
        (b"\x1f\x8b\x08damaged", "damaged_file"),
        (b"x" * (9 << 20), None),
        (b"mail" + b",x" * 6000 + b"\n", "too_many_columns"),
        (",".join(f"c{number}" for number in range(5000)).encode() + b"\n" + b"," * 4999 + b"\n", None),
        (b"," * (8 << 20), "too_many_columns"),
        (b"\n" * (8 << 20), "no_rows"),
        (b"\0" * 1000, None),
        (b"{" * 100_000, None),
        (b'{"a":' * 100_000, None),
        (b"\xff" * 10_000, None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_files_as_no_tool_should_write_them_are_read_or_refused(
    tmp_path: Path, content: bytes, expected: str | None
) -> None:
    found = head(tmp_path, content)
    if expected:
        assert refusal(found) == expected
    assert not found.rows or all(len(row) <= len(found.names) for row in found.rows)


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_a_bomb_unpacks_to_no_more_than_is_looked_at(tmp_path: Path, pack: Any) -> None:
    rows = b"mail,ok\n" + b"ann@one.example,y\n" * 4_000_000
    found = head(tmp_path, pack(rows))
    assert len(found.rows) == heads.HEAD_ROWS
    assert found.path is not None
    assert found.path.stat().st_size < HEAD_BYTES


def test_a_page_that_repeats_a_text_is_measured_before_it_is_read(tmp_path: Path) -> None:
    made = tmp_path / "bomb.parquet"
    duckdb.execute(
        f"COPY (SELECT repeat('x', 10000) AS mail, [repeat('y', 10000)] AS list FROM range(5000)) TO '{made}'"
        " (FORMAT parquet)"
    )
    found = head(tmp_path, made.read_bytes())
    assert 500 < len(found.rows) < 1000
    assert found.path is not None
    assert found.path.stat().st_size < HEAD_BYTES


def test_json_of_members_that_differ_is_read(tmp_path: Path) -> None:
    lines = [json.dumps({f"m{number}": number}) for number in range(100)]
    found = head(tmp_path, "\n".join(lines).encode(), "a.ndjson")
    assert len(found.names) == 100
