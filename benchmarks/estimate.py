"""Overlap estimates against the exact count by the same statement over all the data.

python -m benchmarks.estimate [identities per side, 1,000,000 by default]
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.bucket_files import BUCKETS, generate, inputs, measure
from handfast.feeds import estimates
from handfast.feeds.estimates import Sample
from handfast.platform.duck import connect
from handfast.segment_export import relations
from handfast.segment_export.models import Terms

TERMS = Terms("source", "partner", ("everyone",), (1, 2), "default_allow")
PRECISION = 0.05
THRESHOLD = 1000
OVERLAPS = (0.01, 0.1, 0.5)
_RUNS = 5


def exact(folder: Path) -> estimates.Counts:
    """The exact counts, in one statement over all buckets."""
    with connect(folder) as connection:
        relations.create_segment_type(connection, TERMS.segments)
        return estimates.counted(connection, inputs(folder, segments=TERMS.segments), TERMS)


def sampled(folder: Path) -> Sample:
    """The estimate, as a feed's draft asks for it."""
    files = inputs(folder, segments=TERMS.segments)
    return estimates.sample(
        lambda buckets, _: [files[bucket] for bucket in buckets],
        TERMS,
        folder,
        buckets=len(BUCKETS),
        first=estimates.first_share(sum(path.stat().st_size for one in files for path in one.held())),
        precision=PRECISION,
        threshold=THRESHOLD,
    )


def run(size: int = 1_000_000) -> list[dict[str, Any]]:
    """A row per overlap: seconds of both, how much of the data was read, the largest error, and the coverage."""
    rows = []
    for overlap in OVERLAPS:
        with TemporaryDirectory() as temporary:
            folder = Path(temporary) / "data"
            generate(folder, size, overlap)
            whole = measure(exact, folder, runs=_RUNS)
            part = measure(sampled, folder, runs=_RUNS)
        found: Sample = part["result"]
        truth = {key: counts[0] for key, counts in whole["result"].items()}
        intervals = {key: estimates.interval(found.counts[key][0], found.share) for key in truth}
        rows.append(
            {
                "identities": size,
                "overlap": overlap,
                "exactSeconds": whole["seconds"],
                "estimateSeconds": part["seconds"],
                "timesFaster": round(whole["seconds"] / part["seconds"], 1),
                "timesLessCpu": round(whole["cpuSeconds"] / part["cpuSeconds"], 1),
                "dataRead": found.share,
                "largestError": round(
                    max(abs(intervals[key].estimate / truth[key] - 1) for key in truth if truth[key]), 4
                ),
                "insideInterval": all(intervals[key].low <= truth[key] <= intervals[key].high for key in truth),
                "peakMb": part["peakMb"],
            }
        )
    return rows


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000):
        print(json.dumps(row))
