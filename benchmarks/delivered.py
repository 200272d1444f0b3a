"""How long a change takes from its acceptance until a destination has it, on the deployed stack.

    python -m benchmarks.delivered [changes, 40 by default [destinations, 1 by default]]

A segment of 150 of 100,000 known identities is activated to endpoints of one process on the loopback interface. One
identity at a time leaves or joins through the API; each endpoint notes when it is told. The changes are made twice, in
turns: while one more endpoint takes what it is told, and while that one answers 503 to everything.
"""

import json
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchmarks.visible import CHANGES, KNOWN, MEMBERS, NAMESPACE, digest, upload
from handfast_cli.demo.command import new_side
from handfast_cli.demo.side import Side, until
from handfast_cli.local.commands import bring_up
from handfast_cli.local.paths import state_folder

_FAILING = "failing"
_CASES = ("all healthy", "one more fails")
_BLOCK = 4
"""Changes of one case before those of the other, so that what else the machine does is in both."""


class _Endpoints:
    """What endpoints were told, by path: the last status of each identity, and when."""

    def __init__(self) -> None:
        self.told: dict[str, dict[str, tuple[str, float]]] = {}
        self.port = 0
        self.fails = False

    def url(self, name: str) -> str:
        """The address of one of them."""
        return f"http://127.0.0.1:{self.port}/{name}"

    def take(self, name: str, body: Any, at: float) -> None:
        """Note what one of them is told."""
        told = self.told.setdefault(name, {})
        for profile in body.get("profiles", []):
            (membership,) = profile["segmentMembership"]["ups"].values()
            told[profile["identityMap"]["email_lc_sha256"][0]["id"]] = (membership["status"], at)

    def members(self, name: str) -> set[str]:
        """Whom one of them has."""
        return {value for value, (status, _) in self.told.get(name, {}).items() if status == "realized"}


@contextmanager
def _listening() -> Iterator[_Endpoints]:
    endpoints = _Endpoints()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            name, body = self.path.strip("/"), self.rfile.read(int(self.headers["content-length"]))
            fails = endpoints.fails and name == _FAILING
            if not fails:
                endpoints.take(name, json.loads(body), time.perf_counter())
            self.send_response(503 if fails else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the library
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoints.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield endpoints
    finally:
        server.shutdown()
        server.server_close()


def _activate(side: Side, endpoints: _Endpoints, name: str, segment: str) -> None:
    body = {"type": "http", "name": name, "settings": {"url": endpoints.url(name)}, "authentication": {}}
    destination = side.post("/destinations", body)["destinationId"]
    mapping = [{"source": NAMESPACE, "target": "email_lc_sha256"}]
    side.post(f"/destinations/{destination}/activations", {"segments": [{"segmentId": segment}], "mapping": mapping})


def _change(side: Side, endpoints: _Endpoints, names: list[str], segment: str, number: int, status: str) -> list[float]:
    """How long until each endpoint is told."""
    value, start = digest(number), time.perf_counter()
    change = {"identity": {"namespace": NAMESPACE, "value": value}, "segmentId": segment, "status": status}
    side.post("/memberships", {"changes": [change]})
    if not until(lambda: all(endpoints.told[name][value][0] == status for name in names)):
        raise RuntimeError("an endpoint was not told")
    return [endpoints.told[name][value][1] - start for name in names]


def run(changes: int = CHANGES, destinations: int = 1) -> list[dict[str, Any]]:
    """Seconds from the call until an endpoint is told: median and 95th percentile over all changes and endpoints."""
    bring_up(state_folder())
    side = new_side(state_folder() / "stack.json", "a")
    segment = side.post("/segments", {"name": "Watched"})["segmentId"]
    upload(side, "known.csv", range(KNOWN), None)
    upload(side, "members.csv", range(MEMBERS), segment)
    names = [f"endpoint-{number}" for number in range(destinations)]
    rows = []
    with _listening() as endpoints:
        for name in (*names, _FAILING):
            _activate(side, endpoints, name, segment)
        until(lambda: all(len(endpoints.members(name)) == MEMBERS for name in (*names, _FAILING)))
        seconds: dict[str, list[float]] = {case: [] for case in _CASES}
        for block in range(0, changes, _BLOCK):
            for case in _CASES:
                endpoints.fails = case == _CASES[1]
                if not until(lambda: endpoints.fails or endpoints.members(_FAILING) == endpoints.members(names[0])):
                    raise RuntimeError("the endpoint that failed has not caught up")
                for turn in range(block, min(block + _BLOCK, changes)):
                    change = (turn // 2 % MEMBERS, ("exited", "realized")[turn % 2])
                    seconds[case] += _change(side, endpoints, names, segment, *change)
    facts = {"changes": changes, "destinations": destinations}
    for case, taken in seconds.items():
        p95 = statistics.quantiles(taken, n=20)[-1]
        rows.append({"case": case, **facts, "p50": round(statistics.median(taken), 2), "p95": round(p95, 2)})
    return rows


def main() -> None:
    """Print the cases."""
    for row in run(*map(int, sys.argv[1:])):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
