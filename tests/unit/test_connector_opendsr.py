"""The OpenDSR connector, against a processor in its own process."""

import hashlib
import json
import ssl
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Part, Person, Record, Status, secret_fields
from handfast.connectors.registry import connector
from handfast.connectors.types.opendsr import OpenDsr
from handfast.connectors.types.opendsr.processor import OpenDsrSettings, request_id
from tests.worlds.connector_servers.pki import Party
from tests.worlds.connector_servers.running import Running, running

OPENDSR = OpenDsr()
EMAIL = "ab" * 32
PERSON = Person("prq-1", "uk_gdpr", datetime(2026, 3, 1, tzinfo=UTC), ("u1",), (("Email_LC_SHA256", EMAIL),))
ROOT = Party("Test root", authority=True)
BETWEEN = Party("Test issuer", ROOT, authority=True)
SIGNER = Party("localhost", BETWEEN)
ERASURE = request_id(PERSON, "erasure")
ACCESS = request_id(PERSON, "access")


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running("opendsr") as listening:
        yield listening


@pytest.fixture(autouse=True)
def known(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    server.reset(authorization="Bearer word", key=SIGNER.key_pem, certificate=SIGNER.pem + BETWEEN.pem)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(calls, "sleep", waited.append)
    return waited


def settings(server: Running, **changes: str) -> OpenDsrSettings:
    values = {"url": f"{server.url}/v2/", "authorization": "Bearer word", "caCertificates": ROOT.pem}
    return OpenDsrSettings.model_validate(values | changes)


def _sent(server: Running) -> list[dict[str, Any]]:
    return [json.loads(asked["body"]) for asked in server.seen("POST")]


def test_it_is_registered() -> None:
    assert isinstance(connector("opendsr"), OpenDsr)


def test_the_credential_is_a_secret(server: Running) -> None:
    assert secret_fields(OpenDsrSettings) == {"authorization"}
    schema = OpenDsrSettings.model_json_schema(by_alias=True)
    assert schema["properties"]["authorization"]["writeOnly"]
    assert schema["required"] == ["url"]
    assert "word" not in settings(server).model_dump_json()


@pytest.mark.parametrize(
    "wrong", [{"url": "http:/x"}, {"url": "https://x/?a"}, {"authorization": "a\r\nb"}, {"caCertificates": "x"}]
)
def test_settings_that_cannot_work_are_refused(server: Running, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(server, **wrong)


def test_a_connection_test_passes_three_checks(server: Running) -> None:
    result = OPENDSR.test(settings(server))
    assert result.ok
    assert [check.name for check in result.checks] == ["discovery", "certificate", "authorization"]


@pytest.mark.parametrize(
    ("changes", "state", "failed"),
    [
        ({"url": "http://localhost:1/v2"}, {}, {"discovery", "certificate", "authorization"}),
        ({"authorization": "Bearer other"}, {}, {"authorization"}),
        ({"caCertificates": Party("Other", authority=True).pem}, {}, {"certificate"}),
        ({}, {"types": ["access"]}, {"discovery"}),
        ({}, {"certificate": "nothing"}, {"certificate"}),
    ],
)
def test_a_connection_test_finds_each_wrong_setting(
    server: Running, changes: dict[str, str], state: dict[str, Any], failed: set[str]
) -> None:
    server.set(**state)
    result = OPENDSR.test(settings(server, **changes))
    assert {check.name for check in result.checks if not check.ok} == failed


def test_a_deletion_is_a_request_with_the_identities_the_processor_knows(server: Running) -> None:
    (reference,) = OPENDSR.delete(settings(server), [PERSON])
    assert _sent(server) == [
        {
            "api_version": "2.0",
            "regulation": "gdpr",
            "subject_request_id": reference.id,
            "subject_request_type": "erasure",
            "submitted_time": "2026-03-01T00:00:00.000Z",
            "subject_identities": [
                {"identity_type": "controller_customer_id", "identity_format": "raw", "identity_value": "u1"},
                {"identity_type": "email", "identity_format": "sha256", "identity_value": EMAIL},
            ],
        }
    ]
    assert uuid.UUID(reference.id).version == 4
    assert reference.state.status == Status.SENT
    assert reference.state.expected_at == datetime(2018, 10, 2, 15, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("identities", "namespace", "value", "expected"),
    [
        ([["ios_advertising_id", "raw"]], "IDFA", "6d92", ("ios_advertising_id", "raw")),
        ([["android_advertising_id", "raw"]], "GAID", "6d92", ("android_advertising_id", "raw")),
    ],
)
def test_advertising_ids_are_named_as_the_standard_does(
    server: Running, identities: list[list[str]], namespace: str, value: str, expected: tuple[str, str]
) -> None:
    server.set(identities=identities)
    OPENDSR.delete(settings(server), [Person("p", "ccpa", PERSON.submitted_at, ("u1",), ((namespace, value),))])
    (body,) = _sent(server)
    assert body["regulation"] == "ccpa"
    (identity,) = body["subject_identities"]
    assert (identity["identity_type"], identity["identity_format"]) == expected


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        (["raw", "sha256"], ("sha256", EMAIL)),
        (["md5", "raw"], ("raw", "ann@example.com")),
        (["md5", "sha1"], ("sha1", hashlib.sha1(b"ann@example.com").hexdigest())),
        (["md5"], ("md5", hashlib.md5(b"ann@example.com").hexdigest())),
    ],
)
def test_an_address_is_told_in_the_most_sparing_form_that_the_processor_takes(
    server: Running, forms: list[str], expected: tuple[str, str]
) -> None:
    server.set(identities=[["email", form] for form in forms])
    OPENDSR.delete(settings(server), [replace(PERSON, clear={EMAIL: ("ann@example.com", "Ann@example.com")})])
    (identity,) = _sent(server)[0]["subject_identities"]
    assert (identity["identity_format"], identity["identity_value"]) == expected


@pytest.mark.parametrize("state", [{"identities": [["email", "raw"]]}, {"types": ["access", "portability"]}])
def test_what_the_processor_does_not_support_is_not_sent(server: Running, state: dict[str, Any]) -> None:
    server.set(**state)
    (reference,) = OPENDSR.delete(settings(server), [PERSON])
    assert (reference.id, reference.state.status) == ("", Status.NOT_SUPPORTED)
    assert _sent(server) == []


def test_an_address_that_has_no_form_which_the_processor_takes_is_a_gap_beside_what_was_told(server: Running) -> None:
    server.set(identities=[["controller_customer_id", "raw"], ["email", "raw"]])
    told, lacking = OPENDSR.delete(settings(server), [PERSON])
    assert (told.id, told.state.status) == (ERASURE, Status.SENT)
    assert (lacking.id, lacking.state.status) == ("", Status.NOT_SUPPORTED)
    assert lacking.state.detail.startswith("it was not asked by an e-mail address: ")
    server.set(identities=[["controller_customer_id", "raw"]])
    assert len(OPENDSR.delete(settings(server), [replace(PERSON, request_id="prq-2")])) == 1
    _, lacking = OPENDSR.delete(settings(server), [replace(PERSON, request_id="prq-3", is_partial=True)])
    assert "other ids" in lacking.state.detail


@pytest.mark.parametrize(("lift", "kind"), [(False, "opt_out"), (True, "opt_in")])
def test_a_suppression_is_a_request_where_the_processor_has_its_type(server: Running, lift: bool, kind: str) -> None:
    (unasked,) = OPENDSR.suppress(settings(server), [PERSON], lift=lift)
    assert (unasked.state.status, unasked.state.detail.startswith("it was not asked: ")) == (Status.NOT_SUPPORTED, True)
    server.set(types=["erasure", "opt_out", "opt_in"])
    (reference,) = OPENDSR.suppress(settings(server), [PERSON], lift=lift)
    assert (_sent(server)[0]["subject_request_type"], reference.id) == (kind, request_id(PERSON, kind))
    assert OPENDSR.poll(settings(server), reference.id).status == Status.SENT


def test_a_repeat_finds_the_request_of_the_first_time(server: Running) -> None:
    first = OPENDSR.delete(settings(server), [PERSON])
    server.set(requests={ERASURE: {"request_status": "in_progress"}})
    again = OPENDSR.delete(settings(server), [PERSON])
    assert again[0].id == first[0].id == ERASURE
    assert again[0].state.status == Status.SENT


def test_another_request_for_the_same_identities_is_waited_for(server: Running) -> None:
    server.fault("POST", 409)
    (reference,) = OPENDSR.delete(settings(server), [PERSON])
    assert (reference.id, reference.state.status, reference.state.transient) == ("", Status.FAILED, True)


def test_a_refused_request_is_told_without_the_processors_words(server: Running) -> None:
    server.fault("POST", 400, json.dumps({"error": {"code": 400, "message": "u1 is unknown"}}).encode())
    (reference,) = OPENDSR.delete(settings(server), [PERSON])
    assert reference.state.status == Status.REFUSED
    assert "u1" not in reference.state.detail


@pytest.mark.parametrize(
    ("request_status", "expected"),
    [
        ("pending", Status.SENT),
        ("in_progress", Status.SENT),
        ("in-progress", Status.SENT),
        ("completed", Status.CONFIRMED),
        ("cancelled", Status.REFUSED),
        ("canceled", Status.REFUSED),
        ("failed", Status.FAILED),
        ("COMPLETED", Status.CONFIRMED),
        ("something new", Status.SENT),
    ],
)
def test_statuses_are_read_however_they_are_spelt(server: Running, request_status: str, expected: Status) -> None:
    server.set(requests={ERASURE: {"request_status": request_status}})
    assert OPENDSR.poll(settings(server), ERASURE).status == expected


def test_the_systems_a_processor_forwards_to_are_told(server: Running) -> None:
    forwarded = [
        {"domain": "a.example", "name": "A", "status": "sent", "status_message": "u1"},
        {"domain": "b.example", "status": "skipped"},
        {"name": "C", "status": "failed"},
    ]
    extensions = {"localhost": {"distribution_status": forwarded}, "other.example": {}}
    server.set(requests={ERASURE: {"request_status": "completed", "extensions": extensions}})
    state = OPENDSR.poll(settings(server), ERASURE)
    assert state.status == Status.CONFIRMED
    assert state.parts == (Part("A", Status.SENT), Part("b.example", Status.ABSENT), Part("C", Status.FAILED))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("sent", Status.SENT),
        ("skipped", Status.ABSENT),
        ("failed", Status.FAILED),
        ("completed", Status.CONFIRMED),
        ("cancelled", Status.REFUSED),
        ("canceled", Status.REFUSED),
        ("something new", Status.SENT),
    ],
)
def test_a_system_that_a_processor_forwards_to_stands_as_it_says(
    server: Running, status: str, expected: Status
) -> None:
    forwarded = {"localhost": {"distribution_status": [{"name": "A", "status": status}]}}
    server.set(requests={ERASURE: {"request_status": "completed", "extensions": forwarded}})
    state = OPENDSR.poll(settings(server), ERASURE)
    assert (state.status, state.parts) == (Status.CONFIRMED, (Part("A", expected),))


@pytest.mark.parametrize("open_status", ["pending", "in_progress", "in-progress"])
def test_a_request_is_not_done_while_a_system_it_is_forwarded_to_is_at_it(server: Running, open_status: str) -> None:
    forwarded = {"localhost": {"distribution_status": [{"name": "A", "status": open_status}]}}
    server.set(requests={ERASURE: {"request_status": "completed", "extensions": forwarded}})
    state = OPENDSR.poll(settings(server), ERASURE)
    assert (state.status, state.parts) == (Status.SENT, (Part("A", Status.PENDING),))


def test_the_systems_are_told_under_whatever_domain_the_processor_names_itself(server: Running) -> None:
    extensions = {"opendsr.vendor.example": {"distribution_status": [{"name": "A", "status": "failed"}]}}
    server.set(requests={ERASURE: {"request_status": "completed", "extensions": extensions}})
    assert OPENDSR.poll(settings(server), ERASURE).parts == (Part("A", Status.FAILED),)


def test_an_extension_of_another_shape_is_passed_over(server: Running) -> None:
    extensions = {"localhost": {"distribution_status": "all"}}
    server.set(requests={ERASURE: {"request_status": "completed", "extensions": extensions}})
    assert OPENDSR.poll(settings(server), ERASURE).parts == ()


def test_a_request_the_processor_does_not_know_cannot_be_confirmed(server: Running) -> None:
    assert OPENDSR.poll(settings(server), ERASURE).status == Status.FAILED


def test_the_older_names_of_the_headers_are_honoured(server: Running) -> None:
    server.set(names="X-OpenGDPR")
    assert OPENDSR.delete(settings(server), [PERSON])[0].state.status == Status.SENT


SELF_SIGNED = Party("localhost")
TRUSTED_SELF = Party("localhost", authority=True)


@pytest.mark.parametrize(
    ("signer", "chain", "trusted"),
    [
        (Party("localhost", BETWEEN, ends=-timedelta(days=1)), [BETWEEN], ROOT),
        (Party("other.example", BETWEEN), [BETWEEN], ROOT),
        (Party("localhost", BETWEEN, san=False), [BETWEEN], ROOT),
        (SIGNER, [], ROOT),
        (SELF_SIGNED, [], ROOT),
        (SELF_SIGNED, [], SELF_SIGNED),
        (TRUSTED_SELF, [], TRUSTED_SELF),
        (Party("localhost", SIGNER), [SIGNER, BETWEEN], ROOT),
    ],
    ids=["expired", "other name", "no name", "link missing", "self-signed", "trusted self", "authority", "no issuer"],
)
def test_nothing_is_sent_when_the_certificate_is_not_in_order(
    server: Running, signer: Party, chain: list[Party], trusted: Party
) -> None:
    pem = signer.pem + "".join(link.pem for link in chain)
    server.set(key=signer.key_pem, certificate=pem)
    (reference,) = OPENDSR.delete(settings(server, caCertificates=trusted.pem), [PERSON])
    assert reference.state.status == Status.FAILED
    assert _sent(server) == []


@pytest.mark.parametrize(
    "state",
    [
        {"key": Party("localhost", BETWEEN).key_pem},
        {"domain": "other.example"},
        {"names": "X-Other"},
        {"appended": " "},
    ],
    ids=["other key", "other domain", "unsigned", "changed"],
)
def test_an_answer_that_is_not_the_processors_is_believed_nothing(server: Running, state: dict[str, Any]) -> None:
    server.set(requests={ERASURE: {"request_status": "completed"}}, **state)
    with pytest.raises(ConnectorError) as failed:
        OPENDSR.poll(settings(server), ERASURE)
    assert failed.value.reason == "bad_signature"
    server.set(requests={})
    (reference,) = OPENDSR.delete(settings(server), [PERSON])
    assert (reference.id, reference.state.status) == (ERASURE, Status.FAILED)


def test_the_signature_is_checked_before_anything_is_parsed(server: Running) -> None:
    signed = {"x-opendsr-processor-domain": "localhost", "x-opendsr-signature": "AAAA"}
    server.fault("GET /v2/requests", 200, b"not json", signed)
    with pytest.raises(ConnectorError) as failed:
        OPENDSR.poll(settings(server), ERASURE)
    assert failed.value.reason == "bad_signature"


@pytest.mark.parametrize("signature", ["", "not base64", "ä", "QUJD"])
def test_signatures_that_are_none_are_refused(server: Running, signature: str) -> None:
    headers = {"x-opendsr-processor-domain": "localhost", "x-opendsr-signature": signature}
    server.fault("GET /v2/requests", 200, b"{}", headers)
    with pytest.raises(ConnectorError) as failed:
        OPENDSR.poll(settings(server), ERASURE)
    assert failed.value.reason == "bad_signature"


def test_a_signed_answer_about_another_request_is_refused(server: Running) -> None:
    server.set(requests={ERASURE: {"request_status": "completed", "subject_request_id": ACCESS}})
    with pytest.raises(ConnectorError) as failed:
        OPENDSR.poll(settings(server), ERASURE)
    assert failed.value.reason == "bad_signature"


def test_the_certificate_is_fetched_without_our_credential(server: Running) -> None:
    OPENDSR.delete(settings(server), [PERSON, Person("prq-2", "gdpr", PERSON.submitted_at, ("u2",))])
    (fetched,) = server.seen("/cert.pem")
    assert "authorization" not in fetched["headers"]
    assert len(server.seen("/discovery")) == 1


def test_access_is_asked_for_once_and_read_when_it_is_there(server: Running) -> None:
    for _ in range(2):
        with pytest.raises(ConnectorError) as waiting:
            list(OPENDSR.access(settings(server), PERSON))
        assert (waiting.value.reason, waiting.value.transient) == ("pending", True)
    assert [body["subject_request_type"] for body in _sent(server)] == ["access"]
    done = {"request_status": "completed", "results_url": f"{server.url}/v2/results"}
    server.set(requests={ACCESS: done}, results=[{"name": "x"}, 5])
    records = list(OPENDSR.access(settings(server), PERSON))
    assert [(record.collection, record.data) for record in records] == [
        ("results", {"name": "x"}),
        ("results", {"value": 5}),
    ]


def _access(server: Running, **done: Any) -> list[Record]:
    server.set(requests={ACCESS: {"request_status": "completed"} | done})
    return list(OPENDSR.access(settings(server), PERSON))


def test_results_of_any_kind_are_kept(server: Running) -> None:
    server.fault("/v2/results", 200, b"\x00zip", {"content-type": "application/zip"})
    (record,) = _access(server, results_url=f"{server.url}/v2/results")
    assert record.data == {"content_type": "application/zip", "base64": "AHppcA=="}


def test_completed_without_results_is_nothing_held(server: Running) -> None:
    assert _access(server) == _access(server, results_count=0) == []


def test_results_that_are_counted_and_not_to_be_found_are_not_nothing(server: Running) -> None:
    with pytest.raises(ConnectorError) as failed:
        _access(server, results_count=1)
    assert failed.value.reason == "malformed_answer"


@pytest.mark.parametrize("law", ["cpra_ca_usa", "delete_act_ca_usa"])
def test_the_laws_of_california_are_ccpa_to_a_processor(server: Running, law: str) -> None:
    OPENDSR.delete(settings(server), [replace(PERSON, regulation=law)])
    assert _sent(server)[0]["regulation"] == "ccpa"


def test_results_elsewhere_are_fetched_without_our_credential(server: Running) -> None:
    server.fault("/v2/results", 200, b"[]")
    assert _access(server, results_url=f"http://127.0.0.1:{server.port}/v2/results") == []
    assert "authorization" not in server.seen("/v2/results")[0]["headers"]


def test_a_results_address_that_is_none_is_an_error(server: Running) -> None:
    with pytest.raises(ConnectorError) as failed:
        _access(server, results_url="http://[")
    assert (failed.value.reason, failed.value.transient) == ("unreachable", False)


GARBAGE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def test_an_odd_or_expired_certificate_spoils_no_other(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    expired = Party("Test root", authority=True, ends=-timedelta(days=1)).pem
    server.set(certificate=SIGNER.pem + GARBAGE + BETWEEN.pem)
    (reference,) = OPENDSR.delete(settings(server, caCertificates=GARBAGE + expired + ROOT.pem), [PERSON])
    assert reference.state.status == Status.SENT
    with pytest.raises(ValidationError):
        settings(server, caCertificates=GARBAGE)
    odd = [b"0\x03\x02\x01\x00", ssl.PEM_cert_to_DER_cert(ROOT.pem)]
    monkeypatch.setattr(ssl.SSLContext, "get_ca_certs", lambda *_, **__: odd)
    assert OPENDSR.poll(settings(server, caCertificates=""), reference.id).status == Status.SENT


@pytest.mark.parametrize("path", ["opendsr_requests", "opengdpr_requests"])
def test_a_processor_with_a_path_and_a_property_of_its_own_is_spoken_to_as_it_asks(server: Running, path: str) -> None:
    server.set(path=path)
    own = settings(server, requestsPath=path, propertyId="id123456789")
    (reference,) = OPENDSR.delete(own, [PERSON])
    assert _sent(server)[0]["property_id"] == "id123456789"
    assert OPENDSR.poll(own, reference.id).status == Status.SENT
    error = {"error": {"code": 400, "af_gdpr_code": "e411", "message": "u1"}}
    server.fault("POST", 400, json.dumps(error).encode())
    (refused,) = OPENDSR.delete(own, [replace(PERSON, request_id="prq-2")])
    assert (refused.state.status, refused.state.detail) == (
        Status.REFUSED,
        "the system refused the call: 400 (e411)",
    )
    (elsewhere,) = OPENDSR.delete(settings(server), [PERSON])  # a path that it does not have
    assert elsewhere.state.status == Status.NOT_SUPPORTED


def test_what_is_asked_again_after_a_refusal_is_another_request(server: Running) -> None:
    server.set(requests={ERASURE: {"request_status": "cancelled"}, ACCESS: {"request_status": "cancelled"}})
    assert OPENDSR.delete(settings(server), [PERSON])[0].state.status == Status.REFUSED
    again = replace(PERSON, refusals=1)
    (reference,) = OPENDSR.delete(settings(server), [again])
    assert (reference.id != ERASURE, reference.state.status) == (True, Status.SENT)
    with pytest.raises(ConnectorError) as waiting:
        list(OPENDSR.access(settings(server), again))
    assert waiting.value.reason == "pending"


def test_without_authorities_of_its_own_the_public_ones_decide(server: Running) -> None:
    (reference,) = OPENDSR.delete(settings(server, caCertificates=""), [PERSON])
    assert reference.state.status == Status.FAILED
    assert "certificate" in reference.state.detail
    assert _sent(server) == []


def test_results_that_have_expired_are_an_error(server: Running) -> None:
    server.fault("/v2/results", 410)
    with pytest.raises(ConnectorError) as failed:
        _access(server, results_url=f"{server.url}/v2/results")
    assert failed.value.reason == "refused"


def test_a_cancelled_access_request_is_an_error(server: Running) -> None:
    with pytest.raises(ConnectorError) as failed:
        _access(server, request_status="cancelled")
    assert failed.value.reason == "refused"


def test_throttling_is_waited_for_as_long_as_asked(server: Running, waits: list[float]) -> None:
    server.fault("POST", 429, headers={"retry-after": "3"})
    assert OPENDSR.delete(settings(server), [PERSON])[0].state.status == Status.SENT
    assert waits == [3.0]


def test_a_processor_that_is_down_is_not_tried_for_everybody(server: Running) -> None:
    references = OPENDSR.delete(settings(server, url="http://localhost:1/v2"), [PERSON] * 3)
    assert [reference.people for reference in references] == [(0,), (1,), (2,)]
    assert {(reference.id, reference.state.transient) for reference in references} == {("", True)}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"supported_identities": null}'])
def test_a_malformed_discovery_is_said_so(server: Running, body: bytes) -> None:
    server.fault("discovery", 200, body)
    (reference,) = OPENDSR.delete(settings(server), [PERSON])
    assert reference.state.status == Status.FAILED
    assert _sent(server) == []


def test_redirects_and_slow_answers_are_given_up(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    server.fault("GET /v2/requests", 307, headers={"location": f"{server.url}/elsewhere"})
    with pytest.raises(ConnectorError) as failed:
        OPENDSR.poll(settings(server), ERASURE)
    assert failed.value.reason == "redirected"
    assert server.seen("elsewhere") == []
    monkeypatch.setattr(calls, "SECONDS", 0.3)
    server.fault("GET /v2/requests", delay=2)
    with pytest.raises(ConnectorError) as failed:
        OPENDSR.poll(settings(server), ERASURE)
    assert (failed.value.reason, failed.value.transient) == ("unreachable", True)
