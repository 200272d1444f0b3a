"""Nothing of a partner's is written or opened but by `partners`, all through the life of connections.

Tables are in memory: what DynamoDB makes of their requests is tested elsewhere.
"""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.ingest import app as ingest
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker
from functions.segment_export import app as export
from functions.segments import app as segments
from handfast.access import service as access
from handfast.connections import service as connections
from handfast.dataflows import store as dataflows
from handfast.feeds import disconnecting
from handfast.journal.models import Actor, Event
from handfast.journal.store import commit
from handfast.lake import layout, suppressions
from handfast.platform import clock, objects, table
from handfast.platform.table import Put
from handfast.privacy_requests import claim_store
from handfast.privacy_requests import store as requests
from tests.worlds.memory import Deployment
from tests.worlds.privacy import ANN, BOB, COLUMNS, automatic, file_of, subject
from tests.worlds.sandboxes import Answer, Member, World, organizations
from tests.worlds.sharing import connected, segment
from tests.worlds.sides import Sides
from tests.worlds.uploads import announce, deliver_file, handled, put_file


@pytest.fixture
def stores(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Deployment().install_tables(monkeypatch)


@pytest.fixture
def world(stores: None) -> World:
    return organizations()


@pytest.fixture
def sides(world: World, monkeypatch: pytest.MonkeyPatch) -> Sides:
    """Watched from here on: each call acts for the caller's sandbox."""
    members = [world.member(sandbox) for sandbox in (world.a, world.b, world.c)]
    automatic(world.a, world.b, world.c, erasures="everything")
    sides = Sides([member.sandbox.sandbox_id for member in members], monkeypatch)
    original = Member.call

    def call(member: Member, *arguments: Any, **named: Any) -> Answer:
        with sides.acting(member.sandbox.sandbox_id):
            return original(member, *arguments, **named)

    monkeypatch.setattr(Member, "call", call)
    return sides


def called(member: Member, function: ModuleType, method: str, path: str, body: Any = None, **named: Any) -> Any:
    answer = member.call(function, method, path, body, **named)
    assert answer.status < 300, answer.body
    return answer.body


class Life:
    """What sandboxes do, and the work that follows, each for the sandbox that it is done for."""

    def __init__(self, world: World, sides: Sides) -> None:
        self.world, self.sides = world, sides

    def knows(self, member: Member) -> str:
        """A sandbox learns of two people; returns the segment that they are in."""
        segment_id = segment(member, "Buyers")
        upload_id = announce(member, columns=COLUMNS, segmentId=segment_id)
        put_file(member, upload_id, file_of(ANN, BOB))
        with self.sides.acting(member.sandbox.sandbox_id):
            assert deliver_file(member, upload_id)
        self.work()
        return segment_id

    def work(self) -> None:
        """Work until nothing is left to do."""
        queues: dict[str, tuple[Any, Callable[[Any], str]]] = {
            "INGEST_QUEUE_URL": (ingest.handler, lambda message: str(message["sandboxId"])),
            "EXPORT_QUEUE_URL": (export.handler, _source),
            "PRIVACY_QUEUE_URL": (worker.handler, lambda message: str(message["sandboxId"])),
        }
        for _ in range(20):
            self.world.messages("PRIVACY_QUEUE_URL")
            ids = [sandbox.sandbox_id for sandbox in (self.world.a, self.world.b, self.world.c)]
            waiting = [("PRIVACY_QUEUE_URL", {"sandboxId": name}) for name in ids if requests.work(name)]
            waiting += [(queue, message) for queue in queues for message in self.world.messages(queue)]
            for queue, message in waiting:
                handler, acting = queues[queue]
                with self.sides.acting(acting(message)):
                    assert handled(handler, message)
            if not waiting:
                return

    def shares(self, source: Member, segment_id: str, connection: str, receiver: Member) -> tuple[str, Any]:
        """A feed is drafted, estimated, published and enabled; returns its id, and it as received."""
        draft = {
            "name": "Spring",
            "segmentIds": [segment_id],
            "namespaces": ["email"],
            "restrictedMarketingActions": [],
            "connectionIds": [connection],
        }
        feed = called(source, feeds, "POST", "feeds", draft)["feedId"]
        called(source, feeds, "POST", f"feeds/{feed}/estimate")
        called(source, feeds, "POST", f"feeds/{feed}/publish")
        self.decides(receiver, "enable")
        self.work()
        return feed, called(receiver, feeds, "GET", "received-feeds")["items"][0]

    def decides(self, receiver: Member, decision: str) -> None:
        """The newest received feed is decided on."""
        received = called(receiver, feeds, "GET", "received-feeds")["items"][0]["receivedFeedId"]
        called(receiver, approvals, "POST", f"received-feeds/{received}/{decision}")

    def asks(self, member: Member, kind: str, mail: str) -> Any:
        """A person asks for something; returns the request when all is done."""
        body = {"type": kind, "regulation": "gdpr", "verified": True, "subject": subject(mail)}
        called(member, privacy, "POST", "privacy-requests", body, query={"dryRun": "true"})
        made = called(member, privacy, "POST", "privacy-requests", body)["privacyRequestId"]
        self.work()
        return called(member, privacy, "GET", f"privacy-requests/{made}")

    def looks(self, member: Member) -> None:
        """Every list that shows a partner's part."""
        for function, path in (
            (connect, "connections"),
            (feeds, "feeds"),
            (feeds, "received-feeds"),
            (feeds, "dataflows"),
            (segments, "segments"),
            (privacy, "privacy-requests"),
        ):
            called(member, function, "GET", path)


def _source(message: Any) -> str:
    flow = dataflows.dataflow(message["dataflowId"])
    assert flow
    return flow.source.address


def test_all_that_reaches_the_other_side_goes_through_partners(
    world: World, sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    life, a, b, c = Life(world, sides), world.member(world.a), world.member(world.b), world.member(world.c)
    _requests_come_to_nothing(life, a, b, monkeypatch)
    of_a, of_b, _ = life.knows(a), life.knows(b), life.knows(c)
    a_b, a_c, b_c = connected(a, b), connected(a, c), connected(b, c)
    feed, received = life.shares(a, of_a, a_b, b)
    life.shares(b, of_b, a_b, a)
    life.shares(a, of_a, a_c, c)
    life.shares(b, of_b, b_c, c)
    called(b, segments, "GET", f"received-feeds/{received['receivedFeedId']}/members")
    _sharing_changes(life, a, b, feed, received["dataflowId"])
    _people_ask(life, a, b, c)
    life.shares(a, of_a, a_b, b)
    called(a, feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": a_b})
    called(a, connect, "POST", f"connections/{a_b}/disconnect")
    with monkeypatch.context() as broken:
        broken.setattr(disconnecting, "end_sharing", lambda *_: None)
        called(c, connect, "POST", f"connections/{a_c}/disconnect")
    with sides.acting(world.c.sandbox_id):
        assert disconnecting.finish_disconnects() == 1
    life.work()
    for member in (a, b, c):
        life.looks(member)
    assert not sides.crossed, "\n".join(sides.crossed)
    ways = {
        "find",
        "item",
        "items",
        "own_side",
        "overlap_threshold",
        "universe",
        "suppressions",
        "suppressions_towards",
        "tell",
        "event",
    }
    assert sides.reached.keys() == ways | {"Disconnected", "PassedOn", "Uncovered", "Answered", "Reconciled"}


def _requests_come_to_nothing(life: Life, a: Member, b: Member, patch: pytest.MonkeyPatch) -> None:
    connect_id = {"connectId": called(b, connect, "GET", "connect-id")["connectId"]}
    called(a, connect, "POST", "connect-requests/preview", connect_id)
    made = called(a, connect, "POST", "connect-requests", connect_id)["connectionId"]
    called(a, connect, "POST", f"connect-requests/{made}/withdraw")
    made = called(a, connect, "POST", "connect-requests", connect_id)["connectionId"]
    called(b, approvals, "POST", f"connections/{made}/reject")
    called(a, connect, "POST", "connect-requests", connect_id)
    late = clock.now() + timedelta(days=31)
    with patch.context() as later, life.sides.acting(a.sandbox.sandbox_id):
        later.setattr(clock, "now", lambda: late)
        assert connections.expire_overdue() == 1


def _sharing_changes(life: Life, a: Member, b: Member, feed: str, dataflow_id: str) -> None:
    life.decides(b, "disable")
    life.decides(b, "enable")
    segment_ids = [*called(a, feeds, "GET", f"feeds/{feed}")["segmentIds"], segment(a, "Visitors")]
    called(a, feeds, "PATCH", f"feeds/{feed}", {"name": "Summer", "segmentIds": segment_ids})
    called(a, feeds, "POST", f"feeds/{feed}/publish")
    life.decides(b, "enable")
    called(a, feeds, "POST", f"dataflows/{dataflow_id}/pause")
    called(a, feeds, "POST", f"dataflows/{dataflow_id}/resume")
    called(a, segments, "PATCH", f"segments/{segment_ids[0]}", {"labels": ["C1"]})
    life.work()
    for member in (a, b):
        life.looks(member)


def _people_ask(life: Life, a: Member, b: Member, c: Member) -> None:
    assert life.asks(b, "access", BOB[1])["status"] == "completed"
    erased = life.asks(a, "erasure", ANN[1])
    assert {recipient["status"] for recipient in erased["recipients"]} == {"confirmed"}
    reasons = {recipient["reason"] for request in _requests(b) + _requests(c) for recipient in request["recipients"]}
    assert "it has this request already, by another way" in reasons
    access.change_sandbox(b.sandbox.sandbox_id, privacy_rule="approval")
    life.asks(a, "erasure", BOB[1])
    waits = next(request for request in _requests(b) if request["status"] == "pending")
    called(b, approvals, "POST", f"privacy-requests/{waits['privacyRequestId']}/deny", {"reason": "a legal hold"})
    life.work()
    refused = next(request for request in _requests(a) if request["status"] == "completed_with_gaps")
    assert "refused" in {recipient["status"] for recipient in refused["recipients"]}


def _requests(member: Member) -> list[Any]:
    found: list[Any] = called(member, privacy, "GET", "privacy-requests")["items"]
    return found


def _record_of(partner: str) -> None:
    commit([], [Event(partner, "feed.published", Actor.system(), "feed_1")])


BREAKS: dict[str, tuple[str, Callable[[str], object]]] = {
    "an item is written": ("Put SBX#", lambda partner: table.apply(Put("FEEDS_TABLE", _item(partner)))),
    "an item is written in a transaction": (
        "Put SBX#",
        lambda partner: table.transact([Put("FEEDS_TABLE", _item(partner))]),
    ),
    "an item is read": ("get SBX#", lambda partner: table.get("FEEDS_TABLE", f"SBX#{partner}", "RF#1")),
    "items are read": ("query SBX#", lambda partner: list(table.query("FEEDS_TABLE", f"SBX#{partner}", "RF#"))),
    "items are read at once": ("get SBX#", lambda partner: table.get_many("FEEDS_TABLE", [(f"SBX#{partner}", "RF#1")])),
    "a record is made": ("record ", _record_of),
    "objects are listed": ("listing profiles/", lambda partner: list(objects.listing(layout.profiles(partner)))),
    "an object is opened": ("read subjects/", lambda partner: objects.read_json(f"subjects/{partner}/prq_1.json")),
    "an object is written": (
        "write subjects/",
        lambda partner: objects.write(f"subjects/{partner}/x", b"", replaces=None),
    ),
    "suppressions are looked up": ("listing suppressions/", lambda partner: suppressions.find(partner, [(1, 2)])),
    "a request is claimed": ("get ROOT#", lambda partner: claim_store.claimed("prq_1", partner, "")),
}


def _item(partner: str) -> table.Item:
    return {"pk": f"SBX#{partner}", "sk": "RF#1"}


@pytest.mark.parametrize("name", BREAKS)
def test_whoever_reaches_the_other_side_by_another_way_is_seen(name: str, world: World, sides: Sides) -> None:
    seen, reach = BREAKS[name]
    with sides.acting(world.a.sandbox_id):
        reach(world.b.sandbox_id)
    assert sides.crossed
    assert sides.crossed[0].startswith(f"{world.a.sandbox_id}: {seen}")
