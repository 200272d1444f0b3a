"""A sandbox's own message system: set up, tried, and posted what people are written, to a real server."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from moto.sqs.models import sqs_backends
from standardwebhooks import Webhook, WebhookVerificationError

from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors, messages
from handfast.activity import webhook_sending
from handfast.journal import store as journal
from handfast.platform import clock, table
from handfast.privacy_requests import message_webhook_store, store
from handfast.privacy_requests.message_queue import queue_message
from tests.worlds.privacy import subject
from tests.worlds.receiver import Receiver, receiving
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.stores import REGION
from tests.worlds.uploads import handled, keys

ANN, PATH = "ann@example.org", "message-webhook"


@pytest.fixture
def receiver(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    with receiving() as listening:
        yield listening


@pytest.fixture
def a(world: World) -> Member:
    return world.member(world.a)


def put(member: Member, url: str, **options: Any) -> Answer:
    return member.call(connectors, "PUT", PATH, {"url": url}, **options)


def requested(member: Member, **members: Any) -> str:
    body = {"type": "opt_out", "regulation": "gdpr", "subject": subject(ANN), "contact": {"email": ANN}} | members
    answer = member.call(privacy, "POST", "privacy-requests", body)
    assert answer.status == 202, answer.body
    return str(answer.body["privacyRequestId"])


def shown(member: Member, made: str) -> Any:
    return member.call(privacy, "GET", f"privacy-requests/{made}").body["messages"][-1]


def queued(world: World, member: Member, made: str) -> dict[str, Any]:
    record = next(each for each in journal.log(member.sandbox.sandbox_id) if each["subject"] == made)
    queue_message(member.sandbox.sandbox_id, dict(record))
    (message,) = world.messages("MESSAGES_QUEUE_URL")
    return message


def test_a_message_is_posted_signed_and_noted_without_the_address(
    world: World, a: Member, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "handfast")
    secret = put(a, receiver.url).body["secret"]
    made = requested(a, contact={"email": ANN, "language": "de"})
    message = queued(world, a, made)
    assert shown(a, made)["by"] is None
    assert handled(messages.handler, message)
    assert handled(messages.handler, message)  # as SQS may do
    ((_, headers, body),) = receiver.got
    event = Webhook(secret).verify(body, headers)
    assert (event["type"], headers["webhook-id"]) == ("privacy_request.message", f"{made}-0")
    code = event["data"]["subject"].removeprefix("Ihr Code: ")
    assert code in event["data"]["text"]
    assert {name: value for name, value in event["data"].items() if name not in {"subject", "text"}} == {
        "sandboxId": a.sandbox.sandbox_id,
        "privacyRequestId": made,
        "kind": "code",
        "language": "de",
        "recipient": ANN,
    }
    assert a.call(privacy, "POST", f"privacy-requests/{made}/verify", {"code": code}).status == 200
    states = a.call(privacy, "GET", f"privacy-requests/{made}").body["messages"]
    assert [(each["kind"], each["status"], each["by"]) for each in states] == [
        ("code", "sent", "webhook"),
        ("acknowledgement", "queued", None),
    ]
    records = store.history(made)
    noted = next(each for each in records if each["type"] == "privacy_request.message_sent")
    assert noted["detail"] == {"status": "unverified", "kind": "code", "language": "de", "by": "webhook"}
    kept = json.dumps([states, records, list(journal.log(a.sandbox.sandbox_id))], default=str)
    assert ANN not in kept
    assert ANN not in caplog.text


def test_one_that_is_not_taken_is_posted_again_by_the_same_id_and_fails_in_the_end(
    world: World, a: Member, receiver: Receiver
) -> None:
    put(a, receiver.url)
    made = requested(a, verified=True)
    message = queued(world, a, made)
    receiver.answers = [(503, {})]
    assert handled(messages.handler, message)
    assert shown(a, made)["status"] == "queued"
    waiting = sqs_backends["123456789012"][REGION].queues["messages"]._messages
    again = json.loads(waiting.pop().body)
    assert (again["attempt"], again["message"], again["number"]) == (2, made, 0)
    del again["notBefore"]
    assert handled(messages.handler, again | {"attempt": 8})
    assert [headers["webhook-id"] for _, headers, _ in receiver.got] == [f"{made}-0"] * 2
    told = shown(a, made)
    assert (told["status"], told["by"], told["reason"]) == ("failed", "webhook", "http_503")
    last = list(journal.log(a.sandbox.sandbox_id))[-1]
    assert (last["type"], last["detail"]["reason"]) == ("privacy_request.message_failed", "http_503")


def test_the_test_tries_the_address_and_whether_it_verifies(a: Member, receiver: Receiver) -> None:
    secret = put(a, receiver.url).body["secret"]
    tried = a.call(connectors, "POST", f"{PATH}/test")
    assert (tried.status, tried.body["ok"]) == (200, False)
    checks = [(check["name"], check["ok"]) for check in tried.body["checks"]]
    assert checks == [("endpoint", True), ("signature", False)]
    (_, headers, body), (_, forged, forged_body) = receiver.got
    assert Webhook(secret).verify(body, headers)["type"] == "message.test"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(forged_body, forged)
    receiver.answers = [(204, {}), (401, {})]
    assert a.call(connectors, "POST", f"{PATH}/test").body["ok"] is True
    receiver.answers = [(500, {})]
    failed = a.call(connectors, "POST", f"{PATH}/test").body
    assert [(check["name"], check["ok"]) for check in failed["checks"]] == [("endpoint", False)]
    assert "http_500" in failed["checks"][0]["detail"]


def test_a_secret_is_shown_once_and_both_sign_for_a_day_after_a_rotation(
    world: World, a: Member, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = put(a, receiver.url)
    first = made.body["secret"]
    assert "secret" not in a.call(connectors, "GET", PATH).body
    moved = put(a, f"{receiver.url}&b", headers={"If-Match": made.headers["ETag"]})
    assert (moved.status, moved.body["secret"]) == (200, None)
    assert put(a, receiver.url, headers={"If-Match": made.headers["ETag"]}).status == 412
    rotated = a.call(connectors, "POST", f"{PATH}/rotate-secret").body
    assert first != rotated["secret"]
    assert rotated["previousSecretUntil"]
    a.call(connectors, "POST", f"{PATH}/test")
    _, headers, body = receiver.got[0]
    for secret in (first, rotated["secret"]):
        assert Webhook(secret).verify(body, headers)
    assert first.removeprefix("whsec_") not in json.dumps(list(table.scan("PRIVACY_TABLE")), default=str)
    former = webhook_sending.of_former_versions(message_webhook_store.all_webhooks())
    assert [sandbox_id for sandbox_id, _ in former] == [a.sandbox.sandbox_id]
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert a.call(connectors, "GET", PATH).body["previousSecretUntil"] is None
    assert webhook_sending.of_former_versions(message_webhook_store.all_webhooks()) == []


def test_once_it_is_deleted_nobody_is_written_to(world: World, a: Member, receiver: Receiver) -> None:
    put(a, receiver.url)
    made = requested(a, verified=True)
    message = queued(world, a, made)
    assert a.call(connectors, "DELETE", PATH).status == 204
    for method, path in [("GET", PATH), ("DELETE", PATH), ("POST", f"{PATH}/test"), ("POST", f"{PATH}/rotate-secret")]:
        assert a.call(connectors, method, path).status == 404, path
    assert handled(messages.handler, message)
    told = shown(a, made)
    assert (told["status"], told["by"], told["reason"], receiver.got) == ("failed", None, "no_sender", [])
    body = {"type": "opt_out", "regulation": "gdpr", "subject": subject(ANN), "contact": {"email": ANN}}
    refused = a.call(privacy, "POST", "privacy-requests", body)
    assert (refused.status, refused.body["reason"]) == (422, "no_sender")
    types = [record["type"] for record in journal.log(a.sandbox.sandbox_id) if "message_webhook" in record["type"]]
    assert types == ["message_webhook.created", "message_webhook.deleted"]
    assert [key for key in keys("subjects/") if "contact_" in key] == [
        f"subjects/{a.sandbox.sandbox_id}/contact_{made}.json"
    ]  # an answer is still to come, and a sender may be set until then


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://mail.example.com/", "invalid_url"),
        ("https://127.0.0.1/", "address_refused"),
        ("https://mail.example.com:25/", "address_refused"),
        ("https://mail.example.com/?to=ann@example.org", "invalid_url"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused(a: Member, url: str, reason: str) -> None:
    answer = put(a, url)
    assert (answer.status, answer.body["reason"], answer.body["errors"][0]["pointer"]) == (422, reason, "/url")
    assert a.call(connectors, "GET", PATH).status == 404


def test_it_is_for_the_privacy_people_of_its_own_sandbox(world: World, a: Member) -> None:
    put(a, "https://mail.example.com/")
    assert world.member(world.b).call(connectors, "GET", PATH).status == 404
    for method, path in [("GET", PATH), ("PUT", PATH), ("DELETE", PATH), ("POST", f"{PATH}/test")]:
        refused = world.member(world.a, "partner-admin").call(connectors, method, path, {"url": "https://x.example/"})
        assert (refused.status, refused.body["permission"]) == (403, "privacy:approve")
