"""When an outgoing call that failed is made again."""

# Seconds to wait after each failed attempt, before jitter: 27.6 hours in all.
_RETRIES = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)


_JITTER = 0.2


_LONGEST_WAIT = 86_400


def retry_after(attempt: int, asked: str | None, jitter: float) -> int | None:
    """Seconds to wait after failed attempt number `attempt` (from 1), or None when there is no other.

    `jitter` is uniform in 0 to 1. A receiver's `Retry-After` in seconds lengthens the wait, to a day at most.
    """
    if attempt > len(_RETRIES):
        return None
    wait = round(_RETRIES[attempt - 1] * (1 + _JITTER * jitter))
    return max(wait, min(int(asked), _LONGEST_WAIT)) if asked and asked.isdecimal() else wait
