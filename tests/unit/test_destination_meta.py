"""Meta's audiences: the vendor's own SDK against the fake, and then Handfast against the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from facebook_business.adobjects.customaudience import CustomAudience
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from handfast.destinations.contract import Account, Pair, Segment
from handfast.destinations.types.meta_custom_audience import bodies
from handfast.destinations.types.meta_custom_audience import destination as meta
from tests.destination_servers.audiences import members, serving
from tests.worlds import vendors
from tests.worlds.connector_servers.running import Running
from tests.worlds.deliveries import Deliveries

AT = "2026-03-02T09:30:00.000Z"
TOKEN, SECRET = "planted-token", "planted-secret"
DIGESTS = [f"{number:064x}" for number in range(1, 21)]


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    with serving("meta") as server:
        yield server


@pytest.fixture
def server(process: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    process.reset(token=TOKEN, account="77", audiences={"1001": [], "1002": []})
    return process


def account(server: Running, secret: str | None = None, audience: str = "1001") -> Account[Any, Any]:
    segments = {
        "seg_a": Segment("seg_a", "A", audience),
        "seg_b": Segment("seg_b", "B", "1002"),
    }
    settings = meta.settings_schema.model_validate({"domain": server.url})
    authentication = {"accessToken": TOKEN} | ({"appSecret": secret} if secret else {})
    return Account("77", settings, meta.authentication_schema.model_validate(authentication), segments)


def pairs(*values: str, change: Any = "realized", target: str = "email") -> list[Pair]:
    return [Pair(target, value, "seg_a", change, AT) for value in values]


def sent(to: Account[Any, Any], given: list[Pair]) -> Any:
    with meta.open(to) as sender:
        return sender.send(given, "bat_1")


# The vendor's SDK


@pytest.fixture
def sdk(server: Running, monkeypatch: pytest.MonkeyPatch) -> CustomAudience:
    monkeypatch.setattr(FacebookSession, "GRAPH", server.url)
    return CustomAudience("1001", api=FacebookAdsApi(FacebookSession("1", SECRET, TOKEN)))


def test_the_fake_is_accepted_by_the_vendors_sdk(sdk: CustomAudience, server: Running) -> None:
    session = {"session_id": 9, "batch_seq": 1, "last_batch_flag": True, "estimated_num_total": 2}
    given = DIGESTS[:2]
    answer = sdk.add_users("EMAIL_SHA256", given, pre_hashed=True, session=session).json()
    assert (answer["audience_id"], answer["num_received"], answer["num_invalid_entries"]) == ("1001", 2, 0)
    sdk.add_users(["EXTERN_ID"], [["crm-1"]], is_raw=True)
    sdk.remove_users("EMAIL_SHA256", given[:1], pre_hashed=True)
    assert members(server) == {"1001": {given[1], "crm-1"}}
    server.set(token="another")
    with pytest.raises(FacebookRequestError) as expired:
        sdk.remove_users("EMAIL_SHA256", given, pre_hashed=True)
    assert expired.value.api_error_code() == 190


def test_both_speak_one_version_and_prove_the_app_alike(sdk: CustomAudience, server: Running) -> None:
    server.set(app_secret=SECRET)
    sdk.add_users("EMAIL_SHA256", DIGESTS[:1], pre_hashed=True)
    assert sent(account(server, SECRET), pairs(DIGESTS[1])).taken
    theirs, ours = server.seen("/users")
    assert theirs["path"] == ours["path"] == f"/{bodies.VERSION}/1001/users"
    proof = {name: values[0] for name, values in parse_qs(ours["body"]).items()}["appsecret_proof"]
    assert theirs["query"]["appsecret_proof"] == proof
    refused = sent(account(server, "another"), pairs(DIGESTS[2]))
    assert "appsecret_proof" in refused.detail


# Handfast


def test_who_enters_is_added_and_who_leaves_removed(server: Running) -> None:
    assert sent(account(server), pairs(*DIGESTS[:3])).taken
    assert sent(account(server), pairs("38400000-8cf0-11bd-b23e-10b96e40000d", target="madid")).taken
    assert sent(account(server), pairs("crm-1", target="extern_id")).taken
    assert sent(account(server), pairs(DIGESTS[0], change="exited")).taken
    assert members(server) == {"1001": {*DIGESTS[1:3], "38400000-8cf0-11bd-b23e-10b96e40000d", "crm-1"}}
    assert not any(DIGESTS[0] in json.dumps(asked["query"]) for asked in server.seen("/users"))


def test_invalid_entries_are_found_and_the_others_taken(server: Running) -> None:
    server.set(refused=[DIGESTS[4], DIGESTS[13]])
    answer = sent(account(server), pairs(*DIGESTS))
    assert (answer.taken, answer.refused, answer.again) == (
        True,
        {4: "invalid_entry", 13: "invalid_entry"},
        frozenset(),
    )
    assert members(server) == {"1001": set(DIGESTS) - {DIGESTS[4], DIGESTS[13]}}


def test_a_search_that_takes_too_long_goes_on_later(server: Running) -> None:
    server.set(refused=DIGESTS[::2])
    answer = sent(account(server), pairs(*DIGESTS))
    taken = {DIGESTS[at] for at in range(20) if at not in answer.refused and at not in answer.again}
    assert answer.again
    assert set(answer.refused) <= set(range(0, 20, 2))
    assert taken <= set(DIGESTS[1::2])


ERRORS = [
    ({"code": 4}, 429, "4: x"),
    ({"code": 80003, "error_subcode": 2446079}, 429, "80003/2446079: x"),
    ({"code": 190, "error_subcode": 463}, 401, "190/463: x"),
    ({"code": 294}, 403, "294: x"),
    ({"code": 200}, 403, "200: x"),
    ({"code": 2}, 503, "2: x"),
    ({"code": 100, "is_transient": True}, 503, "100: x"),
    ({"code": 100, "error_subcode": 1713230}, 400, "audience_blocked: x"),
    ({"code": 200, "error_subcode": 1487301}, 400, "audience_not_shared: x"),
]


@pytest.mark.parametrize(("error", "status", "detail"), ERRORS)
def test_an_error_code_is_told_as_what_it_means(
    server: Running, error: dict[str, Any], status: int, detail: str
) -> None:
    server.fault("/users", 400, json.dumps({"error": error | {"message": "x"}}).encode())
    answer = sent(account(server), pairs(*DIGESTS[:2]))
    assert (answer.status, answer.detail) == (status, detail)
    assert answer.may_succeed == (status in (429, 503))
    assert set(answer.refused.values()) == ({detail.partition(":")[0]} if status == 400 else set())


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"<html>", b'{"error": {"code": 100, "message": "x"}}'])
def test_an_answer_of_200_that_tells_of_no_upload_takes_nobody(server: Running, body: bytes) -> None:
    server.fault("/users", 200, body)
    assert not sent(account(server), pairs(*DIGESTS[:2])).taken


def test_what_meta_says_names_nobody(server: Running) -> None:
    server.fault("/users", 400, b'{"error": {"code": 100, "message": "no id crm-1"}}')
    assert sent(account(server), pairs("crm-1", target="extern_id")).detail == "100: no id …"


def test_a_mapping_id_leads_to_nothing_but_an_audience(server: Running) -> None:
    answer = sent(account(server, audience="1002/users?of="), pairs(DIGESTS[0]))
    assert (answer.status, len(answer.refused)) == (400, 1)
    assert members(server) == {}
    (_, wrong, _) = meta.test(account(server, audience="1002?of=")).checks
    assert not wrong.ok


def test_a_test_says_what_is_wrong(server: Running) -> None:
    assert [check.name for check in meta.test(account(server)).checks] == ["account", "audience 1001", "audience 1002"]
    assert meta.test(account(server)).ok
    (_, wrong, _) = meta.test(account(server, audience="9")).checks
    assert (wrong.ok, "mapping id" in wrong.detail) == (False, True)
    server.set(status=471)
    assert "471" in meta.test(account(server)).checks[1].detail
    server.set(token="another")
    (signed_out,) = meta.test(account(server)).checks
    assert (signed_out.ok, "401" in signed_out.detail, "Session has expired" in signed_out.detail) == (
        False,
        True,
        True,
    )
    (nobody,) = meta.test(account(Running(1))).checks
    assert "no connection" in nobody.detail
    assert not any(check.ok for check in (signed_out, nobody))


def expired(server: Running) -> None:
    """The token ends for a call, and is renewed by whoever holds it."""
    server.fault("/users", 400, b'{"error": {"code": 190, "message": "expired"}}')


def blocked(server: Running) -> None:
    """The audience is blocked for a call."""
    server.fault("/users", 400, b'{"error": {"code": 100, "error_subcode": 1713230, "message": "blocked"}}')


def in_part(server: Running) -> None:
    """From now on some are invalid."""
    server.set(refused=[f"{number:064x}" for number in (2, 5, 11)])


@pytest.mark.parametrize("seed", range(4))
def test_whatever_fails_the_audiences_become_what_they_should(
    server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    world = Deliveries(tmp_path, monkeypatch)
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    world.kind, world.account, world.limits = meta, account(server), meta.limits
    faults = [vendors.fine, vendors.throttled, vendors.unavailable, vendors.failing_after, vendors.cut]
    vendors.becomes_true(world, server, [*faults, expired, blocked, in_part], seed)
