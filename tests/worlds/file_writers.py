"""The same people as many writers write them, each with its habits, as a file's content and format."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from handfast.ingest.models import DELIMITERS

NAMES = ("e-mail", "id", "tel", "in", "note")


@dataclass(frozen=True)
class Person:
    """A row as it is meant: an address and, where text is written, a phone number as they are spelt.

    `number` is the profile id and the phone number's digits with their country code. A note holds anything.
    """

    mail: str
    number: int | None
    tel: str | None
    member: bool | None
    note: str | None


type Writer = Callable[[Sequence[Person], Path], tuple[bytes, Any]]
"""People as a file's content and format."""


def cells(person: Person) -> list[str]:
    """A row of text."""
    member = "" if person.member is None else str(person.member).lower()
    number = "" if person.number is None else str(person.number)
    return [person.mail, number, person.tel or "", member, person.note or ""]


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
            members = dict(zip(NAMES, (person.mail, told, told, person.member, person.note), strict=True))
            kept = {name: value for name, value in members.items() if value is not None or not sparse}
            lines.append(json.dumps({"other": [{"e-mail": "x"}]} | kept, ensure_ascii=ascii_only))
        return "\n".join(lines).encode(), "ndjson"

    return write


def duckdb_writer(options: str, form: Any, number: str = "BIGINT", member: str = "BOOLEAN") -> Writer:
    def write(people: Sequence[Person], folder: Path) -> tuple[bytes, Any]:
        target = folder / "written"
        with duckdb.connect() as connection:
            connection.execute(
                f'CREATE TABLE people ("e-mail" VARCHAR, id {number}, tel {number}, "in" {member}, note VARCHAR,'
                " more INTEGER[])"
            )
            rows = [
                (person.mail, *[person.number] * 2, None if person.member is None else int(person.member), person.note)
                for person in people
            ]
            if rows:
                connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?, [1])", rows)
            connection.execute(f"COPY people TO '{target}' ({options})")
        return target.read_bytes(), form

    return write


def table(people: Sequence[Person]) -> dict[str, list[Any]]:
    """The people by column, a blank as None."""
    rows = [(person.mail, *[person.number] * 2, person.member, person.note) for person in people]
    return {name: [row[place] for row in rows] for place, name in enumerate(NAMES)}


def pandas_writer(form: Any, kinds: Mapping[str, str], **options: Any) -> Writer:
    """pandas, whose columns of numbers with blanks are floats unless `kinds` says otherwise."""

    def write(people: Sequence[Person], folder: Path) -> tuple[bytes, Any]:
        import pandas as pd

        frame = pd.DataFrame(table(people)).astype(dict(kinds))
        target = folder / "written"
        if form == "csv":
            frame.to_csv(target, **options)
        elif form == "ndjson":
            frame.to_json(target, orient="records", lines=True, **options)
        else:
            frame.to_parquet(target, **options)
        return target.read_bytes(), form

    return write


def polars_writer(form: Any, number: str, member: str = "Boolean", text: str = "String", **options: Any) -> Writer:
    def write(people: Sequence[Person], folder: Path) -> tuple[bytes, Any]:
        import polars as pl

        kinds = dict(zip(NAMES, ("String", number, number, member, text), strict=True))
        columns = [
            pl.Series(name, values, dtype=pl.Boolean if name == "in" else None, strict=False).cast(
                getattr(pl, kinds[name])
            )
            for name, values in table(people).items()
        ]
        frame, target = pl.DataFrame(columns), folder / "written"
        writers: dict[str, Callable[..., Any]] = {
            "csv": frame.write_csv,
            "ndjson": frame.write_ndjson,
            "parquet": frame.write_parquet,
        }
        writers[form](target, **options)
        return target.read_bytes(), form

    return write


def arrow_writer(kinds: Sequence[str], **options: Any) -> Writer:
    """Parquet by pyarrow, of types by their names: of text, of numbers, of members."""

    def write(people: Sequence[Person], folder: Path) -> tuple[bytes, Any]:
        import pyarrow as pa
        from pyarrow import parquet

        types = {
            "large": pa.large_string(),
            "view": pa.string_view(),
            "text": pa.string(),
            "bytes": pa.binary(),
            "words": pa.dictionary(pa.int8(), pa.string()),
            "decimal": pa.decimal128(22, 2),
            "uint64": pa.uint64(),
            "float64": pa.float64(),
            "int8": pa.int8(),
            "bool": pa.bool_(),
        }
        text, number, member = (types[kind] for kind in kinds)
        made = {}
        for (name, values), kind in zip(table(people).items(), (text, number, number, member, text), strict=True):
            plain = pa.array(values, {"in": pa.bool_(), "id": pa.int64(), "tel": pa.int64()}.get(name, pa.string()))
            made[name] = plain.dictionary_encode() if pa.types.is_dictionary(kind) else plain.cast(kind)
        parquet.write_table(pa.table(made), folder / "written", **options)
        return (folder / "written").read_bytes(), "parquet"

    return write


NULLABLE = {"id": "Int64", "tel": "Int64", "in": "boolean"}
FLOATS = {"id": "float64", "tel": "float64"}
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
    "pandas csv": pandas_writer("csv", FLOATS),
    "pandas csv of Europe": pandas_writer(
        "csv", FLOATS, sep=";", decimal=",", encoding="utf-8-sig", float_format="%.2f", index=False
    ),
    "pandas csv of nullables": pandas_writer("csv", NULLABLE, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n"),
    "pandas csv of text": pandas_writer(
        "csv", {"id": "Int64", "tel": "string", "note": "category"}, compression="gzip"
    ),
    "pandas json": pandas_writer("ndjson", FLOATS),
    "pandas json of nullables": pandas_writer("ndjson", NULLABLE, force_ascii=False),
    "pandas parquet": pandas_writer("parquet", FLOATS),
    "pandas parquet of nullables": pandas_writer("parquet", NULLABLE, index=True, compression="zstd"),
    "pandas parquet of categories": pandas_writer(
        "parquet", {"note": "category", "id": "category", "tel": "Int64"}, compression="gzip"
    ),
    "polars csv": polars_writer("csv", "Int64", include_bom=True),
    "polars csv of floats": polars_writer("csv", "Float64", separator="\t", line_terminator="\r\n"),
    "polars csv of decimals": polars_writer("csv", "Float64", float_precision=3, quote_style="always"),
    "polars csv of categories": polars_writer("csv", "String", text="Categorical", quote_style="non_numeric"),
    "polars json": polars_writer("ndjson", "Int64"),
    "polars json of floats": polars_writer("ndjson", "Float64", "Float64"),
    "polars parquet": polars_writer("parquet", "Int64"),
    "polars parquet of floats": polars_writer("parquet", "Float64", "Float64", "Categorical", compression="lz4"),
    "arrow large": arrow_writer(("large", "uint64", "bool"), data_page_version="2.0", compression="brotli"),
    "arrow bytes": arrow_writer(("bytes", "decimal", "int8"), version="1.0"),
    "arrow words": arrow_writer(
        ("words", "float64", "int8"), use_byte_stream_split=["id", "tel"], use_dictionary=["note"]
    ),
    "arrow views": arrow_writer(("view", "text", "text"), row_group_size=3),
}
