"""How long a person's request takes from its call until it is carried out everywhere, on the deployed stack.

    python -m benchmarks.privacy_request [requests of each kind, 20 by default]

A sandbox shares 150 of 100,000 identities with two partners that know them as well; all three carry verified requests
out by themselves. One after the other, people ask for erasure, until the request is completed: erased here and at both
partners, whose signed receipts have come. Then others opt out, until neither partner reads them any longer.
"""

import json
import statistics
import sys
import time
from collections import defaultdict
from typing import Any

from benchmarks.visible import KNOWN, MEMBERS, NAMESPACE, digest, members, upload
from handfast.platform.clock import from_text
from handfast_cli.demo.command import new_side
from handfast_cli.demo.side import Side, until
from handfast_cli.local.commands import bring_up
from handfast_cli.local.paths import state_folder

REQUESTS = 20
_ENDED = {"completed", "completed_with_gaps"}


def _share(a: Side, partners: list[Side]) -> list[str]:
    """Connect, upload, publish and enable; each partner's received feed."""
    connections = []
    for partner in partners:
        connect_id = a.get("/connect-id")["connectId"]
        connections.append(partner.post("/connect-requests", {"connectId": connect_id})["connectionId"])
        a.post(f"/connections/{connections[-1]}/accept", {})
    segment = a.post("/segments", {"name": "Customers"})["segmentId"]
    for side in (a, *partners):
        upload(side, "known.csv", range(KNOWN), None)
    upload(a, "members.csv", range(MEMBERS), segment)
    content = {"name": "Benchmark", "segmentIds": [segment], "namespaces": [NAMESPACE]}
    feed = a.post("/feeds", content | {"restrictedMarketingActions": [], "connectionIds": connections})["feedId"]
    a.post(f"/feeds/{feed}/publish")
    received = []
    for partner in partners:
        received.append(partner.get("/received-feeds")["items"][0]["receivedFeedId"])
        partner.post(f"/received-feeds/{received[-1]}/enable")
    for partner, feed_id in zip(partners, received, strict=True):
        until(lambda partner=partner, feed_id=feed_id: len(members(partner, feed_id)) == MEMBERS)  # type: ignore[misc]
    return received


def _ask(a: Side, kind: str, number: int) -> str:
    subject = {"identities": [{"namespace": NAMESPACE, "value": digest(number), "format": "sha256"}]}
    body = {"type": kind, "regulation": "gdpr" if kind == "erasure" else "ccpa", "subject": subject, "verified": True}
    return str(a.post("/privacy-requests", body)["privacyRequestId"])


def _erase(a: Side, number: int, stages: dict[str, list[float]]) -> float:
    start = time.perf_counter()
    request = f"/privacy-requests/{_ask(a, 'erasure', number)}"
    ended = until(lambda: (now := a.get(request))["status"] in _ENDED and now)
    seconds = time.perf_counter() - start
    if not ended or ended["status"] != "completed" or ended["result"]["recipients"] != 2:
        raise RuntimeError(f"the erasure ended otherwise: {ended or a.get(request)}")
    before = from_text(ended["receivedAt"])
    for stage in ended["stages"]:
        after = from_text(stage["endedAt"])
        stages[stage["name"]].append((after - before).total_seconds())
        before = after
    return seconds


def _opt_out(a: Side, partners: list[Side], received: list[str], number: int) -> float:
    start = time.perf_counter()
    _ask(a, "opt_out", number)
    for partner, feed in zip(partners, received, strict=True):
        until(lambda partner=partner, feed=feed: digest(number) not in members(partner, feed))  # type: ignore[misc]
    return time.perf_counter() - start


def run(requests: int = REQUESTS) -> list[dict[str, Any]]:
    """Seconds from the call until the end, by kind: median and 95th percentile; and the median of each stage."""
    bring_up(state_folder())
    stack_file = state_folder() / "stack.json"
    a, b, c = (
        new_side(stack_file, letter, overlap_threshold=0, privacy_rule="automatic") for letter in ("a", "b", "b")
    )
    received = _share(a, [b, c])
    stages: dict[str, list[float]] = defaultdict(list)
    erased = [_erase(a, number, stages) for number in range(requests)]
    opted_out = [_opt_out(a, [b, c], received, number) for number in range(requests, 2 * requests)]
    medians = {name: round(statistics.median(seconds), 2) for name, seconds in stages.items()}
    return [_row("erasure, completed", erased) | {"stages": medians}, _row("opt-out, no longer shared", opted_out)]


def _row(name: str, seconds: list[float]) -> dict[str, Any]:
    p95 = statistics.quantiles(seconds, n=20)[-1]
    median = statistics.median(seconds)
    return {"case": name, "requests": len(seconds), "known": KNOWN, "p50": round(median, 2), "p95": round(p95, 2)}


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if sys.argv[1:] else REQUESTS):
        print(json.dumps(row))
