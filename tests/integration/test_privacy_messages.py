"""Messages to the people of privacy requests, through the handlers, the stream, the queue and SES."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from functions.privacy_requests import messages as queue
from functions.privacy_requests import worker
from functions.sweep import app as sweep
from handfast.access import store as access
from handfast.journal import store as journal
from handfast.platform import aws, clock, objects, sender
from handfast.platform.queues import MAX_RECEIVES
from handfast.privacy_requests import contact_store, store
from handfast.privacy_requests.message_queue import queue_message
from handfast.privacy_requests.models import Contact
from tests.worlds.privacy import automatic, subject
from tests.worlds.sandboxes import CONTEXT, Answer, Member, World, organizations
from tests.worlds.stores import REGION
from tests.worlds.uploads import handled, keys

SENDER, ANN = "privacy@acme.example", "ann@example.org"
CONTACT = {"email": ANN}


@pytest.fixture
def world(stores: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("MESSAGE_SENDER", SENDER)
    aws.ses.cache_clear()
    boto3.client("sesv2", REGION).create_email_identity(EmailIdentity=SENDER)
    yield organizations()
    aws.ses.cache_clear()


@pytest.fixture
def a(world: World) -> Member:
    return world.member(world.a)


def subject_with_id(address: str, profile_id: str) -> dict[str, Any]:
    named = subject(address)
    return {"identities": [*named["identities"], {"namespace": "profile_id", "value": profile_id}]}


def asked(member: Member, **members: Any) -> Answer:
    body = {"type": "opt_out", "regulation": "gdpr", "subject": subject(ANN), "contact": CONTACT} | members
    return member.call(privacy, "POST", "privacy-requests", body)


def requested(member: Member, **members: Any) -> str:
    answer = asked(member, **members)
    assert answer.status == 202, answer.body
    return str(answer.body["privacyRequestId"])


def got(member: Member, made: str) -> Any:
    return member.call(privacy, "GET", f"privacy-requests/{made}").body


def announced(member: Member) -> list[dict[str, Any]]:
    """What the stream queues of the log for the privacy queue: messages to people."""
    found = []
    for record in journal.log(member.sandbox.sandbox_id):
        if "message" in record["detail"]:
            number = int(record["detail"]["message"])
            found.append({"sandboxId": member.sandbox.sandbox_id, "message": record["subject"], "number": number})
    return found


def sent() -> list[Any]:
    return list(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages)


def deliver(member: Member) -> list[Any]:
    """Have what is announced sent; returns the mails that this has made."""
    before = len(sent())
    for message in announced(member):
        assert handled(queue.handler, message)
    return sent()[before:]


def states(member: Member, made: str) -> list[tuple[str, str]]:
    return [(message["kind"], message["status"]) for message in got(member, made)["messages"]]


def test_a_code_goes_to_the_person_alone_and_the_answer_follows(world: World, a: Member) -> None:
    automatic(a.sandbox)
    answer = asked(a, contact=CONTACT | {"language": "de"})
    made = answer.body["privacyRequestId"]
    assert (answer.status, answer.body["verificationCode"]) == (202, None)
    (mail,) = deliver(a)
    assert (mail.source, mail.destinations["ToAddresses"]) == (SENDER, [ANN])
    code = mail.subject.removeprefix("Ihr Code: ")
    assert code.isdecimal()
    assert code in mail.body
    assert "Widerspruch gegen die Weitergabe" in mail.body
    assert "Organization A" in mail.body
    assert a.call(privacy, "POST", f"privacy-requests/{made}/verify", {"code": code}).status == 200
    (mail,) = deliver(a)
    assert mail.subject == "Ihr Antrag ist eingegangen"
    assert got(a, made)["dueAt"][:10] in mail.body
    for _ in range(3):
        assert handled(worker.handler, {"sandboxId": a.sandbox.sandbox_id})
    (mail,) = deliver(a)
    assert mail.subject == "Ihr Antrag ist erledigt"
    assert made in mail.body
    assert states(a, made) == [("code", "sent"), ("acknowledgement", "sent"), ("answer", "sent")]
    assert keys("subjects/") == []
    assert deliver(a) == []  # each of them once, however often it is announced


def test_the_record_has_each_message_and_never_the_address(a: Member, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "handfast")
    made = requested(a, verified=True, contact=CONTACT | {"language": "ja"})
    assert len(deliver(a)) == 1
    history = a.call(privacy, "GET", f"privacy-requests/{made}/history").body
    view = got(a, made)
    (message,) = view["messages"]
    assert (message["language"], message["by"], message["status"]) == ("ja", "ses", "sent")
    assert message["queuedAt"] <= message["endedAt"]
    records = store.history(made)
    assert records[-1]["type"] == "privacy_request.message_sent"
    assert records[-1]["detail"] == {
        "status": "pending",
        "kind": "acknowledgement",
        "language": "ja",
        "by": "ses",
    }
    kept = json.dumps([history, view, records, list(journal.log(a.sandbox.sandbox_id))], default=str)
    objects_kept = [objects.read(key) for key in keys("subjects/")]
    assert all(ANN.encode() not in read[0] for read in objects_kept if read)
    assert ANN not in kept
    assert ANN not in caplog.text


def test_a_denial_says_why_and_how_to_appeal_and_an_extension_until_when(a: Member) -> None:
    made = requested(a, verified=True)
    assert a.call(privacy, "POST", f"privacy-requests/{made}/extend", {"reason": "Many requests."}).status == 200
    due = got(a, made)["dueAt"][:10]
    denial = {"reason": "We cannot tell who you are.", "ground": "insufficient_verification"}
    assert a.call(approvals, "POST", f"privacy-requests/{made}/deny", denial).status == 200
    acknowledgement, extension, denied = deliver(a)
    assert acknowledgement.subject == "We have received your request"
    assert "Many requests." in extension.body
    assert due in extension.body
    assert "We cannot tell who you are." in denied.body
    assert "appeal" in denied.body
    assert keys("subjects/") == []


@pytest.mark.parametrize(
    ("members", "reason", "pointer"),
    [
        ({"contact": {"email": "bob@example.org"}}, "contact_not_of_subject", "/contact/email"),
        # A code that is sent to Ann proves nothing of what else is named.
        ({"subject": subject(ANN, "bob@example.org")}, "contact_not_of_subject", "/contact/email"),
        ({"subject": subject_with_id(ANN, "7")}, "contact_not_of_subject", "/contact/email"),
        ({"contact": {"email": "nobody"}}, "contact", "/contact/email"),
        ({"contact": {"email": "ann@example.org, bob@example.org"}}, "contact", "/contact/email"),
        ({"contact": {"email": "ann@example.org\r\nBcc: bob@example.org"}}, "contact", "/contact/email"),
        ({"contact": {"email": "f" * 64}}, "contact", "/contact/email"),
        ({"contact": {"email": "änn@example.org"}, "verified": True}, "contact", "/contact/email"),
    ],
)
def test_an_address_that_is_none_or_that_proves_nothing_is_refused(
    a: Member, members: dict[str, Any], reason: str, pointer: str
) -> None:
    answer = asked(a, **members)
    assert (answer.status, answer.body["reason"], answer.body["errors"][0]["pointer"]) == (422, reason, pointer)
    assert keys("subjects/") == []
    assert announced(a) == []


def test_nobody_is_written_to_where_nothing_sends(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    made = requested(a, verified=True)
    monkeypatch.setenv("MESSAGE_SENDER", "off")
    answer = asked(a)
    assert (answer.status, answer.body["reason"], answer.body["errors"][0]["pointer"]) == (422, "no_sender", "/contact")
    item = {"type": "opt_out", "regulation": "gdpr", "subject": subject(ANN), "contact": CONTACT}
    bulk = a.call(privacy, "POST", "privacy-requests/bulk", {"items": [item]})
    assert bulk.body["items"][0]["problem"]["reason"] == "no_sender"
    assert deliver(a) == []
    (message,) = got(a, made)["messages"]
    assert (message["status"], message["by"], message["reason"]) == ("failed", None, "no_sender")


def test_people_of_a_bulk_are_written_to_each_on_its_own(world: World, a: Member) -> None:
    item = {"type": "opt_out", "regulation": "gdpr", "subject": subject(ANN)}
    bob = {"email": "bob@example.org"}
    items = [item | {"contact": CONTACT | {"language": "de"}}, item | {"contact": bob}, item]
    answer = a.call(privacy, "POST", "privacy-requests/bulk", {"items": items})
    assert answer.status == 202
    first, second, third = answer.body["items"]
    assert (first["verificationCode"], first["problem"]) == (None, None)
    assert second["problem"]["reason"] == "contact_not_of_subject"
    assert second["problem"]["errors"][0]["pointer"] == "/contact/email"
    assert len(third["verificationCode"]) == 6
    listed = [objects.read(key) for key in keys("subjects/")]
    assert len(listed) == 1
    assert all(ANN.encode() not in read[0] for read in listed if read)
    (pointer,) = world.messages("PRIVACY_QUEUE_URL")
    assert handled(worker.handler, pointer)
    assert handled(worker.handler, pointer)  # as after a crash
    (mail,) = deliver(a)
    assert mail.destinations["ToAddresses"] == [ANN]
    code = mail.subject.removeprefix("Ihr Code: ")
    made = first["privacyRequestId"]
    assert a.call(privacy, "POST", f"privacy-requests/{made}/verify", {"code": code}).status == 200
    assert states(a, made) == [("code", "sent"), ("acknowledgement", "queued")]
    assert got(a, third["privacyRequestId"])["messages"] == []


def test_the_address_of_a_bulk_that_is_still_being_made_is_not_swept(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = {"type": "opt_out", "regulation": "gdpr", "subject": subject(ANN), "contact": CONTACT}
    a.call(privacy, "POST", "privacy-requests/bulk", {"items": [item]})
    contact_store.create(a.sandbox.sandbox_id, "prq_0", Contact(ANN, "en"))
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    sweep.handler({}, CONTEXT)
    assert [key for key in keys("subjects/") if "contact_prq_0" in key]
    for pointer in world.messages("PRIVACY_QUEUE_URL"):
        assert handled(worker.handler, pointer)
    later += timedelta(days=1)
    sweep.handler({}, CONTEXT)
    assert [key for key in keys("subjects/") if "contact_prq_0" in key] == []


def test_a_message_that_is_not_taken_is_sent_again_and_shown_when_it_fails(
    a: Member, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Refusing:
        def send_email(self, **_: Any) -> None:
            words = {"Error": {"Code": "MessageRejected", "Message": f"not verified: {ANN}"}}
            raise ClientError(words, "SendEmail")  # type: ignore[arg-type]

    made = requested(a, verified=True)
    (message,) = announced(a)
    followed: list[int] = []

    def again(_queue: str, message: dict[str, Any], outcome: sender.Outcome) -> str | None:
        assert outcome.error == "MessageRejected"
        followed.append(message.get("attempt", 1))
        return None if message.get("attempt") else "later"

    with monkeypatch.context() as patch:
        patch.setattr(aws, "ses", Refusing)
        patch.setattr(sender, "follow_up", again)
        assert handled(queue.handler, message)
        assert states(a, made) == [("acknowledgement", "queued")]
        assert handled(queue.handler, message | {"attempt": 8})
    assert followed == [1, 8]
    assert states(a, made) == [("acknowledgement", "failed")]
    assert got(a, made)["messages"][0]["reason"] == "MessageRejected"
    last = list(journal.log(a.sandbox.sandbox_id))[-1]
    assert last["type"] == "privacy_request.message_failed"
    assert (last["detail"]["kind"], last["detail"]["reason"]) == ("acknowledgement", "MessageRejected")
    assert ANN not in caplog.text


def test_a_code_is_not_sent_once_its_request_has_ended(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled, expired = requested(a), requested(a, type="erasure")
    assert a.call(privacy, "POST", f"privacy-requests/{cancelled}/cancel").status == 200
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    sweep.handler({}, CONTEXT)
    assert states(a, cancelled) == [("code", "cancelled")]
    assert states(a, expired) == [("code", "failed")]
    assert got(a, expired)["messages"][0]["reason"] == "not_sent_in_time"
    assert deliver(a) == []
    assert keys("subjects/") == []


def test_the_stream_queues_a_message_for_the_step_that_calls_for_it(world: World, a: Member) -> None:
    made = requested(a, verified=True)
    record = next(each for each in journal.log(a.sandbox.sandbox_id) if each["subject"] == made)
    queue_message(a.sandbox.sandbox_id, dict(record))
    (queued,) = world.messages("MESSAGES_QUEUE_URL")
    assert queued == {"sandboxId": a.sandbox.sandbox_id, "message": made, "number": 0}
    assert handled(worker.handler, queued)  # as of a version whose messages shared the worker's queue
    assert world.messages("MESSAGES_QUEUE_URL") == [queued]
    assert states(a, made) == [("acknowledgement", "queued")]


def test_an_address_that_a_crash_left_is_swept_and_one_in_use_is_not(
    a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = requested(a, verified=True)
    contact = contact_store.get(a.sandbox.sandbox_id, made)
    assert contact
    assert contact.email == ANN
    assert ANN not in repr(contact)
    contact_store.create(a.sandbox.sandbox_id, "prq_0", contact)
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    sweep.handler({}, CONTEXT)
    assert [key.rpartition("/")[2] for key in keys("subjects/") if "contact" in key] == [f"contact_{made}.json"]
    assert contact_store.reseal() == 1


# Sent again


def fails(message: dict[str, Any], receipt: int) -> bool:
    """Whether the queue's function fails with a message that it gets for that many times."""

    def broken(_: str) -> Any:
        raise ConnectionError("out of order")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "working_sandbox", broken)
        return not handled(queue.handler, message, receipt=receipt)


def resent(member: Member, made: str) -> Answer:
    return member.call(privacy, "POST", f"privacy-requests/{made}/resend")


def test_a_message_in_the_dead_letters_has_failed_and_is_sent_again_from_there(a: Member) -> None:
    made = requested(a, verified=True)
    (message,) = announced(a)
    assert fails(message, MAX_RECEIVES - 1)
    assert states(a, made) == [("acknowledgement", "queued")]
    assert fails(message, MAX_RECEIVES)
    assert states(a, made) == [("acknowledgement", "failed")]
    assert got(a, made)["messages"][0]["reason"] == "processing_failed"
    assert list(journal.log(a.sandbox.sandbox_id))[-1]["type"] == "privacy_request.message_failed"
    counts = a.call(privacy, "GET", "privacy-requests/metrics").body["items"]
    assert [item["messagesFailed"] for item in counts] == [1]
    assert handled(queue.handler, message)  # redriven
    assert states(a, made) == [("acknowledgement", "sent")]
    assert len(sent()) == 1
    counts = a.call(privacy, "GET", "privacy-requests/metrics").body["items"]
    assert [item["messagesFailed"] for item in counts] == [0]


def test_a_message_that_failed_is_sent_again_where_somebody_asks_for_it(
    a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = requested(a, verified=True)
    (message,) = announced(a)
    assert resent(a, made).body["current"] == "queued"
    assert fails(message, MAX_RECEIVES)
    monkeypatch.setenv("MESSAGE_SENDER", "off")
    assert resent(a, made).body["reason"] == "no_sender"
    monkeypatch.setenv("MESSAGE_SENDER", SENDER)
    answer = resent(a, made)
    assert answer.status == 200, answer.body
    assert [each["status"] for each in answer.body["messages"]] == ["queued"]
    assert resent(a, made).status == 409
    assert announced(a)[-1] == message
    assert handled(queue.handler, announced(a)[-1])
    assert states(a, made) == [("acknowledgement", "sent")]
    assert resent(a, made).body["current"] == "sent"
    assert resent(a, "prq_0").status == 404


def test_a_message_whose_worker_was_killed_has_failed_and_its_address_is_kept_for_a_month(
    a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = requested(a, verified=True)
    assert a.call(approvals, "POST", f"privacy-requests/{made}/deny", {"reason": "not a right"}).status == 200
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=7))
    sweep.handler({}, CONTEXT)
    assert states(a, made) == [("acknowledgement", "queued"), ("denial", "queued")]
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=9))
    sweep.handler({}, CONTEXT)
    assert states(a, made) == [("acknowledgement", "failed"), ("denial", "failed")]
    assert any("contact" in key for key in keys("subjects/"))
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=38))
    assert resent(a, made).status == 200
    assert len(deliver(a)) == 2
    assert states(a, made) == [("acknowledgement", "sent"), ("denial", "sent")]
    assert not any("contact" in key for key in keys("subjects/"))


def test_the_address_of_a_message_that_failed_is_forgotten_after_a_month(
    a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = requested(a, verified=True)
    assert a.call(privacy, "POST", f"privacy-requests/{made}/cancel").status == 200
    now = clock.now()
    for days, is_kept in ((9, True), (38, True), (40, False)):
        monkeypatch.setattr(clock, "now", lambda days=days: now + timedelta(days=days))
        sweep.handler({}, CONTEXT)
        assert any("contact" in key for key in keys("subjects/")) is is_kept
    assert resent(a, made).body["current"] == "failed"
