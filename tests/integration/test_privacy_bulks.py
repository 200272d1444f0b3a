"""Privacy requests that come many at once: answered in one call, made by the worker, each once and whole.

Tables are in memory, as in test_privacy_requests.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as queue
from handfast.access.service import authorize
from handfast.platform import clock, objects, queues
from handfast.platform.queues import LOOKS
from handfast.privacy_requests import bulks, store, subject_store, sweep
from handfast.privacy_requests.bulk_wire import BulkPrivacyRequests
from tests.worlds.faults import CrashError, crash, meanwhile
from tests.worlds.memory import Deployment
from tests.worlds.privacy import automatic, events, subject
from tests.worlds.sandboxes import Answer, Member, World, organizations
from tests.worlds.uploads import handled, keys

IN_MEMORY = Deployment()
QUEUE = "PRIVACY_QUEUE_URL"
LARGEST_ANSWER, LARGEST_ITEM = 6_000_000, 400_000


@pytest.fixture
def stores(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    IN_MEMORY.items = Deployment().items
    IN_MEMORY.install_tables(monkeypatch)


@pytest.fixture
def world(stores: None) -> World:
    return organizations()


def wanted(name: str, **members: Any) -> dict[str, Any]:
    subject_of = subject(f"{name}@example.com")
    return {"type": "erasure", "regulation": "gdpr", "subject": subject_of, "verified": True} | members


def sent(member: Member, *items: Any) -> Answer:
    answer = member.call(privacy, "POST", "privacy-requests/bulk", {"items": list(items)})
    assert answer.status == 202, answer.body
    return answer


def ids(answer: Answer) -> list[Any]:
    return [item["privacyRequestId"] for item in answer.body["items"]]


def read(member: Member, bulk_id: str) -> Any:
    return member.call(privacy, "GET", f"privacy-requests/bulk/{bulk_id}").body


def listed(member: Member) -> dict[str, Any]:
    queries: tuple[dict[str, str], ...] = ({}, {"status": "unverified"}, {"status": "expired"})
    found = [member.call(privacy, "GET", "privacy-requests", query=query).body["items"] for query in queries]
    return {request["privacyRequestId"]: request for request in chain(*found)}


def work(world: World) -> None:
    """Make what is to be made; what follows of it is left."""
    for message in world.messages(QUEUE):
        if "bulk" in message:
            assert handled(queue.handler, message)


def test_a_bulk_is_answered_at_once_and_made_by_the_worker(world: World, a: Member) -> None:
    answer = sent(a, wanted("ann"), wanted("bob", type="forget"), wanted("cleo", verified=False))
    bulk, (first, none, third) = answer.body["bulkId"], ids(answer)
    assert answer.headers["Location"] == f"/v1/sandboxes/{a.sandbox.sandbox_id}/privacy-requests/bulk/{bulk}"
    assert "Retry-After" in answer.headers
    assert none is None
    assert answer.body["items"][1]["problem"]["errors"][0]["pointer"] == "/type"
    assert (answer.body["status"], answer.body["progress"]) == ("running", {"done": 0, "total": 2})
    early = a.call(privacy, "GET", f"privacy-requests/{first}")
    assert (early.status, early.body["current"], early.body["bulkId"]) == (409, "accepted", bulk)
    assert a.call(privacy, "GET", "privacy-requests/prq_none").status == 404
    work(world)
    assert set(listed(a)) == {first, third}
    found = read(a, bulk)
    assert (found["status"], found["progress"]) == ("completed", {"done": 2, "total": 2})
    assert found["createdAt"] <= found["endedAt"]
    assert [item["privacyRequestId"] for item in found["items"]] == [first, None, third]
    assert [item["problem"] and item["problem"]["status"] for item in found["items"]] == [None, 422, None]
    assert not any(item["verificationCode"] for item in found["items"])
    code = answer.body["items"][2]["verificationCode"]
    assert a.call(privacy, "POST", f"privacy-requests/{third}/verify", {"code": code}).body["status"] == "pending"
    assert keys("subjects/") == [f"subjects/{a.sandbox.sandbox_id}/{made}.json" for made in sorted((first, third))]


def test_of_many_requests_each_is_made_or_has_its_own_problem(world: World, a: Member) -> None:
    items = [wanted(f"p{number}") for number in range(30)]
    items[3] = wanted("p3", type="forget")
    items[7] = wanted("p7", subject=subject("planted value"))
    items[9] = wanted("p9", regulation="none")
    answer = sent(a, *items)
    assert [index for index, item in enumerate(answer.body["items"]) if item["problem"]] == [3, 7, 9]
    assert "planted" not in json.dumps(answer.body)
    work(world)
    assert set(listed(a)) == set(filter(None, ids(answer)))


def test_where_nothing_is_taken_there_is_nothing_to_look_at(world: World, a: Member) -> None:
    answer = sent(a, wanted("ann", regulation="none"))
    assert (answer.body["bulkId"], answer.body["status"], "Location" in answer.headers) == (None, "completed", False)
    assert world.messages(QUEUE) == []
    assert keys("subjects/") == []
    assert a.call(privacy, "GET", "privacy-requests/bulk/bulk_none").status == 404


def test_a_bulk_is_its_own_sandboxes(world: World, a: Member, b: Member) -> None:
    bulk = sent(a, wanted("ann")).body["bulkId"]
    assert b.call(privacy, "GET", f"privacy-requests/bulk/{bulk}").status == 404


# One request for an externalId


def holders(answer: Answer) -> list[str | None]:
    return [(item["problem"] or {}).get("privacyRequestId") for item in answer.body["items"]]


def test_an_external_id_has_one_request_whatever_way_it_comes(world: World, a: Member) -> None:
    alone = a.call(privacy, "POST", "privacy-requests", wanted("ann", externalId="t-1")).body["privacyRequestId"]
    first = sent(a, wanted("ann", externalId="t-1"), wanted("bob", externalId="t-2"), wanted("bob", externalId="t-2"))
    made = ids(first)[1]
    assert holders(first) == [alone, None, made]
    assert first.body["items"][0]["problem"]["status"] == 409
    assert first.body["items"][0]["problem"]["errors"][0]["pointer"] == "/externalId"
    second = sent(a, wanted("bob", externalId="t-2"), wanted("cleo"))
    assert (holders(second)[0], second.body["progress"]["total"]) == (made, 1)
    refused = a.call(privacy, "POST", "privacy-requests", wanted("bob", externalId="t-2"))
    assert (refused.status, refused.body["privacyRequestId"], refused.body["current"]) == (
        409,
        made,
        "external_id_taken",
    )
    work(world)
    assert set(listed(a)) == {alone, made, ids(second)[1]}
    assert len(keys("subjects/")) == 3


@pytest.mark.parametrize("at", ["BULKS_OPEN#", "EXTERNAL#"])
def test_of_two_bulks_at_once_one_has_the_external_id(world: World, a: Member, at: str) -> None:
    mine = wanted("ann", externalId="t-1")
    other = authorize(a.principal_id, a.sandbox.sandbox_id, None), BulkPrivacyRequests(items=[mine])
    with meanwhile(lambda: bulks.accept(*other), at=at) as answers:
        outer = sent(a, mine, wanted("bob", externalId="t-2"))
    first = answers[0].items[0].privacy_request_id
    assert holders(outer) == [first, None]
    work(world)
    assert set(listed(a)) == {first, ids(outer)[1]}
    assert len(keys("subjects/")) == 2
    found = read(a, outer.body["bulkId"])["items"]
    assert (found[0]["privacyRequestId"], found[0]["problem"]["privacyRequestId"]) == (None, first)


def test_an_external_id_is_free_again_when_nobody_verified(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a.call(privacy, "POST", "privacy-requests", wanted("ann", externalId="t", verified=False))
    assert a.call(privacy, "POST", "privacy-requests", wanted("ann", externalId="t")).status == 409
    at = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: at)
    sweep.sweep()
    assert a.call(privacy, "POST", "privacy-requests", wanted("ann", externalId="t")).status == 202
    assert listed(a)[first.body["privacyRequestId"]]["status"] == "expired"


# Whoever dies


ITEMS = [wanted("ann", externalId="t-1"), wanted("bob"), wanted("cleo", verified=False), wanted("dan")]


def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "STEPS_A_TRANSACTION", 2)


def dying_everywhere(do: Callable[[], object]) -> int:
    """Do it, dying before its first write, before its second and so on, until it ends; how many writes there are."""
    for after in range(100):
        with suppress(CrashError), crash(after=after):
            do()
            return after
    raise AssertionError("it never ends")


def test_a_worker_that_dies_anywhere_goes_on_and_makes_each_request_once(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_steps(monkeypatch)
    automatic(a.sandbox)
    answer = sent(a, *ITEMS)
    (message,) = world.messages(QUEUE)

    def make() -> None:
        if not handled(queue.handler, message):
            raise CrashError

    assert dying_everywhere(make) >= 4
    assert set(listed(a)) == set(ids(answer))
    assert events(a).count("received") == len(ITEMS)
    assert read(a, answer.body["bulkId"])["progress"] == {"done": 4, "total": 4}
    assert all(subject_store.get_each(a.sandbox.sandbox_id, ids(answer)))
    assert {"sandboxId": a.sandbox.sandbox_id} in world.messages(QUEUE)
    make()
    assert len(keys("subjects/")) == len(ITEMS)


def test_a_bulk_that_takes_long_is_made_in_several_pieces(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_steps(monkeypatch)
    monkeypatch.setattr(queues, "WORK_FOR", timedelta())
    answer = sent(a, *ITEMS)
    done = []
    while messages := [message for message in world.messages(QUEUE) if "bulk" in message]:
        assert handled(queue.handler, *messages)
        done.append(read(a, answer.body["bulkId"])["progress"]["done"])
    assert done == [2, 4, 4]
    assert set(listed(a)) == set(ids(answer))
    assert read(a, answer.body["bulkId"])["status"] == "completed"


def test_a_call_that_dies_makes_all_or_nothing(world: World, a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def call() -> None:
        if a.call(privacy, "POST", "privacy-requests/bulk", {"items": ITEMS[:2]}).status != 202:
            raise CrashError

    writes = dying_everywhere(call)
    at = clock.now() + 16 * LOOKS
    world.messages(QUEUE)
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: at)
        sweep.sweep()
        work(world)
    made = {request["externalId"] for request in listed(a).values()}
    assert made == {"t-1", None}
    assert sum(request["externalId"] == "t-1" for request in listed(a).values()) == 1
    assert writes >= 3
    assert not [key for key in keys("subjects/") if "bulk_" in key]


def test_a_bulk_whose_message_was_lost_is_sent_for_again_ever_more_rarely(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = sent(a, *ITEMS)
    begun, lost, times = clock.now(), world.messages(QUEUE), list[int]()
    for minutes in (0, 2, 7, 12, 17, 22):
        monkeypatch.setattr(clock, "now", lambda at=begun + timedelta(minutes=minutes): at)
        sweep.sweep()
        times += [minutes] * (world.messages(QUEUE) == lost)
    assert times == [2, 7, 12, 22]
    assert handled(queue.handler, *lost, *lost)
    assert (set(listed(a)), read(a, answer.body["bulkId"])["status"]) == (set(ids(answer)), "completed")


def test_the_sweep_forgets_no_subject_of_a_bulk_that_is_being_made(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = sent(a, *ITEMS)
    (message,) = world.messages(QUEUE)
    at = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: at)
    with meanwhile(sweep.sweep, at="privacy_request.received"):
        assert handled(queue.handler, message)
    assert set(listed(a)) == set(ids(answer))
    assert all(subject_store.get_each(a.sandbox.sandbox_id, ids(answer)))


# What is kept


def test_no_more_of_a_person_is_kept_than_of_a_request_that_comes_alone(
    world: World, a: Member, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    sent(a, wanted("ann"))
    (key,) = keys("subjects/")
    found = objects.read(key)
    assert found
    kept = [found[0].decode(), repr(IN_MEMORY.items), repr(world.messages(QUEUE)), *capfd.readouterr()]
    for value in ("ann@example.com", hashlib.sha256(b"ann@example.com").hexdigest()):
        assert not any(value in text for text in kept)


def test_a_thousand_problems_are_not_too_much_for_an_answer_or_an_item(world: World, a: Member) -> None:
    none = [{"namespace": "x" * 50, "value": "y", "z" * 5000: 1}] * 6
    answer = sent(
        a, wanted("ann"), *[wanted("bob", subject={"identities": none})] * 998, wanted("cleo", regulation="x")
    )
    assert len(json.dumps(answer.body)) < LARGEST_ANSWER
    assert len(json.dumps(read(a, answer.body["bulkId"]))) < LARGEST_ITEM
    assert all(item["problem"]["detail"] for item in answer.body["items"][1:])
