"""Namespaces that sandboxes define: what they take, whom both sides must agree with, and what ends with that."""

import hashlib
from typing import Any

import pytest

from functions.access import app as access
from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.segments import app as segments
from handfast.access import service as access_service
from handfast.access import store as access_store
from handfast.access.namespaces import MOST
from handfast.connections import store as connections_store
from handfast.dataflows import store as dataflows
from handfast.feeds import agreements, partner_target
from handfast.identity.keys import digest_sql, key
from handfast.identity.namespaces import namespace_of
from handfast.lake.duck import connect as duck
from tests.worlds.sandboxes import Answer, Member, organizations
from tests.worlds.sharing import Pair, log, pair_of, pointers
from tests.worlds.stores import built_once

LOYALTY: dict[str, Any] = {"name": "Loyalty number", "kind": "text", "minLength": 4, "maxLength": 12}
HASHED: dict[str, Any] = {"name": "Hashed IPv4", "kind": "sha256"}

_built_pair = built_once(lambda: pair_of(organizations()))


@pytest.fixture
def pair(stores: None) -> Pair:
    return _built_pair()


def define(member: Member, symbol: str = "LOYALTY", body: dict[str, Any] = LOYALTY) -> Answer:
    return member.call(access, "POST", "namespaces", body | {"namespace": symbol})


def take(member: Member, pair: Pair, action: str = "enable", symbol: str = "LOYALTY") -> Answer:
    return member.call(connect, "POST", f"connections/{pair.connection}/namespaces/{symbol}/{action}")


def agreed(pair: Pair) -> None:
    for member in (pair.a, pair.b):
        assert define(member).status == 201
        assert take(member, pair).status == 200


def test_a_namespace_is_defined_renamed_disabled_and_brought_back(pair: Pair) -> None:
    answer = define(pair.a)
    assert (answer.status, answer.body["status"]) == (201, "active")
    assert define(pair.a, "loyalty", LOYALTY | {"name": "Card"}).body["name"] == "Card"
    assert pair.a.call(access, "POST", "namespaces/LOYALTY/disable").status == 200
    (listed,) = pair.a.call(access, "GET", "namespaces").body["items"]
    assert (listed["namespace"], listed["status"], listed["minLength"]) == ("LOYALTY", "disabled", 4)
    assert define(pair.a).body["status"] == "active"
    assert pair.b.call(access, "GET", "namespaces").body["items"] == []
    kinds = [kind for kind, _ in log(pair.a) if kind.startswith("namespace")]
    assert kinds == ["namespace.defined", "namespace.defined", "namespace.disabled", "namespace.defined"]
    assert define(pair.a).status == 201
    assert len([kind for kind, _ in log(pair.a) if kind.startswith("namespace")]) == 4


def test_what_a_namespace_cannot_be_is_refused(pair: Pair) -> None:
    assert pointers(define(pair.a, "email")) == ["/namespace"]
    assert define(pair.a, "9lives").status == 422
    assert pointers(define(pair.a, "UID2", HASHED | {"maxLength": 3})) == ["/maxLength"]
    assert pointers(define(pair.a, "UID2", LOYALTY | {"minLength": 13})) == ["/minLength"]
    assert pair.a.call(access, "POST", "namespaces/UID2/disable").status == 404
    define(pair.a)
    assert define(pair.a, body=LOYALTY | {"maxLength": 13}).status == 409
    for number in range(MOST - 1):
        assert define(pair.a, f"OWN_{number}", HASHED).status == 201
    assert define(pair.a, "ONE_MORE", HASHED).body["current"] == "too_many"


def test_two_sandboxes_know_a_value_by_one_key_when_they_define_the_same(pair: Pair) -> None:
    for member, body in ((pair.a, LOYALTY), (pair.b, LOYALTY)):
        define(member, body=body)
    define(pair.world.member(pair.world.c), body=LOYALTY | {"maxLength": 13})
    stored = [_code(pair.world.member(each)) for each in (pair.world.a, pair.world.b, pair.world.c)]
    assert stored[0] == stored[1] != stored[2]
    assert key(b"secret", stored[0], b"A1234") != key(b"secret", stored[2], b"A1234")


def test_sql_makes_the_same_key_of_an_own_namespace() -> None:
    with duck() as connection:
        connection.execute("SET VARIABLE secret = ?", [b"secret"])
        ((digest,),) = connection.execute(f"SELECT {digest_sql(1000, 'encode(' + repr('A1234') + ')')}").fetchall()
    assert int.from_bytes(bytes.fromhex(digest)[:8], signed=True) == key(b"secret", 1000, b"A1234")[0]


def _code(member: Member) -> int:
    found = access_store.sandbox(member.sandbox.sandbox_id)
    assert found
    (own,) = found.namespaces
    return own.code


def test_it_is_taken_over_a_connection_as_soon_as_it_is_defined(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_service, "forget", lambda: None)  # another function's process hears of it later
    assert take(pair.a, pair).status == 404
    assert define(pair.a).status == 201
    assert take(pair.a, pair).status == 200


def test_streamed_values_are_taken_by_kind_and_length(pair: Pair) -> None:
    define(pair.a)
    define(pair.a, "IP", HASHED)
    digest = hashlib.sha256(b"192.0.2.1").hexdigest()
    values = [
        ("LOYALTY", "A1234"),
        ("loyalty", "A12"),
        ("LOYALTY", "ann@x.io"),
        ("LOYALTY", "none"),
        ("IP", digest),
        ("IP", "192.0.2.1"),
        ("IP", digest[:32]),
        ("UID2", "A1234"),
        ("LOYALTY", "0000"),
        ("LOYALTY", "77777777"),
        ("LOYALTY", "7777777"),
    ]
    changes = [
        {"segmentId": pair.buyers, "status": "realized", "identity": {"namespace": name, "value": value}}
        for name, value in values
    ]
    answer = pair.a.call(segments, "POST", "memberships", {"changes": changes})
    assert answer.body["accepted"] == 3, answer.body
    assert [(each["index"], each["reason"]) for each in answer.body["rejected"]] == [
        (1, "invalid_partner_id"),
        (2, "raw_identifier"),
        (3, "placeholder_partner_id"),
        (5, "invalid_partner_id"),
        (6, "looks_like_md5"),
        (7, "unknown_namespace"),
        (8, "placeholder_partner_id"),
        (9, "placeholder_partner_id"),
    ]


def test_an_upload_may_name_it_and_hash_none_of_it(pair: Pair) -> None:
    define(pair.a, "IP", HASHED)
    column = {"column": "ip", "as": "identity", "namespace": "ip"}
    body = {"fileName": "a.csv", "format": "csv", "mode": "delta", "segmentId": pair.buyers}
    refused = pair.a.call(segments, "POST", "uploads", body | {"columns": [column | {"transform": "hash"}]})
    assert pointers(refused) == ["/columns/0/transform"]
    assert pair.a.call(segments, "POST", "uploads", body | {"columns": [column]}).status == 201
    assert pointers(pair.b.call(segments, "POST", "uploads", body | {"segmentId": None, "columns": [column]})) == [
        "/columns/0/namespace"
    ]


def test_a_feed_shares_it_only_when_both_sides_take_it(pair: Pair) -> None:
    assert pointers(pair.a.call(feeds, "POST", "feeds", pair.body(namespaces=["LOYALTY"]))) == ["/namespaces/0"]
    define(pair.a)
    draft = pair.draft(namespaces=["email", "LOYALTY"])
    refused = pair.publish(draft)
    assert (refused.status, refused.body["reason"]) == (422, "namespace_not_agreed")
    assert pointers(refused) == ["/namespaces/1"]
    assert take(pair.a, pair).body["namespaces"][0]["status"] == "proposed_by_you"
    assert pair.publish(draft).body["reason"] == "namespace_not_agreed"
    assert take(pair.b, pair).status == 404
    define(pair.b, body=LOYALTY | {"maxLength": 13})
    other = take(pair.b, pair).body["namespaces"]
    assert [(each["maxLength"], each["status"]) for each in other] == [
        (13, "proposed_by_you"),
        (12, "proposed_by_partner"),
    ]
    still = pair.publish(draft).body
    assert still["reason"] == "namespace_not_agreed"
    assert "the same case, kind and lengths" in still["detail"]


def test_an_agreement_lets_it_flow_and_its_end_withdraws(pair: Pair) -> None:
    agreed(pair)
    seen = take(pair.b, pair).body["namespaces"]
    assert [(each["namespace"], each["status"]) for each in seen] == [("LOYALTY", "agreed")]
    _, received = pair.enabled(namespaces=["LOYALTY", "email"])
    flow = _flow(received["dataflowId"])
    code = _code(pair.a)
    assert namespace_of(code).symbol == "LOYALTY"
    assert partner_target.PARTNER.terms(flow).namespaces == (1, code)
    assert take(pair.b, pair, "disable").status == 200
    assert partner_target.PARTNER.terms(flow).namespaces == (1,)
    assert {message["dataflowId"] for message in pair.exports()} == {flow.dataflow_id}
    assert ("connection.namespaces_changed", "partner") in log(pair.a)
    assert ("connection.namespaces_changed", "principal") in log(pair.b)


def test_a_disabled_one_names_what_flows_and_takes_nothing_new(pair: Pair) -> None:
    agreed(pair)
    _, received = pair.enabled(namespaces=["LOYALTY"])
    assert pair.a.call(access, "POST", "namespaces/LOYALTY/disable").status == 200
    assert partner_target.PARTNER.terms(_flow(received["dataflowId"])).namespaces == (_code(pair.a),)
    assert pointers(pair.a.call(feeds, "POST", "feeds", pair.body(namespaces=["LOYALTY"]))) == ["/namespaces/0"]
    assert take(pair.a, pair).status == 404
    assert take(pair.a, pair, "disable").body["namespaces"][0]["status"] == "proposed_by_partner"


def test_an_ended_connection_takes_no_namespace(pair: Pair) -> None:
    define(pair.a)
    assert pair.a.call(connect, "POST", f"connections/{pair.connection}/disconnect").status == 200
    assert take(pair.a, pair).status == 409
    assert take(pair.world.member(pair.world.c), pair).status == 404


def _flow(dataflow_id: str) -> Any:
    return dataflows.dataflow(dataflow_id)


def test_codes_leave_out_what_nobody_defined(pair: Pair) -> None:
    connection = connections_store.get(pair.a.sandbox.sandbox_id, pair.connection)
    assert connection
    assert agreements.codes(pair.a.sandbox, connection, ["email", "LOYALTY"]) == (1,)
