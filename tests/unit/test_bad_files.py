"""Files as no tool should write them: each is read, or refused with what to fix; nothing of it is ever quoted."""

import base64
import gzip
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from handfast.ingest import growth
from handfast.ingest.models import Column
from handfast.ingest.plan import Staged, UploadRejected
from handfast.ingest.reading import SOURCE_FOLDER
from handfast.ingest.staging import stage
from tests.worlds.plans import EMAIL, PLAN

ID = Column("id", "profileId")
PERSON = "planted.person@mail.example"
EXAMPLES = 500 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 20


def outcome(folder: Path, content: bytes, *columns: Column, form: Any = "csv") -> Staged | UploadRejected:
    """What comes of a file."""
    path = folder / "file"
    path.write_bytes(content)
    try:
        return stage(path, replace(PLAN, columns=columns or (EMAIL,), format=form), folder)
    except UploadRejected as refused:
        return refused


def accepted(result: Staged | UploadRejected) -> int:
    """Rows taken."""
    assert isinstance(result, Staged), result
    return result.counts.accepted


def reason(result: Staged | UploadRejected) -> str:
    """Why the whole file is refused."""
    assert isinstance(result, UploadRejected), result
    assert result.detail
    assert PERSON not in result.detail
    return result.reason


LINES = f"mail,id\n{PERSON},1\n"
CSV: dict[str, tuple[bytes, str | int]] = {
    "another separator": (LINES.replace(",", ";").encode(), 1),
    "tabs": (LINES.replace(",", "\t").encode(), 1),
    "a separator that is none": (LINES.replace(",", "^").encode(), "missing_column"),
    "lines quoted whole": ("\n".join(f'"{line}"' for line in LINES.split()).encode(), "missing_column"),
    "UTF-16 without a mark": (LINES.encode("utf-16-le"), "not_utf8"),
    "UTF-32": (LINES.encode("utf-32"), "not_utf8"),
    "another encoding after a million rows": (
        LINES.encode() + b"someone@mail.example,2\n" * 100_000 + "m\u00fcller,3\n".encode("cp1252"),
        "not_utf8",
    ),
    "a header that never ends": (b"mail" + b",x" * 200_000 + b"\n", "missing_column"),
    "a name that never ends": (b"x" * 3_000_000, "missing_column"),
    "a header field over what Python's reader takes": (b'mail,"' + b"x" * 200_000 + b'",id\na@mail.example,,1\nb\n', 1),
    "a cell that never ends": (LINES.encode() + b'"' + b"x" * 3_000_000, 1),
    "a row that never ends": (LINES.encode() + b"," * 3_000_000, 1),
    "NUL in a cell": (b"mail,id\nsome\0one@mail.example,1\n", 0),
    "NUL bytes alone": (bytes(10_000), "not_utf8"),
    "a header twice": (LINES.encode() * 2, 2),
    "one quote": (b'"', "malformed_csv"),
    "old line ends": (LINES.replace("\n", "\r").encode(), 1),
    "mixed line ends": (LINES.encode() + f"{PERSON},2\r\n{PERSON},3\n".encode(), 3),
    "a formula": (b"mail,id\n=cmd|' /C calc'!A0,1\n", 0),
    "gzip in gzip": (gzip.compress(gzip.compress(LINES.encode())), "wrong_format"),
    "two gzip members": (gzip.compress(LINES.encode()) + gzip.compress(f"{PERSON},2\n".encode()), 2),
    "gzip and then something else": (gzip.compress(LINES.encode()) + b"something else", "damaged_file"),
    "gzip of nothing": (gzip.compress(b""), "empty_file"),
    "a gzip header alone": (gzip.compress(LINES.encode())[:10], "damaged_file"),
    "a zstd header alone": (b"\x28\xb5\x2f\xfd", "damaged_file"),
}


@pytest.mark.parametrize("name", CSV)
def test_a_csv_is_read_or_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    content, expected = CSV[name]
    result = outcome(tmp_path, content, EMAIL, ID)
    assert (accepted(result) if isinstance(expected, int) else reason(result)) == expected


NDJSON: dict[str, tuple[bytes, str | int]] = {
    "deep": (b'{"mail": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 0),
    "an object over two megabytes": (b'{"mail": "' + b"x" * 2_000_000 + b'"}', 0),
    "NUL": (b'{"mail": "a\\u0000@mail.example"}\n', 0),
    "a lone surrogate": (b'{"mail": "\\ud800@mail.example"}\n', "malformed_json"),
    "a number without end": (b'{"mail": ' + b"9" * 10_000 + b"}\n", 0),
    "an array of objects": (b'[{"mail": "someone@mail.example"}]', "malformed_json"),
    "objects on one line": (b'{"mail": "a@mail.example"}{"mail": "b@mail.example"}\n', "malformed_json"),
    "another type": (b'{"mail": {"a": 1}}\n{"mail": true}\n', 0),
}


@pytest.mark.parametrize("name", NDJSON)
def test_an_ndjson_file_is_read_or_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    content, expected = NDJSON[name]
    result = outcome(tmp_path, content, form="ndjson")
    assert (accepted(result) if isinstance(expected, int) else reason(result)) == expected


@pytest.mark.parametrize(
    ("form", "expected"), [("csv", "empty_file"), ("parquet", "damaged_file"), ("ndjson", "no_rows")]
)
def test_a_file_of_no_bytes_says_what_it_is(tmp_path: Path, form: Any, expected: str) -> None:
    """An NDJSON file of no rows has none, and Parquet has a footer in any case."""
    assert reason(outcome(tmp_path, b"", form=form)) == expected


def parquet(folder: Path, select: str, *options: str) -> bytes:
    """A query's rows as Parquet."""
    duckdb.execute(f"COPY ({select}) TO '{folder / 'made.parquet'}' ({', '.join(['FORMAT parquet', *options])})")
    return (folder / "made.parquet").read_bytes()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[1, 2]", "unsupported_type"),
        ("{'a': 1}", "unsupported_type"),
        ("MAP {'a': 'b'}", "unsupported_type"),
        ("DATE '2026-01-01'", "unsupported_type"),
        ("TIME '10:00'", "unsupported_type"),
        ("now()", "unsupported_type"),
        ("TRUE", "unsupported_type"),
        ("uuid()", "unsupported_type"),
        ("INTERVAL 1 DAY", "unsupported_type"),
        ("'{}'::JSON", "unsupported_type"),
        ("1::VARIANT", "unsupported_type"),
        ("1.5::DECIMAL(10, 2)", 0),
        ("'NaN'::DOUBLE", 0),
        ("NULL::INTEGER", 0),
        ("NULL", 0),
        ("'\\xFF\\x00'::BLOB", 0),
        ("'someone@mail.example'", 1),
        ("'someone@mail.example'::BLOB", 1),
    ],
)
def test_parquet_of_any_type_is_read_as_text_or_refused_by_its_name(
    tmp_path: Path, value: str, expected: int | str
) -> None:
    result = outcome(tmp_path, parquet(tmp_path, f"SELECT {value} AS mail"), form="parquet")
    assert (accepted(result) if isinstance(expected, int) else reason(result)) == expected


def test_a_parquet_footer_that_lies_is_refused(tmp_path: Path) -> None:
    """Of how many rows there are, and of where its columns begin."""
    whole = parquet(tmp_path, f"SELECT '{PERSON}' AS mail, i AS id FROM range(1000) AS t(i)")
    footer = whole[-8 - int.from_bytes(whole[-8:-4], "little") : -8]
    rows = b"\xd0\x0f"  # 1,000 as a zigzag varint
    assert rows in footer
    for other in (b"\xfe\xff\xff\xff\x0f", b"\x00"):
        lying = footer.replace(rows, other)
        content = whole[: -8 - len(footer)] + lying + len(lying).to_bytes(4, "little") + b"PAR1"
        result = outcome(tmp_path, content, form="parquet")
        assert isinstance(result, UploadRejected) or result.counts.accepted == 0


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, bytes]]:
    """A good file in every form."""
    folder = tmp_path_factory.mktemp("good")
    lines = ("mail,id\n" + "".join(f"user{index}@mail.example,{index}\n" for index in range(50))).encode()
    objects = "".join(f'{{"mail": "user{index}@mail.example"}}\n' for index in range(50)).encode()
    people = "SELECT 'user' || i || '@mail.example' AS mail FROM range(50) t(i)"
    duckdb.execute(f"COPY ({people}) TO '{folder / 'z.csv'}' (COMPRESSION zstd)")
    return {
        "csv": ("csv", lines),
        "csv.gz": ("csv", gzip.compress(lines)),
        "csv.zst": ("csv", (folder / "z.csv").read_bytes()),
        "ndjson": ("ndjson", objects),
        "parquet": ("parquet", parquet(folder, people)),
    }


@st.composite
def damages(draw: st.DrawFn) -> list[tuple[str, float, bytes]]:
    """Places in a file, as a part of its length, with what happens there."""
    place = st.floats(0, 1, exclude_max=True)
    kinds = st.sampled_from(["overwrite", "insert", "cut", "drop"])
    return draw(st.lists(st.tuples(kinds, place, st.binary(min_size=1, max_size=8)), min_size=1, max_size=4))


def damaged(content: bytes, done: list[tuple[str, float, bytes]]) -> bytes:
    for kind, place, data in done:
        at = int(place * len(content))
        after = {"overwrite": at + len(data), "insert": at, "cut": len(content), "drop": at + 8}[kind]
        content = content[:at] + (b"" if kind in {"cut", "drop"} else data) + content[after:]
    return content


@pytest.mark.parametrize("name", ["csv", "csv.gz", "csv.zst", "ndjson", "parquet"])
def test_a_damaged_file_is_read_or_refused(
    forms: dict[str, tuple[Any, bytes]], tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    form, good = forms[name]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(damages())
    def survives(done: list[tuple[str, float, bytes]]) -> None:
        outcome(tmp_path_factory.mktemp("bad"), damaged(good, done), form=form)

    assert accepted(outcome(tmp_path_factory.mktemp("good"), good, form=form)) == 50
    survives()


# Files that are small and cost much: each is refused before it does, with a reason of its own


ALIKE = zlib.decompress(
    base64.b85decode(
        "c-jka3^EjD5It~^N%R1tj_3zHQ9e;NQ8pO{1_q6-`hOD={I@bOn6NMd`5*Kc8yH!3h%+$o19`fB3}D`^9ZWZOF!2KcLxWg)_vWKF"
        "ALSHovxuIfd#=JEH!(9uFSQ~uw;(5#g+YdIA9qQtCPTQ|*JT<9SVUPQbxau~*ou=gQgahUnHWTQRGB1LKzdXed_XP``=BQ&BPpZC"
        "AS22nsmjJD36T}$0ZNFyJIEyVj!})nQwHdMKA?6RF`!!{*(B9~E(K`@DfpnL#sO5tprKHZSX5Y=TB4g=P@tPwRFq$?P?lO$oSC1e"
        "U}UCepl2v41F~@n5C;H*1OV1FNDT"
    )
)
"""A Parquet file of 279 bytes whose values, 20,000 letters each, are written as what they share (DELTA_BYTE_ARRAY)."""
LONG = "x" * 20_000 + "@mail.example"
ONE = b"a@mail.example"
BOMBS: dict[str, tuple[Any, str, Callable[[Path], bytes]]] = {
    "a dictionary of one long value": (
        "parquet",
        "unpacked_too_large",
        lambda folder: parquet(folder, f"SELECT '{LONG}' AS mail FROM range(3000)"),
    ),
    "bytes of one long value": (
        "parquet",
        "unpacked_too_large",
        lambda folder: parquet(folder, f"SELECT '{LONG}'::BLOB AS mail FROM range(3000)"),
    ),
    "values that begin alike": ("parquet", "unpacked_too_large", lambda _: ALIKE),
    "pages that compress to nothing": (
        "parquet",
        "unpacked_too_large",
        lambda folder: parquet(
            folder, f"SELECT '{LONG}' AS mail FROM range(3000)", "COMPRESSION zstd", "DICTIONARY_SIZE_LIMIT 1"
        ),
    ),
    "rows of nothing": (
        "parquet",
        "too_many_rows",
        lambda folder: parquet(folder, "SELECT NULL::VARCHAR AS mail FROM range(20000000)"),
    ),
    "row groups": (
        "parquet",
        "too_many_row_groups",
        lambda folder: parquet(folder, "SELECT NULL::VARCHAR AS mail FROM range(20500000)", "ROW_GROUP_SIZE 2048"),
    ),
    "columns": (
        "parquet",
        "too_many_columns",
        lambda folder: parquet(folder, f"SELECT 'a@mail.example' AS mail, {', '.join('1' for _ in range(5_000))}"),
    ),
    "a footer of notes": (
        "parquet",
        "footer_too_large",
        lambda folder: parquet(
            folder, "SELECT 'a@mail.example' AS mail", f"KV_METADATA {{notes: '{'x' * 17_000_000}'}}"
        ),
    ),
    "a header of delimiters": ("csv", "too_many_columns", lambda _: b"mail" + b"," * 1_000_000 + b"\n" + ONE),
    "a name of many columns": (
        "csv",
        "too_many_columns",
        lambda _: b",".join([b"mail"] * 1_000) + b"\n" + b",".join([ONE] * 1_000),
    ),
    "packed lines that repeat": ("csv", "too_many_rows", lambda _: gzip.compress(b"mail" + (b"\n" + ONE) * 1_500_000)),
    "packed objects of nothing": ("ndjson", "too_many_rows", lambda _: gzip.compress(b"{}\n" * 1_500_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_would_cost_much_is_refused_at_once(tmp_path: Path, name: str) -> None:
    form, expected, content = BOMBS[name]
    bomb = content(tmp_path)
    begun = time.process_time()
    assert reason(outcome(tmp_path, bomb, form=form)) == expected
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("csv", lambda _: b"mail\n" + (ONE + b"\n") * 9),
        ("csv", lambda _: b"mail\r" + (ONE + b"\r") * 9),
        ("csv", lambda _: b"mail,mail\n" + (ONE + b",b@mail.example\n") * 5),
        ("csv", lambda _: gzip.compress(b"mail\n" + (ONE + b"\n") * 9)),
        ("ndjson", lambda _: b'{"mail": "a@mail.example"}\n' * 9),
        ("parquet", lambda folder: parquet(folder, "SELECT 'a@mail.example' AS mail FROM range(9)")),
    ],
)
def test_more_identities_than_a_disk_holds_are_too_many_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Any, content: Callable[[Path], bytes]
) -> None:
    whole = content(tmp_path)
    assert accepted(outcome(tmp_path, whole, form=form))
    monkeypatch.setattr(growth, "MAX_IDENTITIES", 8)
    refused = outcome(tmp_path, whole, form=form)
    assert reason(refused) == "too_many_rows"
    assert "several files" in str(refused)


def test_a_file_is_deleted_once_it_has_been_read(tmp_path: Path) -> None:
    """What was sent and unpacked would take the disk of the tables that follow."""
    folder = tmp_path / SOURCE_FOLDER
    folder.mkdir()
    (folder / "file").write_bytes(gzip.compress(LINES.encode()))
    assert stage(folder / "file", replace(PLAN, columns=(EMAIL,)), tmp_path).counts.accepted == 1
    assert not folder.exists()
