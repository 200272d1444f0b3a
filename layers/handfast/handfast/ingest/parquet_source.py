"""Parquet: columns of a type each, which stands for text, or is refused by its name before a row is read."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from handfast.identity.namespaces import namespace_of
from handfast.ingest.cells import NOT_WHOLE, UNSUPPORTED_TYPE, Cell, Source, holds_words, missing, unreadable
from handfast.ingest.growth import check_columns, most_bytes, most_rows, too_many_bytes, too_many_rows
from handfast.ingest.models import Column, Role
from handfast.ingest.plan import UploadRejected
from handfast.ingest.unpacking import PARQUET_MAGIC
from handfast.lake.duck import Connection, identifier, literal, parquet

_WHOLE_BELOW = {"FLOAT": 1 << 24, "DOUBLE": 1 << 53}  # from there on the type skips whole numbers
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_READ_AS_WRITTEN = frozenset({"VARCHAR", '"NULL"', *_INTEGERS, *(f"U{kind}" for kind in _INTEGERS)})
_TIMES = ("DATE", "TIME")
_LENGTHS = {"VARCHAR": "strlen", "BLOB": "octet_length"}
"""What tells the bytes of a value, by the types whose values differ in length."""
_FOOTER_BYTES = 16 << 20
_ROW_GROUPS = 10_000
_TOO_MANY_BYTES, _TOO_MANY_ROWS = "more bytes than it may have", "more rows than it may have"
_ROLES: Mapping[Role, str] = {
    "profileId": "a profile id",
    "identity": "an identity of its namespace",
    "namespace": "a namespace",
    "phoneRegion": "a region",
    "share": "an answer",
    "tcf": "a consent string",
    "gpp": "a consent string",
    "shareAt": "a time with its offset",
    "segment": "segments",
    "status": "a status",
    "attribute": "an attribute",
}


def parquet_source(connection: Connection, path: Path, wanted: Mapping[str, Column]) -> Source:
    """The wanted columns as text; raises UploadRejected for one that is missing or whose type cannot be read."""
    try:
        names = described(connection, path)
    except duckdb.Error as error:
        raise unreadable(error, "parquet") from None
    selected: list[str] = []
    cells: dict[str, tuple[Cell, ...]] = {}
    lengths: list[str] = []
    identities = 0
    for column in wanted.values():
        found = [(renamed, kind) for name, renamed, kind in names if name == column.column]
        if not found and not column.optional:
            raise missing(column.column, "case included")
        cells[column.column] = tuple(_cells(selected, column, found))
        lengths += [f"{_LENGTHS[kind]}({identifier(renamed)})" for renamed, kind in found if kind in _LENGTHS]
        identities += len(found) if column.role == "identity" else 0
    check_growth(connection, path, lengths, identities)
    return Source(f"(SELECT {', '.join(selected)} FROM {parquet([path])})", cells)


def described(connection: Connection, path: Path) -> list[tuple[str, str, str]]:
    """The file's columns: what the file calls each, what DuckDB calls it, and its type.

    DuckDB renames a column whose name differs from an earlier one's in case alone, or repeats it. Raises UploadRejected
    for what takes too long to read, and duckdb's errors for what cannot be read.
    """
    check_footer(path)
    check_row_groups(connection, path)
    named = list(top_names(connection, path))
    kinds = connection.execute(f"DESCRIBE FROM {parquet([path])}").fetchall()
    return [(name, row[0], row[1]) for name, row in zip(named, kinds, strict=True)]


def is_nested(kind: str) -> bool:
    """Whether values of a type have members."""
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "VARIANT"))


def check_footer(path: Path) -> None:
    """Refuse a footer that is long to read, before it is; one that is not there is for the reader to tell."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 8))
        length, magic = int.from_bytes(file.read(4), "little"), file.read(4)
    if magic == PARQUET_MAGIC and length < path.stat().st_size:
        check_footer_bytes(length)


def check_footer_bytes(length: int) -> None:
    """Refuse a footer of so many bytes if it is long to read."""
    if length > _FOOTER_BYTES:
        raise UploadRejected(
            "footer_too_large",
            f"the Parquet file's footer is larger than {_FOOTER_BYTES >> 20} MiB; write fewer columns and row groups,"
            " and no other metadata",
        )


def check_row_groups(connection: Connection, path: Path) -> None:
    """Refuse many row groups: finding each takes time with their number."""
    metadata = f"SELECT num_row_groups FROM parquet_file_metadata({literal(path)})"
    ((row_groups,),) = connection.execute(metadata).fetchall()
    check_row_group_count(row_groups)


def check_row_group_count(row_groups: int) -> None:
    """Refuse so many row groups if they are too many."""
    if row_groups > _ROW_GROUPS:
        raise UploadRejected(
            "too_many_row_groups",
            f"the Parquet file has more than {_ROW_GROUPS:,} row groups; write them larger, of 100,000 rows or so",
        )


def check_growth(connection: Connection, path: Path, lengths: Sequence[str], identity_columns: int) -> None:
    """Count rows and the length of their texts as they are read, up to where they are too many.

    A page may repeat a text for each of its rows, or its beginning, and no footer says how often.
    """
    limit = most_rows(path, identity_columns)
    size = " + ".join(f"coalesce({length}, 0)" for length in lengths) or "0"
    running = f"sum({size}) OVER (ROWS UNBOUNDED PRECEDING) AS size, row_number() OVER () AS rows"
    try:
        connection.execute(
            f"""
            SELECT count(CASE
                WHEN size > {most_bytes(path)} THEN error('{_TOO_MANY_BYTES}')
                WHEN rows > {limit} THEN error('{_TOO_MANY_ROWS}')
            END)
            FROM (SELECT {running} FROM {parquet([path])})
            """
        )
    except duckdb.Error as error:
        if _TOO_MANY_BYTES in str(error):
            raise too_many_bytes() from None
        if _TOO_MANY_ROWS in str(error):
            raise too_many_rows(limit) from None
        raise unreadable(error, "parquet") from None


def top_names(connection: Connection, path: Path) -> Iterator[str]:
    """The names of the file's columns as it has them; members of nested ones are counted, and left out."""
    nodes = connection.execute(f"SELECT name, num_children FROM parquet_schema({literal(path)})").fetchall()
    check_columns(len(nodes) - 1)
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
    if kind.startswith(_TIMES) and "[" not in kind and column.role in {"attribute", "shareAt"}:
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
