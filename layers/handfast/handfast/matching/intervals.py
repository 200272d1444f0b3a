"""What a sample's counts say of the whole."""

from dataclasses import dataclass
from math import ceil, floor, sqrt

from handfast.platform import noise

Z2 = 1.96**2
"""Of a 95 % interval."""


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
    """Counts in the first `share` (0 to 1) of the key range, with noise."""

    counts: Counts
    share: float


def interval(matches: int, share: float, variance: int = 0) -> Estimate:
    """The whole's size, given its matches in a sample of `share` with noise of that variance; its 95 % score interval.

    The matches are binomial. The score interval stays honest for few of them: without any, and without noise, it ends
    near 4 / share.
    """
    spread = Z2 * (1 - share)
    half = sqrt(max(0, matches * spread + spread**2 / 4 + Z2 * variance))
    middle = matches + spread / 2
    low, high = floor((middle - half) / share), ceil((middle + half) / share)
    return Estimate(estimate=max(0, round(matches / share)), low=max(0, low), high=max(0, high))


def estimated(counts: tuple[int, int], share: float) -> tuple[Estimate, Estimate]:
    """What a pair of counts with noise says of the whole: overlapped, and of these with consent."""
    overlapped, with_consent = counts
    return (
        interval(overlapped, share, 2 * noise.SIGMA**2),
        interval(with_consent, share, noise.SIGMA**2),
    )
