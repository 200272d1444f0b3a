"""Types of destinations: the card of seed 002 line by line, what is sent, how it is signed in, what answers mean."""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook

from handfast.destinations import registry, rules
from handfast.destinations.contract import Account, Pair, Segment
from handfast.destinations.endpoint import told
from handfast.destinations.models import ActivatedSegment, Activation
from handfast.destinations.types.experience_cloud_audiences import destination as audiences
from handfast.destinations.types.http import destination as http
from handfast.identity.custom import custom_namespace
from handfast.identity.namespaces import namespace
from handfast.platform import clock, outbound
from tests.worlds.receiver import Receiver, receiving

AT = "2026-03-02T09:30:00.000Z"
READERS = Segment("seg_1", "Readers", "readers", AT, AT, AT, AT)
DIGEST = "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"
PAIR = Pair("email_lc_sha256", DIGEST, "seg_1", "realized", AT)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def tokens(endpoint: Receiver) -> Iterator[Receiver]:
    """A token server, which gives a new token with each answer."""
    with receiving() as receiver:
        yield receiver


def account(url: str, authentication: dict[str, Any] | None = None, **settings: Any) -> Account[Any, Any]:
    return Account(
        None,
        http.settings_schema.model_validate({"url": url} | settings),
        http.authentication_schema.model_validate(authentication or {}),
        {"seg_1": READERS},
    )


def sent(to: Account[Any, Any], *pairs: Pair, batch: str = "bat_1") -> Any:
    with http.open(to) as sender:
        return sender.send(pairs or (PAIR,), batch)


# The card of seed 002

CARD = [
    ("GAID", ("GAID",), False, False),
    ("IDFA", ("IDFA",), False, False),
    ("ECID", ("ECID",), False, False),
    ("phone_sha256", ("Phone_SHA256_E.164",), False, True),
    ("email_lc_sha256", ("Email_LC_SHA256",), False, True),
    ("extern_id", (), True, False),
]
"""Target identities in the order of the page: the namespaces of each, whether it is for ids of one's own, and whether
*Apply transformation* is offered.
"""


def test_the_audiences_card_is_the_seeds() -> None:
    card = audiences.card
    assert [(each.name, each.namespaces, each.own_namespaces, each.hashes) for each in card.identities] == CARD
    assert (card.export_type, card.export_frequency) == ("segment_export", "streaming")
    assert card.account is not None
    assert [*audiences.authentication_schema.model_fields] == ["bearer_token"]
    with pytest.raises(ValidationError):
        audiences.authentication_schema.model_validate({})
    assert not card.attributes


OWN = {
    "CRM_ID": custom_namespace(5001, "CRM_ID", "text", 1, 40),
    "CARD": custom_namespace(5002, "CARD", "sha256", 64, 64),
}
MAPPINGS = [
    ("GAID", "GAID", False, True),
    ("IDFA", "GAID", False, False),
    ("IDFA", "IDFA", False, True),
    ("ECID", "ECID", False, True),
    ("phone", "phone_sha256", False, True),
    ("phone", "phone_sha256", True, False),
    ("email", "email_lc_sha256", False, True),
    ("email", "phone_sha256", False, False),
    ("email", "extern_id", False, False),
    ("CRM_ID", "extern_id", False, True),
    ("CRM_ID", "extern_id", True, False),
    ("CRM_ID", "email_lc_sha256", False, False),
    ("CRM_ID", "email_lc_sha256", True, True),
    ("CRM_ID", "phone_sha256", True, True),
    ("CARD", "email_lc_sha256", False, True),
    ("CARD", "email_lc_sha256", True, False),
    ("CARD", "ECID", False, False),
]


@pytest.mark.parametrize(("source", "target", "transformed", "allowed"), MAPPINGS)
def test_a_target_takes_what_the_card_says(source: str, target: str, transformed: bool, allowed: bool) -> None:
    known = OWN.get(source) or namespace(source)
    identity = rules.target_of(audiences.card, target.lower())
    assert identity
    assert identity.name == target
    assert (rules.why_not_mapped(known, identity, apply_transformation=transformed) is None) == allowed


def test_a_transformed_value_is_trimmed_lowered_and_hashed() -> None:
    assert rules.transformed("  Anna@Example.COM ") == rules.transformed("anna@example.com")
    assert rules.transformed("Crm-17") == hashlib.sha256(b"crm-17").hexdigest()


def test_audiences_are_posted_for_an_account_with_its_token(endpoint: Receiver) -> None:
    settings = audiences.settings_schema.model_validate({"url": endpoint.url})
    token = audiences.authentication_schema.model_validate({"bearerToken": "planted"})
    with audiences.open(Account("acme", settings, token, {"seg_1": READERS})) as sender:
        assert sender.send([PAIR], "bat_1").taken
    _, headers, body = endpoint.got[-1]
    assert (headers["authorization"], headers["x-account-id"]) == ("Bearer planted", "acme")
    assert json.loads(body)["profiles"][0]["identityMap"] == {"email_lc_sha256": [{"id": DIGEST}]}


def test_every_type_shows_a_card_and_hides_its_secrets() -> None:
    for kind in registry.destination_types().values():
        assert kind.card.identities
        assert kind.card.marketing_actions
        properties = kind.authentication_schema.model_json_schema()["properties"]
        secret = [name for name, schema in properties.items() if "writeOnly" in json.dumps(schema)]
        assert bool(secret) != ("roleArn" in properties), "a role needs no secret"
        assert "writeOnly" not in json.dumps(kind.settings_schema.model_json_schema())


# Bodies


def test_a_body_has_each_identity_once_with_the_segments_that_are_mapped(endpoint: Receiver) -> None:
    other = PAIR._replace(segment_id="seg_2", change="exited")  # of which no attributes are sent along
    first = PAIR._replace(attributes={"person.tier": "gold", "person.name.x": 1})
    body = http.sample(account(endpoint.url), [other, first])
    assert body == {
        "profiles": [
            {
                "person": {"tier": "gold", "name": {"x": 1}},
                "segmentMembership": {
                    "ups": {
                        "readers": {"lastQualificationTime": AT, "status": "realized"},
                        "seg_2": {"lastQualificationTime": AT, "status": "exited"},
                    }
                },
                "identityMap": {"email_lc_sha256": [{"id": DIGEST}]},
            }
        ]
    }


def test_one_profile_a_call_is_the_published_sample(endpoint: Receiver) -> None:
    to = account(endpoint.url, maxProfilesPerCall=1, includeSegmentNames=True, includeSegmentTimestamps=True)
    assert http.limits_of(to).pairs == 1
    milliseconds = round(clock.from_text(AT).timestamp() * 1000)
    membership = http.sample(to, [PAIR])["segmentMembership"]["ups"]["readers"]
    times = ("createdAt", "updatedAt", "mappingCreatedAt", "mappingUpdatedAt")
    assert membership == {
        "lastQualificationTime": AT,
        "status": "realized",
        "name": "Readers",
        **dict.fromkeys(times, milliseconds),
    }


def test_a_request_has_its_headers_parameters_and_batch(endpoint: Receiver) -> None:
    to = account(endpoint.url, headers={"X-Tenant": "acme"}, queryParameters={"v": "1 2"}, gzip=True)
    assert sent(to, *(PAIR._replace(value=f"{number:064x}") for number in range(10))).taken
    path, headers, body = endpoint.got[-1]
    assert path == "/hooks?for=handfast&v=1+2"
    assert (headers["x-tenant"], headers["idempotency-key"]) == ("acme", "bat_1")
    assert headers["content-encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(body))["profiles"]) == 10


# Signing in


def test_a_signed_request_is_verified_by_the_standards_own_library(endpoint: Receiver) -> None:
    secret = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    assert sent(account(endpoint.url, {"kind": "signed", "signingSecret": secret}, gzip=True), batch="bat_9").taken
    _, headers, body = endpoint.got[-1]
    assert headers["webhook-id"] == "bat_9"
    Webhook(secret).verify(body, headers)


@pytest.mark.parametrize("way", ["body", "basic"])
def test_tokens_are_got_once_and_anew_when_they_are_refused(
    endpoint: Receiver, tokens: Receiver, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:

    given: list[tuple[str, dict[str, str], bytes]] = []

    def issue(method: str, url: str, body: bytes, headers: dict[str, str], **_: Any) -> outbound.Answer:
        given.append((method, dict(headers), body))
        answer = {"access_token": f"token-{len(given)}", "expires_in": 3600, "token_type": "Bearer"}
        return outbound.Answer(200, {}, json.dumps(answer).encode())

    monkeypatch.setattr(outbound, "request", issue)
    signing_in = {
        "kind": "oauth2",
        "tokenUrl": tokens.url,
        "clientId": "me",
        "clientSecret": "s:cret",
        "clientAuthentication": way,
        "scope": "audiences",
    }
    with http.open(account(endpoint.url, signing_in)) as sender:
        assert sender.send([PAIR], "bat_1").taken
        assert sender.send([PAIR], "bat_2").taken
        endpoint.answers = [(401, {}), (204, {})]
        assert sender.send([PAIR], "bat_3").taken
    assert [headers["authorization"] for _, headers, _ in endpoint.got] == [
        "Bearer token-1",
        "Bearer token-1",
        "Bearer token-1",
        "Bearer token-2",
    ]
    _, headers, form = given[0]
    assert b"grant_type=client_credentials" in form
    assert b"scope=audiences" in form
    if way == "basic":
        assert headers["authorization"] == "Basic " + base64.b64encode(b"me:s%3Acret").decode()
        assert b"client_secret" not in form
    else:
        assert b"client_id=me&client_secret=s%3Acret" in form


def test_a_token_server_that_refuses_is_the_answer_of_the_request(endpoint: Receiver, tokens: Receiver) -> None:
    tokens.answers = [(400, {})]
    signing_in = {"kind": "oauth2", "tokenUrl": tokens.url, "clientId": "me", "clientSecret": "secret"}
    to = account(endpoint.url, signing_in)
    answer = sent(to)
    assert (answer.status, answer.taken, answer.may_succeed) == (401, False, False)
    assert endpoint.got == []
    token, request = http.test(to).checks
    assert (token.ok, request.ok, "clientSecret" in token.detail) == (False, False, True)


@pytest.mark.parametrize(
    ("said", "is_token"),
    [
        (b'{"access_token": "it", "expires_in": 1e300}', True),
        (b'{"access_token": "it", "expires_in": -1e300}', True),
        (b'{"access_token": "it", "expires_in": NaN}', False),
        (b'{"access_token": "it", "expires_in": "Infinity"}', False),
        (b'{"access_token": "", "expires_in": 3600}', False),
        (b"[" * 100_000, False),
    ],
)
def test_whatever_a_token_server_says_is_a_token_or_an_answer(
    endpoint: Receiver, tokens: Receiver, monkeypatch: pytest.MonkeyPatch, said: bytes, is_token: bool
) -> None:
    monkeypatch.setattr(outbound, "request", lambda *_, **__: outbound.Answer(200, {}, said))
    signing_in = {"kind": "oauth2", "tokenUrl": tokens.url, "clientId": "me", "clientSecret": "secret"}
    answer = sent(account(endpoint.url, signing_in))
    assert (answer.taken, answer.error) == ((True, None) if is_token else (False, "invalid_answer"))
    assert len(endpoint.got) == is_token


# Answers


@pytest.mark.parametrize(
    ("status", "taken", "again"),
    [(200, True, False), (202, True, False), (302, False, False), (400, False, False), (429, False, True)],
)
def test_an_answer_says_whether_it_may_succeed_later(endpoint: Receiver, status: int, taken: bool, again: bool) -> None:
    endpoint.answers = [(status, {"retry-after": "7"})]
    answer = sent(account(endpoint.url))
    assert (answer.taken, answer.may_succeed and not answer.taken, answer.retry_after) == (taken, again, 7)


@pytest.mark.parametrize("value", ["cust-12", "müller 7", 'a"b', "Ärger  &  Söhne", "x/y+z"])
@pytest.mark.parametrize("said", [str, json.dumps, quote, quote_plus])
def test_what_an_endpoint_says_names_nobody(value: str, said: Callable[[str], str]) -> None:
    pair = PAIR._replace(value=value, attributes={"person.town": "Bad Münder", "person.age": 4})
    repeated = told(f"no {said(value)}, no {said('Bad Münder')}, at all", [pair])
    assert repeated.replace('"', "") == "no …, no …, at all"


def test_nobody_there_may_be_there_later(endpoint: Receiver) -> None:
    answer = sent(account("http://127.0.0.1:1/"))
    assert (answer.status, answer.error, answer.may_succeed) == (None, "connection_failed", True)


# Days


def test_the_next_boundary_is_midnight_of_the_sandbox() -> None:
    segment = ActivatedSegment("seg_1", None, date(2026, 4, 1), date(2026, 4, 30), AT, AT)
    made = Activation("sbx_1", "dst_1", "act_1", "flow_1", "active", (segment,), (), {}, AT, AT)
    berlin = "Europe/Berlin"
    before = datetime(2026, 3, 31, 12, tzinfo=UTC)
    boundary = rules.next_boundary(made, before, berlin)
    assert boundary == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert not rules.is_on(segment, rules.today(before, berlin))
    assert rules.is_on(segment, rules.today(boundary, berlin))
    end = rules.next_boundary(made, boundary, berlin)
    assert end == datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert not rules.is_on(segment, rules.today(end, berlin))
    assert rules.next_boundary(made, end, berlin) is None
