"""Optimistic concurrency: read, decide, and write on condition; whoever is beaten to it does all of that again."""

from collections.abc import Callable
from contextlib import suppress

TRIES = 5
"""How often what was beaten to its write is done, the first time included."""


def retry[T](attempt: Callable[[], T], *lost: type[Exception], tries: int = TRIES) -> T:
    """Call `attempt` until it ends without one of the errors `lost`; returns its result.

    `attempt` reads what it decides on anew each time. Raises what the last of `tries` calls raises.
    """
    for _ in range(tries - 1):
        with suppress(*lost):
            return attempt()
    return attempt()
