"""Seeded objects of two sandboxes for benchmarks, and how they are measured."""

import multiprocessing
import re
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any

import duckdb

from handfast.ingest.applying import load
from handfast.ingest.plan import CurrentBucket, SpanChange
from handfast.lake import ranges as lake_ranges
from handfast.lake.buckets import key_range
from handfast.lake.duck import connect, write
from handfast.matching.inputs import Columns
from handfast.matching.inventory import MEMBERSHIPS
from handfast.matching.models import BucketFiles, Terms
from handfast.partners.models import PartnerRef

BITS = 6
BUCKETS = range(1 << BITS)
PARTNER = PartnerRef("partner", "Partner", "production")
TERMS = Terms("source", PARTNER, ("seg_1", "seg_2"), (1, 2), "default_allow")
CONSENT = "CASE WHEN i % 20 = 0 THEN 'n' WHEN i % 3 = 0 THEN 'y' END"


def generate(folder: Path, size: int, overlap: float, seed: int = 1, bits: int = BITS) -> None:
    """A source and a partner of `size` identities each, `overlap` (0 to 1) of them in common, in 2^bits buckets.

    All are members of `everyone` and of one of two other segments (70 : 30); 5 % refuse consent. In `changed`, as
    ingest leaves it, 1 % of all have left the first segment and as many others have come, spread evenly over all keys.
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
            " '{}' AS attributes, NULL::TIMESTAMP AS profile_share_at, (400000 + i % 1000)::INTEGER AS known_since"
        )
        member = "hi, lo, TIMESTAMP '2026-01-01' AS since"
        tables = {
            "profiles/source": f"SELECT {profile} FROM people WHERE i < {size}",
            "profiles/partner": f"SELECT {profile} FROM people WHERE i >= {size - common} AND i < {2 * size - common}",
            "memberships/seg_1": f"SELECT {member} FROM people WHERE i < {size} AND i % 10 < 7",
            "memberships/seg_2": f"SELECT {member} FROM people WHERE i < {size} AND i % 10 >= 7",
            "memberships/everyone": f"SELECT {member} FROM people WHERE i < {size}",
        }
        for name, select in tables.items():
            connection.execute(f"CREATE OR REPLACE TABLE object AS {select} ORDER BY hi, lo")
            _write_buckets(connection, folder / name, bits)
        change = folder / "change.parquet"
        columns = "hi, lo, 'seg_1' AS segment, i % 100 = 9 AS realized, 1::SMALLINT AS namespace"
        write(connection, f"SELECT {columns} FROM people WHERE i < {size} AND i % 100 IN (1, 9)", change)
    _change(folder, change, bits)


def _change(folder: Path, change: Path, bits: int) -> None:
    out = folder / "changed"
    (out / "seg_1").mkdir(parents=True)
    with load(SpanChange(datetime.now(UTC), None, change), bits) as loaded:
        for buckets in batched(range(1 << bits), 4, strict=False):
            members = {bucket: folder / "memberships" / "seg_1" / f"{bucket:05d}.parquet" for bucket in buckets}
            profiles = {bucket: folder / "profiles" / "source" / f"{bucket:05d}.parquet" for bucket in buckets}
            files = [
                CurrentBucket(bucket, profiles[bucket], {"seg_1": path}, None, {path: etag(path)})
                for bucket, path in members.items()
            ]
            for merged in loaded.merge(files, out):
                merged.memberships["seg_1"].path.rename(out / "seg_1" / f"{merged.bucket:05d}.parquet")


@contextmanager
def unbounded() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection as Handfast makes it, but with all the memory, which its process keeps: for bare statements."""
    with connect() as connection:
        connection.execute("SET memory_limit = '80%'")
        yield connection


def etag(path: Path) -> str:
    """What S3 would tell versions apart by."""
    return f"{path.parent.name} {path.stat().st_mtime_ns}"


def _half(number: str, seed: int) -> str:
    return f"(hash({number}, {seed})::HUGEINT - 9223372036854775808)::BIGINT"


def _write_buckets(connection: duckdb.DuckDBPyConnection, folder: Path, bits: int) -> None:
    folder.mkdir(parents=True)
    for bucket in range(1 << bits):
        low, high = key_range(bucket, bits)
        write(connection, f"FROM object WHERE hi BETWEEN {low} AND {high}", folder / f"{bucket:05d}.parquet")


def inputs(
    folder: Path, disclosures: Path | None = None, *, changed: bool = False, segments: tuple[str, ...] = TERMS.segments
) -> list[BucketFiles]:
    """All buckets; with the disclosures of an earlier reconciliation, and after the change."""
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
            disclosures / f"disclosures-{name}" if disclosures else None,
        )
        for bucket in BUCKETS
        for name in [f"{bucket:05d}.parquet"]
    ]


def bytes_read(files: Iterable[BucketFiles], wanted: Columns, limit: int | None = None) -> int:
    """What S3 would be asked for, as `segment_export.inputs` copies these buckets."""
    whole = 0
    parts: dict[Path, tuple[str, ...]] = {}
    for bucket_files in files:
        roles: dict[Path | None, str] = dict.fromkeys(bucket_files.memberships.values(), MEMBERSHIPS)
        roles |= {
            bucket_files.profiles: "profiles",
            bucket_files.partner: "partner",
            bucket_files.disclosures: "disclosures",
        }
        for path, role in roles.items():
            if path and role in wanted and path.stat().st_size > lake_ranges.TAIL:
                parts[path] = wanted[role]
            elif path:
                whole += path.stat().st_size
    return whole + lake_ranges.TAIL * len(parts) + _sum(lake_ranges.ranges(parts, limit))


def value_bytes(files: Iterable[BucketFiles]) -> int:
    """What S3 would be asked for to have the values of the profiles too."""
    return _sum(
        lake_ranges.ranges({bucket_files.profiles: ("value",) for bucket_files in files if bucket_files.profiles})
    )


def _sum(ranges: Mapping[Path, Iterable[lake_ranges.Range]]) -> int:
    return sum(end - start for parts in ranges.values() for start, end in parts)


type Work = tuple[Callable[..., Any], *tuple[Any, ...]]
"""A function and its arguments."""


def measure(*works: Work, runs: int) -> list[dict[str, Any]]:
    """Medians of wall and CPU seconds, their ratios to the first work's, the peak memory and the last result.

    Each work has a process of its own. They run in turn, once to warm up and then `runs` times, so that what disturbs
    the machine disturbs all; a ratio is the median of those of the turns.
    """
    with ExitStack() as stack:
        pools = [stack.enter_context(multiprocessing.get_context("spawn").Pool(1)) for _ in works]
        turns = [[pool.apply(_run, work) for pool, work in zip(pools, works, strict=True)] for _ in range(runs + 1)]
        peaks = [pool.apply(_peak_mb) for pool in pools]
    measured = turns[1:]
    return [
        {
            "seconds": round(statistics.median(turn[n].wall for turn in measured), 3),
            "cpuSeconds": round(statistics.median(turn[n].cpu for turn in measured), 3),
            "secondsRatio": statistics.median(turn[n].wall / turn[0].wall for turn in measured),
            "cpuSecondsRatio": statistics.median(turn[n].cpu / turn[0].cpu for turn in measured),
            "peakMb": peak,
            "result": measured[-1][n].result,
        }
        for n, peak in enumerate(peaks)
    ]


@dataclass(frozen=True)
class _Run:
    wall: float
    cpu: float
    result: Any


def _run(work: Callable[..., Any], *arguments: Any) -> _Run:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work(*arguments)
    return _Run(time.perf_counter() - wall, time.process_time() - cpu, result)


def _peak_mb() -> int:
    # ru_maxrss would be the parent's, whose memory a new process has for a moment.
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0
