"""What of destinations comes due by itself, or ends: the days of segments, and what is deleted.

A destination keeps its secrets until its members have left, which takes as long as it is not reached.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from handfast.dataflows import outbox, runs
from handfast.dataflows import store as dataflows
from handfast.destinations import activating, rules, service, store, waking
from handfast.destinations.activating import Members
from handfast.destinations.models import Activation, Destination, Ending
from handfast.destinations.target import keeping, source_of
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.platform import clock, table
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import Conflict
from handfast.platform.table import ConditionFailed, Write

type IsDelivered = Callable[[str], bool]
"""Whether a destination has been told of all that a dataflow, by its id, has to tell it."""
type Forget = Callable[[str], None]
"""Removes what delivery keeps of a dataflow, by its id."""


def delete(caller: Caller, destination_id: str, members: Members, if_match: Versions) -> None:
    """Delete a destination: its members leave, or are left there, and then it is gone, with its secrets.

    One that is being deleted and is not reached any more may be given up: `keep` leaves there whoever is still there.
    Raises NotFound for an unknown destination, Stale when it is no longer the version in If-Match, Conflict for one
    that is being deleted already, TooManyRequests when it changes too fast.
    """

    def attempt() -> None:
        old = service.load(caller, destination_id)
        check_version(if_match, old.revision, "destination")
        if old.status != "deleting":
            _delete(caller, old, members)
        elif members == "keep":
            _give_up(caller, old)
        else:
            raise Conflict("the destination is being deleted", current="deleting")

    until_written("destination", attempt)


def _delete(caller: Caller, old: Destination, members: Members) -> None:
    found = store.activations(old.sandbox_id, old.destination_id)
    ends = [activating.ending(each, members) for each in found if each.status == "active"]
    now = clock.now_text()
    deleting = replace(old, status="deleting", updated_at=now)
    writes = [write for _, part, _ in ends for write in part]
    detail = {"name": old.name, "destinationType": old.type, "members": members}
    event = Event(caller.sandbox_id, "destination.deleted", Actor.of(caller), old.destination_id, detail)
    outbox.commit([store.put(deleting, over=old), store.end(old, now), *writes], [event], [run for _, _, run in ends])
    if not found:
        _finish(Ending(old.sandbox_id, old.destination_id, now), lambda _: True, lambda _: None)


def _give_up(caller: Caller, old: Destination) -> None:
    """Have nobody of a destination that is being deleted told to go any more."""
    leaving = [each for each in store.activations(old.sandbox_id, old.destination_id) if not each.keeps_members]
    now = clock.now_text()
    writes = [write for each in leaving for write in _given_up(each, now)]
    detail = {"name": old.name, "destinationType": old.type, "members": "keep"}
    event = Event(caller.sandbox_id, "destination.deleted", Actor.of(caller), old.destination_id, detail)
    commit([store.put(replace(old, updated_at=now), over=old), *writes], [event])
    for each in leaving:
        waking.hasten(each.dataflow_id)


def _given_up(old: Activation, now: str) -> list[Write]:
    flow = dataflows.dataflow(old.dataflow_id)
    # Who left before may not have been told to go either.
    kept = dataflows.put_dataflow(keeping(flow, old.created_at), over=flow) if flow else []
    return [store.put_activation(replace(old, keeps_members=True, updated_at=now), over=old), *kept]


def finish_ended(is_delivered: IsDelivered, forget: Forget) -> None:
    """Remove what has ended and left nothing to be told to its destination; the sweep calls it."""
    for what in store.endings():
        _finish(what, is_delivered, forget)


def _finish(what: Ending, is_delivered: IsDelivered, forget: Forget) -> None:
    found = store.activations(what.sandbox_id, what.destination_id)
    left = [each for each in found if not (each.status == "ending" and _has_ended(each, is_delivered))]
    for each in found:
        if each not in left:
            activating.release(each, [segment.segment_id for segment in each.segments])
            forget(each.dataflow_id)
            commit([store.remove_activation(each), store.look_at(each, None)], [])
    destination = store.destination(what.sandbox_id, what.destination_id)
    if destination is not None and destination.status == "deleting" and not left:
        store.delete_secrets(destination)
        store.clear(destination.destination_id)
        table.transact(store.remove(destination))
    elif not any(each.status == "ending" for each in left):
        with suppress(ConditionFailed):  # something else has begun to end
            table.apply(store.ended(what))


def _has_ended(of: Activation, is_delivered: IsDelivered) -> bool:
    flow = dataflows.dataflow(of.dataflow_id)
    if flow is None:
        return True
    if flow.status != "closed":
        return False
    # A worker that is at a span writes what it has delivered, until it has seen that nobody is told any more.
    return not waking.is_awake(of.dataflow_id) if of.keeps_members else is_delivered(of.dataflow_id)


def begin_dated() -> None:
    """Begin a run of each activation of which a segment has begun or ended by its days; the sweep calls it."""
    for look in store.looks_due(clock.now_text()):
        found = store.activation(look.sandbox_id, look.destination_id, look.activation_id)
        flow = dataflows.dataflow(found.dataflow_id) if found else None
        if found is None or flow is None or found.status != "active":
            with suppress(ConditionFailed):
                table.apply(store.forget_look(look))
            continue
        boundary = rules.next_boundary(found, clock.now(), source_of(flow).time_zone)
        writes: list[Write] = [store.look_at(found, clock.to_text(boundary) if boundary else None)]
        outbox.commit(writes, [], [runs.new_run(found.dataflow_id, "activation.dated")])
