"""A sandbox's own message system, which sends what people are written about their requests (docs/api.md, Privacy)."""

import secrets
from dataclasses import replace
from typing import Any

from pydantic import HttpUrl

from handfast.activity import rules, webhook_sending
from handfast.activity.models import WebhookItem
from handfast.activity.webhook_sending import Outgoing
from handfast.connectors.models import ConnectorCheck, ConnectorTest
from handfast.journal.models import Actor, Caller, Event
from handfast.platform import clock, standard_webhooks
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import NotFound
from handfast.platform.sender import Outcome
from handfast.platform.wire import Link, Request, Resource, Timestamp
from handfast.privacy_requests import message_webhook_store as store

_WHAT = "message webhook"


class PutMessageWebhook(Request):
    """Where messages to people are posted."""

    url: HttpUrl


class MessageWebhook(Resource):
    """Where messages to people are posted, in place of Amazon SES.

    Until `previousSecretUntil` they are signed with the secret before the last rotation, too.
    """

    url: Link
    created_at: Timestamp
    previous_secret_until: Timestamp | None


class NewMessageWebhook(MessageWebhook):
    """A message webhook just set. `secret` (Standard Webhooks, `whsec_…`) is shown only when it is new; else null."""

    secret: str | None


def get(caller: Caller) -> MessageWebhook:
    """The sandbox's message webhook.

    Raises NotFound where it has none.
    """
    return MessageWebhook(**_shown(_load(caller)))


def put(caller: Caller, body: PutMessageWebhook, if_match: Versions) -> NewMessageWebhook:
    """Have messages to people posted to an address; the secret of one that is there stays.

    Raises Refused for an address that may not be called, Stale when it is no longer the version in If-Match,
    TooManyRequests when it changes too fast.
    """
    url = webhook_sending.checked_url(body.url)

    def attempt() -> NewMessageWebhook:
        old = store.get(caller.sandbox_id)
        check_version(if_match, old.revision if old else None, _WHAT)
        if old is None:
            made = WebhookItem(new_id("mwh"), url, (), "enabled", None, clock.now_text())
            store.put(caller.sandbox_id, None, made, _event(caller, "created", made))
            return _with_secret(made)
        new = replace(old, url=url)
        if new != old:
            store.put(caller.sandbox_id, old, new, _event(caller, "changed", new))
            new = replace(new, revision=old.revision + 1)
        return NewMessageWebhook(**_shown(new), secret=None)

    return until_written(_WHAT, attempt)


def rotate_secret(caller: Caller) -> NewMessageWebhook:
    """A new secret; for a day messages are signed with the one before, too.

    Raises NotFound where there is no message webhook, TooManyRequests when it changes too fast.
    """

    def attempt() -> NewMessageWebhook:
        old = _load(caller)
        new = replace(old, secret_number=old.secret_number + 1, secret_rotated_at=clock.now_text())
        store.put(caller.sandbox_id, old, new, _event(caller, "secret_rotated", new))
        return _with_secret(replace(new, revision=old.revision + 1))

    return until_written(_WHAT, attempt)


def delete(caller: Caller, if_match: Versions) -> None:
    """Have messages posted no longer: Amazon SES sends them where the deployment has a sender, or else nobody does.

    Raises NotFound where there is no message webhook, Stale when it is no longer the version in If-Match,
    TooManyRequests when it changes too fast.
    """

    def attempt() -> None:
        old = _load(caller)
        check_version(if_match, old.revision, _WHAT)
        store.delete(caller.sandbox_id, old, _event(caller, "deleted", old))

    until_written(_WHAT, attempt)


def test(caller: Caller) -> ConnectorTest:
    """Post a `message.test` event, and one with a signature that is none: the first is to be taken, the other not.

    Raises NotFound where there is no message webhook.
    """
    webhook = _load(caller)
    outgoing = Outgoing(new_id("test"), "message.test", clock.now_text(), {"sandboxId": caller.sandbox_id})
    taken = webhook_sending.send(webhook, outgoing)
    checks = [_check("endpoint", taken.delivered, "takes signed calls", taken)]
    if taken.delivered:
        other = replace(outgoing, event_id=new_id("test"))
        forged = webhook_sending.post(webhook.url, other, [secrets.token_bytes(32)])
        refused = forged.status_code is not None and 400 <= forged.status_code < 500
        checks.append(_check("signature", refused, "refuses calls signed with another secret", forged))
    return ConnectorTest(ok=all(check.ok for check in checks), checks=checks)


def _check(name: str, ok: bool, good: str, outcome: Outcome) -> ConnectorCheck:
    bad = (
        "takes calls signed with another secret: it must verify them"
        if outcome.delivered
        else f"does not take calls: {failure(outcome)}"
    )
    return ConnectorCheck(name=name, ok=ok, detail=good if ok else bad)


def failure(outcome: Outcome) -> str | None:
    """The code of why an attempt has failed: that of the call, or `http_` and the answer's status."""
    return outcome.error or (f"http_{outcome.status_code}" if outcome.status_code else None)


def _load(caller: Caller) -> WebhookItem:
    found = store.get(caller.sandbox_id)
    if found is None:
        raise NotFound("the sandbox has no message webhook")
    return found


def _event(caller: Caller, what: str, webhook: WebhookItem) -> Event:
    detail = {"name": webhook_sending.host(webhook)}
    return Event(caller.sandbox_id, f"message_webhook.{what}", Actor.of(caller), webhook.webhook_id, detail)


def _with_secret(webhook: WebhookItem) -> NewMessageWebhook:
    secret = standard_webhooks.webhook_secret(webhook_sending.signing_key(webhook))
    return NewMessageWebhook(**_shown(webhook), secret=secret)


def _shown(webhook: WebhookItem) -> dict[str, Any]:
    until = rules.previous_secret_until(webhook.secret_rotated_at, clock.now())
    return {
        "url": webhook.url,
        "created_at": webhook.created_at,
        "previous_secret_until": until and clock.to_text(until),
        "version": webhook.revision,
    }
