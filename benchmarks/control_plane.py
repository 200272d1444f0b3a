"""API calls on a deployment of 200 sandboxes, 2,000 connections and 500 feeds, beside the same calls on an empty one.

    python -m benchmarks.control_plane [rounds, 60 by default]

Two local stacks run at once, and each round makes every call on both in turn. The deployment's largest sandbox is
connected with all others and sends 60 feeds, the others have 19 connections and send two feeds each on average; all
feeds go to three partners that have accepted them. Both measured sandboxes have 60 privacy requests and 200 records of
activity, and so has one beside the empty one, whose pages of those are as full. Everything is written through the
stores, and nothing is exported.
"""

import json
import os
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import size
from handfast.access import service
from handfast.connections import store as connections
from handfast.connections.models import Connection
from handfast.journal.models import Caller, Sandbox
from handfast.platform import aws
from handfast.platform.table import Put
from handfast.segments import store as segments
from handfast_cli.admin import access
from handfast_cli.admin.operator import Deployment
from handfast_cli.demo.side import until
from handfast_cli.local.commands import bring_up
from handfast_cli.local.emulator import Emulator, aws_environment
from handfast_cli.local.paths import state_folder
from handfast_cli.profiles import Machine
from handfast_client.api import Api
from tests.sam_local.reach import variables

SANDBOXES = 200
CONNECTIONS = 2_000
FEEDS = 500
LARGEST_SENDS = 60
PARTNERS_A_FEED = 3
PRIVACY_REQUESTS = 60
EVENTS = 200
ROUNDS = 60
LISTS = (
    "connections",
    "feeds",
    "received-feeds",
    "dataflows",
    "segments",
    "activity",
    "notifications",
    "privacy-requests",
)


@dataclass(frozen=True)
class Place:
    """A sandbox as its administrator calls it."""

    name: str
    api: Api
    sandbox_id: str

    def seconds(self, method: str, path: str, body: Any = None) -> float:
        """How long one call takes; raises when it is refused."""
        start = time.perf_counter()
        answer = self.api.request(method, path, body=body)
        taken = time.perf_counter() - start
        answer.raise_for_status()
        return taken


def _use(folder: Path) -> dict[str, Any]:
    """Bring a stack up, and let this process's services work on it as its functions do."""
    stack = bring_up(folder)
    os.environ.update(aws_environment(stack["awsEndpointUrl"]))
    Deployment.of(stack["stackName"])
    os.environ.update(variables(stack["stackName"]))
    for client in (aws.dynamodb, aws.secretsmanager, aws.cognito):
        client.cache_clear()
    return stack


def _place(name: str, stack: dict[str, Any], sandbox: Sandbox) -> Place:
    client_id, secret = access.create_client(f"benchmark {name}", sandbox.sandbox_id, "sandbox-admin")
    return Place(name, Api(stack["apiUrl"], Machine(stack["tokenUrl"], client_id, secret).token()), sandbox.sandbox_id)


def _new_sandbox(number: int) -> Caller:
    organization = service.create_organization(f"Organization {number}")
    sandbox = service.create_sandbox(organization, f"Sandbox {number}", overlap_threshold=0)
    return Caller(f"benchmark-{number}", "Benchmark", sandbox)


def _pairs(chance: random.Random) -> list[tuple[int, int]]:
    pairs = {(0, other) for other in range(1, SANDBOXES)}
    while len(pairs) < CONNECTIONS:
        lower, higher = sorted(chance.sample(range(1, SANDBOXES), 2))
        pairs.add((lower, higher))
    return chance.sample(sorted(pairs), len(pairs))


def fill() -> list[Caller]:
    """Write the deployment; the first caller's sandbox is the largest."""
    chance = random.Random(1)
    callers = size.each(_new_sandbox, range(SANDBOXES))
    owned = [size.segment(caller) for caller in callers]
    writes = [write for segment in owned for write in segments.create(segment)]
    sides: dict[int, list[Connection]] = defaultdict(list)
    for pair in _pairs(chance):
        asker, other = chance.sample(pair, 2)
        mine, theirs = size.connection(callers[asker], callers[other])
        sides[asker].append(mine)
        sides[other].append(theirs)
        writes += connections.create(callers[asker].sandbox_id, mine, theirs)
    senders = [0] * LARGEST_SENDS + [chance.randrange(1, SANDBOXES) for _ in range(FEEDS - LARGEST_SENDS)]
    for sender in senders:
        writes += size.feed(callers[sender], owned[sender], chance.sample(sides[sender], PARTNERS_A_FEED))
    size.write([write for write in writes if not (isinstance(write, Put) and write.item["pk"] == "PENDING")])
    for caller in callers[:2]:
        _occupy(caller)
    return callers


def _occupy(caller: Caller) -> None:
    size.ask(caller, PRIVACY_REQUESTS)
    size.act(caller, EVENTS)


def _quiet(place: Place) -> bool:
    """Whether the activity's stream has been worked off."""
    before = place.api.call("GET", f"/sandboxes/{place.sandbox_id}/notifications")["unread"]
    time.sleep(5)
    return bool(place.api.call("GET", f"/sandboxes/{place.sandbox_id}/notifications")["unread"] == before)


type _Call = tuple[str, str, Any]


def _lists(place: Place) -> dict[str, _Call]:
    return {name: ("GET", f"/sandboxes/{place.sandbox_id}/{name}", None) for name in LISTS}


def _ordinary(place: Place) -> dict[str, _Call]:
    """Calls that add to what lists show, so they are made when those have been measured."""
    own = f"/sandboxes/{place.sandbox_id}"
    segment = place.api.call("POST", f"{own}/segments", body={"name": "Benchmark"})["segmentId"]
    identity = {"namespace": "email", "value": "somebody@example.com"}
    change = {"identity": identity, "segmentId": segment, "status": "realized"}
    return {
        "GET /me": ("GET", "/me", None),
        "GET one segment": ("GET", f"{own}/segments/{segment}", None),
        "POST a segment": ("POST", f"{own}/segments", {"name": "Benchmark"}),
        "PATCH a segment": ("PATCH", f"{own}/segments/{segment}", {"name": "Benchmark"}),
        "POST a stream of one membership": ("POST", f"{own}/memberships", {"changes": [change]}),
    }


def measure(places: list[Place], calls: list[dict[str, _Call]], rounds: int) -> Iterator[dict[str, Any]]:
    """For each call: p50 and p95 in milliseconds at each place, and their ratios to the first two places'."""
    taken: dict[tuple[str, int], list[float]] = defaultdict(list)
    for turn in range(rounds + 5):
        for name in calls[0]:
            for index, place in enumerate(places):
                seconds = place.seconds(*calls[index][name])
                if turn >= 5:  # the first ones start the functions
                    taken[name, index].append(seconds * 1000)
    for name in calls[0]:
        yield {"call": name} | _row([place.name for place in places], [taken[name, n] for n in range(len(places))])


def _row(places: list[str], taken: list[list[float]]) -> dict[str, Any]:
    parts = {
        "p50": [statistics.median(milliseconds) for milliseconds in taken],
        "p95": [statistics.quantiles(milliseconds, n=20)[-1] for milliseconds in taken],
    }
    row: dict[str, Any] = {}
    for part, found in parts.items():
        row |= {f"{place} {part}": round(milliseconds) for place, milliseconds in zip(places, found, strict=True)}
        row |= {
            f"{place} to {beside} {part}": round(milliseconds / found[places.index(beside)], 2)
            for place, milliseconds in zip(places[2:], found[2:], strict=True)
            for beside in places[:2]
        }
    return row


def run(rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """The calls' milliseconds in two sandboxes of the empty stack, in an average sandbox and in the largest."""
    folders = [state_folder() / "benchmark" / name for name in ("empty", "full")]
    try:
        stack = _use(folders[0])
        empty, alone = _new_sandbox(0), _new_sandbox(1)
        _occupy(alone)
        places = [_place(name, stack, caller.on) for name, caller in (("empty", empty), ("alone", alone))]
        stack = _use(folders[1])
        start = time.perf_counter()
        largest, average, *_ = fill()
        print(f"filled in {time.perf_counter() - start:.0f} s", file=sys.stderr)
        places += [_place(name, stack, caller.on) for name, caller in (("average", average), ("largest", largest))]
        until(lambda: _quiet(places[1]) and _quiet(places[-1]))
        return [
            row for calls in (_lists, _ordinary) for row in measure(places, [calls(place) for place in places], rounds)
        ]
    finally:
        for folder in folders:
            emulator = Emulator(folder)
            emulator.stop()
            emulator.forget()


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if sys.argv[1:] else ROUNDS), indent=1))
