"""Outgoing calls that are made again until the receiver takes them: how often, and with which waits between.

A call that is due is a message in a queue: a pointer to what is to be sent, the number of its `attempt` (1 without)
and the time `notBefore` which it is not made (at once without). What works on the queue lets `put_off` wait for that
time, says itself what is sent and what an outcome means, and has `follow_up` queue the attempt after one that failed:

    if sender.put_off(QUEUE, message):
        return
    outcome = sender.post(url, body, headers)
    if not outcome.delivered and sender.follow_up(QUEUE, message, outcome) is None:
        give_up()
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from handfast.platform import clock, outbound, queues
from handfast.platform.queues import LONGEST_DELAY, Message

# Seconds to wait after each failed attempt, before jitter: 27.6 hours in all.
_RETRIES = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
_JITTER = 0.2
_LONGEST_WAIT = 86_400
LONGEST = timedelta(seconds=(len(_RETRIES) + 1) * _LONGEST_WAIT)
"""After which no attempt follows, however long receivers have asked to be let alone."""


@dataclass(frozen=True)
class Outcome:
    """What an attempt came to: the answer's status code and `Retry-After`, or the code of why there was no answer."""

    status_code: int | None = None
    error: str | None = None
    retry_after: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.status_code is not None and 200 <= self.status_code < 300


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Post a JSON body once; a call without an answer is an outcome as well."""
    try:
        answer = outbound.request("POST", url, body, {"content-type": "application/json", **headers})
    except outbound.OutboundError as error:
        return Outcome(error=error.reason)
    return Outcome(answer.status, None, answer.headers.get("retry-after"))


def put_off(queue: str, message: Mapping[str, Any]) -> bool:
    """Whether the attempt's time is still to come; the message is then back in the queue, to be looked at again.

    `queue` is the setting with the queue's URL.
    """
    wait = (clock.from_text(message["notBefore"]) - clock.now()).total_seconds() if "notBefore" in message else 0
    if wait > 0:
        _queue(queue, dict(message), math.ceil(wait))
    return wait > 0


def follow_up(queue: str, message: Mapping[str, Any], outcome: Outcome) -> str | None:
    """Queue the attempt after that of the message, which has failed; returns when it will be made (RFC 3339).

    None when there is no other: the receiver has had about a day.
    """
    attempt = message.get("attempt", 1)
    wait = retry_after(attempt, outcome.retry_after, random.random())  # noqa: S311 - jitter
    if wait is None:
        return None
    at = clock.to_text(clock.now() + timedelta(seconds=wait))
    _queue(queue, {**message, "attempt": attempt + 1, "notBefore": at}, wait)
    return at


def _queue(queue: str, body: dict[str, Any], wait: int) -> None:
    queues.send(queue, [Message(body, delay=delay(wait))])


def delay(seconds: float) -> int:
    """How long a queue is to hold back what is due in so many seconds; `put_off` waits for what is beyond its limit."""
    return min(max(math.ceil(seconds), 0), LONGEST_DELAY)


def retry_after(attempt: int, asked: str | None, jitter: float) -> int | None:
    """Seconds to wait after failed attempt number `attempt` (from 1), or None when there is no other.

    `jitter` is uniform in 0 to 1. A receiver's `Retry-After` in seconds lengthens the wait, to a day at most.
    """
    if attempt > len(_RETRIES):
        return None
    wait = round(_RETRIES[attempt - 1] * (1 + _JITTER * jitter))
    return max(wait, min(int(asked), _LONGEST_WAIT)) if asked and asked.isdecimal() else wait
