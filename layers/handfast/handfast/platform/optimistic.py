"""Optimistic concurrency: read, decide, and write on condition; whoever is beaten to it does all of that again."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from handfast.platform.problems import Problem, Stale, TooManyRequests
from handfast.platform.table import ConditionFailed

type Versions = frozenset[int] | None
"""The versions that an If-Match names; None is any."""

TRIES = 5
"""How often what was beaten to its write is done, the first time included."""
_DOUBLINGS = 5


def retry[T](attempt: Callable[[], T], *lost: type[Exception], tries: int = TRIES, pause: float = 0) -> T:
    """Call `attempt` until it ends without one of the errors `lost`; returns its result.

    `attempt` reads what it decides on anew each time. Between two calls lie up to `pause` seconds, at random, and
    twice as many after each further call, 32 times as many at most. Raises what the last of `tries` calls raises.
    """
    for earlier in range(tries - 1):
        try:
            return attempt()
        except lost:
            if pause:
                time.sleep(random.uniform(0, pause * 2 ** min(earlier, _DOUBLINGS)))  # noqa: S311 - jitter
    return attempt()


def until_written[T](what: str, attempt: Callable[[], T]) -> T:
    """`retry` an attempt that writes on the condition of what it has read.

    Raises TooManyRequests when others change, say, the segment all the time.
    """
    with lost_condition_is(TooManyRequests(f"the {what} is changing too fast; try again", retryAfter=1)):
        return retry(attempt, ConditionFailed)


def check_version(if_match: Versions, current: int | None, what: str) -> None:
    """Raise Stale unless a version in If-Match is the current one; `current` None is none.

    What is written then has to be on the condition of that version.
    """
    if if_match is not None and current not in if_match:
        raise stale(what)


def stale(what: str) -> Stale:
    """The problem of a version that is no longer the current one of, say, a segment."""
    return Stale(f"the {what} has changed; read it again")


@contextmanager
def lost_condition_is(problem: Problem | Callable[[ConditionFailed], Problem]) -> Iterator[None]:
    """Raise a problem in place of the ConditionFailed of a write in the block.

    The problem is given where it is known beforehand:

        with lost_condition_is(NotFound("no such webhook")):
            commit(writes, events)

    Where it depends on what was lost, or has to be read, a function makes it. It is called only then, with the write
    that failed and the item that stood there, and may raise a problem itself, or `failed` again:

        def changed(failed: ConditionFailed) -> Problem:
            if failed.item is None:
                return NotFound("no such segment")
            return Conflict("the segment was changed at the same time; try again", current="changed")

        with lost_condition_is(changed):
            commit(writes, events)
    """
    try:
        yield
    except ConditionFailed as failed:
        raise (problem if isinstance(problem, Problem) else problem(failed)) from failed
