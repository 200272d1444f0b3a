"""The sampler of noise against the exact distributions, and what answers cost."""

import math
from collections import Counter
from fractions import Fraction

import pytest

from handfast.platform import noise
from handfast.platform.noise import Draws

KEY = b"a key for tests"


def chi_square(seen: Counter[int], weight: dict[int, float]) -> tuple[float, int]:
    """The statistic of the counts against weights, rare values put together, and its degrees of freedom."""
    total, count = sum(weight.values()), seen.total()
    cells: list[tuple[float, float]] = []
    rare_seen, rare_expected = float(count), float(count)
    for value, part in weight.items():
        expected = count * part / total
        if expected >= 10:
            cells.append((seen[value], expected))
            rare_seen -= seen[value]
            rare_expected -= expected
    cells.append((rare_seen, max(rare_expected, 1e-9)))
    return sum((found - expected) ** 2 / expected for found, expected in cells), len(cells) - 1


def is_likely(statistic: float, freedom: int) -> bool:
    """Within what chance exceeds once in 10,000 times (Wilson and Hilferty's approximation of chi-square)."""
    limit = freedom * (1 - 2 / (9 * freedom) + 3.72 * math.sqrt(2 / (9 * freedom))) ** 3
    return statistic < limit


@pytest.mark.parametrize("sigma", [1, 3, 25])
def test_the_gaussian_has_the_exact_distribution(sigma: int) -> None:
    draws = Draws(KEY, f"gaussian {sigma}")
    seen = Counter(noise.gaussian(sigma, draws) for _ in range(20_000))
    weight = {x: math.exp(-(x**2) / (2 * sigma**2)) for x in range(-8 * sigma, 8 * sigma + 1)}
    assert is_likely(*chi_square(seen, weight))
    off = {x: math.exp(-((x - 0.2 * sigma) ** 2) / (2 * sigma**2)) for x in weight}
    assert not is_likely(*chi_square(seen, off)), "the test would not see a shift of a fifth of sigma"


@pytest.mark.parametrize("scale", [1, 2, 26])
def test_the_laplace_has_the_exact_distribution(scale: int) -> None:
    draws = Draws(KEY, f"laplace {scale}")
    seen = Counter(noise.laplace(scale, draws) for _ in range(20_000))
    assert is_likely(*chi_square(seen, {x: math.exp(-abs(x) / scale) for x in range(-20 * scale, 20 * scale + 1)}))


def test_draws_below_a_bound_are_uniform() -> None:
    draws = Draws(KEY, "uniform")
    seen = Counter(draws.below(7) for _ in range(14_000))
    assert is_likely(*chi_square(seen, dict.fromkeys(range(7), 1.0)))
    assert {draws.below(1) for _ in range(10)} == {0}


def test_a_question_has_one_answer_and_another_question_or_key_another() -> None:
    def drawn(key: bytes, question: str) -> list[int]:
        draws = Draws(key, question)
        return [noise.gaussian(25, draws) for _ in range(20)]

    assert drawn(KEY, "what") == drawn(KEY, "what")
    assert len({tuple(drawn(*asked)) for asked in ((KEY, "what"), (KEY, "who"), (b"another", "what"))}) == 3


def test_a_hundred_answers_cost_what_the_document_says() -> None:
    assert noise.rho(100) == pytest.approx(0.08)
    assert noise.most_accurate(100) == pytest.approx(0.6)
    assert noise.epsilon(100) == pytest.approx(2.183, abs=0.001)
    assert noise.most_accurate(0) == 0.5
    assert noise.most_accurate(10_000) == 1


def test_the_loss_of_one_answer_is_that_of_the_exact_distributions() -> None:
    """The divergence of two counts that differ by one is rho, computed from the probabilities themselves."""
    sigma = noise.SIGMA
    weight = {x: Fraction(math.exp(-(x**2) / (2 * sigma**2))) for x in range(-20 * sigma, 20 * sigma + 2)}
    total = sum(weight.values())
    divergence = sum(
        float(part / total) * (((x - 1) ** 2 - x**2) / (2 * sigma**2)) for x, part in weight.items() if part
    )
    assert divergence == pytest.approx(noise.rho(1), rel=1e-6)


def test_numbers_move_in_steps() -> None:
    assert [noise.rounded(number, 50) for number in (-60, 0, 24, 25, 74, 75, 1024)] == [0, 0, 0, 50, 50, 100, 1000]
