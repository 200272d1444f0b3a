"""Sending messages to people: by a sandbox's own message system or Amazon SES, until it takes them, for about a day."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from handfast.access import store as access
from handfast.activity import webhook_sending
from handfast.activity.models import WebhookItem
from handfast.activity.webhook_sending import Outgoing
from handfast.platform import aws, clock, sender
from handfast.platform.sender import Outcome
from handfast.platform.settings import setting
from handfast.privacy_requests import (
    contact_store,
    intake,
    message_texts,
    message_webhook_store,
    message_webhooks,
    messages,
    store,
)
from handfast.privacy_requests.message_outcomes import note
from handfast.privacy_requests.message_queue import MESSAGES
from handfast.privacy_requests.message_texts import Text
from handfast.privacy_requests.models import Contact, MessageWay, PrivacyRequest
from handfast.privacy_requests.models import Message as PersonMessage


def deliver(message: Mapping[str, Any]) -> None:
    """Send the message of that `number` of a request to its person, once its time has come, unless it has ended.

    One that is not taken is sent again later, and fails in the end: the request and the log say so. One that has failed
    is sent where the message comes back from the dead letters.
    """
    if sender.put_off(MESSAGES, message):
        return
    sandbox_id, name, number = message["sandboxId"], message["message"], message["number"]
    request = store.request(sandbox_id, name)
    if request is None or not _is_to_be_sent(request.messages[number]):
        return
    contact, webhook = contact_store.get(sandbox_id, name), message_webhook_store.get(sandbox_id)
    way: MessageWay = "webhook" if webhook else "ses"
    if contact is None:
        note(request, number, "failed", way, "no_address")
        return
    if webhook is None and not intake.has_sender():
        note(request, number, "failed", None, "no_sender")
        return
    text = _text(request, number, contact)
    outcome = _post(webhook, request, number, contact, text) if webhook else _send(contact, text)
    if outcome.delivered:
        note(request, number, "sent", way, None)
    elif sender.follow_up(MESSAGES, message, outcome) is None:
        note(request, number, "failed", way, message_webhooks.failure(outcome))


def _is_to_be_sent(message: PersonMessage) -> bool:
    return message.status == "queued" or messages.may_be_sent_again(message, clock.now())


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
