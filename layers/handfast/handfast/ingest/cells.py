"""What reading a file gives: a relation over its cells, and the refusals that all formats share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

from handfast.ingest.growth import too_large
from handfast.ingest.models import Column, ColumnWarning, Delimiter, Format
from handfast.ingest.plan import UploadRejected

UNSUPPORTED_TYPE = "unsupported_type"
"""The reason of a cell whose type cannot stand for what its column is to hold."""
NOT_WHOLE = "not_whole_number"
"""The reason of a number with a fraction, or of more digits than its type keeps, where a text is meant."""
RAGGED_ROW = "ragged_row"
"""The reason of a CSV's row that has not as many fields as the header."""
MALFORMED_LINE = "malformed_line"
"""The reason of a line that is not one JSON object without repeated names."""
MALFORMED_TRAIT = "malformed_trait"
"""The reason of a line with a trait that is no number, no code and no key with a value."""
TOO_MANY_LINES = "too_many_lines"
"""The reason of a line of an id that has had its lines."""
INVALID_DPUUID = "invalid_dpuuid"
"""The reason of a line whose id holds a colon, which stands for something else in Audience Manager."""
WRONG_DEVICE_CASE = "wrong_device_case"
"""The reason of a device id in the other platform's case, which shows that a file mixes both."""
TOO_MANY_VALUES = "too_many_values"
"""The reason of a row whose cell holds more identities than are read of one."""
OF_ROWS = (
    RAGGED_ROW,
    MALFORMED_LINE,
    MALFORMED_TRAIT,
    TOO_MANY_LINES,
    INVALID_DPUUID,
    WRONG_DEVICE_CASE,
    TOO_MANY_VALUES,
)
"""The reasons of `Source.row_refusal`."""


@dataclass(frozen=True)
class Cell:
    """A column of a source's relation that holds text, and the one that says why there is none, if it can.

    Where `refusal` is not null, `text` is: the cell's type cannot stand for what its column is to hold.
    """

    text: str
    refusal: str | None = None


@dataclass(frozen=True)
class Source:
    """A FROM item with the wanted columns of the file, and `columns`, which names their cells by the file's names.

    A name that the file repeats has several cells. `row_refusal` is the column that says why a whole row cannot be
    read, if there is one. `delimiter` is the one that a CSV is read with. `tolerant` opens the file so that a row that
    stops this relation is refused alone. `warnings` are what is odd about the file.
    """

    relation: str
    columns: Mapping[str, tuple[Cell, ...]]
    row_refusal: str | None = None
    delimiter: Delimiter | None = None
    tolerant: Callable[[], "Source"] | None = None
    warnings: tuple[ColumnWarning, ...] = ()


def holds_words(column: Column) -> bool:
    """Whether a column's cells are words of a short list: an answer, a status, or the flag of one segment."""
    return column.role in {"share", "status"} or column.segment_id is not None


def not_utf8(seen: str | None = None) -> UploadRejected:
    """The refusal of another encoding, which is named where it is known."""
    what = f"the file is {seen}, not UTF-8" if seen else "the file is not UTF-8"
    return UploadRejected(
        "not_utf8", f"{what}; save it with the encoding UTF-8 (Excel: CSV UTF-8), or convert it from its own encoding"
    )


def no_rows() -> UploadRejected:
    """The refusal of a file that holds no row."""
    return UploadRejected("no_rows", "the file has no rows; upload at least a header and one row")


def missing(column: str, hint: str) -> UploadRejected:
    """The refusal of a file without a mapped column."""
    return UploadRejected("missing_column", f"the file has no column {column!r}; names must match exactly, {hint}")


def missing_in_lines(column: str) -> UploadRejected:
    """The refusal of lines of JSON none of which has a mapped member: objects name their members each."""
    return UploadRejected("missing_column", f"no line of the file has a value for {column!r}")


def unreadable(error: duckdb.Error, form: Format) -> UploadRejected:
    """The refusal that an error of reading stands for; nothing of its text is told, which may quote the file."""
    text = str(error).lower()
    if isinstance(error, duckdb.OutOfMemoryException):
        return too_large()
    if "not utf-8" in text or "invalid utf-8" in text or "invalid unicode" in text:
        return not_utf8()
    if form == "parquet":
        return damaged_parquet()
    if form == "ndjson":
        return UploadRejected("malformed_json", "a line of the file is no JSON object, or longer than 1 MiB")
    return UploadRejected("malformed_csv", "the file cannot be read; close every quote, and double quotes inside")


def damaged_parquet() -> UploadRejected:
    """The refusal of a file that is no Parquet, or whose footer cannot be."""
    return UploadRejected("damaged_file", "the Parquet file is damaged or not Parquet; write and upload it again")
