"""Batch exports of Experience Platform: columns that are called by XDM paths, or nested as profiles are."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from handfast.ingest.cells import Cell, Source, unreadable
from handfast.ingest.csv_source import csv_source, header_names
from handfast.ingest.models import Column
from handfast.ingest.ndjson_source import LIMIT, ndjson_source
from handfast.ingest.parquet_source import check_footer, parquet_source, top_names
from handfast.ingest.parsing import EXITED_WORDS, REALIZED_WORDS
from handfast.ingest.plan import Plan, UploadRejected
from handfast.ingest.presets import xdm
from handfast.ingest.presets.xdm_profiles import profiles
from handfast.lake.duck import Connection, literal


def batch(connection: Connection, path: Path, plan: Plan, work_dir: Path) -> Source:
    """A file's rows as the columns of `xdm.columns`, and others of the plan's own; raises UploadRejected."""
    names = _names(connection, path, plan)
    if plan.format != "csv" and not any("." in name for name in names):
        return profiles(connection, path, plan, xdm.attributes())
    by_name = {column.column.lower(): column for column in plan.columns}
    identities = {
        name: by_name[column] for name in names if (column := xdm.identity_of(name)) is not None and column in by_name
    }
    statuses = {name: audience for name in names if (audience := xdm.audience_of(name)) is not None}
    _check_audiences(statuses, plan)
    own = {column.column: column for column in plan.columns if not column.optional or column.column in names}
    own = {name: column for name, column in own.items() if name not in {*identities, *statuses}}
    wanted = own | {name: replace(column, column=name) for name, column in identities.items()}
    wanted |= {name: Column(name, "status") for name in statuses}
    return _grouped(_opened(connection, path, plan, wanted, work_dir), plan, identities, statuses)


def _names(connection: Connection, path: Path, plan: Plan) -> Sequence[str]:
    """What the columns of a file are called."""
    if plan.format == "csv":
        return header_names(path, [column.column for column in plan.columns if not column.optional], plan.delimiter)
    try:
        if plan.format == "parquet":
            check_footer(path)
            return list(top_names(connection, path))
        read = f"read_ndjson_objects({literal(path)}, {LIMIT}, ignore_errors=true)"
        keys = f"SELECT unnest(json_keys(json)) AS name FROM {read} WHERE json_type(json) = 'OBJECT'"
        rows = connection.execute(f"SELECT DISTINCT name FROM ({keys}) ORDER BY 1").fetchall()
    except duckdb.Error as error:
        raise unreadable(error, plan.format) from None
    return [name for (name,) in rows]


def _check_audiences(statuses: Mapping[str, str], plan: Plan) -> None:
    """Refuse a file whose statuses are of no audience that is told, or, where the upload tells it, of several."""
    if plan.segment_id is None and "" in statuses.values():
        raise UploadRejected(
            "unnamed_audience",
            "the file has statuses, and does not say of which audience; announce it for one segment (segmentId)",
        )
    if plan.segment_id is not None and len(statuses) > 1:
        raise UploadRejected(
            "several_audiences", "the file has statuses of several audiences; announce it without segmentId"
        )


def _opened(connection: Connection, path: Path, plan: Plan, wanted: Mapping[str, Column], work_dir: Path) -> Source:
    if plan.format == "parquet":
        return parquet_source(connection, path, wanted)
    if plan.format == "ndjson":
        return ndjson_source(path, wanted)
    return csv_source(connection, path, wanted, plan.delimiter, plan.header, work_dir)


def _grouped(source: Source, plan: Plan, identities: Mapping[str, Column], statuses: Mapping[str, str]) -> Source:
    """The source with its columns under the names of the plan's."""
    columns: dict[str, tuple[Cell, ...]] = {
        column.column: source.columns.get(column.column, ()) for column in plan.columns
    }
    for name, column in identities.items():
        columns[column.column] = (*columns[column.column], *source.columns[name])
    relation = source.relation
    if plan.segment_id is not None:
        columns[xdm.STATUS] = next((source.columns[name] for name in statuses), ())
    elif statuses:
        relation = f"(SELECT *, {_memberships(source, statuses)} FROM {source.relation})"
        columns |= {xdm.JOINED: (Cell("joined", "unknown_status"),), xdm.LEFT: (Cell("left_of"),)}
    grouped = replace(source, relation=relation, columns=columns)
    tolerant = source.tolerant
    if tolerant is None:
        return grouped
    return replace(grouped, tolerant=lambda: _grouped(tolerant(), plan, identities, statuses))


def _memberships(source: Source, statuses: Mapping[str, str]) -> str:
    """What the statuses of a row come to: the audiences that it joins and leaves, and whether one is unknown."""
    words = {audience: f"lower(trim({source.columns[name][0].text}))" for name, audience in statuses.items()}
    joined, left = (
        ", ".join(f"CASE WHEN {word} IN {known} THEN {literal(audience)} END" for audience, word in words.items())
        for known in (REALIZED_WORDS, EXITED_WORDS)
    )
    unknown = " OR ".join(f"{word} NOT IN {('', *REALIZED_WORDS, *EXITED_WORDS)}" for word in words.values())
    return (
        f"concat_ws('|', {joined}) AS joined, concat_ws('|', {left}) AS left_of,"
        f" CASE WHEN {unknown} THEN 'unknown_status' END AS unknown_status"
    )
