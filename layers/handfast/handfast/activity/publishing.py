"""From a record of the log to notifications, the event bus and webhooks. All of it may run twice for one record."""

from handfast.activity import rules, store, webhook_sending
from handfast.activity.models import NotificationItem
from handfast.platform import bus, clock
from handfast.platform.table import Item


def publish(sandbox_id: str, record: Item) -> None:
    """Notify the sandbox's people, put the record on the bus, and queue it for each webhook that wants it.

    An alert is told only through the channels that somebody has chosen for it.
    """
    title = rules.notification_title(record)
    if title is not None and rules.is_told(record, "in_app"):
        notification = NotificationItem(
            notification_id=rules.notification_id(record),
            type=record["type"],
            title=title,
            at=record["at"],
            subject=record["subject"],
        )
        store.put_notification(sandbox_id, notification)
    event = rules.cloud_event(sandbox_id, bus.SOURCE, record)
    bus.put(record["type"], clock.from_text(record["at"]), event)
    if rules.is_told(record, "webhook"):
        webhook_sending.queue_attempts(sandbox_id, record)
