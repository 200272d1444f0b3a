"""The HTTP connector: declarations that are refused at once, and calls that are what was declared and nothing else."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Person, Record, Reference, State, Status, secret_fields
from handfast.connectors.registry import connector
from handfast.connectors.types.http import ABSENT, Http
from handfast.connectors.types.http.settings import HttpSettings
from handfast.connectors.types.http.templates import filled, filled_path
from tests.worlds.connector_servers.running import Running, running

HTTP = Http()
MAIL, DIGEST = "ann@example.com", "ab" * 32
ANN = Person(
    "prq-1",
    "gdpr",
    datetime(2026, 3, 1, tzinfo=UTC),
    ("u1",),
    (("Email_LC_SHA256", DIGEST),),
    {DIGEST: (MAIL,)},
)
ERASURE: dict[str, Any] = {
    "method": "POST",
    "path": "/erasures",
    "body": {"who": {"by": "{type}", "is": "{identifier}"}, "request": "{requestId}", "why": ["{regulation}", 1, True]},
    "answer": {"statuses": {"202": "in_progress", "200": "completed", "410": "absent"}},
    "poll": {
        "pointer": "/links/job",
        "answer": {
            "statuses": {"200": "completed"},
            "pointer": "/job/state",
            "values": {"queued": "in_progress", "done": "completed", "no": "refused", "cannot": "not_supported"},
        },
    },
}
BLOCK: dict[str, Any] = {
    "method": "PUT",
    "path": "/users/{identifier}/blocked",
    "answer": {
        "statuses": {"200": "completed"},
        "pointer": "/done",
        "values": {"true": "completed", "false": "absent"},
    },
}
ACCESS: dict[str, Any] = {
    "method": "GET",
    "path": "/users",
    "query": {"by": "{type}", "is": "{identifier}"},
    "answer": {"statuses": {"200": "completed"}},
    "records": [{"collection": "users", "pointer": "/result/users"}, {"collection": "orders", "pointer": "/no/thing"}],
}
IDENTIFIERS = [{"namespace": "profileId", "type": "id"}, {"namespace": "email", "type": "email"}]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running("customers") as listening:
        yield listening


@pytest.fixture(autouse=True)
def known(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    monkeypatch.setattr(calls, "sleep", lambda _: None)
    server.reset(key="planted-key", users=[{"id": "u1", "email": MAIL}])


def declared(url: str, /, **changes: Any) -> dict[str, Any]:
    values = {
        "url": f"{url}/api",
        "credential": "planted-key",
        "credentialHeader": "X-API-Key",
        "identifiers": IDENTIFIERS,
        "testPath": "/ping",
        "erasure": ERASURE,
        "optOut": BLOCK,
        "access": ACCESS,
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def settings(server: Running, **changes: Any) -> HttpSettings:
    return HttpSettings.model_validate(declared(server.url, **changes))


def test_it_is_registered_and_its_credential_is_a_secret(server: Running) -> None:
    assert isinstance(connector("http"), Http)
    assert secret_fields(HttpSettings) == {"credential"}
    kept = settings(server)
    assert "planted" not in kept.model_dump_json()
    assert HttpSettings.model_validate(kept.model_dump(by_alias=True, mode="json") | {"credential": "x"})


def test_the_example_of_the_documentation_can_be_typed() -> None:
    text = Path("docs/connectors.md").read_text()
    example = json.loads(text.partition("```json")[2].partition("```")[0])
    assert HttpSettings.model_validate(example | {"credential": "x"}).erasure


@pytest.mark.parametrize(
    ("changes", "place", "says"),
    [
        ({"url": "https://a.example/?x=1"}, "url", "query"),
        ({"identifiers": [{"namespace": "IDFA"}]}, "identifiers/0/namespace", "device"),
        ({"identifiers": [{"namespace": "profileId", "format": "sha256"}]}, "identifiers/0", "raw"),
        ({"identifiers": []}, "identifiers", "at least 1"),
        ({"testPath": "/users/{identifier}"}, "testPath", "nobody"),
        ({"credential": "two\nlines"}, "credential", "printable"),
        ({"headers": {"x-api-KEY": "1"}}, "", "set by Handfast"),
        ({"headers": {"Host": "other"}}, "", "set by Handfast"),
        ({"headers": {"accept": "a\r\nb"}}, "headers/accept", "pattern"),
        ({"erasure": None, "access": None, "optOut": None}, "", "at least one"),
        ({"erasure": ERASURE | {"path": "/erasures/{identifer}"}}, "erasure/path", "no placeholder {identifer}"),
        ({"erasure": ERASURE | {"path": "//other.example"}}, "erasure/path", "empty parts"),
        ({"erasure": ERASURE | {"path": "/a/../{identifier}"}}, "erasure/path", "lead elsewhere"),
        ({"erasure": ERASURE | {"path": "/a?x={identifier}"}}, "erasure/path", "path alone"),
        ({"erasure": ERASURE | {"path": "/ann%40example.com"}}, "erasure/path", "e-mail"),
        ({"erasure": ERASURE | {"body": {"who": "all"}}}, "erasure", "names nobody"),
        ({"erasure": ERASURE | {"body": {"who": ["{whom}"]}}}, "erasure/body", "no placeholder {whom}"),
        ({"erasure": ERASURE | {"body": {"": "{identifier}"}}}, "erasure/body", "without a name"),
        ({"erasure": ERASURE | {"body": {"n": 10**40}}}, "erasure/body", "numbers between"),
        ({"erasure": ERASURE | {"body": "x" * 10_001}}, "erasure/body", "10,000 bytes"),
        ({"erasure": ERASURE | {"body": json.loads("[" * 20 + "]" * 20)}}, "erasure/body", "nested deeper"),
        ({"erasure": ERASURE | {"method": "GET"}}, "erasure", "a GET has no body"),
        ({"erasure": ERASURE | {"poll": None}}, "erasure", "go together"),
        ({"erasure": ERASURE | {"answer": {"statuses": {"200": "completed"}}}}, "erasure", "go together"),
        (
            {"erasure": ERASURE | {"answer": {"statuses": {"404": "absent"}}}},
            "erasure/answer",
            "which answer is completed",
        ),
        (
            {"erasure": ERASURE | {"answer": {"statuses": {"500": "completed"}}}},
            "erasure/answer/statuses/500/[key]",
            "nothing was done",
        ),
        (
            {"erasure": ERASURE | {"answer": {"statuses": {"401": "absent"}}}},
            "erasure/answer/statuses/401/[key]",
            "nothing was done",
        ),
        ({"optOut": BLOCK | {"answer": BLOCK["answer"] | {"pointer": "done"}}}, "optOut/answer/pointer", "RFC 6901"),
        ({"optOut": BLOCK | {"answer": BLOCK["answer"] | {"pointer": "/a~2"}}}, "optOut/answer/pointer", "RFC 6901"),
        ({"optOut": BLOCK | {"answer": BLOCK["answer"] | {"values": {}}}}, "optOut/answer", "go together"),
        ({"erasure": ERASURE | {"poll": ERASURE["poll"] | {"header": "Location"}}}, "erasure/poll", "either a header"),
        ({"access": ACCESS | {"records": []}}, "access/records", "at least 1"),
        ({"access": ACCESS | {"code": "1 + 1"}}, "access/code", "not permitted"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused_at_its_place(
    server: Running, changes: dict[str, Any], place: str, says: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        settings(server, **changes)
    found = {"/".join(map(str, error["loc"])): error["msg"] for error in raised.value.errors()}
    assert says in found[place]
    assert "planted" not in str(raised.value)


def test_a_connection_test_tries_the_credential_and_what_nobody_is_answered(server: Running) -> None:
    assert HTTP.test(settings(server)).ok
    wrong = HTTP.test(settings(server, credential="other", access=None)).checks
    assert [(check.name, check.ok) for check in wrong] == [("credential", False)]
    assert "401 (no_key)" in wrong[0].detail
    undeclared = HTTP.test(settings(server, access=ACCESS | {"path": "/people/{identifier}"})).checks
    assert [(check.name, check.ok) for check in undeclared] == [("credential", True), ("access", False)]


def test_access_reads_what_is_declared_once_and_says_nothing_of_what_it_was_not_asked(server: Running) -> None:
    assert list(HTTP.access(settings(server), ANN)) == [Record("users", {"id": "u1", "email": MAIL})]
    assert [asked["query"] for asked in server.seen("users")] == [
        {"by": "id", "is": "u1"},
        {"by": "email", "is": MAIL},
    ]
    assert (
        list(HTTP.access(settings(server), replace(ANN, profile_ids=("u2",), clear={DIGEST: ("e@example.com",)}))) == []
    )
    with pytest.raises(ConnectorError, match="not asked by an e-mail address"):
        list(HTTP.access(settings(server), replace(ANN, profile_ids=("u2",), clear={})))
    with pytest.raises(ConnectorError, match="not declared"):
        list(HTTP.access(settings(server, access=None), ANN))


@pytest.mark.parametrize("body", [b'{"error": "internal"}', b"[]", b'{"result": {"people": []}}', b"null", b""])
def test_an_answer_without_anything_that_is_declared_does_not_say_that_nothing_is_held(
    server: Running, body: bytes
) -> None:
    server.fault("users", 200, body)
    with pytest.raises(ConnectorError) as failed:
        list(HTTP.access(settings(server), ANN))
    assert failed.value.reason == "malformed_answer"


def test_an_erasure_is_asked_about_until_a_declared_end(server: Running) -> None:
    first, second = HTTP.delete(settings(server), [ANN])
    assert first == Reference(f"erasure {server.url}/api/jobs/j0", (0,), State(Status.SENT))
    assert second.id.endswith("j1")
    assert [json.loads(asked["body"]) for asked in server.seen("POST")] == [
        {"who": {"by": "id", "is": "u1"}, "request": "prq-1", "why": ["gdpr", 1, True]},
        {"who": {"by": "email", "is": MAIL}, "request": "prq-1", "why": ["gdpr", 1, True]},
    ]
    ends = {
        "queued": State(Status.SENT),
        "done": State(Status.CONFIRMED),
        "no": State(Status.REFUSED, "the system answers no"),
        "cannot": State(Status.NOT_SUPPORTED, "the system answers cannot"),
    }
    for word, state in ends.items():
        server.set(jobs={"j0": word})
        assert HTTP.poll(settings(server), first.id) == state
    for other in ("new word", ["done"], None):
        server.set(jobs={"j0": other})
        with pytest.raises(ConnectorError, match="not declared"):
            HTTP.poll(settings(server), first.id)
    with pytest.raises(ConnectorError, match="another host"):
        HTTP.poll(settings(server), "erasure http://other.example/jobs/1")


def test_a_status_that_is_declared_as_a_refusal_is_named(server: Running) -> None:
    held = ERASURE | {"answer": {"statuses": ERASURE["answer"]["statuses"] | {"409": "refused"}}}
    server.fault("erasures", 409, times=9)
    found = {reference.state for reference in HTTP.delete(settings(server, erasure=held), [ANN])}
    assert found == {State(Status.REFUSED, "the system answers 409")}


def test_what_a_value_in_the_answer_means_is_declared(server: Running) -> None:
    stranger = replace(ANN, profile_ids=("u2",), identities=())
    by_id = settings(server, identifiers=IDENTIFIERS[:1])
    assert HTTP.suppress(by_id, [ANN, stranger], lift=False) == [
        Reference("", (0,), State(Status.CONFIRMED)),
        Reference("", (1,), State(Status.ABSENT, ABSENT)),
    ]
    (lifted,) = HTTP.suppress(by_id, [ANN], lift=True)
    assert lifted.state.status is Status.NOT_SUPPORTED
    assert "no call for this is declared (opt_in)" in lifted.state.detail


def test_absent_is_an_answer_by_every_identifier(server: Running) -> None:
    server.set(users=[])
    people = [ANN, replace(ANN, clear={}), replace(ANN, profile_ids=(), clear={}), replace(ANN, is_partial=True)]
    found = [reference.state for reference in HTTP.delete(settings(server), people)]
    assert found[0] == State(Status.ABSENT, ABSENT)
    assert [state.status for state in found[1:]] == [Status.NOT_SUPPORTED] * 3
    by_digest = settings(server, identifiers=[{"namespace": "email", "format": "sha256"}])
    (asked,) = HTTP.delete(by_digest, [replace(ANN, clear={})])
    assert asked.state.status is Status.ABSENT
    assert json.loads(server.seen("POST")[-1]["body"])["who"] == {"by": "Email_LC_SHA256", "is": DIGEST}


@pytest.mark.parametrize("link", ["http://other.example/1", "/api/jobs/ann@example.com", "", 7])
def test_a_link_that_leads_away_or_names_somebody_is_no_answer(server: Running, link: object) -> None:
    server.set(link=link)
    found = HTTP.delete(settings(server), [ANN])
    assert {(reference.id, reference.state.status) for reference in found} == {("", Status.FAILED)}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, b"{}", Status.FAILED),
        (404, b"{}", Status.REFUSED),
        (405, b"", Status.NOT_SUPPORTED),
        (418, b"ann@example.com", Status.REFUSED),
        (302, b"", Status.FAILED),
    ],
)
def test_an_answer_that_is_not_declared_is_never_taken_for_one(
    server: Running, status: int, body: bytes, expected: Status
) -> None:
    server.fault("PUT", status, body)
    (reference,) = HTTP.suppress(settings(server, identifiers=IDENTIFIERS[:1]), [ANN], lift=False)
    assert reference.state.status is expected
    assert "ann" not in reference.state.detail


def test_outage_and_throttling_are_for_later(server: Running) -> None:
    server.fault("PUT", 503, times=9)
    (down,) = HTTP.suppress(settings(server, identifiers=IDENTIFIERS[:1]), [ANN], lift=False)
    assert down.state.transient
    server.reset(key="planted-key", users=[])
    server.fault("PUT", 429, headers={"retry-after": "90"}, times=9)
    (throttled,) = HTTP.suppress(settings(server, identifiers=IDENTIFIERS[:1]), [ANN], lift=False)
    assert (throttled.state.transient, throttled.state.retry_after) == (True, 90.0)


@pytest.mark.parametrize("name", ["..", "a/../../admin", "..\\x", "."])
def test_an_identifier_leads_to_no_other_path(server: Running, name: str) -> None:
    person = replace(ANN, profile_ids=(name,), identities=())
    (reference,) = HTTP.suppress(settings(server), [person], lift=False)
    assert reference.state.status is Status.NOT_SUPPORTED
    assert not server.seen("PUT")


VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(value=VALUES, kind=VALUES)
def test_values_stay_values(value: str, kind: str) -> None:
    values = {"identifier": value, "type": kind, "requestId": "r", "regulation": "gdpr"}
    template: JsonValue = {"a": "{identifier}", "{type}": ["<{type}|{identifier}>", 1, None, "{ query }"]}
    assert filled(template, values) == {"a": value, "{type}": [f"<{kind}|{value}>", 1, None, "{ query }"]}
    if {".", ".."} & set(re.split(r"[/\\]", value)):
        with pytest.raises(ConnectorError, match="cannot stand in the path"):
            filled_path("/a/{identifier}/b", values)
    else:
        _, before, segment, after = filled_path("/a/{identifier}/b", values).split("/")
        assert (before, unquote(segment), after) == ("a", value, "b")
