"""Connector tasks in the privacy table.

pk          sk                         item
SBX#{s}     TASK#{id}#{connector}      where the request stands at the connector
ATTEND#{s}  ATTEND                     a worker is at the sandbox's tasks until then
SWEEP       SUBJECTS                   subjects have been looked through, and are not until then
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr

from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.platform import table
from handfast.platform.items import ItemKind
from handfast.platform.table import ABSENT, ConditionFailed, Delete, Item, Put, Write
from handfast.privacy_requests import due_work, recipient_store, rules, subject_store
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.task_models import ConnectorTask

ATTEND_FOR = timedelta(minutes=5)
"""As long as a worker runs at most."""
_LOOK_THROUGH_EVERY = timedelta(hours=1)


def _never_refused(item: Item) -> Item:
    return item | {"refusals": 0}


def _never_lifting(item: Item) -> Item:
    return item | {"lifts": False}


_TASK = ItemKind("connector_task", ConnectorTask, PRIVACY, upgrades=(_never_refused, _never_lifting), mode="json")


def _task_key(privacy_request_id: str, connector_id: str) -> str:
    return f"TASK#{privacy_request_id}#{connector_id}"


def task(sandbox_id: str, privacy_request_id: str, connector_id: str) -> ConnectorTask | None:
    """Where a request stands at a connector."""
    return _TASK.get(sandbox_key(sandbox_id), _task_key(privacy_request_id, connector_id))


def tasks(sandbox_id: str, privacy_request_id: str) -> list[ConnectorTask]:
    """Where a request stands at each connector, oldest connector first."""
    return tasks_each(sandbox_id, [privacy_request_id])[privacy_request_id]


def tasks_each(sandbox_id: str, names: Collection[str]) -> dict[str, list[ConnectorTask]]:
    """`tasks` of neighbours in the list of requests, in one read."""
    return _TASK.below_each(sandbox_key(sandbox_id), "TASK#", names)


def open_at(sandbox_id: str, connector_id: str, *, lifts: bool) -> dict[str, ConnectorTask]:
    """The tasks at a connector that have not ended and allow something again, or do not, by their requests' ids."""
    names = due_work.open_at(sandbox_id, connector_id, lifts=lifts)
    places = {(sandbox_key(sandbox_id), _task_key(name, connector_id)): name for name in names}
    found = {places[place]: _TASK.load(item) for place, item in table.get_many(PRIVACY, places).items()}
    return {name: task for name, task in found.items() if not task.status.ended}


def forget(request: PrivacyRequest) -> None:
    """Delete what names the person once the request has ended and nobody may have to be told again.

    What only systems outside are told goes as soon as all of them have answered.
    """
    place = (request.sandbox_id, request.privacy_request_id)
    outside = tasks(*place)
    if request.status not in rules.OPEN and not rules.repeatable(request, recipient_store.recipients(*place), outside):
        subject_store.delete(*place)
    elif outside and not any(task.next_at for task in outside):
        subject_store.forget_values(*place)


def may_look_through(now: datetime) -> bool:
    """Whether all subjects may be looked through for some to be forgotten: once an hour, by the first who asks."""
    until = int((now + _LOOK_THROUGH_EVERY).timestamp())
    due = ABSENT | Attr("until").lte(int(now.timestamp()))
    try:
        table.apply(Put(PRIVACY, {"pk": "SWEEP", "sk": "SUBJECTS", "until": until}, due))
    except ConditionFailed:
        return False
    return True


def put(sandbox_id: str, privacy_request_id: str, old: ConnectorTask | None, new: ConnectorTask) -> tuple[Write, ...]:
    """The writes of a task and of what is due for it, refused unless it is as it was read."""
    key = sandbox_key(sandbox_id), _task_key(privacy_request_id, new.connector_id)
    as_read = Attr("nextAt").eq(old.next_at) & Attr("status").eq(old.status) if old else ABSENT
    was, now = old.next_at if old else None, new.next_at
    due = due_work.writes(sandbox_id, privacy_request_id, new.connector_id, was, now, lifts=new.lifts)
    return (_TASK.put(new, *key, as_read), *due)


def forget_all(sandbox_id: str) -> None:
    """Have nothing more done at systems outside for a sandbox that is deleted."""
    due_work.forget_all(sandbox_id)
    table.clear(PRIVACY, sandbox_key(sandbox_id), "TASK#")


@contextmanager
def attending(sandbox_id: str, now: datetime) -> Iterator[bool]:
    """Whether this worker has the sandbox's tasks for itself, for the block."""
    key, until = f"ATTEND#{sandbox_id}", int((now + ATTEND_FOR).timestamp() * 1000)
    free = ABSENT | Attr("until").lte(int(now.timestamp() * 1000))
    try:
        table.apply(Put(PRIVACY, {"pk": key, "sk": "ATTEND", "until": until, "ttl": until // 1000 + 1}, free))
    except ConditionFailed:
        yield False
        return
    try:
        yield True
    finally:
        with suppress(ConditionFailed):  # it took too long, and another worker has them
            table.apply(Delete(PRIVACY, key, "ATTEND", Attr("until").eq(until)))
