"""Overlap estimates against the exact count by the same statement over all the data.

    python -m benchmarks.estimate [identities per side, 1,000,000 by default [seeded runs, 100 by default]]

Seeded runs are smaller: each has keys of its own, of which a theta sketch (Apache DataSketches) samples as many.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2, sqrt
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import datasketches

from benchmarks.bucket_files import BUCKETS, bytes_read, generate, inputs, measure, unbounded
from handfast.lake.duck import connect, write
from handfast.matching import intervals, relations, sampling
from handfast.matching.inputs import ESTIMATED
from handfast.matching.intervals import Sample
from handfast.matching.models import BucketFiles, Terms
from handfast.partners.models import PartnerRef
from handfast.platform.noise import Draws

TERMS = Terms("source", PartnerRef("partner", "Partner", "production"), ("everyone",), (1, 2), "default_allow")
PRECISION = 0.05
THRESHOLD = 1000
SEEDED_SIZES = {0.01: 400_000, 0.1: 200_000, 0.5: 100_000}
OVERLAPS = tuple(SEEDED_SIZES)
_RUNS = 5


def exact(folder: Path) -> intervals.Counts:
    """The exact counts, in one statement over all buckets."""
    with unbounded() as connection:
        relations.create_segment_type(connection, TERMS.segments)
        return sampling.counted(connection, inputs(folder, segments=TERMS.segments), TERMS)


def sampled(folder: Path) -> Sample:
    """The estimate, as a feed's draft asks for it."""
    files = inputs(folder, segments=TERMS.segments)
    return sampling.sample(
        lambda buckets, _: [files[bucket] for bucket in buckets],
        TERMS,
        buckets=len(BUCKETS),
        first=sampling.first_share(
            sum(path.stat().st_size for bucket_files in files for path in bucket_files.in_memory())
        ),
        precision=PRECISION,
        threshold=THRESHOLD,
        draws=lambda: Draws(b"a key", "a question"),
        may_go_on=lambda: True,
    )


@dataclass(frozen=True)
class Seeded:
    """One run over keys of its own; errors are relative, keys those of a side in the estimate and in the sketch."""

    inside: bool
    error: float
    theta_error: float
    keys: float
    theta_keys: int


def seeded(size: int, overlap: float, seed: int, folder: Path) -> Seeded:
    """Estimate, and intersect theta sketches of about as many keys as the estimate has read of a side."""
    common = int(size * overlap)
    keys = f"((hash(i, {seed})::HUGEINT - 9223372036854775808)::BIGINT)"
    columns = (
        "i::BIGINT AS lo, 1::SMALLINT AS namespace, ''::BLOB AS value, 'y' AS share, NULL::VARCHAR AS profile_share"
    )
    files = BucketFiles(0, folder / "profiles", folder / "partner", {"everyone": folder / "members"})
    with connect() as connection:
        first, second = f"range({size})", f"range({size - common}, {2 * size - common})"
        for name, people in (("profiles", first), ("partner", second), ("members", first)):
            write(connection, f"SELECT {keys} AS hi, {columns} FROM {people} t(i) ORDER BY hi", folder / name)
        sides = [connection.execute(f"SELECT {keys} FROM {people} t(i)").fetchall() for people in (first, second)]
    found = sampling.sample(
        lambda *_: [files],
        TERMS,
        buckets=1,
        first=1 / 256,
        precision=PRECISION,
        threshold=THRESHOLD,
        draws=lambda: Draws(b"a key", str(seed)),
        may_go_on=lambda: True,
    )
    interval, _ = intervals.estimated(found.counts["everyone", 1], found.share)
    sampled_keys = found.share * size
    theta_keys = 1 << min(max(5, round(log2(sampled_keys))), 26)
    return Seeded(
        interval.low <= common <= interval.high,
        interval.estimate / common - 1,
        _theta(sides, theta_keys) / common - 1,
        sampled_keys,
        theta_keys,
    )


def _theta(sides: Sequence[Sequence[tuple[int]]], size: int) -> float:
    intersection = datasketches.theta_intersection()
    for keys in sides:
        sketch = datasketches.update_theta_sketch(size.bit_length() - 1)
        for (key,) in keys:
            sketch.update(key)
        sketch.trim()
        intersection.update(sketch)
    return float(intersection.get_result().get_estimate())


def seeds(overlap: float, runs: int) -> dict[str, Any]:
    """How often the truth was inside, and both root mean square errors, over seeded runs."""
    with TemporaryDirectory() as temporary:
        told = [seeded(SEEDED_SIZES[overlap], overlap, seed, Path(temporary)) for seed in range(runs)]
    return {
        "seededRuns": runs,
        "insideInterval": sum(result.inside for result in told),
        "error": round(sqrt(mean(result.error**2 for result in told)), 4),
        "thetaError": round(sqrt(mean(result.theta_error**2 for result in told)), 4),
        "keys": round(mean(result.keys for result in told)),
        "thetaKeys": round(mean(result.theta_keys for result in told)),
    }


def run(size: int = 1_000_000, runs: int = 100) -> list[dict[str, Any]]:
    """A row per overlap: seconds of both, what was read, the error, and the seeded runs."""
    rows = []
    for overlap in OVERLAPS:
        with TemporaryDirectory() as temporary:
            folder = Path(temporary) / "data"
            generate(folder, size, overlap)
            whole, part = measure((exact, folder), (sampled, folder), runs=_RUNS)
            found: Sample = part["result"]
            buckets, limit = sampling.prefix(found.share, len(BUCKETS))
            files = inputs(folder, segments=TERMS.segments)
            read = bytes_read([files[bucket] for bucket in buckets], ESTIMATED, limit)
        truth = whole["result"]["everyone", 1][0]
        rows.append(
            {
                "identities": size,
                "overlap": overlap,
                "exactSeconds": whole["seconds"],
                "estimateSeconds": part["seconds"],
                "timesFaster": round(1 / part["secondsRatio"], 1),
                "timesLessCpu": round(1 / part["cpuSecondsRatio"], 1),
                "dataRead": round(found.share, 5),
                "bytesPerIdentity": round(read / (2 * size), 2),
                "thisError": round(found.counts["everyone", 1][0] / found.share / truth - 1, 4),
                "peakMb": part["peakMb"],
            }
            | seeds(overlap, runs)
        )
    return rows


if __name__ == "__main__":
    for row in run(*map(int, sys.argv[1:])):
        print(json.dumps(row))
