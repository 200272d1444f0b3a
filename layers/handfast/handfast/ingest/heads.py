"""The beginning of a file, read before anybody has said what its columns hold.

The same readers as an upload's tell dialect and rows; what is guessed here is the delimiter and whether there is a
header, which an upload knows by the names of its columns.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import io
import json
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from handfast.identity.namespaces import BLANKS
from handfast.ingest.cells import no_rows, not_utf8, unreadable
from handfast.ingest.csv_source import (
    HEADER_WITHIN,
    Dialect,
    Record,
    empty_file,
    line_end,
    named_dialect,
    records,
    told_by_excel,
)
from handfast.ingest.growth import check_columns
from handfast.ingest.models import DELIMITERS, HEAD_BYTES, MAX_PARQUET_BYTES, Delimiter, Encoding, Format, Packing
from handfast.ingest.ndjson_source import array_of_json
from handfast.ingest.parquet_source import described, is_nested
from handfast.ingest.plan import UploadRejected
from handfast.ingest.unpacking import PARQUET_MAGIC, check_start, packing_of, unpacked_start
from handfast.ingest.value_shapes import shape_of
from handfast.lake.duck import Connection, connect, copy, identifier, parquet

HEAD_ROWS = 10_000
"""The first rows of a file that are looked at."""
_PERSONS = frozenset({"email", "e164", "international", "ecid", "device_id", "sha256_hex", "sha256_base64"})
"""Shapes that no name of a column has."""
_FORMATS: dict[str, Format] = {
    "csv": "csv",
    "tsv": "csv",
    "txt": "csv",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "json": "ndjson",
    "parquet": "parquet",
}
_OTHERS: dict[Encoding, str] = {"utf-16": "UTF-16", "shift_jis": "Shift_JIS", "latin-1": "Latin-1 or Windows-1252"}
"""What encodings that an upload refuses are called."""
_ARRAY = re.compile(r"\s*\[\s*\{")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_PACKED = (".gz", ".gzip", ".zst", ".zstd")
_WORDS = ("text", "nested")  # [id], as SQL Server writes a name
_MOSTLY = 0.8


@dataclass(frozen=True)
class Announced:
    """What is said of a file: its name, format, size in bytes, and how a CSV is written; None where nothing is."""

    name: str
    format: Format | None = None
    size: int | None = None
    delimiter: Delimiter | None = None
    header: tuple[str, ...] = ()


@dataclass(frozen=True)
class Head:
    """What was read: the columns' names and the rows' cells, trimmed, and `path`, a file of these rows alone.

    Of a file without a header that nobody has told, the names are those of places. `is_whole`: all rows of the file are
    here. `refusal` is why an upload would refuse the file, though it could be read here.
    """

    format: Format
    packing: Packing
    encoding: Encoding | None = None
    dialect: Dialect | None = None
    names: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()
    is_whole: bool = False
    path: Path | None = None
    refusal: UploadRejected | None = None


def read_head(path: Path, announced: Announced, received: int, is_name: Callable[[str], bool], work_dir: Path) -> Head:
    """The beginning of a file of which so many bytes were `received`; writes below `work_dir`.

    `is_name` tells usual names of columns.
    """
    with path.open("rb") as file:
        data = file.read(HEAD_BYTES)
    packing = packing_of(data)
    if data.startswith(PARQUET_MAGIC):
        return _parquet(path, announced, work_dir)
    form = announced.format or _format_of_name(announced.name) or "csv"
    is_all = None if announced.size is None else announced.size == received == len(data)
    if received > len(data):
        is_all = False
    try:
        if packing != "none":
            data, is_unpacked = unpacked_start(data, packing, HEAD_BYTES)
            is_all = is_unpacked
        return _text(data, form, packing, is_all, announced, is_name, work_dir)
    except UploadRejected as refusal:
        return Head(form, packing, refusal=refusal)


def _format_of_name(name: str) -> Format | None:
    lowered = name.lower()
    for ending in _PACKED:
        lowered = lowered.removesuffix(ending)
    return _FORMATS.get(lowered.rpartition(".")[2])


def _text(
    data: bytes,
    form: Format,
    packing: Packing,
    is_all: bool | None,
    announced: Announced,
    is_name: Callable[[str], bool],
    work_dir: Path,
) -> Head:
    if not data:
        raise empty_file()
    if form == "parquet":
        raise UploadRejected("damaged_file", "the file is not Parquet, or damaged; write and send it again")
    text, encoding = _decoded(data)
    refusal = not_utf8(_OTHERS[encoding]) if encoding in _OTHERS else None
    if refusal is None:
        check_start(data, form)
    first = text.lstrip(" \t\r\n")[:1]
    if first == "[" and (form == "ndjson" or (announced.format is None and _ARRAY.match(text))):
        raise array_of_json()
    if announced.format is None and first == "{":
        form = "ndjson"
    target = work_dir / "head"
    if form == "ndjson":
        names, rows, kept, is_whole = _ndjson(text, is_all)
        target.write_text(kept, encoding="utf-8", newline="")
        return Head(form, packing, encoding, names=names, rows=rows, is_whole=is_whole, path=target, refusal=refusal)
    dialect = _dialect(text, announced, is_name)
    check_columns(len(dialect.names))
    rows, kept, is_whole = _csv(text, dialect, is_all)
    target.write_text(kept, encoding="utf-8", newline="")
    return Head(form, packing, encoding, dialect, dialect.names, rows, is_whole=is_whole, path=target, refusal=refusal)


def _decoded(data: bytes) -> tuple[str, Encoding]:
    """The text of bytes that may be cut within a character, and how it is encoded."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoder("utf-16").decode(data), "utf-16"
    start = data[:1000]
    if start.count(0) * 3 > len(start):
        is_big = start[:2].startswith(b"\0")
        return _decoder("utf-16-be" if is_big else "utf-16-le").decode(data), "utf-16"
    try:
        text = getincrementaldecoder("utf-8-sig")().decode(data)
    except UnicodeDecodeError:
        return _of_one_byte_or_two(data)
    return text, "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"


def _of_one_byte_or_two(data: bytes) -> tuple[str, Encoding]:
    """Text of Windows: of Japan where it has kana, whose first bytes are no letters in the West."""
    try:
        text = getincrementaldecoder("cp932")().decode(data)
    except UnicodeDecodeError:
        text = ""
    if _KANA.search(text):
        return text, "shift_jis"
    return data.decode("cp1252", errors="replace"), "latin-1"


def _decoder(encoding: str) -> Any:
    return getincrementaldecoder(encoding)("replace")


# CSV


def _dialect(text: str, announced: Announced, is_name: Callable[[str], bool]) -> Dialect:
    """How the text is written, and what its columns are called."""
    if announced.header:
        return named_dialect(text, announced.header, announced.delimiter)
    if not text.strip(BLANKS):
        raise no_rows()
    told = announced.delimiter or told_by_excel(text)
    first = {each: _first_records(text, each) for each in ([told] if told else DELIMITERS)}
    delimiter = max(first, key=lambda each: _fitness(first[each]))
    found = first[delimiter]
    width = _usual(found)
    if not width:
        raise UploadRejected("malformed_csv", "the file begins with a quote that does not close")
    check_columns(width)  # before each is looked at
    top = next(place for place, record in enumerate(found) if len(record.fields or ()) >= width)
    names = [name.strip(BLANKS) for name in found[top].fields or ()]
    below = [[cell.strip(BLANKS) for cell in record.fields or ()] for record in found[top + 1 :]]
    if _is_header(names, below, is_name):
        return Dialect(delimiter, top, tuple(names), frozenset())
    places = tuple(place_name(place) for place in range(width))
    return named_dialect(text, places, delimiter)


def place_name(place: int) -> str:
    """What the column at a place, from 0, of a file without a header is called."""
    return f"column{place + 1}"


def _first_records(text: str, delimiter: Delimiter) -> list[Record]:
    lines = io.StringIO(text, newline=line_end(text))
    return list(islice(records(lines, delimiter), 3 * HEADER_WITHIN))


def _usual(found: Sequence[Record]) -> int:
    """The number of fields that most records have; of several the largest; 0 without any record."""
    counted = Counter(len(record.fields) for record in found if record.fields)
    return max(counted, key=lambda width: (counted[width], width), default=0)


def _fitness(found: Sequence[Record]) -> tuple[bool, bool, bool, int]:
    """How well a delimiter fits: several fields, as many in nearly all records, in the first one too, and many."""
    width = _usual(found)
    widths = [len(record.fields) for record in found if record.fields]
    is_steady = bool(widths) and widths.count(width) >= _MOSTLY * len(widths)
    return width > 1, is_steady, bool(widths) and widths[0] == width, width


def _is_header(names: Sequence[str], below: Sequence[Sequence[str]], is_name: Callable[[str], bool]) -> bool:
    """Whether a record names the columns of those below, and is none of them.

    In doubt it is a row: names are shown, and rows are people.
    """
    shapes = [shape_of(name) if name else "" for name in names]
    if _PERSONS & set(shapes):
        return False
    if any(map(is_name, names)):
        return True
    differing = same = 0
    for place, (name, shape) in enumerate(zip(names, shapes, strict=True)):
        cells = [row[place] for row in below if place < len(row) and row[place]]
        usual = Counter(map(shape_of, cells)).most_common(1)
        if not name or not usual:
            continue
        if name in cells or usual[0][0] == shape != "text":
            same += 1
        elif shape in _WORDS and usual[0][0] != "text":
            differing += 1
    return differing > same


def _csv(text: str, dialect: Dialect, is_all: bool | None) -> tuple[list[list[str]], str, bool]:
    """The cells of the rows that are whole, the text of header and these rows, and whether they are all.

    A row of another length than the header has no cells here: its reason is for the upload's reader to tell.
    """
    lines = io.StringIO(text, newline=line_end(text)).readlines()
    width, rows, last = len(dialect.names), list[list[str]](), 0
    skipped = dialect.above + dialect.has_header
    for number, record in enumerate(records(lines, dialect.delimiter)):
        if len(rows) >= HEAD_ROWS:
            return rows, "".join(lines[:last]), False
        if record.last >= len(lines) and _is_cut(record, lines[-1], width, is_all):
            return rows, "".join(lines[:last]), False
        last = record.last
        if number >= skipped and record.fields:
            fields = record.fields if len(record.fields) >= width else []
            rows.append([cell.strip(BLANKS) for cell in fields[:width]])
    return rows, "".join(lines), bool(is_all) or is_all is None


def _is_cut(record: Record, line: str, width: int, is_all: bool | None) -> bool:
    """Whether the last record may lack its end; where nobody says how large the file is, only one that is wrong."""
    is_wrong = record.fields is None or 0 < len(record.fields) < width
    if is_all is None:
        return is_wrong and not (record.fields and line.endswith(("\n", "\r")))
    return not is_all and (record.fields is None or not line.endswith(("\n", "\r")))


# NDJSON


def _ndjson(text: str, is_all: bool | None) -> tuple[tuple[str, ...], list[list[str]], str, bool]:
    lines = text.splitlines(keepends=True) if "\n" not in text else text.split("\n")
    lines = [line if line.endswith("\n") else f"{line}\n" for line in lines if line.strip()]
    objects = [_members(line) for line in lines[: HEAD_ROWS + 1]]
    is_cut = len(lines) > HEAD_ROWS or is_all is False
    if is_all is not True and objects and objects[-1] is None and not text.endswith("\n"):
        lines, objects, is_cut = lines[: len(objects) - 1], objects[:-1], True
    lines, objects = lines[:HEAD_ROWS], objects[:HEAD_ROWS]
    names = tuple(dict.fromkeys(name for each in objects for name in each or ()))
    check_columns(len(names))
    if not objects:
        raise no_rows()
    rows = [[each.get(name, "") for name in names] if each else [] for each in objects]
    return names, rows, "".join(lines), not is_cut


def _members(line: str) -> dict[str, str] | None:
    """The members of an object as text; None for a line that is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return {name: _cell(member) for name, member in value.items()} if isinstance(value, dict) else None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip(BLANKS)
    return json.dumps(value, ensure_ascii=False)


# Parquet


def _parquet(path: Path, announced: Announced, work_dir: Path) -> Head:
    try:
        _check_parquet(path, announced)
        with connect() as connection:
            return _parquet_head(connection, path, work_dir)
    except UploadRejected as refusal:
        return Head("parquet", "none", refusal=refusal)
    except duckdb.Error as error:
        return Head("parquet", "none", refusal=unreadable(error, "parquet"))


def _check_parquet(path: Path, announced: Announced) -> None:
    if announced.format not in {None, "parquet"}:
        check_start(PARQUET_MAGIC, announced.format or "csv")
    size = path.stat().st_size
    if max(size, announced.size or 0) > MAX_PARQUET_BYTES:
        raise UploadRejected(
            "too_large",
            f"a Parquet file is looked at as a whole, up to {MAX_PARQUET_BYTES >> 20} MiB; write some of its rows"
            " into a smaller file, or upload it with its columns mapped",
        )
    if announced.size is not None and announced.size > size:
        raise UploadRejected("damaged_file", "the schema of a Parquet file stands at its end; send the whole file")


def _parquet_head(connection: Connection, path: Path, work_dir: Path) -> Head:
    """The rows that fit, whose texts are measured before they are read: a page may repeat one for each of them."""
    columns = described(connection, path)
    texts = [f"coalesce(strlen({identifier(renamed)}), 0)" for _, renamed, kind in columns if kind == "VARCHAR"]
    blobs = [f"coalesce(octet_length({identifier(renamed)}), 0)" for _, renamed, kind in columns if kind == "BLOB"]
    size = " + ".join([*texts, *blobs]) or "0"
    sizes = f"SELECT {size} AS size, row_number() OVER () AS number FROM (FROM {parquet([path])} LIMIT {HEAD_ROWS})"
    ((fitting,),) = connection.execute(
        "SELECT count(*) FROM (SELECT sum(size + 1) OVER (ORDER BY number) AS so_far"
        f" FROM ({sizes})) WHERE so_far <= {HEAD_BYTES}"
    ).fetchall()
    ((count,),) = connection.execute(f"SELECT count(*) FROM {parquet([path])}").fetchall()
    selected = [_cell_sql(identifier(renamed), kind) for _, renamed, kind in columns]
    rows = connection.execute(f"SELECT {', '.join(selected)} FROM {parquet([path])} LIMIT {fitting}").fetchall()
    names = tuple(name for name, _, _ in columns)
    cells = [[(cell or "").strip(BLANKS) for cell in row] for row in rows]
    refusal = None if count else no_rows()
    if fitting < count and names == tuple(renamed for _, renamed, _ in columns):
        path = _first_rows(connection, path, columns, fitting, work_dir)
    return Head("parquet", "none", names=names, rows=cells, is_whole=fitting == count, path=path, refusal=refusal)


def _cell_sql(name: str, kind: str) -> str:
    if is_nested(kind):
        return "'{}'"
    return f"coalesce(TRY(decode({name})), hex({name}))" if kind == "BLOB" else f"CAST({name} AS VARCHAR)"


def _first_rows(
    connection: Connection, path: Path, columns: Sequence[tuple[str, str, str]], rows: int, work_dir: Path
) -> Path:
    """A file of the first rows; nested columns keep their types alone, which is what an upload refuses them by."""
    target = work_dir / "head"
    kept = [
        f"CASE WHEN FALSE THEN {identifier(name)} END AS {identifier(name)}" if is_nested(kind) else identifier(name)
        for _, name, kind in columns
    ]
    copy(connection, f"SELECT {', '.join(kept)} FROM {parquet([path])} LIMIT {rows}", target, "FORMAT parquet")
    return target
