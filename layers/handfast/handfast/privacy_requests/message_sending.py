"""Sending messages to people: by a sandbox's own message system or Amazon SES, until it takes them, for about a day."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from handfast.access import store as access
from handfast.activity import webhook_sending
from handfast.activity.models import WebhookItem
from handfast.activity.webhook_sending import Outgoing
from handfast.journal.models import Actor
from handfast.platform import aws, optimistic, sender
from handfast.platform.sender import Outcome
from handfast.platform.settings import setting
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import (
    contact_store,
    intake,
    message_texts,
    message_webhook_store,
    message_webhooks,
    messages,
    store,
)
from handfast.privacy_requests.message_queue import MESSAGES
from handfast.privacy_requests.message_texts import Text
from handfast.privacy_requests.models import Contact, MessageStatus, MessageWay, PrivacyRequest
from handfast.privacy_requests.store import Step

_PAUSE = 0.1
"""Seconds: workers may be writing the same request."""


def deliver(message: Mapping[str, Any]) -> None:
    """Send the message of that `number` of a request to its person, once its time has come, unless it has ended.

    One that is not taken is sent again later, and fails in the end: the request and the log say so.
    """
    if sender.put_off(MESSAGES, message):
        return
    sandbox_id, name, number = message["sandboxId"], message["message"], message["number"]
    request = store.request(sandbox_id, name)
    if request is None or request.messages[number].status != "queued":
        return
    contact, webhook = contact_store.get(sandbox_id, name), message_webhook_store.get(sandbox_id)
    way: MessageWay = "webhook" if webhook else "ses"
    if contact is None:
        _note(request, number, "failed", way, "no_address")
        return
    if webhook is None and not intake.has_sender():
        _note(request, number, "failed", None, "no_sender")
        return
    text = _text(request, number, contact)
    outcome = _post(webhook, request, number, contact, text) if webhook else _send(contact, text)
    if outcome.delivered:
        _note(request, number, "sent", way, None)
    elif sender.follow_up(MESSAGES, message, outcome) is None:
        _note(request, number, "failed", way, message_webhooks.failure(outcome))


def _text(request: PrivacyRequest, number: int, contact: Contact) -> Text:
    sandbox = access.working_sandbox(request.sandbox_id)
    kind, calendar = request.messages[number].kind, intake.calendar_of(sandbox)
    reason = _extension_reason(request) if kind == "extension" else request.reason
    return message_texts.text_of(request, kind, contact, sandbox.organization_name, calendar, reason)


def _extension_reason(request: PrivacyRequest) -> str:
    records = store.history(request.privacy_request_id)
    return next(str(each["detail"]["reason"]) for each in records if each["type"] == "privacy_request.extended")


def _send(contact: Contact, text: Text) -> Outcome:
    """Hand a mail to SES; of its errors only the code is kept, since their words may hold the address."""
    try:
        aws.ses().send_email(
            FromEmailAddress=setting("MESSAGE_SENDER"),
            Destination={"ToAddresses": [contact.email]},
            Content={
                "Simple": {
                    "Subject": {"Data": text.subject, "Charset": "UTF-8"},
                    "Body": {"Text": {"Data": text.body, "Charset": "UTF-8"}},
                }
            },
        )
    except ClientError as error:
        return Outcome(error=error.response["Error"]["Code"])
    except BotoCoreError as error:
        return Outcome(error=type(error).__name__)
    return Outcome(200)


def _post(webhook: WebhookItem, request: PrivacyRequest, number: int, contact: Contact, text: Text) -> Outcome:
    """Post a message to the sandbox's own message system, by an id that stays the same when it is posted again."""
    of = request.messages[number]
    data = {
        "sandboxId": request.sandbox_id,
        "privacyRequestId": request.privacy_request_id,
        "kind": of.kind,
        "language": of.language,
        "recipient": contact.email,
        "subject": text.subject,
        "text": text.body,
    }
    message_id = f"{request.privacy_request_id}-{number}"
    return webhook_sending.send(webhook, Outgoing(message_id, "privacy_request.message", of.queued_at, data))


def _note(
    request: PrivacyRequest, number: int, status: MessageStatus, by: MessageWay | None, reason: str | None
) -> None:
    """Write down what came of a message, and forget the address after the last one."""

    def write() -> PrivacyRequest:
        old = store.request(request.sandbox_id, request.privacy_request_id) or request
        new = messages.ended(old, number, status, by, reason)
        of = new.messages[number]
        detail: dict[str, object] = {"kind": of.kind, "language": of.language, "by": of.by}
        detail |= {"reason": reason} if reason else {}
        step = Step(old, new, f"message_{status}", Actor.system(), detail, announced=status == "failed")
        return store.save(step)[0]

    if messages.is_over(optimistic.retry(write, ConditionFailed, pause=_PAUSE)):
        contact_store.delete(request.sandbox_id, request.privacy_request_id)
