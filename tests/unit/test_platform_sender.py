"""When an outgoing call that failed is made again, and how it waits for that in the queue."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.platform import clock, sender
from handfast.platform.queues import Message
from handfast.platform.sender import Outcome


@given(st.floats(0, 1))
def test_retries_back_off_over_about_a_day_and_end(jitter: float) -> None:
    waits = [sender.retry_after(attempt, None, jitter) for attempt in range(1, 9)]
    assert waits[-1] is None
    known = [wait for wait in waits if wait is not None]
    assert len(known) == 7
    assert known == sorted(known)
    assert 20 * 3600 < sum(known) < 36 * 3600


@pytest.mark.parametrize(
    ("asked", "wait"),
    [("60", 60), ("1", 5), ("999999999", 86_400), ("soon", 5), ("-1", 5), ("", 5), ("1.5", 5), ("²", 5)],
)
def test_a_receiver_can_ask_for_a_longer_wait(asked: str, wait: int) -> None:
    assert sender.retry_after(1, asked, 0.0) == wait


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """What is sent to the queue."""
    found: list[Message] = []

    def send(queue: str, messages: Iterable[Message]) -> None:
        assert queue == "QUEUE_URL"
        found.extend(messages)

    monkeypatch.setattr("handfast.platform.queues.send", send)
    return found


def _message(**facts: Any) -> dict[str, Any]:
    return {"sandboxId": "sbx_1", **facts}


def test_an_attempt_without_a_time_is_made_at_once(queued: list[Message]) -> None:
    assert not sender.put_off("QUEUE_URL", _message())
    assert not sender.put_off("QUEUE_URL", _message(notBefore=clock.now_text()))
    assert queued == []


@pytest.mark.parametrize(("seconds", "delay"), [(30, 30), (86_400, 900)])
def test_an_attempt_before_its_time_goes_back_as_it_is(queued: list[Message], seconds: int, delay: int) -> None:
    message = _message(attempt=2, notBefore=clock.to_text(clock.now() + timedelta(seconds=seconds)))
    assert sender.put_off("QUEUE_URL", message)
    assert queued == [Message(message, delay=delay)]


def test_the_next_attempt_is_queued_with_its_number_and_time(queued: list[Message]) -> None:
    at = sender.follow_up("QUEUE_URL", _message(), Outcome(503, retry_after="3600"))
    assert queued == [Message(_message(attempt=2, notBefore=at), delay=900)]
    assert clock.from_text(at or "") > clock.now() + timedelta(seconds=3500)


def test_after_the_last_attempt_nothing_is_queued(queued: list[Message]) -> None:
    assert sender.follow_up("QUEUE_URL", _message(attempt=8), Outcome(error="timeout")) is None
    assert queued == []


@pytest.mark.parametrize(("status", "delivered"), [(200, True), (204, True), (304, False), (410, False), (None, False)])
def test_what_a_receiver_took_is_delivered(status: int | None, *, delivered: bool) -> None:
    assert Outcome(status).delivered is delivered
