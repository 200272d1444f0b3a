"""What a page of each list asks of AWS: no more requests, and no more bytes, in a sandbox with many of everything."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from benchmarks import size
from functions.access import app as access_app
from functions.activity import app as activity_app
from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors
from functions.segments import app as segments_app
from handfast.access import service as access
from handfast.activity import store as activity
from handfast.connections import store as connections
from handfast.journal.models import Caller, Sandbox
from handfast.platform import aws
from handfast.platform.ids import new_id
from handfast.platform.table import Put, Write
from handfast.privacy_requests import store as requests_store
from handfast.segments import store as segments
from tests.integration.conftest import Member, World

LIMIT = 5
FEW, MANY = LIMIT + 1, 5 * LIMIT
LISTS: dict[str, tuple[ModuleType, int]] = {
    "connections": (connect, 2),
    "feeds": (feeds, 2),
    "received-feeds": (feeds, 2),
    "dataflows": (feeds, 1),
    "segments": (segments_app, 1),
    "segments?origin=received": (segments_app, 2),
    "uploads": (segments_app, 1),
    "activity": (activity_app, 1),
    "notifications": (activity_app, 2),
    "webhooks": (activity_app, 1),
    "privacy-requests": (privacy, 2),
    "connectors": (connectors, 1),
    "grants": (access_app, 1),
}
"""Each list's function, and the requests that a page takes once the caller is known."""


def furnished(world: World, sandbox: Sandbox, number: int) -> Member:
    """A member of a sandbox with so many connections, feeds either way, segments and records."""
    member = world.member(sandbox)
    owner = Caller(member.principal_id, "Member", sandbox)
    writes: list[Write] = []
    for index in range(number):
        name = f"{sandbox.sandbox_id}{index}"
        partner = Caller(name, name, Sandbox(f"sbx_{name}", "Partner", f"org_{name}", f"Organization {name}"))
        mine, theirs = size.connection(owner, partner)
        writes += [write for write in connections.create(sandbox.sandbox_id, mine, theirs) if isinstance(write, Put)]
        for sender, side in ((owner, mine), (partner, theirs)):
            segment = size.segment(sender)
            writes += [*segments.create(segment), *size.feed(sender, segment, [side])]
        note = {"notificationId": new_id("ntf"), "type": "feed.published", "title": "A feed", "at": mine.requested_at}
        activity.put_notification(sandbox.sandbox_id, note | {"subject": "feed_1"})
    size.write(writes)
    size.ask(owner, number)
    size.act(owner, number)
    return member


@contextmanager
def watched() -> Iterator[tuple[Counter[str], Counter[str]]]:
    """Requests and bytes of the answers by service while the block runs."""
    requests, answered = Counter[str](), Counter[str]()

    def note(http_response: Any, model: Any, **_: Any) -> None:
        requests[model.service_model.service_name] += 1
        answered[model.service_model.service_name] += len(http_response.content)

    clients: list[Any] = [aws.dynamodb(), aws.s3(), aws.sqs()]
    for client in clients:
        client.meta.events.register("after-call", note, unique_id="watched")
    try:
        yield requests, answered
    finally:
        for client in clients:
            client.meta.events.unregister("after-call", unique_id="watched")


@pytest.fixture
def members(world: World) -> tuple[Member, Member]:
    """Members of a sandbox with little more than a page, and of one with four times as much."""
    return furnished(world, world.b, FEW), furnished(world, world.a, MANY)


def asked(member: Member, name: str, *, whole: bool = True) -> tuple[Counter[str], int]:
    """The requests of a list's page, without those that tell who calls, and the bytes that were read."""
    path, _, filtered = name.partition("?")
    query = {"limit": str(LIMIT)} | dict(part.split("=") for part in filtered.split("&") if part)
    known = member.principal_id, member.sandbox.sandbox_id
    access._cache[known] = (float("inf"), access._load(*known))
    with watched() as (requests, answered):
        answer = member.call(LISTS[name][0], "GET", path, query=query)
    assert answer.status == 200
    if whole:
        assert len(answer.body["items"]) == LIMIT
        assert answer.body["nextCursor"]
    return requests, answered.total()


def test_a_page_of_each_list_takes_as_many_requests_and_bytes_however_much_there_is(
    members: tuple[Member, Member],
) -> None:
    for name, (_, number) in LISTS.items():
        whole = name not in {"uploads", "webhooks", "connectors", "grants"}
        (few, little), (many, much) = (asked(member, name, whole=whole) for member in members)
        assert many == few == {"dynamodb": number}, name
        assert much < 1.2 * little, name


def test_requests_that_went_to_very_many_are_fewer_to_a_page(
    members: tuple[Member, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    member, _ = members
    whole = member.call(privacy, "GET", "privacy-requests").body["items"]
    told = [len(one["recipients"]) for one in whole]
    for most in (0, told[0], 2 * told[0] + 1):
        monkeypatch.setattr(requests_store, "_MOST_TOLD", most)
        pages, cursor = [], None
        while True:
            query = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
            answer = member.call(privacy, "GET", "privacy-requests", query=query).body
            pages.append(answer["items"])
            if (cursor := answer["nextCursor"]) is None:
                break
        assert [one for page in pages for one in page] == whole
        assert {len(page) for page in pages} == {max(1, most // told[0])}
