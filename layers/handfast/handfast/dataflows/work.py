"""The work on a dataflow's runs: a worker claims a span, reconciles it, and finishes it.

The worker learns what to do from `Work` alone, whatever kind of target the dataflow has.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from handfast.dataflows import outbox, rules, states, store, targets, versions
from handfast.dataflows import runs as dataflow_runs
from handfast.dataflows.models import Dataflow, Run
from handfast.journal.models import Event
from handfast.journal.store import commit
from handfast.lake.buckets import span_name
from handfast.matching.models import BucketState, Terms
from handfast.partners import other_side
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import retry
from handfast.platform.table import ConditionFailed, Write


@dataclass(frozen=True)
class Work:
    """A span of a dataflow to reconcile for a run, under the terms of the moment it was claimed."""

    flow: Dataflow
    span: int
    terms: Terms
    run: Run

    @property
    def dataflow_id(self) -> str:
        """The dataflow's id."""
        return self.flow.dataflow_id

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.run_id


def claim(message: Mapping[str, Any]) -> Work | None:
    """The work that a message of the export queue asks for; None when it is done, or its run has expired.

    A run of which all is done and which has not ended is ended. Raises LookupError for an unknown dataflow.
    """
    run = dataflow_runs.run(message["dataflowId"], message["runId"])
    if run is None:
        return None
    if span_name(message["span"]) in run.outstanding:
        flow = _flow(run.dataflow_id)
        return Work(flow, message["span"], targets.kind_of(flow).terms(flow), run)
    _complete(run)
    return None


def terms(dataflow_id: str) -> Terms:
    """What a dataflow may share at this moment. Raises LookupError for an unknown dataflow."""
    flow = _flow(dataflow_id)
    return targets.kind_of(flow).terms(flow)


def _flow(dataflow_id: str) -> Dataflow:
    flow = store.dataflow(dataflow_id)
    if flow is None:
        raise LookupError(f"no dataflow {dataflow_id}")
    return flow


def finish(work: Work, buckets: Mapping[int, BucketState]) -> None:
    """Hand a reconciled span over and count it, once.

    The last span ends the run, and the last run of a closing dataflow closes it. `buckets` are all of the span as they
    are now. Raises LostRaceError when another worker counts at the same time.
    """
    targets.kind_of(work.flow).hand_over(work.flow, work.span)
    counts = rules.run_counts(buckets.values(), work.run_id)
    delivered = rules.delivered_counts(buckets.values())
    changed = versions.changes(buckets, work.run_id) if work.flow.target.partner else set[str]()
    run = dataflow_runs.span_done(work.dataflow_id, work.run_id, span_name(work.span), counts, delivered, changed)
    if run is not None and run.status == "failed":
        _note_late(work.flow, run, changed)
    elif run is not None:
        _complete(run)


def _note_late(flow: Dataflow, run: Run, changed: Collection[str]) -> None:
    """Make a version of what a run has changed after it had failed."""
    if changed:
        retry(lambda: commit(versions.of_run(flow, run, changed)[1], []), ConditionFailed)


def fail(message: Mapping[str, Any], error: Exception) -> None:
    """Fail the run of a message that goes to the dead letters; the next run over its span makes up for it."""
    run, flow = dataflow_runs.run(message["dataflowId"], message["runId"]), store.dataflow(message["dataflowId"])
    if run is None or flow is None:
        return
    failure = "lost_races" if isinstance(error, LostRaceError) else "processing_failed"
    events = _events("dataflow.failed", flow, run, {"span": message["span"], "failure": failure})
    changed = run.changed | versions.changes(states.state(run.dataflow_id, message["span"])[0], run.run_id)

    def end() -> None:
        version, writes = _version(flow, run, changed)
        ended = dataflow_runs.end_run(run, "failed", failure, ledger_version=version)
        commit([ended, outbox.ended(run), *writes], events)

    with suppress(ConditionFailed):  # it has ended already
        retry(end, ConditionFailed)


def _version(flow: Dataflow, run: Run, changed: Collection[str]) -> tuple[int | None, list[Write]]:
    """The version that a run ends in, and its writes; a destination's dataflow has none."""
    if flow.target.partner is None:
        return None, []
    version, writes = versions.of_run(flow, run, changed)
    return version.version, writes


def _complete(run: Run) -> None:
    """End a run that is running and of which nothing is outstanding."""
    if run.outstanding or run.status != "running":
        return
    try:
        retry(lambda: _try_to_complete(run), ConditionFailed)
    except ConditionFailed as failed:
        raise LostRaceError(f"run {run.run_id} could not be completed") from failed


def _try_to_complete(run: Run) -> None:
    current, flow = dataflow_runs.run(run.dataflow_id, run.run_id), store.dataflow(run.dataflow_id)
    if current is None or flow is None or current.status != "running":
        return
    empty = flow.status == "closing" and dataflow_runs.delivered(run.dataflow_id) == 0
    closed = store.put_dataflow(replace(flow, status="closed", updated_at=clock.now_text()), over=flow) if empty else []
    sums = {name: current.counts.get(name, 0) for name in ("realized", "exited")}
    events = _events("dataflow.completed", flow, current, {}, sums)
    version, writes = _version(flow, current, current.changed)
    ended = dataflow_runs.end_run(current, "completed", ledger_version=version)
    commit([ended, outbox.ended(current), *closed, *writes], events)
    if run.reason == "privacy_request":
        other_side.look_at_requests(_sides(flow))


def _events(
    event_type: str, flow: Dataflow, run: Run, facts: Mapping[str, Any], joint: Mapping[str, int] | None = None
) -> list[Event]:
    """A record for each side that there is; a destination has no log. What is `joint` is not told to the source of a
    dataflow to a partner: it would learn whom the partner knows, a change at a time.
    """
    detail = {"name": flow.name, "runId": run.run_id, "reason": run.reason, **facts}
    told = {flow.target.partner or flow.source: detail | dict(joint or {})}
    return [other_side.event(side, event_type, None, flow.dataflow_id, told.get(side, detail)) for side in _sides(flow)]


def _sides(flow: Dataflow) -> list[PartnerRef]:
    return [side for side in (flow.source, flow.target.partner) if side is not None]
