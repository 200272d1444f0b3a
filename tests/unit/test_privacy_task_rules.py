"""How a task goes on, whatever the system says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.connectors.contract import ConnectorError, Part, Reference, State, Status
from handfast.platform import clock
from handfast.privacy_requests import task_rules
from handfast.privacy_requests.models import Origin, PrivacyRequest, PrivacyType
from handfast.privacy_requests.task_models import ConnectorTask, Opposite

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
BEGUN = task_rules.begun("cn_1", "Orders", NOW)
HOUR = timedelta(hours=1)
DOWN = State(Status.FAILED, "the system answers 503", transient=True)


def reference(name: str, status: Status, **more: object) -> Reference:
    return Reference(name, (0,), State(status, **more))  # type: ignore[arg-type]


def sent(*references: Reference, at: datetime = NOW) -> ConnectorTask:
    return task_rules.sent(BEGUN, references, at)


@given(st.lists(st.sampled_from([status for status in Status if status is not Status.PENDING]), min_size=1))
def test_a_person_is_done_when_all_deletions_are_and_confirmed_only_when_each_is(statuses: list[Status]) -> None:
    new = sent(*(reference(f"r{index}", status) for index, status in enumerate(statuses)))
    assert new.status.ended is all(status.ended for status in statuses)
    answered = {Status.CONFIRMED, Status.ABSENT}
    assert (task_rules.gaps(new) == []) is (set(statuses) <= answered | {Status.SUPERSEDED})
    assert (new.confirmed_at is not None) is (set(statuses) <= answered)
    assert (new.next_at is None) is (new.status in answered | {Status.NOT_SUPPORTED, Status.SUPERSEDED})


@pytest.mark.parametrize(
    ("status", "parts", "gaps", "detail"),
    [
        (Status.CONFIRMED, {"A": Status.CONFIRMED, "B": Status.ABSENT}, [], None),
        (
            Status.CONFIRMED,
            {"A": Status.CONFIRMED, "B": Status.NOT_SUPPORTED},
            ["B"],
            "not confirmed by B (not supported)",
        ),
        (Status.CONFIRMED, {"A": Status.SENT, "B": Status.FAILED}, ["A", "B"], "not confirmed by A (sent), B (failed)"),
        (Status.FAILED, {"A": Status.CONFIRMED, "B": Status.FAILED}, ["B"], "not confirmed by B (failed)"),
        (Status.FAILED, {"A": Status.CONFIRMED}, ["Orders"], None),
        (Status.SENT, {"A": Status.CONFIRMED, "B": Status.NOT_SUPPORTED}, ["Orders"], None),
        (
            Status.CONFIRMED,
            {f"D{n}": Status.FAILED for n in range(12)},
            [f"D{n}" for n in range(12)],
            "D9 (failed) and 2 more",
        ),
    ],
)
def test_what_a_system_behind_the_system_has_not_done_is_a_gap_by_its_name(
    status: Status, parts: dict[str, Status], gaps: list[str], detail: str | None
) -> None:
    new = sent(reference("r", status, parts=tuple(Part(name, standing) for name, standing in parts.items())))
    assert task_rules.gaps(new) == gaps
    assert new.status is status
    assert new.detail == detail if detail is None else (new.detail or "").endswith(detail)


@pytest.mark.parametrize("name", ["ann@example.com", "+1 415 555 2671", "", "B\x9b31m", "\u202ebraze"])
def test_a_name_from_outside_that_may_be_a_persons_or_cannot_be_shown_is_not_kept(name: str) -> None:
    new = sent(reference("r", Status.CONFIRMED, parts=(Part(name, Status.FAILED),)))
    assert (task_rules.gaps(new), new.detail) == (["unnamed system"], "not confirmed by unnamed system (failed)")


@given(st.lists(st.floats(0, 100_000), min_size=1, max_size=40), st.floats(0, 200_000))
def test_a_system_that_is_down_is_tried_again_later_and_later_as_it_asks_and_for_a_week(
    waits: list[float], asked: float
) -> None:
    task, now = BEGUN, NOW
    for wait in waits:
        now += timedelta(seconds=wait)
        task = task_rules.sent(task, [Reference("", (0,), State.failed(_throttled(asked)))], now)
        if now - NOW >= task_rules.SEND_FOR:
            assert task.status is Status.FAILED
            assert task_rules.can_repeat(task)
            return
        assert (task.status, task.sent_at, task.detail) == (Status.PENDING, None, "busy")
        assert task.next_at is not None
        until = clock.from_text(task.next_at) - now
        assert until >= timedelta(seconds=max(2, asked)) - timedelta(milliseconds=1)
        assert until <= max(HOUR, timedelta(seconds=asked))


def _throttled(seconds: float) -> ConnectorError:
    return ConnectorError("throttled", "busy", transient=True, retry_after=seconds)


def test_what_a_system_cannot_be_asked_now_stays_as_it_is() -> None:
    task = sent(reference("r", Status.SENT))
    error = ConnectorError("unreachable", "no connection to the host", transient=True)
    new = task_rules.asked(task, {"r": error}, NOW + HOUR)
    assert (new.status, new.deletions, new.detail) == (Status.SENT, task.deletions, "no connection to the host")
    assert new.next_at is not None
    assert task.next_at is not None
    assert new.next_at > task.next_at


def test_who_has_not_answered_for_weeks_has_failed() -> None:
    task = sent(reference("r", Status.SENT))
    assert task_rules.asked(task, {"r": State(Status.SENT)}, NOW + timedelta(days=44)).status is Status.SENT
    assert task_rules.asked(task, {"r": State(Status.SENT)}, NOW + task_rules.ASK_FOR).status is Status.FAILED


@pytest.mark.parametrize(("day", "month"), [(NOW, 2), (datetime(2026, 12, 1, tzinfo=UTC), 1)])
def test_a_spent_quota_is_waited_for_until_the_next_month_whose_time_counts(day: datetime, month: int) -> None:
    task = task_rules.out_of_quota(BEGUN, 110_000, day)
    assert task.detail is not None
    assert "110,000" in task.detail
    assert task.next_at is not None
    at = clock.from_text(task.next_at)
    assert (at.month, at.day, at.hour, task.began_at) == (month, 1, 0, task.next_at)
    again = task_rules.sent(task, [Reference("", (0,), DOWN)], at + timedelta(days=1))
    assert again.status is Status.PENDING


def test_an_address_is_no_reference_to_show() -> None:
    task = sent(reference("https://orders.example/status/1", Status.SENT), reference("reg_1", Status.SENT))
    assert task_rules.shown_reference(task) == "reg_1"
    assert task_rules.shown_reference(BEGUN) is None


def test_what_a_system_says_of_its_parts_is_kept_within_bounds() -> None:
    parts = tuple(Part("x" * 1000, Status.SENT) for _ in range(500))
    (handed,) = sent(reference("r", Status.SENT, parts=parts)).deletions
    assert len(handed.parts) == 100
    assert {len(part.name) for part in handed.parts} == {200}


# The order of one person's requests


def asking(name: str, kind: PrivacyType = "opt_out") -> PrivacyRequest:
    at = clock.to_text(NOW)
    return PrivacyRequest("sbx_1", name, kind, "gdpr", "running", at, at, Origin(name), ())


def test_what_was_said_later_is_later_whichever_came_first() -> None:
    first, second = asking("prq_1"), asking("prq_2", "opt_in")
    assert task_rules.is_later(second, first)
    belated = replace(second, said_at=clock.to_text(NOW - HOUR))
    assert not task_rules.is_later(belated, first)
    assert task_rules.is_later(first, belated)
    entered = replace(second, received_at=clock.to_text(NOW - HOUR))
    assert task_rules.is_later(first, entered)


def opposite(
    name: str, kind: PrivacyType, status: Status = Status.PENDING, *, includes: bool = True, is_included: bool = True
) -> Opposite:
    return Opposite(asking(name, kind), replace(BEGUN, status=status), includes, is_included)


def test_what_a_later_request_of_all_of_its_people_undoes_is_not_handed_over() -> None:
    out, back = asking("prq_1"), asking("prq_2", "opt_in")
    assert task_rules.is_superseded(out, [opposite("prq_2", "opt_in")])
    assert not task_rules.is_superseded(out, [opposite("prq_2", "opt_in", includes=False)])
    assert not task_rules.is_superseded(back, [opposite("prq_1", "opt_out")])
    assert not task_rules.is_superseded(asking("prq_1", "erasure"), [opposite("prq_2", "opt_in")])


@pytest.mark.parametrize(
    ("earlier", "in_order", "dropped", "held"),
    [
        (opposite("prq_1", "opt_out"), False, True, False),
        (opposite("prq_1", "opt_out", is_included=False), False, False, True),
        (opposite("prq_1", "erasure"), False, False, True),
        (opposite("prq_1", "opt_out", Status.SENT), False, False, False),
        (opposite("prq_1", "opt_out", Status.SENT), True, False, True),
        (opposite("prq_3", "opt_out", includes=False), True, False, False),
    ],
)
def test_a_later_request_comes_after_what_it_does_not_make_needless(
    earlier: Opposite, in_order: bool, dropped: bool, held: bool
) -> None:
    back = asking("prq_2", "opt_in")
    assert (task_rules.superseded_by(back, [earlier]) == [earlier]) is dropped
    assert task_rules.is_held(back, [earlier], in_order=in_order) is held


def test_a_task_that_waits_for_another_has_its_seven_days_from_then_on() -> None:
    later = NOW + timedelta(days=7)
    new = task_rules.held(BEGUN, later)
    assert (new.status, new.began_at, new.next_at) == (
        Status.PENDING,
        clock.to_text(later),
        clock.to_text(later + HOUR),
    )
