"""What a partner's request may do in somebody else's sandbox, through the handlers and the worker.

Tables are in memory, as in test_privacy_requests.
"""

from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest

from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.privacy_requests import app as privacy
from handfast.identity.keys import Key
from handfast.journal import store as journal
from handfast.journal.models import ErasureScope
from handfast.lake import people, person_changes, suppressions
from handfast.partners import messages
from handfast.partners.models import PartnerRef
from handfast.platform import clock, objects
from handfast.privacy_requests import list_store, notices, proof, replaying, scopes
from handfast.privacy_requests.models import DenialGround, PrivacyType
from handfast.privacy_requests.passed_on import PassedOn, Standing, Uncovered
from tests.worlds.memory import Deployment
from tests.worlds.privacy import ANN, ANN_KEYS, BOB, COLUMNS, Ring, automatic, file_of, ring_of, subject
from tests.worlds.sandboxes import Member, organizations
from tests.worlds.sharing import pointers
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, identity, ingested, keys

IN_MEMORY = Deployment()


@built_once
def _built_ring() -> tuple[Ring, Any]:
    return ring_of(organizations()), IN_MEMORY.items


@pytest.fixture
def stores(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    IN_MEMORY.items = Deployment().items
    IN_MEMORY.install_tables(monkeypatch)


@pytest.fixture
def ring(stores: None) -> Ring:
    ring, IN_MEMORY.items = _built_ring()
    return ring


def ann() -> Key:
    return identity("email", ANN[1])


def bob() -> Key:
    return identity("email", BOB[1])


def request_of(sender: Member, kind: PrivacyType, *named: Key, share: str | None = None) -> str:
    """The id of a request of `sent`, at its sender."""
    return f"prq_{sender.sandbox.name}_{kind}_{share}_{named}"


def sent(
    sender: Member,
    receiver: Member,
    kind: PrivacyType,
    *named: Key,
    share: str | None = None,
    said: timedelta = timedelta(),
) -> Standing:
    """Have a partner pass on whatever it wants to, `said` before now, as its own code never would."""
    made = request_of(sender, kind, *named, share=share)
    said_at = clock.to_text(clock.now() - said)
    message = PassedOn(made, made, "", kind, "gdpr", share, dict.fromkeys(named, 1), said_at)
    return messages.send(sender.sandbox, PartnerRef.of(receiver.sandbox), message)


def receipt_of(ring: Ring, made: str) -> proof.Receipt:
    (told,) = ring.get(ring.a, made)["recipients"]
    return proof.read_receipt(proof.SignedDocument.model_validate(told["receipt"]))


def between(member: Member, other: Member, *named: Key) -> list[tuple[bool, bool]]:
    """Of all that went between two sandboxes of identities: whether it is withdrawn, and whether its value is there."""
    partner = PartnerRef.of(other.sandbox)
    rows = notices.disclosures_of(member.sandbox.sandbox_id, named)
    return [(bool(row.withdrawn_at), row.has_value) for flow, row in rows if notices.is_between(flow, partner)]


def towards(member: Member, other: Member, *named: Key) -> dict[Key, suppressions.Reason]:
    return suppressions.find(member.sandbox.sandbox_id, named, towards=PartnerRef.of(other.sandbox).key)


# How far an erasure reaches


@pytest.mark.parametrize("connected", [True, False], ids=["connected", "disconnected"])
def test_a_partners_erasure_takes_what_it_delivered_and_leaves_the_receivers_own_customer(
    ring: Ring, connected: bool, tmp_path: Path
) -> None:
    automatic(ring.a.sandbox, ring.b.sandbox)
    if not connected:
        path = f"connections/{ring.connections['sandbox a']}/disconnect"
        assert ring.a.call(connect, "POST", path).status == 200
        ring.export()
    made = ring.requested(ring.a)
    ring.work()
    assert between(ring.b, ring.a, ann()) == [(True, False)]
    assert between(ring.b, ring.c, ann()) == [(False, True)]
    assert people.segments_of(ring.b.sandbox.sandbox_id, [ann()]) == [ring.segments["sandbox b"]]
    left = ring.held(ring.b, tmp_path, *ANN_KEYS)
    assert (left.count("profiles"), left.count("memberships")) == (2, 2)
    assert suppressions.count(ring.b.sandbox.sandbox_id) == {}
    assert towards(ring.b, ring.a, ann(), bob()) == {ann(): "erasure"}
    assert ring.c.call(privacy, "GET", "privacy-requests").body["items"] == []
    passed = ring.only(ring.b)
    assert (passed["status"], passed["scope"], passed["recipients"]) == ("completed", "delivered", [])
    assert passed["stages"][0]["detail"] == {"byNamespace": {"Email_LC_SHA256": 1}, "identities": 1}
    view = ring.get(ring.a, made)
    assert (view["status"], view["scope"], view["result"]["gaps"]) == ("completed", None, 0)
    assert [(told["status"], told["scope"]) for told in view["recipients"]] == [("confirmed", "delivered")]
    receipt = receipt_of(ring, made)
    assert (receipt.outcome, receipt.scope, receipt.counts) == ("confirmed", "delivered", {"identities": 1})
    assert keys("subjects/") == []


def test_who_was_erased_towards_a_partner_does_not_come_from_it_again(ring: Ring) -> None:
    automatic(ring.b.sandbox)
    sent(ring.a, ring.b, "erasure", ann())
    ring.work()
    assert between(ring.b, ring.a, ann()) == [(True, False)]
    assert between(ring.b, ring.a, bob()) == [(False, True)]
    ingested(ring.world, ring.a, file_of(ANN), columns=COLUMNS, segmentId=ring.segments["sandbox a"])
    ring.export()
    assert between(ring.b, ring.a, ann()) == [(True, False)]


def test_what_holds_towards_a_partner_is_told_and_lifted_by_the_way_back(ring: Ring) -> None:
    automatic(ring.b.sandbox)
    sent(ring.a, ring.b, "erasure", ann())
    ring.work()
    asked = {"identities": subject(ANN[1])["identities"]}

    def partners() -> int:
        (found,) = ring.b.call(privacy, "POST", "suppressions/check", asked).body["items"]
        assert (found["suppressed"], found["reason"]) == (False, None)
        partners: int = found["partners"]
        return partners

    def back(**members: Any) -> Any:
        made = ring.requested(ring.b, "opt_in", subject=subject(ANN[1]), **members)
        officer = ring.world.member(ring.b.sandbox, "privacy-officer")
        officer.call(approvals, "POST", f"privacy-requests/{made}/approve")
        ring.work()
        return ring.get(ring.b, made)["result"].get("stillSuppressed")

    assert partners() == 1
    assert back() == {"erasure": 1}
    assert not back(liftErasure=True)
    assert partners() == 0
    ring.export()
    assert (False, True) in between(ring.b, ring.a, ann())
    since = clock.from_text("2020-01-01T00:00:00Z")
    objects.delete(*keys("suppressions"))
    replaying.replay(ring.b.sandbox.sandbox_id, since)
    assert towards(ring.b, ring.a, ann()) == {}


def test_the_receiver_sees_what_each_scope_would_reach_and_has_it_reach_everything(ring: Ring, tmp_path: Path) -> None:
    automatic(ring.a.sandbox)
    made = ring.requested(ring.a)
    ring.work()
    passed = ring.only(ring.b)
    path = f"privacy-requests/{passed['privacyRequestId']}"
    assert (passed["status"], passed["scope"]) == ("pending", "delivered")
    assert ring.b.call(privacy, "GET", f"{path}/preview").body == {
        "named": 1,
        "delivered": {
            "identities": {"byNamespace": {"Email_LC_SHA256": 1}},
            "segments": [],
            "recipients": [],
            "connectors": [],
        },
        "everything": {
            "identities": {"byNamespace": {"Email_LC_SHA256": 1, "Phone_SHA256_E.164": 1}},
            "segments": [ring.segments["sandbox b"]],
            "recipients": [{"name": "Organization A, sandbox c", "kind": "partner"}],
            "connectors": [],
        },
    }
    assert [record["subject"] for record in journal.log(ring.b.sandbox.sandbox_id)][-1] == passed["privacyRequestId"]
    assert ring.b.call(approvals, "POST", f"{path}/approve", {"scope": "all"}).status == 422
    approved = ring.b.call(approvals, "POST", f"{path}/approve", {"scope": "everything"})
    assert (approved.status, approved.body["scope"]) == (200, "everything")
    ring.work()
    assert ring.held(ring.b, tmp_path, *ANN_KEYS) == []
    assert suppressions.count(ring.b.sandbox.sandbox_id) == {"erasure": 2}
    assert ring.only(ring.c)["scope"] == "delivered"
    receipt = receipt_of(ring, made)
    assert (receipt.scope, receipt.counts) == ("everything", {"identities": 1})
    assert ring.b.call(privacy, "GET", f"{path}/preview").status == 409


def test_a_scope_and_its_preview_are_a_partners_erasures_alone(ring: Ring) -> None:
    own, opted = f"privacy-requests/{ring.requested(ring.b)}", sent(ring.a, ring.b, "opt_out", ann())
    of_a_partner = ring.b.call(privacy, "GET", "privacy-requests", query={"type": "opt_out"}).body["items"][0]
    assert (opted, of_a_partner["scope"]) == (Standing(), None)
    for path in (own, f"privacy-requests/{of_a_partner['privacyRequestId']}"):
        refused = ring.b.call(approvals, "POST", f"{path}/approve", {"scope": "everything"})
        assert (refused.status, refused.body["reason"], pointers(refused)) == (422, "no_scope", ["/scope"])
        assert ring.b.call(privacy, "GET", f"{path}/preview").status == 409
    assert ring.b.call(privacy, "GET", "privacy-requests/prq_none/preview").status == 404
    viewer = ring.world.member(ring.b.sandbox, "viewer")
    assert viewer.call(privacy, "GET", f"{own}/preview").status == 403


def test_a_denial_is_a_gap_with_its_ground_and_has_no_scope(ring: Ring) -> None:
    automatic(ring.a.sandbox)
    made = ring.requested(ring.a)
    ring.work()
    path = f"privacy-requests/{ring.only(ring.b)['privacyRequestId']}/deny"
    assert ring.b.call(approvals, "POST", path, {"reason": "kept under a legal hold"}).status == 200
    ring.work()
    view = ring.get(ring.a, made)
    (told,) = view["recipients"]
    assert (view["result"]["gaps"], told["status"], told["reason"]) == (1, "refused", "kept under a legal hold")
    assert (told["scope"], receipt_of(ring, made).scope, receipt_of(ring, made).counts) == (None, None, {})


GROUNDS: tuple[DenialGround, ...] = get_args(DenialGround.__value__)


@pytest.mark.parametrize(
    ("verb", "body", "expected", "status", "gaps"),
    [
        (None, None, ("sent", None, None), "running", None),
        ("approve", {}, ("confirmed", "delivered", None), "completed", 0),
        ("approve", {"scope": "everything"}, ("confirmed", "everything", None), "completed", 0),
        ("cancel", None, ("refused", None, None), "completed_with_gaps", 1),
        *[
            ("deny", {"reason": "why", "ground": ground}, ("refused", None, ground), "completed_with_gaps", 1)
            for ground in GROUNDS
        ],
    ],
)
def test_whatever_a_partner_answers_is_told_for_what_it_is(
    ring: Ring, verb: str | None, body: Any, expected: tuple[str | None, ...], status: str, gaps: int | None
) -> None:
    automatic(ring.a.sandbox)
    made = ring.requested(ring.a)
    ring.work()
    if verb:
        function = privacy if verb == "cancel" else approvals
        path = f"privacy-requests/{ring.only(ring.b)['privacyRequestId']}/{verb}"
        assert ring.b.call(function, "POST", path, body).status == 200
        ring.work()
    view = ring.get(ring.a, made)
    (told,) = view["recipients"]
    assert (told["status"], told["scope"], told["ground"]) == expected
    assert (view["status"], view["result"].get("gaps")) == (status, gaps)
    assert view["answer"] == {"running": None, "completed": "fulfilled"}.get(status, "partial")


# Only withdrawals travel


@pytest.mark.parametrize(
    ("said", "counts"), [(timedelta(hours=2), False), (timedelta(), True), (timedelta(hours=-2), True)]
)
@pytest.mark.parametrize("kind", ["opt_out", "consent", "erasure"])
def test_what_a_partner_passes_on_is_as_old_as_the_person_said_it(
    ring: Ring, kind: PrivacyType, said: timedelta, counts: bool
) -> None:
    automatic(ring.b.sandbox)
    sandbox_id, ann = ring.b.sandbox.sandbox_id, identity(*ANN_KEYS[0])
    before = clock.now() - timedelta(hours=1)
    suppressions.release(sandbox_id, [ann], "release_erasure" if kind == "erasure" else "release", before)
    known = people.profiles(sandbox_id, [ann])
    person_changes.answer(sandbox_id, "chg_yes", before, [ann], known, "y", before)
    apply_all(ring.world)
    share = "n" if kind == "consent" else None
    assert sent(ring.a, ring.b, kind, ann, share=share, said=said).refused is None
    ring.work()
    (row,) = people.stored_profiles(sandbox_id, [ann])
    assert (row.profile_share == "n") == (kind == "consent" and counts)
    assert suppressions.find(sandbox_id, [ann]) == ({ann: "opt_out"} if kind == "opt_out" and counts else {})
    assert bool(towards(ring.b, ring.a, ann)) == (kind == "erasure" and counts)


def test_a_yes_is_not_passed_on(ring: Ring) -> None:
    automatic(ring.a.sandbox, ring.b.sandbox)
    made = ring.requested(ring.a, "consent", share="y")
    ring.work()
    view = ring.get(ring.a, made)
    assert (view["status"], view["share"], view["recipients"]) == ("completed", "y", [])
    assert ring.b.call(privacy, "GET", "privacy-requests").body["items"] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"kind": "opt_out"}, {"kind": "opt_in"}),
        ({"kind": "consent", "share": "n"}, {"kind": "consent", "share": "y"}),
    ],
)
def test_what_a_later_request_allows_again_an_earlier_one_does_not_wait_for(
    ring: Ring, first: dict[str, str], second: dict[str, str]
) -> None:
    automatic(ring.a.sandbox, ring.b.sandbox)
    made = [ring.requested(ring.a, **asked) for asked in (first, second)]
    ring.work()
    assert [ring.get(ring.a, request)["status"] for request in made] == ["completed", "completed"]
    assert between(ring.a, ring.b, ann()) == [(False, True)]


ASKED: tuple[tuple[PrivacyType, str | None], ...] = (
    ("access", None),
    ("portability", None),
    ("erasure", None),
    ("opt_out", None),
    ("opt_in", None),
    ("consent", "y"),
    ("consent", "n"),
)
IS: dict[str, tuple[bool, str | None, suppressions.Reason | None]] = {
    "unknown": (False, None, None),
    "silent": (True, None, None),
    "yes": (True, "y", None),
    "no": (True, "n", None),
    "opted_out": (True, None, "opt_out"),
    "erased": (False, None, "erasure"),
}
"""Of a person in each state: whether the receiver knows her, her answer, and why she is suppressed."""
GIVEN = [*COLUMNS, {"column": "answer", "as": "share"}]


def mail(kind: str, share: str | None, state: str) -> str:
    return f"{kind}.{share}.{state}@example.com"


@pytest.fixture
def everybody(ring: Ring) -> Ring:
    """The ring where the second sandbox knows a person in each state for each thing that may be asked."""
    known = [(kind, share, state) for (kind, share), state in product(ASKED, IS) if IS[state][0]]
    lines = "".join(f"{mail(*who)},{mail(*who)},,{IS[who[2]][1] or ''}\n" for who in known)
    ingested(ring.world, ring.b, f"id,mail,tel,answer\n{lines}".encode(), columns=GIVEN)
    for state, (_, _, reason) in IS.items():
        named = [identity("email", mail(kind, share, state)) for kind, share in ASKED]
        if reason:
            suppressions.add(ring.b.sandbox.sandbox_id, named, reason, clock.now())
    return ring


def expected(kind: PrivacyType, share: str | None, state: str, scope: ErasureScope) -> tuple[Any, ...]:
    """What is so of a person in that state when a partner has asked."""
    known, answer, suppressed = IS[state]
    match kind, share:
        case ("erasure", _) if scope == "everything":
            return False, None, "erasure", None, "completed"
        case ("erasure", _):
            return known, answer, suppressed, "erasure", "completed"
        case ("opt_out", _):
            return known, answer, suppressed or "opt_out", None, "completed"
        case ("consent", "n"):
            return known, "n" if known else None, suppressed, None, "completed"
        case _:
            return known, answer, suppressed, None, "denied"


@pytest.mark.parametrize(("scope", "types"), [("delivered", ASKED), ("everything", [("erasure", None)])])
def test_every_type_from_a_partner_against_every_state_of_a_person(
    everybody: Ring, scope: ErasureScope, types: list[tuple[PrivacyType, str | None]]
) -> None:
    ring = everybody
    automatic(ring.b.sandbox, erasures=scope)
    asked = [(kind, share, state) for (kind, share), state in product(types, IS)]
    named = {each: identity("email", mail(*each)) for each in asked}
    refused = {
        (kind, share) for (kind, share, _), who in named.items() if sent(ring.a, ring.b, kind, who, share=share).refused
    }
    withdrawing = {("erasure", None), ("opt_out", None), ("consent", "n")}
    assert refused == {*types} - withdrawing
    ring.work()
    sandbox_id = ring.b.sandbox.sandbox_id
    profiles = {(row.hi, row.lo): row.profile_share for row in people.stored_profiles(sandbox_id, named.values())}
    reasons, kept_from = suppressions.find(sandbox_id, named.values()), towards(ring.b, ring.a, *named.values())
    ended = {request.origin.privacy_request_id: request.status for request in list_store.requests(sandbox_id)}
    found = {
        (kind, share, state): (
            who in profiles,
            profiles.get(who),
            reasons.get(who),
            kept_from.get(who),
            ended[request_of(ring.a, kind, who, share=share)],
        )
        for (kind, share, state), who in named.items()
    }
    assert found == {asked: expected(*asked, scope) for asked in named}
    assert keys("subjects/") == []
    assert keys("access/") == []


def test_a_yes_from_a_partner_is_shown_for_what_it_asks_and_cannot_be_approved(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sent(ring.a, ring.b, "consent", ann(), share="y").refused
    refused = ring.only(ring.b)
    assert (refused["status"], refused["share"], refused["origin"]["partner"]) == ("denied", "y", "Organization A")
    assert (refused["ground"], "no yes" in refused["reason"]) == ("claim_not_covered", True)
    assert sent(ring.a, ring.b, "consent", ann(), share="y").refused, "when it is sent again, too"
    ring.only(ring.b)
    with monkeypatch.context() as before:  # as a version that took it has left it
        before.setattr(scopes, "travels", lambda *_: True)
        sent(ring.a, ring.b, "opt_in", ann())
    (waits,) = ring.b.call(privacy, "GET", "privacy-requests", query={"status": "pending"}).body["items"]
    path = f"privacy-requests/{waits['privacyRequestId']}"
    assert ring.b.call(approvals, "POST", f"{path}/approve").status == 409
    assert ring.b.call(approvals, "POST", f"{path}/deny", {"reason": "not yours"}).status == 200


# What a partner learns


@pytest.mark.parametrize("scope", ["delivered", "everything"])
def test_a_partner_that_asks_about_somebody_it_never_delivered_learns_nothing(ring: Ring, scope: ErasureScope) -> None:
    automatic(ring.c.sandbox, erasures=scope)
    told = []
    for who in (ann(), identity("email", "nobody@example.com")):  # known to the receiver, and unknown
        standing = sent(ring.a, ring.c, "erasure", who)
        ring.work()
        question = Uncovered(request_of(ring.a, "erasure", who), "", "erasure", frozenset({bob(), who}))
        told.append((standing, messages.send(ring.a.sandbox, PartnerRef.of(ring.c.sandbox), question)))
    assert told == [(Standing(awaited=True), frozenset())] * 2


def test_what_is_about_one_partners_deliveries_takes_nothing_of_anothers_away(ring: Ring) -> None:
    automatic(ring.c.sandbox)
    sent(ring.a, ring.c, "erasure", ann())
    question = Uncovered(request_of(ring.a, "erasure", ann()), "", "erasure", frozenset({ann()}))

    def uncovered() -> frozenset[Key]:
        return messages.send(ring.b.sandbox, PartnerRef.of(ring.c.sandbox), question)

    assert uncovered() == {ann()}
    ring.work()
    assert uncovered() == {ann()}
    sent(ring.b, ring.c, "erasure", ann())
    ring.work()
    assert uncovered() == frozenset()
