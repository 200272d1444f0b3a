"""The handshake, its states and its races (seed 000; docs/architecture.md, States)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from handfast.connections import service
from handfast.feeds import disconnecting
from handfast.journal import chain
from handfast.journal import store as journal
from handfast.platform import clock
from tests.worlds.faults import crash, meanwhile
from tests.worlds.sandboxes import Answer, Member, World


def connect_id_of(member: Member) -> str:
    connect_id: str = member.call(connect, "GET", "connect-id").body["connectId"]
    return connect_id


def request(member: Member, owner: Member, **headers: str) -> Answer:
    body = {"connectId": connect_id_of(owner), "note": "Spring campaign"}
    return member.call(connect, "POST", "connect-requests", body, headers=headers)


def status_of(member: Member, connection_id: str) -> Any:
    return member.call(connect, "GET", f"connections/{connection_id}").body["status"]


def types_in_log(member: Member) -> list[str]:
    return [record["type"] for record in journal.log(member.sandbox.sandbox_id)]


def test_a_request_is_accepted_and_both_sides_see_it(a: Member, b: Member) -> None:
    preview = b.call(connect, "POST", "connect-requests/preview", {"connectId": connect_id_of(a).lower()})
    assert preview.body == {"organizationName": "Organization A", "sandboxName": "sandbox a"}
    created = request(b, a)
    assert created.status == 201
    assert (created.body["status"], created.body["direction"]) == ("pending", "outgoing")
    connection = created.body["connectionId"]
    theirs = a.call(connect, "GET", f"connections/{connection}").body
    assert (theirs["direction"], theirs["requestedBy"], theirs["partner"]["organizationName"]) == (
        "incoming",
        None,
        "Organization B",
    )
    accepted = a.call(approvals, "POST", f"connections/{connection}/accept", {"note": "Welcome"})
    assert (accepted.status, accepted.body["status"]) == (200, "active")
    assert accepted.body["decidedBy"] == "sandbox-admin of sandbox a"
    ours = b.call(connect, "GET", f"connections/{connection}").body
    assert (ours["status"], ours["decidedBy"], ours["requestedBy"]) == ("active", None, "sandbox-admin of sandbox b")
    assert types_in_log(a)[-2:] == types_in_log(b)[-2:] == ["connection.requested", "connection.accepted"]


def test_the_partners_log_names_the_organisation_only(a: Member, b: Member) -> None:
    request(b, a)
    record = list(journal.log(a.sandbox.sandbox_id))[-1]
    assert record["actor"] == {"kind": "partner", "id": None, "name": "Organization B"}


@pytest.mark.parametrize(("action", "status"), [("reject", "rejected"), ("withdraw", "withdrawn")])
def test_an_ended_request_leaves_room_for_a_new_one(a: Member, b: Member, action: str, status: str) -> None:
    connection = request(b, a).body["connectionId"]
    if action == "reject":
        ended = a.call(approvals, "POST", f"connections/{connection}/reject")
    else:
        ended = b.call(connect, "POST", f"connect-requests/{connection}/withdraw")
    assert (ended.status, ended.body["status"]) == (200, status)
    assert status_of(a, connection) == status_of(b, connection) == status
    assert request(b, a).status == 201


def test_only_the_asked_side_decides_and_only_the_asking_side_withdraws(a: Member, b: Member) -> None:
    connection = request(b, a).body["connectionId"]
    assert b.call(approvals, "POST", f"connections/{connection}/accept").status == 409
    assert a.call(connect, "POST", f"connect-requests/{connection}/withdraw").status == 409
    assert status_of(a, connection) == "pending"


def test_a_decision_on_a_decided_request_tells_the_state(a: Member, b: Member) -> None:
    connection = request(b, a).body["connectionId"]
    a.call(approvals, "POST", f"connections/{connection}/accept")
    again = a.call(approvals, "POST", f"connections/{connection}/reject")
    assert (again.status, again.body["current"]) == (409, "active")


def test_disconnect_ends_it_for_both_and_frees_the_pair(a: Member, b: Member) -> None:
    connection = request(b, a).body["connectionId"]
    a.call(approvals, "POST", f"connections/{connection}/accept")
    told = b.call(connect, "POST", f"connections/{connection}/disconnect", query={"dryRun": "true"})
    assert (told.status, told.body["dryRun"], status_of(a, connection)) == (200, True, "active")
    ended = b.call(connect, "POST", f"connections/{connection}/disconnect", {"reason": "Contract over"})
    assert (ended.status, ended.body["status"], status_of(a, connection)) == (200, "disconnected", "disconnected")
    assert b.call(connect, "POST", f"connections/{connection}/disconnect").body["current"] == "disconnected"
    assert request(a, b).status == 201


def test_a_regenerated_connect_id_ends_lookups_but_not_connections(a: Member, b: Member) -> None:
    old = connect_id_of(a)
    connection = request(b, a).body["connectionId"]
    new = a.call(connect, "POST", "connect-id/regenerate").body["connectId"]
    assert new != old
    assert connect_id_of(a) == new
    assert b.call(connect, "POST", "connect-requests/preview", {"connectId": old}).status == 404
    assert b.call(connect, "POST", "connect-requests", {"connectId": old}).status == 404
    assert a.call(connect, "GET", f"connections/{connection}").body["connectIdRetired"] is True
    assert a.call(approvals, "POST", f"connections/{connection}/accept").body["status"] == "active"


def test_a_sandbox_does_not_connect_to_itself(a: Member) -> None:
    answer = a.call(connect, "POST", "connect-requests", {"connectId": connect_id_of(a)})
    assert (answer.status, answer.body["reason"]) == (422, "self_connection")


def test_two_sandboxes_of_one_organisation_may_connect(world: World, a: Member) -> None:
    assert request(world.member(world.c), a).status == 201


@pytest.mark.parametrize("text", ["", "ABC", "U" * 20, "A" * 21, "é" * 20, "AAAAA-AAAAA-AAAAA-AAAA!"])
def test_a_malformed_connect_id_names_the_member(b: Member, text: str) -> None:
    answer = b.call(connect, "POST", "connect-requests/preview", {"connectId": text})
    assert answer.status in (400, 422)
    assert answer.body["errors"][0]["pointer"] == "/connectId"


def test_an_unknown_connect_id_is_not_found(b: Member) -> None:
    assert b.call(connect, "POST", "connect-requests/preview", {"connectId": "0" * 20}).status == 404


def test_a_request_expires_after_thirty_days(a: Member, b: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = request(b, a).body["connectionId"]
    later = datetime.now(UTC) + timedelta(days=30, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    late = a.call(approvals, "POST", f"connections/{connection}/accept")
    assert (late.status, late.body["current"]) == (409, "expired")
    assert status_of(b, connection) == "expired"
    assert service.expire_overdue() == 1
    assert service.expire_overdue() == 0
    assert types_in_log(a)[-1] == types_in_log(b)[-1] == "connection.expired"


def test_an_overdue_request_does_not_stand_in_the_way(a: Member, b: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    first = request(b, a).body["connectionId"]
    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    second = request(a, b)
    assert second.status == 201
    assert status_of(b, first) == "expired"


def test_an_interrupted_disconnect_is_finished_by_the_sweep(a: Member, b: Member) -> None:
    connection = request(b, a).body["connectionId"]
    a.call(approvals, "POST", f"connections/{connection}/accept")
    with crash(after=1):
        assert b.call(connect, "POST", f"connections/{connection}/disconnect").status == 500
    assert status_of(a, connection) == "disconnected"
    assert disconnecting.finish_disconnects() == 1
    assert disconnecting.finish_disconnects() == 0


def test_of_accept_and_reject_at_once_exactly_one_wins(a: Member, b: Member) -> None:
    connection = request(b, a).body["connectionId"]
    with meanwhile(lambda: a.call(approvals, "POST", f"connections/{connection}/reject")) as answers:
        loser = a.call(approvals, "POST", f"connections/{connection}/accept")
    assert (answers[0].status, loser.status) == (200, 409)
    assert loser.body["current"] == status_of(b, connection) == "rejected"


def test_of_mutual_requests_at_once_exactly_one_wins(a: Member, b: Member) -> None:
    ids = connect_id_of(a), connect_id_of(b)
    assert ids[0] != ids[1]
    with meanwhile(lambda: request(b, a)) as answers:
        loser = request(a, b)
    assert (answers[0].status, loser.status, loser.body["current"]) == (201, 409, "pending")
    assert loser.body["connectionId"] == answers[0].body["connectionId"]
    assert "already asked you" in loser.body["detail"]


def test_a_connect_id_regenerated_after_it_was_read_is_not_found(a: Member, b: Member) -> None:
    connect_id = connect_id_of(a)
    with meanwhile(lambda: a.call(connect, "POST", "connect-id/regenerate")):
        late = b.call(connect, "POST", "connect-requests", {"connectId": connect_id})
    assert late.status == 404
    assert b.call(connect, "GET", "connections").body["items"] == []


def test_the_same_idempotency_key_answers_the_same(a: Member, b: Member) -> None:
    first, again = request(b, a, **{"Idempotency-Key": "k1"}), request(b, a, **{"Idempotency-Key": "k1"})
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    other = b.call(connect, "POST", "connect-requests", {"connectId": "0" * 20}, headers={"Idempotency-Key": "k1"})
    assert (other.status, other.body["reason"]) == (422, "idempotency_key_reused")


def test_lists_filter_and_page(world: World, a: Member, b: Member) -> None:
    c = world.member(world.c)
    first = request(b, a).body["connectionId"]
    second = request(a, c).body["connectionId"]
    a.call(approvals, "POST", f"connections/{first}/accept")
    listed = a.call(connect, "GET", "connections").body["items"]
    assert [item["connectionId"] for item in listed] == [second, first]
    assert [
        i["connectionId"] for i in a.call(connect, "GET", "connections", query={"status": "active"}).body["items"]
    ] == [first]
    outgoing = a.call(connect, "GET", "connections", query={"direction": "outgoing"}).body["items"]
    assert [item["connectionId"] for item in outgoing] == [second]
    page = a.call(connect, "GET", "connections", query={"limit": "1"}).body
    rest = a.call(connect, "GET", "connections", query={"limit": "1", "cursor": page["nextCursor"]}).body
    assert [page["items"][0]["connectionId"], rest["items"][0]["connectionId"]] == [second, first]
    assert a.call(connect, "GET", "connections", query={"status": "lost"}).status == 422


def test_a_third_party_sees_nothing_of_it(world: World, a: Member, b: Member) -> None:
    connection = request(b, a).body["connectionId"]
    c = world.member(world.c)
    assert c.call(connect, "GET", f"connections/{connection}").status == 404
    assert c.call(approvals, "POST", f"connections/{connection}/accept").status == 404
    assert c.call(connect, "GET", "connections").body == {"items": [], "nextCursor": None}


def test_the_logs_chain_verifies_after_all(a: Member, b: Member) -> None:
    connection = request(b, a).body["connectionId"]
    a.call(approvals, "POST", f"connections/{connection}/accept")
    for member in (a, b):
        count, head, broken = chain.first_break(journal.log(member.sandbox.sandbox_id))
        assert (count > 0, head is not None, broken) == (True, True, None)
