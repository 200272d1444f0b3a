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

from handfast.activity.models import AttemptItem, NotificationItem, WebhookItem
from handfast.activity.rules import WEBHOOKS_PER_SANDBOX
from handfast.journal import store as journal
from handfast.journal.models import Event
from handfast.journal.store import ACTIVITY
from handfast.platform import items, table
from handfast.platform.items import FORM, ItemKind, at_revision, counted_from_zero, revise
from handfast.platform.table import (
    ABSENT,
    PRESENT,
    UNCONDITIONAL,
    ConditionFailed,
    Delete,
    Put,
    Update,
    Write,
)
from handfast.platform.wanted import Selection

ATTEMPTS_KEPT = timedelta(days=30)
_NOTIFICATION = ItemKind("notification", NotificationItem, ACTIVITY)
_WEBHOOK = ItemKind("webhook", WebhookItem, ACTIVITY, upgrades=(counted_from_zero,))
_ATTEMPT = ItemKind("attempt", AttemptItem, ACTIVITY)


def _notifications_key(sandbox_id: str) -> str:
    return f"NTF#{sandbox_id}"


def _webhooks_key(sandbox_id: str) -> str:
    return f"HOOK#{sandbox_id}"


def _attempts_key(webhook_id: str) -> str:
    return f"HOOKLOG#{webhook_id}"


def put_notification(sandbox_id: str, new: NotificationItem) -> None:
    """Write an unread notification and count it; one that exists stays as it is."""
    key = _notifications_key(sandbox_id)
    count = Update(ACTIVITY, key, "UNREAD", add={"unread": 1}, condition=UNCONDITIONAL)
    _if_it_holds([_NOTIFICATION.put(new, key, f"NTF#{new.notification_id}"), count], [])


def read_notification(sandbox_id: str, notification_id: str) -> NotificationItem | None:
    """Mark a notification read and return it; None when there is none."""
    key, sk = _notifications_key(sandbox_id), f"NTF#{notification_id}"
    mark = Update(ACTIVITY, key, sk, assign={"read": True}, condition=Attr("read").eq(value=False))
    try:
        journal.commit([mark, Update(ACTIVITY, key, "UNREAD", add={"unread": -1})], [])
    except ConditionFailed as failed:
        return _NOTIFICATION.load(failed.item) if failed.item else None
    return _NOTIFICATION.get(key, sk)


def notifications_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[NotificationItem], str | None]:
    """A page of notifications, newest first, and the next cursor."""
    return items.page(_NOTIFICATION, _notifications_key(sandbox_id), "NTF#", limit, cursor)


def unread(sandbox_id: str) -> int:
    """How many notifications are unread."""
    item = table.get(ACTIVITY, _notifications_key(sandbox_id), "UNREAD")
    return item["unread"] if item else 0


def create_webhook(sandbox_id: str, new: WebhookItem, event: Event) -> None:
    """Write a new webhook; ConditionFailed when the sandbox has as many as it may."""
    key = _webhooks_key(sandbox_id)
    room = ABSENT | Attr("webhooks").lt(WEBHOOKS_PER_SANDBOX)
    journal.commit(
        [_put_webhook(sandbox_id, new), Update(ACTIVITY, key, "COUNT", add={"webhooks": 1}, condition=room)], [event]
    )


def _put_webhook(sandbox_id: str, new: WebhookItem, over: WebhookItem | None = None) -> Put:
    return revise(_WEBHOOK, new, over, _webhooks_key(sandbox_id), f"HOOK#{new.webhook_id}")


def replace_webhook(sandbox_id: str, old: WebhookItem, new: WebhookItem, event: Event) -> None:
    """Write a webhook over the revision read, else ConditionFailed."""
    journal.commit([_put_webhook(sandbox_id, new, old)], [event])


def delete_webhook(sandbox_id: str, old: WebhookItem, event: Event) -> None:
    """Delete a webhook at the revision read, else ConditionFailed."""
    key = _webhooks_key(sandbox_id)
    delete = Delete(ACTIVITY, key, f"HOOK#{old.webhook_id}", at_revision(old))
    journal.commit([delete, Update(ACTIVITY, key, "COUNT", add={"webhooks": -1})], [event])


def forget_all(sandbox_id: str) -> None:
    """Delete the notifications of a sandbox that is deleted, and how many webhooks it had, once they are."""
    table.clear(ACTIVITY, _notifications_key(sandbox_id))
    table.clear(ACTIVITY, _webhooks_key(sandbox_id))


def webhook(sandbox_id: str, webhook_id: str) -> WebhookItem | None:
    """The webhook, or None."""
    return _WEBHOOK.get(_webhooks_key(sandbox_id), f"HOOK#{webhook_id}")


def webhooks(sandbox_id: str) -> Iterator[WebhookItem]:
    """All webhooks of a sandbox, oldest first."""
    return _WEBHOOK.query(_webhooks_key(sandbox_id), "HOOK#")


def all_webhooks() -> Iterator[tuple[str, WebhookItem]]:
    """Every webhook with its sandbox's id; reads the whole table, for the operator alone."""
    for item in table.scan(ACTIVITY):
        if str(item.get(FORM, "")).startswith(f"{_WEBHOOK.name}/"):
            yield item["pk"].partition("#")[2], _WEBHOOK.load(item)


def webhooks_page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[WebhookItem] | None = None
) -> tuple[list[WebhookItem], str | None]:
    """A page of webhooks, newest first unless the selection says otherwise, and the next cursor."""
    return items.page(_WEBHOOK, _webhooks_key(sandbox_id), "HOOK#", limit, cursor, selection)


def _update_webhook(sandbox_id: str, webhook_id: str, condition: ConditionBase, **change: Any) -> Update:
    key = _webhooks_key(sandbox_id)
    return Update(ACTIVITY, key, f"HOOK#{webhook_id}", condition=PRESENT & condition, **change)


def disable_webhook(sandbox_id: str, webhook_id: str, reason: str, event: Event) -> None:
    """Disable a webhook that is still enabled."""
    change = {"status": "disabled", "disabledReason": reason}
    update = _update_webhook(sandbox_id, webhook_id, Attr("status").eq("enabled"), assign=change, add={"revision": 1})
    _if_it_holds([update], [event])


def webhook_failed(sandbox_id: str, webhook_id: str, at: str) -> None:
    """Note since when all attempts have failed; an earlier time stays."""
    never = Attr("failingSince").eq(None)
    _if_it_holds([_update_webhook(sandbox_id, webhook_id, never, assign={"failingSince": at})], [])


def webhook_succeeded(sandbox_id: str, webhook_id: str) -> None:
    """Forget since when attempts have failed."""
    failing = Attr("failingSince").ne(None)
    _if_it_holds([_update_webhook(sandbox_id, webhook_id, failing, assign={"failingSince": None})], [])


def _if_it_holds(writes: Sequence[Write], events: Sequence[Event]) -> None:
    with suppress(ConditionFailed):
        journal.commit(writes, events)


def put_attempt(webhook_id: str, at: datetime, new: AttemptItem) -> None:
    """Keep an attempt to send an event to a webhook."""
    sk, ttl = f"{new.at}#{new.event_id}#{new.attempt}", int((at + ATTEMPTS_KEPT).timestamp())
    table.apply(_ATTEMPT.put(new, _attempts_key(webhook_id), sk, UNCONDITIONAL, ttl=ttl))


def attempts_page(webhook_id: str, limit: int, cursor: str | None) -> tuple[list[AttemptItem], str | None]:
    """A page of the attempts to send events to a webhook, newest first, and the next cursor."""
    return items.page(_ATTEMPT, _attempts_key(webhook_id), "", limit, cursor)
