"""What a page of each list costs in sandboxes with 1, 50 and 100 of everything: requests, bytes, the function's CPU.

    python -m benchmarks.lists

Of everything means connections, feeds sent, feeds received, privacy requests and records; a page has at most 50. The
stores are moto's server in other threads of this process, so that its time, and waiting for it, are not counted.
"""

import json
import logging
import statistics
import time
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from handfast.access import service as access
from handfast.platform.observability import logger
from handfast_cli.local.emulator import aws_environment
from tests.worlds.lists import LISTS, crowded, watched
from tests.worlds.sandboxes import Member, organizations
from tests.worlds.stores import REGION, create_stores, forget

SIZES = (1, 50, 100)
ROUNDS = 5
SMALL = ("uploads", "webhooks", "connectors", "grants")
"""Lists that have little in them here."""


def page(member: Member, name: str) -> tuple[int, int, float]:
    """Requests, bytes and the median of the milliseconds of a page for a caller who is known."""
    path, _, filtered = name.partition("?")
    query = dict(part.split("=") for part in filtered.split("&") if part)
    known, taken = (member.principal_id, member.sandbox.sandbox_id), []
    for _ in range(ROUNDS):
        access.authorize(*known, None)
        with watched() as (requests, answered):
            start = time.thread_time()
            answer = member.call(LISTS[name][0], "GET", path, query=query or None)
            taken.append((time.thread_time() - start) * 1000)
        assert answer.status == 200
    return requests.total(), answered.total(), statistics.median(taken)


def run() -> list[dict[str, Any]]:
    """A row per list; each figure for every size."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    logger.setLevel("ERROR")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            url = "http://{}:{}".format(*server.get_host_and_port())
            for name, value in (aws_environment(url) | {"AWS_DEFAULT_REGION": REGION}).items():
                patch.setenv(name, value)
            create_stores(patch)
            forget()
            world = organizations()
            members = [
                crowded(world, sandbox, size) for sandbox, size in zip((world.c, world.b, world.a), SIZES, strict=True)
            ]
            rows = []
            for name in LISTS:
                if name not in SMALL:
                    requests, size, milliseconds = zip(*(page(member, name) for member in members), strict=True)
                    rows.append({"list": name, "requests": requests, "bytes": size, "cpu": milliseconds})
            return rows
    finally:
        server.stop()


def main() -> None:
    """Print a line per list."""
    print(f"| list | requests | KB read, {SIZES} | CPU, ms, {SIZES} |\n|---|---|---|---|")
    for row in run():
        size = ", ".join(f"{read / 1000:.0f}" for read in row["bytes"])
        milliseconds = ", ".join(f"{spent:.1f}" for spent in row["cpu"])
        print(f"| {row['list']} | {json.dumps(row['requests'])} | {size} | {milliseconds} |")


if __name__ == "__main__":
    main()
