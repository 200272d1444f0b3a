"""What it costs that workers are killed while they start, on the local stack.

    python -m benchmarks.deaths [seconds of killing, 60 by default]

All processes of the ingest, export and privacy workers get SIGKILL once a second, so that each dies while it starts.
Meanwhile a file comes, a feed is enabled, and a person asks for erasure. Counted is from the last kill until the upload
is completed, the receiver reads the members, and the request is completed, which without kills takes seconds.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.visible import NAMESPACE, begin_upload, digest, members, upload
from handfast_cli.demo.command import new_side
from handfast_cli.demo.side import Side, until
from handfast_cli.local.commands import bring_up
from handfast_cli.local.paths import state_folder

KILL_FOR = 60.0
PEOPLE = 1_000
WORKERS = ("Ingest", "SegmentExport", "PrivacyWorker")


def _processes(folder: Path) -> Iterator[tuple[str, int]]:
    """The workers' processes of the stack in a folder, by worker and process id."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_text()
        except OSError:
            continue
        for worker in WORKERS:
            if f"{folder}/tmp" in line and f"-{worker}" in line:
                yield worker, int(process.name)


@contextmanager
def _killing(folder: Path) -> Iterator[dict[str, int]]:
    """Kill the workers every second, for the block; how often each was."""
    kills, ended = dict.fromkeys(WORKERS, 0), threading.Event()

    def kill() -> None:
        while not ended.wait(1):
            for worker, pid in _processes(folder):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                kills[worker] += 1

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield kills
    finally:
        ended.set()
        thread.join()


def _offer(a: Side, b: Side) -> str:
    """A feed of a's people, whom b knows too, up to where b may enable it; the received feed."""
    connect_id = a.get("/connect-id")["connectId"]
    connection = b.post("/connect-requests", {"connectId": connect_id})["connectionId"]
    a.post(f"/connections/{connection}/accept", {})
    segment = a.post("/segments", {"name": "Customers"})["segmentId"]
    upload(a, "members.csv", range(PEOPLE), segment)
    upload(b, "known.csv", range(PEOPLE), None)
    content = {"name": "Benchmark", "segmentIds": [segment], "namespaces": [NAMESPACE]}
    feed = a.post("/feeds", content | {"restrictedMarketingActions": [], "connectionIds": [connection]})["feedId"]
    a.post(f"/feeds/{feed}/publish")
    return str(b.get("/received-feeds")["items"][0]["receivedFeedId"])


def run(kill_for: float = KILL_FOR) -> dict[str, Any]:
    """Seconds from the last kill until each piece of work had come to its end, and how often each worker was killed."""
    bring_up(state_folder())
    a, b = (
        new_side(state_folder() / "stack.json", letter, overlap_threshold=0, privacy_rule="automatic")
        for letter in "ab"
    )
    received = _offer(a, b)
    erased = {"namespace": NAMESPACE, "value": digest(0), "format": "sha256"}
    with _killing(state_folder()) as kills:
        b.post(f"/received-feeds/{received}/enable")
        file = begin_upload(b, "more.csv", range(PEOPLE, 2 * PEOPLE), None)
        body = {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [erased]}, "verified": True}
        request = a.post("/privacy-requests", body)["privacyRequestId"]
        time.sleep(kill_for)
    ends: dict[str, Callable[[], bool]] = {
        "ingest": lambda: b.get(f"/uploads/{file}")["status"] == "completed",
        "export": lambda: len(members(b, received)) >= PEOPLE - 1,
        "privacy": lambda: a.get(f"/privacy-requests/{request}")["status"] == "completed",
    }
    began, seconds = time.monotonic(), dict[str, float]()
    until(lambda: _note(ends, began, seconds))
    return {"killed": kills, "secondsAfterTheLastKill": seconds | dict.fromkeys(ends, "never")}


def _note(ends: dict[str, Callable[[], bool]], began: float, seconds: dict[str, float]) -> bool:
    """Note what has come to its end since; whether nothing is left."""
    for name in [name for name, is_done in ends.items() if is_done()]:
        seconds[name] = round(time.monotonic() - began, 1)
        del ends[name]
    return not ends


if __name__ == "__main__":
    print(json.dumps(run(float(sys.argv[1]) if sys.argv[1:] else KILL_FOR), indent=1))
