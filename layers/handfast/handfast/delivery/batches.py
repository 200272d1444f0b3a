"""Sending the due changes of a bucket, and what comes of each."""

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from handfast.delivery import rules
from handfast.delivery.differences import Left, Tried
from handfast.delivery.line import Line
from handfast.destinations.contract import Answer, Pair, Sender
from handfast.platform import clock

CALLS_AT_ONCE = 4
"""Requests to a destination that a worker has under way."""


@dataclass(frozen=True)
class Batch:
    """Changes that go out in one request: the number of the first, the pairs, and what is known of each beside it."""

    batch_id: str
    first: int
    pairs: Sequence[Pair]
    tried: Sequence[Tried]

    def were_in_doubt(self, numbers: Iterable[int]) -> bool:
        """Whether some of the changes, by number, may have arrived by an earlier try."""
        return any(self.tried[number - self.first].in_doubt for number in numbers)


@dataclass(frozen=True)
class Buried:
    """Changes of a batch, by number, that are not tried again."""

    batch: Batch
    numbers: list[int]
    answer: Answer
    reason: str
    in_doubt: bool


@dataclass
class Outcome:
    """What came of changes, by their numbers."""

    taken: list[int] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    buried: list[Buried] = field(default_factory=list)
    sent: int = 0


def batches(pairs: Sequence[Pair], tried: Sequence[Tried], first: int, size: int) -> Iterator[Batch]:
    """Changes in requests of a size. The same changes make a batch of the same id, whenever they are sent."""
    for start in range(0, len(pairs), size):
        part, beside = pairs[start : start + size], tried[start : start + size]
        facts = [
            f"{key},{target},{segment_id},{change},{at}"
            for (target, _, segment_id, change, at, _), (key, *_) in zip(part, beside, strict=True)
        ]
        digest = hashlib.sha256(";".join(facts).encode()).hexdigest()
        yield Batch(f"bat_{digest[:32]}", first + start, part, beside)


def send(
    sender: Sender,
    line: Line,
    pairs: Sequence[Pair],
    tried: Sequence[Tried],
    first: int,
    size: int,
    is_enough: Callable[[], bool],
) -> Outcome:
    """Send changes in requests of a size, some at once, until the line is closed or it `is_enough`.

    Those that were not sent are in no list of the outcome.
    """
    wanted = list(batches(pairs, tried, first, size))

    def attempt(batch: Batch) -> Answer | None:
        if line.is_open or is_enough():
            return None
        line.permit(len(wanted))
        answer = sender.send(batch.pairs, batch.batch_id)
        line.note(answer)
        return answer

    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        answers = list(pool.map(attempt, wanted)) if len(wanted) > 1 else [attempt(batch) for batch in wanted]
    outcome = Outcome()
    for batch, answer in zip(wanted, answers, strict=True):
        if answer is not None:
            outcome.sent += 1
            _sort(outcome, batch, answer)
    return outcome


def _sort(outcome: Outcome, batch: Batch, answer: Answer) -> None:
    numbers = range(batch.first, batch.first + len(batch.pairs))
    if answer.taken and not answer.refused and not answer.again:
        outcome.taken += numbers
    elif answer.taken:
        _sort_parts(outcome, batch, answer)
    elif answer.may_succeed:
        reason = str(answer.status) if answer.status is not None else answer.error or "no_answer"
        _again(outcome, batch, list(range(len(batch.pairs))), answer, reason)
    else:
        in_doubt = batch.were_in_doubt(numbers)
        outcome.buried.append(Buried(batch, list(numbers), answer, str(answer.status), in_doubt))


def _sort_parts(outcome: Outcome, batch: Batch, answer: Answer) -> None:
    outcome.taken += [
        batch.first + position
        for position in range(len(batch.pairs))
        if position not in answer.refused and position not in answer.again
    ]
    by_reason: dict[str, list[int]] = {}
    for position, reason in sorted(answer.refused.items()):
        by_reason.setdefault(reason, []).append(batch.first + position)
    outcome.buried += [
        Buried(batch, numbers, answer, reason, batch.were_in_doubt(numbers)) for reason, numbers in by_reason.items()
    ]
    _again(outcome, batch, sorted(answer.again), answer, "in_part")


def _again(outcome: Outcome, batch: Batch, positions: Sequence[int], answer: Answer, reason: str) -> None:
    """Those that have been tried often enough are dead letters. Being throttled is no try."""
    now, spent = clock.now(), []
    for position in positions:
        tried = batch.tried[position].attempts + (answer.status != 429)
        number = batch.first + position
        if tried >= rules.TRIES:
            spent.append(number)
            continue
        wait = rules.backoff(max(tried, 1), random.random(), answer.retry_after)  # noqa: S311 - jitter
        outcome.left.append(Left(number, tried, now + wait))
    if spent:
        outcome.buried.append(Buried(batch, spent, answer, reason, in_doubt=True))
