"""Opening an uploaded file: what it is, what it is packed in, and a relation over its columns.

A file that cannot be read as announced raises UploadRejected with what to fix. Nothing of its content, header
included, is ever quoted: a file without a header line has people in its first.
"""

import csv
import gzip
import shutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from handfast.identity.namespaces import BLANKS
from handfast.ingest.models import Format
from handfast.ingest.plan import UploadRejected
from handfast.ingest.zstandard import zstd_bound
from handfast.lake.duck import Connection, identifier, literal, parquet

MAX_RATIO = 200
"""Largest growth a packed file may have; people's data grows five- to thirtyfold."""
MAX_BYTES = 8 << 30
"""Largest unpacked size, so that it and its tables fit a function's disk."""
_SMALL = 1 << 20  # a file this small when unpacked may have grown by any ratio
_CHUNK = 1 << 20

type Packing = Literal["none", "gzip", "zstd"]
_MAGIC: tuple[tuple[bytes, Packing], ...] = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_PARQUET_MAGIC = b"PAR1"
_ZIP_MAGIC = b"PK\x03\x04"
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Source:
    """A FROM item with one text column per wanted column of the file; `columns` names it by the file's name."""

    relation: str
    columns: Mapping[str, str]


def open_source(connection: Connection, path: Path, form: Format, wanted: Sequence[str], work_dir: Path) -> Source:
    """The wanted columns of a file; raises UploadRejected."""
    packing = _packing(path)
    if form == "parquet":
        if packing != "none":
            raise UploadRejected("wrong_format", "Parquet is packed inside; upload the .parquet file itself")
        return _parquet(connection, path, wanted)
    plain, packing = _unpack(path, packing, work_dir)
    _check_start(plain, packing, form)
    if form == "ndjson":
        return _ndjson(plain, packing, wanted)
    return _csv(connection, plain, packing, wanted)


def _packing(path: Path) -> Packing:
    start = _start(path)
    return next((packing for magic, packing in _MAGIC if start.startswith(magic)), "none")


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _unpack(path: Path, packing: Packing, work_dir: Path) -> tuple[Path, Packing]:
    """Make sure a packed file is whole and of honest size; zstd stays packed, as DuckDB reads it."""
    size = path.stat().st_size
    limit = min(MAX_BYTES, max(_SMALL, size * MAX_RATIO))
    if packing == "none":
        return path, packing
    if packing == "zstd":
        if zstd_bound(path) > limit:
            raise _too_large()
        return path, packing
    target = work_dir / "unpacked"
    try:
        with gzip.open(path) as packed, target.open("wb") as file:
            while chunk := packed.read(_CHUNK):
                if file.tell() + len(chunk) > limit:
                    raise _too_large()
                file.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise UploadRejected(
            "damaged_file", "the gzip file is cut short or damaged; pack and upload it again"
        ) from None
    return target, "none"


def _too_large() -> UploadRejected:
    return UploadRejected(
        "unpacked_too_large", f"the file unpacks to more than {MAX_RATIO} times its size or 8 GiB; split it"
    )


def _check_start(plain: Path, packing: Packing, form: Format) -> None:
    if packing == "zstd":
        return
    start = _start(plain)
    if _packing(plain) != "none":
        raise UploadRejected("wrong_format", "the file is packed more than once; pack it once")
    if start.startswith((_PARQUET_MAGIC, _ZIP_MAGIC)):
        kind = "Parquet file" if start.startswith(_PARQUET_MAGIC) else "ZIP or Excel file"
        raise UploadRejected("wrong_format", f"the file is a {kind}, not {form}; announce or save it as what it is")
    if start.startswith(_UTF16_MARKS):
        raise _not_utf8()
    if form == "ndjson" and start.startswith(_UTF8_MARK):
        _drop_mark(plain)


def _drop_mark(plain: Path) -> None:
    shorter = plain.with_name(plain.name + ".unmarked")
    with plain.open("rb") as marked, shorter.open("wb") as file:
        marked.seek(len(_UTF8_MARK))
        shutil.copyfileobj(marked, file, _CHUNK)
    shorter.replace(plain)


def _not_utf8() -> UploadRejected:
    return UploadRejected("not_utf8", "the file is not UTF-8; save it with the encoding UTF-8")


def _missing(column: str) -> UploadRejected:
    return UploadRejected(
        "missing_column", f"the file has no column {column!r}; names must match exactly, and a CSV needs a header line"
    )


# CSV

_CSV_FORM = "auto_detect=false, delim=',', quote='\"', escape='\"', strict_mode=true, null_padding=false"
_LINE_FORM = "auto_detect=false, header=false, delim='\x1f', quote='', escape='', columns={'line': 'VARCHAR'}"


def _csv(connection: Connection, path: Path, packing: Packing, wanted: Sequence[str]) -> Source:
    names = _header(connection, path, packing)
    for column in wanted:
        if names.count(column) != 1:
            raise (
                _missing(column)
                if column not in names
                else UploadRejected(
                    "duplicate_column", f"the file's header names {column!r} more than once; rename one of them"
                )
            )
    kinds = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(names)))
    relation = f"read_csv({literal(path)}, {_CSV_FORM}, header=true, compression='{packing}', columns={{{kinds}}})"
    return Source(relation, {column: f"c{names.index(column)}" for column in wanted})


def _header(connection: Connection, path: Path, packing: Packing) -> list[str]:
    read = f"SELECT line FROM read_csv({literal(path)}, compression='{packing}', {_LINE_FORM}) LIMIT 1"  # noqa: S608 - quoted
    try:
        rows = connection.execute(read).fetchall()
    except duckdb.Error as error:
        raise unreadable(error, "csv") from None
    names = next(csv.reader([rows[0][0] or ""]), []) if rows else []
    if not names:
        raise no_rows()
    return [name.strip(BLANKS) for name in names]


def no_rows() -> UploadRejected:
    """The file holds no row."""
    return UploadRejected("no_rows", "the file has no rows; upload at least a header and one row")


# NDJSON


def _ndjson(path: Path, packing: Packing, wanted: Sequence[str]) -> Source:
    kinds = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in wanted)
    form = "format='newline_delimited', records=true, maximum_object_size=1048576"
    relation = f"read_json({literal(path)}, {form}, compression='{packing}', columns={{{kinds}}})"
    return Source(relation, {column: identifier(column) for column in wanted})


# Parquet

_TEXT_OF_BYTES = "CASE WHEN octet_length({0}) = 32 THEN hex({0}) ELSE TRY(decode({0})) END"


def _parquet(connection: Connection, path: Path, wanted: Sequence[str]) -> Source:
    try:
        kinds = dict(row[:2] for row in connection.execute(f"DESCRIBE FROM {parquet([path])}").fetchall())
        ((rows,),) = connection.execute(
            f"SELECT sum(num_rows) FROM parquet_file_metadata({literal(path)})"  # noqa: S608 - quoted
        ).fetchall()
    except duckdb.Error as error:
        raise unreadable(error, "parquet") from None
    # People differ from row to row, which takes more than a byte each: a file of fewer is made to fill the disk.
    if rows > max(_SMALL, path.stat().st_size):
        raise UploadRejected("unpacked_too_large", "the file has more rows than bytes; remove repeated rows")
    for column in wanted:
        if column not in kinds:
            raise _missing(column)
    columns = {column: _text(column, kinds[column]) for column in wanted}
    return Source(parquet([path]), columns)


def _text(column: str, kind: str) -> str:
    name = identifier(column)
    return _TEXT_OF_BYTES.format(name) if kind == "BLOB" else f"CAST({name} AS VARCHAR)"


# What DuckDB says about a file


def unreadable(error: duckdb.Error, form: Format) -> UploadRejected:
    """The refusal that an error of reading stands for; only a line number is taken from its text."""
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return UploadRejected("too_large", "the file is too large for one upload; split it")
    if "not utf-8" in text or "invalid UTF-8" in text or "invalid unicode" in text.lower():
        return _not_utf8()
    if form == "parquet":
        return UploadRejected("damaged_file", "the Parquet file is damaged or not Parquet; write and upload it again")
    if form == "ndjson":
        return UploadRejected("malformed_json", f"{_line(text)}is not one JSON object without repeated keys")
    if "Expected Number of Columns" in text:
        return UploadRejected("ragged_rows", f"{_line(text)}has not as many fields as the header; quote commas")
    return UploadRejected(
        "malformed_csv", f"{_line(text)}cannot be read; close every quote, double quotes inside, use one line ending"
    )


def _line(text: str) -> str:
    for marker in ("CSV Error on Line: ", "in line "):
        number = text.partition(marker)[2][:12].split("\n")[0].split(".")[0].split(":")[0].strip()
        if number.isdecimal():
            return f"near line {number}, the file "
    return "the file "
