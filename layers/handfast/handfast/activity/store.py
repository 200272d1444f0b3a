"""The activity table; `commit` is how every state change is written.

pk              sk                      item
LOG#{s}         SEQ#{n}                 record; never changed
NTF#{s}         NTF#{id}, UNREAD        notification; the number of unread ones
HOOK#{s}        HOOK#{id}, COUNT        webhook; the number of them
HOOKLOG#{hook}  {time}#{event}#{n}      an attempt to send an event, for 30 days
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from handfast.activity.models import Event
from handfast.activity.rules import GENESIS, WEBHOOKS_PER_SANDBOX, record_hash
from handfast.platform import clock, table
from handfast.platform.problems import TooManyRequests
from handfast.platform.table import (
    ABSENT,
    EITHER,
    PRESENT,
    ConditionFailed,
    Delete,
    Item,
    Page,
    Put,
    TransactionConflict,
    Update,
    Write,
)

ACTIVITY = "ACTIVITY_TABLE"
DELIVERIES_KEPT = timedelta(days=30)
_ATTEMPTS = 12


def _log_key(sandbox_id: str) -> str:
    return f"LOG#{sandbox_id}"


def _record_key(sequence: int) -> str:
    return f"SEQ#{sequence:012d}"


def _notifications_key(sandbox_id: str) -> str:
    return f"NTF#{sandbox_id}"


def _webhooks_key(sandbox_id: str) -> str:
    return f"HOOK#{sandbox_id}"


def _deliveries_key(webhook_id: str) -> str:
    return f"HOOKLOG#{webhook_id}"


def _next_records(sandbox_id: str, events: Sequence[Event]) -> Iterator[Item]:
    last = next(table.query(ACTIVITY, _log_key(sandbox_id), "SEQ#", newest_first=True, batch=1), None)
    sequence, previous = (last["sequence"], last["hash"]) if last else (0, GENESIS)
    for event in events:
        sequence += 1
        record: Item = {
            "pk": _log_key(sandbox_id),
            "sk": _record_key(sequence),
            "sequence": sequence,
            "type": event.type,
            "at": clock.to_text(clock.now()),
            "actor": {"kind": event.actor.kind, "id": event.actor.actor_id, "name": event.actor.name},
            "subject": event.subject,
            "detail": dict(event.detail),
            "previousHash": previous,
        }
        # Hashed as it will be read back: a number may return in another form.
        record = table.deserialised(table.serialised(record))
        record["hash"] = previous = record_hash(record)
        yield record


def commit(writes: Sequence[Write], events: Sequence[Event]) -> None:
    """Do the writes and append the events to their sandboxes' logs, all or nothing.

    Raises ConditionFailed when one of `writes` is refused. A lost race for the end of a log is tried again;
    a log too busy for that raises TooManyRequests.
    """
    for attempt in range(_ATTEMPTS):
        records = [
            record
            for sandbox_id in dict.fromkeys(event.sandbox_id for event in events)
            for record in _next_records(sandbox_id, [event for event in events if event.sandbox_id == sandbox_id])
        ]
        try:
            table.transact([*writes, *(Put(ACTIVITY, record) for record in records)])
        except ConditionFailed as failed:
            if failed.write < len(writes):
                raise
        except TransactionConflict:
            pass
        else:
            return
        time.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 5)))  # noqa: S311 - jitter
    raise TooManyRequests("many changes at once; try again", retryAfter=1)


def log(sandbox_id: str) -> Iterator[Item]:
    """The whole log, oldest first."""
    return table.query(ACTIVITY, _log_key(sandbox_id), "SEQ#")


def log_page(sandbox_id: str, limit: int, cursor: str | None, keep: Callable[[Item], bool] | None, scope: str) -> Page:
    """A page of the log, newest first; `keep` and `scope` as in `table.page`."""
    return table.page(ACTIVITY, _log_key(sandbox_id), "SEQ#", limit=limit, cursor=cursor, keep=keep, scope=scope)


def record(sandbox_id: str, sequence: int) -> Item | None:
    """One record of the log."""
    return table.get(ACTIVITY, _log_key(sandbox_id), _record_key(sequence))


def from_stream(change: Mapping[str, Any]) -> tuple[str, Item] | None:
    """The sandbox and the new record of its log that a change in the table's stream shows; None for other changes."""
    image = change["dynamodb"].get("NewImage")
    new = table.deserialised(image) if image and change["eventName"] == "INSERT" else {}
    kind, _, sandbox_id = new.get("pk", "").partition("#")
    return (sandbox_id, new) if kind == "LOG" else None


def put_notification(sandbox_id: str, notification: Item) -> None:
    """Write an unread notification and count it; one that exists stays as it is."""
    key = _notifications_key(sandbox_id)
    item = {"pk": key, "sk": f"NTF#{notification['notificationId']}", "read": False} | notification
    count = Update(ACTIVITY, key, "UNREAD", add={"unread": 1}, condition=EITHER)
    _if_it_holds([Put(ACTIVITY, item), count], [])


def read_notification(sandbox_id: str, notification_id: str) -> Item | None:
    """Mark a notification read and return it; None when there is none."""
    key, sk = _notifications_key(sandbox_id), f"NTF#{notification_id}"
    mark = Update(ACTIVITY, key, sk, assign={"read": True}, condition=Attr("read").eq(value=False))
    try:
        commit([mark, Update(ACTIVITY, key, "UNREAD", add={"unread": -1})], [])
    except ConditionFailed as failed:
        return failed.item
    return table.get(ACTIVITY, key, sk)


def notifications_page(sandbox_id: str, limit: int, cursor: str | None) -> Page:
    """A page of notifications, newest first."""
    return table.page(ACTIVITY, _notifications_key(sandbox_id), "NTF#", limit=limit, cursor=cursor)


def unread(sandbox_id: str) -> int:
    """How many notifications are unread."""
    item = table.get(ACTIVITY, _notifications_key(sandbox_id), "UNREAD")
    return item["unread"] if item else 0


def create_webhook(sandbox_id: str, webhook: Item, event: Event) -> None:
    """Write a new webhook; ConditionFailed when the sandbox has as many as it may."""
    key = _webhooks_key(sandbox_id)
    room = ABSENT | Attr("webhooks").lt(WEBHOOKS_PER_SANDBOX)
    put = Put(ACTIVITY, {"pk": key, "sk": f"HOOK#{webhook['webhookId']}"} | webhook)
    commit([put, Update(ACTIVITY, key, "COUNT", add={"webhooks": 1}, condition=room)], [event])


def delete_webhook(sandbox_id: str, webhook_id: str, event: Event) -> None:
    """Delete a webhook; ConditionFailed when there is none."""
    key = _webhooks_key(sandbox_id)
    delete = Delete(ACTIVITY, key, f"HOOK#{webhook_id}")
    commit([delete, Update(ACTIVITY, key, "COUNT", add={"webhooks": -1})], [event])


def webhook(sandbox_id: str, webhook_id: str) -> Item | None:
    """One webhook."""
    return table.get(ACTIVITY, _webhooks_key(sandbox_id), f"HOOK#{webhook_id}")


def webhooks(sandbox_id: str) -> Iterator[Item]:
    """All webhooks of a sandbox, oldest first."""
    return table.query(ACTIVITY, _webhooks_key(sandbox_id), "HOOK#")


def webhooks_page(sandbox_id: str, limit: int, cursor: str | None) -> Page:
    """A page of webhooks, newest first."""
    return table.page(ACTIVITY, _webhooks_key(sandbox_id), "HOOK#", limit=limit, cursor=cursor)


def _update_webhook(sandbox_id: str, webhook_id: str, condition: ConditionBase, **change: Any) -> Update:
    key = _webhooks_key(sandbox_id)
    return Update(ACTIVITY, key, f"HOOK#{webhook_id}", condition=PRESENT & condition, **change)


def disable_webhook(sandbox_id: str, webhook_id: str, reason: str, event: Event) -> None:
    """Disable a webhook that is still enabled."""
    change = {"status": "disabled", "disabledReason": reason}
    update = _update_webhook(sandbox_id, webhook_id, Attr("status").eq("enabled"), assign=change)
    _if_it_holds([update], [event])


def webhook_failed(sandbox_id: str, webhook_id: str, at: str) -> None:
    """Note since when all attempts have failed; an earlier time stays."""
    never = Attr("failingSince").not_exists()
    _if_it_holds([_update_webhook(sandbox_id, webhook_id, never, assign={"failingSince": at})], [])


def webhook_succeeded(sandbox_id: str, webhook_id: str) -> None:
    """Forget since when attempts have failed."""
    failing = Attr("failingSince").exists()
    _if_it_holds([_update_webhook(sandbox_id, webhook_id, failing, remove=["failingSince"])], [])


def _if_it_holds(writes: Sequence[Write], events: Sequence[Event]) -> None:
    try:
        commit(writes, events)
    except ConditionFailed:
        return


def put_delivery(webhook_id: str, at: datetime, delivery: Item) -> None:
    """Add an attempt to the webhook's delivery log."""
    item = {
        "pk": _deliveries_key(webhook_id),
        "sk": f"{delivery['at']}#{delivery['eventId']}#{delivery['attempt']}",
        "ttl": int((at + DELIVERIES_KEPT).timestamp()),
    }
    table.apply(Put(ACTIVITY, item | delivery, EITHER))


def deliveries_page(webhook_id: str, limit: int, cursor: str | None) -> Page:
    """A page of the webhook's delivery log, newest first."""
    return table.page(ACTIVITY, _deliveries_key(webhook_id), "", limit=limit, cursor=cursor)
