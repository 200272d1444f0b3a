"""Cells that hold several identities, as several cells."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb

from handfast.ingest.cells import TOO_MANY_VALUES, Cell, Source, unreadable
from handfast.ingest.growth import MAX_IDENTITY_COLUMNS
from handfast.ingest.models import Separator
from handfast.ingest.plan import Plan
from handfast.lake.duck import Connection, identifier, literal


def multi_valued(connection: Connection, source: Source, plan: Plan) -> Source:
    """The source with a cell for each value of the columns that have a separator; raises UploadRejected.

    All rows have as many cells as the fullest, but no more than a file may have columns of identities.
    """
    separated = {
        column.column: column.separator
        for column in plan.columns
        if column.separator and source.columns.get(column.column)
    }
    if not separated:
        return source
    others = sum(
        len(source.columns[column.column])
        for column in plan.columns
        if column.role == "identity" and column.column not in separated
    )
    try:
        counts = _most(connection, source, separated)
    except duckdb.Error as error:
        if source.tolerant is None:
            raise unreadable(error, plan.format) from None
        return multi_valued(connection, source.tolerant(), plan)
    limit = most_that_fit(list(counts.values()), MAX_IDENTITY_COLUMNS - others)
    wide = _widened(source, separated, {name: min(count, limit) for name, count in counts.items()}, limit)
    if source.tolerant is None:
        return wide
    tolerant = source.tolerant
    return replace(wide, tolerant=lambda: multi_valued(connection, tolerant(), plan))


def _most(connection: Connection, source: Source, separated: Mapping[str, Separator]) -> dict[str, int]:
    """The most values that a cell of each column holds."""
    counts = [
        f"coalesce(max(greatest({', '.join(_number(cell.text, separator) for cell in source.columns[name])}, 1)), 1)"
        for name, separator in separated.items()
    ]
    (row,) = connection.execute(f"SELECT {', '.join(counts)} FROM {source.relation}").fetchall()
    return dict(zip(separated, row, strict=True))


def _number(text: str, separator: Separator) -> str:
    return f"len(string_split({text}, {literal(separator)}))"


def most_that_fit(counts: Sequence[int], room: int) -> int:
    """The most values of a column with which all have room, where the fullest rows have so many of each."""
    fitting = (limit for limit in range(room, 1, -1) if sum(min(count, limit) for count in counts) <= room)
    return next(fitting, 1)


def _widened(source: Source, separated: Mapping[str, Separator], counts: Mapping[str, int], limit: int) -> Source:
    columns: dict[str, tuple[Cell, ...]] = dict(source.columns)
    parts: list[str] = []
    too_many: list[str] = []
    for place, (name, separator) in enumerate(separated.items()):
        cells = list(_cells(source.columns[name], place, counts[name]))
        parts += [
            f"split_part({original.text}, {literal(separator)}, {part}) AS {identifier(cell.text)}"
            for original, part, cell in cells
        ]
        too_many += [f"{_number(cell.text, separator)} > {limit}" for cell in source.columns[name]]
        columns[name] = tuple(cell for _, _, cell in cells)
    refusal = f"CASE WHEN {' OR '.join(too_many)} THEN '{TOO_MANY_VALUES}' END"
    if source.row_refusal:
        refusal = f"coalesce(nullif({source.row_refusal}, ''), {refusal})"
    relation = f"(SELECT *, {', '.join(parts)}, {refusal} AS refusal_of_row FROM {source.relation})"
    return replace(source, relation=relation, columns=columns, row_refusal="refusal_of_row")


def _cells(originals: tuple[Cell, ...], place: int, count: int) -> Iterator[tuple[Cell, int, Cell]]:
    for number, original in enumerate(originals):
        for part in range(1, count + 1):
            yield original, part, Cell(f"v{place}_{number}_{part}", original.refusal)
