"""Segments are given to a destination, or no longer (docs/destinations.md, Activation).

Every change is written with the run that carries it out.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import batched
from typing import Literal

from handfast.access.service import require
from handfast.dataflows import outbox, runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow, Run
from handfast.destinations import mapping, naming, rules, service, store, target
from handfast.destinations.models import PER_DESTINATION, Activation, Checked, Destination
from handfast.destinations.wire import (
    ActivatedSegmentView,
    ActivationList,
    ActivationView,
    CreateActivation,
    DestinationExplanation,
    ExplainDestination,
    ExplainedActivation,
    MappedAttributeView,
    MappedIdentityView,
    PatchActivation,
)
from handfast.feeds import received_segments
from handfast.governance.policies import resolutions
from handfast.identity.namespaces import namespace_of
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.partners.models import PartnerRef
from handfast.platform import clock, table
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, lost_condition_is
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.platform.table import ConditionFailed, Write
from handfast.segments import refusing
from handfast.segments import store as segments
from handfast.segments.models import ViolationView

type Members = Literal["exit", "keep"]
"""What becomes of the members that a destination has when it is given no more."""

_LEAVE = "leave the segment out"
"""How what is forbidden is not done."""
_USES = 50
"""Segments of which it is noted, in one transaction, that they are in use."""


def create(caller: Caller, destination_id: str, body: CreateActivation) -> ActivationView:
    """Give segments to a destination; all of their members are what its dataflow gives first.

    Raises NotFound for an unknown destination, Forbidden without the permissions to see profiles and segments, Refused
    with a pointer to each segment, identity or attribute that cannot be used, and with `violations` when a policy
    or a partner's terms forbid one, Conflict for a destination that is being deleted, has as many as it may, or is
    changed at once.
    """
    destination, checked = new(caller, destination_id, body)
    _refuse(caller, destination, [each.segment_id for each in checked.segments])
    now = clock.now_text()
    made = Activation(
        sandbox_id=caller.sandbox_id,
        destination_id=destination_id,
        activation_id=new_id("act"),
        dataflow_id=new_id("flow"),
        status="active",
        segments=checked.segments,
        mapping=checked.mapping,
        attributes=checked.attributes,
        created_at=now,
        updated_at=now,
    )
    flow = Dataflow(
        dataflow_id=made.dataflow_id,
        source=PartnerRef.of(caller.on),
        target=target.target(destination, made.activation_id, service.actions(destination)),
        name=destination.name,
        status="active",
        segment_ids=tuple(each.segment_id for each in made.current),
        created_at=now,
        updated_at=now,
    )
    writes = [store.put_activation(made, over=None), *dataflows.put_dataflow(flow, over=None)]
    run = runs.new_run(made.dataflow_id, "destination.activated")
    _write(caller, destination, made, None, writes, "activated", run)
    return view(made, destination)


def new(caller: Caller, destination_id: str, body: CreateActivation) -> tuple[Destination, Checked]:
    """The destination, and what is asked for it, checked; raises as `create` does, but for policies."""
    for permission in ("profiles:read", "segments:read"):
        require(caller, permission)
    destination = _open(caller, destination_id)
    if len(store.activations(caller.sandbox_id, destination_id)) >= PER_DESTINATION:
        raise Conflict(f"a destination has at most {PER_DESTINATION} activations", current="too_many")
    checked = Checked(
        mapping.segments(destination, body.segments, clock.now_text()),
        mapping.identities(caller, destination, body.mapping),
        mapping.attributes(destination, body.attributes),
    )
    return destination, checked


def _open(caller: Caller, destination_id: str) -> Destination:
    destination = service.load(caller, destination_id)
    if destination.status == "deleting":
        raise Conflict("the destination is being deleted", current="deleting")
    return destination


def refuse(of: Destination, segment_ids: Sequence[str]) -> None:
    """Raise Refused, with `violations`, when policies or terms forbid giving one of the segments to the destination."""
    usable = received_segments.usable(of.sandbox_id, segment_ids)
    refusing.refuse(mapping.violations(of, usable, service.actions(of)), "giving the destination", _LEAVE)


def _refuse(caller: Caller, of: Destination, segment_ids: Sequence[str]) -> None:
    """`refuse`, and record it."""
    try:
        refuse(of, segment_ids)
    except Refused as refused:
        detail = {"name": of.name, "violations": refused.members["violations"]}
        commit([], [Event(caller.sandbox_id, "policy.violated", Actor.of(caller), of.destination_id, detail)])
        raise


def _write(
    caller: Caller,
    destination: Destination,
    made: Activation,
    old: Activation | None,
    writes: Sequence[Write],
    what: str,
    run: Run,
) -> None:
    """Write an activation with its run, and what it means for its segments and its next day.

    The destination is written as well: of two activations at once, one would not know the other's segments.
    """
    added, taken = _difference(old, made)
    # Received ones go when they are not received any more, whoever uses them.
    own = segments.segments_each(made.sandbox_id, added)
    uses = [segments.use(made.sandbox_id, name, made.activation_id) for name in own]
    boundary = rules.next_boundary(made, clock.now(), caller.on.time_zone)
    due = store.look_at(made, clock.to_text(boundary) if boundary else None)
    detail = {"name": destination.name, "activationId": made.activation_id, "dataflowId": made.dataflow_id}
    event = Event(caller.sandbox_id, f"destination.{what}", Actor.of(caller), made.destination_id, detail)
    changed = Conflict("the destination or a segment was changed at the same time; try again", current="changed")
    with lost_condition_is(changed):
        outbox.commit([*writes, store.put(destination, over=destination), due, *uses[:_USES]], [event], [run])
    # A segment that is deleted before its use is noted is in no run any more, as any that is gone.
    for part in batched(uses[_USES:], _USES, strict=False):
        with suppress(ConditionFailed):
            table.transact(list(part))
    release(made, taken)


def _difference(old: Activation | None, made: Activation) -> tuple[list[str], list[str]]:
    before = {each.segment_id for each in (old.current if old else ())}
    after = {each.segment_id for each in made.current}
    return sorted(after - before), sorted(before - after)


def release(of: Activation, segment_ids: Sequence[str]) -> None:
    """Let segments be deleted as far as this activation goes; safe to repeat."""
    for name in segment_ids:
        with suppress(ConditionFailed):  # it is gone, or received
            table.apply(segments.release(of.sandbox_id, name, of.activation_id))


def list_activations(caller: Caller, destination_id: str, limit: int, cursor: str | None) -> ActivationList:
    """What is activated to a destination, newest first.

    Raises NotFound for an unknown destination, Malformed for a cursor of another list.
    """
    destination = service.load(caller, destination_id)
    found, more = store.activations_page(caller.sandbox_id, destination_id, limit, cursor)
    names = _names(caller.sandbox_id, found)
    return ActivationList(items=[_view(each, destination, names) for each in found], next_cursor=more)


def get(caller: Caller, destination_id: str, activation_id: str) -> ActivationView:
    """One activation.

    Raises NotFound for an unknown one.
    """
    found = _load(caller, destination_id, activation_id)
    return view(found, service.load(caller, destination_id))


def _load(caller: Caller, destination_id: str, activation_id: str) -> Activation:
    found = store.activation(caller.sandbox_id, destination_id, activation_id)
    if found is None:
        raise NotFound("no such activation of this destination")
    return found


def _active(caller: Caller, destination_id: str, activation_id: str) -> Activation:
    old = _load(caller, destination_id, activation_id)
    if old.status != "active":
        raise Conflict("the activation is being deleted", current=old.status)
    return old


def update(
    caller: Caller, destination_id: str, activation_id: str, body: PatchActivation, if_match: Versions
) -> ActivationView:
    """Change what is activated: added segments follow, those that are left out leave with their members.

    Raises NotFound for an unknown activation, Stale when it is no longer the version in If-Match, Conflict for one
    that is being deleted or is changed at once, Refused and Forbidden as `create` does.
    """
    destination, old, made = changed(caller, destination_id, activation_id, body, if_match)
    _refuse(caller, destination, added(old, made))
    flow = flow_of(old)
    segment_ids = tuple(each.segment_id for each in made.current)
    flow_writes = dataflows.put_dataflow(replace(flow, segment_ids=segment_ids, updated_at=made.updated_at), over=flow)
    run = runs.new_run(old.dataflow_id, "destination.activation_changed")
    writes = [store.put_activation(made, over=old), *flow_writes]
    _write(caller, destination, made, old, writes, "activation_changed", run)
    return view(replace(made, revision=old.revision + 1), destination)


def changed(
    caller: Caller, destination_id: str, activation_id: str, body: PatchActivation, if_match: Versions
) -> tuple[Destination, Activation, Activation]:
    """The destination, and an activation as it is and as a change makes it; raises as `update` does, but for policies
    and what is changed at once.
    """
    for permission in ("profiles:read", "segments:read"):
        require(caller, permission)
    destination = _open(caller, destination_id)
    old = _active(caller, destination_id, activation_id)
    check_version(if_match, old.revision, "activation")
    now, named = clock.now_text(), body.model_fields_set
    made = replace(
        old,
        segments=mapping.segments(destination, body.segments, now, old) if "segments" in named else old.segments,
        mapping=mapping.identities(caller, destination, body.mapping, old.mapping)
        if "mapping" in named
        else old.mapping,
        attributes=mapping.attributes(destination, body.attributes) if "attributes" in named else old.attributes,
        updated_at=now,
    )
    return destination, old, made


def added(old: Activation, made: Activation) -> list[str]:
    """The segments that a change adds to an activation."""
    return _difference(old, made)[0]


def flow_of(of: Activation) -> Dataflow:
    """The dataflow that carries an activation."""
    found = dataflows.dataflow(of.dataflow_id)
    if found is None:
        raise LookupError(f"no dataflow {of.dataflow_id}")
    return found


def delete(
    caller: Caller, destination_id: str, activation_id: str, members: Members, if_match: Versions
) -> ActivationView:
    """Give a destination no more of what is activated; its members leave, or are left there.

    Raises NotFound for an unknown activation, Stale when it is no longer the version in If-Match, Conflict for one
    that is being deleted already or is changed at once.
    """
    destination = service.load(caller, destination_id)
    old = _active(caller, destination_id, activation_id)
    check_version(if_match, old.revision, "activation")
    made, writes, run = ending(old, members)
    now_ending = [*writes, store.end(destination, clock.now_text())]
    _write(caller, destination, replace(made, segments=()), None, now_ending, "deactivated", run)
    return view(replace(made, revision=old.revision + 1), destination)


def ending(old: Activation, members: Members) -> tuple[Activation, list[Write], Run]:
    """An activation as it ends, with the writes of that and the run that carries it out."""
    now, flow = clock.now_text(), flow_of(old)
    made = replace(old, status="ending", keeps_members=members == "keep", updated_at=now)
    closed = replace(target.keeping(flow, now) if made.keeps_members else flow, status="closing", updated_at=now)
    closing = dataflows.put_dataflow(closed, over=flow)
    return (
        made,
        [store.put_activation(made, over=old), *closing],
        runs.new_run(old.dataflow_id, "destination.deactivated"),
    )


def backfill(caller: Caller, dataflow_id: str) -> Run:
    """Have all that a destination was given sent to it once more; returns the run.

    Raises NotFound for an unknown dataflow, Conflict for one to a partner, one that ends, and when it is changed at
    once.
    """
    flow = dataflows.dataflow_of(caller.sandbox_id, dataflow_id)
    if flow is None:
        raise NotFound("no such dataflow")
    if flow.target.kind != target.KIND:
        raise Conflict("only what is given to a destination is sent again", current=flow.status, direction="outgoing")
    about = flow.target.about
    old = _active(caller, about["destinationId"], about["activationId"])
    destination = service.load(caller, old.destination_id)
    made = replace(old, backfill_asked_at=clock.now_text())
    run = runs.new_run(dataflow_id, "backfill")
    _write(caller, destination, made, old, [store.put_activation(made, over=old)], "backfill_asked", run)
    return run


def explain(caller: Caller, destination_id: str, body: ExplainDestination) -> DestinationExplanation:
    """For each segment that is activated, and those asked about, whether policies and terms allow it and what would
    help.

    Raises NotFound for an unknown destination, Refused for segments that the sandbox neither has nor receives.
    """
    destination = service.load(caller, destination_id)
    activated = [
        each.segment_id for made in store.activations(caller.sandbox_id, destination_id) for each in made.current
    ]
    names = [*dict.fromkeys([*activated, *body.segment_ids])]
    usable = received_segments.usable(caller.sandbox_id, names)
    found = mapping.violations(destination, usable, service.actions(destination))
    lost = {name: usable[name].lost if name in usable else [name] for name in names}
    missing = [index for index, name in enumerate(body.segment_ids) if name not in {*usable, *activated}]
    if missing:
        errors = [{"pointer": f"/segmentIds/{index}", "message": "no such segment"} for index in missing]
        raise Refused("some segments are unknown; see errors", reason="validation", errors=errors)
    return DestinationExplanation(
        items=[
            ExplainedActivation(
                destination_id=destination_id,
                segment_id=name,
                segment_name=usable[name].segment.name if name in usable else None,
                allowed=not (forbidden or lost[name]),
                violations=list(map(ViolationView.of, forbidden)),
                lost_segment_ids=lost[name],
                resolve=[*(f"have {each} received again" for each in lost[name]), *resolutions(forbidden, _LEAVE)],
            )
            for name, forbidden in ((name, found.get(name, [])) for name in names)
        ]
    )


def view(of: Activation, destination: Destination) -> ActivationView:
    """An activation as it is answered."""
    return _view(of, destination, _names(of.sandbox_id, [of]))


def _names(sandbox_id: str, found: Sequence[Activation]) -> dict[str, str]:
    return naming.names(sandbox_id, (each.segment_id for made in found for each in made.current), found)


def _view(of: Activation, destination: Destination, names: Mapping[str, str]) -> ActivationView:
    return ActivationView(
        activation_id=of.activation_id,
        destination_id=of.destination_id,
        destination_name=destination.name,
        dataflow_id=of.dataflow_id,
        status=of.status,
        segments=[
            ActivatedSegmentView(
                segment_id=each.segment_id,
                name=names.get(each.segment_id),
                mapping_id=each.mapping_id,
                start_date=each.start_date,
                end_date=each.end_date,
            )
            for each in of.current
        ],
        mapping=[
            MappedIdentityView(
                source=namespace_of(each.code).symbol,
                target=each.target,
                apply_transformation=each.apply_transformation,
            )
            for each in of.mapping
        ],
        attributes=[MappedAttributeView(source=source, target=path) for source, path in of.attributes.items()],
        backfill_asked_at=of.backfill_asked_at,
        created_at=of.created_at,
        updated_at=of.updated_at,
        version=of.revision,
    )
