"""Reconcile what a target should hold with what it does hold, for one dataflow and some buckets.

    eligible  = members whose profile passes the terms and whose key the target knows
    delivered = deliveries not withdrawn
    realized  = eligible - delivered;  exited = delivered - eligible

What decides who is shared stands in the .sql files beside this module, in ANSI SQL that any engine over the
same objects runs. Buckets are taken in groups, so that memory does not grow with the size of a sandbox.
"""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from handfast.identity.keys import key_range
from handfast.platform.duck import connect, timestamp, write
from handfast.segment_export import relations
from handfast.segment_export.models import BucketFiles, BucketResult, Terms
from handfast.segment_export.rules import groups

GROUP_ROWS = 4_000_000
_HERE = Path(__file__).parent
_POPULATION, _CHANGES, _LEDGER = (_HERE / f"{name}.sql" for name in ("population", "changes", "ledger"))

type _Counts = dict[int, dict[str, int]]


def reconcile(
    buckets: Sequence[BucketFiles], terms: Terms, work_dir: Path, now: datetime, bucket_bits: int
) -> Iterator[BucketResult]:
    """Reconcile buckets and write the deliveries of those that change below `work_dir`, group by group.

    `now` becomes `disclosed_at` and `withdrawn_at` of what changes. Results come in the order of `buckets`.
    """
    by_bucket = {files.bucket: files for files in buckets}
    with connect(work_dir) as connection:
        for group in groups(_weights(connection, buckets), GROUP_ROWS):
            files = [by_bucket[bucket] for bucket in group]
            yield from _reconcile(connection, files, terms, work_dir, now, bucket_bits)


def _weights(connection: duckdb.DuckDBPyConnection, buckets: Sequence[BucketFiles]) -> list[tuple[int, int]]:
    paths = {files.bucket: files.paths() for files in buckets}
    rows = relations.row_counts(connection, [path for part in paths.values() for path in part])
    return [(bucket, sum(rows[str(path)] for path in part)) for bucket, part in paths.items()]


def _reconcile(
    connection: duckdb.DuckDBPyConnection,
    group: Sequence[BucketFiles],
    terms: Terms,
    work_dir: Path,
    now: datetime,
    bucket_bits: int,
) -> list[BucketResult]:
    relations.create_segment_type(connection, terms.segments, [files.deliveries for files in group])
    relations.relate(connection, group, terms)
    _table(connection, "population", _POPULATION, {})
    _table(connection, "changes", _CHANGES, {"paused": terms.paused})
    population = _counts(connection, "population", "reason", bucket_bits)
    connection.execute("DROP TABLE population")
    changes = _counts(connection, "changes", "change", bucket_bits)
    changed = [files for files in group if changes.get(files.bucket, {}).keys() & {"realized", "exited"}]
    if changed:
        relations.relate(connection, changed, terms)
        _table(connection, "ledger", _LEDGER, {"now": timestamp(now)})
    written = {files.bucket: _write(connection, files.bucket, work_dir, bucket_bits) for files in changed}
    return [
        _result(files.bucket, population.get(files.bucket, {}), changes.get(files.bucket, {}), written)
        for files in group
    ]


def _table(connection: duckdb.DuckDBPyConnection, name: str, path: Path, parameters: Mapping[str, object]) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS {relations.statement(path)}", parameters)


def _counts(connection: duckdb.DuckDBPyConnection, table: str, column: str, bucket_bits: int) -> _Counts:
    bucket = f"(hi >> {64 - bucket_bits}) & {(1 << bucket_bits) - 1}"
    rows = connection.execute(f"SELECT {bucket}, {column}, count(*) FROM {table} GROUP BY ALL").fetchall()
    counts: _Counts = {}
    for of, value, count in rows:
        counts.setdefault(of, {})[value] = count
    return counts


def _write(connection: duckdb.DuckDBPyConnection, bucket: int, work_dir: Path, bucket_bits: int) -> Path:
    low, high = key_range(bucket, bucket_bits)
    path = work_dir / f"deliveries-{bucket:05d}.parquet"
    write(connection, f"FROM ledger WHERE hi BETWEEN {low} AND {high}", path)
    return path


def _result(
    bucket: int, population: Mapping[str, int], changes: Mapping[str, int], written: Mapping[int, Path]
) -> BucketResult:
    paused = changes.get("paused", 0)
    excluded = {reason: count for reason, count in population.items() if reason != "shared"}
    return BucketResult(
        bucket=bucket,
        members=sum(population.values()),
        excluded=excluded | ({"paused": paused} if paused else {}),
        shared=population.get("shared", 0) - paused,
        realized=changes.get("realized", 0),
        exited=changes.get("exited", 0),
        deliveries=written.get(bucket),
    )
