"""SQS: sending pointers. What handles them is in `batches`, which those that only send need not load."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from handfast.platform import aws, clock
from handfast.platform.settings import setting

LONGEST_DELAY = 900
"""Seconds that a message of a standard queue may be delayed."""
_BATCH = 10
MAX_RECEIVES = 5
"""How often a queue hands a message out before it goes to the dead letters (`maxReceiveCount` in template.yaml)."""
WORK_FOR = timedelta(minutes=1)
"""How long a worker goes on with what one message asks for."""


@dataclass(frozen=True)
class Message:
    """A pointer to work. `dedup_id` is for FIFO queues, and `delay` in seconds for standard ones. Messages of a `group`
    come one after the other in a FIFO queue; in a standard one, a group of many holds others up least (fair queues).
    """

    body: dict[str, Any]
    group: str | None = None
    dedup_id: str | None = None
    delay: int = 0


def is_enough(began: datetime) -> bool:
    """Whether a worker that began at `began` leaves what is left to another message.

    So no run comes near its function's timeout, for which the queue hides the message of a worker that dies before it
    has begun.
    """
    return clock.now() - began > WORK_FOR


def again(dedup_id: str) -> str:
    """The `dedup_id` of a message sent once more: a FIFO queue would drop the same one for five minutes, this for ten
    seconds.
    """
    return f"{dedup_id}/{int(clock.now().timestamp()) // 10}"


LOOKS = timedelta(minutes=5)
"""How often the sweep looks for work of which a message may have been lost (`Schedule` in template.yaml)."""
_IN_HAND = timedelta(minutes=1)
"""How long the message of new work is taken to be on its way."""


def is_overdue(since: datetime) -> bool:
    """Whether work that waits since then is to be sent for again by the sweep that runs now.

    That is the first sweep after a minute, and those after 5, 10, 20, 40 … minutes: ever more rarely, so that what
    fails always does not fill the dead letters.
    """
    waited = clock.now() - since
    looks = waited // LOOKS
    return waited >= _IN_HAND and looks & (looks - 1) == 0


class SendFailedError(RuntimeError):
    """SQS did not take a message; the caller repeats its work."""


def _entry(index: int, message: Message) -> dict[str, Any]:
    entry: dict[str, Any] = {"Id": str(index), "MessageBody": json.dumps(message.body, separators=(",", ":"))}
    if message.group is not None:
        entry |= {"MessageGroupId": message.group}
    if message.dedup_id is not None:
        entry |= {"MessageDeduplicationId": message.dedup_id}
    if message.delay:
        entry["DelaySeconds"] = message.delay
    return entry


def send(queue_setting: str, messages: Iterable[Message]) -> None:
    """Send messages to the queue whose URL is in the setting; raises SendFailedError if any was not taken."""
    pending = list(messages)
    for start in range(0, len(pending), _BATCH):
        entries = [_entry(index, message) for index, message in enumerate(pending[start : start + _BATCH])]
        answer = aws.sqs().send_message_batch(QueueUrl=setting(queue_setting), Entries=entries)  # type: ignore[arg-type]
        if answer.get("Failed"):
            raise SendFailedError(f"{len(answer['Failed'])} of {len(entries)} messages to {queue_setting}")
