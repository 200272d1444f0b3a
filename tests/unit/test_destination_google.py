"""Google's audiences: the vendor's own SDK against the fake, and then Handfast against the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from google.ads import datamanager_v1 as sdk
from google.ads.datamanager_v1.services.ingestion_service.transports import IngestionServiceRestTransport
from google.ads.datamanager_v1.services.user_list_service.transports import UserListServiceRestTransport
from google.api_core.exceptions import BadRequest, Forbidden
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials
from pydantic import ValidationError

from handfast.destinations.contract import Account, NoAnswerError, Pair, Receipt, Segment
from handfast.destinations.types.google_data_manager import destination as google
from tests.destination_servers.audiences import TOKEN_PATH, members, serving
from tests.worlds import vendors
from tests.worlds.connector_servers.running import Running
from tests.worlds.deliveries import Deliveries

AT = "2026-03-02T09:30:00.000Z"
DIGESTS = [f"{number:064x}" for number in range(1, 11)]
DEVICE = "38400000-8cf0-11bd-b23e-10b96e40000d"
KEY = rsa.generate_private_key(65537, 2048)
SCOPE = "https://www.googleapis.com/auth/datamanager"
RESOURCE = "accountTypes/GOOGLE_ADS/accounts/777"


def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
FILE = {
    "type": "service_account",
    "client_email": "handfast@example.iam.gserviceaccount.com",
    "private_key_id": "key-1",
    "private_key": pem(KEY),
}


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    with serving("google") as server:
        yield server


@pytest.fixture
def server(process: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    process.reset(
        token="none yet",
        key=PUBLIC,
        refresh="planted-refresh",
        account=RESOURCE,
        audiences={"1001": [], "1002": []},
    )
    return process


def account(
    server: Running, authentication: dict[str, Any] | None = None, audience: str = "1001", **settings: Any
) -> Account[Any, Any]:
    signing_in = authentication or {"serviceAccountKey": json.dumps(FILE)}
    return Account(
        "777",
        google.settings_schema.model_validate({"domain": server.url, **settings}),
        google.authentication_schema.model_validate({"tokenUrl": server.url + TOKEN_PATH, **signing_in}),
        {"seg_a": Segment("seg_a", "A", audience), "seg_b": Segment("seg_b", "B", "1002")},
    )


REFRESH = {"kind": "refresh_token", "clientId": "me", "clientSecret": "secret", "refreshToken": "planted-refresh"}


def pairs(*values: str, change: Any = "realized", target: str = "email") -> list[Pair]:
    return [Pair(target, value, "seg_a", change, AT) for value in values]


def sent(to: Account[Any, Any], given: list[Pair]) -> Any:
    with google.open(to) as sender:
        return sender.send(given, "bat_1")


# The vendor's SDK


def theirs(server: Running, transport: Any) -> dict[str, Any]:
    info = FILE | {"token_uri": server.url + TOKEN_PATH}
    key = service_account.Credentials.from_service_account_info(info, scopes=[SCOPE])  # type: ignore[no-untyped-call]
    key.refresh(Request())
    token = Credentials(token=key.token)  # type: ignore[no-untyped-call]
    return {"transport": transport(host=f"localhost:{server.port}", credentials=token, url_scheme="http")}


def request(kind: Any, *values: str, **more: Any) -> Any:
    identifiers = [{"user_data": {"user_identifiers": [{"email_address": value}]}} for value in values]
    owner = {"account_type": "GOOGLE_ADS", "account_id": "777"}
    destinations = [{"operating_account": owner, "product_destination_id": "1001"}]
    return kind(destinations=destinations, audience_members=identifiers, encoding="HEX", **more)


def test_the_fake_is_accepted_by_the_vendors_sdk(server: Running) -> None:
    client = sdk.IngestionServiceClient(**theirs(server, IngestionServiceRestTransport))
    given = DIGESTS[:2]
    assert client.ingest_audience_members(request(sdk.IngestAudienceMembersRequest, *given)).request_id == "request-0"
    client.ingest_audience_members(request(sdk.IngestAudienceMembersRequest, DIGESTS[5], validate_only=True))
    client.remove_audience_members(request(sdk.RemoveAudienceMembersRequest, given[0]))
    assert members(server) == {"1001": {given[1]}}
    server.set(verdict={"status": "PARTIAL_SUCCESS", "errors": {"PROCESSING_ERROR_REASON_DENIED_CONSENT": 1}})
    (status,) = client.retrieve_request_status(request={"request_id": "request-0"}).request_status_per_destination
    assert status.request_status.name == "PARTIAL_SUCCESS"
    assert status.audience_members_ingestion_status.user_data_ingestion_status.record_count == 2
    with pytest.raises(BadRequest) as refused:
        client.ingest_audience_members(request(sdk.IngestAudienceMembersRequest, "no digest"))
    assert "audience_members[0]" in str(refused.value.details)
    server.set(account="accountTypes/GOOGLE_ADS/accounts/778")
    with pytest.raises(Forbidden):
        client.remove_audience_members(request(sdk.RemoveAudienceMembersRequest, *given))


def test_the_fakes_audiences_are_read_by_the_vendors_sdk(server: Running) -> None:
    lists = sdk.UserListServiceClient(**theirs(server, UserListServiceRestTransport))
    assert [each.id for each in lists.list_user_lists(parent=RESOURCE)] == [1001, 1002]


# Handfast


@pytest.mark.parametrize("authentication", [None, REFRESH])
def test_who_enters_is_added_and_who_leaves_removed(server: Running, authentication: dict[str, Any] | None) -> None:
    to = account(
        server, authentication, adUserData="CONSENT_GRANTED", adPersonalization="CONSENT_DENIED", termsAccepted=True
    )
    answer = sent(to, pairs(*DIGESTS[:3]))
    assert (answer.taken, answer.receipt) == (True, "request-0")
    assert sent(to, pairs(DIGESTS[3], target="phone")).taken
    assert sent(to, pairs(DEVICE, target="mobileId")).taken
    assert sent(to, pairs("crm-1", target="userId")).taken
    assert sent(to, pairs(DIGESTS[0], change="exited")).taken
    assert members(server) == {"1001": {*DIGESTS[1:4], DEVICE, "crm-1"}}
    first, *_, last = [json.loads(asked["body"]) for asked in server.seen("/v1/audienceMembers")]
    assert first["consent"] == {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_DENIED"}
    assert first["termsOfService"] == {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
    assert "consent" not in last


def test_a_token_is_got_once_and_anew_when_it_has_ended(server: Running) -> None:
    with google.open(account(server)) as sender:
        assert sender.send(pairs(DIGESTS[0]), "bat_1").taken
        assert sender.send(pairs(DIGESTS[1]), "bat_2").taken
        assert len(server.seen(TOKEN_PATH)) == 1
        server.set(token="ended")
        assert sender.send(pairs(DIGESTS[2]), "bat_3").taken
    assert len(server.seen(TOKEN_PATH)) == 2


def test_a_key_that_is_not_the_accounts_is_told_so(server: Running) -> None:
    another = FILE | {"private_key": pem(rsa.generate_private_key(65537, 2048))}
    to = account(server, {"serviceAccountKey": json.dumps(another)})
    answer = sent(to, pairs(DIGESTS[0]))
    assert (answer.status, answer.taken, "400" in answer.detail) == (401, False, True)
    token, _ = google.test(to).checks
    assert (token.ok, "compare the key" in token.detail) == (False, True)


@pytest.mark.parametrize(
    ("authentication", "named"),
    [
        ({}, "serviceAccountKey"),
        ({"kind": "refresh_token", "clientId": "me"}, "clientSecret, refreshToken"),
        (REFRESH | {"kind": "service_account"}, "serviceAccountKey"),
        (REFRESH | {"serviceAccountKey": json.dumps(FILE)}, "serviceAccountKey"),
        ({"serviceAccountKey": "{}"}, "JSON file"),
        ({"serviceAccountKey": json.dumps(FILE | {"private_key": "none"})}, "RSA"),
        (
            {"serviceAccountKey": json.dumps(FILE | {"private_key": pem(ec.generate_private_key(ec.SECP256R1()))})},
            "RSA",
        ),
    ],
)
def test_a_wrong_way_to_sign_in_is_refused_where_it_is_entered(authentication: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        google.authentication_schema.model_validate(authentication)
    assert named in str(refused.value)
    assert "PRIVATE KEY" not in str(refused.value)


def test_members_that_are_refused_keep_nobody_else_out(server: Running) -> None:
    server.set(refused=[DIGESTS[1], DIGESTS[4]])
    answer = sent(account(server), pairs(*DIGESTS[:6]))
    assert (answer.taken, answer.refused) == (True, {1: "INVALID_SHA256_FORMAT", 4: "INVALID_SHA256_FORMAT"})
    assert members(server) == {"1001": {DIGESTS[at] for at in (0, 2, 3, 5)}}
    server.set(refused=DIGESTS)
    answer = sent(account(server), pairs(*DIGESTS[:2]))
    assert (answer.taken, [*answer.refused]) == (False, [0, 1])


def test_an_audience_that_is_none_is_no_matter_of_the_others(server: Running) -> None:
    answer = sent(account(server, audience="9"), pairs(*DIGESTS[:2]))
    assert (answer.status, answer.refused) == (400, dict.fromkeys((0, 1), "INVALID_USER_LIST_ID"))
    assert answer.detail == "INVALID_USER_LIST_ID: There was a problem with the request."
    server.set(account="accountTypes/GOOGLE_ADS/accounts/778")
    answer = sent(account(server), pairs(*DIGESTS[:2]))
    assert (answer.status, answer.is_by_pair) == (403, False)


def test_a_test_says_what_is_wrong_and_changes_nothing(server: Running) -> None:
    checks = google.test(account(server)).checks
    assert [check.name for check in checks] == ["token", "account", "audience 1001", "audience 1002"]
    assert all(check.ok for check in checks)
    assert members(server) == {}
    wrong = google.test(account(server, audience="9")).checks[2]
    assert (wrong.ok, "INVALID_USER_LIST_ID" in wrong.detail, "mapping id" in wrong.detail) == (False, True, True)
    assert google.test(account(server, loginAccountId="555")).checks[1].ok is False
    server.set(login="accountTypes/GOOGLE_ADS/accounts/555")
    assert google.test(account(server, loginAccountId="555")).ok


def test_a_sample_is_a_request_that_is_checked_and_not_done(server: Running) -> None:
    sample = google.sample(account(server), [*pairs(DIGESTS[0]), *pairs(DEVICE, target="mobileId")])
    assert (sample["validateOnly"], len(sample["audienceMembers"])) == (True, 1)


VERDICTS = [
    ({"status": "PROCESSING"}, Receipt("processing")),
    ({"status": "SUCCESS", "rate": "MATCH_RATE_RANGE_41_TO_50"}, Receipt("success", 2, {}, "41_to_50")),
    (
        {"status": "PARTIAL_SUCCESS", "errors": {"PROCESSING_ERROR_REASON_DENIED_CONSENT": 1}},
        Receipt("partial_success", 2, {"denied_consent": 1}),
    ),
    (
        {"status": "FAILED", "errors": {"PROCESSING_ERROR_REASON_INVALID_FORMAT": 2}},
        Receipt("failed", 2, {"invalid_format": 2}),
    ),
]


@pytest.mark.parametrize(("verdict", "receipt"), VERDICTS)
@pytest.mark.parametrize("change", ["realized", "exited"])
def test_a_request_is_asked_after(server: Running, verdict: dict[str, Any], receipt: Receipt, change: str) -> None:
    server.set(verdict=verdict)
    with google.open(account(server)) as sender:
        name = sender.send(pairs(*DIGESTS[:2], change=change), "bat_1").receipt
        expected = receipt if change == "realized" else Receipt(receipt.status, receipt.records, receipt.errors)
        assert sender.receipt(name) == expected  # type: ignore[attr-defined]
        with pytest.raises(NoAnswerError) as unknown:
            sender.receipt("another")  # type: ignore[attr-defined]
    assert unknown.value.answer.status == 400


def expired(server: Running) -> None:
    """The token ends."""
    server.set(token="ended")


def refused_for_once(server: Running) -> None:
    """A request is refused as a whole."""
    error = {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "INVALID_USER_LIST_ID"}]}
    server.fault("/v1/", 400, json.dumps({"error": error}).encode())


def in_part(server: Running) -> None:
    """From now on some are refused."""
    server.set(refused=[f"{number:064x}" for number in (2, 5, 11)])


@pytest.mark.parametrize("seed", range(4))
def test_whatever_fails_the_audiences_become_what_they_should(
    server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    world = Deliveries(tmp_path, monkeypatch)
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    world.kind, world.account, world.limits = google, account(server, REFRESH), google.limits
    faults = [vendors.fine, vendors.throttled, vendors.unavailable, vendors.failing_after, vendors.cut]
    vendors.becomes_true(world, server, [*faults, expired, refused_for_once, in_part], seed)
