"""The transactional outbox of runs: an entry in the transaction that makes a run due, dispatched after it.

The entry stays until the run has ended, so that the sweep finds a run whose messages were lost.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from handfast.dataflows import runs as dataflows_runs
from handfast.dataflows.models import Dataflow, Run
from handfast.dataflows.runs import RUN
from handfast.dataflows.store import DATAFLOWS
from handfast.journal import store as journal
from handfast.journal.models import Event
from handfast.lake.buckets import span_number
from handfast.platform import clock, table
from handfast.platform.queues import Message, again, is_enough, is_overdue, send
from handfast.platform.table import UNCONDITIONAL, ConditionFailed, Delete, Put, Write

_OUTBOX = "OUTBOX"
_ENTRIES = 90
"""How many entries fit into a transaction beside what makes the runs due."""


def commit(writes: Sequence[Write], events: Sequence[Event], runs: Sequence[Run]) -> None:
    """Commit a state change with an outbox entry for each run that it makes due, and dispatch these.

    Raises what `journal.store.commit` does. What a crash keeps from being dispatched, the sweep dispatches.
    """
    journal.commit([*writes, *map(outbox_entry, runs[:_ENTRIES])], events)
    for run in runs[:_ENTRIES]:
        dispatch(run)
    for run in runs[_ENTRIES:]:
        begin(run)


def outbox_entry(run: Run) -> Put:
    """The write that makes a run due: `dispatch` it after the transaction, or `dispatch_pending` will."""
    return RUN.put(run, _OUTBOX, run.run_id)


def ended(run: Run) -> Delete:
    """The write that takes a run out of the outbox; it belongs into the transaction that ends the run."""
    return Delete(DATAFLOWS, _OUTBOX, run.run_id, UNCONDITIONAL)


def pending() -> list[Run]:
    """The runs that are due or running, as they were when they became due, oldest first."""
    return list(RUN.query(_OUTBOX))


def dispatch_pending() -> None:
    """Dispatch the runs that a crash has left in the outbox, and send again for running ones that wait too long.

    It goes on for a minute, beginning anywhere among them, so that very many neither take all of the sweep's time nor
    keep the same ones waiting each time.
    """
    began, found = clock.now(), pending()
    first = int(began.timestamp()) % max(1, len(found))
    for due in (*found[first:], *found[:first]):
        if is_enough(began):
            return
        _look_at(due)


def _look_at(due: Run) -> None:
    run = dataflows_runs.run(due.dataflow_id, due.run_id)
    if run is None:
        dispatch(due)
    elif run.status != "running":  # begun once more after its end, by a repeat of what made it due
        table.apply(ended(run))
    elif is_overdue(clock.from_text(run.started_at)):
        wake_again(run.dataflow_id, run.run_id, run.outstanding or due.outstanding)


def dispatch(run: Run) -> None:
    """Write a due run and send its messages; safe to repeat."""
    with suppress(ConditionFailed):
        dataflows_runs.write(run)
    _send_run(run)


def _send_run(run: Run) -> None:
    spans = sorted(run.outstanding)
    send("EXPORT_QUEUE_URL", [_message(run.dataflow_id, run.run_id, span, f"{run.run_id}/{span}") for span in spans])


def wake_again(dataflow_id: str, run_id: str, spans: Iterable[str]) -> None:
    """Have spans of a run reconciled for which messages have been sent: one was lost, or has left some of its work."""
    messages = [_message(dataflow_id, run_id, span, again(f"{run_id}/{span}")) for span in sorted(spans)]
    send("EXPORT_QUEUE_URL", messages)


def _message(dataflow_id: str, run_id: str, span: str, dedup_id: str) -> Message:
    body = {"dataflowId": dataflow_id, "span": span_number(span), "runId": run_id}
    return Message(body, group=f"{dataflow_id}/{span}", dedup_id=dedup_id)


def mark_dirty(dataflow: Dataflow, reason: str, only: Iterable[str] | None = None) -> Run:
    """Have the dataflow reconciled again: a run over all spans (or `only` some) and a message for each."""
    run = dataflows_runs.new_run(dataflow.dataflow_id, reason, only)
    begin(run)
    return run


def begin(run: Run) -> None:
    """Start a run that no transaction makes due; its outbox entry keeps a crash from leaving it without messages."""
    with suppress(ConditionFailed):
        table.apply(outbox_entry(run))
    dispatch(run)
