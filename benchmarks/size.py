"""What makes a deployment large, written through the stores."""

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import batched
from typing import Any

from handfast.connections.models import Connection
from handfast.dataflows import runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow
from handfast.feeds import partner_target, rules
from handfast.feeds import store as feeds
from handfast.feeds.models import Content, Feed, SegmentRef
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.partners.models import PartnerRef
from handfast.platform import aws, clock, table
from handfast.platform.ids import new_id
from handfast.platform.table import Put, Update, Write
from handfast.privacy_requests import recipient_store
from handfast.privacy_requests import store as requests
from handfast.privacy_requests.intake import new_request
from handfast.privacy_requests.models import Origin, Recipient
from handfast.segments.models import Segment

EMAIL = "Email_LC_SHA256"
_AT_ONCE = 4


def each[T, R](do: Callable[[T], R], things: Sequence[T]) -> list[R]:
    """`do` for all things, some at the same time."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(do, things))


def segment(owner: Caller) -> Segment:
    """A new segment of the sandbox's own."""
    at = clock.now_text()
    return Segment(owner.sandbox_id, new_id("seg"), "Customers", None, None, (), at, at)


def _ref(caller: Caller) -> PartnerRef:
    return PartnerRef.of(caller.on)


def connection(asker: Caller, other: Caller) -> tuple[Connection, Connection]:
    """Both sides' copies of a connection that was accepted."""
    at = clock.now_text()
    mine = Connection(new_id("con"), "outgoing", _ref(other), "active", at, at, new_id("connect"))
    return mine, replace(mine, direction="incoming", partner=_ref(asker))


def feed(sender: Caller, segment: Segment, partners: list[Connection]) -> list[Write]:
    """A published feed that all its partners have accepted, and what they hold of it."""
    at, names = clock.now_text(), tuple(partner.connection_id for partner in partners)
    content = Content("Benchmark", None, (segment.segment_id,), (EMAIL,), (), names)
    new = Feed(sender.sandbox_id, new_id("feed"), "published", 1, content, content, at, at, at)
    writes: list[Write] = [feeds.put_feed(new, over=None)]
    for partner in partners:
        refs = (SegmentRef(segment.segment_id, segment.name),)
        offered = rules.offered(new, _ref(sender), partner, refs, new_id("rf"))
        received = offered.received
        flow = Dataflow(
            dataflow_id=new_id("flow"),
            source=_ref(sender),
            target=partner_target.target(partner.partner, received),
            name=content.name,
            status="active",
            segment_ids=content.segment_ids,
            created_at=at,
            updated_at=at,
        )
        accepted = rules.moved(
            offered,
            "enabled",
            at,
            accepted_version=1,
            accepted_segment_ids=content.segment_ids,
            accepted_namespaces=content.namespaces,
            dataflow_id=flow.dataflow_id,
        )
        writes += feeds.put_sent(sender.sandbox_id, accepted, share=None, received=None)
        writes += dataflows.put_dataflow(flow, over=None)
        writes += runs.delivered_writes(flow.dataflow_id, "000", {segment.segment_id: {1: 1_000}})
    return writes


def write(writes: Sequence[Write]) -> None:
    """Write new items, 25 at a time, without asking whether they are new; then change items."""

    def send(part: tuple[Put, ...]) -> None:
        items: dict[str, list[Any]] = defaultdict(list)
        for put in part:
            items[os.environ[put.table]].append({"PutRequest": {"Item": table.serialised(put.item)}})
        left: Any = aws.dynamodb().batch_write_item(RequestItems=dict(items))["UnprocessedItems"]
        if left:
            raise RuntimeError("not all items were taken")

    each(send, list(batched([put for put in writes if isinstance(put, Put)], 25, strict=False)))
    each(table.apply, [update for update in writes if isinstance(update, Update)])


def ask(caller: Caller, number: int) -> None:
    """Requests of the past, each with what three partners answered."""
    at = clock.now_text()
    for _ in range(number):
        made = new_request(caller.on, "erasure", "gdpr", clock.now(), Origin(new_id("prq")))
        partners = [PartnerRef(f"sbx_{number}", f"Partner {number}", "production") for number in range(3)]
        told = [
            Recipient(partner.key, partner, status="confirmed", notified_at=at, confirmed_at=at) for partner in partners
        ]
        done = replace(made, status="completed", recipients=len(told))
        place = (done.sandbox_id, done.privacy_request_id)
        more = tuple(write for each in told for write in recipient_store.put_recipient(*place, each))
        requests.save(requests.Step(None, done, "completed", Actor.of(caller), {}, more=more))


def act(caller: Caller, number: int) -> None:
    """Records of activity."""
    for part in batched(range(number), 20, strict=False):
        event = Event(caller.sandbox_id, "feed.published", Actor.of(caller), "feed_1", {"name": "Any"})
        commit([], [event] * len(part))
