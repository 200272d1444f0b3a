"""The calls that a sandbox may make, as one that makes too many and one beside it see them."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from functions.access import app as access_app
from functions.privacy_requests import app as privacy
from functions.privacy_requests import opendsr
from functions.segments import app as segments
from handfast.edge import call_quota
from handfast.feeds import estimate_cache
from handfast.ingest import file_queue
from handfast.platform import clock, table
from handfast.platform.quotas import Quota, Standing
from handfast.platform.slots import lent
from tests.worlds.faults import before_writes
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.template import TEMPLATE

NOW = datetime(2026, 3, 2, 12, 0, 3, tzinfo=UTC)
SPEND = call_quota.spend

type Pass = Callable[[timedelta], None]


@pytest.fixture
def later(world: World, monkeypatch: pytest.MonkeyPatch) -> Pass:
    """Calls are counted, four in ten seconds, in blocks of two; the function lets time pass."""
    monkeypatch.setattr(call_quota, "spend", SPEND)
    monkeypatch.setattr(call_quota, "QUOTA", Quota("calls", "requests", 4, seconds=10))
    monkeypatch.setattr(call_quota, "BLOCK", 2)
    now = NOW

    def passed(time: timedelta) -> None:
        nonlocal now
        now += time

    monkeypatch.setattr(clock, "now", lambda: now)
    return passed


def listed(member: Member, times: int = 1) -> list[int]:
    return [member.call(segments, "GET", "segments").status for _ in range(times)]


def test_who_has_made_its_calls_is_refused_until_the_period_ends_and_another_is_not(
    a: Member, b: Member, later: Pass
) -> None:
    left = [a.call(segments, "GET", "segments").headers["RateLimit"] for _ in range(4)]
    assert left == [f'"calls";r={n};t=8' for n in (3, 2, 1, 0)]
    refused = a.call(segments, "POST", "segments", {"name": "Readers"})
    assert (refused.status, refused.body["type"]) == (429, "/v1/problems/too-many-requests")
    assert (refused.headers["Retry-After"], refused.body["retryAfter"]) == ("8", 8)
    assert refused.headers["RateLimit"] == '"calls";r=0;t=8'
    assert refused.headers["RateLimit-Policy"] == '"calls";q=4;qu="requests";w=10'
    assert a.call(privacy, "GET", "privacy-requests").status == 429, "all functions answer from one quota"
    assert listed(b, 4) == [200] * 4
    later(timedelta(seconds=7))
    assert listed(a, 5) == [200] * 4 + [429]


def test_most_calls_write_nothing_and_a_refusal_that_is_known_writes_nothing_at_all(
    a: Member, b: Member, later: Pass
) -> None:
    written: list[str] = []
    with before_writes(written.append):
        listed(a, 4)
        assert len(written) == 2
        listed(a)
        assert len(written) == 4, "one that asks in vain, and one that counts the refusal for the log"
        assert "call.refused" in written[-1]
        assert listed(a, 3) == [429] * 3
        assert len(written) == 4


def test_what_environments_have_taken_adds_up_and_ends_with_its_period(a: Member, later: Pass) -> None:
    listed(a, 2)
    call_quota.forget()  # another environment
    listed(a)
    call_quota.forget()
    assert listed(a) == [429], "the permit that is left is the second environment's"
    later(timedelta(seconds=10))
    assert listed(a) == [200]


def test_calls_without_the_permission_count_too(world: World, a: Member, later: Pass) -> None:
    viewer = world.member(world.a, "viewer")
    assert [viewer.call(segments, "POST", "segments", {}).status for _ in range(5)] == [403] * 4 + [429]
    assert listed(a) == [429]


def test_calls_without_a_grant_are_the_callers_own(a: Member, b: Member, later: Pass) -> None:
    foreign = f"/sandboxes/{a.sandbox.sandbox_id}/segments"
    assert [b.call(segments, "GET", foreign).status for _ in range(3)] == [404] * 3
    assert b.call(access_app, "GET", "/me").status == 200
    for path in foreign, "/sandboxes/sbx_unknown/segments":
        assert b.call(segments, "GET", path).status == 429, "whether there is such a sandbox"
    assert b.call(access_app, "GET", "/me").status == 429
    assert listed(a, 4) == listed(b, 4) == [200] * 4, "neither sandbox has lost one"


def test_calls_of_what_is_not_there_are_the_callers_own(a: Member, later: Pass) -> None:
    calls = ("GET", "/nowhere"), ("PUT", "segments"), ("OPTIONS", "segments"), ("GET", "nowhere"), ("PUT", "segments")
    assert [a.call(segments, *call).status for call in calls] == [404, 405, 204, 404, 429]
    refused = a.call(opendsr, "PUT", "opendsr/v2/requests")
    assert (refused.status, refused.body["error"]["code"]) == (429, 429)
    assert listed(a, 4) == [200] * 4, "the sandbox has lost none"


def test_a_protocol_refuses_in_its_own_form(a: Member, later: Pass) -> None:
    listed(a, 4)
    refused = a.call(opendsr, "GET", "opendsr/v2/requests/3f2a1c9e-5b7d-4e1a-9c8f-0d6b2a4e7f11")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "8")
    assert refused.body["error"]["code"] == 429
    assert a.call(opendsr, "GET", "opendsr/v2/discovery").status != 429, "what is open to all is nobody's call"


def test_an_item_of_a_period_does_not_stay(a: Member, later: Pass) -> None:
    listed(a)
    (item,) = table.query("ACTIVITY_TABLE", f"QUOTA#calls/{a.sandbox.sandbox_id}")
    assert (item["spent"], item["ttl"]) == (2, int(NOW.timestamp()) - 3 + 20)


def test_a_sandbox_is_told_its_quotas_and_what_is_left(world: World, a: Member, b: Member, later: Pass) -> None:
    def standing(answer: Answer) -> dict[str, tuple[int, int]]:
        assert answer.status == 200
        return {each["name"]: (each["remaining"], each["limit"]) for each in answer.body["items"]}

    viewer = world.member(world.a, "viewer")
    identity = {"namespace": "email", "value": "ann@example.com"}
    with ExitStack() as work:
        work.enter_context(lent(file_queue.slots_of(a.sandbox.sandbox_id), "a file"))
        work.enter_context(estimate_cache.turn(a.sandbox.sandbox_id))
        a.call(privacy, "POST", "suppressions/check", {"identities": [identity] * 3})
        whole = {"estimates": (100, 100), "suppression-checks": (10_000, 10_000), "calls": (2, 4)}
        whole |= {"invitations": (100, 100)}
        whole |= {"uploads-at-once": (4, 4), "estimates-at-once": (4, 4)}
        used = {"calls": (2, 4), "suppression-checks": (9997, 10_000)}
        used |= {"uploads-at-once": (3, 4), "estimates-at-once": (3, 4)}
        answer = viewer.call(privacy, "GET", "quotas")
        assert standing(answer) == whole | used
        assert standing(b.call(privacy, "GET", "quotas")) == whole
    items = {each["name"]: each for each in answer.body["items"]}
    assert (items["calls"]["periodSeconds"], items["calls"]["resetsAt"]) == (10, "2026-03-02T12:00:10.000Z")
    assert items["estimates"]["resetsAt"] == "2026-03-03T00:00:00.000Z"
    assert items["uploads-at-once"]["periodSeconds"] is items["uploads-at-once"]["resetsAt"] is None


def test_a_sandbox_takes_a_tenth_of_what_the_stage_takes_and_two_periods_at_once_are_no_more_than_a_burst() -> None:
    quota, parameters = call_quota.QUOTA, TEMPLATE["Parameters"]
    assert parameters["ApiRateLimit"]["Default"] >= 10 * quota.limit / quota.seconds
    assert parameters["ApiBurstLimit"]["Default"] >= 2 * quota.limit
    assert quota.limit % call_quota.BLOCK == 0


def test_a_quota_whose_period_has_ended_is_whole_in_no_less_than_no_time() -> None:
    ended = Standing(call_quota.QUOTA, 3, clock.now() - timedelta(seconds=9))
    assert ended.reset_seconds == 0
