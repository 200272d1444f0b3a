"""What became of messages to people, as their requests tell it."""

from collections.abc import Mapping
from typing import Any

from handfast.journal.models import Actor
from handfast.platform import clock, optimistic
from handfast.platform.sender import LONGEST
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import contact_store, messages, store
from handfast.privacy_requests.models import MessageStatus, MessageWay, PrivacyRequest
from handfast.privacy_requests.store import Step

_PAUSE = 0.1
"""Seconds: workers may be writing the same request."""
_LOST = "processing_failed"
"""Why a message failed that was not worked on to its end."""


def give_up(message: Mapping[str, Any], _: Exception) -> None:
    """Note that a message of the queue, which went wrong here for the last time, has failed; its error is logged."""
    request = store.request(message["sandboxId"], message["message"])
    if request is not None and request.messages[message["number"]].status == "queued":
        note(request, message["number"], "failed", None, _LOST)


def give_up_lost(request: PrivacyRequest) -> PrivacyRequest:
    """Note that messages have failed which nobody works on any more, as their workers were killed or none came.

    They have waited longer than they are tried. Returns the request as it is then.
    """
    before = clock.to_text(clock.now() - LONGEST)
    for number, message in enumerate(request.messages):
        if message.status == "queued" and message.queued_at < before:
            request = note(request, number, "failed", None, _LOST)
    return request


def note(
    request: PrivacyRequest, number: int, status: MessageStatus, by: MessageWay | None, reason: str | None
) -> PrivacyRequest:
    """Write down what came of a message, and forget the address where nothing is left to be told."""

    def write() -> PrivacyRequest:
        old = store.request(request.sandbox_id, request.privacy_request_id) or request
        new = messages.ended(old, number, status, by, reason)
        of = new.messages[number]
        detail: dict[str, object] = {"kind": of.kind, "language": of.language, "by": of.by}
        detail |= {"reason": reason} if reason else {}
        step = Step(old, new, f"message_{status}", Actor.system(), detail, announced=status == "failed")
        return store.save(step)[0]

    written = optimistic.retry(write, ConditionFailed, pause=_PAUSE)
    if messages.is_over(written):
        contact_store.delete(request.sandbox_id, request.privacy_request_id)
    return written
