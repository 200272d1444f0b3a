"""Messages to the person: which of them a step of a request calls for, and what became of each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from handfast.platform import clock
from handfast.privacy_requests.models import Message, MessageKind, MessageStatus, MessageWay, PrivacyRequest
from handfast.privacy_requests.task_rules import KEPT_FOR

_KINDS: Mapping[str, MessageKind] = MappingProxyType(
    {
        "received": "acknowledgement",
        "verified": "acknowledgement",
        "extended": "extension",
        "completed": "answer",
        "denied": "denial",
    }
)
"""What the person is told of a step, by its type."""
_LAST = frozenset({"completed", "denied", "cancelled", "expired"})
"""The steps after which the person is told nothing more."""


def after(request: PrivacyRequest, step: str) -> PrivacyRequest:
    """The request after a step of that type, with the message to its person that follows from it.

    A code that nobody waits for any more is not sent, and once the request has ended that is the last message.
    """
    at, language = clock.now_text(), request.contact_language
    messages = request.messages
    if request.status != "unverified":
        messages = tuple(_code_too_late(message, step, at) for message in messages)
    if language is not None and (kind := _kind(request, step)):
        messages = (*messages, Message(kind, language, at))
    return replace(request, messages=messages, contact_language=None if step in _LAST else language)


def _kind(request: PrivacyRequest, step: str) -> MessageKind | None:
    is_unproved = step == "received" and request.status == "unverified"
    return "code" if is_unproved else _KINDS.get(step)


def _code_too_late(message: Message, step: str, at: str) -> Message:
    if message.status != "queued" or message.kind != "code":
        return message
    if step == "expired":
        return replace(message, status="failed", ended_at=at, reason="not_sent_in_time")
    return replace(message, status="cancelled", ended_at=at)


def ended(
    request: PrivacyRequest, number: int, status: MessageStatus, by: MessageWay | None, reason: str | None
) -> PrivacyRequest:
    """The request with its message of that number, from 0, sent or failed."""
    new = replace(request.messages[number], status=status, ended_at=clock.now_text(), by=by, reason=reason)
    return _with(request, number, new)


def _with(request: PrivacyRequest, number: int, message: Message) -> PrivacyRequest:
    return replace(request, messages=(*request.messages[:number], message, *request.messages[number + 1 :]))


def is_over(request: PrivacyRequest) -> bool:
    """Whether nothing is left to be told to the person, whose address is then forgotten.

    A message that has failed may be sent again for a while.
    """
    now = clock.now()
    return request.contact_language is None and not any(
        message.status == "queued" or may_be_sent_again(message, now) for message in request.messages
    )


def may_be_sent_again(message: Message, now: datetime) -> bool:
    """Whether it failed so lately that the address is still kept; a code works for minutes, and is not sent again."""
    failed_at = message.ended_at if message.status == "failed" and message.kind != "code" else None
    return failed_at is not None and now < clock.from_text(failed_at) + KEPT_FOR


def queued_again(request: PrivacyRequest, number: int) -> PrivacyRequest:
    """The request with its message of that number, which had failed, to be sent anew."""
    of = request.messages[number]
    return _with(request, number, Message(of.kind, of.language, clock.now_text()))
