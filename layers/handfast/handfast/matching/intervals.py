"""What a sample's counts say of the whole."""

from dataclasses import dataclass
from math import ceil, floor, sqrt

_Z2 = 1.96**2


type Counts = dict[tuple[str, int], tuple[int, int]]
"""By segment and namespace code: identities overlapped, and those of them that may be shared."""


@dataclass(frozen=True)
class Estimate:
    """A number of identities with its 95 % interval; exact where low = high."""

    estimate: int
    low: int
    high: int


@dataclass(frozen=True)
class Sample:
    """Counts in the first `share` (0 to 1) of the key range."""

    counts: Counts
    share: float


def interval(matches: int, share: float) -> Estimate:
    """The whole's size, given its matches in a sample of `share`, with its 95 % score interval.

    The matches are binomial. The score interval stays honest for few of them: without any, it ends near 4 / share.
    """
    spread = _Z2 * (1 - share)
    middle, half = matches + spread / 2, sqrt(matches * spread + spread**2 / 4)
    low, high = floor((middle - half) / share), ceil((middle + half) / share)
    return Estimate(estimate=round(matches / share), low=max(low, matches), high=high)
