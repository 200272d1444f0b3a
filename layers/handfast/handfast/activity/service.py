"""A sandbox's log, the notifications that follow from it, and its webhooks."""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Any

from handfast.activity import rules, store, webhook_sending
from handfast.activity.models import (
    ActivityList,
    ActivityRecord,
    Attempt,
    AttemptList,
    CreateWebhook,
    NewWebhook,
    Notification,
    NotificationList,
    PatchWebhook,
    Verification,
    Webhook,
    WebhookItem,
    WebhookList,
)
from handfast.journal import chain
from handfast.journal import store as journal
from handfast.journal.event_types import EVENT_TYPES, is_known, matches
from handfast.journal.models import Actor, Caller, Event
from handfast.platform import clock, standard_webhooks
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, lost_condition_is, until_written
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.platform.table import Item
from handfast.platform.wanted import Wanted


@dataclass(frozen=True)
class Looked:
    """What is looked for in a log; None for anything.

    `pattern` is of types, `actor` a principal's id or a kind of actor, and the times are of records from `since` on
    and before `until`.
    """

    pattern: str | None = None
    subject: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def finds(self, record: Item) -> bool:
        """Whether a record is one that is looked for."""
        at, actor = clock.from_text(record["at"]), record["actor"]
        return (
            matches(self.pattern or "*", record["type"])
            and self.subject in {None, record["subject"]}
            and self.actor in {None, actor["id"], actor["kind"]}
            and (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
        )


def list_activity(caller: Caller, looked: Looked, limit: int, cursor: str | None) -> ActivityList:
    """What is looked for in the log, newest first.

    Raises Malformed for a cursor of another list.
    """
    asked = [value for value in astuple(looked) if value is not None]
    scope = "|".join(map(str, astuple(looked))) if asked else ""
    keep = looked.finds if asked else None
    page = journal.log_page(caller.sandbox_id, limit, cursor, keep, scope, looked.since, looked.until)
    return ActivityList(
        items=[ActivityRecord.model_validate(item) for item in page.items], next_cursor=page.next_cursor
    )


def verify(caller: Caller) -> Verification:
    """Walk the whole log and check its chain."""
    records, head, broken_at = chain.first_break(journal.log(caller.sandbox_id))
    return Verification(verified=broken_at is None, records=records, head=head, broken_at=broken_at)


def list_notifications(caller: Caller, limit: int, cursor: str | None) -> NotificationList:
    """The sandbox's notifications, newest first.

    Raises Malformed for a cursor of another list.
    """
    found, next_cursor = store.notifications_page(caller.sandbox_id, limit, cursor)
    return NotificationList(
        items=[Notification(**item.__dict__) for item in found],
        unread=store.unread(caller.sandbox_id),
        next_cursor=next_cursor,
    )


def read_notification(caller: Caller, notification_id: str) -> Notification:
    """Mark a notification read, for all people of the sandbox.

    Raises NotFound for an unknown notification.
    """
    found = store.read_notification(caller.sandbox_id, notification_id)
    if found is None:
        raise NotFound("no such notification")
    return Notification(**found.__dict__)


def list_webhooks(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> WebhookList:
    """The sandbox's webhooks, newest first unless something else is wanted.

    Raises Malformed for a cursor of another list.
    """
    selection = wanted.selection(lambda each: (each.url,), {"status": lambda each: each.status})
    found, next_cursor = store.webhooks_page(caller.sandbox_id, limit, cursor, selection)
    return WebhookList(items=list(map(_view, found)), next_cursor=next_cursor)


def create_webhook(caller: Caller, body: CreateWebhook) -> NewWebhook:
    """A new webhook with its secret.

    Raises Refused for an address that may not be called or an unknown type, Conflict when the sandbox has ten.
    """
    url = webhook_sending.checked_url(body.url)
    _check_types(body.types)
    webhook_id = new_id("whk")
    webhook = WebhookItem(webhook_id, url, tuple(body.types), "enabled", None, clock.now_text())
    full = f"a sandbox has at most {rules.WEBHOOKS_PER_SANDBOX} webhooks; delete one first"
    with lost_condition_is(Conflict(full, current="limit_reached")):
        store.create_webhook(caller.sandbox_id, webhook, _event(caller, "created", webhook))
    return _with_secret(webhook)


def _check_types(patterns: Sequence[str]) -> None:
    message = "no such event type; `known` lists them, and families such as feed.* and * are taken too"
    errors = [
        {"pointer": f"/types/{place}", "message": message}
        for place, pattern in enumerate(patterns)
        if not is_known(pattern)
    ]
    if errors:
        raise Refused(message, reason="unknown_event_type", errors=errors, known=sorted(EVENT_TYPES))


def _event(caller: Caller, what: str, webhook: WebhookItem) -> Event:
    detail = {"name": webhook_sending.host(webhook), "types": list(webhook.types), "status": webhook.status}
    return Event(caller.sandbox_id, f"webhook.{what}", Actor.of(caller), webhook.webhook_id, detail)


def _view(webhook: WebhookItem) -> Webhook:
    return Webhook(**_shown(webhook))


def _with_secret(webhook: WebhookItem) -> NewWebhook:
    key = webhook_sending.signing_key(webhook)
    return NewWebhook(**_shown(webhook), secret=standard_webhooks.webhook_secret(key))


def _shown(webhook: WebhookItem) -> dict[str, Any]:
    kept = {name: value for name, value in webhook.__dict__.items() if name in Webhook.model_fields}
    until = rules.previous_secret_until(webhook.secret_rotated_at, clock.now())
    return kept | {"version": webhook.revision, "previous_secret_until": until and clock.to_text(until)}


def get_webhook(caller: Caller, webhook_id: str) -> Webhook:
    """One webhook.

    Raises NotFound for an unknown webhook.
    """
    return _view(_webhook(caller, webhook_id))


def update_webhook(caller: Caller, webhook_id: str, body: PatchWebhook, if_match: Versions) -> Webhook:
    """Change a webhook; members left out stay.

    Raises NotFound for an unknown webhook, Stale when it is no longer the version in If-Match, Refused for an address
    that may not be called or an unknown type, TooManyRequests when it changes too fast.
    """
    changes: dict[str, Any] = {}
    if body.url is not None:
        changes["url"] = webhook_sending.checked_url(body.url)
    if body.types is not None:
        _check_types(body.types)
        changes["types"] = tuple(body.types)
    if body.status is not None:
        changes |= {"status": body.status, "disabled_reason": None, "failing_since": None}

    def changed(old: WebhookItem) -> WebhookItem:
        check_version(if_match, old.revision, "webhook")
        return replace(old, **changes)

    return _view(_replaced(caller, webhook_id, "changed", changed))


def rotate_webhook_secret(caller: Caller, webhook_id: str) -> NewWebhook:
    """A new secret for a webhook; for a day its events are signed with the one before, too.

    Raises NotFound for an unknown webhook, TooManyRequests when it changes too fast.
    """

    def rotated(old: WebhookItem) -> WebhookItem:
        return replace(old, secret_number=old.secret_number + 1, secret_rotated_at=clock.now_text())

    return _with_secret(_replaced(caller, webhook_id, "secret_rotated", rotated))


def _replaced(caller: Caller, webhook_id: str, what: str, change: Callable[[WebhookItem], WebhookItem]) -> WebhookItem:
    """The webhook as it is once it is changed, whatever else changes it meanwhile."""

    def attempt() -> WebhookItem:
        old = _webhook(caller, webhook_id)
        new = change(old)
        if new == old:
            return old
        store.replace_webhook(caller.sandbox_id, old, new, _event(caller, what, new))
        return replace(new, revision=old.revision + 1)

    return until_written("webhook", attempt)


def _webhook(caller: Caller, webhook_id: str) -> WebhookItem:
    webhook = store.webhook(caller.sandbox_id, webhook_id)
    if webhook is None:
        raise NotFound("no such webhook")
    return webhook


def delete_webhook(caller: Caller, webhook_id: str, if_match: Versions) -> None:
    """Delete a webhook; what waits to be sent to it is dropped.

    Raises NotFound for an unknown webhook, Stale when it is no longer the version in If-Match, TooManyRequests when it
    changes too fast.
    """

    def attempt() -> None:
        old = _webhook(caller, webhook_id)
        check_version(if_match, old.revision, "webhook")
        detail = {"name": webhook_sending.host(old)}
        event = Event(caller.sandbox_id, "webhook.deleted", Actor.of(caller), webhook_id, detail)
        store.delete_webhook(caller.sandbox_id, old, event)

    until_written("webhook", attempt)


def test_webhook(caller: Caller, webhook_id: str) -> Attempt:
    """Send a `webhook.test` event now, once, and say what came of it.

    Raises NotFound for an unknown webhook.
    """
    webhook, data = _webhook(caller, webhook_id), {"sandboxId": caller.sandbox_id, "webhookId": webhook_id}
    outgoing = webhook_sending.Outgoing(new_id("test"), "webhook.test", clock.now_text(), data)
    outcome = webhook_sending.send(webhook, outgoing)
    return Attempt(**webhook_sending.note_attempt(webhook, outgoing, outcome).__dict__)


def list_attempts(caller: Caller, webhook_id: str, limit: int, cursor: str | None) -> AttemptList:
    """The attempts to send events to a webhook, newest first.

    Raises NotFound for an unknown webhook, Malformed for a cursor of another list.
    """
    _webhook(caller, webhook_id)
    found, next_cursor = store.attempts_page(webhook_id, limit, cursor)
    return AttemptList(items=[Attempt(**made.__dict__) for made in found], next_cursor=next_cursor)
