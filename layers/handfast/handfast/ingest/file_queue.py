"""The uploads queue: messages about raw files, as S3 sends them, and how many of a sandbox's are in work at once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from handfast.lake.change_log import SEGMENTS
from handfast.platform import objects, slots
from handfast.platform.queues import Message, is_overdue, send
from handfast.platform.slots import Slots

UPLOADS_AT_ONCE = 4
"""Files of one sandbox that are in work at once, of the 50 that are of all (`MaximumConcurrency`)."""
RUN_SECONDS = 240
"""The longest run of the uploads worker (`Timeout` in template.yaml)."""
_LONGEST_WAIT = 60
"""Seconds until a waiting file is looked at again; the more often it was, the later."""


def slots_of(sandbox_id: str) -> Slots:
    """What a worker holds of the sandbox while it takes a file, in the name of the upload and of its message."""
    return Slots(SEGMENTS, f"SLOTS#uploads/{sandbox_id}", UPLOADS_AT_ONCE, RUN_SECONDS)


@contextmanager
def taken(sandbox_id: str, upload_id: str, message_id: str) -> Iterator[bool]:
    """Have a file to oneself during a block: False when the sandbox's share is held, or the file for another message.

    There is another where the file was put twice. A worker's death leaves the file to the message that comes back.
    """
    with slots.lent(slots_of(sandbox_id), f"{upload_id}/{message_id}") as is_lent:
        yield is_lent and _held(sandbox_id).count(upload_id) == 1


def _held(sandbox_id: str) -> list[str]:
    """The uploads whose files are held, once for each message."""
    return [holder.partition("/")[0] for holder in slots.holders(slots_of(sandbox_id))]


def wait(event: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    """Have a file that an event names by this record looked at again, later the more often it has waited."""
    waits = event.get("waits", 0) + 1
    body = {"Records": [record], "waits": waits} | ({"again": True} if event.get("again") else {})
    send("UPLOADS_QUEUE_URL", [Message(body, delay=min(2 * waits, _LONGEST_WAIT))])


def wake_overdue() -> None:
    """Have the raw files of the whole deployment taken that have lain for long: a message may have been lost.

    One that a worker holds, or that waits because all slots of its sandbox are held, is left alone. A file is deleted
    last, so that an upload without one is done, or its change lies there.
    """
    overdue = (
        stored.key for stored in objects.listing("uploads/") if stored.written_at and is_overdue(stored.written_at)
    )
    for sandbox_id, keys in groupby(overdue, key=lambda key: key.split("/")[1]):
        holders = _held(sandbox_id)
        if len(holders) < UPLOADS_AT_ONCE:
            records = [{"s3": {"object": {"key": key}}} for key in keys if key.split("/")[-1] not in holders]
            send("UPLOADS_QUEUE_URL", [Message({"Records": [record], "again": True}) for record in records])


def is_in_hand(event: Mapping[str, Any], sandbox_id: str, upload_id: str) -> bool:
    """Whether a message that was sent again is not needed, as the worker that holds its file has the first one."""
    return bool(event.get("again")) and upload_id in _held(sandbox_id)
