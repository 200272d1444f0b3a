"""Sending the due changes of buckets, and what comes of each."""

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain

from handfast.delivery import rules
from handfast.delivery.differences import NEVER, Left, Tried
from handfast.delivery.line import Line
from handfast.destinations.contract import Answer, Pair, Sender
from handfast.platform import clock

_THROTTLED = 429
CALLS_AT_ONCE = 4
"""Requests to a destination that a worker has under way."""


@dataclass(frozen=True)
class Batch:
    """Changes that go out in one request: their numbers, the pairs, and what is known of those tried before."""

    numbers: range
    pairs: Sequence[Pair]
    tried: Mapping[int, Tried]

    @property
    def batch_id(self) -> str:
        """The same for the same changes, whenever they are sent."""
        facts = "\n".join(chain.from_iterable(pair[:5] for pair in self.pairs))
        return f"bat_{hashlib.sha256(facts.encode()).hexdigest()[:32]}"

    def pair(self, number: int) -> Pair:
        """A change, by its number."""
        return self.pairs[number - self.numbers.start]

    def were_in_doubt(self, numbers: Iterable[int]) -> bool:
        """Whether some of the changes, by number, may have arrived by an earlier try."""
        return any(self.tried.get(number, NEVER).in_doubt for number in numbers)

    def attempts(self, number: int) -> int:
        """How often a change was tried before, by its number."""
        return self.tried.get(number, NEVER).attempts


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

    taken: list[range] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    buried: list[Buried] = field(default_factory=list)

    @property
    def reached(self) -> int:
        """How many changes were sent."""
        return sum(map(len, self.taken)) + len(self.left) + sum(len(each.numbers) for each in self.buried)

    def add(self, other: "Outcome") -> None:
        """Take in what came of further changes."""
        self.taken += other.taken
        self.left += other.left
        self.buried += other.buried


def send(sender: Sender, line: Line, batches: Sequence[Batch], is_enough: Callable[[], bool]) -> Outcome:
    """Send batches, some at once, until the line is closed or it `is_enough`.

    Those that were not sent are in no list of the outcome.
    """

    def attempt(batch: Batch) -> Answer | None:
        if line.is_open or is_enough():
            return None
        line.permit(len(batches))
        answer = sender.send(batch.pairs, batch.batch_id)
        line.note(answer, batch.pairs)
        return answer

    with ThreadPoolExecutor(min(CALLS_AT_ONCE, len(batches))) as pool:
        answers = list(pool.map(attempt, batches))
    outcome = Outcome()
    for batch, answer in zip(batches, answers, strict=True):
        if answer is not None:
            _sort(outcome, batch, answer)
    return outcome


def _sort(outcome: Outcome, batch: Batch, answer: Answer) -> None:
    if answer.is_by_pair:
        _sort_parts(outcome, batch, answer)
    elif answer.taken:
        outcome.taken.append(batch.numbers)
    elif answer.may_succeed:
        _again(outcome, batch, batch.numbers, answer, answer.reason)
    else:
        _bury(outcome, batch, list(batch.numbers), answer, answer.reason)


def _sort_parts(outcome: Outcome, batch: Batch, answer: Answer) -> None:
    outcome.taken += [
        range(number, number + 1)
        for position, number in enumerate(batch.numbers)
        if position not in answer.refused and position not in answer.again
    ]
    by_reason: dict[str, list[int]] = {}
    for position, reason in sorted(answer.refused.items()):
        by_reason.setdefault(reason, []).append(batch.numbers[position])
    for reason, numbers in by_reason.items():
        _bury(outcome, batch, numbers, answer, reason)
    numbers = [batch.numbers[position] for position in sorted(answer.again)]
    _again(outcome, batch, numbers, answer, "in_part" if answer.taken else answer.reason)


def _bury(outcome: Outcome, batch: Batch, numbers: list[int], answer: Answer, reason: str) -> None:
    outcome.buried.append(Buried(batch, numbers, answer, reason, batch.were_in_doubt(numbers)))


def _again(outcome: Outcome, batch: Batch, numbers: Iterable[int], answer: Answer, reason: str) -> None:
    """Those that have been tried often enough are dead letters. Being throttled is no try."""
    now, spent = clock.now(), []
    for number in numbers:
        tried = batch.attempts(number) + (answer.status != _THROTTLED)
        if tried >= rules.TRIES:
            spent.append(number)
            continue
        wait = rules.backoff(max(tried, 1), random.random(), answer.retry_after)  # noqa: S311 - jitter
        outcome.left.append(Left(number, tried, now + wait))
    if spent:
        outcome.buried.append(Buried(batch, spent, answer, reason, in_doubt=True))
