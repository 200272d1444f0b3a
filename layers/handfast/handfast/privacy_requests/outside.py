"""What systems outside answer to a request for access: each is asked until it has said something.

An answer waits, encrypted, for the others. Where a request stands at a system is a hand-over as an erasure's, but one
that has ended: nothing is ever handed over for a request that only reads.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from handfast.platform import clock
from handfast.privacy_requests import packages
from handfast.privacy_requests.connectors import rules, stage, store
from handfast.privacy_requests.connectors.contract import Record, Status
from handfast.privacy_requests.connectors.models import HandOver
from handfast.privacy_requests.connectors.stage import Held
from handfast.privacy_requests.jobs import WAIT_FOR, Job, Waiting, note
from handfast.privacy_requests.models import Subject
from handfast.privacy_requests.package_document import Record as Shown
from handfast.privacy_requests.package_document import System

_LATE = "it has not answered in time"
_STATUSES: dict[stage.HeldStatus, Status] = {
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
    found = [_read(text) for text in packages.answers(sandbox_id, name)]
    for held in stage.records(sandbox_id, Job(job.request, subject), [one.connector_id for one in found]):
        if held.status != "pending":
            packages.keep_answer(sandbox_id, name, held.connector_id, json.dumps(asdict(held)).encode())
        found.append(held)
    if any(held.status == "pending" for held in found) and _may_wait(job):
        raise Waiting
    found.sort(key=lambda held: held.connector_id)
    _note(job, found)
    return [_system(held) for held in found]


def _read(text: bytes) -> Held:
    held = Held(**json.loads(text))
    return replace(held, records=tuple(Record(**record) for record in json.loads(text)["records"]))


def _may_wait(job: Job) -> bool:
    began = job.request.stage.started_at
    return began is None or clock.now() - clock.from_text(began) < WAIT_FOR


def _note(job: Job, found: Sequence[Held]) -> None:
    """Write where the request stands at each system, which its answer names and a retry asks again."""
    known = {one.connector_id: one for one in store.hand_overs(job.request.sandbox_id, job.name)}
    stands = [_hand_over(held) for held in found]
    new = [one for one in stands if (old := known.get(one.connector_id)) is None or old.status is not one.status]
    if new:
        writes = [
            write
            for one in new
            for write in store.put(job.request.sandbox_id, job.name, known.get(one.connector_id), one)
        ]
        count = len(known.keys() | {one.connector_id for one in new})
        detail: dict[str, object] = {one.name: str(one.status) for one in new}
        note(job, replace(job.request, connectors=count), "connectors_read", {"connectors": detail}, tuple(writes))


def _hand_over(held: Held) -> HandOver:
    now, status = clock.now(), _STATUSES[held.status]
    detail = _LATE if held.status == "pending" else held.detail
    stands = rules.ended(rules.begun(held.connector_id, held.name, now), status, detail, now)
    at = clock.to_text(now)
    return replace(stands, confirmed_at=at, sent_at=at, detail=None) if status is Status.CONFIRMED else stands


def _system(held: Held) -> System:
    status = "answered" if held.status == "read" else held.status
    records = [Shown(collection=record.collection, data=record.data) for record in held.records]
    return System(connector_id=held.connector_id, name=held.name, status=status, records=records)
