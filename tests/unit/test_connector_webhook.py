"""The webhook connector, against an endpoint in its own process that verifies signatures with another library."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Person, Reference, State, Status, secret_fields
from handfast.connectors.registry import connector
from handfast.connectors.types.webhook import Webhook, WebhookSettings
from tests.worlds.connector_servers.running import Running, running

WEBHOOK = Webhook()
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
PERSON = Person("prq-1", "gdpr", datetime(2026, 3, 1, tzinfo=UTC), ("u1",), (("ECID", "1" * 38),))


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running("webhook") as listening:
        yield listening


@pytest.fixture(autouse=True)
def known(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    server.reset(secret=SECRET, people={"u1": [{"collection": "orders", "data": {"number": 7}}]})


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(calls, "sleep", waited.append)
    return waited


def settings(server: Running, **changes: str) -> WebhookSettings:
    return WebhookSettings.model_validate({"url": f"{server.url}/hooks", "secret": SECRET} | changes)


def test_it_is_registered() -> None:
    assert isinstance(connector("webhook"), Webhook)


def test_the_signing_secret_is_a_secret(server: Running) -> None:
    assert secret_fields(WebhookSettings) == {"secret"}
    assert SECRET not in settings(server).model_dump_json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http:/x"},
        {"secret": "whsec_"},
        {"secret": "whsec_" + base64.b64encode(bytes(23)).decode()},
        {"secret": "whsec_" + base64.b64encode(bytes(65)).decode()},
        {"secret": base64.b64encode(bytes(32)).decode()},
        {"secret": "whsec_not base64 at all, whatever it is!"},
        {"secret": "whsec_ä"},
    ],
)
def test_settings_that_cannot_work_are_refused(server: Running, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(server, **wrong)


def test_a_connection_test_passes_two_checks(server: Running) -> None:
    result = WEBHOOK.test(settings(server))
    assert [(check.name, check.ok) for check in result.checks] == [("endpoint", True), ("signature", True)]


def test_an_endpoint_that_takes_any_signature_fails_the_test(server: Running) -> None:
    server.set(careless=True)
    result = WEBHOOK.test(settings(server))
    assert {check.name for check in result.checks if not check.ok} == {"signature"}


def test_another_secret_and_an_endpoint_that_is_down_fail_the_test(server: Running) -> None:
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    assert not WEBHOOK.test(settings(server, secret=other)).checks[0].ok
    assert not any(check.ok for check in WEBHOOK.test(settings(server, url="http://localhost:1/")).checks)


def test_a_deletion_answered_now_has_ended(server: Running) -> None:
    stranger = Person("prq-2", "gdpr", PERSON.submitted_at, ("u2",))
    assert WEBHOOK.delete(settings(server), [PERSON, stranger]) == [
        Reference("", (0,), State(Status.CONFIRMED)),
        Reference("", (1,), State(Status.ABSENT)),
    ]
    first = server.seen("POST")[0]
    body = json.loads(first["body"])
    assert (body["type"], first["headers"]["webhook-id"]) == ("privacy_request.erasure", "prq-1-erasure")
    assert body["data"] == {
        "requestId": "prq-1",
        "regulation": "gdpr",
        "submittedAt": "2026-03-01T00:00:00.000Z",
        "profileIds": ["u1"],
        "identities": [{"namespace": "ECID", "value": "1" * 38, "format": "raw"}],
    }


def test_what_the_person_gave_is_told_beside_its_digest(server: Running) -> None:
    digest, text = "ab" * 32, "ann@example.com"
    WEBHOOK.delete(
        settings(server), [replace(PERSON, identities=(("Email_LC_SHA256", digest),), clear={digest: (text,)})]
    )
    assert json.loads(server.seen("POST")[0]["body"])["data"]["identities"] == [
        {"namespace": "Email_LC_SHA256", "value": digest, "format": "sha256"},
        {"namespace": "Email_LC_SHA256", "value": text, "format": "raw"},
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("completed", Status.CONFIRMED),
        ("absent", Status.ABSENT),
        ("not_supported", Status.NOT_SUPPORTED),
        ("refused", Status.REFUSED),
        ("failed", Status.FAILED),
    ],
)
def test_what_the_endpoint_says_is_what_is_kept(server: Running, said: str, expected: Status) -> None:
    server.set(verdict={"status": said, "reason": "legal_hold"})
    (reference,) = WEBHOOK.delete(settings(server), [PERSON])
    assert reference.state == State(expected, "legal_hold")


def test_a_deletion_answered_later_is_asked_about_until_it_ends(server: Running) -> None:
    server.set(later=True)
    (reference,) = WEBHOOK.delete(settings(server), [PERSON])
    assert reference == Reference(f"{server.url}/hooks/status/prq-1-erasure", (0,), State(Status.SENT))
    assert WEBHOOK.poll(settings(server), reference.id) == State(Status.SENT)
    server.set(done={"prq-1-erasure": {"status": "completed"}})
    assert WEBHOOK.poll(settings(server), reference.id) == State(Status.CONFIRMED)
    server.set(done={})
    assert WEBHOOK.poll(settings(server), reference.id).status == Status.FAILED


@pytest.mark.parametrize("location", ["", "http://elsewhere.example/", "//elsewhere.example/", "http://[", "https:"])
def test_an_address_elsewhere_is_never_asked(server: Running, location: str) -> None:
    server.set(later=True, location=location)
    (reference,) = WEBHOOK.delete(settings(server), [PERSON])
    assert (reference.id, reference.state.status) == ("", Status.FAILED)


def test_a_reference_of_another_host_is_never_asked(server: Running) -> None:
    with pytest.raises(ConnectorError) as failed:
        WEBHOOK.poll(settings(server), f"http://127.0.0.1:{server.port}/hooks/status/x")
    assert failed.value.reason == "redirected"
    assert server.seen() == []


def test_access_gives_the_records(server: Running) -> None:
    (record,) = WEBHOOK.access(settings(server), PERSON)
    assert (record.collection, record.data) == ("orders", {"number": 7})
    stranger = Person("prq-2", "gdpr", PERSON.submitted_at, ("u2",))
    assert list(WEBHOOK.access(settings(server), stranger)) == []


def test_who_is_not_named_by_everything_is_a_gap_and_never_absent(server: Running) -> None:
    partial = replace(PERSON, is_partial=True)
    stranger = replace(partial, profile_ids=("u2",))
    lacking = "it was not asked by other ids: no more than a digest is known here"
    states = [each.state for each in WEBHOOK.delete(settings(server), [partial, stranger])]
    assert [(state.status, state.detail) for state in states] == [
        (Status.CONFIRMED, ""),
        (Status.NOT_SUPPORTED, lacking),
        (Status.NOT_SUPPORTED, lacking),
    ]
    assert [record.collection for record in WEBHOOK.access(settings(server), partial)] == ["orders", "notes"]
    with pytest.raises(ConnectorError, match="other ids"):
        list(WEBHOOK.access(settings(server), stranger))


def test_a_completed_access_without_records_does_not_say_that_nothing_is_held(server: Running) -> None:
    server.set(verdict={"status": "completed"})
    with pytest.raises(ConnectorError) as failed:
        list(WEBHOOK.access(settings(server), PERSON))
    assert failed.value.reason == "malformed_answer"
    server.set(verdict={"status": "completed", "records": []})
    assert list(WEBHOOK.access(settings(server), PERSON)) == []


@pytest.mark.parametrize("state", [{"later": True}, {"verdict": {"status": "in_progress"}}])
def test_access_that_is_not_ready_is_asked_again_with_the_same_id(server: Running, state: dict[str, Any]) -> None:
    server.set(**state)
    for _ in range(2):
        with pytest.raises(ConnectorError) as failed:
            list(WEBHOOK.access(settings(server), PERSON))
        assert (failed.value.reason, failed.value.transient) == ("pending", True)
    assert {asked["headers"]["webhook-id"] for asked in server.seen("POST")} == {"prq-1-access"}


@pytest.mark.parametrize(
    ("said", "reason"), [("refused", "refused"), ("failed", "refused"), ("not_supported", "not_supported")]
)
def test_access_that_is_refused_is_an_error_and_not_an_empty_answer(server: Running, said: str, reason: str) -> None:
    server.set(verdict={"status": said})
    with pytest.raises(ConnectorError) as failed:
        list(WEBHOOK.access(settings(server), PERSON))
    assert failed.value.reason == reason


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b'{"status": "ok"}',
        b'{"status": "in_progress"}',
        b'{"status": "completed", "reason": "u1 is gone"}',
        b"\xff",
    ],
)
def test_an_answer_that_says_nothing_known_confirms_nothing(server: Running, body: bytes) -> None:
    server.fault("POST", 200, body)
    (reference,) = WEBHOOK.delete(settings(server), [PERSON])
    assert (reference.id, reference.state.status) == ("", Status.FAILED)
    assert "u1" not in reference.state.detail


@pytest.mark.parametrize(
    ("status", "expected", "transient"),
    [
        (200, Status.FAILED, False),
        (201, Status.FAILED, False),
        (205, Status.REFUSED, False),
        (302, Status.FAILED, False),
        (307, Status.FAILED, False),
        (400, Status.REFUSED, False),
        (401, Status.FAILED, False),
        (403, Status.FAILED, False),
        (404, Status.REFUSED, False),
        (405, Status.NOT_SUPPORTED, False),
        (409, Status.REFUSED, False),
        (410, Status.REFUSED, False),
        (422, Status.REFUSED, False),
        (429, Status.FAILED, True),
        (500, Status.FAILED, True),
        (501, Status.NOT_SUPPORTED, False),
        (503, Status.FAILED, True),
    ],
)
def test_no_status_without_words_confirms_anything_but_no_content(
    server: Running, waits: list[float], status: int, expected: Status, transient: bool
) -> None:
    server.fault("POST", status, headers={"location": "/elsewhere"}, times=9)
    (reference,) = WEBHOOK.delete(settings(server), [PERSON])
    assert (reference.state.status, reference.state.transient) == (expected, transient)
    assert server.seen("elsewhere") == []


@pytest.mark.parametrize("status", [200, 201])
def test_an_answer_that_says_it_is_done_is_believed(server: Running, status: int) -> None:
    server.fault("POST", status, b'{"status": "completed"}')
    assert WEBHOOK.delete(settings(server), [PERSON])[0].state == State(Status.CONFIRMED)


def test_no_content_is_done_with_nothing_to_say(server: Running) -> None:
    server.fault("POST", 204, times=2)
    assert WEBHOOK.delete(settings(server), [PERSON]) == [Reference("", (0,), State(Status.CONFIRMED))]
    assert list(WEBHOOK.access(settings(server), PERSON)) == []
    asked_later = f"{server.url}/hooks/status/x"
    server.fault("GET", 202)
    assert WEBHOOK.poll(settings(server), asked_later) == State(Status.SENT)
    server.fault("GET", 204)
    assert WEBHOOK.poll(settings(server), asked_later) == State(Status.CONFIRMED)


def test_what_is_asked_again_after_a_refusal_is_another_message(server: Running) -> None:
    WEBHOOK.delete(settings(server), [PERSON, replace(PERSON, refusals=2)])
    first, again = server.seen("POST")
    assert again["headers"]["webhook-id"] == f"{first['headers']['webhook-id']}-2"
    assert json.loads(again["body"])["data"] == json.loads(first["body"])["data"]


def test_throttling_is_waited_for_until_the_date_asked(server: Running, waits: list[float]) -> None:
    server.fault("POST", 429, headers={"retry-after": "Thu, 01 Jan 1998 00:00:00 GMT"})
    server.fault("POST", 503, headers={"retry-after": "whenever"})
    assert WEBHOOK.delete(settings(server), [PERSON])[0].state.status == Status.CONFIRMED
    assert waits == [0.0, 2.0]


def test_one_persons_failure_is_not_the_others(server: Running, waits: list[float]) -> None:
    server.fault("POST", 500, times=4)
    failed, done = WEBHOOK.delete(settings(server), [PERSON, PERSON])
    assert (failed.state.status, failed.state.transient) == (Status.FAILED, True)
    assert done.state.status == Status.CONFIRMED


def test_a_slow_endpoint_is_given_up_and_may_be_tried_again(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "SECONDS", 0.3)
    server.fault("POST", delay=2)
    (reference,) = WEBHOOK.delete(settings(server), [PERSON])
    assert (reference.state.status, reference.state.transient) == (Status.FAILED, True)


def test_nothing_of_a_person_shows_in_what_is_printed() -> None:
    assert "u1" not in repr(PERSON)
