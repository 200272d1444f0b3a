"""CSV: one dialect for header and rows, which the header tells, and rows that do not fit it refused alone.

DuckDB reads the whole file strictly: as RFC 4180 has it, or not at all. A file that it does not take (line ends of
several kinds, lines above the header, a row of another length) is written anew by Python's reader of the same dialect,
row for row, and then read.
"""

import csv
import gzip
import io
import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import duckdb

from handfast.identity.namespaces import BLANKS
from handfast.ingest.cells import MALFORMED_LINE, NOT_WHOLE, RAGGED_ROW, Cell, Source, missing, no_rows, not_utf8
from handfast.ingest.growth import check_columns
from handfast.ingest.models import DELIMITERS, Column, Delimiter
from handfast.ingest.plan import UploadRejected
from handfast.lake.duck import Connection, literal

HEADER_WITHIN = 20
"""Among how many records, lines above it included, the header is looked for."""
START_BYTES = 1 << 20
"""How much of a file its header is looked for in."""
_FIELD_BYTES = 2 << 20  # as DuckDB limits a line
_FORM = "auto_detect=false, quote='\"', escape='\"', strict_mode=true, null_padding=false"
_LINE_ENDS = re.compile("\r\n|\r|\n")
_FLOAT = "-?[0-9]{1,15}[.]0"
_SHORTENED = "-?[0-9]([.,][0-9]+)?[eE][+][0-9]+"  # as a spreadsheet or a table of floats shows a long number
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written: its delimiter, the records above its header, and the header's names, trimmed.

    `line_ends` are the line breaks of all kinds down to the header's end, those inside quotes among them, and
    `header_bytes` how many bytes there are down to it, less a mark of UTF-8. Where the file has no header, `above` are
    the records above its rows, and the names are those that the upload gives.
    """

    delimiter: Delimiter
    above: int
    names: tuple[str, ...]
    line_ends: frozenset[str]
    header_bytes: int = 0
    has_header: bool = True

    @property
    def ends_with_line_feeds(self) -> bool:
        """Whether records end with a line feed, or both characters, and not with a carriage return alone."""
        return self.line_ends <= {"\n", "\r\n"} and bool(self.line_ends)

    def places(self, column: str) -> list[int]:
        """Where a name, less the spaces around it, stands in the header."""
        return [place for place, name in enumerate(self.names) if name == column.strip(BLANKS)]


def csv_source(
    connection: Connection,
    path: Path,
    wanted: Mapping[str, Column],
    delimiter: Delimiter | None,
    header: Sequence[str],
    work_dir: Path,
) -> Source:
    """The wanted columns of a file; raises UploadRejected for a header that lacks one of them.

    `header` names the columns of a file that has none.
    """
    start = _start(path)
    required = [name for name, column in wanted.items() if not column.optional]
    dialect = named_dialect(start, header, delimiter) if header else find_dialect(start, required, delimiter)
    check_columns(len(dialect.names))
    for name, column in wanted.items():
        if column.role != "identity" and len(dialect.places(name)) > 1:
            raise UploadRejected(
                "duplicate_column",
                f"the file's header names {name!r} more than once, and only identities may repeat; rename one of them",
            )

    def tolerant() -> Source:
        return _rewritten(path, dialect, wanted, work_dir)

    # DuckDB takes the first line break for that of the rows, and reads nothing without a word where it is not.
    if len(dialect.line_ends) > 1 or (dialect.above and not _same_header(connection, path, dialect)):
        return tolerant()
    return replace(_source(_read(path, dialect, header=dialect.has_header), dialect, wanted), tolerant=tolerant)


def header_names(path: Path, required: Sequence[str], delimiter: Delimiter | None) -> tuple[str, ...]:
    """The names of a file's header, which has the required ones among them; raises UploadRejected."""
    return find_dialect(_start(path), required, delimiter).names


def _source(relation: str, dialect: Dialect, wanted: Mapping[str, Column]) -> Source:
    """The cells of a relation of the header's columns; numbers that stand for texts are read as typed ones are."""
    cells = {name: tuple(Cell(f"c{place}") for place in dialect.places(name)) for name in wanted}
    numbers = [cell.text for name, column in wanted.items() if _names_segments(column) for cell in cells[name]]
    if numbers:
        texts = [
            f"{_whole(number)} AS x{number}, CASE WHEN {_is_shortened(number)} THEN '{NOT_WHOLE}' END AS w{number}"
            for number in numbers
        ]
        relation = f"(SELECT *, {', '.join(texts)} FROM {relation})"  # noqa: S608 - quoted names and own text
    told = {number: Cell(f"x{number}", f"w{number}") for number in numbers}
    cells = {name: tuple(told.get(cell.text, cell) for cell in several) for name, several in cells.items()}
    return Source(relation, cells, delimiter=dialect.delimiter)


def _names_segments(column: Column) -> bool:
    return column.role == "segment" and column.segment_id is None


def _whole(text: str) -> str:
    """Without the point of an integer that a table of floats was written with; null where digits are lost."""
    return (
        f"CASE WHEN suffix({text}, '.0') AND regexp_full_match({text}, '{_FLOAT}') THEN left({text}, -2)"
        f" WHEN {_is_shortened(text)} THEN NULL ELSE {text} END"
    )


def _is_shortened(text: str) -> str:
    return f"contains({text}, '+') AND regexp_full_match({text}, '{_SHORTENED}')"


def _read(path: Path, dialect: Dialect, *, header: bool) -> str:
    kinds = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(dialect.names)))
    return (
        f"read_csv({literal(path)}, {_FORM}, delim={literal(dialect.delimiter)}, header={header},"
        f" skip={dialect.above}, columns={{{kinds}}})"
    )


def _same_header(connection: Connection, path: Path, dialect: Dialect) -> bool:
    """Whether DuckDB, told to skip the lines above, finds the header where it was found here."""
    if not dialect.has_header:
        return False
    try:
        rows = connection.execute(f"FROM {_read(path, dialect, header=False)} LIMIT 1").fetchall()
    except duckdb.Error:
        return False
    return [tuple((name or "").strip(BLANKS) for name in row) for row in rows] == [dialect.names]


# The header


def empty_file() -> UploadRejected:
    """The refusal of a file of no bytes."""
    return UploadRejected("empty_file", "the file is empty, of 0 bytes; check that it was written and sent whole")


def _start(path: Path) -> str:
    with path.open("rb") as file:
        return decoded_start(file.read(START_BYTES))


def decoded_start(data: bytes) -> str:
    """The first bytes of a file as text, to the last whole character; raises UploadRejected."""
    if not data:
        raise empty_file()
    try:
        text = getincrementaldecoder("utf-8-sig")().decode(data)
    except UnicodeDecodeError:
        raise not_utf8() from None
    if text[:100].count("\0") * 3 > len(text[:100]):
        raise not_utf8("UTF-16 or binary")
    return text


def find_dialect(start: str, wanted: Sequence[str], delimiter: Delimiter | None) -> Dialect:
    """The dialect whose header, within the first records of a file, names all columns; raises UploadRejected.

    Of several the one whose header comes first and has most names.
    """
    told = delimiter or told_by_excel(start)
    headers = {each: _headers(start, each) for each in ([told] if told else DELIMITERS)}
    found = [header for several in headers.values() for header in several if all(map(header.places, wanted))]
    if found:
        return min(found, key=lambda header: (header.above, -len(header.names)))
    raise _no_header(start.strip(BLANKS), [several[0] for several in headers.values() if several], wanted)


def named_dialect(start: str, names: Sequence[str], delimiter: Delimiter | None) -> Dialect:
    """The dialect of a file without a header whose columns are named in their order.

    Its delimiter is the one by which most of the first records have as many fields as there are names.
    """
    excel = told_by_excel(start)
    told = delimiter or excel
    lines = io.StringIO(start, newline=line_end(start)).readlines()
    above = 1 if excel else 0

    def fitting(each: Delimiter) -> int:
        found = islice(records(lines, each), above, HEADER_WITHIN)
        return sum(len(record.fields or ()) == len(names) for record in found)

    best = max([told] if told else DELIMITERS, key=fitting)
    last = next((record.last for record in islice(records(lines, best), above, None)), 0)
    line_ends = frozenset(_LINE_ENDS.findall("".join(lines[:last])))
    return Dialect(best, above, tuple(name.strip(BLANKS) for name in names), line_ends, has_header=False)


def told_by_excel(start: str) -> Delimiter | None:
    """The delimiter that a first line such as `sep=;` says."""
    first = start[:10].split("\r", maxsplit=1)[0].split("\n", maxsplit=1)[0].strip('"')
    return next((each for each in DELIMITERS if first == f"sep={each}"), None)


def _headers(start: str, delimiter: Delimiter) -> list[Dialect]:
    """Each of the first records as if it were the header."""
    lines = io.StringIO(start, newline=line_end(start)).readlines()
    found = []
    for above, record in enumerate(islice(records(lines, delimiter), HEADER_WITHIN)):
        if record.fields:
            names = tuple(name.strip(BLANKS) for name in record.fields)
            text = "".join(lines[: record.last])
            found.append(Dialect(delimiter, above, names, frozenset(_LINE_ENDS.findall(text)), len(text.encode())))
    return found


def _no_header(text: str, headers: Sequence[Dialect], wanted: Sequence[str]) -> UploadRejected:
    if not headers:
        return (
            UploadRejected("malformed_csv", "the file begins with a quote that does not close") if text else no_rows()
        )
    best = max(headers, key=lambda header: len(header.names))
    if len(best.names) == 1:
        (name,) = best.names
        for other in DELIMITERS:
            if other in name and other != best.delimiter:
                return UploadRejected(
                    "missing_column",
                    f"the file is one column whose name holds {name.count(other)} {_DELIMITER_NAMES[other]}s: is the"
                    f" delimiter {other!r}? Announce it, and quote cells, not lines",
                )
    lacking = next(column for column in wanted if not best.places(column))
    seen = f"case included, in a header among the first {HEADER_WITHIN} lines; the delimiter seen is {best.delimiter!r}"
    return missing(lacking, seen)


class Record(NamedTuple):
    """A record: the lines that it begins and ends on, from 1, and its fields; None where its quotes are wrong."""

    first: int
    last: int
    fields: list[str] | None


def records(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """The records of a CSV's lines, blank ones too."""
    csv.field_size_limit(_FIELD_BYTES)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            fields = next(reader)
        except csv.Error:
            fields = None
        except StopIteration:
            return
        yield Record(first, reader.line_num, fields)


# Files that DuckDB does not take


def _rewritten(path: Path, dialect: Dialect, wanted: Mapping[str, Column], work_dir: Path) -> Source:
    """The wanted columns of a file, written anew: a row of another length than the header has a reason alone."""
    target = work_dir / "rewritten.csv.gz"
    places = [place for name in wanted for place in dialect.places(name)]
    names = ["row_refusal", *(f"c{place}" for place in places)]
    with gzip.open(target, "wt", compresslevel=1, encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(chain([names], _rows(path, dialect, places)))
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    relation = f"read_csv({literal(target)}, {_FORM}, delim=',', header=true, columns={{{columns}}})"
    return replace(_source(relation, dialect, wanted), row_refusal="row_refusal")


def _rows(path: Path, dialect: Dialect, places: Sequence[int]) -> Iterator[Sequence[str]]:
    """A file's rows with only the fields at `places`, each after its reason if it is refused; raises UploadRejected.

    As in DuckDB, blank lines are none, and a row may end with delimiters. Where quotes are wrong, only a row of one
    line is known to end with it.
    """
    width, blank = len(dialect.names), [""] * len(places)
    try:
        with path.open(encoding="utf-8-sig", newline=line_end(_start(path))) as lines:
            for record in islice(records(lines, dialect.delimiter), dialect.above + dialect.has_header, None):
                fields = record.fields
                if fields is None and record.first < record.last:
                    raise _wrong_quotes(record.first)
                if fields is None:
                    yield MALFORMED_LINE, *blank
                elif not fields and width == 1:
                    yield "", *blank
                elif fields and (len(fields) < width or any(fields[width:])):
                    yield RAGGED_ROW, *blank
                elif fields:
                    yield "", *(fields[place] for place in places)
    except UnicodeDecodeError:
        raise not_utf8() from None


def line_end(start: str) -> str:
    """What ends a line: a lone carriage return does where there is no line feed, and else is part of a cell."""
    return "\n" if "\n" in start else ""


def _wrong_quotes(line: int) -> UploadRejected:
    return UploadRejected(
        "malformed_csv",
        f"the row that begins on line {line} has a quote that does not close, or one inside a quoted cell that is not"
        " doubled",
    )
