"""Webhooks: their registration, and their sending to a real server, checked by Standard Webhooks' own library."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.sqs.models import sqs_backends
from standardwebhooks import Webhook, WebhookVerificationError

from functions.activity import app, stream, webhooks
from handfast.activity import rules, store, webhook_sending
from handfast.activity.models import WebhookItem
from handfast.journal import store as journal
from handfast.journal.event_types import EVENT_TYPES
from handfast.journal.models import Actor, Event
from handfast.platform import clock, outbound, standard_webhooks, table
from tests.worlds.receiver import Receiver, receiving
from tests.worlds.sandboxes import CONTEXT, Member, World
from tests.worlds.stores import REGION

EVENTS = Path(__file__).parents[2] / "events"
QUEUE = "WEBHOOKS_QUEUE_URL"


@pytest.fixture
def receiver(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    with receiving() as listening:
        yield listening


@pytest.fixture
def admin(world: World) -> Member:
    return world.member(world.a)


def _create(admin: Member, url: str, *types: str) -> dict[str, Any]:
    answer = admin.call(app, "POST", "webhooks", {"url": url} | ({"types": list(types)} if types else {}))
    assert answer.status == 201, answer.body
    created: dict[str, Any] = answer.body
    return created


def _happens(sandbox_id: str, event_type: str, **detail: Any) -> None:
    """Something happens in the sandbox, and the stream's consumer gets to know of it."""
    event = Event(sandbox_id, event_type, Actor.partner("Organization B"), "x_1", detail)
    journal.commit([], [event])
    last = list(journal.log(sandbox_id))[-1]
    image = {"SequenceNumber": str(last["sequence"]), "NewImage": table.serialised(last)}
    change = {"eventID": str(last["sequence"]), "eventName": "INSERT", "dynamodb": image}
    assert stream.handler({"Records": [change]}, CONTEXT) == {"batchItemFailures": []}


def _batch(*bodies: dict[str, Any]) -> dict[str, Any]:
    sample = json.loads((EVENTS / "webhooks.json").read_text())["Records"][0]
    return {
        "Records": [
            sample | {"messageId": f"message-{number}", "body": json.dumps(body)} for number, body in enumerate(bodies)
        ]
    }


def _send(world: World) -> list[dict[str, Any]]:
    """Let the sender work on what is queued; returns what was queued."""
    queued = world.messages(QUEUE)
    assert webhooks.handler(_batch(*queued), CONTEXT) == {"batchItemFailures": []}
    return queued


def _take_waiting() -> list[tuple[dict[str, Any], int]]:
    """Take bodies and delays (seconds) of what is in the queue, though its time has not come."""
    messages = sqs_backends["123456789012"][REGION].queues["webhooks"]._messages
    delays = [message.delayed_until - (message.sent_timestamp or 0) for message in messages]
    taken = [(json.loads(message.body), round(delay / 1000)) for message, delay in zip(messages, delays, strict=True)]
    messages.clear()
    return taken


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let time pass: `later(hours=1)`."""
    passed, real = timedelta(), clock.now

    def pass_time(**amount: float) -> None:
        nonlocal passed
        passed += timedelta(**amount)

    monkeypatch.setattr(clock, "now", lambda: real() + passed)
    return pass_time


def test_a_webhook_is_created_listed_and_deleted(world: World, admin: Member) -> None:
    created = _create(admin, "https://hooks.example.com/in?token=1", "connection.*", "feed.published")
    assert created.keys() == {"webhookId", "url", "types", "status", "disabledReason", "createdAt"} | {
        "previousSecretUntil",
        "secret",
    }
    assert created["secret"].startswith("whsec_")
    listed = admin.call(app, "GET", "webhooks").body
    del created["secret"]
    assert listed == {"items": [created], "nextCursor": None}
    assert admin.call(app, "DELETE", f"webhooks/{created['webhookId']}").status == 204
    assert admin.call(app, "GET", "webhooks").body["items"] == []
    assert admin.call(app, "DELETE", f"webhooks/{created['webhookId']}").status == 404
    log = list(journal.log(world.a.sandbox_id))
    assert [record["type"] for record in log[-2:]] == ["webhook.created", "webhook.deleted"]
    assert "token" not in json.dumps(log)


def test_the_secret_is_not_stored(world: World, admin: Member) -> None:
    first = _create(admin, "https://hooks.example.com/")["secret"]
    second = _create(admin, "https://hooks.example.com/")["secret"]
    assert first != second
    items = boto3.client("dynamodb").scan(TableName="activity")["Items"]
    assert first.removeprefix("whsec_") not in json.dumps(items)


def test_a_sandbox_has_ten_webhooks_at_most(world: World, admin: Member) -> None:
    ids = [_create(admin, "https://hooks.example.com/")["webhookId"] for _ in range(10)]
    refused = admin.call(app, "POST", "webhooks", {"url": "https://hooks.example.com/"})
    assert (refused.status, refused.body["current"]) == (409, "limit_reached")
    admin.call(app, "DELETE", f"webhooks/{ids[0]}")
    _create(admin, "https://hooks.example.com/")
    page = admin.call(app, "GET", "webhooks", query={"limit": "7"}).body
    rest = admin.call(app, "GET", "webhooks", query={"limit": "7", "cursor": page["nextCursor"]}).body
    assert len({item["webhookId"] for item in page["items"] + rest["items"]}) == 10


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ("{", 400, None),
        ({}, 422, "/url"),
        ({"url": None}, 422, "/url"),
        ({"url": 7}, 422, "/url"),
        ({"url": ""}, 422, "/url"),
        ({"url": "hooks.example.com"}, 422, "/url"),
        ({"url": "http://hooks.example.com/"}, 422, "/url"),
        ({"url": "ftp://hooks.example.com/"}, 422, "/url"),
        ({"url": "https://user:word@hooks.example.com/"}, 422, "/url"),
        ({"url": "https://hooks.example.com/#here"}, 422, "/url"),
        ({"url": "https://hooks.example.com/" + "x" * 3000}, 422, "/url"),
        ({"url": "https://127.0.0.1/"}, 422, "/url"),
        ({"url": "https://hooks.example.com:22/"}, 422, "/url"),
        ({"url": "https://hooks.example.com:6379/"}, 422, "/url"),
        ({"url": "https://2130706433/"}, 422, "/url"),
        ({"url": "https://0x7f.1/"}, 422, "/url"),
        ({"url": "https://[::ffff:7f00:1]/"}, 422, "/url"),
        ({"url": "https://169.254.169.254/latest"}, 422, "/url"),
        ({"url": "https://hooks.example.com/", "types": []}, 422, "/types"),
        ({"url": "https://hooks.example.com/", "types": "*"}, 422, "/types"),
        ({"url": "https://hooks.example.com/", "types": ["feed.published", "Feed"]}, 422, "/types/1"),
        ({"url": "https://hooks.example.com/", "types": ["feed.published\n"]}, 422, "/types/0"),
        ({"url": "https://hooks.example.com/", "types": ["*"] * 51}, 422, "/types"),
        ({"url": "https://hooks.example.com/", "types": ["nope"]}, 422, "/types/0"),
        ({"url": "https://hooks.example.com/", "types": ["feed.*", "nope.*", "feed"]}, 422, "/types/2"),
        ({"url": "https://hooks.example.com/", "types": ["feed.publish"]}, 422, "/types/0"),
        ({"url": "https://hooks.example.com/", "secret": "mine"}, 422, "/secret"),
    ],
)
def test_a_bad_webhook_is_named_and_not_made(
    world: World, admin: Member, body: object, status: int, pointer: str | None
) -> None:
    answer = admin.call(app, "POST", "webhooks", body)
    assert answer.status == status, answer.body
    if pointer:
        assert pointer in {error["pointer"] for error in answer.body["errors"]}, answer.body
    assert admin.call(app, "GET", "webhooks").body["items"] == []


def test_webhooks_are_the_administrators_and_of_one_sandbox(world: World, admin: Member) -> None:
    webhook = f"webhooks/{_create(admin, 'https://hooks.example.com/')['webhookId']}"
    calls = [("GET", "webhooks"), ("POST", "webhooks"), ("DELETE", webhook), ("POST", f"{webhook}/test")]
    for method, path in [*calls, ("GET", f"{webhook}/deliveries")]:
        answer = world.member(world.a, "partner-admin").call(app, method, path)
        assert (answer.status, answer.body.get("permission")) == (403, "access:manage"), path
    for method, path in [("DELETE", webhook), ("POST", f"{webhook}/test"), ("GET", f"{webhook}/deliveries")]:
        assert world.member(world.c).call(app, method, path).status == 404, path
    assert len(admin.call(app, "GET", "webhooks").body["items"]) == 1


def test_an_event_arrives_signed(world: World, admin: Member, receiver: Receiver) -> None:
    created = _create(admin, receiver.url, "feed.*")
    _happens(world.a.sandbox_id, "feed.published", name="Spring in “Köln”")
    _send(world)
    path, headers, body = receiver.got[0]
    assert path == "/hooks?for=handfast"
    assert headers["content-type"] == "application/json"
    payload = Webhook(created["secret"]).verify(body, headers)
    record = list(journal.log(world.a.sandbox_id))[-1]
    assert headers["webhook-id"] == f"{world.a.sandbox_id}-{record['sequence']}"
    assert payload == {
        "type": "feed.published",
        "timestamp": record["at"],
        "data": {
            "sandboxId": world.a.sandbox_id,
            "sequence": record["sequence"],
            "actor": record["actor"],
            "subject": "x_1",
            "detail": {"name": "Spring in “Köln”"},
            "hash": record["hash"],
        },
    }
    listed = admin.call(app, "GET", f"webhooks/{created['webhookId']}/deliveries").body
    assert listed["nextCursor"] is None
    assert [{name: entry[name] for name in entry if name != "at"} for entry in listed["items"]] == [
        {
            "eventId": headers["webhook-id"],
            "type": "feed.published",
            "sequence": record["sequence"],
            "attempt": 1,
            "statusCode": 204,
            "error": None,
            "nextAttemptAt": None,
        }
    ]


def test_what_was_changed_on_the_way_does_not_verify(world: World, admin: Member, receiver: Receiver) -> None:
    secret = _create(admin, receiver.url)["secret"]
    other = _create(admin, receiver.url, "upload.*")["secret"]
    _happens(world.a.sandbox_id, "feed.published")
    _send(world)
    _, headers, body = receiver.got[0]
    Webhook(secret).verify(body, headers)
    altered = [
        (secret, body.replace(b"feed.published", b"feed.unshared1"), headers),
        (secret, body, headers | {"webhook-id": f"{headers['webhook-id']}0"}),
        (secret, body, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}),
        (other, body, headers),
    ]
    for key, text, sent in altered:
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(text, sent)


def test_a_webhook_gets_the_types_it_asked_for(world: World, admin: Member, receiver: Receiver) -> None:
    wanting = {
        _create(admin, receiver.url, *types)["webhookId"]: types
        for types in [("*",), ("feed.*", "feed.published"), ("connection.requested",)]
    }
    for event_type in ("feed.published", "connection.requested", "upload.failed"):
        _happens(world.a.sandbox_id, event_type)
    world.member(world.b)
    _happens(world.b.sandbox_id, "feed.published")
    queued = _send(world)
    by_types = sorted((wanting[message["webhookId"]], message["sequence"]) for message in queued)
    first = min(message["sequence"] for message in queued)
    assert by_types == [
        (("*",), first),
        (("*",), first + 1),
        (("*",), first + 2),
        (("connection.requested",), first + 1),
        (("feed.*", "feed.published"), first),
    ]
    assert len(receiver.got) == 5


def test_a_failed_attempt_is_repeated_later_with_the_same_id_and_a_new_timestamp(
    world: World, admin: Member, receiver: Receiver, later: Any
) -> None:
    created = _create(admin, receiver.url)
    receiver.answers = [(503, {}), (200, {})]
    _happens(world.a.sandbox_id, "feed.published")
    _send(world)
    [(waiting, delay)] = _take_waiting()
    assert waiting["attempt"] == 2
    assert 5 <= delay <= 6
    later(seconds=30)
    assert webhooks.handler(_batch(waiting), CONTEXT) == {"batchItemFailures": []}
    ids = [headers["webhook-id"] for _, headers, _ in receiver.got]
    stamps = [int(headers["webhook-timestamp"]) for _, headers, _ in receiver.got]
    assert ids[0] == ids[1]
    assert stamps[1] - stamps[0] >= 30
    assert receiver.got[0][2] == receiver.got[1][2]
    entries = admin.call(app, "GET", f"webhooks/{created['webhookId']}/deliveries").body["items"]
    assert [(entry["attempt"], entry["statusCode"]) for entry in entries] == [(2, 200), (1, 503)]
    assert entries[1]["nextAttemptAt"] == waiting["notBefore"]


def test_a_message_that_comes_too_early_is_put_off_in_hops(world: World, admin: Member, receiver: Receiver) -> None:
    created = _create(admin, receiver.url)
    message = {
        "sandboxId": world.a.sandbox_id,
        "webhookId": created["webhookId"],
        "sequence": 1,
        "attempt": 6,
        "notBefore": clock.to_text(clock.now() + timedelta(hours=10)),
    }
    assert webhooks.handler(_batch(message), CONTEXT) == {"batchItemFailures": []}
    assert receiver.got == []
    assert _take_waiting() == [(message, 900)]


def test_a_receiver_may_ask_for_more_time(world: World, admin: Member, receiver: Receiver) -> None:
    _create(admin, receiver.url)
    receiver.answers = [(429, {"Retry-After": "3600"})]
    _happens(world.a.sandbox_id, "feed.published")
    before = clock.now()
    _send(world)
    [(waiting, delay)] = _take_waiting()
    assert delay == 900
    assert clock.from_text(waiting["notBefore"]) - before >= timedelta(seconds=3600)


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500])
def test_only_2xx_is_delivered(world: World, admin: Member, receiver: Receiver, status: int) -> None:
    _create(admin, receiver.url)
    receiver.answers = [(status, {"location": receiver.url})]
    _happens(world.a.sandbox_id, "feed.published")
    _send(world)
    assert len(receiver.got) == 1
    assert [message["attempt"] for message, _ in _take_waiting()] == [2]


def test_410_disables_the_webhook_and_notifies(world: World, admin: Member, receiver: Receiver) -> None:
    created = _create(admin, receiver.url)
    receiver.answers = [(410, {})]
    _happens(world.a.sandbox_id, "feed.published")
    _happens(world.a.sandbox_id, "feed.changed")
    _send(world)
    assert len(receiver.got) == 1
    assert _take_waiting() == []
    [listed] = admin.call(app, "GET", "webhooks").body["items"]
    assert (listed["status"], listed["disabledReason"]) == ("disabled", "gone")
    record = list(journal.log(world.a.sandbox_id))[-1]
    assert (record["type"], record["subject"]) == ("webhook.disabled", created["webhookId"])
    assert record["detail"] == {"name": "127.0.0.1", "reason": "gone"}
    assert rules.notification_title(record) == "The webhook “127.0.0.1” was disabled"
    _happens(world.a.sandbox_id, "feed.published")
    assert world.messages(QUEUE) == []


def _exhaust(world: World, later: Any) -> datetime:
    """One event, and all its attempts; returns when the last was made."""
    _happens(world.a.sandbox_id, "feed.published")
    [message] = world.messages(QUEUE)
    for _ in range(20):
        assert webhooks.handler(_batch(message), CONTEXT) == {"batchItemFailures": []}
        waiting = _take_waiting()
        if not waiting:
            return clock.now()
        [(message, _)] = waiting
        later(seconds=(clock.from_text(message["notBefore"]) - clock.now()).total_seconds() + 1)
    raise AssertionError("attempts did not end")


def test_attempts_end_after_about_a_day(world: World, admin: Member, receiver: Receiver, later: Any) -> None:
    created = _create(admin, receiver.url)
    receiver.answers = [(500, {})]
    begun = clock.now()
    assert timedelta(hours=20) < _exhaust(world, later) - begun < timedelta(hours=36)
    entries = admin.call(app, "GET", f"webhooks/{created['webhookId']}/deliveries").body["items"]
    assert [entry["attempt"] for entry in entries] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert [entry["nextAttemptAt"] is None for entry in entries] == [True] + [False] * 7
    [listed] = admin.call(app, "GET", "webhooks").body["items"]
    assert listed["status"] == "enabled"


def test_failing_for_days_disables_but_one_success_forgives(
    world: World, admin: Member, receiver: Receiver, later: Any
) -> None:
    _create(admin, receiver.url)
    receiver.answers = [(500, {})]
    _exhaust(world, later)
    later(days=3)
    receiver.answers = [(200, {})]
    _happens(world.a.sandbox_id, "feed.published")
    _send(world)
    receiver.answers = [(500, {})]
    _exhaust(world, later)
    [listed] = admin.call(app, "GET", "webhooks").body["items"]
    assert listed["status"] == "enabled"
    later(days=2)
    _exhaust(world, later)
    [listed] = admin.call(app, "GET", "webhooks").body["items"]
    assert (listed["status"], listed["disabledReason"]) == ("disabled", "failing")
    assert list(journal.log(world.a.sandbox_id))[-1]["detail"]["reason"] == "failing"


def test_a_receiver_out_of_reach_is_logged_by_reason(world: World, admin: Member, receiver: Receiver) -> None:
    created = _create(admin, "http://hooks.invalid/")
    _happens(world.a.sandbox_id, "feed.published")
    _send(world)
    [entry] = admin.call(app, "GET", f"webhooks/{created['webhookId']}/deliveries").body["items"]
    assert (entry["statusCode"], entry["error"]) == (None, "name_not_found")
    assert [message["attempt"] for message, _ in _take_waiting()] == [2]


def test_an_address_that_turned_private_is_not_called(
    world: World, admin: Member, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = _create(admin, f"https://localhost:{receiver.port}/")
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    monkeypatch.setattr(outbound, "PORTS", {receiver.port})
    _happens(world.a.sandbox_id, "feed.published")
    _send(world)
    [entry] = admin.call(app, "GET", f"webhooks/{created['webhookId']}/deliveries").body["items"]
    assert entry["error"] == "address_refused"
    answer = admin.call(app, "POST", f"webhooks/{created['webhookId']}/test").body
    assert (answer["statusCode"], answer["error"]) == (None, "address_refused")
    assert receiver.got == []


def test_the_test_call_sends_at_once_and_says_what_came_of_it(world: World, admin: Member, receiver: Receiver) -> None:
    created = _create(admin, receiver.url, "connection.*")
    receiver.answers = [(202, {}), (410, {})]
    answer = admin.call(app, "POST", f"webhooks/{created['webhookId']}/test")
    assert answer.status == 200
    assert (answer.body["type"], answer.body["statusCode"], answer.body["error"]) == ("webhook.test", 202, None)
    _, headers, body = receiver.got[0]
    payload = Webhook(created["secret"]).verify(body, headers)
    assert payload["type"] == "webhook.test"
    assert payload["data"] == {"sandboxId": world.a.sandbox_id, "webhookId": created["webhookId"]}
    assert admin.call(app, "POST", f"webhooks/{created['webhookId']}/test").body["statusCode"] == 410
    assert admin.call(app, "GET", "webhooks").body["items"][0]["status"] == "enabled"
    assert _take_waiting() == []
    page = admin.call(app, "GET", f"webhooks/{created['webhookId']}/deliveries", query={"limit": "1"}).body
    query = {"limit": "1", "cursor": page["nextCursor"]}
    rest = admin.call(app, "GET", f"webhooks/{created['webhookId']}/deliveries", query=query).body
    assert [entry["statusCode"] for entry in page["items"] + rest["items"]] == [410, 202]
    assert page["items"][0]["sequence"] is None


def test_what_waits_for_a_deleted_webhook_is_dropped(world: World, admin: Member, receiver: Receiver) -> None:
    created = _create(admin, receiver.url)
    _happens(world.a.sandbox_id, "feed.published")
    admin.call(app, "DELETE", f"webhooks/{created['webhookId']}")
    _send(world)
    assert receiver.got == []
    assert _take_waiting() == []


def test_a_message_that_cannot_be_handled_comes_back_alone(world: World, admin: Member, receiver: Receiver) -> None:
    created = _create(admin, receiver.url)
    _happens(world.a.sandbox_id, "feed.published")
    [good] = world.messages(QUEUE)
    unknown = good | {"sequence": 999}
    answer = webhooks.handler(_batch(unknown, {"colour": "red"}, good), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-0"}, {"itemIdentifier": "message-1"}]}
    assert len(receiver.got) == 1
    assert created["webhookId"] == good["webhookId"]


def test_delivery_entries_expire_after_thirty_days(world: World, admin: Member, receiver: Receiver) -> None:
    created = _create(admin, receiver.url)
    admin.call(app, "POST", f"webhooks/{created['webhookId']}/test")
    [item] = table.query("ACTIVITY_TABLE", f"HOOKLOG#{created['webhookId']}")
    kept = item["ttl"] - clock.now().timestamp()
    assert 29.9 * 86_400 < kept <= 30 * 86_400
    assert item.keys() == {"pk", "sk", "ttl", "form", "at", "eventId", "type", "sequence", "attempt"} | {
        "statusCode",
        "error",
        "nextAttemptAt",
    }


def test_a_detail_too_large_for_a_webhook_stays_in_the_log(world: World, admin: Member, receiver: Receiver) -> None:
    secret = _create(admin, receiver.url)["secret"]
    _happens(world.a.sandbox_id, "feed.published", text="x" * 50_000)
    _send(world)
    _, headers, body = receiver.got[0]
    assert len(body) < 20_000
    assert Webhook(secret).verify(body, headers)["data"]["detail"] is None


def test_the_sample_message_is_sent(world: World, receiver: Receiver) -> None:
    sample = json.loads((EVENTS / "webhooks.json").read_text())
    pointer = json.loads(sample["Records"][0]["body"])
    sandbox_id, webhook_id = pointer["sandboxId"], pointer["webhookId"]
    webhook = WebhookItem(webhook_id, receiver.url, ("*",), "enabled", None, "2026-01-01T00:00:00.000Z")
    created = Event(sandbox_id, "webhook.created", Actor.operator(), webhook_id)
    store.create_webhook(sandbox_id, webhook, created)
    assert webhooks.handler(sample, CONTEXT) == {"batchItemFailures": []}
    _, headers, body = receiver.got[0]
    Webhook(standard_webhooks.webhook_secret(webhook_sending.signing_key(webhook))).verify(body, headers)


def test_an_unknown_type_is_told_with_the_list(admin: Member) -> None:
    made = _create(admin, "https://hooks.example.com/")["webhookId"]
    body = {"types": ["feed.*", "nope"]}
    for method, path, more in (("POST", "webhooks", {"url": "https://hooks.example.com/"}), ("PATCH", made, {})):
        answer = admin.call(app, method, path if method == "POST" else f"webhooks/{path}", body | more)
        assert (answer.status, answer.body["reason"]) == (422, "unknown_event_type")
        assert answer.body["known"] == sorted(EVENT_TYPES)
    assert admin.call(app, "GET", f"webhooks/{made}").body["types"] == ["*"]


def test_a_webhook_is_changed_and_keeps_its_secret(world: World, admin: Member, receiver: Receiver) -> None:
    created = _create(admin, "https://hooks.example.com/", "upload.*")
    path = f"webhooks/{created['webhookId']}"
    changed = admin.call(app, "PATCH", path, {"url": receiver.url, "types": ["feed.*"]})
    assert (changed.status, changed.body["url"], changed.body["types"]) == (200, receiver.url, ["feed.*"])
    assert admin.call(app, "GET", path).body == changed.body
    assert "secret" not in changed.body
    _happens(world.a.sandbox_id, "feed.published")
    _send(world)
    [(_, headers, body)] = receiver.got
    Webhook(created["secret"]).verify(body, headers)
    tag = changed.headers["ETag"]
    assert admin.call(app, "PATCH", path, {}).headers["ETag"] == tag
    for bad, pointer in (({"url": "https://10.0.0.1/"}, None), ({"url": None}, "/url"), ({"types": []}, "/types")):
        answer = admin.call(app, "PATCH", path, bad)
        if pointer:
            assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer)
    assert list(journal.log(world.a.sandbox_id))[-1]["type"] in {"webhook.changed", "feed.published"}


def test_a_disabled_webhook_is_enabled_again(world: World, admin: Member, receiver: Receiver) -> None:
    path = f"webhooks/{_create(admin, receiver.url)['webhookId']}"
    receiver.answers = [(410, {})]
    _happens(world.a.sandbox_id, "feed.published")
    _send(world)
    assert admin.call(app, "GET", path).body["disabledReason"] == "gone"
    enabled = admin.call(app, "PATCH", path, {"status": "enabled"}).body
    assert (enabled["status"], enabled["disabledReason"]) == ("enabled", None)
    assert admin.call(app, "PATCH", path, {"status": "disabled"}).body["status"] == "disabled"
    _happens(world.a.sandbox_id, "feed.published")
    assert world.messages(QUEUE) == []


def test_a_rotated_secret_signs_beside_the_one_before_for_a_day(
    world: World, admin: Member, receiver: Receiver, later: Any
) -> None:
    created = _create(admin, receiver.url)
    path = f"webhooks/{created['webhookId']}"
    rotated = admin.call(app, "POST", f"{path}/rotate-secret")
    assert rotated.status == 200
    assert rotated.body["secret"] != created["secret"]
    grace = clock.from_text(rotated.body["previousSecretUntil"]) - clock.now()
    assert timedelta(hours=23, minutes=59) < grace <= timedelta(hours=24)
    secrets = [created["secret"], rotated.body["secret"]]
    admin.call(app, "POST", f"{path}/test")
    _, headers, body = receiver.got[-1]
    for known in secrets:
        Webhook(known).verify(body, headers)
    newest = admin.call(app, "POST", f"{path}/rotate-secret").body["secret"]
    admin.call(app, "POST", f"{path}/test")
    _, headers, body = receiver.got[-1]
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets[0]).verify(body, headers)
    for known in (secrets[1], newest):
        Webhook(known).verify(body, headers)
    later(hours=24)
    assert admin.call(app, "GET", path).body["previousSecretUntil"] is None
    admin.call(app, "POST", f"{path}/test")
    _, headers, _ = receiver.got[-1]
    assert len(headers["webhook-signature"].split(" ")) == 1
