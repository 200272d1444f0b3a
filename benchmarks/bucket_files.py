"""Seeded objects of two sandboxes for benchmarks, and how they are measured."""

import multiprocessing
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from handfast.identity.keys import key_range
from handfast.platform.duck import write
from handfast.segment_export.models import BucketFiles, Terms

BITS = 6
BUCKETS = range(1 << BITS)
TERMS = Terms("source", "partner", ("seg_1", "seg_2"), (1, 2), "default_allow")
CONSENT = "CASE WHEN i % 20 = 0 THEN 'n' WHEN i % 3 = 0 THEN 'y' END"


def generate(folder: Path, size: int, overlap: float, seed: int = 1) -> None:
    """A source and a partner of `size` identities each, `overlap` (0 to 1) of them in common.

    All are members of `everyone` and of one of two other segments (70 : 30); 5 % refuse consent. In `changed`, 1 %
    of the members of the first segment have left and as many others have come, spread evenly over all keys.
    """
    common = int(size * overlap)
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE people AS SELECT i, {_half('i', seed)} AS hi, {_half('i', seed + 1)} AS lo"
            f" FROM range({2 * size}) numbers(i)"
        )
        profile = (
            "hi, lo, 1::SMALLINT AS namespace, unhex(sha256(i::VARCHAR)) AS value, 'p' || i AS profile_id,"
            f" {CONSENT} AS share, NULL::VARCHAR AS profile_share, TIMESTAMP '2026-01-01' AS share_at,"
            " '{}' AS attributes"
        )
        member = "hi, lo, TIMESTAMP '2026-01-01' AS since"
        tables = {
            "profiles/source": f"SELECT {profile} FROM people WHERE i < {size}",
            "profiles/partner": f"SELECT {profile} FROM people WHERE i >= {size - common} AND i < {2 * size - common}",
            "memberships/seg_1": f"SELECT {member} FROM people WHERE i < {size} AND i % 10 < 7",
            "memberships/seg_2": f"SELECT {member} FROM people WHERE i < {size} AND i % 10 >= 7",
            "memberships/everyone": f"SELECT {member} FROM people WHERE i < {size}",
            "changed/seg_1": f"SELECT {member} FROM people"
            f" WHERE i < {size} AND (i % 10 < 7 AND i % 100 <> 1 OR i % 100 = 9)",
        }
        for name, select in tables.items():
            connection.execute(f"CREATE OR REPLACE TABLE object AS {select} ORDER BY hi, lo")
            _write_buckets(connection, folder / name)


def _half(number: str, seed: int) -> str:
    return f"(hash({number}, {seed})::HUGEINT - 9223372036854775808)::BIGINT"


def _write_buckets(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    folder.mkdir(parents=True)
    for bucket in BUCKETS:
        low, high = key_range(bucket, BITS)
        write(connection, f"FROM object WHERE hi BETWEEN {low} AND {high}", folder / f"{bucket:05d}.parquet")


def inputs(
    folder: Path, deliveries: Path | None = None, *, changed: bool = False, segments: tuple[str, ...] = TERMS.segments
) -> list[BucketFiles]:
    """All buckets; with the deliveries of an earlier reconciliation, and after the change."""
    members = {name: folder / "memberships" / name for name in segments}
    if changed:
        members["seg_1"] = folder / "changed" / "seg_1"
    return [
        BucketFiles(
            bucket,
            folder / "profiles" / "source" / name,
            folder / "profiles" / "partner" / name,
            {segment: path / name for segment, path in members.items()},
            None,
            deliveries / f"deliveries-{name}" if deliveries else None,
        )
        for bucket in BUCKETS
        for name in [f"{bucket:05d}.parquet"]
    ]


def measure(work: Callable[..., Any], *arguments: Any, runs: int) -> dict[str, Any]:
    """Median wall and CPU seconds of some runs after one to warm up, and the peak memory, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (work, arguments, runs))


def _measure(work: Callable[..., Any], arguments: tuple[Any, ...], runs: int) -> dict[str, Any]:
    result = work(*arguments)
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work(*arguments)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {
        "seconds": round(statistics.median(walls), 3),
        "cpuSeconds": round(statistics.median(cpus), 3),
        "peakMb": _peak_mb(),
        "result": result,
    }


def _peak_mb() -> int:
    # ru_maxrss would be the parent's, whose memory a new process has for a moment.
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0
