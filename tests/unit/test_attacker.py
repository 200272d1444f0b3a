"""A sandbox with a day's answers that tries to tell, of each of 200 people, whether its partner knows them.

It attacks with what services are made of: the noise, the threshold and the budget as they are. It pads its segment with
people whom it knows to be known, so that every answer is above the threshold, refuses consent for one half of the 200
and gives it for the other, which makes two numbers of each answer, draws the halves anew for each, and solves for all
people by least squares, knowing that half of them are known. All other answers are the same for all people
(tests/integration/test_attacker.py).
"""

import random
from datetime import UTC, datetime

import numpy as np
import pytest

from handfast.feeds import estimates
from handfast.matching import sampling
from handfast.matching.intervals import Counts, Sample
from handfast.partners.answer_budget import ANSWERS_A_DAY
from handfast.platform import noise
from handfast.platform.noise import Draws

PEOPLE, KNOWN, PADDING, THRESHOLD = 200, 100, 4000, 1000
AT = datetime(2026, 1, 1, tzinfo=UTC)


def answer(counts: Counts, question: str) -> tuple[int, int]:
    """What the sender is told of counts over all data: overlapped, and with consent."""
    found = Sample(sampling.noised(counts, Draws(b"a key for tests", question)), 1)
    (item,) = estimates.items_of(found, "con_1", THRESHOLD, AT)
    assert item.overlapped, "the attacker pads as much as it takes"
    assert item.with_consent
    return item.overlapped.estimate, item.with_consent.estimate


def guessed(seed: int) -> float:
    """The part of the 200 that the attacker is right about, after a day."""
    source = random.Random(seed)
    known = np.zeros(PEOPLE)
    known[source.sample(range(PEOPLE), KNOWN)] = 1
    halves = np.array([[source.choice((-1, 1)) for _ in range(PEOPLE)] for _ in range(ANSWERS_A_DAY)])
    differences = []
    for number, half in enumerate(halves):
        consenting, refusing = (int(known[half == side].sum()) + PADDING for side in (1, -1))
        question = {("seg_1", 1): (consenting + refusing, consenting)}
        overlapped, with_consent = answer(question, f"{seed} {number}")
        differences.append(with_consent - (overlapped - with_consent))
    spread = 2 * noise.SIGMA**2
    centred = np.array(differences) - halves.sum(axis=1) * KNOWN / PEOPLE
    scores = np.linalg.solve(halves.T @ halves + 4 * spread * np.eye(PEOPLE), halves.T @ centred)
    said = np.zeros(PEOPLE)
    said[np.argsort(-scores)[:KNOWN]] = 1
    return float((said == known).mean())


def test_a_days_answers_tell_of_at_most_60_of_100_people_whether_the_partner_knows_them() -> None:
    right = [guessed(seed) for seed in range(10)]
    assert np.mean(right) <= 0.6, right
    assert np.mean(right) > 0.5, "the attack is one: it learns what little there is"


def test_a_days_answers_all_about_one_person_are_right_in_at_most_60_of_100_cases() -> None:
    source, right = random.Random(1), 0
    for victim in range(1000):
        known = source.choice((0, 1))
        draws = Draws(b"a key for tests", f"victim {victim}")
        total = sum(known + noise.gaussian(noise.SIGMA, draws) for _ in range(ANSWERS_A_DAY))
        right += (total > ANSWERS_A_DAY / 2) == bool(known)
    assert 0.53 < right / 1000 <= noise.most_accurate(ANSWERS_A_DAY) == pytest.approx(0.6)


def test_without_noise_the_same_attacker_is_right_about_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack is as good as its answers: two hundred of them without noise solve for two hundred people."""
    monkeypatch.setattr(noise, "gaussian", lambda *_: 0)
    monkeypatch.setattr(noise, "SIGMA", 0)
    monkeypatch.setattr("tests.unit.test_attacker.ANSWERS_A_DAY", PEOPLE)
    assert guessed(0) == 1
