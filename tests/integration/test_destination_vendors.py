"""From a segment to an audience at a vendor: tested, activated, delivered, and what the vendor says later."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from functions.delivery import app as delivery
from functions.destinations import app as destinations
from functions.feeds import app as feeds
from functions.segment_export import app as export
from handfast.identity.renderings import rendered
from handfast.platform import clock, queues
from handfast.platform.queues import Message
from tests.destination_servers.audiences import TOKEN_PATH, members, serving
from tests.worlds.connector_servers.running import Running
from tests.worlds.endpoints import with_readers
from tests.worlds.sandboxes import Member, World
from tests.worlds.sharing import segment
from tests.worlds.uploads import handled, ingested

REFRESH = {"kind": "refresh_token", "clientId": "me", "clientSecret": "secret", "refreshToken": "planted"}


@pytest.fixture(scope="module")
def google() -> Iterator[Running]:
    with serving("google") as server:
        yield server


@pytest.fixture(scope="module")
def meta() -> Iterator[Running]:
    with serving("meta") as server:
        yield server


@pytest.fixture
def sandbox(stores: None, monkeypatch: pytest.MonkeyPatch) -> tuple[World, Member, str]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    return with_readers()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """What is sent to queues to be looked at later."""
    kept: list[Message] = []
    monkeypatch.setattr(queues, "send", lambda _, messages: kept.extend(messages))
    return kept


def set_up(member: Member, body: dict[str, Any], readers: str, target: str) -> str:
    made = member.call(destinations, "POST", "destinations", {"name": "Audiences", **body})
    assert made.status == 201, made.body
    path = f"destinations/{made.body['destinationId']}"
    mapping = [{"source": "email", "target": target}]
    activation = {"segments": [{"segmentId": readers, "mappingId": "1001"}], "mapping": mapping}
    assert member.call(destinations, "POST", f"{path}/activations", activation).status == 201
    tested = member.call(destinations, "POST", f"{path}/test")
    assert tested.body["ok"], tested.body
    return path


def set_up_google(member: Member, google: Running, readers: str, target: str) -> str:
    account = "accountTypes/GOOGLE_ADS/accounts/777"
    google.reset(token="none yet", refresh="planted", account=account, audiences={"1001": []})
    body = {"type": "google-data-manager", "accountId": "777", "settings": {"domain": google.url}}
    authentication = REFRESH | {"tokenUrl": google.url + TOKEN_PATH}
    return set_up(member, body | {"authentication": authentication}, readers, target)


def work(world: World) -> None:
    for message in world.messages("EXPORT_QUEUE_URL"):
        assert handled(export.handler, message)
    for message in world.messages("DELIVERY_QUEUE_URL"):
        assert handled(delivery.handler, message)


def test_meta_has_a_segments_members(sandbox: tuple[World, Member, str], meta: Running) -> None:
    world, member, readers = sandbox
    meta.reset(token="planted", account="77", audiences={"1001": []})
    body = {"type": "meta-custom-audience", "accountId": "77", "settings": {"domain": meta.url}}
    path = set_up(member, body | {"authentication": {"accessToken": "planted"}}, readers, "email")
    work(world)
    (window,) = member.call(destinations, "GET", f"{path}/health").body["windows"]
    assert window["identitiesActivated"] == len(members(meta)["1001"]) > 0
    assert window["receipts"] is None


def test_what_google_says_later_is_shown_beside_what_was_sent(
    sandbox: tuple[World, Member, str], google: Running, later: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, member, readers = sandbox
    path = set_up_google(member, google, readers, "emailAsKept")
    work(world)
    given = len(members(google)["1001"])

    def window() -> dict[str, Any]:
        (found,) = member.call(destinations, "GET", f"{path}/health").body["windows"]
        return dict(found)

    before = window()
    requests = before["calls"]
    assert (before["identitiesActivated"], before["receipts"]["requests"]) == (given, {"processing": requests})
    began = clock.now()
    google.set(verdict={"status": "PROCESSING"})
    asked = [message.body for message in later]
    later.clear()
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=20))
    assert handled(delivery.handler, *asked)
    assert google.seen("requestStatus") == []
    later.clear()
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=31))
    assert handled(delivery.handler, *asked)
    assert window() == before

    errors = {"PROCESSING_ERROR_REASON_DENIED_CONSENT": 1}
    google.set(verdict={"status": "PARTIAL_SUCCESS", "errors": errors, "rate": "MATCH_RATE_RANGE_41_TO_50"})
    asked = [message.body for message in later]
    assert {message["attempt"] for message in asked} == {1}
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(hours=2))
    later.clear()
    assert handled(delivery.handler, *asked)
    assert handled(delivery.handler, *asked)  # handed out twice
    assert later == []
    after = window()
    assert after["receipts"] == {
        "requests": {"partial_success": requests},
        "records": given,
        "errors": {"denied_consent": requests},
        "matchRates": {"41_to_50": requests},
    }
    assert after["identitiesActivated"] == given - requests
    assert after["identitiesFailed"] == {"denied_consent": requests}
    assert after["profilesReceived"] == before["profilesReceived"]


def test_a_request_of_which_google_never_tells_is_unknown_in_the_end(
    sandbox: tuple[World, Member, str], google: Running, later: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, member, readers = sandbox
    path = set_up_google(member, google, readers, "emailAsKept")
    work(world)
    began, days = clock.now(), 0
    google.set(verdict={"status": "PROCESSING"})
    while later:
        days += 1
        assert days < 10
        asked = [message.body for message in later]
        later.clear()
        monkeypatch.setattr(clock, "now", lambda at=began + timedelta(days=3 * days): at)
        assert handled(delivery.handler, *asked)
    monkeypatch.setattr(clock, "now", lambda: began)
    (window,) = member.call(destinations, "GET", f"{path}/health").body["windows"]
    assert [*window["receipts"]["requests"]] == ["unknown"]


def test_only_what_is_known_in_googles_form_is_given_and_what_becomes_known_follows(
    sandbox: tuple[World, Member, str], google: Running
) -> None:
    world, member, readers = sandbox
    path = set_up_google(member, google, readers, "email")
    mapping = [{"source": "email", "target": "email"}]
    asked = {"segments": [{"segmentId": segment(member, "Others"), "mappingId": "1002"}], "mapping": mapping}
    (activation,) = member.call(destinations, "GET", f"{path}/activations").body["items"]
    work(world)
    assert members(google) == {}
    flow = f"dataflows/{activation['dataflowId']}"
    (run,) = member.call(feeds, "GET", f"{flow}/runs").body["items"]
    assert run["identitiesExcluded"]["byReason"]["form_unknown"] == 2

    raw = b"id,mail,ad,consent\n1,Ann@Example.com,,y\n5,e.v.a@gmail.com,,y\n"
    ingested(world, member, raw, segmentId=readers, renderings=["google"])
    work(world)
    known = {rendered("google", 1, text) for text in ("ann@example.com", "e.v.a@gmail.com")}
    assert rendered("google", 1, "e.v.a@gmail.com") == sha256(b"eva@gmail.com").hexdigest()
    assert members(google) == {"1001": known}

    change = {"mapping": [{"source": "email", "target": "emailAsKept"}]}
    refused = member.call(destinations, "PATCH", f"{path}/activations/{activation['activationId']}", change)
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/mapping/0/target")

    others = asked["segments"][0]["segmentId"]
    ingested(world, member, b"id,mail,ad,consent\n6,fay@example.com,,y\n1,ann@example.com,,y\n", segmentId=others)
    preview = member.call(destinations, "POST", f"{path}/activations", asked, query={"dryRun": "true"})
    assert preview.body["counts"] == {"members": 2, "activated": 1, "people": {"members": 2, "cleared": 1}}
    assert preview.body["excluded"] == {"byReason": {"form_unknown": 1}, "peopleByReason": {"form_unknown": 1}}
    work(world)
