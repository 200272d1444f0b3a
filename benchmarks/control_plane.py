"""API calls on a deployment of 200 sandboxes, 2,000 connections and 500 feeds, beside the same calls on an empty one.

    python -m benchmarks.control_plane [rounds, 60 by default]

Two local stacks run at once, and each round makes every call on both in turn. The deployment's largest sandbox is
connected with all others and sends 60 feeds, the others have 19 connections and send two feeds each on average; all
feeds go to three partners that have accepted them. Both measured sandboxes have 60 privacy requests and 200 records of
activity. Everything is written through the stores, and nothing is exported.
"""

import json
import os
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import batched
from pathlib import Path
from typing import Any

import boto3

from handfast.access.models import Caller, Sandbox
from handfast.activity.models import Actor, Event
from handfast.activity.store import commit
from handfast.connections import store as connections
from handfast.connections.models import Connection, PartnerRef
from handfast.feeds import rules
from handfast.feeds import store as feeds
from handfast.feeds.models import Content, Dataflow, Feed, SegmentRef
from handfast.platform import aws, clock, table
from handfast.platform.ids import new_id
from handfast.platform.table import Put, Write
from handfast.privacy_requests import store as requests
from handfast.privacy_requests.intake import new_request
from handfast.privacy_requests.models import Origin, Recipient
from handfast.segments import store as segments
from handfast.segments.models import Segment
from handfast_cli.client import Api
from handfast_cli.demo.side import until
from handfast_cli.local.commands import bring_up
from handfast_cli.local.emulator import Emulator, aws_environment
from handfast_cli.local.paths import state_folder
from handfast_cli.operator import Deployment
from handfast_cli.profiles import Machine

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
EMAIL = "Email_LC_SHA256"
_AT_ONCE = 4


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


def _use(folder: Path) -> tuple[dict[str, Any], Deployment]:
    """Bring a stack up, and let this process's services work on it as its functions do."""
    stack = bring_up(folder)
    os.environ.update(aws_environment(stack["awsEndpointUrl"]))
    deployment = Deployment.of(stack["stackName"])
    function = f"{stack['stackName']}-PrivacyWorker"
    settings = boto3.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    os.environ.update(settings)
    for client in (aws.dynamodb, aws.secretsmanager):
        client.cache_clear()
    return stack, deployment


def _place(name: str, stack: dict[str, Any], deployment: Deployment, sandbox: Sandbox) -> Place:
    client_id, secret = deployment.create_client(f"benchmark {name}", sandbox.sandbox_id, "sandbox-admin")
    return Place(name, Api(stack["apiUrl"], Machine(stack["tokenUrl"], client_id, secret).token()), sandbox.sandbox_id)


def _new_sandbox(deployment: Deployment, number: int) -> Caller:
    organization = deployment.create_organization(f"Organization {number}")
    sandbox = deployment.create_sandbox(organization, f"Sandbox {number}", {"overlap_threshold": 1})
    return Caller(f"benchmark-{number}", "Benchmark", sandbox)


def _pairs(chance: random.Random) -> list[tuple[int, int]]:
    pairs = {(0, other) for other in range(1, SANDBOXES)}
    while len(pairs) < CONNECTIONS:
        one, other = sorted(chance.sample(range(1, SANDBOXES), 2))
        pairs.add((one, other))
    return chance.sample(sorted(pairs), len(pairs))


def _each[T, R](do: Callable[[T], R], things: list[T]) -> list[R]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(do, things))


def fill(deployment: Deployment) -> list[Caller]:
    """Write the deployment; the first caller's sandbox is the largest."""
    chance = random.Random(1)
    callers = _each(lambda number: _new_sandbox(deployment, number), list(range(SANDBOXES)))
    at = clock.to_text(clock.now())
    owned = [Segment(caller.sandbox_id, new_id("seg"), "Customers", None, None, (), at, at) for caller in callers]
    writes = [write for segment in owned for write in segments.create(segment)]
    sides: dict[int, list[Connection]] = defaultdict(list)
    for pair in _pairs(chance):
        one, other = chance.sample(pair, 2)
        mine, theirs = _connection(callers[one], callers[other], at)
        sides[one].append(mine)
        sides[other].append(theirs)
        writes += connections.create(mine, theirs)
    senders = [0] * LARGEST_SENDS + [chance.randrange(1, SANDBOXES) for _ in range(FEEDS - LARGEST_SENDS)]
    for sender in senders:
        writes += _feed(callers[sender], owned[sender], chance.sample(sides[sender], PARTNERS_A_FEED), at)
    _put([write for write in writes if isinstance(write, Put) and write.item["pk"] != "PENDING"])
    for caller in callers[:2]:
        _ask(caller)
        for _ in range(EVENTS // 20):
            commit([], [Event(caller.sandbox_id, "feed.published", Actor.of(caller), "feed_1", {"name": "Any"})] * 20)
    return callers


def _ref(caller: Caller) -> PartnerRef:
    return PartnerRef(caller.sandbox_id, caller.on.organization_name, caller.on.name)


def _connection(one: Caller, other: Caller, at: str) -> tuple[Connection, Connection]:
    mine = Connection(new_id("con"), one.sandbox_id, "outgoing", _ref(other), "active", at, at, new_id("connect"))
    return mine, replace(mine, sandbox_id=other.sandbox_id, direction="incoming", partner=_ref(one))


def _feed(sender: Caller, segment: Segment, partners: list[Connection], at: str) -> list[Write]:
    """A published feed that all its partners have accepted."""
    names = tuple(partner.connection_id for partner in partners)
    content = Content("Benchmark", None, (segment.segment_id,), (EMAIL,), (), names)
    feed = Feed(sender.sandbox_id, new_id("feed"), "published", 1, content, content, at, at, at)
    writes: list[Write] = [feeds.put_feed(feed, over=None)]
    for partner in partners:
        refs = (SegmentRef(segment.segment_id, segment.name),)
        offered = rules.offered(feed, _ref(sender), partner, refs, new_id("rf"))
        received = offered.received
        flow = Dataflow(
            dataflow_id=new_id("flow"),
            source=_ref(sender),
            target=partner.partner,
            feed_id=feed.feed_id,
            feed_name=content.name,
            connection_id=partner.connection_id,
            received_feed_id=received.received_feed_id,
            status="active",
            segment_ids=content.segment_ids,
            created_at=at,
            updated_at=at,
        )
        accepted = rules.moved(
            offered,
            "enabled",
            at,
            accepted_version=1,
            accepted_segment_ids=content.segment_ids,
            accepted_namespaces=content.namespaces,
            dataflow_id=flow.dataflow_id,
        )
        writes += feeds.put_copies(accepted, share=None, received=None)
        writes += feeds.put_dataflow(flow, over=None)
    return writes


def _put(writes: list[Put]) -> None:
    """Write new items, 25 at a time, without asking whether they are new."""

    def send(part: tuple[Put, ...]) -> None:
        items: dict[str, list[Any]] = defaultdict(list)
        for write in part:
            items[os.environ[write.table]].append({"PutRequest": {"Item": table.serialised(write.item)}})
        left: Any = aws.dynamodb().batch_write_item(RequestItems=dict(items))["UnprocessedItems"]
        if left:
            raise RuntimeError("the emulator did not take all items")

    _each(send, list(batched(writes, 25, strict=False)))


def _ask(caller: Caller) -> None:
    """Requests of the past, each with what three partners answered."""
    at = clock.to_text(clock.now())
    for _ in range(PRIVACY_REQUESTS):
        made = new_request(caller.on, "erasure", "gdpr", clock.now(), Origin(new_id("prq")))
        told = [Recipient(f"{number}", f"Partner {number}", "partner", "confirmed", at, at) for number in range(3)]
        done = replace(made, status="completed", recipients=len(told))
        more = tuple(requests.put_recipient(done.privacy_request_id, one) for one in told)
        requests.save(requests.Step(None, done, "completed", Actor.of(caller), {}, more=more))


def _quiet(place: Place) -> bool:
    """Whether the activity's stream has been worked off."""
    before = place.api.call("GET", f"/sandboxes/{place.sandbox_id}/notifications")["unread"]
    time.sleep(5)
    return bool(place.api.call("GET", f"/sandboxes/{place.sandbox_id}/notifications")["unread"] == before)


def _calls(place: Place) -> dict[str, tuple[str, str, Any]]:
    own = f"/sandboxes/{place.sandbox_id}"
    calls: dict[str, tuple[str, str, Any]] = {name: ("GET", f"{own}/{name}", None) for name in LISTS}
    segment = place.api.call("POST", f"{own}/segments", body={"name": "Benchmark"})["segmentId"]
    return calls | {
        "one's own grants": ("GET", "/me", None),
        "one segment": ("GET", f"{own}/segments/{segment}", None),
        "rename a segment": ("PATCH", f"{own}/segments/{segment}", {"name": "Benchmark"}),
    }


def measure(places: list[Place], rounds: int) -> Iterator[dict[str, Any]]:
    """For each call: p50 and p95 in milliseconds at each place, and the p95's ratio to the first place's."""
    calls = [_calls(place) for place in places]
    taken: dict[tuple[str, int], list[float]] = defaultdict(list)
    for turn in range(rounds + 5):
        for name in calls[0]:
            for index, place in enumerate(places):
                seconds = place.seconds(*calls[index][name])
                if turn >= 5:  # the first ones start the functions
                    taken[name, index].append(seconds * 1000)
    for name in calls[0]:
        row: dict[str, Any] = {"call": name}
        for index, place in enumerate(places):
            row[f"{place.name} p50"] = round(statistics.median(taken[name, index]))
            row[f"{place.name} p95"] = round(statistics.quantiles(taken[name, index], n=20)[-1])
        for place in places[1:]:
            row[f"{place.name} ratio"] = round(row[f"{place.name} p95"] / row[f"{places[0].name} p95"], 2)
        yield row


def run(rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """The calls' milliseconds on the empty stack, in an average sandbox and in the largest."""
    folders = [state_folder() / "benchmark" / name for name in ("empty", "full")]
    try:
        stack, deployment = _use(folders[0])
        places = [_place("empty", stack, deployment, _new_sandbox(deployment, 0).on)]
        stack, deployment = _use(folders[1])
        start = time.perf_counter()
        largest, average, *_ = fill(deployment)
        print(f"filled in {time.perf_counter() - start:.0f} s", file=sys.stderr)
        places += [
            _place(name, stack, deployment, caller.on) for name, caller in (("average", average), ("largest", largest))
        ]
        until(lambda: _quiet(places[-1]))
        return list(measure(places, rounds))
    finally:
        for folder in folders:
            emulator = Emulator(folder)
            emulator.stop()
            emulator.forget()


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if sys.argv[1:] else ROUNDS), indent=1))
