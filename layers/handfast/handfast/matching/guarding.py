"""Pure decisions on what is held back from a partner: too small an overlap, too large a share, too fast a growth.

They are about what is newly realized. What was delivered stays, and exits are never held back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

from handfast.matching.intervals import interval
from handfast.matching.models import Guards, HoldReason

SHARE_COUNTS_FROM = 1_000
"""Shareable identities of a segment in a namespace below which no share is looked at: of few, chance may match all."""
UNIVERSE_FLOOR = 100_000
"""Identities up to which a partner's universe is taken to have been this large, so that a first upload is no growth."""
_Z = 1.96


@dataclass(frozen=True)
class Overlap:
    """Of a segment in a namespace: identities that the source lets through, and those of them the partner has too."""

    cleared: int
    matched: int


@dataclass(frozen=True)
class Weighed:
    """Counts in the first `share` (0 to 1) of the key range: by segment and namespace code, and of the universe."""

    overlaps: Mapping[tuple[str, int], Overlap]
    universe: int
    share: float

    @property
    def whole_universe(self) -> int:
        """How many identities the partner knows."""
        return round(self.universe / self.share)


def is_settled(overlap: Overlap, share: float, guards: Guards) -> bool:
    """Whether reading more than `share` of the key range would hardly change what is decided."""
    matched = interval(overlap.matched, share)
    if share == 1 or matched.high < guards.minimum:
        return True
    part = overlap.matched / max(1, overlap.cleared)
    spread = _Z * sqrt(part * (1 - part) * (1 - share) / max(1, overlap.cleared))
    return matched.low >= guards.minimum and abs(part - guards.largest_share) >= spread


def decide(
    overlap: Overlap,
    share: float,
    guards: Guards,
    *,
    released: bool = False,
    noised: Callable[[int], int] = lambda count: count,
) -> HoldReason | None:
    """Why a segment is held back in a namespace, by counts in `share` of the key range; None where it is not.

    A `released` one may match any share. The overlap, which both sides' data decide, counts as `noised`.
    """
    matched, cleared = noised(round(overlap.matched / share)), round(overlap.cleared / share)
    if matched < guards.minimum:
        return "below_minimum"
    if not released and cleared >= SHARE_COUNTS_FROM and matched > guards.largest_share * cleared:
        return "guard_share"
    return None


def has_outgrown(universe: int, accepted: int, guards: Guards) -> bool:
    """Whether a partner's universe has grown faster than the guard allows since it was `accepted` at that size."""
    return universe > max(accepted, UNIVERSE_FLOOR) * (1 + guards.fastest_growth)
