"""Messages from one side of a connection to the other, which handles them itself and answers.

A message and its answer are data. Both sides live in one deployment today, so that a message is handled at once, in the
sender's process; it is safe to send again whenever it is not known whether it was handled.
"""

from collections.abc import Callable
from typing import Any

from handfast.access import store as access
from handfast.journal.models import Sandbox
from handfast.partners.models import PartnerRef


class Message[Answer]:
    """Base of the kinds of messages, which are frozen dataclasses: what they are answered with."""


type Receiver[M, Answer] = Callable[[Sandbox, PartnerRef, M], Answer]
"""Handles a message: the side that receives it, the side that has sent it, and what it says."""

_RECEIVERS: dict[type, Receiver[Any, Any]] = {}


class PartnerGoneError(LookupError):
    """The other side's sandbox is gone."""


def receives[Answer](kind: type[Message[Answer]]) -> Callable[[Receiver[Any, Answer]], Receiver[Any, Answer]]:
    """Have a function handle the messages of a kind, from when its module is loaded."""

    def register(receiver: Receiver[Any, Answer]) -> Receiver[Any, Answer]:
        _RECEIVERS[kind] = receiver
        return receiver

    return register


def send[Answer](sender: Sandbox, partner: PartnerRef, message: Message[Answer]) -> Answer:
    """The other side's answer to a message. Raises PartnerGoneError, and what the other side's handling raises."""
    side = access.sandbox(partner.address)
    if side is None:
        raise PartnerGoneError(partner.name)
    answer: Answer = _RECEIVERS[type(message)](side, PartnerRef.of(sender), message)
    return answer
