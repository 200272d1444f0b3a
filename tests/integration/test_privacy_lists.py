"""Privacy requests in hundreds: filtered and by due date, decided together, and a flood kept apart.

Tables are in memory, as in test_privacy_requests.
"""

from datetime import timedelta
from typing import Any

import pytest

from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from handfast.platform import clock, table
from handfast.privacy_requests import bulk_store, bulks, decisions, due_listing, intake, proof, register, store, sweep
from tests.worlds.memory import Deployment
from tests.worlds.privacy import events, subject
from tests.worlds.sandboxes import Answer, Member, World, organizations

IN_MEMORY = Deployment()
NOW = clock.from_text("2026-06-15T12:00:00.000Z")


@pytest.fixture
def stores(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    IN_MEMORY.items = Deployment().items
    IN_MEMORY.install_tables(monkeypatch)
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def world(stores: None) -> World:
    return organizations()


@pytest.fixture
def a(world: World) -> Member:
    return world.member(world.a)


def request(member: Member, name: str, kind: str = "erasure", *, days_ago: int = 0, **more: Any) -> Answer:
    submitted = clock.to_text(NOW - timedelta(days=days_ago))
    body = {"type": kind, "regulation": "gdpr", "subject": subject(f"{name}@example.com"), "submittedAt": submitted}
    return member.call(privacy, "POST", "privacy-requests", body | {"verified": True} | more)


def requested(member: Member, name: str, kind: str = "erasure", *, days_ago: int = 0, **more: Any) -> str:
    answer = request(member, name, kind, days_ago=days_ago, **more)
    assert answer.status == 202, answer.body
    return str(answer.body["privacyRequestId"])


def listed(member: Member, **query: str) -> list[str]:
    """All pages of a list, each of two."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = member.call(privacy, "GET", "privacy-requests", query={"limit": "2"} | query | cursor)
        assert answer.status == 200, answer.body
        found += [item["privacyRequestId"] for item in answer.body["items"]]
        if answer.body["nextCursor"] is None:
            return found
        cursor = {"cursor": answer.body["nextCursor"]}


def test_open_requests_are_listed_by_due_date_whatever_their_age(a: Member) -> None:
    new = requested(a, "ann")
    late = requested(a, "bob", days_ago=50)
    soon = requested(a, "cleo", "access", days_ago=20)
    later = requested(a, "dan", days_ago=10)
    assert listed(a, sort="due") == [late, soon, later, new]
    assert listed(a, overdue="true") == [late]
    assert listed(a, overdue="false") == [soon, later, new]
    day = store.request(a.sandbox.sandbox_id, later).due_at[:10]  # type: ignore[union-attr]
    assert listed(a, dueBefore=day) == [late, soon]
    assert listed(a, sort="due", type="erasure") == [late, later, new]
    extended = a.call(privacy, "POST", f"privacy-requests/{soon}/extend", {"reason": "many systems"})
    assert extended.status == 200
    assert listed(a, sort="due") == [late, later, new, soon]
    assert a.call(approvals, "POST", f"privacy-requests/{late}/deny", {"reason": "no such right"}).status == 200
    assert listed(a, sort="due") == [later, new, soon]
    assert listed(a) == [later, soon, late, new]
    for query in ({"sort": "received", "overdue": "true"}, {"sort": "due", "status": "denied"}):
        assert a.call(privacy, "GET", "privacy-requests", query=query).body["reason"] == "sort"


def test_the_list_by_due_date_is_one_sandboxs_and_its_cursor_of_its_filters(world: World, a: Member) -> None:
    for name in ("ann", "bob", "cleo"):
        requested(a, name)
    assert listed(world.member(world.b), sort="due") == []
    page = a.call(privacy, "GET", "privacy-requests", query={"sort": "due", "limit": "1"}).body
    other = {"sort": "due", "type": "erasure", "cursor": page["nextCursor"]}
    assert a.call(privacy, "GET", "privacy-requests", query=other).status == 400


def test_the_ids_of_drops_lines_are_nobody_elses(a: Member) -> None:
    answer = request(a, "ann", "access", externalId="drop-A1")
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/externalId")
    requested(a, "ann", "access", externalId="dropped-A1")


def test_a_law_has_one_code_whatever_it_is_called_by(a: Member) -> None:
    made = requested(a, "ann", "access", regulation="cpra_usa")
    assert a.call(privacy, "GET", f"privacy-requests/{made}").body["regulation"] == "cpra_ca_usa"


def test_what_a_call_has_no_time_for_is_left_as_it_is_and_named(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [requested(a, name, "opt_out") for name in ("ann", "bob", "cleo")]
    monkeypatch.setattr(decisions, "DECIDE_FOR", timedelta(seconds=-1))
    body = {"action": "approve", "privacyRequestIds": made}
    answer = a.call(approvals, "POST", "privacy-requests/decisions", body)
    assert [item["status"] for item in answer.body["items"]] == ["approved", None, None]
    assert [item["problem"]["status"] for item in answer.body["items"][1:]] == [429, 429]
    assert [a.call(privacy, "GET", f"privacy-requests/{name}").body["status"] for name in made] == [
        "approved",
        "pending",
        "pending",
    ]


def test_a_request_is_found_by_its_external_id_and_others_by_where_they_came_from(a: Member) -> None:
    mine, other = requested(a, "ann", externalId="case-1"), requested(a, "bob", externalId="case-2")
    assert listed(a, externalId="case-1") == [mine]
    assert listed(a, externalId="case-1", type="access") == listed(a, externalId="case-3") == []
    assert listed(a, origin="own") == [other, mine]
    assert listed(a, origin="partner") == listed(a, origin="drp", sort="due") == []


@pytest.mark.parametrize(
    "external_id",
    ["4915123456789", "015112345678", "4155550123", "49-151-23456789", "030/23125001", "0151.2345.6789", "tel:030123"],
)
def test_an_external_id_that_looks_like_a_phone_number_is_refused(a: Member, external_id: str) -> None:
    answer = request(a, "ann", externalId=external_id)
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/externalId")


@pytest.mark.parametrize(
    "external_id", ["case-4915123456789", "2026-11-29-0001", "17", "20261129", "3f2c9a10-4b1e-4c55-9f30-000000000001"]
)
def test_an_external_id_that_is_a_number_of_a_case_is_taken(a: Member, external_id: str) -> None:
    assert request(a, "ann", externalId=external_id).status == 202


def test_open_requests_of_an_earlier_version_are_listed_after_the_next_sweep(a: Member) -> None:
    made = requested(a, "ann")
    (entry,) = table.query("PRIVACY_TABLE", "OPEN")
    del entry["isDueListed"]
    table.apply(table.Put("PRIVACY_TABLE", entry, table.UNCONDITIONAL))
    place = due_listing.place(store.request(a.sandbox.sandbox_id, made))
    assert place
    table.apply(table.Delete("PRIVACY_TABLE", *place))
    assert listed(a, sort="due") == []
    sweep.sweep()
    assert listed(a, sort="due") == [made]
    assert [each.is_due_listed for each in store.open_requests()] == [True]


# A flood


def test_a_flood_of_unverified_requests_is_kept_apart_and_limited_by_its_source(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(intake, "UNVERIFIED_PER_DAY", 4)
    real = requested(a, "ann")
    flood = [request(a, f"bot{number}", verified=False, days_ago=100) for number in range(2)]
    bulk = {"items": [flood_item("bot3"), flood_item("bot4")]}
    assert a.call(privacy, "POST", "privacy-requests/bulk", bulk).status == 202
    refused = request(a, "bot5", verified=False)
    assert (refused.status, "Retry-After" in refused.headers) == (429, True)
    assert a.call(privacy, "POST", "privacy-requests/bulk", bulk).status == 429
    other = world.member(world.a, "privacy-officer")
    assert request(other, "carla", verified=False).status == 202
    ids = [answer.body["privacyRequestId"] for answer in flood]
    assert listed(a) == listed(a, sort="due") == [real]
    assert set(ids) < set(listed(a, status="unverified"))
    sweep.sweep()
    assert '"PrivacyRequestsOverdue":[0.0]' in capsys.readouterr().out.replace(" ", "")
    counts = a.call(privacy, "GET", "privacy-requests/metrics").body["items"]
    assert sum(item["received"] for item in counts) == 1
    assert sum(item["unverified"] for item in counts) == 3
    code = flood[0].body["verificationCode"]
    verified = a.call(privacy, "POST", f"privacy-requests/{ids[0]}/verify", {"code": code})
    assert verified.body["status"] == "pending"
    assert set(listed(a, sort="due")) == set(listed(a)) == {real, ids[0]}
    assert ids[0] not in listed(a, status="unverified")


def flood_item(name: str) -> dict[str, Any]:
    return {"type": "erasure", "regulation": "gdpr", "subject": subject(f"{name}@example.com")}


# Decisions on many


def decide(member: Member, action: str, *names: str, **more: Any) -> list[tuple[Any, Any]]:
    body = {"action": action, "privacyRequestIds": list(names)} | more
    answer = member.call(approvals, "POST", "privacy-requests/decisions", body)
    assert answer.status == 200, answer.body
    assert [item["privacyRequestId"] for item in answer.body["items"]][: len(names)] == list(names)
    return [(item["status"], (item["problem"] or {}).get("status")) for item in answer.body["items"]]


def test_many_are_decided_together_each_on_its_own(world: World, a: Member) -> None:
    officer = world.member(world.a, "privacy-officer")
    first, second, third = (requested(a, name) for name in ("ann", "bob", "cleo"))
    foreign = requested(world.member(world.b), "dan")
    world.messages("PRIVACY_QUEUE_URL")
    assert decide(officer, "approve", first, foreign, second) == [("approved", None), (None, 404), ("approved", None)]
    assert a.call(privacy, "GET", f"privacy-requests/{first}").body["status"] == "approved"
    assert decide(officer, "approve", first) == [(None, 409)]
    assert decide(officer, "deny", third, second, reason="no such right") == [("denied", None), (None, 409)]
    assert a.call(privacy, "GET", f"privacy-requests/{third}").body["reason"] == "no such right"
    assert decide(officer, "retry", first) == [(None, 409)]
    assert world.member(world.b).call(privacy, "GET", f"privacy-requests/{foreign}").body["status"] == "pending"
    assert len([message for message in world.messages("PRIVACY_QUEUE_URL") if "bulk" not in message]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"action": "approve", "privacyRequestIds": []},
        {"action": "approve", "privacyRequestIds": ["prq_1"] * 101},
        {"action": "deny", "privacyRequestIds": ["prq_1"]},
        {"action": "approve", "privacyRequestIds": ["prq_1"], "reason": "because"},
        {"action": "assign", "privacyRequestIds": ["prq_1"]},
        {"action": "erase", "privacyRequestIds": ["prq_1"]},
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(a: Member, body: dict[str, Any]) -> None:
    assert a.call(approvals, "POST", "privacy-requests/decisions", body).status == 422


def test_requests_are_assigned_to_who_may_decide_and_found_by_it(world: World, a: Member) -> None:
    officer, viewer = world.member(world.a, "privacy-officer"), world.member(world.a, "viewer")
    first, second = requested(a, "ann"), requested(a, "bob")
    assert decide(a, "assign", first, second, assignee=officer.principal_id) == [("pending", None)] * 2
    assert listed(a, assignee=officer.principal_id, sort="due") == [first, second]
    assert decide(a, "assign", second, assignee=None) == [("pending", None)]
    assert listed(a, assignee=officer.principal_id) == [first]
    for nobody in (viewer.principal_id, "someone", world.member(world.b).principal_id):
        assert decide(a, "assign", first, assignee=nobody) == [(None, 422)]
    refused = viewer.call(
        approvals, "POST", "privacy-requests/decisions", {"action": "retry", "privacyRequestIds": [first]}
    )
    assert refused.status == 403
    assert events(a).count("assigned") == 3


# Duplicates


def test_a_second_open_request_of_a_person_is_marked_and_one_act_answers_both(a: Member) -> None:
    def duplicate_of(name: str) -> Any:
        return a.call(privacy, "GET", f"privacy-requests/{name}").body["duplicateOf"]

    first = requested(a, "ann")
    second, other_type, other = requested(a, "ann"), requested(a, "ann", "access"), requested(a, "bob")
    bulk = a.call(privacy, "POST", "privacy-requests/bulk", {"items": [flood_item("ann") | {"verified": True}]}).body[
        "items"
    ][0]["privacyRequestId"]
    bulks.make(*next(iter(bulk_store.waiting())))
    assert [duplicate_of(name) for name in (first, second, bulk, other_type, other)] == [None, first, first, None, None]
    assert decide(a, "approve", first, includeDuplicates=True) == [("approved", None)] * 3
    third = requested(a, "ann")
    assert duplicate_of(third) == first
    assert decide(a, "deny", other, reason="no such right", includeDuplicates=True) == [("denied", None)]
    assert duplicate_of(requested(a, "bob")) is None


def test_an_unverified_request_is_marked_when_it_is_verified_and_marks_nobody(a: Member) -> None:
    unverified = request(a, "ann", verified=False).body
    real = request(a, "ann").body
    assert (unverified["duplicateOf"], real["duplicateOf"]) == (None, None)
    path = f"privacy-requests/{unverified['privacyRequestId']}/verify"
    verified = a.call(privacy, "POST", path, {"code": unverified["verificationCode"]}).body
    assert verified["duplicateOf"] == real["privacyRequestId"]


# The register


def test_the_register_has_a_signed_entry_for_each_request_and_nothing_of_a_person(
    a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "MOST_READ", 2)
    before, first, second = requested(a, "ann", days_ago=30), requested(a, "ann"), requested(a, "bob", note="by letter")
    request(a, "bot", verified=False)
    assert a.call(approvals, "POST", f"privacy-requests/{second}/deny", {"reason": "no such right"}).status == 200
    signed: list[Any] = []
    query = {"from": "2026-06-15", "to": "2026-06-15", "limit": "1"}
    while True:
        page = a.call(privacy, "GET", "privacy-requests/register", query=query).body
        signed += page["items"]
        if page["nextCursor"] is None:
            break
        query["cursor"] = page["nextCursor"]
    assert [each["document"]["privacyRequestId"] for each in signed] == [first, second]
    assert [proof.fault(proof.SignedDocument.model_validate(each)) for each in signed] == [None, None]
    denied = signed[1]["document"]
    assert (denied["status"], denied["endedAt"] is not None, denied["gaps"]) == ("denied", True, None)
    history = a.call(privacy, "GET", f"privacy-requests/{second}/history").body["document"]
    assert (denied["historyHead"], denied["historyRecords"]) == (history["head"], len(history["records"]))
    assert not any(text in str(signed) for text in ("letter", "right", "@", before))
    backwards = {"from": "2026-06-16", "to": "2026-06-15"}
    assert a.call(privacy, "GET", "privacy-requests/register", query=backwards).body["reason"] == "period"
