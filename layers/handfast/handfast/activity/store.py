"""The activity table; `commit` is how every state change is written.

pk              sk                      item
LOG#{s}         SEQ#{n}                 record; never changed
NTF#{s}         NTF#{id}, UNREAD        notification; the number of unread ones
HOOK#{s}        HOOK#{id}, COUNT        webhook; the number of them
HOOKLOG#{hook}  {time}#{event}#{n}      an attempt to send an event, for 30 days
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from handfast.activity.rules import WEBHOOKS_PER_SANDBOX
from handfast.journal import store as journal
from handfast.journal.models import Event
from handfast.journal.store import ACTIVITY
from handfast.platform import table
from handfast.platform.table import (
    ABSENT,
    PRESENT,
    UNCONDITIONAL,
    ConditionFailed,
    Delete,
    Item,
    Page,
    Put,
    Update,
    Write,
)

ATTEMPTS_KEPT = timedelta(days=30)


def _notifications_key(sandbox_id: str) -> str:
    return f"NTF#{sandbox_id}"


def _webhooks_key(sandbox_id: str) -> str:
    return f"HOOK#{sandbox_id}"


def _attempts_key(webhook_id: str) -> str:
    return f"HOOKLOG#{webhook_id}"


def put_notification(sandbox_id: str, notification: Item) -> None:
    """Write an unread notification and count it; one that exists stays as it is."""
    key = _notifications_key(sandbox_id)
    item = {"pk": key, "sk": f"NTF#{notification['notificationId']}", "read": False} | notification
    count = Update(ACTIVITY, key, "UNREAD", add={"unread": 1}, condition=UNCONDITIONAL)
    _if_it_holds([Put(ACTIVITY, item), count], [])


def read_notification(sandbox_id: str, notification_id: str) -> Item | None:
    """Mark a notification read and return it; None when there is none."""
    key, sk = _notifications_key(sandbox_id), f"NTF#{notification_id}"
    mark = Update(ACTIVITY, key, sk, assign={"read": True}, condition=Attr("read").eq(value=False))
    try:
        journal.commit([mark, Update(ACTIVITY, key, "UNREAD", add={"unread": -1})], [])
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
    journal.commit([put, Update(ACTIVITY, key, "COUNT", add={"webhooks": 1}, condition=room)], [event])


def delete_webhook(sandbox_id: str, webhook_id: str, event: Event) -> None:
    """Delete a webhook; ConditionFailed when there is none."""
    key = _webhooks_key(sandbox_id)
    delete = Delete(ACTIVITY, key, f"HOOK#{webhook_id}")
    journal.commit([delete, Update(ACTIVITY, key, "COUNT", add={"webhooks": -1})], [event])


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
    with suppress(ConditionFailed):
        journal.commit(writes, events)


def put_attempt(webhook_id: str, at: datetime, attempt: Item) -> None:
    """Keep an attempt to send an event to a webhook."""
    item = {
        "pk": _attempts_key(webhook_id),
        "sk": f"{attempt['at']}#{attempt['eventId']}#{attempt['attempt']}",
        "ttl": int((at + ATTEMPTS_KEPT).timestamp()),
    }
    table.apply(Put(ACTIVITY, item | attempt, UNCONDITIONAL))


def attempts_page(webhook_id: str, limit: int, cursor: str | None) -> Page:
    """A page of the attempts to send events to a webhook, newest first."""
    return table.page(ACTIVITY, _attempts_key(webhook_id), "", limit=limit, cursor=cursor)
