"""What sharing costs at AWS list prices, from what the code does: requests counted, CPU seconds measured.

    python -m benchmarks.costs

For each size a first share of two sandboxes, a tenth in common, runs as the export function runs it, over a folder in
S3's place that counts requests and bytes: all buckets of the smallest size, and as many as some millions of identities
take of the others, whose requests and seconds grow with the buckets. A core of Lambda is taken to be 2.5 times slower
than this one, which is an assumption. Prices: us-east-1, arm64.
"""

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from benchmarks.bucket_files import TERMS, generate
from benchmarks.folder import stored_in
from handfast.dataflows import work
from handfast.dataflows.models import Dataflow, Run, Target
from handfast.edge.batches import AGAIN
from handfast.lake.buckets import spans
from handfast.partners.models import PartnerRef
from handfast.segment_export import service

GET, PUT, LIST = 0.40e-6, 5.00e-6, 5.00e-6
GB_SECOND, INVOCATION = 0.0000133334, 0.20e-6
QUEUE_REQUEST, WRITE_UNIT, LOG_GB = 0.50e-6, 0.625e-6, 0.50
SLOWER = 2.5
MEMORY_GB = 1.769
OVERLAP = 0.1
SIZES = ((1_000_000, 2, 4), (10_000_000, 6, 8), (100_000_000, 8, 4), (10_000_000_000, 14, 4))
"""Identities a side, the bucket bits that a deployment of the size would have, and the buckets that are measured."""
FLOW = Dataflow(
    "flow",
    PartnerRef("source", "Source", "Sandbox"),
    Target("partner"),
    "Feed",
    "active",
    TERMS.segments,
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T00:00:00.000Z",
)
RUN = Run("flow", "run", "running", "received_feed.enabled", "2026-01-01T00:00:00.000Z", 1)
_MESSAGE_REQUESTS = 3  # sent, received, deleted; hidden again and again besides
_WRITES_A_SPAN, _WRITES_A_RUN = 4, 12  # of the run, its counts and its activity records
_LOG_BYTES = 2_000  # an invocation's lines


def place(data: Path, root: Path) -> None:
    """Move the generated objects to the keys of the data plane."""
    moves = {"profiles/source": "profiles/sandbox=source", "profiles/partner": "profiles/sandbox=partner"}
    moves |= {f"memberships/{segment}": f"memberships/sandbox=source/segment={segment}" for segment in TERMS.segments}
    for old, new in moves.items():
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        (data / old).rename(root / new)


def measured(size: int, bits: int) -> dict[str, Any]:
    """A first share: requests by kind, bytes read, CPU seconds, and how many were shared."""
    with TemporaryDirectory() as temporary:
        generate(Path(temporary) / "data", size, OVERLAP, bits=bits)
        root = Path(temporary) / "s3"
        place(Path(temporary) / "data", root)
        with stored_in(root, bits) as objects, patch.object(work, "terms", lambda _: TERMS):
            begun = time.process_time()
            states = service._reconcile_span(work.Work(FLOW, 0, TERMS, RUN))  # noqa: SLF001 - what a message of the queue does
            seconds = time.process_time() - begun
    return dict(objects.asked) | {
        "cpuSeconds": seconds,
        "realized": sum(state.realized for state in (states or {}).values()),
    }


def cost(size: int, bits: int, measured_buckets: int) -> dict[str, Any]:
    """Dollars of a first share of `size` identities a side, and what of it was measured."""
    times = (1 << bits) / measured_buckets
    sample = measured(round(size / times), measured_buckets.bit_length() - 1)
    work_items = len(spans(bits))
    seconds = sample["cpuSeconds"] * times * SLOWER
    lambdas = seconds * MEMORY_GB * GB_SECOND + work_items * INVOCATION
    requests = times * (sample["get"] * GET + sample["put"] * PUT) + work_items * sample["list"] * LIST
    messages = (work_items * (_MESSAGE_REQUESTS + 1) + seconds // AGAIN) * QUEUE_REQUEST
    tables = (work_items * _WRITES_A_SPAN + _WRITES_A_RUN) * WRITE_UNIT
    logs = work_items * _LOG_BYTES / 1e9 * LOG_GB
    total = lambdas + requests + messages + tables + logs
    shared = sample["realized"] * times
    return {
        "identities": size,
        "buckets": 1 << bits,
        "shared": round(shared),
        "lambda": lambdas,
        "s3": requests,
        "queueTablesLogs": messages + tables + logs,
        "total": total,
        "perMillionShared": total / shared * 1e6,
        "measured": sample
        | {"buckets": measured_buckets, "bytesPerRow": round(sample["bytes"] * times / (2 * size), 1)},
    }


def run() -> list[dict[str, Any]]:
    """A row a size."""
    return [cost(*case) for case in SIZES]


if __name__ == "__main__":
    for row in run():
        print(json.dumps(row))
