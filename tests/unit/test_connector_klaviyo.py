"""The Klaviyo connector, against its published API spoken by a server in its own process."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from openapi_schema_validator import OAS30Validator
from pydantic import ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Person, Record, Reference, State, Status, secret_fields
from handfast.connectors.registry import connector
from handfast.connectors.types.klaviyo import ABSENT, NO_ADDRESS, TEXTS, KlaviyoConnector
from handfast.connectors.types.klaviyo.api import KlaviyoSettings
from tests.worlds.connector_servers.running import Running, running

KLAVIYO = KlaviyoConnector()
MAIL, DIGEST = 'ann"\\@example.com', "ab" * 32
ANN = Person(
    "prq-1",
    "gdpr",
    datetime(2026, 3, 1, tzinfo=UTC),
    identities=(("Email_LC_SHA256", DIGEST),),
    clear={DIGEST: (MAIL,)},
)


def profile(name: str, **attributes: Any) -> dict[str, Any]:
    return {"id": name, "attributes": attributes}


def subscribed(*reasons: str, texts: bool = False) -> dict[str, Any]:
    suppression = [{"reason": reason, "timestamp": "2026-01-01T00:00:00+00:00"} for reason in reasons]
    email = {"can_receive_email_marketing": not reasons, "consent": "SUBSCRIBED", "suppression": suppression}
    sms = {"can_receive_sms_marketing": texts, "consent": "SUBSCRIBED"}
    return {"email": {"marketing": email}, "sms": {"marketing": sms}}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running("klaviyo") as listening:
        yield listening


@pytest.fixture(autouse=True)
def known(server: Running, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    waited: list[float] = []
    monkeypatch.setattr(calls, "sleep", waited.append)
    server.reset(key="planted-key", profiles=[profile("K1", email=MAIL, subscriptions=subscribed())])
    return waited


def settings(server: Running, **changes: str) -> KlaviyoSettings:
    return KlaviyoSettings.model_validate({"domain": server.url, "apiKey": "planted-key"} | changes)


def bodies(server: Running) -> list[Any]:
    return [json.loads(asked["body"]) for asked in server.seen("POST")]


def test_it_is_registered_and_its_key_is_a_secret(server: Running) -> None:
    assert isinstance(connector("klaviyo"), KlaviyoConnector)
    assert secret_fields(KlaviyoSettings) == {"apiKey"}
    assert "planted" not in settings(server).model_dump_json()


@pytest.mark.parametrize("wrong", [{"domain": "a.klaviyo.com/api"}, {"apiKey": "ä"}, {"apiKey": " key"}])
def test_settings_that_cannot_work_are_refused(server: Running, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(server, **wrong)


def test_a_connection_test_touches_nobody_and_names_the_scope_that_lacks(server: Running) -> None:
    assert KLAVIYO.test(settings(server)).ok
    assert [each["id"] for each in server.state()["deletions"]] == ["handfast-connection-test"]
    assert not server.state().get("jobs")
    server.set(scopes=["profiles:read", "events:read", "subscriptions:read", "subscriptions:write"])
    found = {check.name: check for check in KLAVIYO.test(settings(server)).checks}
    assert [name for name, check in found.items() if not check.ok] == ["deletion"]
    assert "permission_denied" in found["deletion"].detail
    assert "data-privacy:write" in found["deletion"].detail


def test_access_reads_profiles_and_events_to_the_last_page_and_each_once(server: Running) -> None:
    odd = profile("K1", email=MAIL, external_id="u1", properties={"plan": "gold"}, subscriptions=subscribed())
    events = [{"id": f"E{n}", "metric": "Placed Order", "attributes": {"event_properties": {"n": n}}} for n in range(5)]
    server.set(profiles=[odd, profile("K2", email="bob@example.com")], events={"K1": events})
    found = list(KLAVIYO.access(settings(server), replace(ANN, profile_ids=("u1",))))
    assert found[0] == Record("profiles", {"id": "K1", **odd["attributes"]})
    assert found[1:] == [
        Record("events", {"id": f"E{n}", "metric": "Placed Order", "event_properties": {"n": n}}) for n in range(5)
    ]
    assert [asked["query"]["filter"] for asked in server.seen("GET /api/profiles")] == [
        'equals(external_id,"u1")',
        f"equals(email,{json.dumps(MAIL)})",
    ]


@pytest.mark.parametrize("link", ["http://other.example/api/events", "{url}/api/events?x=1"])
def test_a_next_page_that_leads_away_or_back_is_no_answer(server: Running, link: str) -> None:
    url = link.replace("{url}", server.url)
    server.fault("events", 200, json.dumps({"data": [], "links": {"next": url}}).encode(), times=3)
    with pytest.raises(ConnectorError, match="does not say which"):
        list(KLAVIYO.access(settings(server), ANN))


def test_a_deletion_names_the_profile_by_its_id_alone_and_is_done_when_it_is_gone(server: Running) -> None:
    reference = Reference("data-privacy-deletion-job/K1", (0,), State(Status.SENT))
    assert KLAVIYO.delete(settings(server), [ANN]) == [reference]
    assert server.state()["deletions"] == [{"type": "profile", "id": "K1", "attributes": {}}]
    assert KLAVIYO.poll(settings(server), reference.id).status is Status.SENT
    server.set(profiles=[])
    assert KLAVIYO.poll(settings(server), reference.id).status is Status.CONFIRMED


def test_absent_is_an_answer_and_nothing_else(server: Running) -> None:
    stranger = replace(ANN, clear={DIGEST: ("eve@example.com",)})
    device = replace(ANN, identities=(("IDFA", "x"),), clear={})
    found = KLAVIYO.delete(settings(server), [stranger, device, replace(ANN, clear={})])
    assert found[0].state == State(Status.ABSENT, ABSENT)
    assert [reference.state.status for reference in found[1:]] == [Status.NOT_SUPPORTED] * 2
    assert not server.seen("POST")
    with pytest.raises(ConnectorError, match="known here"):
        list(KLAVIYO.access(settings(server), device))


def test_an_opt_out_suppresses_whom_klaviyo_knows_and_says_what_goes_on(server: Running) -> None:
    server.set(
        profiles=[
            profile("K1", email=MAIL, subscriptions=subscribed(texts=True)),
            profile("K2", external_id="u2"),
            profile("K3", external_id="u3", email="c@example.com", subscriptions=subscribed("USER_SUPPRESSED")),
        ]
    )
    people = [ANN, *(replace(ANN, profile_ids=(name,), identities=()) for name in ("u2", "u3", "u4"))]
    first, *rest = KLAVIYO.suppress(settings(server), people, lift=False)
    assert first == Reference("profile-suppression-bulk-create-job/01JOB0", (0,), State(Status.SENT))
    assert rest == [
        Reference("", (0,), State(Status.NOT_SUPPORTED, TEXTS)),
        Reference("", (1,), State(Status.NOT_SUPPORTED, NO_ADDRESS)),
        Reference("", (2,), State(Status.CONFIRMED)),
        Reference("", (3,), State(Status.ABSENT, ABSENT)),
    ]
    (sent,) = bodies(server)
    assert sent["data"]["attributes"]["profiles"]["data"] == [{"type": "profile", "attributes": {"email": MAIL}}]


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({"status": "processing"}, Status.SENT),
        ({"status": "complete", "completed_at": "2026-03-02T00:00:00+00:00"}, Status.CONFIRMED),
        ({"status": "complete", "skipped_count": 1}, Status.FAILED),
        ({"status": "cancelled"}, Status.FAILED),
        ({"status": "something new"}, Status.SENT),
    ],
)
def test_a_suppression_stands_as_its_job_does(server: Running, attributes: dict[str, Any], status: Status) -> None:
    (reference,) = KLAVIYO.suppress(settings(server), [ANN], lift=False)
    server.set(jobs={"01JOB0": {"created_at": "2026-03-01T00:00:00+00:00", "total_count": 1} | attributes})
    assert KLAVIYO.poll(settings(server), reference.id).status is status


def test_lifting_takes_back_what_was_suppressed_and_nothing_else(server: Running) -> None:
    (kept,) = KLAVIYO.suppress(settings(server), [ANN], lift=True)
    assert kept.state == State(Status.CONFIRMED)
    server.set(profiles=[profile("K1", email=MAIL, subscriptions=subscribed("UNSUBSCRIBE", "USER_SUPPRESSED"))])
    (lifted,) = KLAVIYO.suppress(settings(server), [ANN], lift=True)
    assert lifted.id == "profile-suppression-bulk-delete-job/01JOB0"
    assert KLAVIYO.poll(settings(server), lifted.id).status is Status.SENT
    assert KLAVIYO.poll(settings(server), "profile-suppression-bulk-delete-job/gone").status is Status.FAILED


def test_throttling_is_waited_for_and_a_long_one_is_for_later(server: Running, known: list[float]) -> None:
    server.fault("GET /api/profiles", 429, headers={"retry-after": "3"})
    server.fault("POST", 429, headers={"retry-after": "60"})
    (reference,) = KLAVIYO.delete(settings(server), [ANN])
    assert known == [3.0]
    assert (reference.state.transient, reference.state.retry_after) == (True, 60.0)


def test_an_error_is_told_by_its_code_and_without_its_words(server: Running) -> None:
    (reference,) = KLAVIYO.delete(settings(server, apiKey="other"), [ANN])
    assert reference.state == State(Status.FAILED, "the system does not accept the credential: 401 (not_authenticated)")
    server.set(profiles=[profile("ann@example.com", email=MAIL)])
    (reference,) = KLAVIYO.delete(settings(server), [ANN])
    assert reference.state == State(Status.FAILED, "the system's answer is not what its interface promises")


DOCUMENTS = os.environ.get("KLAVIYO_OPENAPI", "")


@pytest.mark.skipif(not DOCUMENTS, reason="KLAVIYO_OPENAPI names no folder of Klaviyo's OpenAPI documents")
def test_what_is_asked_and_answered_is_as_klaviyo_publishes_it(server: Running) -> None:
    paths: dict[str, tuple[Any, Any]] = {}
    for file in Path(DOCUMENTS).glob("*.json"):
        document = json.loads(file.read_text())
        paths |= {path: (document, methods) for path, methods in document["paths"].items()}
    server.set(events={"K1": [{"id": "E1", "metric": "Placed Order", "attributes": {}}]})
    list(KLAVIYO.access(settings(server), ANN))
    KLAVIYO.delete(settings(server), [ANN])
    (reference,) = KLAVIYO.suppress(settings(server), [ANN], lift=False)
    KLAVIYO.poll(settings(server), reference.id)
    checked = set()
    for asked in server.seen():
        path = asked["path"].replace("/01JOB0", "/{job_id}")
        if path not in paths or asked["method"].lower() not in paths[path][1]:
            continue
        document, operation = paths[path][0], paths[path][1][asked["method"].lower()]
        request = Request(server.url + asked["path"] + _query(asked), asked["body"].encode() or None, asked["headers"])
        with urlopen(request, timeout=30) as answer:
            status, said = str(answer.status), answer.read()
        named = {parameter["name"] for parameter in operation["parameters"]}
        assert set(asked["query"]) <= named, path
        if asked["body"]:
            _valid(document, operation["requestBody"]["content"], json.loads(asked["body"]))
        if content := operation["responses"][status].get("content"):
            _valid(document, content, json.loads(said))
        checked.add(f"{asked['method']} {path}")
    assert "POST /api/data-privacy-deletion-jobs" in checked


def _query(asked: dict[str, Any]) -> str:
    return f"?{urlencode(asked['query'])}" if asked["query"] else ""


def _valid(document: Any, content: Any, value: Any) -> None:
    schema = content["application/vnd.api+json"]["schema"] | {"components": document["components"]}
    OAS30Validator(schema).validate(value)
