"""What a sandbox may be told in numbers about a partner's people on a day, and what it has been told.

Each answer is a number with noise that one identity of the partner's moves by one at most; all of a day's together
tell little about any (docs/security.md, What a number tells).
"""

from handfast.partners.models import PartnerRef
from handfast.platform import noise, quotas
from handfast.platform.noise import Draws
from handfast.platform.problems import TooManyRequests
from handfast.platform.quotas import Quota, Standing
from handfast.platform.secret import NOISE, derived
from handfast.platform.wire import View

ANSWERS_A_DAY = 100
"""Answers about one partner in a UTC day: with `noise.SIGMA`, who has them all is right in 60 of 100 guesses at most
(`noise.most_accurate`).
"""
_TABLE = "FEEDS_TABLE"


class PrivacyLoss(View):
    """What the day's answers about a partner tell at most of any identity: (epsilon, delta) differential privacy.

    `sigma` is the standard deviation of an answer's noise, in identities.
    """

    sigma: int
    answers_spent: int
    answers_a_day: int
    epsilon_spent: float
    epsilon_a_day: float
    delta: float


def spend(sandbox_id: str, partner: PartnerRef, answers: int) -> None:
    """Count answers about a partner against the day's; raises TooManyRequests when those are spent."""
    if not take(sandbox_id, partner, answers):
        detail = f"a day's {ANSWERS_A_DAY} answers about this partner are spent; known ones are still given"
        raise TooManyRequests(detail, retryAfter=standing(sandbox_id).reset_seconds)


def take(sandbox_id: str, partner: PartnerRef, answers: int) -> bool:
    """Count answers as `spend` does; False, and nothing is counted, when that many are not left.

    The call's answer shows how many are.
    """
    left, is_left = quotas.take(
        _quota(), answers, table_name=_TABLE, pk=_quota_key(sandbox_id), suffix=f"#{partner.key}"
    )
    quotas.note(left)
    return is_left


def standing(sandbox_id: str) -> Standing:
    """How many of the day's answers are left about the partner of whom least is left."""
    return quotas.standing(_quota(), table_name=_TABLE, pk=_quota_key(sandbox_id))


def loss(sandbox_id: str, partner: PartnerRef) -> PrivacyLoss:
    """What the answers of this day about a partner come to."""
    spent = quotas.spent(_quota(), table_name=_TABLE, pk=_quota_key(sandbox_id), suffix=f"#{partner.key}")
    return PrivacyLoss(
        sigma=noise.SIGMA,
        answers_spent=spent,
        answers_a_day=ANSWERS_A_DAY,
        epsilon_spent=round(noise.epsilon(spent), 3),
        epsilon_a_day=round(noise.epsilon(ANSWERS_A_DAY), 3),
        delta=noise.DELTA,
    )


def draws(question: str) -> Draws:
    """What decides the noise of the answer to a question: what is asked, and over which versions of the data.

    No two sets of data may have a question in common, or the difference of their answers would be exact.
    """
    return Draws(derived(NOISE, "counts"), question)


def _quota() -> Quota:
    return Quota("estimates", "answers", ANSWERS_A_DAY)


def _quota_key(sandbox_id: str) -> str:
    return f"QUOTA#estimates/{sandbox_id}"
