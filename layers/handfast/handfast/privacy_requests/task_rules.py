"""How a task goes on: pauses, ends, and what a retry needs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from handfast.connectors.contract import ConnectorError, Reference, State, Status
from handfast.identity.free_text import PlainName
from handfast.platform import clock
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.task_models import ConnectorTask, Deletion, DeletionPart, Opposite

SEND_FOR = timedelta(days=7)
"""How long a system that cannot be reached is tried."""
ASK_FOR = timedelta(days=45)
"""How long a system that has taken a deletion is asked about it; Segment means to be done after 30 days."""
KEPT_FOR = timedelta(days=30)
"""How long a failed task can be repeated: what that needs is forgotten then."""
_LONGEST_PAUSE = timedelta(hours=1)
_SHORTEST_PAUSE = timedelta(seconds=2)
_PARTS = 100
_NAME = 200
_ANSWERED = frozenset({Status.CONFIRMED, Status.ABSENT})
_DONE = _ANSWERED | {Status.SUPERSEDED}
_NAMED = 10
_PART_NAME: TypeAdapter[str] = TypeAdapter(PlainName)
_REPEATABLE = frozenset({Status.FAILED, Status.REFUSED})
# What is still open wins, then what went wrong.
_RANKED = (
    Status.PENDING,
    Status.SENT,
    Status.FAILED,
    Status.REFUSED,
    Status.NOT_SUPPORTED,
    Status.SUPERSEDED,
    Status.CONFIRMED,
    Status.ABSENT,
)
_SUPERSEDED = "a later request of the same person has the system do the opposite"
_UNDONE = {Status.SUPERSEDED: _SUPERSEDED, Status.CONFIRMED: ""}
_HELD = "an earlier request of the same person, which has the system do the opposite, comes first"


def begun(connector_id: str, name: str, now: datetime) -> ConnectorTask:
    """A task that is to be done now."""
    at = clock.to_text(now)
    return ConnectorTask(connector_id, name, Status.PENDING, began_at=at, next_at=at)


def left_to_hand(connector_id: str, name: str, now: datetime) -> ConnectorTask:
    """A task that no call does: a gap until somebody has done it there and says so."""
    detail = "it has no call for this: do it there by hand, and complete it with a note"
    return ended(begun(connector_id, name, now), Status.NOT_SUPPORTED, detail, now)


def done_by_hand(old: ConnectorTask, note: str, now: datetime) -> ConnectorTask:
    """A task that had ended as a gap, as done by somebody at the system, with all systems behind it."""
    return replace(
        old,
        status=Status.CONFIRMED,
        detail=f"done by hand: {note}",
        next_at=None,
        deletions=(),
        confirmed_at=clock.to_text(now),
    )


def again(old: ConnectorTask, now: datetime) -> ConnectorTask:
    """The task, begun anew."""
    return replace(begun(old.connector_id, old.name, now), refusals=asked_anew(old).refusals, lifts=old.lifts)


def asked_anew(old: ConnectorTask) -> ConnectorTask:
    """The task of a request that is repeated: to a system that has refused it, it is a new one."""
    return replace(old, refusals=old.refusals + (old.status is Status.REFUSED))


def can_repeat(task: ConnectorTask) -> bool:
    """Whether it has failed and what a repeat needs is still kept."""
    return task.status in _REPEATABLE and task.next_at is not None


def gaps(task: ConnectorTask) -> list[str]:
    """Who has not confirmed and has to be named in the person's answer: systems behind this one, else it itself."""
    behind = [part.name for deletion in task.deletions for part in _gaps(deletion)]
    return behind or ([task.name] if task.status not in _DONE else [])


def _gaps(deletion: Deletion) -> list[DeletionPart]:
    return [part for part in deletion.parts if part.status not in _DONE] if deletion.status.ended else []


def pause(waited: timedelta) -> timedelta:
    """Until the next try or look at what has been waited for so long: a quarter of it, 2 seconds to an hour."""
    return max(_SHORTEST_PAUSE, min(_LONGEST_PAUSE, waited / 4))


def sent(old: ConnectorTask, references: Sequence[Reference], now: datetime) -> ConnectorTask:
    """After a try: `references` are those that the person is in."""
    tried = replace(old, attempts=old.attempts + 1)
    waited = now - clock.from_text(old.began_at)
    passing = [reference.state for reference in references if reference.state.transient]
    if passing and waited < SEND_FOR:
        asked = timedelta(seconds=max(state.retry_after or 0 for state in passing))
        return postponed(tried, passing[0].detail, now + max(pause(waited), asked))
    deletions = tuple(_handed(reference.id, reference.state) for reference in references)
    return _standing(replace(tried, deletions=deletions), now)


def is_superseded(request: PrivacyRequest, others: Iterable[Opposite]) -> bool:
    """Whether it is not handed over any more: a later request, about everybody of it, asks for the opposite.

    An erasure is: what came back since is another's matter.
    """
    return request.type != "erasure" and any(is_later(other.request, request) and other.includes for other in others)


def superseded_by(request: PrivacyRequest, others: Iterable[Opposite]) -> list[Opposite]:
    """The earlier requests that are not handed over any more once this one is."""
    return [other for other in others if not is_later(other.request, request) and _is_dropped(other)]


def is_held(request: PrivacyRequest, others: Iterable[Opposite], *, in_order: bool) -> bool:
    """Whether it waits for an earlier request: one that is still to be handed over, or done where order matters."""
    earlier = [other for other in others if not is_later(other.request, request) and not _is_dropped(other)]
    return any(in_order or other.task.status is Status.PENDING for other in earlier)


def is_later(request: PrivacyRequest, other: PrivacyRequest) -> bool:
    """Whether the person said a request after another one, whichever came first."""
    return in_order_of_words(request) > in_order_of_words(other)


def in_order_of_words(request: PrivacyRequest) -> tuple[datetime, str]:
    """What sorts requests as they were said; of what was said at one time the one that came later is the later."""
    return request.word_at, request.privacy_request_id


def _is_dropped(other: Opposite) -> bool:
    return other.task.status is Status.PENDING and other.request.type != "erasure" and other.is_included


def superseded(old: ConnectorTask, now: datetime) -> ConnectorTask:
    """A task that is not handed over any more, as a later request asks for the opposite."""
    return ended(old, Status.SUPERSEDED, _SUPERSEDED, now)


def undone(old: ConnectorTask, undone: Mapping[str, Status], now: datetime) -> ConnectorTask:
    """The task after a later request has had the system do the opposite: what is open of these references has ended."""
    deletions = tuple(
        Deletion(each.reference, undone[each.reference], _UNDONE[undone[each.reference]])
        if each.reference in undone and not each.status.ended
        else each
        for each in old.deletions
    )
    return _standing(replace(old, deletions=deletions), now)


def held(old: ConnectorTask, now: datetime) -> ConnectorTask:
    """To be handed over after the opposite; the time in which it must succeed begins then."""
    waited = now - clock.from_text(old.began_at)
    return replace(postponed(old, _HELD, now + pause(waited)), began_at=clock.to_text(now))


def postponed(old: ConnectorTask, detail: str, until: datetime) -> ConnectorTask:
    """To be tried at another time, for the reason given."""
    return replace(old, detail=detail, next_at=clock.to_text(until))


def out_of_quota(old: ConnectorTask, people: int, now: datetime) -> ConnectorTask:
    """To be tried next month; the time in which it must succeed begins then."""
    month = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    detail = f"the system takes {people:,} people a month, which are spent; it goes on next month"
    return replace(postponed(old, detail, month), began_at=clock.to_text(month))


def asked(old: ConnectorTask, answers: Mapping[str, State | ConnectorError], now: datetime) -> ConnectorTask:
    """After a look, with the answer for each reference that was asked about."""
    deletions = tuple(
        _handed(deletion.reference, answer)
        if isinstance(answer := answers.get(deletion.reference), State)
        else deletion
        for deletion in old.deletions
    )
    new = _standing(replace(old, deletions=deletions, attempts=old.attempts + 1), now)
    errors = [answer.detail for answer in answers.values() if isinstance(answer, ConnectorError)]
    if new.status is Status.SENT and now - clock.from_text(new.sent_at or new.began_at) >= ASK_FOR:
        return ended(new, Status.FAILED, f"the system has not said in {ASK_FOR.days} days that it is done", now)
    return replace(new, detail=errors[0]) if errors and not new.status.ended else new


def ended(old: ConnectorTask, status: Status, detail: str, now: datetime) -> ConnectorTask:
    """Ended for another reason than the system's answer."""
    next_at = clock.to_text(now + KEPT_FOR) if status in _REPEATABLE else None
    return replace(old, status=status, detail=detail, next_at=next_at)


def forgotten(old: ConnectorTask) -> ConnectorTask:
    """No longer to be repeated."""
    return replace(old, next_at=None)


def shown_reference(task: ConnectorTask) -> str | None:
    """What the system knows the deletion by; not if it is an address, which may be a key to it."""
    return (
        ", ".join(
            deletion.reference for deletion in task.deletions if deletion.reference and "://" not in deletion.reference
        )
        or None
    )


def _handed(reference: str, state: State) -> Deletion:
    parts = tuple(DeletionPart(_shown_name(part.name), part.status) for part in state.parts[:_PARTS])
    return Deletion(reference, state.status, state.detail, parts)


def _shown_name(name: str) -> str:
    """The name a system gives another, which is shown and kept for years: another one where it may be a person's."""
    try:
        return _PART_NAME.validate_python(name[:_NAME])
    except ValidationError:
        return "unnamed system"


def _standing(task: ConnectorTask, now: datetime) -> ConnectorTask:
    """The task as its deletions stand: done when all of them are."""
    status = _worst(deletion.status for deletion in task.deletions)
    detail = next(
        (deletion.detail for deletion in task.deletions if deletion.status is status and deletion.detail), None
    ) or _behind(task)
    if status in (Status.PENDING, Status.SENT):
        sent_at = task.sent_at or clock.to_text(now)
        next_at = clock.to_text(now + pause(now - clock.from_text(sent_at)))
        return replace(task, status=Status.SENT, detail=detail, sent_at=sent_at, next_at=next_at)
    at = clock.to_text(now) if status in _ANSWERED else None
    return replace(ended(task, status, detail or "", now), detail=detail, sent_at=task.sent_at or at, confirmed_at=at)


def _behind(task: ConnectorTask) -> str | None:
    """What systems behind the system have not done, by their names."""
    found = [f"{part.name} ({part.status.replace('_', ' ')})" for each in task.deletions for part in _gaps(each)]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"not confirmed by {', '.join(found[:_NAMED])}{more}" if found else None


def _worst(statuses: Iterable[Status]) -> Status:
    found = set(statuses)
    return next(rank for rank in _RANKED if rank in found)
