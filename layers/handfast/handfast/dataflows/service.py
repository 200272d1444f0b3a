"""Dataflows and their runs, as both sides see them; the source may pause them (docs/api.md, Feeds)."""

from dataclasses import replace

from handfast.dataflows import outbox, rules, store
from handfast.dataflows import population as dataflows_population
from handfast.dataflows import runs as dataflows_runs
from handfast.dataflows.models import (
    Dataflow,
    DataflowList,
    DataflowView,
    Excluded,
    PopulationView,
    Run,
    RunList,
    RunView,
)
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.partners.models import Partner
from handfast.platform import clock
from handfast.platform.problems import Conflict, NotFound
from handfast.platform.table import ConditionFailed
from handfast.platform.wire import Progress

_EXCLUDED = "excluded."


def get(caller: Caller, dataflow_id: str) -> DataflowView:
    """One dataflow of the caller's side."""
    return _view(caller, _load(caller, dataflow_id))


def list_dataflows(caller: Caller, limit: int, cursor: str | None) -> DataflowList:
    """The dataflows from and to the sandbox, newest first."""
    flows, next_cursor = store.dataflows_page(caller.sandbox_id, limit, cursor)
    return DataflowList(items=[_view(caller, flow) for flow in flows], next_cursor=next_cursor)


def list_runs(caller: Caller, dataflow_id: str, limit: int, cursor: str | None) -> RunList:
    """The dataflow's runs, newest first."""
    runs, next_cursor = dataflows_runs.runs_page(_load(caller, dataflow_id).dataflow_id, limit, cursor)
    return RunList(items=[_run_view(run) for run in runs], next_cursor=next_cursor)


def population(caller: Caller, dataflow_id: str) -> PopulationView:
    """Why the shared count differs from the segments' members."""

    return dataflows_population.population(_load(caller, dataflow_id).dataflow_id)


def pause(caller: Caller, dataflow_id: str) -> DataflowView:
    """Let nothing new through; what leaves still leaves."""
    return _move(caller, dataflow_id, "pause", "dataflow.paused")


def resume(caller: Caller, dataflow_id: str) -> DataflowView:
    """End a pause; what was held back follows."""
    return _move(caller, dataflow_id, "resume", "dataflow.resumed")


def _load(caller: Caller, dataflow_id: str) -> Dataflow:
    flow = store.dataflow_of(caller.sandbox_id, dataflow_id)
    if flow is None:
        raise NotFound("no such dataflow")
    return flow


def _move(caller: Caller, dataflow_id: str, action: rules.DataflowAction, event_type: str) -> DataflowView:
    flow = _load(caller, dataflow_id)
    if flow.source.sandbox_id != caller.sandbox_id:
        problem = "only the source can pause or resume a dataflow; the target disables its received feed"
        raise Conflict(problem, current=flow.status, direction="incoming")
    status = rules.DATAFLOW_TRANSITIONS[action].get(flow.status)
    if status is None:
        raise Conflict(f"cannot {action} this dataflow: it is {flow.status}", current=flow.status)
    new = replace(flow, status=status, updated_at=clock.to_text(clock.now()))
    runs = [dataflows_runs.new_run(dataflow_id, event_type)] if action == "resume" else []
    partner, detail = Actor.partner(caller.on.organization_name), {"name": flow.feed_name}
    events = [
        Event(flow.source.sandbox_id, event_type, Actor.of(caller), dataflow_id, detail),
        Event(flow.target.sandbox_id, event_type, partner, dataflow_id, detail),
    ]
    try:
        commit([*store.put_dataflow(new, over=flow), *map(outbox.outbox_entry, runs)], events)
    except ConditionFailed as failed:
        current = _load(caller, dataflow_id).status
        raise Conflict("the dataflow was changed at the same time; read it again", current=current) from failed
    for run in runs:
        outbox.dispatch(run)
    return get(caller, dataflow_id)


def _view(caller: Caller, flow: Dataflow) -> DataflowView:
    outgoing = flow.source.sandbox_id == caller.sandbox_id
    partner = flow.target if outgoing else flow.source
    return DataflowView(
        dataflow_id=flow.dataflow_id,
        direction="outgoing" if outgoing else "incoming",
        status=flow.status,
        partner=Partner(organization_name=partner.organization_name, sandbox_name=partner.sandbox_name),
        connection_id=flow.connection_id,
        feed_id=flow.feed_id,
        feed_name=flow.feed_name,
        received_feed_id=flow.received_feed_id,
        segment_ids=list(flow.segment_ids),
        created_at=flow.created_at,
        updated_at=flow.updated_at,
        version=flow.revision,
    )


def _run_view(run: Run) -> RunView:
    counts = run.counts
    excluded = {name.removeprefix(_EXCLUDED): count for name, count in counts.items() if name.startswith(_EXCLUDED)}
    return RunView(
        run_id=run.run_id,
        status=run.status,
        reason=run.reason,
        failure=run.failure,
        started_at=run.started_at,
        completed_at=run.completed_at,
        progress=Progress(done=run.total - len(run.outstanding), total=run.total),
        profiles_received=counts.get("profilesReceived", 0),
        identities_activated=counts.get("identitiesActivated", 0),
        identities_excluded=Excluded(by_reason=excluded),
        identities_failed=counts.get("identitiesFailed", 0),
        realized=counts.get("realized", 0),
        exited=counts.get("exited", 0),
    )
