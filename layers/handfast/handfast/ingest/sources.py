"""Opening an uploaded file: what it is packed in, how it is written, and a relation over its cells.

A file that cannot be read as announced raises UploadRejected with what to fix. Nothing of its content, header
included, is ever quoted: a file without a header line has people in its first.
"""

from dataclasses import replace
from pathlib import Path

from handfast.ingest.cells import Cell, Source
from handfast.ingest.csv_source import csv_source
from handfast.ingest.multi_valued import multi_valued
from handfast.ingest.ndjson_source import ndjson_source
from handfast.ingest.parquet_source import parquet_source
from handfast.ingest.plan import Plan
from handfast.ingest.presets.registry import preset
from handfast.ingest.unpacking import unpacked
from handfast.lake.duck import Connection, literal


def open_source(connection: Connection, path: Path, plan: Plan, work_dir: Path) -> Source:
    """The plan's columns of a file; raises UploadRejected.

    A cell that holds several identities is as many cells. A column that is optional and not there has none; one that
    the file's folder tells has the same cell in all rows.
    """
    plain = unpacked(path, plan.format, plan.identity_columns, work_dir)
    return multi_valued(connection, _told_by_folder(_open(connection, plain, plan, work_dir), plan), plan)


def _told_by_folder(source: Source, plan: Plan) -> Source:
    told = {column.column for column in plan.columns} & plan.partition.keys()
    if not told:
        return source
    tolerant = source.tolerant
    cells = {name: (Cell(literal(plan.partition[name] or "")),) for name in told}
    again = (lambda: _told_by_folder(tolerant(), plan)) if tolerant else None
    return replace(source, columns={**source.columns, **cells}, tolerant=again)


def _open(connection: Connection, plain: Path, plan: Plan, work_dir: Path) -> Source:
    wanted = {column.column: column for column in plan.columns if column.column not in plan.partition}
    if plan.preset and (of_preset := preset(plan.preset).open):
        return of_preset(connection, plain, plan, work_dir)
    if plan.format == "parquet":
        return parquet_source(connection, plain, wanted)
    if plan.format == "ndjson":
        return ndjson_source(plain, wanted)
    return csv_source(connection, plain, wanted, plan.delimiter, plan.header, work_dir)
