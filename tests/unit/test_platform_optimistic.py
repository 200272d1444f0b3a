"""Trying again after a lost race, and what a lost condition becomes."""

import pytest

from handfast.platform.optimistic import lost_condition_is, retry
from handfast.platform.problems import Conflict, NotFound, Problem
from handfast.platform.table import ConditionFailed

_FAILED = ConditionFailed(2, {"status": "ended"})


class _Beaten:
    """An attempt that is beaten so many times before it ends."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> str:
        self.left -= 1
        if self.left >= 0:
            raise _FAILED
        return "written"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr("handfast.platform.optimistic.time.sleep", found.append)
    monkeypatch.setattr("handfast.platform.optimistic.random.uniform", lambda _low, high: high)
    return found


def test_what_is_beaten_to_its_write_is_done_again(pauses: list[float]) -> None:
    assert retry(_Beaten(4), ConditionFailed) == "written"
    assert pauses == []


def test_the_last_try_raises_what_it_meets() -> None:
    attempt = _Beaten(10)
    with pytest.raises(ConditionFailed):
        retry(attempt, ConditionFailed, tries=3)
    assert attempt.left == 7


def test_another_error_is_not_tried_again() -> None:
    attempt = _Beaten(1)
    with pytest.raises(ConditionFailed):
        retry(attempt, KeyError)
    assert attempt.left == 0


def test_pauses_double_up_to_a_limit(pauses: list[float]) -> None:
    retry(_Beaten(8), ConditionFailed, tries=9, pause=1)
    assert pauses == [1, 2, 4, 8, 16, 32, 32, 32]


def test_a_lost_condition_becomes_the_problem() -> None:
    with pytest.raises(NotFound, match="no such webhook") as raised, lost_condition_is(NotFound("no such webhook")):
        raise _FAILED
    assert raised.value.__cause__ is _FAILED


def test_the_problem_may_depend_on_what_was_lost() -> None:
    def becomes(failed: ConditionFailed) -> Problem:
        assert failed.item is not None
        return Conflict("it has changed", current=failed.item["status"], write=failed.write)

    with pytest.raises(Conflict) as raised, lost_condition_is(becomes):
        raise _FAILED
    assert raised.value.members == {"current": "ended", "write": 2}


def test_a_block_that_holds_asks_for_no_problem() -> None:
    with lost_condition_is(lambda _: pytest.fail("nothing was lost")):
        pass
