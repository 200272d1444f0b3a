"""The same people, written by many writers in many ways, are the same identities, texts and members."""

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from handfast.identity.namespaces import namespace
from handfast.ingest.models import DELIMITERS, Column
from handfast.ingest.staging import stage
from tests.worlds.data_plane import read_rows
from tests.worlds.plans import PLAN

EXAMPLES = 300 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 15
COLUMNS = (
    Column("e-mail", "identity", 1),
    Column("id", "profileId"),
    Column("in", "segment", segment_id="seg_1"),
    Column("note", "attribute", name="note"),
)


@dataclass(frozen=True)
class Person:
    """A row as it is meant: an id is a whole number or none, a note holds anything."""

    mail: str
    number: int | None
    member: bool | None
    note: str | None


type Writer = Callable[[Sequence[Person], Path], tuple[bytes, Any]]
"""People as a file's content and format."""


def cells(person: Person) -> list[str]:
    member = "" if person.member is None else str(person.member).lower()
    return [person.mail, "" if person.number is None else str(person.number), member, person.note or ""]


NAMES = [column.column for column in COLUMNS]


def csv_writer(above: str = "", mark: str = "", header: Sequence[str] = NAMES, **dialect: Any) -> Writer:
    """Python's, in a dialect, with lines above the header, and a last column of its own where that has one."""

    def write(people: Sequence[Person], _folder: Path) -> tuple[bytes, Any]:
        text = io.StringIO(newline="")
        text.write(mark + above)
        csv.writer(text, **dialect).writerows([header, *([*cells(person), "x"][: len(header)] for person in people)])
        return text.getvalue().encode(), "csv"

    return write


def mixed(people: Sequence[Person], _folder: Path) -> tuple[bytes, Any]:
    """A file put together of two, one from another system."""
    lines = [csv_line(NAMES, "\r\n")]
    lines += [csv_line(cells(person), "\r\n" if number % 3 else "\n") for number, person in enumerate(people)]
    return "".join(lines).encode(), "csv"


def csv_line(row: Sequence[str], end: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerow(row)
    return text.getvalue()


def json_writer(ascii_only: bool, number: Callable[[int], Any], sparse: bool) -> Writer:
    def write(people: Sequence[Person], _folder: Path) -> tuple[bytes, Any]:
        lines = []
        for person in people:
            told = None if person.number is None else number(person.number)
            members = dict(zip(NAMES, (person.mail, told, person.member, person.note), strict=True))
            kept = {name: value for name, value in members.items() if value is not None or not sparse}
            lines.append(json.dumps({"other": [{"e-mail": "x"}]} | kept, ensure_ascii=ascii_only))
        return "\n".join(lines).encode(), "ndjson"

    return write


def duckdb_writer(options: str, form: Any, number: str = "BIGINT", member: str = "BOOLEAN") -> Writer:
    def write(people: Sequence[Person], folder: Path) -> tuple[bytes, Any]:
        target = folder / "written"
        with duckdb.connect() as connection:
            connection.execute(
                f'CREATE TABLE people ("e-mail" VARCHAR, id {number}, "in" {member}, note VARCHAR, more INTEGER[])'
            )
            rows = [
                (person.mail, person.number, None if person.member is None else int(person.member), person.note)
                for person in people
            ]
            if rows:
                connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, [1])", rows)
            connection.execute(f"COPY people TO '{target}' ({options})")
        return target.read_bytes(), form

    return write


WRITERS: dict[str, Writer] = {
    **{f"csv {delimiter!r}": csv_writer(delimiter=delimiter) for delimiter in DELIMITERS},
    "unix": csv_writer(dialect=csv.unix_dialect),
    "excel of Europe": csv_writer(mark="\ufeff", delimiter=";"),
    "excel with sep": csv_writer(above="sep=;\r\n", mark="\ufeff", delimiter=";"),
    "lines above": csv_writer(above='Export of "people", all\r\n\r\n', delimiter=";", quoting=csv.QUOTE_NONNUMERIC),
    "a header of two lines": csv_writer(header=[*NAMES, "of\r\nours"], lineterminator="\n", quoting=csv.QUOTE_ALL),
    "mixed line ends": mixed,
    "gzip": lambda people, folder: (gzip.compress(csv_writer()(people, folder)[0]), "csv"),
    "json": json_writer(ascii_only=False, number=int, sparse=False),
    "json of ASCII and floats": json_writer(ascii_only=True, number=float, sparse=True),
    "json of text": json_writer(ascii_only=True, number=str, sparse=False),
    "duckdb csv": duckdb_writer("FORMAT csv, HEADER", "csv"),
    "csv as pandas has it": duckdb_writer("FORMAT csv, HEADER", "csv", "DOUBLE", "DOUBLE"),
    "duckdb tsv": duckdb_writer("FORMAT csv, HEADER, DELIMITER '\t', FORCE_QUOTE *", "csv"),
    "duckdb zstd": duckdb_writer("FORMAT csv, HEADER, COMPRESSION zstd", "csv"),
    "duckdb json": duckdb_writer("FORMAT json", "ndjson"),
    "parquet": duckdb_writer("FORMAT parquet", "parquet"),
    "parquet as pandas has it": duckdb_writer("FORMAT parquet", "parquet", "DOUBLE", "DOUBLE"),
    "parquet of decimals": duckdb_writer("FORMAT parquet", "parquet", "DECIMAL(18, 3)", "TINYINT"),
    "parquet of text": duckdb_writer("FORMAT parquet", "parquet", "VARCHAR", "VARCHAR"),
}

TEXTS = st.text(st.one_of(st.sampled_from(" ,;|\t\"'\r\n\\=:.{}[]"), st.characters(exclude_categories=["Cs", "Cc"])))
PEOPLE = st.lists(
    st.builds(
        Person,
        st.integers(0, 999).map("user{}@one.example".format),
        st.none() | st.integers(1, 10**14),
        st.none() | st.booleans(),
        # A note begins and ends with a letter, as what is around a text is trimmed, and holds no address.
        st.none() | TEXTS.map(lambda text: f"n{text.replace('@', '')}n"),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda person: person.mail,
)


def read(content: bytes, form: Any, folder: Path) -> tuple[set[tuple[Any, ...]], int]:
    """Value, profile id, note and membership of each identity, and how many rows were refused."""
    path = folder / "file"
    path.write_bytes(content)
    result = stage(path, replace(PLAN, columns=COLUMNS, format=form), folder)
    members: dict[tuple[int, int], bool] = {}
    for span in result.spans:
        if span.memberships:
            members |= {(row[0], row[1]): row[3] for row in read_rows(span.memberships)}
    found = {
        (row[3], row[4], json.loads(row[8])["note"] if row[8] else None, members.get((row[0], row[1])))
        for span in result.spans
        if span.profiles
        for row in read_rows(span.profiles)
    }
    return found, result.counts.rows - result.counts.accepted


@pytest.mark.parametrize("name", WRITERS)
def test_people_are_the_same_whoever_writes_them(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(PEOPLE)
    def same(people: list[Person]) -> None:
        folder = tmp_path_factory.mktemp("written")
        content, form = WRITERS[name](people, folder)
        email = namespace("email")
        expected = {
            (
                email.normalise(person.mail),
                None if person.number is None else str(person.number),
                person.note,
                person.member,
            )
            for person in people
        }
        assert read(content, form, folder) == (expected, 0)

    same()
