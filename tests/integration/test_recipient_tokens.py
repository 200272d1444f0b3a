"""Recipient tokens: made as a link, fetched once, replaced, ended; and what they never do."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from functions.access import app as access
from functions.sharing import app as sharing
from handfast.access import recipient_tokens
from handfast.access.recipient_token_models import MOST_GRACE
from handfast.platform import clock
from tests.worlds.readers import ReadingTool
from tests.worlds.sandboxes import CONTEXT, Answer, Member, World, proxy_event
from tests.worlds.sharing import log

PATH = "recipient-tokens"


def call(member: Member, method: str, path: str, body: Any = None, **query: str) -> Answer:
    """Call the access function as its gateway does."""
    full = f"/sandboxes/{member.sandbox.sandbox_id}/{path}"
    event = proxy_event(member.principal_id, method, full, body, query=query or None)
    answer = access.handler(event, CONTEXT)
    return Answer(answer["statusCode"], json.loads(answer["body"] or "null"), {})


def made(member: Member, **members: Any) -> Any:
    answer = call(member, "POST", PATH, {"name": "Warehouse"} | members)
    assert answer.status == 201, answer.body
    return answer.body


def opened(url: str, method: str = "POST", address: str = "203.0.113.24", accept: str = "*/*") -> tuple[int, Any]:
    """What a link answers."""
    event = proxy_event(None, method, url.partition("/v1")[2], headers={"accept": accept})
    event["requestContext"] |= {"identity": {"sourceIp": address}}
    answer = sharing.handler(event, CONTEXT)
    is_page = answer["multiValueHeaders"]["Content-Type"][0].startswith("text/html")
    return answer["statusCode"], answer["body"] if is_page else json.loads(answer["body"])


def token_of(url: str) -> str:
    status, profile = opened(url)
    assert status == 200, profile
    return str(profile["bearerToken"])


def status_of(token: str, address: str = "203.0.113.24") -> int:
    return ReadingTool(token, address).call("GET", "/shares").status


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    now = clock.now

    def wait(**time: float) -> None:
        at = now() + timedelta(**time)
        monkeypatch.setattr(clock, "now", lambda: at)

    return wait


def test_a_link_gives_the_profile_once(a: Member) -> None:
    created = made(a)
    url = created["activationUrl"]
    assert url.startswith("https://api.example.com/v1/sharing/activations/")
    assert created["status"] == "awaiting_activation"
    for method, accept in (("GET", "text/html,*/*"), ("GET", "*/*"), ("HEAD", "*/*")):
        status, page = opened(url, method, accept=accept)
        assert (status, "<form method" in page) == (200, method == "GET"), "looking uses nothing up"
    status, profile = opened(url, "GET", accept="application/json")
    assert (status, profile["shareCredentialsVersion"], profile["endpoint"]) == (
        200,
        1,
        "https://api.example.com/v1/sharing",
    )
    assert profile["expirationTime"] == created["expiresAt"]
    for method in ("GET", "POST"):
        assert opened(url, method)[0] == 410
    assert status_of(profile["bearerToken"]) == 200
    shown = call(a, "GET", f"{PATH}/{created['tokenId']}").body
    assert (shown["status"], shown["activationUrl"]) == ("active", None)
    assert shown["lastUsedAt"]
    told = [kind for kind, _ in log(a) if kind.startswith("recipient_token.")]
    assert told == ["recipient_token.created", "recipient_token.activated"]


def test_nothing_that_is_stored_is_a_token_or_a_link(a: Member) -> None:
    created = made(a)
    token = token_of(created["activationUrl"])
    again = call(a, "POST", f"{PATH}/{created['tokenId']}/rotate").body["activationUrl"]
    client = boto3.client("dynamodb")
    stored = "".join(json.dumps(client.scan(TableName=name)["Items"]) for name in client.list_tables()["TableNames"])
    assert not any(secret.rpartition("/")[2] in stored for secret in (created["activationUrl"], token, again))


def test_a_rotation_has_a_grace_that_only_gets_shorter(a: Member, later: Any) -> None:
    created = made(a)
    first, path = token_of(created["activationUrl"]), f"{PATH}/{created['tokenId']}/rotate"
    rotated = call(a, "POST", path, {"graceSeconds": 3600}).body
    assert (status_of(first), rotated["status"]) == (200, "awaiting_activation")
    second = token_of(rotated["activationUrl"])
    assert status_of(second) == 200
    third = token_of(call(a, "POST", path, {"graceSeconds": MOST_GRACE}).body["activationUrl"])
    later(minutes=61)
    assert [status_of(each) for each in (first, second, third)] == [401, 200, 200]
    call(a, "POST", path, {"graceSeconds": 0})
    assert [status_of(each) for each in (first, second, third)] == [401, 401, 401]


def test_a_deleted_token_is_dead_at_once_with_those_before_it_and_its_link(a: Member) -> None:
    created = made(a)
    first = token_of(created["activationUrl"])
    link = call(a, "POST", f"{PATH}/{created['tokenId']}/rotate").body["activationUrl"]
    assert call(a, "DELETE", f"{PATH}/{created['tokenId']}").status == 204
    assert (status_of(first), opened(link)[0]) == (401, 410)
    assert call(a, "GET", PATH).body == {"items": [], "nextCursor": None}


def test_tokens_and_links_end(a: Member, later: Any) -> None:
    used, unused = made(a), made(a)
    token = token_of(used["activationUrl"])
    later(days=3, seconds=1)
    assert (status_of(token), opened(unused["activationUrl"])[0]) == (200, 410)
    later(days=90, seconds=1)
    assert status_of(token) == 401
    assert call(a, "GET", PATH, status="expired").body["items"][-1]["tokenId"] == used["tokenId"]


ADDRESSES = [
    ("198.51.100.7", 200),
    ("::ffff:198.51.100.7", 200),
    ("203.0.113.24", 403),
    ("::1", 403),
    ("", 403),
    ("x", 403),
]


@pytest.mark.parametrize(("address", "status"), ADDRESSES)
@pytest.mark.parametrize("network", ["198.51.100.0/24", "::ffff:198.51.100.0/120"])
def test_a_token_works_from_its_networks_alone(a: Member, address: str, status: int, network: str) -> None:
    new = made(a, allowedNetworks=[network, "2001:db8::/48"])
    assert new["allowedNetworks"][0] == "198.51.100.0/24", "callers come from it so"
    url = new["activationUrl"]
    assert opened(url)[0] == 403, "nor does its link"
    token = str(opened(url, address="2001:db8::7")[1]["bearerToken"])
    assert status_of(token, address) == status


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "ann@example.com"}, "/name"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "/expiresAt"),
        ({"expiresAt": "2999-01-01T00:00:00Z"}, "/expiresAt"),
        ({"allowedNetworks": ["2001:db8::/48", "203.0.113.1/24"]}, "/allowedNetworks/1"),
        ({"allowedNetworks": ["everywhere"]}, "/allowedNetworks/0"),
        ({"allowedNetworks": ["fe80::1%eth0"]}, "/allowedNetworks/0"),
        ({"allowedNetworks": ["203.0.113.0/24"] * 21}, "/allowedNetworks"),
        ({"token": "mine"}, "/token"),
    ],
)
def test_what_is_wrong_is_named(a: Member, members: dict[str, Any], pointer: str) -> None:
    answer = call(a, "POST", PATH, {"name": "Warehouse"} | members)
    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"] == pointer


def test_only_who_manages_access_has_to_do_with_tokens(world: World, a: Member, b: Member) -> None:
    created = made(a)
    viewer = world.member(world.a, "audience-manager")
    for method, path in (("GET", PATH), ("POST", f"{PATH}/{created['tokenId']}/rotate")):
        assert call(viewer, method, path).body["permission"] == "access:manage"
    assert call(b, "GET", f"{PATH}/{created['tokenId']}").status == 404
    assert call(b, "DELETE", f"{PATH}/{created['tokenId']}").status == 404


def test_a_sandbox_has_only_so_many(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipient_tokens, "MOST", 1)
    made(a)
    answer = call(a, "POST", PATH, {"name": "One more"})
    assert (answer.status, answer.body["current"]) == (409, "too_many")
