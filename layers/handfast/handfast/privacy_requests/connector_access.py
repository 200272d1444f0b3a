"""What systems outside answer to a request for access: each is asked until it has said something.

An answer waits, encrypted, for the others. Where a request stands at a system is a task as an erasure's, but one
that has ended: nothing is ever handed over for a request that only reads.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from handfast.connectors import registry
from handfast.connectors import store as connectors
from handfast.connectors.contract import UNNAMED, ConnectorError, Person, Record, Status
from handfast.connectors.models import Configured
from handfast.connectors.service import settings_of
from handfast.platform import clock
from handfast.privacy_requests import connector_stages, package_store, task_rules, task_store
from handfast.privacy_requests.models import Subject
from handfast.privacy_requests.package_document import Record as Shown
from handfast.privacy_requests.package_document import System
from handfast.privacy_requests.stage_jobs import WAIT_FOR, Job, Waiting, note
from handfast.privacy_requests.task_models import ConnectorTask

type AnswerStatus = Literal["read", "pending", "not_supported", "refused", "failed"]


@dataclass(frozen=True, repr=False)
class SystemAnswer:
    """What one system holds about a person. `pending`: it answers later, ask again; `detail` is a reason otherwise."""

    connector_id: str
    name: str
    status: AnswerStatus
    detail: str = ""
    records: tuple[Record, ...] = ()


_LATE = "it has not answered in time"
_STATUSES: dict[AnswerStatus, Status] = {
    "read": Status.CONFIRMED,
    "pending": Status.FAILED,
    "not_supported": Status.NOT_SUPPORTED,
    "refused": Status.REFUSED,
    "failed": Status.FAILED,
}


def systems(job: Job, subject: Subject) -> list[System]:
    """What each system of the sandbox holds of the person as `subject` names them, or that it does not say.

    Raises Waiting while one answers later and a request still waits for it.
    """
    sandbox_id, name = job.request.sandbox_id, job.name
    found = [_read(text) for text in package_store.answers(sandbox_id, name)]
    for answered in answers_of(sandbox_id, Job(job.request, subject), [answer.connector_id for answer in found]):
        if answered.status != "pending":
            package_store.keep_answer(sandbox_id, name, answered.connector_id, json.dumps(asdict(answered)).encode())
        found.append(answered)
    if any(answered.status == "pending" for answered in found) and _may_wait(job):
        raise Waiting
    found.sort(key=lambda answered: answered.connector_id)
    _note(job, found)
    return [_system(answered) for answered in found]


def _read(text: bytes) -> SystemAnswer:
    answered = SystemAnswer(**json.loads(text))
    return replace(answered, records=tuple(Record(**record) for record in json.loads(text)["records"]))


def _may_wait(job: Job) -> bool:
    began = job.request.stage.started_at
    return began is None or clock.now() - clock.from_text(began) < WAIT_FOR


def _note(job: Job, found: Sequence[SystemAnswer]) -> None:
    """Write where the request stands at each system, which its answer names and a retry asks again."""
    known = {task.connector_id: task for task in task_store.tasks(job.request.sandbox_id, job.name)}
    stands = [_ended_task(answered, known.get(answered.connector_id)) for answered in found]
    new = [task for task in stands if (old := known.get(task.connector_id)) is None or old.status is not task.status]
    if new:
        writes = [
            write
            for task in new
            for write in task_store.put(job.request.sandbox_id, job.name, known.get(task.connector_id), task)
        ]
        count = len(known.keys() | {task.connector_id for task in new})
        detail: dict[str, object] = {task.name: str(task.status) for task in new}
        note(job, replace(job.request, connectors=count), "connectors_read", {"connectors": detail}, tuple(writes))


def _ended_task(answered: SystemAnswer, old: ConnectorTask | None) -> ConnectorTask:
    now, status = clock.now(), _STATUSES[answered.status]
    detail = _LATE if answered.status == "pending" else answered.detail
    stands = task_rules.ended(task_rules.begun(answered.connector_id, answered.name, now), status, detail, now)
    stands, at = replace(stands, refusals=old.refusals if old else 0), clock.to_text(now)
    return replace(stands, confirmed_at=at, sent_at=at, detail=None) if status is Status.CONFIRMED else stands


def _system(answered: SystemAnswer) -> System:
    status = "answered" if answered.status == "read" else answered.status
    records = [Shown(collection=record.collection, data=record.data) for record in answered.records]
    reason = answered.detail if status == "not_supported" else None
    return System(connector_id=answered.connector_id, name=answered.name, status=status, reason=reason, records=records)


def answers_of(sandbox_id: str, job: Job, answered: Collection[str] = ()) -> list[SystemAnswer]:
    """What each system of the sandbox, but those that have answered, holds about the person, or why it does not say."""
    configured = [connector for connector in connectors.systems(sandbox_id) if connector.connector_id not in answered]
    if not configured:
        return []
    values = {**job.subject.values, **connector_stages.values_of(sandbox_id, job.keys - job.subject.values.keys())}
    identities = {key: code for key, code in job.subject.identities.items() if key in values}
    subject = Subject(
        identities, job.subject.profile_ids, {key: values[key] for key in identities}, clear=job.subject.clear
    )
    person = connector_stages.person_of(job.request, subject)
    refusals = {task.connector_id: task.refusals for task in task_store.tasks(sandbox_id, job.name)}
    return [
        _answer_of(connector, replace(person, refusals=refusals.get(connector.connector_id, 0)))
        for connector in configured
    ]


def _answer_of(configured: Configured, person: Person) -> SystemAnswer:
    answered = SystemAnswer(configured.connector_id, configured.name, "failed")
    if not person.is_named:
        return replace(answered, status="not_supported", detail=UNNAMED)
    kind = registry.connector(configured.type)
    try:
        return replace(answered, status="read", records=tuple(kind.access(settings_of(configured), person)))
    except ConnectorError as error:
        return replace(answered, status=_answer_status(error), detail=error.detail)
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this connector alone
        return replace(answered, detail=connector_stages.broken(configured, error).detail)


def _answer_status(error: ConnectorError) -> AnswerStatus:
    if error.transient:
        return "pending"
    match error.reason:
        case "not_supported" | "refused" as reason:
            return reason
    return "failed"
