"""From a segment to its audience at an advertising platform, and out of it again."""

from typing import Any

import pytest

from functions.delivery import app as delivery
from functions.destinations import app as destinations
from functions.segment_export import app as export
from handfast.identity.renderings import rendered
from tests.destination_servers.audiences import members, serving
from tests.worlds.connector_servers.running import Running
from tests.worlds.endpoints import with_readers
from tests.worlds.sandboxes import Member, World
from tests.worlds.sharing import segment
from tests.worlds.uploads import COLUMNS, handled, ingested

EMAILS = {"pinterest": "email", "linkedin": "SHA256_EMAIL", "snap": "EMAIL_SHA256", "tiktok": "EMAIL_SHA256"}


@pytest.fixture
def sandbox(stores: None, monkeypatch: pytest.MonkeyPatch) -> tuple[World, Member, str]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    return with_readers()


def activated(member: Member, kind: str, server: Running, segment_id: str, mapping: dict[str, str]) -> str:
    """Have a segment given to the audience 1001; returns the activation's path."""
    server.reset(token="planted", account="777", audiences={"1001": []})
    body: dict[str, Any] = {"type": kind, "name": kind, "accountId": "777", "settings": {"domain": server.url}}
    made = member.call(destinations, "POST", "destinations", body | {"authentication": {"accessToken": "planted"}})
    path = f"destinations/{made.body['destinationId']}"
    assert member.call(destinations, "POST", f"{path}/test").body["ok"]
    asked = {"segments": [{"segmentId": segment_id, "mappingId": "1001"}], "mapping": [mapping]}
    answer = member.call(destinations, "POST", f"{path}/activations", asked)
    assert answer.status == 201, answer.body
    return f"{path}/activations/{answer.body['activationId']}"


def work(world: World) -> None:
    for message in world.messages("EXPORT_QUEUE_URL"):
        assert handled(export.handler, message)
    for message in world.messages("DELIVERY_QUEUE_URL"):
        assert handled(delivery.handler, message)


@pytest.mark.parametrize("kind", EMAILS)
def test_members_are_in_the_audience_until_it_is_given_no_more(sandbox: tuple[World, Member, str], kind: str) -> None:
    world, member, readers = sandbox
    with serving(kind) as server:
        activation = activated(member, kind, server, readers, {"source": "email", "target": EMAILS[kind]})
        work(world)
        assert {len(value) for value in members(server)["1001"]} == {64}
        assert len(members(server)["1001"]) == 2
        assert member.call(destinations, "DELETE", activation).status == 200
        work(world)
        assert members(server) == {}


def test_snap_is_given_numbers_in_its_own_form(sandbox: tuple[World, Member, str]) -> None:
    world, member, _ = sandbox
    callers = segment(member, "Callers")
    columns = [*COLUMNS, {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash"}]
    without, known = (
        b"id,mail,ad,consent,tel\n%d,,,y,%s\n" % row for row in ((8, b"+14155552672"), (9, b"+14155552671"))
    )
    with serving("snap") as server:
        activated(member, "snap", server, callers, {"source": "phone", "target": "PHONE_SHA256"})
        ingested(world, member, without, columns=columns, segmentId=callers)
        work(world)
        assert members(server) == {}
        ingested(world, member, known, columns=columns, segmentId=callers, renderings=["snap"])
        work(world)
        assert members(server) == {"1001": {rendered("snap", 2, "+14155552671")}}
