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
from handfast.platform import clock
from handfast.privacy_requests import due_work, sweep
from handfast.privacy_requests import store as requests
from tests.integration.test_delivery import told_of
from tests.integration.test_destination_recipients import DOWN, REFUSES, TAKES
from tests.worlds.endpoints import emptied
from tests.worlds.privacy import ANN, automatic, ring_of
from tests.worlds.receiver import Receiver
from tests.worlds.sandboxes import Answer, organizations
from tests.worlds.uploads import apply_all, handled

EXIT = (sha256(ANN[1].encode()).hexdigest(), "exited")


class Chain:
    """A shares with B, which gives what it receives, or its own segment, on to an endpoint."""

    def __init__(self, endpoint: Receiver, *, own: bool) -> None:
        self.ring, self.endpoint, self.later = ring_of(organizations()), endpoint, timedelta()
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
        waking.wake_overdue()
        sweep.sweep()
        self.settle(holding=holding)

    def at_a(self, made: str) -> tuple[str, list[tuple[str, bool]]]:
        """The status of A's request, how it stands at its recipients, and whether each has given a receipt."""
        found = self.ring.get(self.a, made)
        return found["status"], [(each["status"], each["receipt"] is not None) for each in found["recipients"]]

    def at_b(self) -> tuple[str, list[tuple[str, str, str]]]:
        """The status of B's only request, and how it stands at its recipients."""
        found = self.ring.get(self.b, self.ring.only(self.b)["privacyRequestId"])
        return found["status"], [(each["kind"], each["name"], each["status"]) for each in found["recipients"]]


type Make = Callable[..., Chain]


@pytest.fixture
def chain(stores: None, endpoint: Receiver, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    now: Callable[[], Any] = clock.now

    def make(*, own: bool = False) -> Chain:
        made = Chain(emptied(endpoint), own=own)
        monkeypatch.setattr(clock, "now", lambda: now() + made.later)
        return made

    return make


WAREHOUSE = "destination", "Warehouse"


def test_who_is_erased_at_the_sender_leaves_the_receivers_endpoint_which_is_named(chain: Make) -> None:
    made = (on := chain()).ring.requested(on.a)
    on.settle()
    on.wait(seconds=10)
    assert told_of(on.endpoint) == [EXIT]
    assert on.at_b() == ("completed", [(*WAREHOUSE, "confirmed")])
    assert on.at_a(made) == ("completed", [("confirmed", True)])


def test_who_is_known_to_the_receiver_itself_stays_at_its_endpoint(chain: Make) -> None:
    made = (on := chain(own=True)).ring.requested(on.a)
    on.settle()
    on.wait(seconds=10)
    assert told_of(on.endpoint) == []
    assert on.at_b() == ("completed", [(*WAREHOUSE, "absent")])
    assert on.at_a(made) == ("completed", [("confirmed", True)])
