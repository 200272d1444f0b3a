"""The hash chain of a sandbox's log, and what follows from a record: who is notified, what a webhook sends and when."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from handfast.journal.chain import Record
from handfast.platform import clock

WEBHOOKS_PER_SANDBOX = 10
# Standard Webhooks asks for bodies under 20 kB; the rest of a record fits into what this leaves.
DETAIL_BYTES = 16_000
FAILING_FOR = timedelta(days=3)
SECRET_GRACE = timedelta(hours=24)
"""How long events are signed with the secret before the last rotation, too."""

# Notified when the other side, Handfast or the operator did it: one's own deeds are no news.
_TITLES = {
    "connection.requested": "{actor} asks to connect",
    "connection.accepted": "{actor} accepted your connection request",
    "connection.rejected": "{actor} rejected your connection request",
    "connection.withdrawn": "{actor} withdrew its connection request",
    "connection.expired": "A connection request expired",
    "connection.changed": "{actor} changed what you may estimate",
    "connection.disconnected": "{actor} disconnected",
    "feed.published": "{actor} shares the feed{name} with you",
    "feed.changed": "{actor} changed the feed{name}",
    "feed.unshared": "The feed{name} is no longer shared",
    "received_feed.enabled": "{actor} enabled the feed{name}",
    "received_feed.disabled": "{actor} disabled the feed{name}",
    "received_feed.declined": "{actor} declined the feed{name}",
    "upload.completed": "The upload{name} completed",
    "upload.failed": "The upload{name} failed",
    "source.failed": "Files of the source{name} could not be taken",
    "dataflow.completed": "The first run of the dataflow{name} completed",
    "dataflow.failed": "A run of the dataflow{name} failed",
    "dataflow.paused": "{actor} paused the dataflow{name}",
    "dataflow.resumed": "{actor} resumed the dataflow{name}",
    "dataflow.held": "New members of the dataflow{name} are held back",
    "dataflow.released": "New members of the dataflow{name} are no longer held back",
    "recipient.named": "{actor} told people that you received their data",
    "policy.violated": "A policy stopped the feed{name}",
    "policy.resolved": "No policy stops segments of the feed{name} any more",
    "privacy_request.callback_failed": "Nobody at {host} takes word of a privacy request",
    "webhook.disabled": "The webhook{name} was disabled",
    "privacy_request.received": "{actor} made a privacy request",
    "privacy_request.manual_task_begun": "A privacy request waits for what somebody does by hand",
    "privacy_request.review_begun": "The package of a privacy request waits for a review",
    "privacy_request.verified": "A privacy request was verified",
    "privacy_request.completed": "A privacy request completed",
    "privacy_request.failed": "A privacy request failed and waits for a retry",
    "privacy_request.referred": "A privacy request reaches further than was known, and waits for another approval",
    "privacy_request.recipient_answered": "{actor} answered a privacy request",
    "privacy_request.denied": "{actor} denied a privacy request",
    "privacy_request.message_failed": "A message to the person of a privacy request could not be sent",
    "privacy_request.due_soon": "A privacy request is due soon",
    "privacy_request.overdue": "A privacy request is overdue",
    "alert.raised": "The destination{name}: {alert}",
    "alert.cleared": "The destination{name}: over is that {alert}",
}
_ALERTS = {
    "run_failed": "a run failed",
    "run_delayed": "a run is late",
    "skipped_rate": "more than 1 % of the members are skipped",
    "activation_failing": "it does not take what is sent to it",
    "dead_letters": "it has dead letters",
    "credentials_expiring": "its credentials end soon",
    "removal_guard": "a file was refused by the guard against removals",
}
# News to one's own side too: an upload's end comes long after the deed, a violation concerns others, and who asks for
# a person is seldom who decides.
_ALWAYS = frozenset(
    {
        "policy.violated",
        "policy.resolved",
        "upload.completed",
        "upload.failed",
        "privacy_request.received",
        "privacy_request.verified",
        "privacy_request.denied",
    }
)


def previous_secret_until(rotated_at: str | None, now: datetime) -> datetime | None:
    """Until when a webhook's events are signed with its secret before, too; None where they no longer are."""
    until = rotated_at and clock.from_text(rotated_at) + SECRET_GRACE
    return until if until and until > now else None


def is_told(record: Record, channel: str) -> bool:
    """Whether a record is told through a channel: an alert is through those alone that somebody has chosen for it."""
    return not record["type"].startswith("alert.") or channel in record["detail"]["channels"]


def notification_title(record: Record) -> str | None:
    """The title of the notification that a record makes, or None where it makes none.

    Of the runs that complete, the one that an enabled feed set off is news; a person's request is once it is verified.
    """
    event_type, actor, detail = record["type"], record["actor"], record["detail"]
    title = _TITLES.get(event_type)
    if title is None or (actor["kind"] == "principal" and event_type not in _ALWAYS):
        return None
    if event_type == "dataflow.completed" and detail.get("reason") != "received_feed.enabled":
        return None
    if event_type == "privacy_request.received" and detail.get("status") == "unverified":
        return None
    given = detail.get("name") or detail.get("fileName")
    return title.format(
        actor=actor["name"] or "Your partner",
        name=f" “{given}”" if given else "",
        host=detail.get("host", ""),
        alert=_ALERTS.get(detail.get("alert", "")),
    )


def notification_id(record: Record) -> str:
    """Of the record's sequence, so that a repeated record is the same notification; sorts by time."""
    return f"ntf_{record['sequence']:012d}"


def event_id(sandbox_id: str, record: Record) -> str:
    """The record's id outside: CloudEvents `id`, and `webhook-id`, which may hold no full stop."""
    return f"{sandbox_id}-{record['sequence']}"


def event_data(sandbox_id: str, record: Record) -> dict[str, Any]:
    """What an event says of a record; a detail too large to send is left to be read from the log."""
    detail: Mapping[str, Any] | None = record["detail"]
    if len(json.dumps(detail)) > DETAIL_BYTES:
        detail = None
    return {
        "sandboxId": sandbox_id,
        "sequence": record["sequence"],
        "actor": record["actor"],
        "subject": record["subject"],
        "detail": detail,
        "hash": record["hash"],
    }


def cloud_event(sandbox_id: str, source: str, record: Record) -> dict[str, Any]:
    """The record as an event on the bus, with the attributes of CloudEvents 1.0, whose names are in lower case."""
    return {
        "specversion": "1.0",
        "id": event_id(sandbox_id, record),
        "source": source,
        "type": record["type"],
        "time": record["at"],
        "subject": record["subject"],
        "sandboxid": sandbox_id,
        "data": event_data(sandbox_id, record),
    }
