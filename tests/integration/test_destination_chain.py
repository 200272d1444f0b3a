"""What a partner is told of a person whom its receiver has given on to a destination of its own."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from functions.approvals import app as approvals
from functions.delivery import app as delivery
from functions.destinations import app as destinations
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker
from functions.segment_export import app as export
from handfast.destinations import waking
from handfast.platform import clock, objects
from handfast.privacy_requests import due_work, sweep
from handfast.privacy_requests import store as requests
from tests.worlds.endpoints import emptied
from tests.worlds.line import told_of
from tests.worlds.memory import Deployment
from tests.worlds.privacy import ANN, Ring, automatic, ring_of
from tests.worlds.receiver import DOWN, REFUSES, TAKES, Receiver
from tests.worlds.sandboxes import Answer, organizations
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, handled

EXIT = (sha256(ANN[1].encode()).hexdigest(), "exited")


IN_MEMORY = Deployment()


@built_once
def _built_ring() -> tuple[Ring, Any]:
    return ring_of(organizations()), IN_MEMORY.items


class Chain:
    """A shares with B, which gives what it receives, or its own segment, on to an endpoint."""

    def __init__(self, endpoint: Receiver, *, own: bool) -> None:
        self.endpoint, self.later = endpoint, timedelta()
        self.ring, IN_MEMORY.items = _built_ring()
        self.a, self.b = self.ring.a, self.ring.b
        body: dict[str, Any] = {"type": "http", "name": "Warehouse", "settings": {"url": endpoint.url}}
        self.destination = str(self.call("POST", "destinations", body).body["destinationId"])
        given = self.ring.segments["sandbox b" if own else "sandbox a"]
        mapping = [{"source": "email", "target": "email_lc_sha256"}]
        made = self.call(
            "POST",
            f"destinations/{self.destination}/activations",
            {"segments": [{"segmentId": given}], "mapping": mapping},
        )
        assert made.status == 201, made.body
        self.activation, self.dataflow = made.body["activationId"], made.body["dataflowId"]
        self.held_back: list[dict[str, Any]] = []
        automatic(self.ring.a.sandbox, self.ring.b.sandbox, self.ring.c.sandbox)
        self.deliver()
        assert told_of(endpoint)
        endpoint.got = []

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return self.b.call(destinations, method, path, body, **more)

    def deliver(self, *, holding: bool = False) -> None:
        """Do what waits for export and delivery; `holding` back what is given on."""
        for message in self.ring.world.messages("EXPORT_QUEUE_URL"):
            if holding and message["dataflowId"] == self.dataflow:
                self.held_back.append(message)
            else:
                assert handled(export.handler, message)
        for message in self.ring.world.messages("DELIVERY_QUEUE_URL"):
            assert handled(delivery.handler, message)

    def settle(self, *, holding: bool = False) -> None:
        """Have done what is due in all sandboxes, until nothing is."""
        names = [member.sandbox.sandbox_id for member in (self.a, self.b, self.ring.c)]
        for _ in range(40):
            for sandbox_id in names:
                assert handled(worker.handler, {"sandboxId": sandbox_id})
            apply_all(self.ring.world)
            self.deliver(holding=holding)
            if not any(requests.work(name) or due_work.due(name, clock.now()) for name in names):
                return

    def wait(self, *, holding: bool = False, **time: int) -> None:
        """Let time go by, and do what is due then."""
        self.later += timedelta(**time)
        waking.hasten(self.dataflow)
        sweep.sweep()
        self.settle(holding=holding)

    def at_a(self, made: str) -> tuple[str, list[tuple[str, bool]]]:
        """The status of A's request, how it stands at its recipients, and whether each has given a receipt."""
        found = self.ring.get(self.a, made)
        return found["status"], [(each["status"], each["receipt"] is not None) for each in found["recipients"]]

    def at_b(self) -> tuple[str, list[tuple[str, str]]]:
        """The status of B's only request, and how it stands at its destinations."""
        found = self.ring.get(self.b, self.ring.only(self.b)["privacyRequestId"])
        told = [each for each in found["recipients"] if each["kind"] == "destination"]
        return found["status"], [(each["name"], each["status"]) for each in told]


def subject_keys() -> list[str]:
    """The objects that say whom requests are about."""
    return [stored.key for stored in objects.listing("subjects/")]


type Make = Callable[..., Chain]


@pytest.fixture
def stores(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    IN_MEMORY.items = Deployment().items
    IN_MEMORY.install_tables(monkeypatch)


@pytest.fixture
def chain(stores: None, endpoint: Receiver, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    now: Callable[[], Any] = clock.now

    def make(*, own: bool = False) -> Chain:
        made = Chain(emptied(endpoint), own=own)
        monkeypatch.setattr(clock, "now", lambda: now() + made.later)
        return made

    return make


def test_who_is_erased_at_the_sender_leaves_the_receivers_endpoint_which_is_named(chain: Make) -> None:
    made = (on := chain()).ring.requested(on.a)
    on.settle()
    on.wait(seconds=10)
    assert told_of(on.endpoint) == [EXIT]
    assert on.at_b() == ("completed", [("Warehouse", "confirmed")])
    assert on.at_a(made) == ("completed", [("confirmed", True)])


def test_who_is_known_to_the_receiver_itself_stays_at_its_endpoint(chain: Make) -> None:
    made = (on := chain(own=True)).ring.requested(on.a)
    on.settle()
    on.wait(seconds=10)
    assert told_of(on.endpoint) == []
    assert on.at_b() == ("completed", [("Warehouse", "absent")])
    assert on.at_a(made) == ("completed", [("confirmed", True)])


@pytest.mark.parametrize(("kind", "more", "passed_on"), [("opt_out", {}, False), ("consent", {"share": "n"}, True)])
def test_who_says_no_at_the_sender_leaves_the_receivers_endpoint(
    chain: Make, kind: str, more: dict[str, str], *, passed_on: bool
) -> None:
    made = (on := chain()).ring.requested(on.a, kind, **more)
    on.settle()
    on.wait(seconds=10)
    assert told_of(on.endpoint) == [EXIT]
    # An opt-out is told to those who were given the person since (11 CCR 7026(f)), and stops the others at once.
    assert on.at_a(made) == ("completed", [("confirmed", True)] if passed_on else [])
    if passed_on:
        assert on.at_b() == ("completed", [("Warehouse", "confirmed")])


def test_who_is_erased_at_the_receiver_leaves_its_endpoint_alone(chain: Make) -> None:
    made = (on := chain()).ring.requested(on.b)
    on.settle()
    on.wait(seconds=10)
    assert told_of(on.endpoint) == [EXIT]
    found = on.ring.get(on.b, made)
    assert found["status"] == "completed"
    assert {each["kind"]: each["status"] for each in found["recipients"]} == {
        "destination": "confirmed",
        "partner": "confirmed",
    }
    assert on.a.call(privacy, "GET", "privacy-requests").body["items"] == []


@pytest.mark.parametrize("kind", ["erasure", "consent"])
def test_the_sender_is_told_nothing_before_the_endpoint_has_taken_it(chain: Make, kind: str) -> None:
    on = chain()
    on.endpoint.answers = [DOWN]
    made = on.ring.requested(on.a, kind, **({"share": "n"} if kind == "consent" else {}))
    on.settle()
    on.wait(seconds=10)
    assert on.at_b() == ("running", [("Warehouse", "sent")])
    assert on.at_a(made) == ("running", [("sent", False)])
    on.wait(days=40)
    assert on.at_b() == ("completed_with_gaps", [("Warehouse", "sent")])
    assert on.at_a(made) == ("completed_with_gaps", [("sent", False)])
    on.endpoint.answers = [TAKES]
    for _ in range(3):
        on.wait(hours=2)
    assert on.at_b() == ("completed", [("Warehouse", "confirmed")])
    assert on.at_a(made) == ("completed", [("confirmed", True)])
    assert not subject_keys()


def test_the_sender_is_told_once_what_was_refused_is_taken(chain: Make) -> None:
    on = chain()
    on.endpoint.answers = [REFUSES]
    made = on.ring.requested(on.a)
    on.settle()
    on.wait(seconds=10)
    assert on.at_b() == ("completed_with_gaps", [("Warehouse", "failed")])
    assert on.at_a(made) == ("running", [("sent", False)])
    on.endpoint.answers = [TAKES]
    replayed = on.call("POST", f"destinations/{on.destination}/dead-letters/replay", {"all": True})
    assert replayed.status == 200
    on.deliver()
    name = on.ring.only(on.b)["privacyRequestId"]
    assert on.b.call(privacy, "POST", f"privacy-requests/{name}/retry").status == 200
    on.settle()
    on.wait(seconds=10)
    assert on.at_b() == ("completed", [("Warehouse", "confirmed")])
    assert on.at_a(made) == ("completed", [("confirmed", True)])


def test_the_sender_is_told_once_whoever_was_left_there_is_removed_by_hand(chain: Make) -> None:
    on = chain()
    path = f"destinations/{on.destination}/activations/{on.activation}"
    assert on.call("DELETE", path, query={"members": "keep"}).status in (200, 202, 204)
    on.deliver()
    made = on.ring.requested(on.a)
    on.settle()
    on.wait(seconds=10)
    assert on.at_b() == ("completed_with_gaps", [("Warehouse", "not_supported")])
    assert on.at_a(made) == ("running", [("sent", False)])
    name = on.ring.only(on.b)["privacyRequestId"]
    done = {"note": "removed there by hand", "destinationId": on.destination}
    assert on.b.call(approvals, "POST", f"privacy-requests/{name}/complete", done).status == 200
    on.settle()
    assert on.at_b() == ("completed", [("Warehouse", "confirmed")])
    assert on.at_a(made) == ("completed", [("confirmed", True)])
    (told,) = on.ring.get(on.a, made)["recipients"]
    assert told["receipt"]["document"]["counts"] == {"identities": 1}
    assert not subject_keys()


def test_who_was_left_there_by_the_receivers_own_data_is_no_gap(chain: Make) -> None:
    on = chain(own=True)
    path = f"destinations/{on.destination}/activations/{on.activation}"
    assert on.call("DELETE", path, query={"members": "keep"}).status in (200, 202, 204)
    on.deliver()
    made = on.ring.requested(on.a)
    on.settle()
    on.wait(seconds=10)
    assert on.at_b() == ("completed", [("Warehouse", "absent")])
    assert on.at_a(made) == ("completed", [("confirmed", True)])


def test_a_destination_is_not_taken_for_one_that_had_nothing_while_the_exit_is_on_its_way(chain: Make) -> None:
    made = (on := chain()).ring.requested(on.a)
    on.settle(holding=True)
    on.wait(seconds=10, holding=True)
    assert on.held_back
    assert on.at_b() == ("running", [("Warehouse", "sent")])
    assert on.at_a(made) == ("running", [("sent", False)])
    for message in on.held_back:
        assert handled(export.handler, message)
    on.deliver()
    on.wait(minutes=2)
    assert told_of(on.endpoint) == [EXIT]
    assert on.at_b() == ("completed", [("Warehouse", "confirmed")])
    assert on.at_a(made) == ("completed", [("confirmed", True)])
