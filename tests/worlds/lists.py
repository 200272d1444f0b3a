"""Sandboxes with many of everything, and what a page of each list asks of AWS."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from benchmarks import size
from functions.access import app as access_app
from functions.activity import app as activity_app
from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors
from functions.segments import app as segments_app
from handfast.activity import store as activity
from handfast.activity.models import NotificationItem
from handfast.connections import store as connections
from handfast.journal.models import Caller, Sandbox
from handfast.platform import aws
from handfast.platform.ids import new_id
from handfast.platform.table import Put, Write
from handfast.segments import store as segments
from tests.worlds.sandboxes import Member, World

LISTS: dict[str, tuple[ModuleType, int]] = {
    "connections": (connect, 2),
    "feeds": (feeds, 4),
    "received-feeds": (feeds, 3),
    "dataflows": (feeds, 4),
    "segments": (segments_app, 2),
    "segments?origin=received": (segments_app, 3),
    "uploads": (segments_app, 1),
    "activity": (activity_app, 1),
    "notifications": (activity_app, 2),
    "webhooks": (activity_app, 1),
    "privacy-requests": (privacy, 2),
    "connectors": (connectors, 1),
    "grants": (access_app, 1),
}
"""Each list's function, and the requests that a page takes once the caller is known."""


def crowded(world: World, sandbox: Sandbox, number: int) -> Member:
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
        note = NotificationItem(new_id("ntf"), "feed.published", "A feed", mine.requested_at, "feed_1")
        activity.put_notification(sandbox.sandbox_id, note)
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
