"""Crashes and races, at the seams that the package has for them: right before it writes to its tables and objects.

`at` picks the writes: those of which it is a part as text, such as `"SHARE#"`, `"feed.deleted"` (the record of what
happened stands in its transaction) or `"profiles/"`. All writes of a transaction are one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from botocore.model import OperationModel

from handfast.platform import aws, objects, table

CALLS = ("PutObject", "DeleteObjects", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "SendMessageBatch")
"""What the package asks AWS to write, and to send."""


class CrashError(RuntimeError):
    """The function dies here."""


@contextmanager
def before_writes(do: Callable[[str], None]) -> Iterator[None]:
    """Call `do` with each write, as text, right before it; what `do` itself writes is left alone."""
    within = False

    def seam(writes: Sequence[object]) -> None:
        nonlocal within
        if not within:
            within = True
            try:
                do(repr(writes))
            finally:
                within = False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "before_write", seam)
        patch.setattr(objects, "before_write", seam)
        yield


@contextmanager
def crash(at: str = "", after: int = 0) -> Iterator[None]:
    """Let so many of the writes happen, then die before the next, and before whatever else is tried all the same."""
    left, dead = after, False

    def die(write: str) -> None:
        nonlocal left, dead
        dead = dead or (at in write and not left)
        if dead:
            raise CrashError
        left -= at in write

    with before_writes(die):
        yield


def die() -> None:
    """What happens where the function dies."""
    raise CrashError


@contextmanager
def failing(error: Exception, at: str = "") -> Iterator[None]:
    """Raise an error in the place of each of the writes."""

    def fail(write: str) -> None:
        if at in write:
            raise error

    with before_writes(fail):
        yield


@contextmanager
def meanwhile[Answer](other: Callable[[], Answer], at: str = "") -> Iterator[list[Answer]]:
    """Have something else happen whole right before the first of the writes; what comes of it is in the list then."""
    answers: list[Answer] = []

    def once(write: str) -> None:
        if at in write and not answers:
            answers.append(other())

    with before_writes(once):
        yield answers
    assert answers, "nothing has been written that it could have come before"


@contextmanager
def between_secrets[Answer](other: Callable[[], Answer]) -> Iterator[list[Answer]]:
    """Have something else happen whole right before the first new secrets of a system outside are kept.

    What comes of it is in the list then; what it raises is raised in their place.
    """
    answers: list[Answer] = []

    def once(**_: object) -> None:
        if not begun:
            begun.append(True)
            answers.append(other())

    begun: list[bool] = []
    events, name = aws.secretsmanager().meta.events, "before-call.secrets-manager.PutSecretValue"
    events.register(name, once)
    try:
        yield answers
    finally:
        events.unregister(name, once)
    assert begun, "no secrets have been kept that it could have come before"


@contextmanager
def crash_before_call(number: int) -> Iterator[None]:
    """Let so many calls happen that write to AWS or send messages, then die before the next and any after it."""
    made = 0

    def count(**_: object) -> None:
        nonlocal made
        if made >= number:
            raise CrashError
        made += 1

    events = [client.meta.events for client in (aws.dynamodb(), aws.s3(), aws.sqs())]
    names = [f"before-call.*.{call}" for call in CALLS]
    for emitter in events:
        for name in names:
            emitter.register(name, count)
    try:
        yield
    finally:
        for emitter in events:
            for name in names:
                emitter.unregister(name, count)


@contextmanager
def calls_made() -> Iterator[list[str]]:
    """What is asked of DynamoDB, S3 and SQS in a block."""
    made: list[str] = []

    def note(model: OperationModel, **_: object) -> None:
        if model.name != "ChangeMessageVisibility":  # made by the clock
            made.append(model.name)

    emitters = [client.meta.events for client in (aws.dynamodb(), aws.s3(), aws.sqs())]
    for emitter in emitters:
        emitter.register("before-call", note)
    try:
        yield made
    finally:
        for emitter in emitters:
            emitter.unregister("before-call", note)
