"""Reconcile what a target should hold with what it does hold, for one dataflow and some buckets.

    eligible  = members whose profile passes the terms and whose key the target knows
    delivered = deliveries not withdrawn
    realized  = eligible - delivered;  exited = delivered - eligible

What decides who is shared stands in the .sql files beside this module, in ANSI SQL that any engine over the
same objects runs. Buckets are taken in groups, so that memory does not grow with the size of a sandbox.
"""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections import Counter
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

type _Reasons = dict[str, Counter[tuple[str, int]]]
"""By reason (or change), pairs of identity and segment by segment and namespace code."""
type _Counts = dict[int, _Reasons]


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
    stale = _stale(connection, bucket_bits)
    changed = [
        files
        for files in group
        if files.bucket in stale or changes.get(files.bucket, {}).keys() & {"realized", "exited"}
    ]
    if changed:
        relations.relate(connection, changed, terms)
        _table(connection, "ledger", _LEDGER, {"now": timestamp(now)})
    written = {files.bucket: _write(connection, files.bucket, work_dir, bucket_bits) for files in changed}
    return [
        _result(files.bucket, population.get(files.bucket, {}), changes.get(files.bucket, {}), written)
        for files in group
    ]


def _stale(connection: duckdb.DuckDBPyConnection, bucket_bits: int) -> set[int]:
    """The buckets whose deliveries hold values that either side has erased since."""
    bucket = f"(hi >> {64 - bucket_bits}) & {(1 << bucket_bits) - 1}"
    rows = connection.execute(
        f"SELECT DISTINCT {bucket} FROM deliveries d WHERE value IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM erased x WHERE x.hi = d.hi AND x.lo = d.lo)"
    ).fetchall()
    return {of for (of,) in rows}


def _table(connection: duckdb.DuckDBPyConnection, name: str, path: Path, parameters: Mapping[str, object]) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS {relations.statement(path)}", parameters)


def _counts(connection: duckdb.DuckDBPyConnection, table: str, column: str, bucket_bits: int) -> _Counts:
    bucket = f"(hi >> {64 - bucket_bits}) & {(1 << bucket_bits) - 1}"
    rows = connection.execute(
        f"SELECT {bucket}, {column}, segment, namespace, count(*) FROM {table} GROUP BY ALL"
    ).fetchall()
    counts: _Counts = {}
    for of, value, segment, code, count in rows:
        counts.setdefault(of, {}).setdefault(value, Counter())[segment, code] = count
    return counts


def _write(connection: duckdb.DuckDBPyConnection, bucket: int, work_dir: Path, bucket_bits: int) -> Path:
    low, high = key_range(bucket, bucket_bits)
    path = work_dir / f"deliveries-{bucket:05d}.parquet"
    write(connection, f"FROM ledger WHERE hi BETWEEN {low} AND {high}", path)
    return path


def _result(bucket: int, population: _Reasons, changes: _Reasons, written: Mapping[int, Path]) -> BucketResult:
    nobody: Counter[tuple[str, int]] = Counter()
    paused = changes.get("paused", nobody)
    kept_back = {reason: count for reason, count in population.items() if reason != "shared"} | {"paused": paused}
    held: dict[str, dict[int, int]] = {}
    for (segment, code), count in (population.get("shared", nobody) - paused).items():
        held.setdefault(segment, {})[code] = count
    return BucketResult(
        bucket=bucket,
        members=sum(count.total() for count in population.values()),
        excluded={reason: count.total() for reason, count in kept_back.items() if count},
        held=held,
        realized=changes.get("realized", nobody).total(),
        exited=changes.get("exited", nobody).total(),
        deliveries=written.get(bucket),
    )
