"""Alerts by e-mail, from the record of one to those who have chosen that. It may run twice for one record."""

from handfast.activity import rules
from handfast.delivery import alert_store
from handfast.platform import alert_topic
from handfast.platform.table import Item


def mail(sandbox_id: str, record: Item) -> None:
    """Mail an alert that was raised or cleared to its subscribers; other records are nothing to it."""
    title = rules.notification_title(record)
    if title is None or not record["type"].startswith("alert.") or not rules.is_told(record, "email"):
        return
    detail, destination_id = record["detail"], record["subject"]
    to = [
        each.principal_id
        for each in alert_store.subscriptions(destination_id)
        if detail["alert"] in each.alerts and "email" in each.channels
    ]
    if not to:
        return
    lines = [
        f"{title}.",
        "",
        f"Event: {record['type']} at {record['at']}",
        f"Alert: {detail['alert']}, since {detail['raisedAt']}, reason {detail['reason']}",
        f"Destination: {destination_id}, sandbox {sandbox_id}",
        "",
        f"How it is doing: handfast destinations health {destination_id}",
        f"Fewer of these: handfast destinations unsubscribe {destination_id}",
    ]
    alert_topic.publish(f"{record['type']}: {detail['alert']}", "\n".join(lines), to)
