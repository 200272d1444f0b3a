"""Advertising platforms, against their APIs spoken by servers in processes of their own (docs/sources.md)."""

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from openapi_schema_validator import OAS30Validator
from pydantic import ValidationError

from handfast.connectors.contract import secret_fields
from handfast.delivery import store
from handfast.destinations.contract import Account, Answer, Change, DestinationType, Pair, Segment
from handfast.destinations.registry import destination_type
from tests.destination_servers.audiences import TOKEN_PATH, members, serving
from tests.destination_servers.tiktok import coded
from tests.worlds import vendors
from tests.worlds.connector_servers.running import Running
from tests.worlds.deliveries import DESTINATION, Deliveries, value
from tests.worlds.vendors import AUDIENCES

AT = "2026-03-02T09:30:00.000Z"
A, B = "seg_a", "seg_b"
SEGMENTS = {name: Segment(name, name, audience) for name, audience in AUDIENCES.items()}
TOKEN = "planted-token"
DEVICE = "aebe52e7-03ee-455a-b3c4-e57283966239"
HASHED_DEVICE = hashlib.sha256(DEVICE.encode()).hexdigest()
ONE, TWO = "11" * 32, "22" * 32


@dataclass(frozen=True)
class Platform:
    """A platform: what an e-mail address and a device are there, and where its audiences are changed."""

    name: str
    email: str
    device: str
    match: str

    @property
    def kind(self) -> DestinationType[Any, Any]:
        """Its type."""
        return destination_type(self.name)


PLATFORMS = [
    Platform("pinterest", "email", "gaid", "/customer_lists/"),
    Platform("linkedin", "SHA256_EMAIL", "GOOGLE_AID", "/users"),
    Platform("snap", "EMAIL_SHA256", "MOBILE_AD_ID_SHA256", "/users"),
    Platform("tiktok", "EMAIL_SHA256", "AAID_SHA256", "/segment/mapping/"),
]
NAMED = {each.name: each for each in PLATFORMS}
RENEWED = [each for each in PLATFORMS if each.name != "tiktok"]
"""Those whose tokens end and are got anew."""


def named(each: Platform) -> str:
    return each.name


every = pytest.mark.parametrize("platform", PLATFORMS, ids=named)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Running]]:
    with ExitStack() as stack:
        yield {each.name: stack.enter_context(serving(each.name)) for each in PLATFORMS}


@pytest.fixture(autouse=True)
def listening(servers: dict[str, Running], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    for server in servers.values():
        server.reset(token=TOKEN, account="777", audiences={audience: [] for audience in AUDIENCES.values()})


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deliveries:
    made = Deliveries(tmp_path, monkeypatch)
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    return made


def account(platform: Platform, server: Running, token: str = TOKEN, *, renewed: bool = False) -> Account[Any, Any]:
    kind = platform.kind
    signing_in: dict[str, Any] = {"accessToken": token}
    if renewed and platform in RENEWED:
        signing_in = {"kind": "refresh_token", "tokenUrl": server.url + TOKEN_PATH, "clientId": "app"}
        signing_in |= {"clientSecret": "s:ecret", "refreshToken": "planted-refresh"}
    settings = kind.settings_schema.model_validate({"domain": server.url})
    return Account("777", settings, kind.authentication_schema.model_validate(signing_in), SEGMENTS)


def pair(platform: Platform, of: str = ONE, segment: str = A, change: Change = "realized") -> Pair:
    return Pair(platform.device if of == DEVICE else platform.email, of, segment, change, AT)


def sent(platform: Platform, server: Running, *pairs: Pair, token: str = TOKEN) -> Answer:
    with platform.kind.open(account(platform, server, token)) as sender:
        return sender.send(pairs, "bat_1")


in_order = attrgetter("segment_id", "change", "target")


def all_sent(platform: Platform, server: Running, pairs: Sequence[Pair]) -> list[Any]:
    """What is asked of the platform for pairs, a call for each group: method, path and body."""
    with platform.kind.open(account(platform, server)) as sender:
        for group in sorted(platform.kind.limits.grouped(pairs), key=lambda group: in_order(group[0])):
            assert sender.send(group, "bat_1").taken
    return [(asked["method"], asked["path"], json.loads(asked["body"])) for asked in server.seen(platform.match)]


# Cards and settings


@every
def test_a_card_names_the_account_and_the_audience_and_hides_secrets(platform: Platform) -> None:
    card = platform.kind.card
    assert card.account
    assert card.mapping_id
    assert not card.attributes
    assert secret_fields(platform.kind.authentication_schema)
    assert not secret_fields(platform.kind.settings_schema)


@pytest.mark.parametrize("platform", RENEWED, ids=named)
@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"kind": "refresh_token", "refreshToken": "x"},
        {"accessToken": "x", "refreshToken": "y"},
        {"accessToken": " x"},
        {"accessToken": "x", "tokenUrl": "ftp://x"},
    ],
)
def test_a_sign_in_that_cannot_work_is_refused(platform: Platform, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        platform.kind.authentication_schema.model_validate(wrong)


# Requests


def test_pinterest_is_asked_to_add_and_remove_records(servers: dict[str, Running]) -> None:
    platform = NAMED["pinterest"]
    pairs = [pair(platform), pair(platform, DEVICE), pair(platform, TWO, change="exited"), pair(platform, segment=B)]
    path = "/v5/ad_accounts/777/customer_lists"
    assert all_sent(platform, servers["pinterest"], pairs) == [
        ("PATCH", f"{path}/1001", {"operation_type": "REMOVE", "records": TWO}),
        ("PATCH", f"{path}/1001", {"operation_type": "ADD", "records": f"{ONE},{HASHED_DEVICE}"}),
        ("PATCH", f"{path}/1002", {"operation_type": "ADD", "records": ONE}),
    ]


def test_linkedin_is_asked_for_each_user_within_a_call_of_a_segment(servers: dict[str, Running]) -> None:
    platform, server = NAMED["linkedin"], servers["linkedin"]
    pairs = [pair(platform), pair(platform, DEVICE, change="exited"), pair(platform, segment=B)]
    add = {"action": "ADD", "userIds": [{"idType": "SHA256_EMAIL", "idValue": ONE}]}
    remove = {"action": "REMOVE", "userIds": [{"idType": "GOOGLE_AID", "idValue": DEVICE}]}
    assert all_sent(platform, server, pairs) == [
        ("POST", "/rest/dmpSegments/1001/users", {"elements": [add, remove]}),
        ("POST", "/rest/dmpSegments/1002/users", {"elements": [add]}),
    ]
    headers = server.seen(platform.match)[0]["headers"]
    assert (headers["x-restli-method"], headers["linkedin-version"]) == ("BATCH_CREATE", "202604")
    assert (headers["authorization"], headers["idempotency-key"]) == (f"Bearer {TOKEN}", "bat_1")


def test_snap_is_asked_by_the_kind_of_identity(servers: dict[str, Running]) -> None:
    platform = NAMED["snap"]
    pairs = [pair(platform), pair(platform, TWO), pair(platform, DEVICE), pair(platform, TWO, B, "exited")]
    emails, devices = ["EMAIL_SHA256"], ["MOBILE_AD_ID_SHA256"]
    assert all_sent(platform, servers["snap"], pairs) == [
        ("POST", "/v1/segments/1001/users", {"users": [{"schema": emails, "data": [[ONE], [TWO]]}]}),
        ("POST", "/v1/segments/1001/users", {"users": [{"schema": devices, "data": [[HASHED_DEVICE]]}]}),
        ("DELETE", "/v1/segments/1002/users", {"users": [{"schema": emails, "data": [[TWO]]}]}),
    ]


def test_tiktok_is_asked_by_the_kind_of_identity(servers: dict[str, Running]) -> None:
    platform, server = NAMED["tiktok"], servers["tiktok"]

    def body(action: str, kind: str, *values: str) -> dict[str, Any]:
        rows = [[{"id": each, "audience_ids": ["1001"]}] for each in values]
        return {"advertiser_ids": ["777"], "action": action, "id_schema": [kind], "batch_data": rows}

    pairs = [pair(platform), pair(platform, TWO), pair(platform, DEVICE), pair(platform, change="exited")]
    path = "/open_api/v1.3/segment/mapping/"
    assert all_sent(platform, server, pairs) == [
        ("POST", path, body("delete", "EMAIL_SHA256", ONE)),
        ("POST", path, body("add", "AAID_SHA256", HASHED_DEVICE)),
        ("POST", path, body("add", "EMAIL_SHA256", ONE, TWO)),
    ]
    assert server.seen(path)[0]["headers"]["access-token"] == TOKEN


@every
def test_a_sample_is_the_bodies_that_would_be_sent(platform: Platform, servers: dict[str, Running]) -> None:
    server = servers[platform.name]
    pairs = [pair(platform), pair(platform, TWO, B)]
    bodies = platform.kind.sample(account(platform, server), pairs)
    assert [body for _, _, body in all_sent(platform, server, pairs)] == bodies


# Tests of settings


@every
def test_a_test_reads_of_the_account_and_changes_nothing(platform: Platform, servers: dict[str, Running]) -> None:
    server = servers[platform.name]
    (check,) = platform.kind.test(account(platform, server)).checks
    assert check.ok, check.detail
    assert [asked["method"] for asked in server.seen()] == ["GET"]


@every
def test_a_test_says_which_setting_is_wrong(platform: Platform, servers: dict[str, Running]) -> None:
    right = account(platform, servers[platform.name])
    nowhere = platform.kind.settings_schema.model_validate({"domain": "http://127.0.0.1:1"})
    wrong = {
        "authentication": account(platform, servers[platform.name], "another"),
        "accountId": replace(right, account_id="778"),
        "domain": replace(right, settings=nowhere),
    }
    for name, tried in wrong.items():
        (check,) = platform.kind.test(tried).checks
        assert not check.ok
        assert name in check.detail, check.detail


@pytest.mark.parametrize("platform", RENEWED, ids=named)
def test_a_refresh_token_that_is_refused_is_said_so(platform: Platform, servers: dict[str, Running]) -> None:
    server = servers[platform.name]
    server.fault(TOKEN_PATH, 400, b'{"error": "invalid_grant"}', times=2)
    token, request = platform.kind.test(account(platform, server, renewed=True)).checks
    assert (token.ok, request.ok) == (False, False)
    assert "authentication" in token.detail
    with platform.kind.open(account(platform, server, renewed=True)) as sender:
        assert sender.send([pair(platform)], "bat_1").status == 401


@pytest.mark.parametrize("platform", RENEWED, ids=named)
def test_tokens_are_got_and_got_anew_when_they_end(platform: Platform, servers: dict[str, Running]) -> None:
    server = servers[platform.name]
    with platform.kind.open(account(platform, server, renewed=True)) as sender:
        assert sender.send([pair(platform)], "bat_1").taken
        server.set(token="ended")
        assert sender.send([pair(platform, TWO)], "bat_2").taken
    assert members(server) == {"1001": {ONE, TWO}}
    asked = server.seen(TOKEN_PATH)
    assert len(asked) == 2
    assert "grant_type=refresh_token&refresh_token=planted-refresh" in asked[0]["body"]
    known = f"Basic {base64.b64encode(b'app:s%3Aecret').decode()}"
    assert ("client_secret=s%3Aecret" in asked[0]["body"]) == (platform.name != "pinterest")
    assert (asked[0]["headers"].get("authorization") == known) == (platform.name == "pinterest")


# Answers


@every
def test_an_audience_that_is_not_there_is_a_matter_of_its_segment_alone(
    platform: Platform, servers: dict[str, Running]
) -> None:
    server = servers[platform.name]
    server.set(audiences={"1002": []})
    answer = sent(platform, server, pair(platform), pair(platform, TWO))
    assert answer.is_by_pair
    if platform.name == "linkedin":  # where it may only be too new
        assert (answer.again, answer.reason) == (frozenset({0, 1}), "404")
    else:
        code = "40002" if platform.name == "tiktok" else "404"
        assert answer.refused == {0: code, 1: code}


@every
def test_a_token_that_is_none_is_401_and_told_of_without_it(platform: Platform, servers: dict[str, Running]) -> None:
    answer = sent(platform, servers[platform.name], pair(platform), token="another-token-of-some-length")
    assert (answer.status, answer.taken, answer.may_succeed, answer.is_by_pair) == (401, False, False, False)
    assert "another" not in answer.detail


@every
def test_throttling_is_told_with_the_time_to_wait(platform: Platform, servers: dict[str, Running]) -> None:
    server = servers[platform.name]
    throttle(platform, server)
    answer = sent(platform, server, pair(platform))
    assert (answer.status, answer.retry_after, answer.may_succeed) == (429, 30, True)


@every
def test_an_answer_that_cannot_be_read_is_no_success(platform: Platform, servers: dict[str, Running]) -> None:
    server = servers[platform.name]
    server.fault(platform.match, 200, b"<html>")
    answer = sent(platform, server, pair(platform))
    assert (answer.taken, answer.may_succeed, answer.reason) == (False, True, "invalid_answer")


def test_linkedin_tells_of_each_user(servers: dict[str, Running]) -> None:
    platform, server = NAMED["linkedin"], servers["linkedin"]
    three = "33" * 32
    server.set(refused=[TWO], busy=[three])
    answer = sent(platform, server, *(pair(platform, each) for each in (ONE, TWO, three)))
    assert (answer.taken, answer.refused, answer.again) == (True, {1: "400"}, frozenset({2}))
    assert members(server) == {"1001": {ONE}}


def test_linkedin_must_tell_of_all_users(servers: dict[str, Running]) -> None:
    server = servers["linkedin"]
    server.fault("/users", 200, b'{"elements": [{"status": 200}]}')
    answer = sent(NAMED["linkedin"], server, pair(NAMED["linkedin"]), pair(NAMED["linkedin"], TWO))
    assert (answer.taken, answer.reason) == (False, "invalid_answer")


def test_pinterests_exceptions_are_no_success(servers: dict[str, Running]) -> None:
    server, said = servers["pinterest"], {"exceptions": {"code": 2, "message": f"Advertiser not found: {ONE}"}}
    server.fault("/customer_lists/", 200, json.dumps(said).encode())
    answer = sent(NAMED["pinterest"], server, pair(NAMED["pinterest"]))
    assert answer.again == {0}
    assert answer.detail == "code: 2, message: Advertiser not found: …"


@pytest.mark.parametrize(
    "said",
    [
        {"request_status": "ERROR", "debug_message": "no"},
        {"request_status": "SUCCESS", "users": [{"sub_request_status": "ERROR"}]},
    ],
)
def test_snap_says_in_its_answer_whether_it_took_a_request(servers: dict[str, Running], said: dict[str, Any]) -> None:
    server = servers["snap"]
    server.fault("/users", 200, json.dumps(said).encode())
    assert sent(NAMED["snap"], server, pair(NAMED["snap"])).again == {0}


@pytest.mark.parametrize(
    ("code", "status"),
    [(40001, 403), (40100, 429), (40102, 401), (40105, 401), (50000, 503), (20001, 200), (40002, 200)],
)
def test_tiktoks_codes_are_told_as_statuses(servers: dict[str, Running], code: int, status: int) -> None:
    server = servers["tiktok"]
    server.fault("/mapping/", 200, json.dumps(coded(code, f"no {ONE}")).encode())
    answer = sent(NAMED["tiktok"], server, pair(NAMED["tiktok"]))
    assert (answer.status, answer.detail) == (status, f"{code}: no …")
    assert answer.refused == ({0: "40002"} if code == 40002 else {})
    assert answer.again == ({0} if code == 20001 else frozenset())


# Delivery


def throttle(platform: Platform, server: Running, times: int = 1) -> None:
    status, body = 429, b""
    if platform.name == "tiktok":
        status, body = 200, json.dumps(coded(40100, "Requests made too frequently.")).encode()
    server.fault(platform.match, status, body, {"retry-after": "30"}, times)


def deliver_to(platform: Platform, server: Running, world: Deliveries) -> None:
    world.kind = platform.kind
    world.account = account(platform, server, renewed=True)
    world.limits = replace(platform.kind.limits, pairs=3)
    world.targets = {1: platform.email}


def busy(server: Running) -> None:
    """Some are to be sent again."""
    server.set(busy=[value(number).hex() for number in (2, 4)])


def refusing(server: Running) -> None:
    """Some are not taken, until somebody looks into it."""
    server.set(refused=[value(5).hex()])


def ended(server: Running) -> None:
    """The token has ended."""
    server.set(token="ended")


def throttled(server: Running) -> None:
    """TikTok asks for time."""
    throttle(NAMED["tiktok"], server)


def exceptional(server: Running) -> None:
    """Pinterest does what it is asked, with exceptions."""
    server.fault("PATCH", 200, b'{"exceptions": {"code": 1}}', after=True)


COMMON: list[vendors.Fault] = [vendors.fine, vendors.unavailable, vendors.failing_after, vendors.cut]
FAULTS: dict[str, list[vendors.Fault]] = {
    "pinterest": [*COMMON, vendors.throttled, ended, exceptional],
    "linkedin": [*COMMON, vendors.throttled, ended, busy, refusing],
    "snap": [*COMMON, vendors.throttled, ended, refusing],
    "tiktok": [*COMMON, throttled, refusing],
}


@every
@pytest.mark.parametrize("seed", range(4))
def test_after_all_that_platforms_do_their_audiences_are_the_truth(
    platform: Platform, servers: dict[str, Running], world: Deliveries, seed: int
) -> None:
    deliver_to(platform, servers[platform.name], world)
    vendors.becomes_true(world, servers[platform.name], FAULTS[platform.name], seed)


@every
def test_what_is_refused_is_a_dead_letter_and_the_rest_goes_on(
    platform: Platform, servers: dict[str, Running], world: Deliveries
) -> None:
    server = servers[platform.name]
    deliver_to(platform, server, world)
    server.set(audiences={"1001": []})
    world.change({(number, segment) for number in range(1, 20) for segment in (A, B)}, set())
    world.deliver()
    assert members(server) == {"1001": vendors.audiences(world)["1001"]}
    assert store.breaker(DESTINATION) is None
    server.set(audiences=server.state()["audiences"] | {"1002": []})
    world.replay()
    world.drain()
    assert members(server) == vendors.audiences(world)
    assert not list(store.dead_letters(DESTINATION))


@every
def test_while_a_token_is_none_nothing_more_is_sent(
    platform: Platform, servers: dict[str, Running], world: Deliveries
) -> None:
    server = servers[platform.name]
    deliver_to(platform, server, world)
    world.account = account(platform, server)
    server.set(token="another")
    world.change({(number, A) for number in range(1, 20)}, set())
    world.deliver()
    breaker = store.breaker(DESTINATION)
    assert breaker
    assert (breaker.reason, len(server.seen(platform.match))) == ("401", 1)
    server.set(token=TOKEN)
    world.replay()
    world.drain()
    assert members(server) == vendors.audiences(world)


# Pinterest's own document

DOCUMENTS = os.environ.get("PINTEREST_OPENAPI", "")


@pytest.mark.skipif(not DOCUMENTS, reason="PINTEREST_OPENAPI names no folder of Pinterest's OpenAPI document")
def test_what_is_asked_and_answered_is_as_pinterest_publishes_it(servers: dict[str, Running]) -> None:
    (document,) = [json.loads(file.read_text()) for file in Path(DOCUMENTS).glob("pinterest*.json")]
    platform, server = NAMED["pinterest"], servers["pinterest"]
    all_sent(platform, server, [pair(platform), pair(platform, change="exited")])
    assert platform.kind.test(account(platform, server)).ok
    lists = "/ad_accounts/{ad_account_id}/customer_lists"
    checked = set()
    for asked in server.seen("/v5/"):
        path = (
            asked["path"]
            .removeprefix("/v5")
            .replace("/777", "/{ad_account_id}")
            .replace("/1001", "/{customer_list_id}")
        )
        operation = document["paths"][path][asked["method"].lower()]
        known = [document["components"]["parameters"][each["$ref"].split("/")[-1]] for each in operation["parameters"]]
        assert set(asked["query"]) <= {each["name"] for each in known}
        if asked["body"]:
            _valid(document, operation["requestBody"], json.loads(asked["body"]))
        for token, expected in ((asked["headers"]["authorization"], "200"), ("Bearer none", "default")):
            headers = asked["headers"] | {"authorization": token}
            request = Request(server.url + asked["path"], asked["body"].encode() or None, headers)
            request.method = asked["method"]
            _valid(document, operation["responses"][expected], _answer(request))
        checked.add(f"{asked['method']} {path}")
    assert checked == {f"GET {lists}", f"PATCH {lists}/{{customer_list_id}}"}


def _answer(request: Request) -> Any:
    try:
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except HTTPError as error:
        return json.load(error)


def _valid(document: Any, described: Any, value: Any) -> None:
    schema = described["content"]["application/json"]["schema"]
    OAS30Validator({**schema, "components": document["components"]}).validate(value)
