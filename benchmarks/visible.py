"""How long a change takes from its acceptance until the receiver reads it, on the deployed stack.

    python -m benchmarks.visible [changes, 40 by default]

Two sandboxes know the same 100,000 identities; a feed shares a segment of 150 of them. One identity at a time leaves
or joins through the API, and the receiver's members are read until they show it.
"""

import hashlib
import json
import statistics
import sys
import time
from typing import Any

import httpx

from handfast_cli.demo.command import new_side
from handfast_cli.demo.side import Side, until
from handfast_cli.local.commands import bring_up
from handfast_cli.local.paths import state_folder

KNOWN = 100_000
MEMBERS = 150
CHANGES = 40
NAMESPACE = "Email_LC_SHA256"


def digest(number: int) -> str:
    """A person's identity, as both sides send it."""
    return hashlib.sha256(f"person{number}@example.com".encode()).hexdigest()


def begin_upload(side: Side, name: str, numbers: range, segment_id: str | None) -> str:
    """Send a file of people; the upload's id."""
    columns = [{"column": "email", "as": "identity", "namespace": NAMESPACE, "transform": "none"}]
    body = {"fileName": name, "format": "csv", "mode": "delta", "columns": columns, "segmentId": segment_id}
    made = side.post("/uploads", {key: value for key, value in body.items() if value})
    content = "email\n" + "".join(f"{digest(number)}\n" for number in numbers)
    httpx.put(made["uploadUrl"], content=content.encode(), timeout=60).raise_for_status()
    return str(made["uploadId"])


def upload(side: Side, name: str, numbers: range, segment_id: str | None) -> None:
    """Send a file of people, and wait until it is taken in."""
    upload_id = begin_upload(side, name, numbers, segment_id)
    ended = until(lambda: side.get(f"/uploads/{upload_id}")["status"] in {"completed", "failed"})
    if not ended or side.get(f"/uploads/{upload_id}")["status"] == "failed":
        raise RuntimeError(f"the upload of {name} failed")


def share(a: Side, b: Side) -> tuple[str, str]:
    """Connect, upload, publish and enable; the segment and the received feed."""
    connect_id = a.get("/connect-id")["connectId"]
    connection = b.post("/connect-requests", {"connectId": connect_id})["connectionId"]
    a.post(f"/connections/{connection}/accept", {})
    segment = a.post("/segments", {"name": "Watched"})["segmentId"]
    for side in (a, b):
        upload(side, "known.csv", range(KNOWN), None)
    upload(a, "members.csv", range(MEMBERS), segment)
    content = {"name": "Benchmark", "segmentIds": [segment], "namespaces": [NAMESPACE]}
    feed = a.post("/feeds", content | {"restrictedMarketingActions": [], "connectionIds": [connection]})["feedId"]
    a.post(f"/feeds/{feed}/publish")
    received: str = b.get("/received-feeds")["items"][0]["receivedFeedId"]
    b.post(f"/received-feeds/{received}/enable")
    until(lambda: len(members(b, received)) == MEMBERS)
    return segment, received


def members(b: Side, received: str) -> set[str]:
    """Whom the receiver reads."""
    return {member["value"] for member in b.items(f"/received-feeds/{received}/members")}


def _change(a: Side, b: Side, segment: str, received: str, number: int, status: str) -> float:
    identity = {"namespace": NAMESPACE, "value": digest(number)}
    start = time.perf_counter()
    a.post("/memberships", {"changes": [{"identity": identity, "segmentId": segment, "status": status}]})
    until(lambda: (identity["value"] in members(b, received)) == (status == "realized"))
    return time.perf_counter() - start


def run(changes: int = CHANGES) -> list[dict[str, Any]]:
    """Seconds from the call until the receiver reads the change: median and 95th percentile."""
    bring_up(state_folder())
    stack_file = state_folder() / "stack.json"
    a, b = (new_side(stack_file, letter, overlap_threshold=0) for letter in "ab")
    segment, received = share(a, b)
    plan = [(turn // 2 % MEMBERS, ("exited", "realized")[turn % 2]) for turn in range(changes)]
    seconds = [_change(a, b, segment, received, number, status) for number, status in plan]
    percentiles = statistics.quantiles(seconds, n=20)
    return [
        {
            "changes": changes,
            "known": KNOWN,
            "p50": round(statistics.median(seconds), 2),
            "p95": round(percentiles[-1], 2),
        }
    ]


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if sys.argv[1:] else CHANGES), indent=1))
