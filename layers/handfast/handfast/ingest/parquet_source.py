"""Parquet: columns of a type each, which stands for text, or is refused by its name before a row is read."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from handfast.identity.namespaces import namespace_of
from handfast.ingest.cells import NOT_WHOLE, UNSUPPORTED_TYPE, Cell, Source, holds_words, missing, unreadable
from handfast.ingest.models import Column, Role
from handfast.ingest.plan import UploadRejected
from handfast.lake.duck import Connection, identifier, literal, parquet

_SMALL = 1 << 20  # a file of so few rows may have been made of anything
_WHOLE_BELOW = {"FLOAT": 1 << 24, "DOUBLE": 1 << 53}  # from there on the type skips whole numbers
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_READ_AS_WRITTEN = frozenset({"VARCHAR", '"NULL"', *_INTEGERS, *(f"U{kind}" for kind in _INTEGERS)})
_TIMES = ("DATE", "TIME")
_ROLES: Mapping[Role, str] = {
    "profileId": "a profile id",
    "identity": "an identity of its namespace",
    "namespace": "a namespace",
    "phoneRegion": "a region",
    "share": "an answer",
    "segment": "segments",
    "status": "a status",
    "attribute": "an attribute",
}


def parquet_source(connection: Connection, path: Path, wanted: Mapping[str, Column]) -> Source:
    """The wanted columns as text; raises UploadRejected for one that is missing or whose type cannot be read."""
    try:
        described = connection.execute(f"DESCRIBE FROM {parquet([path])}").fetchall()
        named = list(_top_names(connection, path))
        ((rows,),) = connection.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata({literal(path)})").fetchall()
    except duckdb.Error as error:
        raise unreadable(error, "parquet") from None
    # People differ from row to row, which takes more than a byte each: a file of fewer is made to fill the disk.
    if rows > max(_SMALL, path.stat().st_size):
        raise UploadRejected("unpacked_too_large", "the file has more rows than bytes; remove repeated rows")
    selected: list[str] = []
    cells: dict[str, tuple[Cell, ...]] = {}
    # DuckDB renames a column whose name differs from an earlier one's in case alone, or repeats it.
    names = [(name, row[0], row[1]) for name, row in zip(named, described, strict=True)]
    for column in wanted.values():
        found = [(renamed, kind) for name, renamed, kind in names if name == column.column]
        if not found:
            raise missing(column.column, "case included")
        cells[column.column] = tuple(_cells(selected, column, found))
    return Source(f"(SELECT {', '.join(selected)} FROM {parquet([path])})", cells)


def _top_names(connection: Connection, path: Path) -> Iterator[str]:
    """The names of the file's columns as it has them; members of nested ones are left out."""
    nodes = connection.execute(f"SELECT name, num_children FROM parquet_schema({literal(path)})").fetchall()
    inside = 0
    for name, children in nodes[1:]:
        if not inside:
            yield name
        inside += (children or 0) - (1 if inside else 0)


def _cells(selected: list[str], column: Column, found: Sequence[tuple[str, str]]) -> Iterator[Cell]:
    for renamed, kind in found:
        name, number = identifier(renamed), len(selected)
        text, reason = _text(name, kind, column)
        selected.append(f"{text} AS x{number}")
        if reason is None:
            yield Cell(f"x{number}")
            continue
        selected.append(f"CASE WHEN {name} IS NOT NULL AND x{number} IS NULL THEN '{reason}' END AS w{number}")
        yield Cell(f"x{number}", f"w{number}")


def _text(name: str, kind: str, column: Column) -> tuple[str, str | None]:
    """A column as text, and the reason of its values that have none; raises UploadRejected for its type."""
    as_written = f"CAST({name} AS VARCHAR)"
    if kind in _READ_AS_WRITTEN or (kind == "BOOLEAN" and (holds_words(column) or column.role == "attribute")):
        return as_written, None
    if kind in _WHOLE_BELOW or kind.startswith("DECIMAL("):
        return _number(name, kind, column), NOT_WHOLE
    if kind == "BLOB":
        return _bytes(name, column), "not_text"
    if kind == "UUID" and not _hashed(column) and not holds_words(column):
        return as_written, None
    if kind.startswith(_TIMES) and "[" not in kind and column.role == "attribute":
        return as_written, None
    raise UploadRejected(
        UNSUPPORTED_TYPE,
        f"the column {column.column!r} is of the type {_called(kind)}, which cannot be read as {_ROLES[column.role]};"
        " write it as text",
    )


def _called(kind: str) -> str:
    """A type without the names of its members, which are the file's."""
    return "LIST" if kind.endswith("]") else kind.split("(", maxsplit=1)[0]


def _number(name: str, kind: str, column: Column) -> str:
    """A whole number without its point; an attribute keeps its fraction."""
    if kind in _WHOLE_BELOW:
        is_whole = f"abs({name}) < {_WHOLE_BELOW[kind]} AND {name} = trunc({name})"
        whole = f"CAST(CAST({name} AS BIGINT) AS VARCHAR)"
    else:
        whole = f"regexp_replace(CAST({name} AS VARCHAR), '[.]0+$', '')"
        is_whole = f"NOT contains({whole}, '.')"
    fraction = f"CAST({name} AS VARCHAR)" if column.role == "attribute" else "NULL"
    return f"CASE WHEN {is_whole} THEN {whole} ELSE {fraction} END"


def _bytes(name: str, column: Column) -> str:
    """Text, if it is any; a digest only where digests are announced, and not where it reads as 32 letters or digits."""
    text = f"TRY(decode({name}))"
    if not (_hashed(column) and column.transform == "none"):
        return text
    is_digest = f"octet_length({name}) = 32 AND NOT coalesce(regexp_full_match({text}, '[ -~]*'), FALSE)"
    return f"CASE WHEN {is_digest} THEN hex({name}) ELSE {text} END"


def _hashed(column: Column) -> bool:
    return column.role == "identity" and column.namespace is not None and namespace_of(column.namespace).hashed
