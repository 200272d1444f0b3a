"""Privacy requests through their handlers and their worker, on a whole deployment's stores.

Tables are in memory: what DynamoDB makes of their requests is tested in test_privacy_requests_data and others, and moto
would take minutes for these.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import boto3
import pytest

from functions.approvals import app as approvals
from functions.feeds import app as feeds_app
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as queue
from functions.sweep import app as sweep
from handfast.access import service as access
from handfast.journal import store as journal
from handfast.lake import answers, suppressions
from handfast.lake import people as lake_people
from handfast.platform import aws, clock, objects, queues, table
from handfast.platform.secret import identity_secret
from handfast.privacy_requests import (
    notices,
    proof,
    proof_check,
    reading,
    replaying,
    stages,
    store,
    subject_store,
    worker,
)
from handfast.privacy_requests.models import STAGES, DenialGround, StageName
from handfast.privacy_requests.replaying import Replayed
from tests.worlds.faults import failing
from tests.worlds.memory import Deployment
from tests.worlds.privacy import ANN, ANN_KEYS, BOB, COLUMNS, Ring, automatic, events, file_of, ring_of, stream, subject
from tests.worlds.sandboxes import CONTEXT, Answer, Member, World, organizations, proxy_event
from tests.worlds.sharing import segment
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, handled, identity, ingested, keys, rows

IN_MEMORY = Deployment()


@built_once
def _built_ring() -> tuple[Ring, Any]:
    return ring_of(organizations()), IN_MEMORY.items


def built_ring() -> Ring:
    ring, IN_MEMORY.items = _built_ring()
    return ring


@pytest.fixture
def stores(stores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    IN_MEMORY.items = Deployment().items
    IN_MEMORY.install_tables(monkeypatch)


@pytest.fixture
def world(stores: None) -> World:
    return organizations()


@pytest.fixture
def ring(stores: None) -> Ring:
    return built_ring()


@pytest.fixture
def run_by_rule(ring: Ring) -> Ring:
    automatic(ring.a.sandbox, ring.b.sandbox, ring.c.sandbox, erasures="everything")
    return ring


@built_once
def _built_erasure() -> tuple[Ring, str, Any]:
    ring = built_ring()
    automatic(ring.a.sandbox, ring.b.sandbox, ring.c.sandbox, erasures="everything")
    made = ring.requested(ring.a)
    ring.work()
    return ring, made, IN_MEMORY.items


@pytest.fixture
def erased(stores: None) -> tuple[Ring, str]:
    """The ring after an erasure of Ann that the first sandbox asked for."""
    ring, made, IN_MEMORY.items = _built_erasure()
    return ring, made


# Erasure


def test_an_erasure_reaches_every_recipient_in_the_ring_and_comes_back_with_receipts(
    erased: tuple[Ring, str], tmp_path: Path
) -> None:
    ring, made = erased
    view = ring.get(ring.a, made)
    assert view["status"] == "completed"
    assert [stage["status"] for stage in view["stages"]] == ["done"] * 8
    assert view["result"] == {"identities": 2, "recipients": 1, "connectors": 0, "gaps": 0, "matched": True}
    assert view["answer"] == "fulfilled"
    (told,) = view["recipients"]
    assert (told["name"], told["kind"], told["status"]) == ("Organization B, sandbox b", "partner", "confirmed")
    receipt = proof.read_receipt(proof.SignedDocument.model_validate(told["receipt"]))
    assert (receipt.root_id, receipt.outcome, receipt.counts["identities"]) == (made, "confirmed", 1)
    assert told["notifiedAt"] <= told["confirmedAt"]
    for member, partner in ((ring.b, "Organization A"), (ring.c, "Organization B")):
        passed = ring.only(member)
        assert (passed["status"], passed["origin"]) == ("completed", {"rootId": made, "partner": partner})
    (last,) = ring.only(ring.c)["recipients"]
    assert (last["status"], last["reason"]) == ("sent", "it has this request already, by another way")
    for member in (ring.a, ring.b, ring.c):
        assert ring.held(member, tmp_path, *ANN_KEYS) == []
        assert ring.held(member, tmp_path, ("email", BOB[1]))
    assert keys("subjects/") == []


def test_what_was_erased_does_not_come_back_by_any_way(erased: tuple[Ring, str], tmp_path: Path) -> None:
    ring, _ = erased
    for member in (ring.a, ring.b, ring.c):
        upload = ingested(ring.world, member, file_of(ANN, BOB), columns=COLUMNS)
        assert upload.rejected_by_reason == {"suppressed": 1}
        assert stream(member, ring.segments[member.sandbox.name], ANN[1])["accepted"] == 0
        assert ring.held(member, tmp_path, *ANN_KEYS) == []


def test_a_recipient_whose_connection_has_ended_hears_of_it_too(run_by_rule: Ring, tmp_path: Path) -> None:
    ring = run_by_rule
    body = {"connectionId": ring.connections["sandbox a"]}
    unshared = ring.a.call(feeds_app, "POST", f"feeds/{ring.feeds['sandbox a']}/unshare", body)
    assert unshared.status == 200, unshared.body
    ring.export()
    made = ring.requested(ring.a)
    ring.work()
    view = ring.get(ring.a, made)
    assert (view["status"], view["recipients"][0]["status"]) == ("completed", "confirmed")
    assert ring.held(ring.b, tmp_path, *ANN_KEYS) == []


def test_a_person_nobody_knows_is_suppressed_and_nobody_is_told(run_by_rule: Ring) -> None:
    made = run_by_rule.requested(run_by_rule.a, subject=subject("nobody@example.com"))
    run_by_rule.work()
    view = run_by_rule.get(run_by_rule.a, made)
    assert (view["status"], view["recipients"], view["result"]["identities"]) == ("completed", [], 0)
    found = suppressions.find(run_by_rule.a.sandbox.sandbox_id, [identity("email", "nobody@example.com")])
    assert list(found.values()) == ["erasure"]


def test_many_erasures_are_found_and_applied_together(run_by_rule: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    ring, sweeps = run_by_rule, []
    original = lake_people.find_people

    def counted(sandbox_id: str, people: Any, *more: Any, **named: Any) -> Any:
        sweeps.append((sandbox_id, len(people)))
        return original(sandbox_id, people, *more, **named)

    monkeypatch.setattr(lake_people, "find_people", counted)
    made = [ring.requested(ring.a, subject=subject(mail)) for mail in (ANN[1], BOB[1], "nobody@example.com")]
    ring.work()
    assert [ring.get(ring.a, request_id)["status"] for request_id in made] == ["completed"] * 3
    assert (ring.a.sandbox.sandbox_id, 6) in sweeps  # each also with what its devices lead to
    assert len([search for search in sweeps if search[0] == ring.a.sandbox.sandbox_id]) <= 4


# Partners' own rule


def test_a_partner_that_approves_by_hand_is_waited_for(ring: Ring, tmp_path: Path) -> None:
    automatic(ring.a.sandbox)
    made = ring.requested(ring.a)
    ring.work()
    view = ring.get(ring.a, made)
    assert (view["status"], view["recipients"][0]["status"], view["result"]) == ("running", "sent", {})
    assert [stage["status"] for stage in view["stages"]] == ["done"] * (len(view["stages"]) - 1) + ["running"]
    assert not ring.held(ring.a, tmp_path, ANN_KEYS[0])
    assert store.work(ring.a.sandbox.sandbox_id) == []
    assert (view["recipients"][0]["confirmedAt"], view["recipients"][0]["receipt"]) == (None, None)
    passed = ring.only(ring.b)
    assert passed["status"] == "pending"
    assert ring.held(ring.b, tmp_path, ANN_KEYS[0])
    answer = ring.b.call(approvals, "POST", f"privacy-requests/{passed['privacyRequestId']}/approve")
    assert (answer.status, answer.body["status"]) == (200, "approved")
    ring.work()
    view = ring.get(ring.a, made)
    assert (view["status"], view["recipients"][0]["status"]) == ("completed", "confirmed")
    assert view["recipients"][0]["receipt"]


def test_who_entered_a_request_at_a_partner_may_not_approve_it_here(ring: Ring) -> None:
    automatic(ring.a.sandbox)
    ring.requested(ring.a)
    ring.work()
    passed = ring.only(ring.b)
    assert passed["fourEyes"] is True
    access.register_principal(ring.a.principal_id, "Of both", ring.b.sandbox.sandbox_id, "privacy-officer")
    path = f"privacy-requests/{passed['privacyRequestId']}/approve"
    same = Member(ring.a.principal_id, ring.b.sandbox).call(approvals, "POST", path)
    assert (same.status, same.body["reason"]) == (422, "another_approver")
    assert ring.b.call(approvals, "POST", path).status == 200


def test_a_partner_that_refuses_says_why_and_the_request_keeps_its_gap(ring: Ring) -> None:
    automatic(ring.a.sandbox)
    made = ring.requested(ring.a)
    ring.work()
    passed = ring.only(ring.b)["privacyRequestId"]
    reason = "kept under a legal hold"
    assert ring.b.call(approvals, "POST", f"privacy-requests/{passed}/deny", {"reason": reason}).status == 200
    ring.work()
    view = ring.get(ring.a, made)
    (told,) = view["recipients"]
    assert (view["status"], told["status"], told["reason"]) == ("completed_with_gaps", "refused", reason)
    assert told["confirmedAt"] is None
    assert proof.read_receipt(proof.SignedDocument.model_validate(told["receipt"])).outcome == "refused"


def test_a_partner_is_waited_for_until_the_deadline_and_its_answer_closes_the_gap_later(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    automatic(ring.a.sandbox)
    made = ring.requested(ring.a)
    ring.work()
    due, passed = clock.from_text(ring.get(ring.a, made)["dueAt"]), ring.only(ring.b)["privacyRequestId"]
    for at, expected in ((due - timedelta(minutes=1), "running"), (due, "completed_with_gaps")):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        sweep.handler({}, CONTEXT)
        ring.work()
        assert ring.get(ring.a, made)["status"] == expected
    assert ring.get(ring.a, made)["result"]["gaps"] == 1
    assert ring.b.call(approvals, "POST", f"privacy-requests/{passed}/approve").status == 200
    ring.work()
    assert (ring.get(ring.a, made)["status"], ring.get(ring.a, made)["result"]["gaps"]) == ("completed", 0)


def test_one_failing_recipient_hides_no_others_success_and_is_told_by_a_retry(
    run_by_rule: Ring, tmp_path: Path
) -> None:
    ring = run_by_rule
    connection = ring.connections["sandbox c"]
    body = {
        "name": "Autumn",
        "segmentIds": [ring.segments["sandbox a"]],
        "namespaces": ["email"],
        "restrictedMarketingActions": [],
        "connectionIds": [connection],
    }
    feed = ring.a.call(feeds_app, "POST", "feeds", body).body["feedId"]
    assert ring.a.call(feeds_app, "POST", f"feeds/{feed}/publish").status == 200
    received = ring.c.call(feeds_app, "GET", "received-feeds").body["items"]
    (autumn,) = [offer["receivedFeedId"] for offer in received if offer["feedName"] == "Autumn"]
    assert ring.c.call(approvals, "POST", f"received-feeds/{autumn}/enable").status == 200
    ring.export()
    made = ring.requested(ring.a)
    with failing(ConnectionError("down"), at=f"subjects/{ring.b.sandbox.sandbox_id}/"):
        ring.work()
    view = ring.get(ring.a, made)
    assert view["status"] == "completed_with_gaps"
    assert {recipient["name"]: recipient["status"] for recipient in view["recipients"]} == {
        "Organization B, sandbox b": "failed",
        "Organization A, sandbox c": "confirmed",
    }
    history = len(store.history(made))
    assert ring.a.call(privacy, "POST", f"privacy-requests/{made}/retry").status == 200
    ring.work()
    view = ring.get(ring.a, made)
    assert view["status"] == "completed"
    assert {recipient["status"] for recipient in view["recipients"]} == {"confirmed"}
    assert len(store.history(made)) > history
    assert ring.held(ring.b, tmp_path, *ANN_KEYS) == []
    assert keys("subjects/") == []


# Stages


def test_a_stage_that_fails_too_often_waits_for_a_retry_which_goes_on_there(
    run_by_rule: Ring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ring, broken = run_by_rule, set(STAGES)

    def breaking(name: StageName, working: Any) -> Any:
        def sometimes(sandbox_id: str, jobs: Any) -> Any:
            if name in broken and sandbox_id == ring.a.sandbox.sandbox_id:
                raise RuntimeError("broken")
            return working(sandbox_id, jobs)

        return sometimes

    for name, working in stages.WORK.items():
        monkeypatch.setitem(stages.WORK, name, breaking(name, working))
    made = ring.requested(ring.a)
    before: dict[str, str] = {}
    for name in [stage["name"] for stage in ring.get(ring.a, made)["stages"]]:
        ring.work()
        view = ring.get(ring.a, made)
        failed = [stage["name"] for stage in view["stages"] if stage["status"] == "failed"]
        assert (view["status"], failed) == ("running", [name])
        assert store.work(ring.a.sandbox.sandbox_id) == []
        ended = {stage["name"]: stage["endedAt"] for stage in view["stages"] if stage["status"] == "done"}
        assert before.items() <= ended.items()
        before = ended
        broken.remove(name)
        assert ring.a.call(privacy, "POST", f"privacy-requests/{made}/retry").status == 200
    ring.work()
    assert ring.get(ring.a, made)["status"] == "completed"
    assert ring.held(ring.a, tmp_path, *ANN_KEYS) == []
    assert {"failed", "retried", "completed"} <= set(events(ring.a))


def test_stages_that_take_too_long_are_left_to_another_message(
    run_by_rule: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = run_by_rule
    made = ring.requested(ring.a)
    message = {"sandboxId": ring.a.sandbox.sandbox_id}
    ring.world.messages("PRIVACY_QUEUE_URL")
    monkeypatch.setattr(queues, "WORK_FOR", timedelta(0))
    for done in (["find"], ["find", "suppress"]):
        worker.work(message)
        assert [stage["name"] for stage in ring.get(ring.a, made)["stages"] if stage["status"] == "done"] == done
        assert ring.world.messages("PRIVACY_QUEUE_URL") == [message]


def test_what_comes_in_while_a_request_runs_is_found_again(run_by_rule: Ring, tmp_path: Path) -> None:
    ring = run_by_rule
    made = ring.requested(ring.a)
    worker.work({"sandboxId": ring.a.sandbox.sandbox_id})
    apply_all(ring.world)
    ingested(ring.world, ring.a, file_of((ANN[0], "ann.two@example.com", "")), columns=COLUMNS)
    ring.work()
    assert ring.get(ring.a, made)["status"] == "completed"
    assert ring.held(ring.a, tmp_path, ("email", "ann.two@example.com")) == []


def test_a_change_whose_message_was_lost_in_another_span_does_not_hold_an_erasure_up(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BUCKET_BITS", "7")
    automatic(world.a)
    a, sandbox_id = world.member(world.a), world.a.sandbox_id
    buyers = segment(a, "Buyers")
    ingested(world, a, file_of((ANN[0], ANN[1], "")), columns=COLUMNS, segmentId=buyers)
    side = identity("email", ANN[1])[0] < 0
    mails = (f"person{number}@example.com" for number in range(100))
    other = next(mail for mail in mails if (identity("email", mail)[0] < 0) != side)
    assert stream(a, buyers, other)["accepted"] == 1
    assert world.messages("INGEST_QUEUE_URL"), "is lost"
    body = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject(ANN[1])}
    assert a.call(privacy, "POST", "privacy-requests", body).status == 202
    for _ in range(10):
        assert handled(queue.handler, {"sandboxId": sandbox_id})
        apply_all(world)
    (made,) = a.call(privacy, "GET", "privacy-requests").body["items"]
    assert made["status"] == "completed"
    held = [row[:2] for row in rows(f"memberships/sandbox={sandbox_id}/", tmp_path)]
    assert held == [identity("email", other)]


# Opt-out, opt-in, consent


def test_an_opt_out_stops_sharing_tells_nobody_of_what_went_before_and_is_lifted_by_an_opt_in(
    run_by_rule: Ring, tmp_path: Path
) -> None:
    ring, ann = run_by_rule, identity("email", ANN[1])
    out = ring.requested(ring.a, "opt_out")
    ring.work()
    view = ring.get(ring.a, out)
    assert (view["status"], view["recipients"]) == ("completed", [])
    assert "profiles" in ring.held(ring.a, tmp_path, ANN_KEYS[0])
    assert all(
        row.withdrawn_at
        for flow, row in notices.disclosures_of(ring.a.sandbox.sandbox_id, [ann])
        if _from(ring.a, flow)
    )
    back = ring.requested(ring.a, "opt_in")
    ring.work()
    assert ring.get(ring.a, back)["status"] == "completed"
    assert suppressions.find(ring.a.sandbox.sandbox_id, [ann]) == {}
    shared = [row for flow, row in notices.disclosures_of(ring.a.sandbox.sandbox_id, [ann]) if _from(ring.a, flow)]
    assert [bool(row.withdrawn_at) for row in shared] == [True, False]


def _from(member: Member, flow: Any) -> bool:
    return bool(flow.source.is_sandbox(member.sandbox.sandbox_id))


def test_a_consent_request_sets_the_answer_here_and_at_the_recipients(run_by_rule: Ring, tmp_path: Path) -> None:
    ring = run_by_rule
    made = ring.requested(ring.a, "consent", share="n")
    ring.work()
    view = ring.get(ring.a, made)
    assert (view["status"], view["recipients"][0]["status"]) == ("completed", "confirmed")
    for member in (ring.a, ring.b):
        found = {row[:2]: row[5:7] for row in rows(f"profiles/sandbox={member.sandbox.sandbox_id}/", tmp_path)}
        assert found[identity("email", ANN[1])] == ("n", "n")
        assert found[identity("email", BOB[1])] == (None, None)


# Verification


def unverified(ring: Ring) -> tuple[str, str]:
    answer = ring.request(ring.a, verified=False)
    assert (answer.status, answer.body["status"]) == (202, "unverified")
    return answer.body["privacyRequestId"], answer.body["verificationCode"]


NOTE = "the family name; the right spelling went to you by post"


def test_a_rectification_is_a_task_for_people_here_and_at_every_recipient_and_its_note_is_its_proof(
    run_by_rule: Ring,
) -> None:
    ring = run_by_rule
    made = ring.requested(ring.a, "rectification", note=NOTE)
    ring.work()
    waiting = ring.get(ring.a, made)
    assert [(stage["name"], stage["status"]) for stage in waiting["stages"]] == [
        ("find", "done"),
        ("connectors", "done"),
        ("recipients", "done"),
        ("manual_task", "running"),
        ("complete", "pending"),
    ]
    passed = ring.only(ring.b)
    assert (passed["type"], passed["note"], passed["status"]) == ("rectification", NOTE, "running")
    assert waiting["recipients"][0]["status"] == "sent"
    early = done_by_hand(ring.a, made, connectorId="cn_none")
    assert (early.status, early.body["errors"][0]["pointer"]) == (422, "/connectorId")
    for member in (ring.c, ring.b, ring.a):
        name = ring.only(member)["privacyRequestId"]
        assert done_by_hand(member, name).status == 200
        assert done_by_hand(member, name).status == 409
        ring.work()
    view = ring.get(ring.a, made)
    assert (view["status"], view["answer"]) == ("completed", "fulfilled")
    assert [stage["detail"] for stage in view["stages"] if stage["name"] == "manual_task"] == [{"note": "spelt anew"}]
    assert view["recipients"][0]["status"] == "confirmed"
    done = next(record for record in store.history(made) if record["type"] == "privacy_request.done_by_hand")
    assert (done["detail"]["note"], done["actor"]["kind"]) == ("spelt anew", "principal")
    assert {"manual_task_begun", "done_by_hand", "completed"} <= set(events(ring.a))


def test_what_people_find_not_to_be_right_is_denied_with_a_ground(run_by_rule: Ring) -> None:
    ring = run_by_rule
    made = ring.requested(ring.a, "rectification", note=NOTE)
    ring.work()
    passed = ring.only(ring.b)["privacyRequestId"]
    body = {"reason": "the data are right", "ground": "claim_not_covered"}
    assert ring.b.call(approvals, "POST", f"privacy-requests/{passed}/deny", body).body["answer"] == "denied"
    assert ring.get(ring.a, made)["recipients"][0]["ground"] == "claim_not_covered"
    assert (done_by_hand(ring.b, passed).status, store.work(ring.b.sandbox.sandbox_id)) == (409, [])


def done_by_hand(member: Member, made: str, **members: Any) -> Answer:
    return member.call(approvals, "POST", f"privacy-requests/{made}/complete", {"note": "spelt anew"} | members)


def test_what_waits_for_people_is_warned_of_and_worked_at_by_no_worker(run_by_rule: Ring) -> None:
    made = run_by_rule.requested(run_by_rule.a, "limit", regulation="ccpa")
    run_by_rule.work()
    view = run_by_rule.get(run_by_rule.a, made)
    assert (view["status"], view["recipients"]) == ("running", [])
    assert store.work(run_by_rule.a.sandbox.sandbox_id) == []
    (listed,) = store.open_requests()
    assert (listed.has_work, listed.look_at is not None) == (False, True)


@pytest.mark.parametrize("kind", ["objection", "restriction"])
def test_an_objection_and_a_restriction_stop_sharing_here_and_at_who_received_before(
    run_by_rule: Ring, kind: str, tmp_path: Path
) -> None:
    ring = run_by_rule
    made = ring.requested(ring.a, kind)
    ring.work()
    for member in (ring.a, ring.b, ring.c):
        assert ring.only(member)["type"] == kind
        assert set(suppressions.find(member.sandbox.sandbox_id, {identity(*ANN_KEYS[0])}).values()) == {"opt_out"}
        assert "profiles" in ring.held(member, tmp_path, *ANN_KEYS)
    if kind == "restriction":
        for member in (ring.c, ring.b, ring.a):
            assert done_by_hand(member, ring.only(member)["privacyRequestId"]).status == 200
            ring.work()
    view = ring.get(ring.a, made)
    assert (view["status"], view["recipients"][0]["status"]) == ("completed", "confirmed")
    assert [stage["detail"] for stage in view["stages"] if stage["name"] == "verify"] == [{"shared": 0}]
    ring.requested(ring.a, "opt_in")
    ring.work()
    assert suppressions.find(ring.a.sandbox.sandbox_id, {identity(*ANN_KEYS[0])}) == {}


@pytest.mark.parametrize(
    "named",
    [
        {"namespace": "profile_id", "value": "1"},
        {"namespace": "extern_id", "value": "1"},
        {"namespace": "loyalty", "value": "1", "type": "custom"},
    ],
)
def test_a_person_is_found_by_a_sources_own_id(run_by_rule: Ring, named: dict[str, str], tmp_path: Path) -> None:
    ring = run_by_rule
    dry = ring.a.call(
        privacy,
        "POST",
        "privacy-requests",
        {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [named]}},
        query={"dryRun": "true"},
    )
    assert sum(dry.body["identities"]["byNamespace"].values()) == 2
    made = ring.requested(ring.a, subject={"identities": [named]})
    ring.work()
    assert ring.get(ring.a, made)["result"]["identities"] == 2
    for member in (ring.a, ring.b, ring.c):
        assert ring.held(member, tmp_path, ANN_KEYS[0]) == []
    assert ring.held(ring.a, tmp_path, ("email", BOB[1]))


def test_ids_of_a_source_that_are_none_are_refused_where_they_stand(ring: Ring) -> None:
    identities = [
        {"namespace": "email", "value": ANN[1]},
        {"namespace": "loyalty", "value": "1"},
        {"namespace": "extern_id", "value": "null"},
        {"namespace": "extern_id", "value": "ab" * 32, "format": "sha256"},
        {"namespace": "phone", "value": "nothing"},
    ]
    refused = ring.request(ring.a, subject={"identities": identities})
    assert [error["pointer"] for error in refused.body["errors"]] == [
        "/subject/identities/1/namespace",
        "/subject/identities/2/value",
        "/subject/identities/3/value",
        "/subject/identities/4/value",
    ]
    for own in ({"namespace": "extern_id", "value": "1"}, {"namespace": "email", "value": ANN[1], "type": "custom"}):
        looked_up = ring.a.call(privacy, "POST", "suppressions/check", {"identities": [own]})
        assert [error["pointer"] for error in looked_up.body["errors"]] == ["/identities/0/namespace"]


@pytest.mark.parametrize("ground", get_args(DenialGround.__value__))
def test_a_denial_has_a_ground_which_the_partner_it_came_from_is_told(ring: Ring, ground: str) -> None:
    automatic(ring.a.sandbox)
    made = ring.requested(ring.a)
    ring.work()
    passed = ring.only(ring.b)["privacyRequestId"]
    body = {"reason": "as the law allows", "ground": ground}
    denied = ring.b.call(approvals, "POST", f"privacy-requests/{passed}/deny", body).body
    assert (denied["status"], denied["answer"], denied["ground"]) == ("denied", "denied", ground)
    told = ring.get(ring.a, made)["recipients"][0]
    assert (told["status"], told["reason"], told["ground"]) == ("refused", "as the law allows", ground)
    ring.work()
    assert ring.get(ring.a, made)["answer"] == "partial"


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("erasure", "no_match"), ("access", "no_match"), ("consent", "no_match"), ("opt_out", "fulfilled")],
)
def test_who_is_known_nowhere_is_no_match_unless_it_holds_for_later(run_by_rule: Ring, kind: str, answer: str) -> None:
    share = {"share": "n"} if kind == "consent" else {}
    made = run_by_rule.requested(run_by_rule.a, kind, subject=subject("nobody@example.com"), **share)
    run_by_rule.work()
    assert run_by_rule.get(run_by_rule.a, made)["answer"] == answer


def test_a_code_verifies_a_request_once(ring: Ring) -> None:
    made, code = unverified(ring)
    assert code.isdecimal()
    assert len(code) == 6
    partitions = (f"PRQ#{made}", f"SBX#{ring.a.sandbox.sandbox_id}")
    items = [item for pk in partitions for item in table.query("PRIVACY_TABLE", pk)]
    stored = json.dumps(items, default=str)
    assert f'"{code}"' not in stored
    path = f"privacy-requests/{made}/verify"
    assert ring.a.call(privacy, "POST", path, {"code": code}).body["status"] == "pending"
    assert ring.a.call(privacy, "POST", path, {"code": code}).status == 409
    assert events(ring.a) == ["received", "verified"]


def test_three_wrong_codes_end_a_request_and_forget_its_subject(ring: Ring) -> None:
    made, code = unverified(ring)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    path = f"privacy-requests/{made}/verify"
    answers = [ring.a.call(privacy, "POST", path, {"code": wrong}) for _ in range(3)]
    assert [(answer.status, answer.body["triesLeft"]) for answer in answers] == [(422, 2), (422, 1), (422, 0)]
    assert ring.a.call(privacy, "POST", path, {"code": code}).status == 409
    assert ring.get(ring.a, made)["status"] == "expired"
    assert keys("subjects/") == []


def test_a_code_works_ten_minutes_and_the_sweep_ends_what_nobody_verified(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, code = unverified(ring)
    other, _ = unverified(ring)
    later = clock.now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert ring.get(ring.a, other)["status"] == "expired"
    assert ring.a.call(privacy, "POST", f"privacy-requests/{made}/verify", {"code": code}).status == 409
    sweep.handler({}, CONTEXT)
    assert events(ring.a).count("expired") == 2
    assert keys("subjects/") == []


def test_a_subject_that_was_written_before_the_answer_was_lost_is_kept_as_it_is(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, answers = objects.write_json, list[str]()

    def written_twice(key: str, value: Any, *, replaces: Any, **more: Any) -> Any:
        answers.append(key)
        write(key, value, replaces=replaces, **more)
        return write(key, value, replaces=replaces, **more)

    monkeypatch.setattr(objects, "write_json", written_twice)
    made = ring.requested(ring.a)
    assert answers == [f"subjects/{ring.a.sandbox.sandbox_id}/{made}.json"]
    assert subject_store.get(ring.a.sandbox.sandbox_id, made)


def test_an_unverified_request_neither_blocks_nor_hides_a_verified_one(run_by_rule: Ring) -> None:
    ring = run_by_rule
    first, _ = unverified(ring)
    made = ring.requested(ring.a)
    ring.work()
    assert ring.get(ring.a, made)["status"] == "completed"
    assert ring.get(ring.a, first)["status"] == "unverified"
    assert ring.a.call(approvals, "POST", f"privacy-requests/{first}/approve").status == 409


def test_an_opt_out_under_ccpa_needs_no_verification(ring: Ring) -> None:
    answer = ring.request(ring.a, "opt_out", regulation="ccpa", verified=False)
    assert (answer.body["status"], answer.body["verificationCode"]) == ("pending", None)


# Decisions and lists


def test_a_request_is_denied_cancelled_and_extended_where_its_status_allows(ring: Ring) -> None:
    denied, cancelled, extended = (ring.requested(ring.a) for _ in range(3))
    answer = ring.a.call(approvals, "POST", f"privacy-requests/{denied}/deny", {"reason": "no such right"})
    assert (answer.body["status"], answer.body["reason"]) == ("denied", "no such right")
    assert ring.a.call(privacy, "POST", f"privacy-requests/{cancelled}/cancel").body["status"] == "cancelled"
    before = ring.get(ring.a, extended)
    answer = ring.a.call(privacy, "POST", f"privacy-requests/{extended}/extend", {"reason": "many requests"})
    assert (answer.body["extended"], answer.body["dueAt"] > before["dueAt"]) == (True, True)
    assert ring.a.call(privacy, "POST", f"privacy-requests/{extended}/extend", {"reason": "again"}).status == 409
    for made in (denied, cancelled):
        assert ring.a.call(approvals, "POST", f"privacy-requests/{made}/approve").status == 409
        assert ring.a.call(privacy, "POST", f"privacy-requests/{made}/retry").status == 409
    assert [request.privacy_request_id for request in store.open_requests()] == [extended]
    assert keys(f"subjects/{ring.a.sandbox.sandbox_id}/") == [f"subjects/{ring.a.sandbox.sandbox_id}/{extended}.json"]


def test_lists_filter_by_status_and_type(ring: Ring) -> None:
    erasure, opt_out = ring.requested(ring.a), ring.requested(ring.a, "opt_out")
    waiting, _ = unverified(ring)

    def listed(**query: str) -> list[str]:
        items = ring.a.call(privacy, "GET", "privacy-requests", query=query).body["items"]
        return [item["privacyRequestId"] for item in items]

    assert listed() == [opt_out, erasure]
    assert listed(status="unverified") == [waiting]
    assert listed(type="opt_out") == [opt_out]
    assert listed(status="pending") == [opt_out, erasure]
    assert listed(status="pending", type="erasure") == [erasure]
    assert ring.b.call(privacy, "GET", f"privacy-requests/{erasure}").status == 404


def test_a_dry_run_tells_who_would_be_told_and_does_nothing(ring: Ring, tmp_path: Path) -> None:
    assert len(ring.held(ring.a, tmp_path, *ANN_KEYS)) == 6
    body = {"type": "erasure", "regulation": "gdpr", "subject": subject(ANN[1])}
    answer = ring.a.call(privacy, "POST", "privacy-requests", body, query={"dryRun": "true"})
    assert answer.status == 202
    assert answer.body == {
        "dryRun": True,
        "identities": {"byNamespace": {"Email_LC_SHA256": 1, "Phone_SHA256_E.164": 1}},
        "profiles": 1,
        "sharedDevices": {"profiles": 0, "byNamespace": {}},
        "fourEyes": False,
        "segments": [ring.segments["sandbox a"]],
        "recipients": [{"name": "Organization B, sandbox b", "kind": "partner"}],
        "connectors": [],
    }
    assert ring.a.call(privacy, "GET", "privacy-requests").body["items"] == []
    assert keys("subjects/") == []


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"subject": subject("not an address")}, "/subject/identities/0/value"),
        ({"subject": {"identities": [{"namespace": "x", "value": "y"}]}}, "/subject/identities/0/namespace"),
        ({"subject": {"identities": [{"namespace": "email", "value": "a@b.example", "format": "sha256"}]}}, "/value"),
        ({"note": "please delete ann@example.com"}, "/note"),
        ({"note": "she called from +1 (415) 555-2671"}, "/note"),
        ({"share": "n"}, ""),
    ],
)
def test_what_cannot_be_taken_is_refused_without_its_value(ring: Ring, members: Any, pointer: str) -> None:
    answer = ring.request(ring.a, **members)
    assert answer.status == 422
    assert pointer in answer.body["errors"][0]["pointer"]
    for value in ("not an address", "a@b.example", "ann@example.com", "555-2671"):
        assert value not in json.dumps(answer.body)


def test_only_who_may_asks_decides_and_reads(ring: Ring) -> None:
    made = ring.requested(ring.a)
    viewer = ring.world.member(ring.a.sandbox, "viewer")
    assert viewer.call(privacy, "GET", f"privacy-requests/{made}").status == 200
    assert ring.request(viewer).status == 403
    assert viewer.call(privacy, "POST", f"privacy-requests/{made}/cancel").status == 403
    for action in ("approve", "deny"):
        assert viewer.call(approvals, "POST", f"privacy-requests/{made}/{action}", {"reason": "x"}).status == 403
    for action in ("extend", "retry"):
        assert viewer.call(privacy, "POST", f"privacy-requests/{made}/{action}", {"reason": "x"}).status == 403


def test_suppressions_are_counted_and_looked_up_by_value(erased: tuple[Ring, str]) -> None:
    ring, _ = erased
    ring.requested(ring.a, "opt_out", subject=subject(BOB[1]))
    ring.work()
    assert ring.a.call(privacy, "GET", "suppressions/count").body == {"erasure": 2, "optOut": 1}
    identities = [*subject(BOB[1], "new@example.com", ANN[1])["identities"]]
    answer = ring.a.call(privacy, "POST", "suppressions/check", {"identities": identities})
    assert [item["reason"] for item in answer.body["items"]] == ["opt_out", None, "erasure"]


def test_asking_whether_people_are_suppressed_needs_a_permission_and_is_recorded_and_limited(ring: Ring) -> None:
    asked = {"identities": subject(ANN[1])["identities"]}
    viewer, officer = (ring.world.member(ring.a.sandbox, role) for role in ("viewer", "privacy-officer"))
    refused = viewer.call(privacy, "POST", "suppressions/check", asked)
    assert (refused.status, refused.body["permission"]) == (403, "privacy:request")
    assert officer.call(privacy, "POST", "suppressions/check", asked).status == 200
    record = list(journal.log(ring.a.sandbox.sandbox_id))[-1]
    assert (record["type"], record["actor"]["id"]) == ("suppression.checked", officer.principal_id)
    assert record["detail"] == {"identities": 1}
    many = {"identities": asked["identities"] * 1000}
    answers = [officer.call(privacy, "POST", "suppressions/check", many) for _ in range(10)]
    assert [answer.status for answer in answers] == [200] * 9 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 86_400
    assert officer.call(privacy, "POST", "suppressions/check", asked).status == 200


# Proof and secrecy


def test_the_history_is_a_signed_file_that_holds_and_names_nobody(erased: tuple[Ring, str]) -> None:
    ring, made = erased
    path = f"/sandboxes/{ring.a.sandbox.sandbox_id}/privacy-requests/{made}/history"
    answer = privacy.handler(proxy_event(ring.a.principal_id, "GET", path), CONTEXT)
    report = proof_check.verify(answer["body"].encode(), *(key.public_key for key in reading.receipt_keys().keys))
    assert report.holds, report.verdict
    assert report.privacy_request_id == made
    assert any(check.subject == "receipt 1" for check in report.checks)
    tampered = answer["body"].replace('"identities":2', '"identities":3', 1)
    assert tampered != answer["body"]
    assert not proof_check.verify(tampered.encode()).holds


def test_planted_values_are_in_no_table_queue_object_or_log(
    run_by_rule: Ring, capfd: pytest.CaptureFixture[str]
) -> None:
    ring = run_by_rule
    capfd.readouterr()
    made = ring.requested(ring.a)
    ring.request(ring.a, subject=subject("broken ann@example.com"))
    ring.work()
    printed = "".join(capfd.readouterr())
    sent = ring.world.messages("PRIVACY_QUEUE_URL")
    digest = digest_of_ann()
    for value in (ANN[1], ANN[2], "ann%40", digest):
        assert value not in printed
        assert value not in str(sent)
        assert not any(value in text for text in _tables())
    assert any(made in text for text in _tables())
    assert sent
    assert all(set(body) == {"sandboxId"} for body in sent)
    for key in keys(""):
        assert ANN[1] not in key
        assert digest not in key


def digest_of_ann() -> str:
    return hashlib.sha256(ANN[1].encode()).hexdigest()


def _tables() -> Iterator[str]:
    for items in (boto3.client("dynamodb").scan(TableName="idempotency")["Items"], *IN_MEMORY.items.values()):
        yield repr(items)


def test_objects_of_the_deployment_hold_no_value_after_a_completed_erasure(
    erased: tuple[Ring, str], tmp_path: Path
) -> None:
    digest = bytes.fromhex(digest_of_ann())
    for stored in objects.listing(""):
        objects.download(stored.key, tmp_path / "object")
        if stored.key.endswith(".parquet"):
            for found in rows(stored.key, tmp_path):
                assert digest not in [value for value in found if isinstance(value, bytes)], stored.key
        else:
            assert digest.hex() not in (tmp_path / "object").read_text(), stored.key


# After a restore

SUPPRESSION_LOG = "suppression_log/"


def backup() -> Callable[[], None]:
    """Take a backup of the tables and the bucket; returns what restores it, the suppression log alone left as it is."""
    client, items = aws.s3(), deepcopy(IN_MEMORY.items)
    kept = {key: client.get_object(Bucket=objects.bucket_name(), Key=key) for key in keys("")}
    bodies = {key: (found["Body"].read(), found["Metadata"]) for key, found in kept.items()}

    def restore() -> None:
        IN_MEMORY.items = items
        objects.delete(*(key for key in keys("") if not key.startswith(SUPPRESSION_LOG)))
        for key, (body, metadata) in bodies.items():
            client.put_object(Bucket=objects.bucket_name(), Key=key, Body=body, Metadata=metadata)

    return restore


def replayed(ring: Ring, since: datetime) -> list[Replayed]:
    """Replay in every sandbox, and let ingest and export do their part."""
    done = [replaying.replay(sandbox_id, since) for sandbox_id in replaying.sandboxes()]
    apply_all(ring.world)
    ring.export()
    return done


def test_an_erased_person_is_gone_again_after_everything_went_back_to_before_the_erasure(
    ring: Ring, tmp_path: Path
) -> None:
    members = ring.a, ring.b, ring.c
    automatic(*(member.sandbox for member in members), erasures="everything")
    answers.give(ring.a.sandbox.sandbox_id, [answers.key(identity_secret(), "1")], "n", clock.now())
    restore, since = backup(), clock.now()
    ring.requested(ring.a)
    suppressions.add(ring.a.sandbox.sandbox_id, [identity("email", BOB[1])], "opt_out", clock.now())
    ring.work()
    restore()
    assert set(ring.held(ring.a, tmp_path, *ANN_KEYS)) == {"profiles", "memberships", "disclosures"}

    done = replayed(ring, since)
    mine = {one.sandbox_id: one for one in done}[ring.a.sandbox.sandbox_id]
    assert [one.erased for one in done] == [2, 2, 2]
    assert (mine.opted_out, mine.answers_forgotten) == (1, 1)
    opted_out = identity("email", BOB[1])
    assert suppressions.find(ring.a.sandbox.sandbox_id, [opted_out]) == {opted_out: "opt_out"}
    for member in members:
        assert ring.held(member, tmp_path, *ANN_KEYS) == []
    assert answers.find(ring.a.sandbox.sandbox_id, identity_secret(), ["1"]) == {}
    segment_id = ring.segments[ring.a.sandbox.name]
    upload = ingested(ring.world, ring.a, file_of(ANN, BOB), columns=COLUMNS, segmentId=segment_id)
    assert (upload.accepted, upload.rejected_by_reason) == (1, {"suppressed": 1})


def test_a_replay_may_be_repeated_and_writes_nothing_down_again(ring: Ring, tmp_path: Path) -> None:
    since = clock.now()
    suppressions.add(ring.a.sandbox.sandbox_id, [identity(*ANN_KEYS[0])], "erasure", clock.now())
    logged = keys(SUPPRESSION_LOG)
    first = replayed(ring, since)
    assert replayed(ring, since) == first
    assert keys(SUPPRESSION_LOG) == logged
    assert "profiles" in ring.held(ring.b, tmp_path, ANN_KEYS[0])
