"""The calls that a sandbox may make, so that none uses up what the stage takes from all of them.

A function's environment takes permits in blocks and answers from its block: most calls wait for no count, and once
none are left it refuses until the period ends without asking again. A permit ends with its period, used or not, so
that a block is a share of the environments that are at work at once, too.

pk                sk        item
QUOTA#calls/{s}   {period}  permits that were taken for the sandbox, or for a principal without a grant; expires
"""

from dataclasses import dataclass

from handfast.journal.store import ACTIVITY
from handfast.platform import clock, quotas
from handfast.platform.problems import TooManyRequests
from handfast.platform.quotas import Quota, Standing

QUOTA = Quota("calls", "requests", 1000, seconds=10)
BLOCK = 20
"""Permits that an environment takes at once; a part of the quota, so that the last block is a whole one."""
_MOST_KEPT = 1000


@dataclass
class _Permits:
    """What an environment has of a period's permits, and how the quota stood when it asked for them."""

    left: int
    are_refused: bool
    asked: Standing

    @property
    def are_current(self) -> bool:
        """Whether their period has not ended."""
        return clock.now() < self.asked.ends


_permits: dict[str, _Permits] = {}


def spend(caller: str) -> None:
    """Count a call of a sandbox, or of a principal where no sandbox is concerned; its answer shows what is left.

    Raises TooManyRequests, until the period ends, when the quota is spent.
    """
    held = _permits.get(caller)
    if held is None or not held.are_current or not (held.left or held.are_refused):
        held = _take(caller)
    if not held.are_refused:
        held.left -= 1
    standing = Standing(QUOTA, held.left + held.asked.remaining, held.asked.ends)
    quotas.note(standing)
    if held.are_refused:
        detail = f"at most {QUOTA.limit} calls are answered in {QUOTA.seconds} seconds; go on after `retryAfter`"
        raise TooManyRequests(detail, retryAfter=standing.reset_seconds)


def is_spent(caller: str) -> bool:
    """Whether it is known here that the caller has no calls left, so that the next is refused without a count."""
    held = _permits.get(caller)
    return held is not None and held.are_current and held.are_refused


def standing(sandbox_id: str) -> Standing:
    """How many calls a sandbox has left; those that environments have permits for are not."""
    return quotas.standing(QUOTA, table_name=ACTIVITY, pk=_key(sandbox_id))


def forget() -> None:
    """Drop the permits that are here, as a new environment has none."""
    _permits.clear()


def _take(caller: str) -> _Permits:
    found, are_taken = quotas.take(QUOTA, BLOCK, table_name=ACTIVITY, pk=_key(caller))
    if len(_permits) >= _MOST_KEPT:
        _permits.clear()
    _permits[caller] = _Permits(BLOCK if are_taken else 0, not are_taken, found)
    return _permits[caller]


def _key(caller: str) -> str:
    return f"QUOTA#calls/{caller}"
