"""What somebody does by hand for a request, here or at a system outside; its proof is who has said so, when, and how.

A correction here, a limit of other uses, a deletion at a system that has no call for it: no program does it.
"""

from handfast.journal.models import Actor, Caller
from handfast.platform import clock
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, Refused
from handfast.privacy_requests import reading, recipient_store, rules, store, subject_store, task_rules, task_store
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.views import view
from handfast.privacy_requests.wire import DoneByHand, PrivacyRequestView


def complete(caller: Caller, privacy_request_id: str, body: DoneByHand) -> PrivacyRequestView:
    """Note that what a request needs was done by hand: here, or at the connector or destination that `body` names.

    Raises NotFound for an unknown request, Refused for a system it has nothing to do with, Conflict where nothing
    is to be done by hand, or when the request was changed at the same time.
    """
    old = reading.load(caller, privacy_request_id)
    actor = Actor.of(caller)
    if body.connector_id:
        step = _at_system(old, actor, body.note, body.connector_id)
    elif body.destination_id:
        step = _at_destination(old, actor, body.note, body.destination_id)
    else:
        step = _here(old, actor, body.note)
    with lost_condition_is(Conflict("the request was changed at the same time; read it again", current="changed")):
        (written,) = store.save(step)
    place = written.sandbox_id, written.privacy_request_id
    if written.status not in rules.OPEN and not rules.repeatable(
        written, recipient_store.recipients(*place), task_store.tasks(*place)
    ):
        subject_store.delete(*place)
    if written.stage != old.stage:
        store.wake(caller.sandbox_id)
    return view(written)


def _here(old: PrivacyRequest, actor: Actor, note: str) -> Step:
    if not (rules.by_hand(old.type) and rules.awaits_hand(old)):
        raise Conflict("nothing of it is to be done by hand here now", current=old.status)
    new = rules.with_stage(old, "manual_task", "done", clock.now_text(), {"note": note})
    return Step(old, new, "done_by_hand", actor, {"note": note})


def _at_system(old: PrivacyRequest, actor: Actor, note: str, connector_id: str) -> Step:
    task = task_store.task(old.sandbox_id, old.privacy_request_id, connector_id)
    if task is None:
        raise Refused("the request has nothing to do with this connector", pointer="/connectorId", reason="validation")
    if not task.status.ended or not task_rules.gaps(task):
        raise Conflict("the system is still at it, or has confirmed", current=str(task.status))
    done = task_rules.done_by_hand(task, note, clock.now())
    outside = task_store.tasks(old.sandbox_id, old.privacy_request_id)
    others = [other for other in outside if other.connector_id != connector_id]
    new = rules.answered(old, recipient_store.recipients(old.sandbox_id, old.privacy_request_id), [*others, done])
    detail: dict[str, object] = {"connector": done.name, "connectorStatus": str(done.status), "note": note}
    writes = task_store.put(old.sandbox_id, old.privacy_request_id, task, done)
    return Step(old, new, "done_by_hand", actor, detail, more=writes)


def _at_destination(old: PrivacyRequest, actor: Actor, note: str, destination_id: str) -> Step:
    place = (old.sandbox_id, old.privacy_request_id)
    recipients = recipient_store.recipients(*place)
    own = [each for each in recipients if each.destination and each.destination.destination_id == destination_id]
    if not own:
        detail = "the request has nothing to do with this destination"
        raise Refused(detail, pointer="/destinationId", reason="validation")
    ended = [each for each in own if rules.is_gap(each) and each.status not in {"pending", "sent"}]
    if not ended:
        raise Conflict("the destination is still at it, or has confirmed", current=str(own[0].status))
    done = [rules.done_by_hand(each, note, clock.now_text()) for each in ended]
    others = [each for each in recipients if each not in ended]
    new = rules.answered(old, [*others, *done], task_store.tasks(*place))
    detail_of: dict[str, object] = {"recipient": done[0].name, "recipientStatus": done[0].status, "note": note}
    writes = [write for each in done for write in recipient_store.put_recipient(*place, each)]
    return Step(old, new, "done_by_hand", actor, detail_of, more=tuple(writes))
