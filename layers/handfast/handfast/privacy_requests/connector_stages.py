"""Requests at the sandbox's connectors: erasures handed over and asked about, and what systems hold of a person.

The stage only notes whom to tell, before the person's values are gone from the profiles; a worker then attends to all
that is due, so that a system that does not answer holds nothing up here. Whatever a connector does concerns it alone.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from handfast.connectors import registry
from handfast.connectors import store as connectors
from handfast.connectors.contract import UNNAMED, Connector, ConnectorError, Person, Reference, Settings, State, Status
from handfast.connectors.models import Configured
from handfast.connectors.service import settings_of
from handfast.identity.keys import Key
from handfast.identity.namespaces import namespace_of
from handfast.identity.profile_ids import is_hashed
from handfast.journal.models import Actor
from handfast.lake import people as lake_people
from handfast.platform import clock, table
from handfast.platform.observability import logger
from handfast.platform.optimistic import retry
from handfast.platform.queues import LONGEST_DELAY
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import (
    destination_exits,
    due_work,
    last_words,
    looks,
    recipient_store,
    scopes,
    subject_store,
    suppressed,
    task_order,
    task_rules,
    task_store,
)
from handfast.privacy_requests import rules as life
from handfast.privacy_requests import store as requests
from handfast.privacy_requests.models import PrivacyRequest, Subject
from handfast.privacy_requests.stage_jobs import Job, Outcome, note
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.task_models import ConnectorTask

_SECONDS = 45
"""How long a worker begins new calls: each may take three minutes, and a worker has five."""
_OVERDUE_DELAY = 10
"""Before what could not be done in one go."""


def create_tasks(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
    """Note that every connector has to hear of each person, and keep what it takes to tell them.

    What allows again what is still suppressed here, as after an erasure or a later opt-out, allows nothing there, and
    what the person has allowed again since is not withdrawn there. Of a partner's requests only what this side has made
    its own reaches them: an erasure of everything, and what people see to by hand. What a partner has delivered went to
    none of them, and its answer on sharing is none on this side's own use.
    """
    configured = list(connectors.systems(sandbox_id))
    lifting = [job for job in jobs if life.lifts(job.request)] if configured else []
    numbers = {key: number for job in lifting for key, number in job.listed_as.items()}
    kept = suppressed.find(sandbox_id, {key for job in lifting for key in job.keys}, numbers).keys()
    values = values_of(sandbox_id, {key for job in jobs for key in job.keys}) if configured else {}
    for job in jobs:
        known = {task.connector_id: task for task in task_store.tasks(sandbox_id, job.name)}
        kept_out = life.lifts(job.request) and not kept.isdisjoint(job.keys)
        if configured and not kept_out:
            kept_out = _is_outweighed(job)
        if kept_out or scopes.stays_inside(job.request) or (not configured and not known):
            subject_store.forget_values(sandbox_id, job.name)
        else:
            _note(job, configured, known, {key: values[key] for key in job.keys & values.keys()})
    return {job.name: {"connectors": job.request.connectors} for job in jobs}


def _is_outweighed(job: Job) -> bool:
    """Whether the person has said otherwise since, of all that the request names, or against what it allows."""
    sandbox_id, request, keys = job.request.sandbox_id, job.request, job.keys
    if life.lifts(request):
        return bool(last_words.refused_since(sandbox_id, request, keys))
    return bool(keys) and last_words.allowed_since(sandbox_id, request, keys) == keys


def _note(
    job: Job, configured: Sequence[Configured], known: Mapping[str, ConnectorTask], found: Mapping[Key, bytes]
) -> None:
    subject = replace(job.subject, values={**job.subject.values, **found})
    more = subject.values != job.subject.values
    if more:
        subject_store.put(job.request.sandbox_id, job.name, subject)
        job.subject = subject
    now = clock.now()
    begin = task_rules.begun if life.has_act_outside(job.request.type) else task_rules.left_to_hand
    lifts = life.lifts(job.request)
    new = {
        connector.connector_id: replace(begin(connector.connector_id, connector.name, now), lifts=lifts)
        for connector in configured
    }
    # Who has been told of less of the person is told again.
    new = {name: task for name, task in new.items() if more or name not in known}
    writes = [
        write
        for name, task in new.items()
        for write in task_store.put(job.request.sandbox_id, job.name, known.get(name), task)
    ]
    count = len(known.keys() | new.keys())
    if writes:
        noted = replace(job.request, connectors=count)
        note(job, noted, "connectors_found", {"connectors": count}, tuple(writes))


def values_of(sandbox_id: str, keys: Iterable[Key]) -> dict[Key, bytes]:
    return {(profile.hi, profile.lo): profile.value for profile in lake_people.profiles(sandbox_id, keys)}


def person_of(request: PrivacyRequest, subject: Subject) -> Person:
    """Whom a system outside is asked about: never by what only a device has led to."""
    subject = subject.own
    identities = []
    clear = {}
    for key, value in subject.values.items():
        kind = namespace_of(subject.identities[key])
        identities.append((kind.symbol, value.hex() if kind.hashed else value.decode()))
        if key in subject.clear:
            clear[value.hex()] = subject.clear[key]
    return Person(
        request_id=request.privacy_request_id,
        regulation=request.regulation,
        submitted_at=clock.from_text(request.received_at),
        # No other system knows the hash of an id.
        profile_ids=tuple(sorted(known for known in subject.profile_ids if not is_hashed(known))),
        identities=tuple(sorted(identities)),
        clear=clear,
        is_partial=subject.values.keys() != subject.identities.keys() or any(map(is_hashed, subject.profile_ids)),
    )


def attend(sandbox_id: str) -> None:
    """Do what is due at the sandbox's connectors, and come back for what is due soon; the rest is the sweep's."""
    if due_work.due(sandbox_id, clock.now()):
        with task_store.attending(sandbox_id, clock.now()) as alone:
            if not alone:
                return  # who has them comes back
            _attend(sandbox_id)
    at = due_work.next_due(sandbox_id)
    wait = (at - clock.now()).total_seconds() if at else LONGEST_DELAY
    if wait < LONGEST_DELAY:
        looks.look_again(sandbox_id, int(wait) + 1 if wait > 0 else _OVERDUE_DELAY)


@dataclass
class _Open:
    """A task at a connector that something is due for."""

    request: PrivacyRequest
    now: ConnectorTask

    @property
    def name(self) -> str:
        return self.request.privacy_request_id


def _attend(sandbox_id: str) -> None:
    until = time.monotonic() + _SECONDS
    by_connector: dict[str, list[str]] = defaultdict(list)
    for name, connector_id in due_work.due(sandbox_id, clock.now()):
        by_connector[connector_id].append(name)
    for connector_id, names in by_connector.items():
        try:
            if life.is_destination(connector_id):
                destination_exits.attend(sandbox_id, connector_id, names, until)
            else:
                _attend_one(sandbox_id, connector_id, names, until)
        except Exception:  # noqa: BLE001 - of this connector alone; the next look tries again
            logger.exception("tasks could not be attended to", extra={"connectorId": connector_id})


def _attend_one(sandbox_id: str, connector_id: str, names: Sequence[str], until: float) -> None:
    configured = connectors.connector(sandbox_id, connector_id)
    sending: list[_Open] = []
    asking: list[_Open] = []
    for name in names:
        request, found = requests.request(sandbox_id, name), task_store.task(sandbox_id, name, connector_id)
        # Nothing is ever handed over for a request that only reads.
        if request is None or found is None or (life.reads(request.type) and not found.status.ended):
            continue
        task = _Open(request, found)
        if found.status.ended:
            _write(task, task_rules.forgotten(found))
        elif configured is None:
            detail = "the connector was removed before the system had confirmed"
            _write(task, task_rules.ended(found, Status.FAILED, detail, clock.now()))
        else:
            (sending if found.status is Status.PENDING else asking).append(task)
    if configured is None:
        return
    kind = registry.connector(configured.type)
    _send_all(configured, kind, _in_order(sending, in_order=kind.limits.in_order), until)
    _ask(configured, kind, asking, until)


def _in_order(sending: Sequence[_Open], *, in_order: bool) -> list[_Open]:
    """Those that are to be handed over now; what a later request has undone is not handed over any more."""
    ready = []
    found = {
        lifts: task_store.open_at(sending[0].request.sandbox_id, sending[0].now.connector_id, lifts=not lifts)
        for lifts in {task.now.lifts for task in sending}
    }
    for task in sorted(sending, key=lambda task: task_rules.in_order_of_words(task.request)):
        others = task_order.opposites(task.request, found[task.now.lifts], in_order=in_order)
        if task_rules.is_superseded(task.request, others):
            _write(task, task_rules.superseded(task.now, clock.now()))
        elif task_rules.is_held(task.request, others, in_order=in_order):
            _write(task, task_rules.held(task.now, clock.now()))
        else:
            for other in task_rules.superseded_by(task.request, others):
                _write(_Open(other.request, other.task), task_rules.superseded(other.task, clock.now()))
            ready.append(task)
    return ready


def _send_all(configured: Configured, kind: Connector[Any], sending: Sequence[_Open], until: float) -> None:
    for asks in (_delete, _suppress, _lift):
        own = [task for task in sending if _asks(task.request) is asks]
        for batch in batched(own, kind.limits.people, strict=False):
            if time.monotonic() < until:
                _send(configured, kind, asks, batch)


type _Asks = Callable[[Connector[Any], Settings, Sequence[Person]], Sequence[Reference]]


def _delete(kind: Connector[Any], settings: Settings, people: Sequence[Person]) -> Sequence[Reference]:
    return kind.delete(settings, people)


def _suppress(kind: Connector[Any], settings: Settings, people: Sequence[Person]) -> Sequence[Reference]:
    return kind.suppress(settings, people, lift=False)


def _lift(kind: Connector[Any], settings: Settings, people: Sequence[Person]) -> Sequence[Reference]:
    return kind.suppress(settings, people, lift=True)


def _asks(request: PrivacyRequest) -> _Asks:
    if request.type == "erasure":
        return _delete
    return _lift if life.lifts(request) else _suppress


def _send(configured: Configured, kind: Connector[Any], asks: _Asks, batch: Sequence[_Open]) -> None:
    """Hand over many people in one call, as far as the system's limits allow."""
    now = clock.now()
    named = [(task, person) for task in batch if (person := _named(configured, task, now))]
    ready, people = [task for task, _ in named], [person for _, person in named]
    cost = len(people) if kind.limits.calls_per_person else 1
    if not ready or not _may_call(configured, kind, ready, cost):
        return
    month = clock.to_text(now)[:7]
    quota = kind.limits.people_per_month
    expires = now + timedelta(days=62)
    if quota and not connectors.spend(configured.connector_id, month, len(people), quota, expires):
        for task in ready:
            _write(task, task_rules.out_of_quota(task.now, quota, now))
        return
    references = _handed_over(configured, kind, asks, people)
    taken: set[int] = set()
    for position, task in enumerate(ready):
        own = [reference for reference in references if position in reference.people]
        new = task_rules.sent(task.now, own, clock.now())
        taken |= {position} if new.sent_at else set()
        _write(task, new)
    if quota:
        connectors.give_back(configured.connector_id, month, len(people) - len(taken))
    _end_undone(configured, dict(filter(None, (each.state.supersedes for each in references))), lifts=asks is _lift)


def _end_undone(configured: Configured, undone: Mapping[str, Status], *, lifts: bool) -> None:
    """End what the system can tell nothing of any more, as it has just been asked for the opposite."""
    found = task_store.open_at(configured.sandbox_id, configured.connector_id, lifts=not lifts) if undone else {}
    for name, task in found.items():
        request = requests.request(configured.sandbox_id, name)
        if request is not None and any(each.reference in undone for each in task.deletions):
            _write(_Open(request, task), task_rules.undone(task, undone, clock.now()))


def _named(configured: Configured, task: _Open, now: datetime) -> Person | None:
    """Whom the system is to be told of; None, and the task is ended, where nothing names the person to it."""
    subject = subject_store.get(configured.sandbox_id, task.name)
    if subject is None:
        _write(task, task_rules.ended(task.now, Status.FAILED, "what names the person is no longer kept here", now))
        return None
    person = replace(person_of(task.request, subject), refusals=task.now.refusals)
    if not person.is_named:
        _write(task, task_rules.ended(task.now, Status.NOT_SUPPORTED, UNNAMED, now))
        return None
    return person


def _handed_over(
    configured: Configured, kind: Connector[Any], asks: _Asks, people: Sequence[Person]
) -> Sequence[Reference]:
    everybody = tuple(range(len(people)))
    try:
        return asks(kind, settings_of(configured), people)
    except ConnectorError as error:
        return [Reference("", everybody, State.failed(error))]
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this connector alone
        return [Reference("", everybody, State.failed(broken(configured, error)))]


def _ask(configured: Configured, kind: Connector[Any], asking: Sequence[_Open], until: float) -> None:
    """Ask once for each deletion, however many people are part of it."""
    answers: dict[str, State | ConnectorError] = {}
    for task in asking:
        open_ones = [
            deletion.reference for deletion in task.now.deletions if deletion.reference and not deletion.status.ended
        ]
        for reference in dict.fromkeys(open_ones):
            if reference not in answers:
                if time.monotonic() >= until or not _may_call(configured, kind, [task], 1):
                    break
                answers[reference] = _poll(configured, kind, reference)
        else:
            own = {reference: answers[reference] for reference in open_ones}
            _write(task, task_rules.asked(task.now, own, clock.now()))


def _poll(configured: Configured, kind: Connector[Any], reference: str) -> State | ConnectorError:
    try:
        return kind.poll(settings_of(configured), reference)
    except ConnectorError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this connector alone
        return broken(configured, error)


def broken(configured: Configured, error: Exception) -> ConnectorError:
    """An error that is ours; its message may name the person, and so is not logged."""
    logger.error("a connector failed", extra={"connectorId": configured.connector_id, "error": type(error).__name__})
    return ConnectorError("unavailable", "the connector failed here; test it", transient=True)


def _may_call(configured: Configured, kind: Connector[Any], waiting: Sequence[_Open], calls: int) -> bool:
    """Count calls of this minute; when it has none left, those waiting come next minute."""
    now = clock.now()
    minute = now.replace(second=0, microsecond=0)
    limit = max(kind.limits.calls_per_minute, calls)
    name, expires = clock.to_text(minute)[:16], now + timedelta(hours=1)
    if connectors.spend(configured.connector_id, name, calls, limit, expires):
        return True
    for task in waiting:
        _write(task, replace(task.now, next_at=clock.to_text(minute + timedelta(minutes=1))))
    return False


class _OvertakenError(Exception):
    """The request was changed meanwhile, and where it stands at the connector was not."""


def _write(task: _Open, new: ConnectorTask) -> None:
    """Write where a request stands at a connector: a change of its status with a record, and what follows from it."""
    try:
        retry(lambda: _try_write(task, new), _OvertakenError)
    except (ConditionFailed, _OvertakenError):
        return  # changed by a retry, which begins anew, or overtaken too often: it stays due
    task_store.forget(task.request)


def _try_write(task: _Open, new: ConnectorTask) -> None:
    sandbox_id = task.request.sandbox_id
    writes = task_store.put(sandbox_id, task.name, task.now, new)
    try:
        if (new.status, task_rules.gaps(new)) == (task.now.status, task_rules.gaps(task.now)):
            table.transact(writes)
        else:
            task.request = _record(task, new, writes)
    except ConditionFailed as failed:
        request = requests.request(sandbox_id, task.name)
        if request is None or task_store.task(sandbox_id, task.name, new.connector_id) != task.now:
            raise
        task.request = request
        raise _OvertakenError from failed


def _record(task: _Open, new: ConnectorTask, writes: tuple[table.Write, ...]) -> PrivacyRequest:
    old = task.request
    others = [other for other in task_store.tasks(old.sandbox_id, task.name) if other.connector_id != new.connector_id]
    after = life.answered(old, recipient_store.recipients(old.sandbox_id, task.name), [*others, new])
    detail: dict[str, object] = {"connector": new.name, "connectorStatus": str(new.status)}
    if reference := task_rules.shown_reference(new):
        detail["reference"] = reference
    if new.status.ended and (open_at := task_rules.gaps(new)):
        detail["gaps"] = open_at
    announced = after.status != old.status
    step = Step(old, after, "connector_answered", Actor.system(), detail, announced=announced, more=writes)
    (written,) = requests.save(step)
    if written.stage != old.stage:
        requests.wake(old.sandbox_id)
    return written
