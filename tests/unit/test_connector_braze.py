"""The Braze connector, against what its documentation says, spoken by a server in its own process."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Person, Record, Reference, State, Status, secret_fields
from handfast.connectors.registry import connector
from handfast.connectors.types.braze import ABSENT, TEXTS, BrazeConnector
from handfast.connectors.types.braze.api import BrazeSettings
from tests.worlds.connector_servers.running import Running, running

BRAZE = BrazeConnector()
MAIL, DIGEST = "ann@example.com", "ab" * 32
PHONE, PHONE_DIGEST = "+493023125001", "cd" * 32
ANN = Person(
    "prq-1",
    "gdpr",
    datetime(2026, 3, 1, tzinfo=UTC),
    identities=(("Email_LC_SHA256", DIGEST),),
    clear={DIGEST: (MAIL,)},
)
UNAUTHORIZED = "the system does not accept the credential"
USER = {"braze_id": "b1", "external_id": "u1", "email": MAIL, "first_name": "Ann", "purchases": [{"name": "Book"}]}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running("braze") as listening:
        yield listening


@pytest.fixture(autouse=True)
def known(server: Running, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    waited: list[float] = []
    monkeypatch.setattr(calls, "sleep", waited.append)
    server.reset(key="planted-key", users=[USER])
    return waited


def settings(server: Running, **changes: str) -> BrazeSettings:
    return BrazeSettings.model_validate({"domain": server.url, "apiKey": "planted-key"} | changes)


def bodies(server: Running, match: str) -> list[Any]:
    return [json.loads(asked["body"]) for asked in server.seen(match)]


def test_it_is_registered_and_its_key_is_a_secret(server: Running) -> None:
    assert isinstance(connector("braze"), BrazeConnector)
    assert secret_fields(BrazeSettings) == {"apiKey"}
    assert "planted" not in settings(server).model_dump_json()


@pytest.mark.parametrize("wrong", [{"domain": "rest.iad-01.braze.com/users"}, {"apiKey": "two\nlines"}, {"apiKey": ""}])
def test_settings_that_cannot_work_are_refused(server: Running, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(server, **wrong)


def test_a_connection_test_touches_nobody_and_names_the_permission_that_lacks(server: Running) -> None:
    server.set(permissions=["users.export.ids", "users.track"])
    found = {check.name: check for check in BRAZE.test(settings(server)).checks}
    assert {name: check.ok for name, check in found.items()} == {
        "export": True,
        "deletion": False,
        "subscription": True,
    }
    assert "users.delete" in found["deletion"].detail
    assert "deletions" not in server.state()
    assert not server.state()["changes"]


def test_a_connection_test_of_a_system_that_is_down_tries_no_more(server: Running) -> None:
    checks = BRAZE.test(settings(server, domain="http://localhost:1")).checks
    assert [check.ok for check in checks] == [False, False, False]
    assert "not checked" in checks[1].detail


def test_access_reads_all_profiles_of_the_address_once(server: Running) -> None:
    server.set(users=[USER, {"braze_id": "b2", "email": MAIL}, {"braze_id": "b3", "email": "bob@example.com"}])
    person = replace(ANN, profile_ids=("u1",))
    assert list(BRAZE.access(settings(server), person)) == [
        Record("users", USER),
        Record("users", {"braze_id": "b2", "email": MAIL}),
    ]
    asked = bodies(server, "export")
    assert [{**body, "fields_to_export": 0} for body in asked] == [
        {"external_ids": ["u1"], "fields_to_export": 0},
        {"email_address": MAIL, "fields_to_export": 0},
    ]
    assert {"campaigns_received", "custom_attributes"} <= set(asked[0]["fields_to_export"])


def test_a_deletion_is_done_when_the_profile_is_gone(server: Running) -> None:
    assert BRAZE.delete(settings(server), [ANN]) == [Reference("deleted/b1", (0,), State(Status.SENT))]
    assert server.state()["deletions"] == ["b1"]
    assert BRAZE.poll(settings(server), "deleted/b1").status is Status.SENT
    server.set(users=[])
    assert BRAZE.poll(settings(server), "deleted/b1").status is Status.CONFIRMED


def test_absent_is_an_answer_and_nothing_else(server: Running) -> None:
    stranger = replace(ANN, clear={DIGEST: ("eve@example.com",)})
    unnamed = replace(ANN, clear={})
    half = replace(stranger, identities=(*ANN.identities, ("Phone_SHA256_E.164", PHONE_DIGEST)))
    found = BRAZE.delete(settings(server), [stranger, unnamed, half])
    assert found[0].state == State(Status.ABSENT, ABSENT)
    assert [reference.state.status for reference in found[1:]] == [Status.NOT_SUPPORTED] * 2
    assert "no more than a digest is known here of an e-mail address" in found[1].state.detail
    assert "not asked by a phone number" in found[2].state.detail
    with pytest.raises(ConnectorError, match="digest"):
        list(BRAZE.access(settings(server), unnamed))


def test_braze_is_asked_by_a_number_that_it_has_of_the_person_itself(server: Running) -> None:
    digest = hashlib.sha256(PHONE.encode()).hexdigest()
    person = replace(ANN, identities=(*ANN.identities, ("Phone_SHA256_E.164", digest)))
    found = BRAZE.delete(settings(server), [person])
    assert [each.state.status for each in found] == [Status.SENT, Status.NOT_SUPPORTED]
    assert "not asked by a phone number" in found[1].state.detail
    server.set(users=[USER | {"phone": PHONE}, {"braze_id": "b2", "phone": PHONE}])
    assert [each.id for each in BRAZE.delete(settings(server), [person])] == ["deleted/b1", "deleted/b2"]


def test_an_opt_out_unsubscribes_and_says_that_text_messages_go_on(server: Running) -> None:
    user = USER | {"phone": PHONE}
    server.set(users=[user])
    by_phone = replace(
        ANN, identities=(("Phone_SHA256_E.164", PHONE_DIGEST),), clear={PHONE_DIGEST: (PHONE, "030 23125001")}
    )
    assert BRAZE.suppress(settings(server), [by_phone], lift=False) == [
        Reference("unsubscribed/b1", (0,), State(Status.SENT, supersedes=("subscribed/b1", Status.CONFIRMED))),
        Reference("", (0,), State(Status.NOT_SUPPORTED, TEXTS)),
    ]
    assert [body["phone"] for body in bodies(server, "export")] == [PHONE]
    (change,) = server.state()["changes"]
    assert change == {
        "_update_existing_only": True,
        "braze_id": "b1",
        "email_subscribe": "unsubscribed",
        "push_subscribe": "unsubscribed",
    }
    assert BRAZE.poll(settings(server), "unsubscribed/b1").status is Status.SENT
    server.set(users=[user | change])
    assert BRAZE.poll(settings(server), "unsubscribed/b1").status is Status.CONFIRMED
    (lifted,) = BRAZE.suppress(settings(server), [by_phone], lift=True)
    undone = ("unsubscribed/b1", Status.CONFIRMED)
    assert lifted == Reference("subscribed/b1", (0,), State(Status.SENT, supersedes=undone))
    assert BRAZE.poll(settings(server), "subscribed/b1").status is Status.SENT
    server.set(users=[user | server.state()["changes"][-1]])
    assert BRAZE.poll(settings(server), "subscribed/b1").status is Status.CONFIRMED


def test_a_change_that_fails_within_a_success_is_refused(server: Running) -> None:
    server.fault("track", 201, b'{"message": "success", "errors": [{"type": "ann@example.com"}]}')
    (reference,) = BRAZE.suppress(settings(server), [ANN], lift=False)
    assert reference.state == State(Status.REFUSED, "Braze has not taken the change of the profile")


def test_throttling_is_waited_for_as_its_reset_says(server: Running, known: list[float]) -> None:
    server.fault("export", 429, headers={"x-ratelimit-reset": str(int(time.time()) + 10)})
    server.fault("delete", 429, headers={"x-ratelimit-reset": str(int(time.time()) + 1000)}, times=9)
    (reference,) = BRAZE.delete(settings(server), [ANN])
    assert 8 <= known[0] <= 10
    assert reference.state.transient
    assert 980 <= (reference.state.retry_after or 0) <= 1000


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            401,
            b'{"message": "ann@example.com"}',
            State(Status.FAILED, "the system does not accept the credential: 401"),
        ),
        (400, b'{"message": "ann@example.com"}', State(Status.REFUSED, "the system refused the call: 400")),
        (201, b'{"users": [{"braze_id": "ann@example.com"}]}', None),
        (201, b"[]", None),
    ],
)
def test_answers_that_are_none_are_failures_without_their_words(
    server: Running, status: int, body: bytes, expected: State | None
) -> None:
    malformed = State(Status.FAILED, "the system's answer is not what its interface promises")
    server.fault("export", status, body)
    (reference,) = BRAZE.delete(settings(server), [ANN])
    assert reference.state == (expected or malformed)
    assert not server.seen("delete")
