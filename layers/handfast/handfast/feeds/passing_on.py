"""What a sandbox gives to destinations of what it receives: it follows whatever changes of that, at once."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from handfast.dataflows import outbox, runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow, Run
from handfast.journal.models import Sandbox
from handfast.lake.buckets import span_name
from handfast.partners import messages
from handfast.partners.messages import Message
from handfast.partners.models import PartnerRef
from handfast.segments import store as segments

REASON = "received.changed"
"""What sets off the runs."""


@dataclass(frozen=True)
class Reconciled(Message[None]):
    """A span of what the receiver holds of some segments has been reconciled."""

    segment_ids: tuple[str, ...]
    span: str


def tell(source: Sandbox, flow: Dataflow, span: int) -> None:
    """Have the partner look at what it gives on of a span, whatever has changed; safe to repeat."""
    if flow.target.partner is None:
        raise LookupError(f"dataflow {flow.dataflow_id} lacks a side")
    with suppress(messages.PartnerGoneError):
        message = Reconciled(flow.segment_ids, span_name(span))
        messages.send(source, flow.target.partner, message)


@messages.receives(Reconciled)
def _follow(sandbox: Sandbox, _: PartnerRef, message: Reconciled) -> None:
    for run in due(sandbox.sandbox_id, message.segment_ids, [message.span]):
        outbox.begin(run)


def due(sandbox_id: str, segment_ids: Iterable[str], only: Iterable[str] | None = None) -> list[Run]:
    """A run of each of a sandbox's dataflows to destinations that carry received segments, or what is made of them.

    Over all spans, or `only` some.
    """
    out = [
        flow
        for flow in dataflows.dataflows(sandbox_id)
        if flow.target.partner is None and flow.status != "closed" and flow.source.is_sandbox(sandbox_id)
    ]
    if not out:
        return []
    names = set(segment_ids)
    names |= segments.composed_of(sandbox_id, names)
    return [runs.new_run(flow.dataflow_id, REASON, only) for flow in out if not names.isdisjoint(flow.segment_ids)]
