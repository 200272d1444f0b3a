"""Sending events to webhooks, signed as Standard Webhooks says, and what an attempt means for its webhook.

A message of the webhooks queue names the sandbox, the webhook and the record's `sequence`, beside what
`platform.sender` adds of attempts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import HttpUrl

from handfast.activity import rules, store
from handfast.activity.models import AttemptItem, WebhookItem
from handfast.identity.free_text import ADDRESS_IN_URL
from handfast.identity.patterns import holds_address
from handfast.journal import store as journal
from handfast.journal.event_types import matches
from handfast.journal.models import Actor, Event
from handfast.platform import clock, outbound, queues, secret, sender, standard_webhooks
from handfast.platform.problems import Refused
from handfast.platform.queues import Message
from handfast.platform.sender import Outcome
from handfast.platform.table import Item

_QUEUE = "WEBHOOKS_QUEUE_URL"
_GONE = 410
"""The status code by which a receiver says that it wants no more."""


@dataclass(frozen=True)
class Outgoing:
    """An event as a webhook gets it; `sequence` of its record, None for a test."""

    event_id: str
    type: str
    at: str
    data: dict[str, Any]
    sequence: int | None = None


def queue_attempts(sandbox_id: str, record: Item) -> None:
    """Queue the first attempt to send a record to each enabled webhook that wants events of its type."""
    queues.send(_QUEUE, (_first_attempt(sandbox_id, webhook, record) for webhook in _wanting(sandbox_id, record)))


def _wanting(sandbox_id: str, record: Item) -> list[WebhookItem]:
    return [
        webhook
        for webhook in store.webhooks(sandbox_id)
        if webhook.status == "enabled" and any(matches(wanted, record["type"]) for wanted in webhook.types)
    ]


def _first_attempt(sandbox_id: str, webhook: WebhookItem, record: Item) -> Message:
    pointer = {"sandboxId": sandbox_id, "webhookId": webhook.webhook_id, "sequence": record["sequence"]}
    return Message(pointer | {"attempt": 1, "notBefore": record["at"]})


def attempt(message: dict[str, Any]) -> None:
    """Make the attempt a message asks for, or put it off until its time; one that fails queues the next.

    Nothing is sent to a webhook that was deleted or disabled meanwhile.
    """
    if sender.put_off(_QUEUE, message):
        return
    sandbox_id = message["sandboxId"]
    webhook = store.webhook(sandbox_id, message["webhookId"])
    if webhook is None or webhook.status != "enabled":
        return
    record = journal.record(sandbox_id, message["sequence"])
    if record is None:
        raise LookupError("the log has no such record")
    event_id, data = rules.event_id(sandbox_id, record), rules.event_data(sandbox_id, record)
    outgoing = Outgoing(event_id, record["type"], record["at"], data, record["sequence"])
    outcome = send(webhook, outgoing)
    next_at = _follow_up(message, webhook, outcome)
    note_attempt(webhook, outgoing, outcome, message["attempt"], next_at)


def send(webhook: WebhookItem, outgoing: Outgoing) -> Outcome:
    """Sign the event as of now and post it once."""
    return post(webhook.url, outgoing, _signing_keys(webhook))


def post(url: str, outgoing: Outgoing, keys: Sequence[bytes]) -> Outcome:
    """Post the event once, signed as of now with each of the keys."""
    body = standard_webhooks.webhook_body(outgoing.type, outgoing.at, outgoing.data)
    timestamp = int(clock.now().timestamp())
    signatures = [standard_webhooks.webhook_signature(key, outgoing.event_id, timestamp, body) for key in keys]
    headers = {
        "user-agent": "Handfast",
        "webhook-id": outgoing.event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
    return sender.post(url, body, headers)


def checked_url(given: HttpUrl) -> str:
    """The address of a webhook.

    Raises Refused for one that may not be called, or that holds what looks like a person's address.
    """
    url = str(given)
    try:
        outbound.check_url(url)
    except outbound.OutboundError as error:
        raise Refused(error.detail, reason=error.reason, pointer="/url") from error
    if holds_address(url):
        raise Refused(ADDRESS_IN_URL, reason="invalid_url", pointer="/url")
    return url


def signing_key(webhook: WebhookItem) -> bytes:
    """The key that a webhook's events are signed with, of the deployment's version in force when it got its secret."""
    keyring = secret.keyring(secret.WEBHOOKS)
    return keyring.key(_name(webhook.webhook_id, webhook.secret_number), keyring.at(since(webhook)))


def since(webhook: WebhookItem) -> datetime:
    """Since when a webhook has had its secret."""
    return clock.from_text(webhook.secret_rotated_at or webhook.created_at)


def of_former_versions(webhooks: Iterable[tuple[str, WebhookItem]]) -> list[tuple[str, str]]:
    """Sandbox and id of those of the webhooks that are signed with another version of the secret than that in force."""
    keyring, now = secret.keyring(secret.WEBHOOKS), clock.now()
    return [
        (sandbox_id, webhook.webhook_id)
        for sandbox_id, webhook in webhooks
        if keyring.at(since(webhook)) != keyring.current or rules.previous_secret_until(webhook.secret_rotated_at, now)
    ]


def key_names(webhook: WebhookItem) -> list[str]:
    """The names of the keys that a webhook's events may be signed with: of its secret, and of the one before."""
    newest = webhook.secret_number
    return [_name(webhook.webhook_id, number) for number in (newest, newest - 1) if number]


def _name(webhook_id: str, number: int) -> str:
    return f"webhook/{webhook_id}" if number == 1 else f"webhook/{webhook_id}/{number}"


def _signing_keys(webhook: WebhookItem) -> list[bytes]:
    """The key of a webhook's secret, and for a while after a rotation that of the one before.

    Which version of the deployment's secret the one before was made under is not known: it may be any.
    """
    grace = rules.previous_secret_until(webhook.secret_rotated_at, clock.now())
    former = secret.accepted(secret.WEBHOOKS, key_names(webhook)[1]) if grace else []
    return [signing_key(webhook), *former]


def _follow_up(message: dict[str, Any], webhook: WebhookItem, outcome: Outcome) -> str | None:
    """What an attempt's outcome changes; the time of the next attempt, if there is one."""
    sandbox_id, webhook_id, now = message["sandboxId"], message["webhookId"], clock.now()
    since = webhook.failing_since
    if outcome.delivered:
        if since is not None:
            store.webhook_succeeded(sandbox_id, webhook_id)
        return None
    if outcome.status_code == _GONE:
        _disable(sandbox_id, webhook, "gone")
        return None
    if since is None:
        store.webhook_failed(sandbox_id, webhook_id, clock.to_text(now))
    next_at = sender.follow_up(_QUEUE, message, outcome)
    if next_at is None and since is not None and now - clock.from_text(since) > rules.FAILING_FOR:
        _disable(sandbox_id, webhook, "failing")
    return next_at


def _disable(sandbox_id: str, webhook: WebhookItem, reason: str) -> None:
    webhook_id = webhook.webhook_id
    event = Event(sandbox_id, "webhook.disabled", Actor.system(), webhook_id, {"name": host(webhook), "reason": reason})
    store.disable_webhook(sandbox_id, webhook_id, reason, event)


def host(webhook: WebhookItem) -> str:
    """What to call a webhook: paths and queries may hold secrets, the host does not."""
    return urlsplit(webhook.url).hostname or ""


def note_attempt(
    webhook: WebhookItem, outgoing: Outgoing, outcome: Outcome, number: int = 1, next_at: str | None = None
) -> AttemptItem:
    """Keep what came of an attempt, the one of that number (from 1), and return it as it is kept."""
    now = clock.now()
    made = AttemptItem(
        at=clock.to_text(now),
        event_id=outgoing.event_id,
        type=outgoing.type,
        sequence=outgoing.sequence,
        attempt=number,
        status_code=outcome.status_code,
        error=outcome.error,
        next_attempt_at=next_at,
    )
    store.put_attempt(webhook.webhook_id, now, made)
    return made
