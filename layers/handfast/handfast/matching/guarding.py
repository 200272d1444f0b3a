"""Pure decisions on what is held back from a partner: too small an overlap, too large a share, too fast a growth, too
many whom it has come to know a moment ago.

They are about what is newly realized. What was delivered stays, and exits are never held back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt

from handfast.matching.intervals import interval
from handfast.matching.models import Guards, HoldReason
from handfast.platform import noise

SIGMA = 2 * noise.SIGMA
"""The standard deviation of the noise that an overlap is decided on with, in identities."""
SHARE_COUNTS_FROM = 2_000
"""Shareable identities of a segment in a namespace below which no share is looked at: of few, noise may match all."""
UNIVERSE_FLOOR = 100_000
"""Identities up to which a partner's universe is taken to have been this large, so that a first upload is no growth."""
YOUNG_COUNT_FROM = 4 * SIGMA
"""Members that wait for their age from which on that is told: of fewer, noise alone may make as many."""
_Z = 1.96


@dataclass(frozen=True)
class Overlap:
    """Of a segment in a namespace: identities that the source lets through, and those of them the partner has too.

    `young` are those that it has not had for long enough, which `matched` leaves out; None where age does not count.
    """

    cleared: int
    matched: int
    young: int | None = None

    def whole(self, share: float) -> "Overlap":
        """The same of all keys, from counts in `share` of their range."""
        young = None if self.young is None else round(self.young / share)
        return Overlap(round(self.cleared / share), round(self.matched / share), young)


@dataclass(frozen=True)
class Weighed:
    """Counts in the first `share` (0 to 1) of the key range: by segment and namespace code, and of the universe.

    What is matched, which depends on both sides' people, has noise.
    """

    overlaps: Mapping[tuple[str, int], Overlap]
    universe: int
    share: float

    @property
    def whole_universe(self) -> int:
        """How many identities the partner knows."""
        return round(self.universe / self.share)


def answers(pairs: int) -> int:
    """What deciding on so many pairs of segment and namespace costs of a day's answers about the partner.

    It has more noise than an answer, and loses less privacy with the square of that.
    """
    return ceil(pairs * noise.SIGMA**2 / SIGMA**2)


def is_settled(overlap: Overlap, share: float, guards: Guards) -> bool:
    """Whether reading more than `share` of the key range would hardly change what is decided."""
    matched = interval(overlap.matched, share, SIGMA**2)
    if share == 1 or matched.high < guards.minimum:
        return True
    if overlap.young is not None:
        young = interval(overlap.young, share, SIGMA**2)
        if young.low < YOUNG_COUNT_FROM <= young.high:
            return False
    cleared = max(1, overlap.cleared)
    part = min(max(overlap.matched / cleared, 0), 1)
    spread = _Z * sqrt(part * (1 - part) * (1 - share) / cleared + (SIGMA / cleared) ** 2)
    return matched.low >= guards.minimum and abs(part - guards.largest_share) >= spread


def decide(overlap: Overlap, share: float, guards: Guards, *, released: bool = False) -> HoldReason | None:
    """Why a segment is held back in a namespace, by counts in `share` of the key range; None where it is not.

    A `released` one may match any share. A minimum of 0 holds nothing back, whatever the noise. By age it is not held
    back as a whole.
    """
    whole = overlap.whole(share)
    matched, cleared = whole.matched, whole.cleared
    if guards.minimum and matched < guards.minimum:
        return "below_minimum"
    if not released and cleared >= SHARE_COUNTS_FROM and min(matched, cleared) > guards.largest_share * cleared:
        return "guard_share"
    return "guard_age" if whole.young is not None and whole.young >= YOUNG_COUNT_FROM else None


def has_outgrown(universe: int, accepted: int, guards: Guards) -> bool:
    """Whether a partner's universe has grown faster than the guard allows since it was `accepted` at that size."""
    return universe > max(accepted, UNIVERSE_FLOOR) * (1 + guards.fastest_growth)
