"""From a record of the log to notifications, the event bus and webhooks. All of it may run twice for one record."""

import math
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from handfast.activity import rules, store
from handfast.journal import store as journal
from handfast.journal.models import Actor, Event
from handfast.platform import bus, clock, outbound, queues, secret, sender, standard_webhooks
from handfast.platform.queues import Message
from handfast.platform.table import Item

WEBHOOKS = "WEBHOOKS_QUEUE_URL"
_LONGEST_DELAY = 900  # of SQS


def publish(sandbox_id: str, record: Item) -> None:
    """Notify the sandbox's people, put the record on the bus, and queue it for each webhook that wants it."""
    title = rules.notification_title(record)
    if title is not None:
        facts = {name: record[name] for name in ("type", "at", "subject")}
        notification = {"notificationId": rules.notification_id(record), "title": title} | facts
        store.put_notification(sandbox_id, notification)
    event = rules.cloud_event(sandbox_id, bus.SOURCE, record)
    bus.put(record["type"], clock.from_text(record["at"]), event)
    queues.send(WEBHOOKS, (_first_attempt(sandbox_id, webhook, record) for webhook in _wanting(sandbox_id, record)))


def _wanting(sandbox_id: str, record: Item) -> list[Item]:
    return [
        webhook
        for webhook in store.webhooks(sandbox_id)
        if webhook["status"] == "enabled" and any(rules.matches(wanted, record["type"]) for wanted in webhook["types"])
    ]


def _first_attempt(sandbox_id: str, webhook: Item, record: Item) -> Message:
    pointer = {"sandboxId": sandbox_id, "webhookId": webhook["webhookId"], "sequence": record["sequence"]}
    return Message(pointer | {"attempt": 1, "notBefore": record["at"]})


def key(webhook_id: str) -> bytes:
    """The signing key of a webhook."""
    return secret.derived(f"webhook/{webhook_id}")


@dataclass(frozen=True)
class Outgoing:
    """An event as a webhook gets it; `sequence` of its record, None for a test."""

    event_id: str
    type: str
    at: str
    data: dict[str, Any]
    sequence: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What an attempt came to: a status code, or why there was none."""

    status_code: int | None = None
    error: str | None = None
    retry_after: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.status_code is not None and 200 <= self.status_code < 300


def send(webhook: Item, outgoing: Outgoing) -> Outcome:
    """Sign the event as of now and post it once."""
    body = standard_webhooks.webhook_body(outgoing.type, outgoing.at, outgoing.data)
    timestamp = int(clock.now().timestamp())
    headers = {
        "content-type": "application/json",
        "user-agent": "Handfast",
        "webhook-id": outgoing.event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": standard_webhooks.webhook_signature(
            key(webhook["webhookId"]), outgoing.event_id, timestamp, body
        ),
    }
    try:
        answer = outbound.request("POST", webhook["url"], body, headers)
    except outbound.OutboundError as error:
        return Outcome(error=error.reason)
    return Outcome(answer.status, None, answer.headers.get("retry-after"))


def deliver(message: dict[str, Any]) -> None:
    """Make the attempt a message asks for, or put it off until its time; one that fails queues the next."""
    wait = (clock.from_text(message["notBefore"]) - clock.now()).total_seconds()
    if wait > 0:
        queues.send(WEBHOOKS, [Message(message, delay=min(math.ceil(wait), _LONGEST_DELAY))])
        return
    sandbox_id = message["sandboxId"]
    webhook = store.webhook(sandbox_id, message["webhookId"])
    if webhook is None or webhook["status"] != "enabled":
        return
    record = journal.record(sandbox_id, message["sequence"])
    if record is None:
        raise LookupError("the log has no such record")
    event_id, data = rules.event_id(sandbox_id, record), rules.event_data(sandbox_id, record)
    outgoing = Outgoing(event_id, record["type"], record["at"], data, record["sequence"])
    outcome = send(webhook, outgoing)
    next_at = _follow_up(message, webhook, outcome)
    log(webhook, outgoing, outcome, message["attempt"], next_at)


def _follow_up(message: dict[str, Any], webhook: Item, outcome: Outcome) -> str | None:
    """What an attempt's outcome changes; the time of the next attempt, if there is one."""
    sandbox_id, webhook_id, now = message["sandboxId"], message["webhookId"], clock.now()
    if outcome.delivered:
        if "failingSince" in webhook:
            store.webhook_succeeded(sandbox_id, webhook_id)
        return None
    if outcome.status_code == 410:
        _disable(sandbox_id, webhook, "gone")
        return None
    since = webhook.get("failingSince")
    if since is None:
        store.webhook_failed(sandbox_id, webhook_id, clock.to_text(now))
    wait = sender.retry_after(message["attempt"], outcome.retry_after, random.random())  # noqa: S311 - jitter
    if wait is None:
        if since is not None and now - clock.from_text(since) > rules.FAILING_FOR:
            _disable(sandbox_id, webhook, "failing")
        return None
    next_at = clock.to_text(now + timedelta(seconds=wait))
    following = message | {"attempt": message["attempt"] + 1, "notBefore": next_at}
    queues.send(WEBHOOKS, [Message(following, delay=min(wait, _LONGEST_DELAY))])
    return next_at


def _disable(sandbox_id: str, webhook: Item, reason: str) -> None:
    webhook_id = webhook["webhookId"]
    event = Event(sandbox_id, "webhook.disabled", Actor.system(), webhook_id, {"name": host(webhook), "reason": reason})
    store.disable_webhook(sandbox_id, webhook_id, reason, event)


def host(webhook: Item) -> str:
    """What to call a webhook: paths and queries may hold secrets, the host does not."""
    return urlsplit(webhook["url"]).hostname or ""


def log(webhook: Item, outgoing: Outgoing, outcome: Outcome, attempt: int = 1, next_at: str | None = None) -> Item:
    """Add an attempt to the delivery log and return what it says."""
    now = clock.now()
    delivery: Item = {
        "at": clock.to_text(now),
        "eventId": outgoing.event_id,
        "type": outgoing.type,
        "sequence": outgoing.sequence,
        "attempt": attempt,
        "statusCode": outcome.status_code,
        "error": outcome.error,
        "nextAttemptAt": next_at,
    }
    store.put_attempt(webhook["webhookId"], now, delivery)
    return delivery
