"""An endpoint in a process of its own that fails in every way: what it keeps becomes the truth all the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handfast.delivery import store
from handfast.destinations.contract import Account, Limits, Segment
from handfast.destinations.types.http import destination
from tests.destination_servers.audiences import serving
from tests.worlds import vendors
from tests.worlds.connector_servers.running import Running
from tests.worlds.deliveries import DESTINATION, Deliveries
from tests.worlds.vendors import AUDIENCES, audiences

TOKEN = "planted-token"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serving("endpoint") as running:
        yield running


@pytest.fixture
def world(server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deliveries:
    server.reset(token=TOKEN, audiences={audience: [] for audience in AUDIENCES.values()})
    made = Deliveries(tmp_path, monkeypatch)
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    made.kind = destination
    made.account = account(server)
    made.targets = {1: "email_lc_sha256"}
    made.limits = Limits(3, 1_000_000)
    return made


def account(server: Running, **settings: Any) -> Account[Any, Any]:
    segments = {name: Segment(name, "long " * 300, audience) for name, audience in AUDIENCES.items()}
    return Account(
        None,
        destination.settings_schema.model_validate({"url": f"{server.url}/changes", **settings}),
        destination.authentication_schema.model_validate({"kind": "bearer", "bearerToken": TOKEN}),
        segments,
    )


def slow(server: Running) -> None:
    server.fault("", delay=0.2)


def refusing(server: Running) -> None:
    server.fault("", 400, b'{"error": "no"}')


def halved(server: Running) -> None:
    """It does what it is asked, and breaks the connection in the middle of its answer."""
    server.fault("", 200, b'{"taken": true}', after=True, half=True)


def elsewhere(server: Running) -> None:
    """It sends to an address that only machines of the cloud see."""
    server.fault("", 302, b"", {"location": "http://169.254.169.254/latest/meta-data"})


def expired(server: Running) -> None:
    server.fault("", 401, b'{"error": "unknown token"}')


FAULTS: list[vendors.Fault] = [
    vendors.fine,
    vendors.unavailable,
    vendors.failing_after,
    vendors.throttled,
    vendors.cut,
    slow,
    refusing,
    halved,
    elsewhere,
    expired,
]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_after_every_fault_it_holds_the_truth(server: Running, world: Deliveries, seed: int, *, zipped: bool) -> None:
    world.account = account(server, gzip=zipped, includeSegmentNames=zipped)
    vendors.becomes_true(world, server, FAULTS, seed)
    assert any("content-encoding" in asked["headers"] for asked in server.seen("POST")) == zipped


def test_a_redirect_is_told_and_not_followed(server: Running, world: Deliveries) -> None:
    elsewhere(server)
    world.change({(1, "seg_a")}, set())
    world.deliver()
    assert len(server.seen("POST")) == 1
    (letter,) = store.dead_letters(DESTINATION)
    assert (letter.reason, letter.pairs) == ("302", 1)
    world.replay()
    world.drain()
    assert audiences(world) == {"1001": set(server.state()["audiences"]["1001"])}
