"""What a person's explanation tells, and that it agrees with what partners are given."""

import json
from typing import Any

import pytest

from functions.feeds import app as feeds
from functions.segments import app as segments
from handfast.journal import store as journal
from handfast.lake import suppressions
from handfast.platform import clock
from tests.worlds.exports import share_once
from tests.worlds.sandboxes import Answer, Member, World, organizations
from tests.worlds.sharing import Pair, pair_of
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, identity, ingested

COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash"},
    {"column": "share", "as": "share", "namespace": "email"},
]
HEADER = "id,mail,tel,share\n"
ANN, BOB, CAT, DAN, EVE = (f"{name}@example.com" for name in ("ann", "bob", "cat", "dan", "eve"))
PHONE = "+14155552671"
PEOPLE = f"{HEADER}1,{ANN},{PHONE},y\n2,{BOB},,n\n3,{CAT},,y\n4,{DAN},,y\n"


def explain(member: Member, value: str, namespace: str = "email", **about: Any) -> Answer:
    body = {"identity": {"namespace": namespace, "value": value}} | about
    return member.call(feeds, "POST", "people/explain", body)


def reasons(answer: Answer) -> list[tuple[str, list[str]]]:
    """By identity each share's reason."""
    assert answer.status == 200, answer.body
    return [
        (
            found["namespace"],
            [share["reason"] for flow in found["dataflows"] for share in flow["segments"]],
        )
        for found in answer.body["identities"]
    ]


@built_once
def _built_pair() -> Pair:
    world = organizations()
    pair = pair_of(world)
    ingested(world, pair.a, PEOPLE.encode(), columns=COLUMNS, segmentId=pair.buyers)
    ingested(world, pair.b, PEOPLE.replace(f"4,{DAN},,y\n", "").encode(), columns=COLUMNS)
    apply_all(world)
    suppressions.add(pair.a.sandbox.sandbox_id, [identity("email", CAT)], "opt_out", clock.now())
    share_once(pair)
    return pair


@pytest.fixture
def pair(stores: None) -> Pair:
    """The receiver knows all but Dan; Cat has opted out. The feed is enabled and has run."""
    return _built_pair()


@pytest.fixture
def world(pair: Pair) -> World:
    return pair.world


def test_each_identity_of_a_person_tells_where_it_is_and_what_keeps_it(pair: Pair) -> None:
    answer = explain(pair.a, "Ann@Example.com ")
    assert answer.status == 200, answer.body
    mail, phone = answer.body["identities"]
    assert (mail["namespace"], mail["asked"], mail["known"]) == ("Email_LC_SHA256", True, True)
    assert (phone["namespace"], phone["asked"], phone["known"]) == ("Phone_SHA256_E.164", False, True)
    for found in (mail, phone):
        (member_of,) = found["segments"]
        assert (member_of["segmentId"], member_of["name"]) == (pair.buyers, "Buyers")
        assert member_of["since"].endswith("Z")
        assert found["suppressed"] is None
    assert mail["consent"]["share"] == "y"
    assert mail["consent"]["consentDefault"] == "default_allow"
    (flow,) = mail["dataflows"]
    assert (flow["connectionId"], flow["status"]) == (pair.connection, "active")
    assert flow["partner"]["sandboxName"] == "sandbox b"
    assert reasons(answer) == [
        ("Email_LC_SHA256", ["cleared"]),
        ("Phone_SHA256_E.164", ["namespace_not_selected"]),
    ]
    assert reasons(explain(pair.a, PHONE, "phone"))[0] == ("Phone_SHA256_E.164", ["namespace_not_selected"])


@pytest.mark.parametrize(("who", "reason"), [(BOB, "consent"), (CAT, "suppressed"), (DAN, "cleared"), (ANN, "cleared")])
def test_the_reasons_are_those_of_the_population(pair: Pair, who: str, reason: str) -> None:
    assert reasons(explain(pair.a, who))[0] == ("Email_LC_SHA256", [reason])
    flow = pair.received()["dataflowId"]
    population = pair.a.call(feeds, "GET", f"dataflows/{flow}/population").body
    steps = {step["reason"]: step["identities"] for step in population["steps"]} | {"cleared": population["cleared"]}
    assert steps[reason] == (2 if reason == "cleared" else 1)


def test_whom_the_partner_knows_is_not_told_and_what_oneself_holds_is(pair: Pair) -> None:
    """Ann is shared, Dan is not known to the partner: but for times, the sender is told the same of both."""
    shared, unshared = (explain(pair.a, who).body["identities"][0] for who in (ANN, DAN))
    for told in (shared, unshared):
        for membership in told["segments"]:
            del membership["since"]
        del told["consent"]["answeredAt"]
    assert shared == unshared
    assert shared["received"] == []

    (mail, _phone) = explain(pair.b, ANN).body["identities"]
    (receipt,) = mail["received"]
    received = pair.received()
    assert (receipt["receivedFeedId"], receipt["segmentId"]) == (received["receivedFeedId"], pair.buyers)
    assert (receipt["partner"]["sandboxName"], receipt["since"][-1]) == ("sandbox a", "Z")
    assert explain(pair.b, DAN).body["identities"][0]["received"] == []
    assert explain(pair.b, ANN, segmentId="seg_x").status == 404


def test_a_suppression_tells_why_and_since_when_and_bob_has_said_no(pair: Pair) -> None:
    (cat,) = explain(pair.a, CAT).body["identities"]
    assert cat["suppressed"]["reason"] == "opt_out"
    assert cat["suppressed"]["since"].endswith("Z")
    (bob,) = explain(pair.a, BOB).body["identities"]
    assert (bob["consent"]["share"], bob["consent"]["answeredAt"] is not None) == ("n", True)


def test_a_stranger_is_known_nowhere(pair: Pair) -> None:
    (eve,) = explain(pair.a, EVE).body["identities"]
    assert (eve["asked"], eve["known"], eve["segments"], eve["suppressed"]) == (True, False, [], None)
    assert [flow["segments"] for flow in eve["dataflows"]] == [[]]


def test_a_segment_that_may_not_be_shared_now_is_not_shared(pair: Pair) -> None:
    assert pair.decide("disable").status == 200
    assert reasons(explain(pair.a, DAN)) == [("Email_LC_SHA256", ["cleared"])]
    assert pair.a.call(feeds, "DELETE", f"feeds/{pair.received()['feedId']}").status == 204
    assert reasons(explain(pair.a, ANN, dataflowId=pair.received()["dataflowId"]))[0] == (
        "Email_LC_SHA256",
        ["not_shared"],
    )


def test_what_is_asked_about_narrows_the_answer(pair: Pair) -> None:
    flow = pair.received()["dataflowId"]
    assert explain(pair.a, ANN, segmentId=pair.visitors).body["identities"][0]["segments"] == []
    assert reasons(explain(pair.a, ANN, segmentId=pair.visitors))[0][1] == []
    assert reasons(explain(pair.a, ANN, dataflowId=flow, connectionId=pair.connection))[0][1] == ["cleared"]
    for name, value in {"segmentId": "seg_x", "connectionId": "con_x", "dataflowId": "flow_x"}.items():
        answer = explain(pair.a, ANN, **{name: value})
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (404, f"/{name}")
    assert explain(pair.b, ANN, dataflowId=flow).status == 404  # it leads into that sandbox


def test_every_call_is_recorded_without_a_value(pair: Pair) -> None:
    answer = explain(pair.a, ANN, segmentId=pair.buyers)
    record = list(journal.log(pair.a.sandbox.sandbox_id))[-1]
    assert (record["type"], record["actor"]["id"]) == ("person.explained", pair.a.principal_id)
    assert record["detail"] == {"identities": 2, "segmentId": pair.buyers}
    for text in (json.dumps(answer.body), json.dumps(record, default=str)):
        assert not any(value in text for value in (ANN, PHONE, "ann"))


def test_an_identity_that_cannot_be_read_and_a_caller_that_may_not(world: World, pair: Pair) -> None:
    for body, pointer in (
        ({"namespace": "fax", "value": ANN}, "/identity/namespace"),
        ({"namespace": "email", "value": "nobody"}, "/identity/value"),
        ({"namespace": "email", "value": ANN, "format": "sha256"}, "/identity/value"),
    ):
        answer = pair.a.call(feeds, "POST", "people/explain", {"identity": body})
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer)
        assert body["value"] not in json.dumps(answer.body)
    refused = explain(world.member(world.a, "viewer"), ANN)
    assert (refused.status, refused.body["permission"]) == (403, "profiles:read")


def test_composed_segments_are_named_beside_their_parts(pair: Pair) -> None:
    def composed(owner: Member, expression: str) -> str:
        body = {"name": "Composed", "expression": expression}
        return str(owner.call(segments, "POST", "segments", body).body["segmentId"])

    def named(member: Member, who: str) -> list[str]:
        (asked,) = [found for found in explain(member, who).body["identities"] if found["asked"]]
        return [membership["segmentId"] for membership in asked["segments"]]

    only = composed(pair.a, f"{pair.buyers} AND NOT {pair.visitors}")
    recent = composed(pair.a, f"FREQUENCY([{pair.buyers}] <= 1D) >= 1")
    both = composed(pair.a, f"{only} AND {pair.visitors}")
    assert named(pair.a, ANN) == [pair.buyers, only, recent]
    assert both not in named(pair.a, ANN)
    (asked,) = [found for found in explain(pair.a, ANN).body["identities"] if found["asked"]]
    assert len({membership["since"] for membership in asked["segments"]}) == 1, "since it joined the part"
    mixed = composed(pair.b, pair.buyers)
    assert named(pair.b, ANN) == [mixed], "of what the partner gave"
    assert named(pair.b, BOB) == []
    assert pair.decide("disable").status == 200
    assert named(pair.b, ANN) == [], "a lost part leaves nobody"
