"""The transactional outbox of runs: an entry in the transaction that makes a run due, dispatched after it."""

from collections.abc import Iterable
from contextlib import suppress

from handfast.dataflows import runs as dataflows_runs
from handfast.dataflows.models import Dataflow, Run
from handfast.dataflows.runs import RUN
from handfast.dataflows.store import DATAFLOWS
from handfast.platform import table
from handfast.platform.queues import Message, again, send
from handfast.platform.table import ConditionFailed, Delete, Put


def dispatch_pending() -> int:
    """Start the runs that a crash has left promised; returns how many."""
    runs = pending()
    for run in runs:
        dispatch(run)
    return len(runs)


_OUTBOX = "PROMISES"


def outbox_entry(run: Run) -> Put:
    """The write by which a state change promises a run: `keep` it after the commit, or the sweep will."""
    return Put(DATAFLOWS, {"pk": _OUTBOX, "sk": run.run_id} | RUN.dump_python(run, by_alias=True, exclude={"counts"}))


def pending() -> list[Run]:
    """Runs promised and not yet started."""
    return [RUN.validate_python(item) for item in table.query(DATAFLOWS, _OUTBOX)]


def dispatch(run: Run) -> None:
    """Start a promised run; safe to repeat."""
    with suppress(ConditionFailed):
        dataflows_runs.write(run)
    _send_run(run)
    table.apply(Delete(DATAFLOWS, _OUTBOX, run.run_id, table.UNCONDITIONAL))


def _send_run(run: Run) -> None:
    send("EXPORT_QUEUE_URL", [_message(run, span, f"{run.run_id}/{span}") for span in sorted(run.outstanding)])


def wake_again(run: Run) -> None:
    """Have a run's outstanding spans reconciled for which messages have been sent, in case one was lost."""
    send("EXPORT_QUEUE_URL", [_message(run, span, again(f"{run.run_id}/{span}")) for span in sorted(run.outstanding)])


def _message(run: Run, span: str, dedup_id: str) -> Message:
    body = {"dataflowId": run.dataflow_id, "span": int(span), "runId": run.run_id}
    return Message(body, group=f"{run.dataflow_id}/{span}", dedup_id=dedup_id)


def mark_dirty(dataflow: Dataflow, reason: str, only: Iterable[str] | None = None) -> Run:
    """Have the dataflow reconciled again: a run over all spans (or `only` some) and a message for each."""
    run = dataflows_runs.new_run(dataflow.dataflow_id, reason, only)
    begin(run)
    return run


def begin(run: Run) -> None:
    """Start a run that no state change has promised; the promise keeps a crash from leaving it without messages."""
    with suppress(ConditionFailed):
        table.apply(outbox_entry(run))
    dispatch(run)
