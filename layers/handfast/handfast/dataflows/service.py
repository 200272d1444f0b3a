"""Dataflows and their runs, as both sides see them; the source may pause them (docs/api.md, Feeds)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from handfast.access.service import require
from handfast.dataflows import holding, holds, outbox, rules, store, targets
from handfast.dataflows import population as dataflows_population
from handfast.dataflows import runs as dataflows_runs
from handfast.dataflows.models import (
    Dataflow,
    DataflowView,
    Excluded,
    HoldDecision,
    PopulationView,
    ReleasePreview,
    Run,
    RunList,
    RunView,
    named,
)
from handfast.journal import hourly
from handfast.journal.models import Actor, Caller, Event
from handfast.matching.models import JOINT_REASONS
from handfast.partners import other_side
from handfast.platform import clock
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, NotFound
from handfast.platform.table import ConditionFailed
from handfast.platform.wanted import Wanted, by_name
from handfast.platform.wire import Progress

_EXCLUDED = "excluded."


def get(caller: Caller, dataflow_id: str) -> DataflowView:
    """One dataflow of the caller's side.

    Raises NotFound for an unknown dataflow.
    """
    flow = _load(caller, dataflow_id)
    return _view(caller, flow, holds.decision(dataflow_id), targets.segment_names([flow], caller.sandbox_id))


def list_dataflows(
    caller: Caller, wanted: Wanted, limit: int, cursor: str | None
) -> tuple[list[DataflowView], str | None]:
    """A page of the dataflows from and to the sandbox, newest first unless something else is wanted, and the next
    cursor.

    Raises Malformed for a cursor of another list, Refused for one that is too long to be sorted.
    """
    selection = wanted.selection(
        lambda each: (each.name, *_partner_names(each, caller.sandbox_id)),
        {
            "status": lambda each: each.status,
            "direction": lambda each: _direction(each, caller.sandbox_id),
            "connectionId": lambda each: each.target.about.get("connectionId"),
            "destinationId": lambda each: each.target.about.get("destinationId"),
        },
        {"name": lambda each: by_name(each.name), "updated": lambda each: each.updated_at},
    )
    flows, next_cursor = store.dataflows_page(caller.sandbox_id, limit, cursor, selection)
    decided = holds.decisions(flow.dataflow_id for flow in flows)
    names = targets.segment_names(flows, caller.sandbox_id)
    return [_view(caller, flow, decided.get(flow.dataflow_id), names) for flow in flows], next_cursor


def _direction(flow: Dataflow, sandbox_id: str) -> Literal["outgoing", "incoming"]:
    return "outgoing" if flow.source.is_sandbox(sandbox_id) else "incoming"


def _partner_names(flow: Dataflow, sandbox_id: str) -> tuple[str, ...]:
    partner = flow.target.partner if flow.source.is_sandbox(sandbox_id) else flow.source
    return (partner.organization_name, partner.sandbox_name) if partner else ()


def list_runs(caller: Caller, dataflow_id: str, limit: int, cursor: str | None) -> RunList:
    """The dataflow's runs, newest first.

    Raises NotFound for an unknown dataflow, Malformed for a cursor of another list.
    """
    flow = _load(caller, dataflow_id)
    runs, next_cursor = dataflows_runs.runs_page(dataflow_id, limit, cursor)
    is_source, is_alone = flow.source.is_sandbox(caller.sandbox_id), flow.target.partner is None
    shows_joint, shows_own = (
        is_alone or not is_source,
        is_source or targets.kind_of(flow).shows_steps(flow, caller.sandbox_id),
    )
    views = [run_view(run, shows_joint=shows_joint, shows_own=shows_own) for run in runs]
    return RunList(items=views, next_cursor=next_cursor)


def population(caller: Caller, dataflow_id: str) -> PopulationView:
    """Why the shared count differs from the segments' members, as far as the caller's side is told.

    Raises NotFound for an unknown dataflow.
    """
    flow = _load(caller, dataflow_id)
    is_source = flow.source.is_sandbox(caller.sandbox_id)
    # Which identities are one person is the source's knowledge: the target sees identities alone.
    answer = (
        dataflows_population.for_source(caller, flow) if is_source else dataflows_population.for_target(caller, flow)
    )
    events = [Event(caller.sandbox_id, "dataflow.population_read", Actor.of(caller), dataflow_id, {"name": flow.name})]
    if (partner := flow.target.partner if is_source else flow.source) is not None:
        events.append(
            other_side.event(partner, "dataflow.population_read", caller.on, dataflow_id, {"name": flow.name})
        )
    hourly.count(events)
    return answer


def pause(caller: Caller, dataflow_id: str) -> DataflowView:
    """Let nothing new through; what leaves still leaves.

    Raises NotFound for an unknown dataflow, Forbidden for one to a destination without the right to activate, Conflict
    for the target's side, for a dataflow that is not active, and when it is changed at the same time.
    """
    return _move(caller, dataflow_id, "pause", "dataflow.paused")


def resume(caller: Caller, dataflow_id: str) -> DataflowView:
    """End a pause; what was held back follows.

    Raises NotFound for an unknown dataflow, Forbidden for one to a destination without the right to activate, Conflict
    for the target's side, for a dataflow that is not paused, and when it is changed at the same time.
    """
    return _move(caller, dataflow_id, "resume", "dataflow.resumed")


def preview_release(caller: Caller, dataflow_id: str) -> ReleasePreview:
    """What a release would let pass.

    Raises NotFound for an unknown dataflow, Conflict for the target's side and where no guard holds anything back.
    """
    return holding.preview_release(caller, dataflow_id)


def release(caller: Caller, dataflow_id: str) -> DataflowView:
    """Let pass what the source's guards hold back of a dataflow.

    Raises NotFound for an unknown dataflow, Conflict for the target's side, where no guard holds anything back, and
    when it is decided on at the same time.
    """
    holding.release(caller, dataflow_id)
    return get(caller, dataflow_id)


def _load(caller: Caller, dataflow_id: str) -> Dataflow:
    flow = store.dataflow_of(caller.sandbox_id, dataflow_id)
    if flow is None:
        raise NotFound("no such dataflow")
    return flow


def _move(caller: Caller, dataflow_id: str, action: rules.DataflowAction, event_type: str) -> DataflowView:
    flow = _load(caller, dataflow_id)
    if flow.target.partner is None:
        require(caller, "destinations:activate")
    if not flow.source.is_sandbox(caller.sandbox_id):
        problem = "only the source can pause or resume a dataflow; the target disables what it receives"
        raise Conflict(problem, current=flow.status, direction="incoming")
    status = rules.DATAFLOW_TRANSITIONS[action].get(flow.status)
    if status is None:
        raise Conflict(f"cannot {action} this dataflow: it is {flow.status}", current=flow.status)
    new = replace(flow, status=status, updated_at=clock.now_text())
    runs = [dataflows_runs.new_run(dataflow_id, event_type)] if action == "resume" else []
    detail, partner = {"name": flow.name}, flow.target.partner
    events = [Event(caller.sandbox_id, event_type, Actor.of(caller), dataflow_id, detail)]
    if partner is not None:
        events.append(other_side.event(partner, event_type, caller.on, dataflow_id, detail))

    def changed(_: ConditionFailed) -> Conflict:
        return Conflict(
            "the dataflow was changed at the same time; read it again", current=_load(caller, dataflow_id).status
        )

    with lost_condition_is(changed):
        outbox.commit(store.put_dataflow(new, over=flow), events, runs)
    return get(caller, dataflow_id)


def _view(caller: Caller, flow: Dataflow, decided: HoldDecision | None, names: Mapping[str, str]) -> DataflowView:
    common = DataflowView(
        dataflow_id=flow.dataflow_id,
        direction=_direction(flow, caller.sandbox_id),
        status=flow.status,
        segment_ids=list(flow.segment_ids),
        segments=named(flow.segment_ids, names),
        held=holding.view(decided, is_source=flow.source.is_sandbox(caller.sandbox_id)),
        created_at=flow.created_at,
        updated_at=flow.updated_at,
        version=flow.revision,
    )
    return targets.kind_of(flow).view(flow, common)


def run_view(run: Run, *, shows_joint: bool = True, shows_own: bool = True) -> RunView:
    """A run with what depends on both sides' people, with what depends on the source's alone, or with both."""
    counts = run.counts
    hidden = frozenset[str]() if shows_joint else JOINT_REASONS
    excluded = {
        reason: count
        for name, count in counts.items()
        if name.startswith(_EXCLUDED) and (reason := name.removeprefix(_EXCLUDED)) not in hidden
    }
    return RunView(
        run_id=run.run_id,
        status=run.status,
        reason=run.reason,
        failure=run.failure,
        started_at=run.started_at,
        completed_at=run.completed_at,
        as_of=run.completed_at,
        table_version=run.ledger_version if shows_joint else None,
        progress=Progress(done=run.total - len(run.outstanding), total=run.total),
        profiles_received=counts.get("profilesReceived", 0) if shows_own else None,
        identities_activated=counts.get("identitiesActivated", 0) if shows_joint else None,
        identities_excluded=Excluded(by_reason=excluded) if shows_own else None,
        identities_failed=counts.get("identitiesFailed", 0),
        realized=counts.get("realized", 0) if shows_joint else None,
        exited=counts.get("exited", 0) if shows_joint else None,
    )
