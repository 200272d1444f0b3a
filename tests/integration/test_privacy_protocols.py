"""OpenDSR and the Data Rights Protocol through their handlers, on a whole deployment's stores."""

import base64
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, get_args

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from moto.sqs.models import sqs_backends

from functions.access import app as access_app
from functions.activity import stream
from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors, drp, opendsr, worker
from functions.segments import app as segments_app
from functions.sweep import app as sweep
from handfast.access import service as access
from handfast.activity import store as activity
from handfast.connectors.contract import ConnectorError, Person, Status
from handfast.connectors.types.opendsr import OpenDsr, signatures
from handfast.connectors.types.opendsr.processor import OpenDsrSettings
from handfast.identity.profile_ids import kept
from handfast.journal import store as journal
from handfast.lake import answers
from handfast.platform import clock, secret, table
from handfast.privacy_requests import store as requests
from handfast.privacy_requests import subject_store
from handfast.privacy_requests.connector_stages import person_of
from handfast.privacy_requests.models import DenialGround
from handfast.privacy_requests.protocols import callbacks
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.protocols.drp import agents
from handfast.privacy_requests.protocols.drp import wire as drp_wire
from handfast.privacy_requests.protocols.opendsr import certificate, signing
from tests.worlds.connector_servers.pki import Party
from tests.worlds.furnished import open_dsr_request
from tests.worlds.privacy import opened, taken
from tests.worlds.receiver import Receiver, receiving
from tests.worlds.sandboxes import CONTEXT, Member, World, proxy_event
from tests.worlds.stores import REGION, TABLES
from tests.worlds.template import ALARMS
from tests.worlds.uploads import apply_all, handled

ROOT = Party("Test root", authority=True)
SIGNER = Party("localhost", ROOT)
DIGEST = "ab" * 32
ADDRESS = "planted.person@mail.example"
QUEUE = "PRIVACY_QUEUE_URL"


@pytest.fixture
def ours(world: World, monkeypatch: pytest.MonkeyPatch) -> certificate.Certificate:
    """The processor's certificate, set as the operator does."""
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    return certify("http://localhost:1/v1")


def certify(url: str) -> certificate.Certificate:
    new = signing.checked(url, SIGNER.pem, SIGNER.key_pem, clock.now())
    certificate.keep(new)
    return new


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


@dataclass
class Raw:
    """An answer as it is sent."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    def signed(self, former_names: bool = False) -> None:
        """Check its signature over its bytes."""
        assert any(name.startswith("x-opengdpr") for name in self.headers) == former_names
        check_signature(self.text.encode(), self.headers)


def check_signature(body: bytes, headers: dict[str, str]) -> None:
    key = load_pem_x509_certificate(SIGNER.pem.encode()).public_key()
    assert isinstance(key, RSAPublicKey)
    signatures.verify(body, headers, "localhost", key)


def call(
    function: Any, method: str, path: str, body: Any = None, *, principal: str | None = None, **headers: str
) -> Raw:
    answer = function.handler(proxy_event(principal, method, path, body, headers=headers), CONTEXT)
    flat = {name.lower(): values[0] for name, values in answer.get("multiValueHeaders", {}).items()}
    return Raw(answer["statusCode"], answer["body"], flat)


def controller(member: Member, method: str, path: str, body: Any = None) -> Raw:
    full = f"/sandboxes/{member.sandbox.sandbox_id}/opendsr/v2/{path}"
    return call(opendsr, method, full, body, principal=member.principal_id)


def wanted(**members: Any) -> dict[str, Any]:
    return open_dsr_request(ADDRESS, **{"subject_request_type": "erasure"} | members)


def only(member: Member) -> Any:
    (found,) = member.call(privacy, "GET", "privacy-requests").body["items"]
    return found


def tell(world: World, member: Member) -> None:
    """Let the stream see the whole log once more, and the queue's consumer make the callbacks."""
    for record in journal.log(member.sandbox.sandbox_id):
        image = {"SequenceNumber": str(record["sequence"]), "NewImage": table.serialised(record)}
        change = {"eventID": str(record["sequence"]), "eventName": "INSERT", "dynamodb": image}
        assert stream.handler({"Records": [change]}, CONTEXT) == {"batchItemFailures": []}
    for message in world.messages(QUEUE):
        if "callback" in message:
            assert handled(worker.handler, message)


# OpenDSR


def test_the_discovery_names_what_is_taken_and_the_certificate(world: World, ours: certificate.Certificate) -> None:
    base = f"/sandboxes/{world.a.sandbox_id}/opendsr/v2"
    answer = call(opendsr, "GET", f"{base}/discovery")
    answer.signed()
    found = answer.body
    assert found["processor_certificate"] == f"{ours.url}{base}/certificate"
    assert found["supported_subject_request_types"] == ["access", "portability", "erasure"]
    assert {"identity_type": "email", "identity_format": "sha256"} in found["supported_identities"]
    chain = call(opendsr, "GET", f"{base}/certificate")
    assert (chain.text, chain.headers["content-type"]) == (SIGNER.pem, "application/x-pem-file")
    unknown = call(opendsr, "GET", "/sandboxes/sbx_NOBODY/opendsr/v2/discovery")
    assert unknown.status == 404
    assert unknown.body["error"]["message"] == "no such path"


def test_without_a_certificate_nothing_is_taken(world: World) -> None:
    answer = controller(world.member(world.a), "POST", "requests", wanted())
    assert answer.status == 404
    assert "handfast admin set-processor-certificate" in answer.body["error"]["message"]
    assert world.member(world.a).call(privacy, "GET", "privacy-requests").body["items"] == []


@pytest.mark.parametrize("path", ["discovery", "certificate"])
def test_without_a_certificate_a_stranger_finds_nothing_and_raises_no_alarm(world: World, path: str) -> None:
    answer = call(opendsr, "GET", f"/sandboxes/{world.a.sandbox_id}/opendsr/v2/{path}")
    assert answer.status == 404


@pytest.mark.usefixtures("ours")
def test_a_request_is_taken_once_signed_and_verified(world: World) -> None:
    a, body = world.member(world.a), wanted()
    answer = controller(a, "POST", "requests", body)
    answer.signed()
    assert answer.status == 201, answer.text
    made = answer.body
    assert json.loads(base64.b64decode(made["encoded_request"])) == body
    assert (made["controller_id"], made["subject_request_id"]) == (a.principal_id, body["subject_request_id"])
    found = only(a)
    assert (found["status"], found["type"], found["externalId"]) == ("pending", "erasure", body["subject_request_id"])
    assert found["receivedAt"] == "2026-03-01T12:00:00.000Z"
    assert found["dueAt"] == made["expected_completion_time"]
    again = controller(a, "POST", "requests", json.dumps(body, indent=3))
    assert again.status == 201
    assert {**again.body, "encoded_request": ""} == {**made, "encoded_request": ""}
    other = controller(a, "POST", "requests", body | {"regulation": "ccpa"})
    other.signed()
    assert other.status == 400
    assert other.body["error"]["errors"][0]["reason"] == "duplicate"
    assert only(a)["privacyRequestId"] == found["privacyRequestId"]


@pytest.mark.usefixtures("ours")
def test_every_declared_identity_is_taken_and_a_customer_id_is_a_profiles(world: World) -> None:
    a = world.member(world.a)
    device = "0b1f8e9a-6f3c-4f0e-9a2b-7c5d3e1f2a4b"
    values = {
        ("controller_customer_id", "raw"): "customer 7",
        ("email", "raw"): ADDRESS,
        ("email", "sha256"): DIGEST,
        ("android_advertising_id", "raw"): device,
        ("ios_advertising_id", "raw"): device.upper(),
        ("phone", "raw"): "+12025550123",
        ("phone", "sha256"): "cd" * 32,
        ("ecid", "raw"): "12" * 19,
    }
    identities = [
        {"identity_type": kind, "identity_format": form, "identity_value": value}
        for (kind, form), value in values.items()
    ]
    assert controller(a, "POST", "requests", wanted(subject_identities=identities)).status == 201
    subject = subject_store.get(a.sandbox.sandbox_id, only(a)["privacyRequestId"])
    assert subject is not None
    assert subject.profile_ids == {"customer 7"}
    assert sorted(subject.identities.values()) == [1, 1, 2, 2, 3, 4, 5]


@pytest.mark.usefixtures("ours")
def test_a_customer_id_that_is_an_address_is_looked_for_by_its_hash_and_told_nobody(world: World) -> None:
    a = world.member(world.a)
    named = [
        {"identity_type": "controller_customer_id", "identity_format": "raw", "identity_value": value}
        for value in (ADDRESS.upper(), f" {ADDRESS}", "customer 7")
    ]
    assert controller(a, "POST", "requests", wanted(subject_identities=named)).status == 201
    made = requests.request(a.sandbox.sandbox_id, only(a)["privacyRequestId"])
    subject = subject_store.get(a.sandbox.sandbox_id, only(a)["privacyRequestId"])
    assert subject is not None
    assert subject.profile_ids == {"customer 7", kept(ADDRESS, secret.identity_secret())}
    assert made is not None
    assert person_of(made, subject).profile_ids == ("customer 7",)


@pytest.mark.usefixtures("ours")
def test_what_cannot_be_taken_is_refused_in_the_protocols_words(world: World) -> None:
    a = world.member(world.a)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"subject_request_id": "1"}, "validation"),
        ({"subject_request_id": str(uuid.uuid1())}, "validation"),
        ({"regulation": "lgpd"}, "validation"),
        ({"regulation": None}, "validation"),
        ({"submitted_time": "yesterday"}, "validation"),
        ({"subject_request_type": "rectification"}, "validation"),
        ({"subject_identities": []}, "validation"),
        ({"subject_identities": wanted()["subject_identities"] * 51}, "validation"),
        ({"status_callback_urls": ["https://a.example/"] * 6}, "validation"),
        ({"status_callback_urls": ["ftp://a.example/"]}, "callback_url"),
        ({"extensions": {"x": "y" * 100_000}}, "malformed"),
    ]
    for members, reason in wrong:
        answer = controller(a, "POST", "requests", wanted(**members))
        answer.signed()
        assert answer.status == 400, members
        error = answer.body["error"]
        assert (error["code"], error["errors"][0]["reason"]) == (400, reason)
        assert ADDRESS not in answer.text
    assert controller(a, "POST", "requests", "{").body["error"]["code"] == 400
    assert a.call(privacy, "GET", "privacy-requests").body["items"] == []


@pytest.mark.usefixtures("ours")
def test_weak_hashes_and_unknown_types_are_refused_with_what_to_send(world: World) -> None:
    identities = [
        {"identity_type": "email", "identity_format": "md5", "identity_value": "0" * 32},
        {"identity_type": "roku_publisher_id", "identity_format": "raw", "identity_value": "x"},
        {"identity_type": "email", "identity_format": "raw", "identity_value": ADDRESS},
    ]
    answer = controller(world.member(world.a), "POST", "requests", wanted(subject_identities=identities))
    assert answer.status == 400
    messages = [error["message"] for error in answer.body["error"]["errors"]]
    assert len(messages) == 2
    assert "send raw or sha256" in messages[0]
    nobody = [{"identity_type": "email", "identity_format": "raw", "identity_value": "planted person"}]
    answer = controller(world.member(world.a), "POST", "requests", wanted(subject_identities=nobody))
    assert answer.status == 400
    assert "planted" not in answer.text


def test_callbacks_to_private_addresses_are_refused(
    world: World, ours: certificate.Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    for url in (
        "http://controller.example/cb",
        "https://10.0.0.7/cb",
        "https://169.254.169.254/",
        "https://c.example:22/",
    ):
        answer = controller(world.member(world.a), "POST", "requests", wanted(status_callback_urls=[url]))
        assert answer.status == 400, url


@pytest.mark.usefixtures("ours")
def test_a_pending_request_can_be_cancelled_and_a_begun_one_cannot(world: World) -> None:
    a, first, second = world.member(world.a), wanted(), wanted()
    for body in (first, second):
        assert controller(a, "POST", "requests", body).status == 201
    taken = controller(a, "DELETE", f"requests/{first['subject_request_id']}")
    taken.signed()
    assert (taken.status, taken.body["api_version"]) == (202, "2.0")
    state = controller(a, "GET", f"requests/{first['subject_request_id']}").body
    assert state["request_status"] == "cancelled"
    assert controller(a, "DELETE", f"requests/{first['subject_request_id']}").status == 400
    begin(a, second)
    late = controller(a, "DELETE", f"requests/{second['subject_request_id']}")
    assert (late.status, late.body["error"]["errors"][0]["reason"]) == (400, "not_pending")
    assert controller(a, "GET", f"requests/{uuid.uuid4()}").status == 404


def begin(member: Member, body: dict[str, Any]) -> None:
    """Have another approve a controller's request, and its work begun."""
    known = protocols.subject_request(member.sandbox.sandbox_id, body["subject_request_id"])
    assert known
    path = f"privacy-requests/{known[0]}/approve"
    assert member.call(approvals, "POST", path, {}).body["reason"] == "another_approver"
    access.register_principal("approver", "Approver", member.sandbox.sandbox_id, "privacy-officer")
    assert Member("approver", member.sandbox).call(approvals, "POST", path, {}).status == 200
    assert handled(worker.handler, {"sandboxId": member.sandbox.sandbox_id})


def finish(world: World, member: Member) -> None:
    """Let the workers do what is left."""
    for _ in range(2):
        assert handled(worker.handler, {"sandboxId": member.sandbox.sandbox_id})
        apply_all(world)


@pytest.mark.usefixtures("ours")
def test_a_system_outside_that_has_not_confirmed_is_a_gap_as_in_our_own_api(world: World) -> None:
    a, body = world.member(world.a), wanted()
    secret = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    settings = {"url": "https://orders.invalid/", "secret": secret}
    made = a.call(connectors, "POST", "connectors", {"type": "webhook", "name": "Orders", "settings": settings})
    assert made.status == 201, made.body
    assert controller(a, "POST", "requests", body).status == 201
    begin(a, body)
    finish(world, a)
    (extension,) = controller(a, "GET", f"requests/{body['subject_request_id']}").body["extensions"].values()
    assert extension == {"status": "running", "gaps": 1}
    assert [each["status"] for each in only(a)["connectors"]] == ["pending"]


@pytest.mark.usefixtures("ours")
def test_a_denied_request_is_cancelled_and_the_extension_says_why(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, body = world.member(world.a), wanted()
    controller(a, "POST", "requests", body)
    path = f"privacy-requests/{only(a)['privacyRequestId']}/deny"
    assert a.call(approvals, "POST", path, {"reason": "not one of ours"}).status == 200
    state = controller(a, "GET", f"requests/{body['subject_request_id']}").body
    assert state["request_status"] == "cancelled"
    assert state["extensions"] == {
        "localhost": {"status": "denied", "reason": "not one of ours", "ground": "other", "answer": "denied"}
    }
    later = clock.now() + timedelta(days=2 * 366 + 31)
    monkeypatch.setattr(clock, "now", lambda: later)
    sweep.handler({}, None)
    assert protocols.subject_request(a.sandbox.sandbox_id, body["subject_request_id"]) is None


@pytest.mark.usefixtures("ours")
def test_the_names_of_opengdpr_are_honoured(world: World) -> None:
    a, body = world.member(world.a), wanted()
    del body["regulation"]
    answer = controller(a, "POST", "opengdpr_requests", body)
    answer.signed(former_names=True)
    assert answer.status == 201
    assert only(a)["regulation"] == "gdpr"
    path = body["subject_request_id"]
    controller(a, "GET", f"opengdpr_requests/{path}").signed(former_names=True)
    controller(a, "GET", f"requests/{path}").signed()
    assert controller(a, "DELETE", f"opengdpr_requests/{path}").status == 202


@contextmanager
def gateway(member: Member) -> Iterator[str]:
    """The API Gateway before our processor, for a member's token: `Bearer` and its principal's id."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            principal = (self.headers.get("authorization") or "").removeprefix("Bearer ") or None
            path = self.path.removeprefix("/v1")
            answer = call(opendsr, self.command, path, body or None, principal=principal)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.text)))
            self.end_headers()
            self.wfile.write(answer.text.encode())

        do_GET = do_POST = do_DELETE = _any  # noqa: N815 - named by the library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the library
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.usefixtures("ours")
def test_our_connector_gets_on_with_our_processor(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    a = world.member(world.a)
    person = Person("prq_1", "gdpr", clock.now(), ("customer 7",), (("Email_LC_SHA256", DIGEST),))
    with gateway(a) as url:
        certify(url)
        values = {
            "url": f"{url}/sandboxes/{world.a.sandbox_id}/opendsr/v2",
            "authorization": f"Bearer {a.principal_id}",
            "caCertificates": ROOT.pem,
        }
        settings = OpenDsrSettings.model_validate(values)
        tested = OpenDsr().test(settings)
        assert tested.ok, tested
        (reference,) = OpenDsr().delete(settings, [person])
        assert reference.state.status is Status.SENT, reference.state.detail
        assert OpenDsr().delete(settings, [person])[0].id == reference.id
        assert OpenDsr().poll(settings, reference.id).status is Status.SENT
        begin(a, {"subject_request_id": reference.id})
        finish(world, a)
        assert only(a)["status"] == "completed"
        assert OpenDsr().poll(settings, reference.id).status is Status.CONFIRMED
        capsys.readouterr()
        strange = Party("localhost", ROOT)
        certificate.keep(certificate.Certificate(url, SIGNER.pem, strange.key_pem))
        with pytest.raises(ConnectorError) as refused:
            OpenDsr().poll(settings, reference.id)
        assert refused.value.reason == "bad_signature"
        assert counted(capsys.readouterr().out, "RefusedSignatures") == ["signature"]


# Callbacks


@pytest.mark.usefixtures("ours")
def test_each_change_is_told_signed_and_only_once(world: World, receiver: Receiver) -> None:
    a, body = world.member(world.a), wanted(status_callback_urls=[receiver.url])
    controller(a, "POST", "requests", body)
    tell(world, a)
    tell(world, a)
    begin(a, body)
    tell(world, a)
    told = [json.loads(sent) for _, _, sent in receiver.got]
    assert [callback["request_status"] for callback in told] == ["pending", "in_progress"]
    assert {callback["status_callback_url"] for callback in told} == {receiver.url}
    for _, headers, sent in receiver.got:
        check_signature(sent, headers)
        with pytest.raises(signatures.SignatureError):
            check_signature(sent + b" ", headers)


def waiting() -> list[dict[str, Any]]:
    """Take what is in the queue, though its time has not come."""
    messages = sqs_backends["123456789012"][REGION].queues["privacy"]._messages
    taken = [json.loads(message.body) for message in messages]
    messages.clear()
    return taken


@pytest.mark.usefixtures("ours")
def test_a_callback_that_fails_is_repeated_with_what_is_true_then(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, body = world.member(world.a), wanted(status_callback_urls=[receiver.url, receiver.url])
    receiver.answers[:] = [(500, {}), (202, {}), (202, {})]
    controller(a, "POST", "requests", body)
    made = only(a)["privacyRequestId"]
    world.messages(QUEUE)
    callbacks.deliver({"sandboxId": a.sandbox.sandbox_id, "callback": made})
    assert len(receiver.got) == 2
    (again,) = waiting()
    assert (again["target"], again["attempt"]) == (0, 2)
    assert ADDRESS not in json.dumps(again)
    callbacks.deliver(again)
    assert len(receiver.got) == 2, "it is too early"
    (again,) = waiting()
    controller(a, "DELETE", f"requests/{body['subject_request_id']}")
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    callbacks.deliver(again)
    assert json.loads(receiver.got[-1][2])["request_status"] == "cancelled"


@pytest.mark.usefixtures("ours")
def test_a_receiver_that_never_answers_is_given_up_with_a_notification(world: World, receiver: Receiver) -> None:
    a, body = world.member(world.a), wanted(status_callback_urls=[receiver.url])
    receiver.answers[:] = [(503, {})]
    controller(a, "POST", "requests", body)
    made = only(a)["privacyRequestId"]
    world.messages(QUEUE)
    callbacks.deliver({"sandboxId": a.sandbox.sandbox_id, "callback": made, "target": 0, "attempt": 8})
    assert waiting() == []
    tell(world, a)
    titles = [note.title for note in activity.notifications_page(a.sandbox.sandbox_id, 10, None)[0]]
    assert "Nobody at 127.0.0.1 takes word of a privacy request" in titles


@pytest.mark.usefixtures("ours")
def test_who_is_known_by_an_answer_alone_is_given_it_until_it_is_erased(world: World) -> None:
    a = world.member(world.a)
    changes = {"changes": [{"profileId": "customer 7", "share": "n"}]}
    assert a.call(segments_app, "POST", "consents", changes).body["rejected"] == []
    named = [{"identity_type": "controller_customer_id", "identity_format": "raw", "identity_value": "customer 7"}]
    asked, erasure = (wanted(subject_identities=named, subject_request_type=kind) for kind in ("access", "erasure"))
    assert controller(a, "POST", "requests", asked).status == 201
    made = only(a)["privacyRequestId"]
    begin(a, asked)
    data, _ = opened(a, made)
    assert [(answer["profileId"], answer["share"]) for answer in data["answers"]] == [("customer 7", "n")]
    assert data["identities"] == []
    assert controller(a, "POST", "requests", erasure).status == 201
    begin(a, erasure)
    finish(world, a)
    assert taken(a, made).status == 410
    assert answers.find(a.sandbox.sandbox_id, secret.identity_secret(), ["customer 7"]) == {}


@pytest.mark.usefixtures("ours")
def test_results_are_for_the_controller_that_asked(world: World) -> None:
    a, body = world.member(world.a), wanted(subject_request_type="access")
    other = world.member(world.a, "privacy-officer")
    controller(a, "POST", "requests", body)
    path = f"requests/{body['subject_request_id']}"
    assert "results_url" not in controller(a, "GET", path).body
    assert controller(a, "GET", f"{path}/results").status == 400
    begin(a, body)
    finish(world, a)
    state = controller(a, "GET", path).body
    assert state["request_status"] == "completed"
    assert state["results_url"].endswith(f"{path}/results")
    assert state["results_count"] == 1
    found = controller(a, "GET", f"{path}/results")
    found.signed()
    assert (found.status, set(found.body)) == (200, {"url", "expires_at", "passphrase", "package_expires_at"})
    assert controller(other, "GET", f"{path}/results").status == 404
    asker, mine = able_to_ask(a, "viewer"), wanted(subject_request_type="access")
    assert controller(asker, "POST", "requests", mine).status == 201
    refused = controller(asker, "GET", f"requests/{mine['subject_request_id']}/results")
    assert (refused.status, "privacy:approve" in refused.text) == (403, True)


def able_to_ask(admin: Member, role: str) -> Member:
    """A principal who beside a role may hand in requests."""
    access.register_principal(f"{role} who asks", role, admin.sandbox.sandbox_id, role)
    body = {"role": role, "permissions": ["privacy:request"]}
    assert admin.call(access_app, "PUT", f"grants/{role} who asks", body).status == 200
    access.forget()
    return Member(f"{role} who asks", admin.sandbox)


@pytest.mark.usefixtures("ours")
def test_a_controllers_request_is_seen_and_taken_back_by_itself_and_the_privacy_staff_alone(world: World) -> None:
    admin, body = world.member(world.a), wanted()
    one, other = able_to_ask(admin, "viewer"), able_to_ask(admin, "audience-manager")
    assert controller(one, "POST", "requests", body).status == 201
    path = f"requests/{body['subject_request_id']}"
    for former in ("", "opengdpr_"):
        assert [controller(other, method, former + path).status for method in ("GET", "DELETE")] == [404, 404]
    again = controller(other, "POST", "requests", body)
    assert (again.status, again.body["error"]["errors"][0]["reason"]) == (400, "duplicate")
    made = only(admin)["privacyRequestId"]
    refused = other.call(privacy, "POST", f"privacy-requests/{made}/cancel")
    assert (refused.status, refused.body["permission"]) == (403, "privacy:approve")
    assert controller(one, "GET", path).body["request_status"] == "pending"
    assert controller(admin, "GET", path).status == 200
    assert controller(admin, "DELETE", path).status == 202


# Data Rights Protocol


@dataclass
class Agent:
    """An agent with its key, at a sandbox."""

    sandbox_id: str
    agent_id: str = "AGENT_ONE"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    token: str = ""

    def registered(self) -> "Agent":
        agents.add(self.sandbox_id, self.agent_id, self.key.public_key().public_bytes_raw().hex())
        answer = self.call("POST", f"agent/{self.agent_id}", self.signed())
        assert answer.status == 200, answer.text
        assert answer.body["agent-id"] == self.agent_id
        self.token = answer.body["token"]
        return self

    def message(self, **members: Any) -> dict[str, Any]:
        now = clock.now()
        return {
            "agent-id": self.agent_id,
            "business-id": self.sandbox_id,
            "issued-at": clock.to_text(now),
            "expires-at": clock.to_text(now + timedelta(minutes=10)),
        } | members

    def signed(self, **members: Any) -> str:
        return self.sign(self.message(**members))

    def sign(self, message: Any) -> str:
        text = json.dumps(message).encode()
        return base64.b64encode(self.key.sign(text) + text).decode()

    def asks(self, **members: Any) -> str:
        claims = {"email": ADDRESS, "email_verified": True}
        return self.signed(**({"drp.version": "1.0", "exercise": "deletion", "regime": "ccpa"} | claims | members))

    def call(self, method: str, path: str, text: str | None = None, token: str | None = None) -> Raw:
        full = f"/sandboxes/{self.sandbox_id}/drp/v1/{path}"
        headers = {"content-type": "text/plain", "authorization": f"Bearer {self.token if token is None else token}"}
        return call(drp, method, full, text, **headers)


@pytest.fixture
def agent(world: World) -> Agent:
    return Agent(world.a.sandbox_id).registered()


def counted(output: str, name: str) -> list[str]:
    """Why signatures failed, as a metric says."""
    found = [json.loads(line) for line in output.splitlines() if f'"{name}"' in line]
    assert all(metric[name] == [1.0] and metric["service"] == "handfast" for metric in found)
    return [metric["reason"] for metric in found]


def test_an_agent_proves_its_key_and_gets_a_token_that_is_not_stored(world: World, agent: Agent) -> None:
    assert agent.call("GET", f"agent/{agent.agent_id}").body == {}
    first = agent.token
    agent.token = agent.call("POST", f"agent/{agent.agent_id}", agent.signed()).body["token"]
    assert agent.call("GET", f"agent/{agent.agent_id}", token=first).status == 403
    scanned = [boto3.client("dynamodb").scan(TableName=name.lower())["Items"] for name in TABLES]
    assert agent.token.rpartition(".")[2] not in json.dumps(scanned, default=str)
    agents.remove(agent.sandbox_id, agent.agent_id)
    refused = agent.call("GET", f"agent/{agent.agent_id}")
    assert (refused.status, refused.text) == (403, "")


def test_an_agents_request_goes_its_way(world: World, agent: Agent, receiver: Receiver) -> None:
    a = world.member(world.a)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
        text = agent.asks(status_callback=receiver.url, **{"agent-request-id": "their-1"})
        answer = agent.call("POST", "data-rights-request", text)
        assert answer.status == 200, answer.text
        state = answer.body
        assert (state["status"], state["agent_request_id"]) == ("open", "their-1")
        assert "reason" not in state
        found = only(a)
        assert (found["status"], found["type"], found["regulation"]) == ("pending", "erasure", "ccpa")
        assert found["dueAt"] == state["expected_by"]
        path = f"data-rights-request/{state['request_id']}"
        assert agent.call("GET", path).body == state
        extended = f"privacy-requests/{state['request_id']}/extend"
        assert a.call(privacy, "POST", extended, {"reason": "many records"}).status == 200
        assert agent.call("GET", path).body["processing_details"] == "extended: many records"
        revoked = agent.call("DELETE", path, agent.sign({"reason": "changed my mind"}))
        assert (revoked.status, revoked.body["status"]) == (200, "revoked")
        tell(world, a)
    assert json.loads(receiver.got[-1][2]) == revoked.body
    assert "x-opendsr-signature" not in receiver.got[-1][1]


def test_each_right_is_a_type_and_no_regime_is_voluntary(world: World, agent: Agent) -> None:
    rights = {"sale:opt-out": "opt_out", "sale:opt_in": "opt_in", "access:specific": "access", "deletion": "erasure"}
    for exercise in rights:
        answer = agent.call("POST", "data-rights-request", agent.asks(exercise=exercise, regime=None))
        assert answer.status == 200, answer.text
    found = world.member(world.a).call(privacy, "GET", "privacy-requests").body["items"]
    assert [request["type"] for request in reversed(found)] == list(rights.values())
    assert {request["regulation"] for request in found} == {"ccpa"}


def test_every_state_of_the_protocol_can_be_said(world: World, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.member(world.a)

    def asked(**members: Any) -> str:
        answer = agent.call("POST", "data-rights-request", agent.asks(**members))
        assert answer.status == 200, answer.text
        path: str = f"data-rights-request/{answer.body['request_id']}"
        return path

    def said(path: str) -> tuple[str, str | None]:
        body = agent.call("GET", path).body
        assert body["status"] != "denied" or body["processing_details"]
        return body["status"], body.get("reason")

    def decide(path: str, verb: str, body: Any = None) -> None:
        assert a.call(approvals, "POST", f"privacy-requests/{path.split('/')[1]}/{verb}", body).status == 200

    fulfilled, taken_back, running = opted_out(world, agent), asked(), asked()
    found = {said(fulfilled), said(running), said(asked(email_verified=False))}
    for ground in get_args(DenialGround.__value__):
        denied = asked()
        decide(denied, "deny", {"reason": "as the law allows", "ground": ground})
        found.add(said(denied))
    agent.call("DELETE", taken_back, agent.sign({"reason": "changed my mind"}))
    decide(running, "approve")
    found |= {said(taken_back), said(running)}
    finish(world, a)
    access, unknown = asked(exercise="access"), asked(exercise="access", email="nobody@mail.example")
    for path in (access, unknown):
        decide(path, "approve")
    finish(world, a)
    assert said(unknown) == ("denied", "no_match")
    answered = agent.call("GET", access).body
    assert answered["status"] == "fulfilled"
    later = clock.from_text(answered["expires_at"])
    monkeypatch.setattr(clock, "now", lambda: later)
    found.add(said(access))
    denials = {("denied", reason) for reason in get_args(drp_wire.DataRightsReason.__value__) if reason[:4] != "need"}
    assert found == denials | {
        ("open", None),
        ("in_progress", None),
        ("in_progress", "need_user_verification"),
        ("fulfilled", None),
        ("revoked", None),
        ("expired", None),
    }
    assert len(found) == 13


def test_an_access_to_categories_is_answered_with_categories_alone(world: World, agent: Agent) -> None:
    agent.call("POST", "data-rights-request", agent.asks(exercise="access:categories"))
    agent.call("POST", "data-rights-request", agent.asks(exercise="access:specific"))
    found = world.member(world.a).call(privacy, "GET", "privacy-requests").body["items"]
    assert [request["categoriesOnly"] for request in found] == [False, True]


def test_unverified_claims_wait_alone_and_stand_in_nobodys_way(
    world: World, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.member(world.a)
    waiting = agent.call("POST", "data-rights-request", agent.asks(email_verified=False)).body
    assert (waiting["status"], waiting["reason"]) == ("in_progress", "need_user_verification")
    verified = agent.call("POST", "data-rights-request", agent.asks()).body
    assert verified["request_id"] != waiting["request_id"]
    (open_,) = a.call(privacy, "GET", "privacy-requests").body["items"]
    assert (open_["privacyRequestId"], open_["status"]) == (verified["request_id"], "pending")
    (apart,) = a.call(privacy, "GET", "privacy-requests", query={"status": "unverified"}).body["items"]
    assert apart["privacyRequestId"] == waiting["request_id"]
    path = f"privacy-requests/{waiting['request_id']}/approve"
    assert a.call(approvals, "POST", path, {}).status == 409
    path = f"privacy-requests/{verified['request_id']}/approve"
    assert a.call(approvals, "POST", path, {}).status == 200
    finish(world, a)
    ended = agent.call("GET", f"data-rights-request/{verified['request_id']}").body
    assert (ended["status"], ended["reason"]) == ("denied", "no_match")
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    sweep.handler({}, None)
    late = agent.call("GET", f"data-rights-request/{waiting['request_id']}").body
    assert (late["status"], late["reason"]) == ("denied", "insuf_verification")


@pytest.mark.usefixtures("ours")
def test_results_are_for_the_agent_that_asked(world: World, agent: Agent) -> None:
    a, other = world.member(world.a), Agent(agent.sandbox_id, "AGENT_TWO").registered()
    opted_out(world, agent)
    made = agent.call("POST", "data-rights-request", agent.asks(exercise="access")).body["request_id"]
    assert a.call(approvals, "POST", f"privacy-requests/{made}/approve", {}).status == 200
    finish(world, a)
    state = agent.call("GET", f"data-rights-request/{made}").body
    assert state["status"] == "fulfilled"
    path = state["results_url"].rpartition("/drp/v1/")[2]
    assert agent.call("GET", path).status == 200
    assert other.call("GET", path).status == 403


def opted_out(world: World, agent: Agent) -> str:
    """A request after which something is held of the person; the path of it."""
    a = world.member(world.a)
    made: str = agent.call("POST", "data-rights-request", agent.asks(exercise="sale:opt-out")).body["request_id"]
    assert a.call(approvals, "POST", f"privacy-requests/{made}/approve").status == 200
    finish(world, a)
    return f"data-rights-request/{made}"


def test_only_verified_claims_are_used_where_there_are_any(world: World, agent: Agent) -> None:
    text = agent.asks(phone_number="+12025550123", phone_number_verified=False)
    made = agent.call("POST", "data-rights-request", text).body["request_id"]
    subject = subject_store.get(agent.sandbox_id, made)
    assert subject is not None
    assert list(subject.identities.values()) == [1]


def test_a_power_of_attorney_alone_verifies_nobody(agent: Agent) -> None:
    text = agent.asks(email_verified=False, power_of_attorney="https://agent.example/poa/7")
    assert agent.call("POST", "data-rights-request", text).body["reason"] == "need_user_verification"


(ALARMED,) = (alarm["MetricName"] for name, alarm in ALARMS.items() if name == "SignatureFailuresAlarm")


def test_who_has_shown_neither_token_nor_key_raises_no_alarm(
    world: World, agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = Agent(agent.sandbox_id)  # knows the agent's id, as everybody does
    messages = ["", "nothing signed", stranger.signed(), agent.signed()[:-8], "\x00", "[" * 90_000, "4" * 200_000]
    capsys.readouterr()
    for text in messages:
        assert stranger.call("POST", f"agent/{agent.agent_id}", text).status in {400, 403}, text[:20]
    for token in ("", "x", f"{agent.agent_id}.guessed", "\udcff.é"):
        for method, path in (
            ("POST", "agent/nobody"),
            ("GET", f"agent/{agent.agent_id}"),
            ("POST", "data-rights-request"),
            ("GET", "data-rights-request/prq_1"),
            ("GET", "data-rights-request/prq_1/results"),
            ("DELETE", "data-rights-request/prq_1"),
        ):
            assert stranger.call(method, path, agent.asks(), token).status == 403, (method, path, token)
    output = capsys.readouterr().out
    assert counted(output, ALARMED) == []
    assert counted(output, "RefusedSignatures")


def test_whatever_fails_a_check_is_refused_in_order_and_counted(
    world: World, agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    now = clock.now()
    other = Agent(agent.sandbox_id, "AGENT_TWO").registered()
    text = agent.asks()
    assert agent.call("POST", "data-rights-request", text).status == 200
    tampered = base64.b64decode(agent.asks()).replace(b"deletion", b"deletios")
    capsys.readouterr()
    attempts = {
        "token": (text, "AGENT_ONE.guessed"),
        "base64": ("nothing signed", agent.token),
        "signature": (base64.b64encode(tampered).decode(), agent.token),
        "agent_id": (agent.asks(**{"agent-id": "AGENT_TWO", "business-id": "x"}), agent.token),
        "business_id": (agent.asks(**{"business-id": world.b.sandbox_id, "issued-at": "x"}), agent.token),
        "issued_at": (agent.asks(**{"issued-at": clock.to_text(now + timedelta(hours=1))}), agent.token),
        "expires_at": (agent.asks(**{"expires-at": clock.to_text(now - timedelta(seconds=1))}), agent.token),
        "replay": (text, agent.token),
    }
    for reason, (body, token) in attempts.items():
        answer = agent.call("POST", "data-rights-request", body, token)
        assert answer.status == 403, reason
        assert (answer.body["code"], answer.body["fatal"]) == ("403", True)
        assert ADDRESS not in answer.text
    output = capsys.readouterr().out
    assert counted(output, "RefusedSignatures") == ["token"]
    assert counted(output, ALARMED) == [reason for reason in attempts if reason != "token"]
    assert agent.call("POST", "data-rights-request", text, other.token).status == 403, "another agent's signature"
    assert len(world.member(world.a).call(privacy, "GET", "privacy-requests").body["items"]) == 1


def test_another_agents_request_is_forbidden_and_a_begun_one_cannot_be_revoked(world: World, agent: Agent) -> None:
    other = Agent(agent.sandbox_id, "AGENT_TWO").registered()
    made = agent.call("POST", "data-rights-request", agent.asks()).body["request_id"]
    path = f"data-rights-request/{made}"
    assert other.call("GET", path).status == 403
    assert other.call("DELETE", path, other.sign({})).status == 403
    a = world.member(world.a)
    a.call(approvals, "POST", f"privacy-requests/{made}/approve", {})
    assert handled(worker.handler, {"sandboxId": a.sandbox.sandbox_id})
    late = agent.call("DELETE", path, agent.sign({"reason": "too late"}))
    assert (late.status, late.body["code"]) == (409, "409")


def test_what_waits_for_its_agent_is_not_ended_by_codes_of_others(world: World, agent: Agent) -> None:
    made = agent.call("POST", "data-rights-request", agent.asks(email_verified=False)).body["request_id"]
    other = able_to_ask(world.member(world.a), "viewer")
    answer = other.call(privacy, "POST", f"privacy-requests/{made}/verify", {"code": "123456"})
    assert (answer.status, answer.body["current"]) == (409, "unverified")
    assert agent.call("GET", f"data-rights-request/{made}").body["reason"] == "need_user_verification"
    assert other.call(privacy, "POST", f"privacy-requests/{made}/cancel").status == 403


def test_what_an_agent_cannot_ask_for_is_refused(world: World, agent: Agent) -> None:
    wrong: list[dict[str, Any]] = [
        {"exercise": "rectification"},
        {"regime": "gdpr"},
        {"drp.version": "0.5"},
        {"email": None},
        {"email": "planted person"},
        {"status_callback": "https://127.0.0.1/cb"},
    ]
    for members in wrong:
        answer = agent.call("POST", "data-rights-request", agent.asks(**members))
        assert (answer.status, answer.body["code"]) == (400, "400"), answer.text
        assert "planted" not in answer.text
    assert world.member(world.a).call(privacy, "GET", "privacy-requests").body["items"] == []


@pytest.mark.usefixtures("ours")
def test_no_body_is_too_strange_for_an_answer(world: World, agent: Agent) -> None:
    a = world.member(world.a)
    strange = ["", "null", "[]", '"x"', "{", "\0", "NaN"]
    strange += ["[" * 50_000, '{"a":' * 20_000, "9" * 5_000, "x" * 200_000]
    odd = [
        {"identity_type": kind, "identity_value": value, "identity_format": "raw"}
        for kind in ("controller_customer_id", "email", "phone", "ecid", "ios_advertising_id")
        for value in ("\ud800", "\0", " ", "x" * 1024, "+" * 300)
    ]
    bodies = [json.dumps(wanted(subject_identities=[identity])) for identity in odd]
    bodies += [json.dumps(wanted(submitted_time=at)) for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00")]
    for body in [None, *strange, *bodies]:
        assert controller(a, "POST", "requests", body).status < 500, body
    claims = [{"email": identity["identity_value"]} for identity in odd]
    signed = [agent.asks(**claim) for claim in (*claims, {"expires-at": "9999-12-31T23:59:59Z"})]
    signed += [base64.b64encode(agent.key.sign(message.encode()) + message.encode()).decode() for message in strange]
    for text in [*signed, *strange]:
        assert agent.call("POST", "data-rights-request", text).status < 500, text


def test_the_days_of_the_certificate_are_measured(
    ours: certificate.Certificate, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep.handler({}, None)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "ProcessorCertificateDays" in line]
    (days,) = json.loads(line)["ProcessorCertificateDays"]
    assert 89 < days < 90


@pytest.mark.usefixtures("ours")
def test_nothing_of_a_person_is_kept_or_told(
    world: World, agent: Agent, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    a = world.member(world.a)
    controller(a, "POST", "requests", wanted(status_callback_urls=[receiver.url]))
    agent.call("POST", "data-rights-request", agent.asks(status_callback=receiver.url))
    for message in world.messages(QUEUE):
        assert ADDRESS not in json.dumps(message)
    tell(world, a)
    scanned = [boto3.client("dynamodb").scan(TableName=name.lower())["Items"] for name in TABLES]
    kept = json.dumps(scanned, default=str)
    encoded = base64.b64encode(json.dumps({"x": ADDRESS}).encode()).decode()
    assert ADDRESS not in kept
    assert encoded[8:-8] not in kept
    assert ADDRESS not in capsys.readouterr().out
    assert all(ADDRESS.encode() not in sent for _, _, sent in receiver.got)
