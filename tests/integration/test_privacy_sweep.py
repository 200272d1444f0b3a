"""The sweep of privacy requests: deadlines, what nobody verified, lost messages, and old records."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as queue
from handfast.journal import store as journal
from handfast.platform import clock, objects, table
from handfast.privacy_requests import claim_store, looks, proof_check, store, subject_store, task_store
from handfast.privacy_requests.models import PrivacyRequest, Subject
from handfast.privacy_requests.sweep import sweep
from tests.worlds.faults import failing
from tests.worlds.sandboxes import CONTEXT, Member, World, proxy_event
from tests.worlds.uploads import apply_all, handled


def made(member: Member, name: str = "ann", *, verified: bool = True, regulation: str = "ccpa") -> str:
    subject = {"identities": [{"namespace": "email", "value": f"{name}@example.com"}]}
    body = {"type": "erasure", "regulation": regulation, "subject": subject, "verified": verified}
    answer = member.call(privacy, "POST", "privacy-requests", body)
    assert answer.status == 202, answer.body
    return str(answer.body["privacyRequestId"])


def told(member: Member, kind: str) -> list[tuple[str, Any]]:
    log = [record for record in journal.log(member.sandbox.sandbox_id) if record["type"] == f"privacy_request.{kind}"]
    return [(record["subject"], record["detail"].get("duty")) for record in log]


def later(monkeypatch: pytest.MonkeyPatch, **time: float) -> None:
    at = clock.now() + timedelta(**time)
    monkeypatch.setattr(clock, "now", lambda: at)


def test_deadlines_are_warned_of_and_told_when_they_pass_each_once(
    a: Member, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pending, approved = made(a), made(a)
    a.call(approvals, "POST", f"privacy-requests/{approved}/approve")
    sweep()
    assert told(a, "due_soon") == []
    later(monkeypatch, days=40)
    sweep()
    sweep()
    assert sorted(told(a, "due_soon")) == sorted([(pending, "answer"), (approved, "answer")])
    assert told(a, "overdue") == [(pending, "acknowledge")]
    assert '"PrivacyRequestsOverdue":[0.0]' in capsys.readouterr().out.replace(" ", "")
    later(monkeypatch, days=6)
    sweep()
    sweep()
    assert sorted(told(a, "overdue")) == sorted([(pending, "acknowledge"), (pending, "answer"), (approved, "answer")])
    assert '"PrivacyRequestsOverdue":[2.0]' in capsys.readouterr().out.replace(" ", "")
    assert [request.look_at for request in store.open_requests()] == [None, None]


def test_a_request_that_cannot_be_looked_at_keeps_no_other_from_it(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, other = made(a), made(a, "bob")
    later(monkeypatch, days=50)
    with failing(RuntimeError("broken"), at=f"PRQ#{broken}"), pytest.raises(ExceptionGroup):
        sweep()
    assert {subject for subject, _ in told(a, "overdue")} == {other}


def woken(monkeypatch: pytest.MonkeyPatch, world: World, *minutes: float) -> list[float]:
    """After which of these many minutes from now the sweep sends for the sandbox's work."""
    begun, sent = clock.now(), list[float]()
    for later_by in minutes:
        monkeypatch.setattr(clock, "now", lambda at=begun + timedelta(minutes=later_by): at)
        sweep()
        sent += [later_by] * len(world.messages("PRIVACY_QUEUE_URL"))
    return sent


def test_work_whose_message_was_lost_is_sent_for_again_ever_more_rarely_and_done_once(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = made(a)
    later(monkeypatch, hours=30)
    a.call(approvals, "POST", f"privacy-requests/{request}/approve")
    lost = world.messages("PRIVACY_QUEUE_URL")
    assert woken(monkeypatch, world, 0, 2, 7, 12, 17, 22) == [2, 7, 12, 22]
    for _ in range(4):
        assert handled(queue.handler, *lost, *lost)
        apply_all(world)
    assert a.call(privacy, "GET", f"privacy-requests/{request}").body["status"] == "completed"
    assert [kind for _, kind in told(a, "completed")] == [None]
    assert store.work(a.sandbox.sandbox_id) == []


def test_work_that_is_going_to_be_looked_at_is_left_alone_until_the_look_is_lost(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    a.call(approvals, "POST", f"privacy-requests/{made(a)}/approve")
    later(monkeypatch, minutes=20)
    looks.look_again(a.sandbox.sandbox_id, 300)
    world.messages("PRIVACY_QUEUE_URL")
    assert woken(monkeypatch, world, 0, 2, 5, 7, 11, 16, 21, 26) == [7, 11, 16, 26]


def test_subjects_are_looked_through_once_an_hour(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, forget = list[str](), task_store.forget

    def counted(request: PrivacyRequest) -> None:
        looked.append(request.privacy_request_id)
        forget(request)

    monkeypatch.setattr(task_store, "forget", counted)
    request, sandbox_id = made(a), a.sandbox.sandbox_id
    subject_store.create(sandbox_id, "prq_0", subject_store.get(sandbox_id, request) or Subject({}))
    later(monkeypatch, hours=2)
    for _ in range(24):
        sweep()
        later(monkeypatch, minutes=5)
    assert looked == [request] * 2
    assert [name for _, name in subject_store.names()] == [request]


def test_a_record_is_removed_two_years_after_the_request_ended_and_never_before(
    a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, kept = made(a), made(a)
    assert a.call(approvals, "POST", f"privacy-requests/{ended}/deny", {"reason": "no such right"}).status == 200
    later(monkeypatch, days=730)
    sweep()
    assert a.call(privacy, "GET", f"privacy-requests/{ended}").status == 200
    later(monkeypatch, days=15)
    sweep()
    assert a.call(privacy, "GET", f"privacy-requests/{ended}").status == 404
    assert list(table.query("PRIVACY_TABLE", f"PRQ#{ended}")) == []
    assert list(table.query("PRIVACY_TABLE", "ENDED")) == []
    assert claim_store.claimed(ended, a.sandbox.sandbox_id, "") is None
    assert a.call(privacy, "GET", f"privacy-requests/{kept}").status == 200
    assert store.history(kept)
    assert [stored.key for stored in objects.listing("subjects/")] == [f"subjects/{a.sandbox.sandbox_id}/{kept}.json"]


def test_what_nobody_verified_ends_and_a_verified_request_of_the_same_person_goes_on(
    a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, verified = made(a, verified=False), made(a)
    a.call(approvals, "POST", f"privacy-requests/{verified}/approve")
    later(monkeypatch, minutes=11)
    sweep()
    assert a.call(privacy, "GET", f"privacy-requests/{waiting}").body["status"] == "expired"
    assert a.call(privacy, "GET", f"privacy-requests/{verified}").body["status"] == "approved"
    assert subject_store.get(a.sandbox.sandbox_id, waiting) is None
    assert subject_store.get(a.sandbox.sandbox_id, verified) is not None
    assert [request.privacy_request_id for request in store.work(a.sandbox.sandbox_id)] == [verified]


def test_metrics_count_the_requests_of_a_time_and_are_no_request(a: Member) -> None:
    denied, _ = made(a), made(a)
    assert a.call(approvals, "POST", f"privacy-requests/{denied}/deny", {"reason": "no such right"}).status == 200
    found = a.call(privacy, "GET", "privacy-requests/metrics").body
    (item,) = found["items"]
    assert (item["received"], item["denied"], item["other"], item["medianDays"]) == (2, 1, 1, 0.0)
    past = {"from": "2020-01-01", "to": "2020-12-31"}
    assert a.call(privacy, "GET", "privacy-requests/metrics", query=past).body["items"] == []
    for wrong in ({"from": "2020-02-01", "to": "2020-01-01"}, {"from": "2000-01-01"}, {"from": "soon"}):
        assert a.call(privacy, "GET", "privacy-requests/metrics", query=wrong).status == 422


def test_anyone_reads_the_key_that_a_history_is_signed_with(a: Member) -> None:
    path = f"/sandboxes/{a.sandbox.sandbox_id}/privacy-requests/{made(a)}/history"
    history = privacy.handler(proxy_event(a.principal_id, "GET", path), CONTEXT)["body"].encode()
    (key,) = json.loads(privacy.handler(proxy_event(None, "GET", "/receipt-keys"), CONTEXT)["body"])["keys"]
    report = proof_check.verify(history, key["publicKey"])
    assert (report.holds, report.trusted, report.key_id, key["algorithm"]) == (True, True, key["keyId"], "Ed25519")
