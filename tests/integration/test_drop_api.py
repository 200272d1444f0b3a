"""DROP's lists fetched and answered by its API, beside a server that speaks it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors
from handfast.access import service as access
from handfast.journal import store as journal
from handfast.platform import aws, clock
from handfast.privacy_requests.drop import sweep as drop_sweep
from tests.worlds.connector_servers.running import Running, running
from tests.worlds.drop import ANN, EMAILS, PHONES, csv, item, mail, phone, settle, work
from tests.worlds.privacy import COLUMNS, file_of
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import ingested

KEY = "planted-drop-key"


@pytest.fixture(scope="module")
def platform() -> Iterator[Running]:
    with running("drop") as listening:
        yield listening


@pytest.fixture
def a(world: World, platform: Running, monkeypatch: pytest.MonkeyPatch) -> Member:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    access.change_sandbox(world.a.sandbox_id, phone_index=True, privacy_rule="automatic")
    platform.reset(key=KEY, lists={EMAILS: csv(mail(ANN[1]), mail("dan@example.com")).decode()})
    return world.member(world.a)


def connector(member: Member, platform: Running, **changes: Any) -> str:
    settings = {"url": platform.url, "apiKey": KEY} | changes
    answer = member.call(connectors, "POST", "connectors", {"type": "drop", "name": "DROP", "settings": settings})
    assert answer.status == 201, answer.body
    return str(answer.body["connectorId"])


def fetched(member: Member, connector_id: str) -> str:
    answer = member.call(privacy, "POST", "drop-lists", {"connectorId": connector_id})
    assert (answer.status, answer.body["uploadUrl"]) == (201, None), answer.body
    return str(answer.body["dropListId"])


def shown(member: Member, made: str) -> Any:
    return member.call(privacy, "GET", f"drop-lists/{made}").body


def later(world: World, patch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """Let time pass, the sweep look, and the workers do all there is."""
    patch.setattr(clock, "now", lambda: datetime.now(UTC) + ahead)
    drop_sweep.sweep()
    settle(world)


def test_lists_are_fetched_carried_out_and_answered(
    world: World, a: Member, platform: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingested(world, a, file_of(ANN), columns=COLUMNS)
    platform.set(preparing=1)
    made = fetched(a, connector(a, platform))
    settle(world)
    waiting = shown(a, made)
    assert (waiting["status"], waiting["error"]["reason"]) == ("processing", "pending")
    later(world, monkeypatch, timedelta(seconds=61))
    found = work(world, a, made)
    assert (found["status"], found["error"], found["fileName"]) == ("completed", None, "20260801_4821_DROP.zip")
    assert found["answeredAt"]
    assert platform.state()["statuses"] == {item(0): "3", item(1): "5"}
    assert platform.state()["waiting"] == {}
    (sent,) = platform.seen("POST /data/upload")
    assert (sent["headers"]["x-api-key"], found["outcomes"]["deleted"]) == (KEY, 1)
    assert KEY not in str(a.call(privacy, "GET", "drop-lists").body) + str(journal.log(a.sandbox.sandbox_id))
    (request,) = a.call(privacy, "GET", "privacy-requests").body["items"]
    assert request["connectors"] == []  # DROP brings requests and takes none


def test_the_next_lists_are_fetched_by_themselves_and_an_empty_answer_begins_the_cycle_anew(
    world: World, a: Member, platform: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(world, a, fetched(a, connector(a, platform)))
    for days, lists in ((29, 1), (31, 2), (40, 2), (62, 3)):
        later(world, monkeypatch, timedelta(days=days))
        page = a.call(privacy, "GET", "drop-lists").body
        assert (len(page["items"]), {one["status"] for one in page["items"]}) == (lists, {"completed"})
    assert page["cycle"]["nextFetchAt"] > clock.now_text()
    assert not page["cycle"]["overdue"]
    assert len(platform.seen("GET /data/download")) == 3
    kinds = {event["type"] for event in journal.log(a.sandbox.sandbox_id)}
    assert not kinds & {"drop_list.due_soon", "drop_list.overdue"}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [((401, b""), "unauthorized"), ((403, b""), "unauthorized"), ((409, b""), "refused"), ((503, b""), "unavailable")],
)
def test_what_drop_refuses_is_shown_and_tried_again(
    world: World,
    a: Member,
    platform: Running,
    monkeypatch: pytest.MonkeyPatch,
    fault: tuple[int, bytes],
    reason: str,
) -> None:
    platform.fault("GET /data/download", *fault)
    made = fetched(a, connector(a, platform))
    settle(world)
    assert (shown(a, made)["status"], shown(a, made)["error"]["reason"]) == ("processing", reason)
    later(world, monkeypatch, timedelta(seconds=30))
    assert len(platform.seen("GET /data/download")) == 1  # not before its time
    later(world, monkeypatch, timedelta(minutes=61))
    assert (shown(a, made)["status"], shown(a, made)["error"]) == ("completed", None)
    assert [event["type"] for event in journal.log(a.sandbox.sandbox_id)].count("drop_list.put_off") == 1


def test_an_answer_that_is_sent_twice_is_taken_once_and_one_that_is_refused_is_sent_again(
    world: World, a: Member, platform: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = {EMAILS: csv(mail("x")), PHONES: csv(phone("+14155550000")).replace(b"00000000000", b"P0000000000")}
    platform.set(lists={name: content.decode() for name, content in lists.items()})
    platform.fault("POST /data/upload", times=1)  # taken, and then the other one is refused
    made = fetched(a, connector(a, platform))
    platform.fault("nothing", 500)
    settle(world)
    assert shown(a, made)["status"] == "completed"
    assert platform.state()["statuses"] == {item(0): "5", "P0000000000A": "5"}
    again = {EMAILS: csv(mail("y")).replace(b"00000000000", b"Q0000000000").decode()}
    platform.set(lists=again)
    platform.fault("POST /data/upload", 500)
    next_one = fetched(a, a.call(connectors, "GET", "connectors").body["items"][0]["connectorId"])
    settle(world)
    waiting = shown(a, next_one)
    assert (waiting["status"], waiting["error"]["reason"], waiting["answeredAt"]) == ("running", "unavailable", None)
    platform.set(answers={EMAILS: "as a call before, of which no answer came"}, statuses={"Q0000000000A": "5"})
    later(world, monkeypatch, timedelta(minutes=2))
    assert shown(a, next_one)["status"] == "completed"


def test_a_connector_that_is_gone_ends_the_list_and_the_fetching(
    world: World, a: Member, platform: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = connector(a, platform)
    made = fetched(a, name)
    assert a.call(connectors, "DELETE", f"connectors/{name}").status == 204
    settle(world)
    assert (shown(a, made)["status"], shown(a, made)["error"]["reason"]) == ("failed", "no_connector")
    later(world, monkeypatch, timedelta(days=31))
    page = a.call(privacy, "GET", "drop-lists").body
    assert (len(page["items"]), page["cycle"]["nextFetchAt"]) == (1, None)
    assert platform.seen("GET /data/download") == []


def test_the_key_is_tried_without_asking_for_lists_and_kept_as_a_secret(a: Member, platform: Running) -> None:
    name = connector(a, platform)
    assert a.call(connectors, "POST", f"connectors/{name}/test").body["ok"]
    view = a.call(connectors, "GET", f"connectors/{name}").body
    assert (view["secrets"], KEY in str(view)) == (["apiKey"], False)
    kept = aws.secretsmanager().list_secrets()["SecretList"]
    assert any(name in secret["Name"] for secret in kept)
    other = connector(a, platform, apiKey="another-key")
    assert not a.call(connectors, "POST", f"connectors/{other}/test").body["ok"]
    assert platform.seen("GET /data/download") == []


def test_a_list_comes_one_way_and_by_a_connector_of_drop_alone(a: Member) -> None:
    for body in ({}, {"fileName": EMAILS, "connectorId": "cn_1"}, {"connectorId": "cn_1"}):
        assert a.call(privacy, "POST", "drop-lists", body).status == 422
