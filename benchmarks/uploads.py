"""How long files take on the deployed stack: a messy export until it is taken in, and small ones until they are read.

    python -m benchmarks.uploads [rows of the export, 200,000 by default] [small files, 40 by default]

The export is that of the demo: mixed case, spaces, national phone numbers, refused rows and values, two segments. It is
loaded five times, each time into a sandbox of its own. The small files have 20 people whom the receiver knows, who are
members from then on of a segment that is shared.
"""

import json
import statistics
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import visible
from handfast_cli import uploads
from handfast_cli.demo.command import new_side
from handfast_cli.demo.generator import SEGMENTS, write_world
from handfast_cli.demo.side import Side, until
from handfast_cli.demo.uploading import CRM
from handfast_cli.local.commands import bring_up
from handfast_cli.local.paths import state_folder
from handfast_client.uploads import ENDED

ROWS = 200_000
FILES = 40
SMALL = 20
RUNS = 5


def _load(side: Side, path: Path) -> float:
    """Seconds from when the file has been sent until the upload has ended."""
    for external_id, name in SEGMENTS.items():
        side.post("/segments", {"name": name, "externalId": external_id})
    body = {"fileName": path.name, "format": "csv", "mode": "delta", "columns": list(CRM)}
    upload_id = uploads.send_file(side.session, path, body, lambda _: None)["uploadId"]
    start = time.perf_counter()
    ended = until(lambda: (found := side.get(f"/uploads/{upload_id}"))["status"] in ENDED and found)
    if not ended or ended["status"] != "completed":
        raise RuntimeError(f"the export was not taken: {ended}")
    return time.perf_counter() - start


def messy(stack_file: Path, rows: int) -> dict[str, Any]:
    """Seconds until a messy export of so many people is taken in: median and largest."""
    with TemporaryDirectory() as folder:
        world = write_world(Path(folder), rows, seed=1)
        seconds = [_load(new_side(stack_file, "a", overlap_threshold=0), world.crm.path) for _ in range(RUNS)]
    return {
        "rows": len(world.crm.rows),
        "median": round(statistics.median(seconds), 2),
        "most": round(max(seconds), 2),
    }


def _are_received(side: Side, received: str, named: set[str]) -> bool:
    return named <= visible.members(side, received)


def small(stack_file: Path, files: int) -> dict[str, Any]:
    """Seconds from the announcement of a file of 20 until the receiver reads all of them: median, 95th percentile."""
    a, b = (new_side(stack_file, letter, overlap_threshold=0) for letter in "ab")
    segment, received = visible.share(a, b)
    seconds = []
    for number in range(files):
        people = range(visible.MEMBERS + number * SMALL, visible.MEMBERS + (number + 1) * SMALL)
        named = {visible.digest(person) for person in people}
        start = time.perf_counter()
        visible.begin_upload(a, f"small-{number}.csv", people, segment)
        until(partial(_are_received, b, received, named))
        seconds.append(time.perf_counter() - start)
    percentiles = statistics.quantiles(seconds, n=20)
    return {
        "files": files,
        "p50": round(statistics.median(seconds), 2),
        "p95": round(percentiles[-1], 2),
    }


if __name__ == "__main__":
    bring_up(state_folder())
    stack = state_folder() / "stack.json"
    given = [int(argument) for argument in sys.argv[1:]]
    print(json.dumps(messy(stack, given[0] if given else ROWS)))
    print(json.dumps(small(stack, given[1] if given[1:] else FILES)))
