"""Dataflows of segments with a recency, whose members change by the passing of time: they are due once a day (UTC)."""

from contextlib import suppress

from boto3.dynamodb.conditions import Attr

from handfast.dataflows import outbox, store
from handfast.dataflows.models import RecencyDay
from handfast.dataflows.store import DATAFLOWS
from handfast.dataflows.work import Work
from handfast.platform import clock, table
from handfast.platform.items import ItemKind
from handfast.platform.table import ABSENT, ConditionFailed, Delete

_DAY = ItemKind("recency_day", RecencyDay, DATAFLOWS)
_DAYS = "RECENCY"


def note(work: Work) -> None:
    """Have the dataflow of this work run again on the next day, where its terms have a recency."""
    if work.terms.has_recency:
        today = _today()
        new = RecencyDay(work.dataflow_id, today)
        with suppress(ConditionFailed):
            table.apply(_DAY.put(new, _DAYS, work.dataflow_id, ABSENT | Attr("day").lt(today)))


def run_overdue() -> None:
    """Begin a run of each dataflow that has run under the terms of a former day.

    Its work notes the day anew where its terms have a recency still, so that one without is looked at no more.
    """
    for due in _DAY.query(_DAYS):
        if due.day >= _today():
            continue
        flow = store.dataflow(due.dataflow_id)
        if flow is not None and flow.status not in {"closing", "closed"}:
            outbox.mark_dirty(flow, "recency")
        with suppress(ConditionFailed):
            table.apply(Delete(DATAFLOWS, _DAYS, due.dataflow_id, Attr("day").eq(due.day)))


def _today() -> str:
    return clock.now().date().isoformat()
