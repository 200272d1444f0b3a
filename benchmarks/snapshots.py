"""Writing a delivery of whole memberships to a folder, from the ledger in a folder in S3's place.

    python -m benchmarks.snapshots [memberships, 1,000,000 by default]

One span of 64 buckets, of which nothing was delivered. Each format is a process of its own, so that the peak of its
memory is its own; the function has 1,769 MB. The first look at what is due is counted too.
"""

import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from unittest.mock import patch

from benchmarks.delivery import BITS, FreeLine, generate
from benchmarks.folder import stored_in
from handfast.dataflows.models import Dataflow, Target
from handfast.delivery import snapshots
from handfast.delivery.line import Line
from handfast.destinations import files, waking
from handfast.destinations.contract import Account, Answer, DestinationType, Segment
from handfast.destinations.sending import Sending
from handfast.destinations.types.s3 import S3, S3Settings
from handfast.partners.models import PartnerRef

MEMBERSHIPS = 1_000_000
FORMATS = ("csv", "ndjson", "parquet", "audience-manager", "rtc-collaboration", "liveramp")
_AT = "2026-11-01T00:00:00.000Z"


@dataclass
class _Folder:
    """A sender that counts the files it is given, and their bytes."""

    sizes: list[int] = field(default_factory=list)

    def put(self, path: Path) -> Answer:
        """Take a file."""
        self.sizes.append(path.stat().st_size)
        return Answer(200)

    @contextmanager
    def open(self, _account: object) -> Iterator["_Folder"]:
        """Itself."""
        yield self


def measure(kind: str, memberships: int) -> dict[str, Any]:
    """One format."""
    given = {"bucket": "audiences", "region": "eu-west-1", "mode": "snapshot", "format": kind}
    settings = S3Settings.model_validate(given | ({"dataSourceId": 77} if kind == "audience-manager" else {}))
    account: Account[Any, Any] = Account(None, settings, cast("Any", None), {"seg_1": Segment("seg_1", "S", "4711")})
    to, folder = files.snapshot_format(account), _Folder()
    if to is None:
        raise LookupError(f"{kind} has no snapshots")
    sending = Sending(
        sandbox_id="sbx_1",
        destination_id="dst_1",
        kind=cast("DestinationType[Any, Any]", folder),
        account=account,
        targets={1: "email_lc_sha256"},
        limits=files.limits_of(account, S3.limits),
        snapshot=to,
    )
    flow = Dataflow("flow_1", PartnerRef("sbx_1", "A", "A"), Target("destination"), "F", "active", ("seg_1",), _AT, _AT)
    with TemporaryDirectory() as root:
        generate(Path(root), memberships)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with stored_in(Path(root), BITS), patch.object(waking, "wake"):
            began, cpu, done = time.perf_counter(), time.process_time(), 0
            passes = 0
            while done < memberships:
                passes += 1
                done += snapshots.deliver(flow, 0, sending, to, cast("Line", FreeLine()), "worker").counts.activated
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {
        "format": kind,
        "seconds": round(seconds, 2),
        "cpuSeconds": round(cpu, 2),
        "passes": passes,
        "files": len(folder.sizes),
        "bytes": sum(folder.sizes),
        "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "peakBeforeMb": before >> 10,
    }


def run(memberships: int = MEMBERSHIPS) -> list[dict[str, Any]]:
    """All formats."""
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        return [pool.apply(measure, (kind, memberships)) for kind in FORMATS]


def main() -> None:
    """Print a line for each format."""
    os.environ.setdefault("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
    for row in run(*map(int, sys.argv[1:])):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
