"""When a destination is tried again."""

from datetime import timedelta

TRIES = 24
"""How often a change is tried before it is a dead letter: some fifteen hours of a destination that fails."""
OPENS_AT = 3
"""Failures in a row after which a destination is not called for a while."""
_FIRST, _LONGEST = 5.0, 3_600.0
_JITTER = 0.2
_MOST_ASKED = 86_400.0
POINTLESS = frozenset({401, 403, 404, 405, 410})
"""Status codes that the next request would be answered with as well."""


def backoff(failures: int, jitter: float, asked: float | None = None) -> timedelta:
    """How long to wait after so many failures in a row: 5 seconds, doubled each time, an hour at most.

    `jitter` in 0 to 1 adds up to a fifth. What the endpoint asks for by `Retry-After` is waited for, up to a day.
    """
    seconds = min(_FIRST * 2 ** min(failures - 1, 20), _LONGEST) * (1 + _JITTER * jitter)
    return timedelta(seconds=max(seconds, min(asked or 0.0, _MOST_ASKED)))
