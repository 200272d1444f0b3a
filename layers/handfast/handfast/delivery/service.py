"""The worker of the delivery queue.

A message names a dataflow and a span of which something may be due, or requests that are asked after.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from handfast.dataflows import rules as reconciled
from handfast.dataflows import states
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow
from handfast.delivery import alerts, passes, receipts, snapshots, store
from handfast.delivery.line import Line
from handfast.delivery.models import Standing
from handfast.delivery.passes import Passed
from handfast.destinations import accounts, waking
from handfast.destinations.sending import Sending
from handfast.platform import clock, sender, slots
from handfast.platform.objects import LostRaceError
from handfast.platform.observability import measure_each
from handfast.platform.optimistic import retry

_BUSY = timedelta(seconds=5)
"""After that, a span is looked at again that another worker is at, or of whose destination there are enough."""


def deliver(message: Mapping[str, Any], message_id: str) -> None:
    """Send what is due of a span, or have it looked at again when its time has come; safe to repeat at any point.

    With `receipts`, ask what has become of requests.
    """
    if sender.put_off(waking.QUEUE, message):
        return
    flow = dataflows.dataflow(message["dataflowId"])
    sending = accounts.sending(flow) if flow else None
    if flow is None or sending is None:
        return
    if "receipts" in message:
        receipts.ask(message, flow, sending, Line(sending.destination_id, sending.limits.calls_per_second))
    else:
        _deliver_span(flow, message["span"], sending, message_id)


def _deliver_span(flow: Dataflow, span: int, sending: Sending, message_id: str) -> None:
    began = clock.now()
    if sending.keeps_members:
        store.forget(flow.dataflow_id, span)
        waking.done(flow.dataflow_id, span, began)
        return
    line = Line(sending.destination_id, sending.limits.calls_per_second)
    if line.retry_at:
        waking.wake(flow.dataflow_id, span, line.retry_at)
        return
    with slots.lent(store.slots(flow.dataflow_id, span), message_id) as is_lent:
        passed = _pass(flow, span, sending, line, message_id) if is_lent else None
    again = _again(passed, line) if passed else clock.now() + _BUSY
    if again is None:
        waking.done(flow.dataflow_id, span, began)
    else:
        waking.wake(flow.dataflow_id, span, again)


def _pass(flow: Dataflow, span: int, sending: Sending, line: Line, message_id: str) -> Passed | None:
    """What came of the span; None while the destination has as many workers as are its part."""
    with slots.lent(store.share(sending.destination_id), message_id) as is_lent:
        if not is_lent:
            return None
        passed = retry(lambda: _send_due(flow, span, sending, line, message_id), LostRaceError)
    counts = passed.counts
    hour = store.count(sending.destination_id, flow.dataflow_id, counts, _standing(flow.dataflow_id, span))
    receipts.keep(flow, sending, hour, line.receipts)
    measured = {
        "IdentitiesActivated": counts.activated,
        "IdentitiesExited": counts.exited,
        "IdentitiesFailed": counts.failed.total(),
        "DeliveryCalls": counts.calls,
    }
    if any(measured.values()):
        measure_each(measured, destination=sending.destination_id)
    if line.is_open or counts.failed:
        alerts.raise_met(sending.sandbox_id, sending.destination_id)
    return passed


def _send_due(flow: Dataflow, span: int, sending: Sending, line: Line, message_id: str) -> Passed:
    if sending.snapshot is None:
        return passes.deliver(flow, span, sending, line)
    return snapshots.deliver(flow, span, sending, sending.snapshot, line, message_id)


def _standing(dataflow_id: str, span: int) -> Standing:
    """Who is excluded of a span by now."""
    buckets, _ = states.state(dataflow_id, span)
    counts = reconciled.run_counts(buckets.values(), "")
    excluded = {name.removeprefix("excluded."): count for name, count in counts.items() if name.startswith("excluded.")}
    return Standing(span, counts["profilesReceived"], excluded, reconciled.segment_counts(buckets.values()))


def _again(passed: Passed, line: Line) -> datetime | None:
    """When the span is to be looked at again; None when nothing of it waits."""
    due = [at for at in (clock.now() if passed.is_unfinished else None, passed.due_at) if at]
    return max(min(due), line.retry_at or min(due)) if due else None
