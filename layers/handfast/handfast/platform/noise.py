"""Noise for numbers that depend on two sides' people: the discrete Gaussian, drawn exactly, and what it costs.

The sampler is that of Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020), Algorithms
1 to 3: rejection from a discrete Laplace distribution, in integers alone, for a rounded float tells more than the noise
hides. An answer of standard deviation `SIGMA` that one identity moves by at most 1 costs 1 / (2 sigma^2) of zCDP
(docs/security.md, What a number tells).
"""

import hashlib
import hmac
from math import log, sqrt

SIGMA = 25
"""The standard deviation of an answer's noise, in identities."""
DELTA = 1e-6
"""The probability that the stated epsilon leaves out."""


class Draws:
    """Random integers that a secret key and a question decide: the same again for the same two (HMAC-SHA256)."""

    def __init__(self, key: bytes, question: str) -> None:
        self._key = hmac.digest(key, question.encode(), hashlib.sha256)
        self._block = 0
        self._bits = 0
        self._left = 0

    def below(self, bound: int) -> int:
        """An integer from 0 to `bound` - 1, each as likely."""
        size = (bound - 1).bit_length()
        while (drawn := self._take(size)) >= bound:
            pass
        return drawn

    def _take(self, size: int) -> int:
        while self._left < size:
            block = hmac.digest(self._key, self._block.to_bytes(8, "big"), hashlib.sha256)
            self._bits = self._bits << 256 | int.from_bytes(block, "big")
            self._block, self._left = self._block + 1, self._left + 256
        self._left -= size
        drawn = self._bits >> self._left
        self._bits &= (1 << self._left) - 1
        return drawn


def gaussian(sigma: int, draws: Draws) -> int:
    """An integer of the discrete Gaussian distribution: x is as likely as exp(-x^2 / (2 sigma^2)) says."""
    scale = sigma + 1
    while True:
        drawn = laplace(scale, draws)
        # exp(-(|x| - sigma^2 / scale)^2 / (2 sigma^2)) makes of the one distribution the other.
        if _exp((abs(drawn) * scale - sigma**2) ** 2, 2 * (sigma * scale) ** 2, draws):
            return drawn


def laplace(scale: int, draws: Draws) -> int:
    """An integer of the discrete Laplace distribution: x is as likely as exp(-|x| / scale) says."""
    while True:
        rest = draws.below(scale)
        if not _exp(rest, scale, draws):
            continue
        whole = 0
        while _exp(1, 1, draws):
            whole += 1
        size, is_negative = whole * scale + rest, draws.below(2) == 1
        if size or not is_negative:
            return -size if is_negative else size


def _exp(numerator: int, denominator: int, draws: Draws) -> bool:
    """True with the probability exp(-numerator / denominator)."""
    while numerator > denominator:
        if not _exp_of_a_part(1, 1, draws):
            return False
        numerator -= denominator
    return _exp_of_a_part(numerator, denominator, draws)


def _exp_of_a_part(numerator: int, denominator: int, draws: Draws) -> bool:
    """The same for at most 1: the series of exp, term by term."""
    term = 1
    while draws.below(denominator * term) < numerator:
        term += 1
    return term % 2 == 1


def rho(answers: float) -> float:
    """The privacy loss of so many answers, in zCDP (Bun and Steinke 2016)."""
    return answers / (2 * SIGMA**2)


def epsilon(answers: float) -> float:
    """The same as epsilon of (epsilon, `DELTA`) differential privacy (Bun and Steinke 2016, Proposition 1.3)."""
    return rho(answers) + 2 * sqrt(rho(answers) * log(1 / DELTA))


def most_accurate(answers: float) -> float:
    """How often whoever has so many answers can be right about one identity at most, where half of them are held.

    Pinsker's inequality: the answers' two distributions differ by at most the root of half their divergence, which is
    at most rho.
    """
    return min(1.0, 1 / 2 + sqrt(rho(answers) / 2) / 2)


def rounded(number: int, step: int) -> int:
    """The number to the nearest multiple of a step, and never below 0."""
    return max(0, (number + step // 2) // step * step)
