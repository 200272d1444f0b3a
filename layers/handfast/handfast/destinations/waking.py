"""Having a span of a dataflow delivered: a message, and an item that stays until it is, so that none is lost."""

from dataclasses import dataclass
from datetime import datetime

from boto3.dynamodb.conditions import Attr

from handfast.lake.buckets import span_name
from handfast.platform import clock, sender, table
from handfast.platform.items import ItemKind
from handfast.platform.queues import Message, is_overdue, send
from handfast.platform.table import ABSENT, ConditionFailed, Delete
from handfast.platform.wire import TableItem

DESTINATIONS = "DESTINATIONS_TABLE"
QUEUE = "DELIVERY_QUEUE_URL"
_DELIVERING = "DELIVERING"


@dataclass(frozen=True)
class Woken(TableItem):
    """A span that is to be delivered at `due_at` (RFC 3339)."""

    dataflow_id: str
    span: int
    due_at: str


_WOKEN = ItemKind("woken", Woken, DESTINATIONS)


def wake(dataflow_id: str, span: int, at: datetime | None = None) -> None:
    """Have a span delivered now, or at a time. Who is to be woken by then in any case is not woken once more."""
    now = clock.now_text()
    due_at = clock.to_text(at) if at else now
    sooner = ABSENT | Attr("dueAt").lte(now) | Attr("dueAt").gt(due_at)
    woken = Woken(dataflow_id, span, due_at)
    try:
        table.apply(_WOKEN.put(woken, _DELIVERING, f"{dataflow_id}#{span_name(span)}", sooner))
    except ConditionFailed:
        return
    _send(woken)


def hasten(dataflow_id: str) -> None:
    """Have all spans of a dataflow that are woken for a later time delivered now."""
    for woken in list(_WOKEN.query(_DELIVERING, f"{dataflow_id}#")):
        wake(dataflow_id, woken.span)


def done(dataflow_id: str, span: int, began: datetime) -> None:
    """Note that a span is delivered by a worker that began then; one that was woken since is woken still."""
    before = Attr("dueAt").lte(clock.to_text(began))
    try:
        table.apply(Delete(DESTINATIONS, _DELIVERING, f"{dataflow_id}#{span_name(span)}", before))
    except ConditionFailed:
        return


def is_awake(dataflow_id: str, since: str | None = None) -> bool:
    """Whether some span of a dataflow was woken and is not done; with a time, one that was due before it."""
    return any(since is None or woken.due_at < since for woken in _WOKEN.query(_DELIVERING, f"{dataflow_id}#"))


def wake_overdue() -> None:
    """Send again for spans whose message may have been lost; the sweep calls it."""
    for woken in _WOKEN.query(_DELIVERING):
        if is_overdue(clock.from_text(woken.due_at)):
            _send(woken)


def _send(woken: Woken) -> None:
    body = {"dataflowId": woken.dataflow_id, "span": woken.span, "notBefore": woken.due_at}
    wait = (clock.from_text(woken.due_at) - clock.now()).total_seconds()
    send(QUEUE, [Message(body, delay=sender.delay(wait))])
