"""What the pair's minimum and the source's guards hold back, on a whole deployment's stores."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from handfast.access import service as access
from handfast.dataflows import holding, holds, population, rules, sandbox_settings
from handfast.matching import guarding
from handfast.partners import answer_budget
from handfast.partners.models import PartnerRef
from handfast.platform import clock, noise
from tests.worlds.data_plane import value_of
from tests.worlds.exports import FIFTH, FIRST, FOURTH, SECOND, SIXTH, THIRD, Export, deliver, names, shared
from tests.worlds.faults import CrashError, crash, meanwhile
from tests.worlds.sharing import log


@pytest.fixture
def sharing(stores: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Of a few people, whom noise would hide: tests/unit/test_holding.py has what that decides."""
    monkeypatch.setattr(noise, "gaussian", lambda *_: 0)
    return shared(tmp_path)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let time pass."""
    passed, now = [timedelta(0)], clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + passed[0])

    def wait(**time: float) -> None:
        passed[0] += timedelta(**time)

    return wait


@pytest.fixture
def of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let guards look at what few identities can reach."""
    monkeypatch.setattr(guarding, "SHARE_COUNTS_FROM", 2)
    monkeypatch.setattr(guarding, "UNIVERSE_FLOOR", 2)
    monkeypatch.setattr(rules, "FEW", 0)


def minimum(sharing: Export, least: int, side: str = "a", **guards: float) -> None:
    sandbox = getattr(sharing.pair, side).sandbox.sandbox_id
    settings: dict[str, Any] = {"partner_guards": guards} if guards else {}
    access.change_sandbox(sandbox, overlap_threshold=least, **settings)


def flow(sharing: Export, side: str = "a") -> Any:
    return getattr(sharing.pair, side).call(feeds, "GET", f"dataflows/{sharing.dataflow}").body


def reasons(sharing: Export) -> dict[str, int]:
    found = population.population(sharing.dataflow)
    assert found.members == (found.shared or 0) + sum(step.identities for step in found.steps)
    return {step.reason: step.identities for step in found.steps if step.identities}


@pytest.mark.parametrize("side", ["a", "b"])
def test_an_overlap_below_the_stricter_sides_minimum_is_not_shared(sharing: Export, side: str) -> None:
    minimum(sharing, 2, side)
    sharing.run()
    assert sharing.held() == {
        value_of(FIRST).decode(): {sharing.pair.buyers},
        value_of(THIRD).decode(): {sharing.pair.buyers},
    }
    assert reasons(sharing) == {"unknown_identity": 1, "not_in_partner": 2, "below_minimum": 1}
    waiting = {"segmentId": sharing.pair.visitors, "namespace": "Email_LC_SHA256", "reason": "below_minimum"}
    assert flow(sharing)["held"] == flow(sharing, "b")["held"] == [waiting]
    for member in (sharing.pair.a, sharing.pair.b):
        (told,) = sharing.told(member.sandbox.sandbox_id, "dataflow.held")
        assert told["detail"]["held"] == [waiting]
        assert ("dataflow.held", "system") in log(member)


def minimums(answer: Any, sharing: Export) -> dict[str, str]:
    assert {pair["connectionId"] for pair in answer.body["minimums"]} == {sharing.pair.connection}
    assert {pair["namespace"] for pair in answer.body["minimums"]} == {"Email_LC_SHA256"}
    return {pair["segmentId"]: pair["minimum"] for pair in answer.body["minimums"]}


def test_what_is_below_the_minimum_is_named_by_publishing_and_by_both_sides_feeds(sharing: Export) -> None:
    pair, path = sharing.pair, f"feeds/{sharing.feed}"
    minimum(sharing, 2)
    assert pair.received()["held"] is None, "not decided yet"
    assert pair.a.call(feeds, "GET", path).body["shares"][0]["held"] is None
    sharing.run()
    waiting = {"segmentId": pair.visitors, "namespace": "Email_LC_SHA256", "reason": "below_minimum"}
    assert pair.a.call(feeds, "GET", path).body["shares"][0]["held"] == [waiting]
    assert pair.a.call(feeds, "GET", "feeds").body["items"][0]["shares"][0]["held"] == [waiting]
    assert pair.received()["held"] == [waiting]
    assert pair.decide("disable").body["held"] == pair.decide("enable").body["held"] == [waiting]
    assert pair.a.call(feeds, "PATCH", path, {"name": "Summer"}).status == 200
    decided = {pair.buyers: "reached", pair.visitors: "below"}
    dry = pair.a.call(feeds, "POST", f"{path}/publish", query={"dryRun": "true"})
    assert minimums(dry, sharing) == decided
    assert minimums(pair.publish(sharing.feed), sharing) == decided


def test_what_was_not_decided_is_estimated_where_the_partner_allows_that(sharing: Export) -> None:
    pair = sharing.pair
    minimum(sharing, 2)
    feed = pair.draft(segmentIds=[pair.buyers, pair.visitors])
    path, query = f"feeds/{feed}/publish", {"dryRun": "true"}
    spent = answer_budget.loss(pair.a.sandbox.sandbox_id, PartnerRef.of(pair.b.sandbox)).answers_spent
    estimated = {pair.buyers: "reached", pair.visitors: "below"}
    assert minimums(pair.a.call(feeds, "POST", path, query=query), sharing) == estimated
    assert minimums(pair.publish(feed), sharing) == estimated
    partner = PartnerRef.of(pair.b.sandbox)
    left = answer_budget.ANSWERS_A_DAY - answer_budget.loss(pair.a.sandbox.sandbox_id, partner).answers_spent
    assert left == answer_budget.ANSWERS_A_DAY - spent - 2, "the same question costs once"
    answer_budget.spend(pair.a.sandbox.sandbox_id, partner, left)
    other, unknown = pair.draft(segmentIds=[pair.visitors]), {pair.visitors: "unknown"}
    dry = pair.a.call(feeds, "POST", f"feeds/{other}/publish", query=query)
    assert minimums(dry, sharing) == minimums(pair.publish(other), sharing) == unknown


def guarded(sharing: Export, **settings: Any) -> Any:
    answer = sharing.pair.a.call(feeds, "PATCH", "", {"settings": settings}, query={"dryRun": "true"})
    assert answer.status == 200, answer.body
    (changes,) = answer.body["guards"]
    return changes


@pytest.mark.usefixtures("of_few")
def test_a_dry_run_of_guards_tells_what_they_would_hold_and_let_pass(
    sharing: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "YOUNG_COUNT_FROM", 1)
    pair, hour = sharing.pair, clock.hours(clock.now())
    minimum(sharing, 2, largest_share=1)
    sharing.target_since({FIRST: hour, THIRD: None})
    sharing.run()
    buyers = {"segmentId": pair.buyers, "segmentName": "Buyers", "namespace": "Email_LC_SHA256"}
    named = {"segmentId": pair.visitors, "segmentName": "Visitors"}
    visitors = named | {"namespace": "Email_LC_SHA256", "reason": "below_minimum"}
    found = guarded(sharing, overlapThreshold=0)
    assert (found["dataflowId"], found["holding"], found["releasing"]) == (sharing.dataflow, [], [visitors])
    assert guarded(sharing, overlapThreshold=3)["holding"] == [{**buyers, "reason": "below_minimum"}]
    assert guarded(sharing, partnerGuards={"largestShare": 0.1})["holding"] == [{**buyers, "reason": "guard_share"}]
    by_age = {"minimumAgeHours": 5}
    assert guarded(sharing, overlapThreshold=1, partnerGuards=by_age)["holding"] == [{**buyers, "reason": "guard_age"}]
    sharing.target(FIRST, SECOND, THIRD, FOURTH, FIFTH)
    fast = guarded(sharing, partnerGuards={"fastestGrowth": 0.5})
    assert [held["reason"] for held in fast["holding"]] == ["guard_growth", "guard_growth"]
    assert sharing.pair.exports() == []
    assert pair.a.call(feeds, "GET", "").body["settings"]["partnerGuards"]["minimumAgeHours"] == 0
    partner = PartnerRef.of(pair.b.sandbox)
    spent = answer_budget.loss(pair.a.sandbox.sandbox_id, partner).answers_spent
    assert spent == 5, "an answer each"
    answer_budget.spend(pair.a.sandbox.sandbox_id, partner, answer_budget.ANSWERS_A_DAY - spent)
    assert guarded(sharing, overlapThreshold=5)["undecided"] is True


def test_only_guards_and_the_minimum_call_for_another_look(sharing: Export) -> None:
    minimum(sharing, 2)
    sharing.run()
    sandbox_id, later = sharing.pair.a.sandbox.sandbox_id, clock.to_text(clock.now() + timedelta(days=1))
    sandbox_settings.change_sandbox(sandbox_id, removal_guard=0.5, trait_folder="Other")
    assert [look.is_called_for for look in holds.looks_due(later)] == [False]
    sandbox_settings.change_sandbox(sandbox_id, partner_guards={"largest_share": 0.5})
    assert [look.is_called_for for look in holds.looks_due(later)] == [True]


def test_what_waits_is_let_through_at_an_hourly_look(sharing: Export, later: Any) -> None:
    minimum(sharing, 3)
    sharing.run()
    assert sharing.held() == {}
    sharing.target(FIRST, SECOND, THIRD, FIFTH)
    sharing.dirty()
    sharing.run()
    assert sharing.held() == {}, "a decision holds for an hour"
    later(minutes=59)
    holding.look_again_overdue()
    assert sharing.pair.exports() == []
    later(minutes=2)
    holding.look_again_overdue()
    holding.look_again_overdue()
    sharing.run()
    assert sharing.held().keys() == names(FIRST, SECOND, THIRD)
    assert [held["segmentId"] for held in flow(sharing)["held"]] == [sharing.pair.visitors]
    later(hours=2)
    holding.look_again_overdue()
    assert sharing.pair.exports() == [], "nothing has changed since"


def test_a_dataflow_that_has_ended_is_not_looked_at_again(sharing: Export, later: Any) -> None:
    minimum(sharing, 3)
    sharing.run()
    waiting = clock.to_text(clock.now() + timedelta(days=1))
    assert [look.dataflow_id for look in holds.looks_due(waiting)] == [sharing.dataflow]
    connection = f"connections/{sharing.pair.connection}"
    assert sharing.pair.b.call(connect, "POST", f"{connection}/disconnect").status == 200
    sharing.run()
    later(hours=2)
    holding.look_again_overdue()
    assert list(holds.looks_due(waiting)) == []
    assert sharing.pair.exports() == []


def test_what_falls_below_keeps_what_it_has_gains_nothing_and_loses_what_leaves(sharing: Export, later: Any) -> None:
    minimum(sharing, 2)
    sharing.run()
    later(hours=25)
    sharing.target(FIRST, SIXTH)
    sharing.source(FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH)
    sharing.members(sharing.pair.buyers, FIRST, SIXTH)
    minimum(sharing, 4)
    sharing.dirty()
    sharing.run()
    assert sharing.held() == {value_of(FIRST).decode(): {sharing.pair.buyers}}
    assert reasons(sharing)["below_minimum"] == 1 + 1  # the sixth in both segments
    sharing.members(sharing.pair.buyers)
    sharing.dirty()
    sharing.run()
    assert sharing.held() == {}


def test_enabling_again_decides_again_after_an_hour_and_not_before(sharing: Export, later: Any) -> None:
    minimum(sharing, 3)
    sharing.run()
    sharing.target(FIRST, SECOND, THIRD)
    for wait in ({"minutes": 1}, {"minutes": 58}):
        later(**wait)
        assert sharing.pair.decide("disable").status == 200
        assert sharing.pair.decide("enable").status == 200
        sharing.run()
        assert sharing.held() == {}, "who enables often does not draw the noise anew each time"
    later(minutes=1)
    assert sharing.pair.decide("disable").status == 200
    assert sharing.pair.decide("enable").status == 200
    sharing.run()
    assert sharing.held().keys() == names(FIRST, SECOND, THIRD)


def test_a_partner_that_knows_nearly_everybody_is_given_nobody_until_the_source_says_so(
    sharing: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "SHARE_COUNTS_FROM", 2)
    sharing.target(FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH)
    sharing.run()
    assert sharing.held() == {}
    assert reasons(sharing) == {"unknown_identity": 1, "guard_share": 5}
    assert {held["reason"] for held in flow(sharing)["held"]} == {"guard_share"}
    assert {held["reason"] for held in flow(sharing, "b")["held"]} == {"guard"}, "which one is the source's matter"
    path = f"dataflows/{sharing.dataflow}/release"
    refused = sharing.pair.b.call(feeds, "POST", path)
    assert (refused.status, refused.body["direction"]) == (409, "incoming")
    preview = sharing.pair.a.call(feeds, "POST", path, query={"dryRun": "true"})
    assert (preview.body["dryRun"], len(preview.body["held"])) == (True, 2)
    answer = sharing.pair.a.call(feeds, "POST", path)
    assert (answer.status, answer.body["held"]) == (200, [])
    sharing.run()
    assert sharing.held().keys() == names(FIRST, SECOND, THIRD, FOURTH)
    again = sharing.pair.a.call(feeds, "POST", path)
    assert (again.status, again.body["current"]) == (409, "nothing_held")
    assert log(sharing.pair.b)[-2:] == [("dataflow.released", "partner"), ("dataflow.completed", "system")]


@pytest.mark.usefixtures("of_few")
def test_a_universe_that_grows_too_fast_holds_new_members_and_never_exits(
    sharing: Export,
) -> None:
    minimum(sharing, 0, largest_share=1)
    sharing.target(FIRST, THIRD)
    sharing.run()
    assert sharing.held().keys() == names(FIRST, THIRD)
    sharing.members(sharing.pair.buyers, SECOND, THIRD)
    sharing.target(FIRST, SECOND, THIRD, FOURTH, FIFTH)
    sharing.dirty()
    sharing.run()
    assert sharing.held().keys() == names(THIRD)
    assert reasons(sharing) == {"unknown_identity": 1, "guard_growth": 2}
    assert sharing.pair.a.call(feeds, "POST", f"dataflows/{sharing.dataflow}/release").status == 200
    sharing.run()
    assert sharing.held().keys() == names(SECOND, THIRD, FOURTH)


def test_whom_the_partner_came_to_know_a_moment_ago_waits_and_comes_by_itself(
    sharing: Export, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "YOUNG_COUNT_FROM", 1)
    hour = clock.hours(clock.now())
    minimum(sharing, 0, largest_share=1, minimum_age_hours=5)
    sharing.target_since({FIRST: None, SECOND: hour, THIRD: hour - 4, FOURTH: hour - 6})
    sharing.run()
    assert sharing.held().keys() == names(FIRST, FOURTH)
    assert reasons(sharing)["guard_age"] == 3, "the third is in both segments"
    waiting = {"segmentId": sharing.pair.buyers, "namespace": "Email_LC_SHA256"}
    assert {**waiting, "reason": "guard_age"} in flow(sharing)["held"]
    assert {**waiting, "reason": "guard"} in flow(sharing, "b")["held"]
    assert ("dataflow.held", "system") in log(sharing.pair.a)
    refused = sharing.pair.a.call(feeds, "POST", f"dataflows/{sharing.dataflow}/release")
    assert (refused.status, refused.body["current"]) == (409, "nothing_held"), "it passes by itself"
    holding.come_of_age()
    assert sharing.pair.exports() == []
    for hours, given in ((2, (FIRST, THIRD, FOURTH)), (4, (FIRST, SECOND, THIRD, FOURTH))):
        later(hours=hours)
        holding.come_of_age()
        holding.come_of_age()
        sharing.run()
        assert sharing.held().keys() == names(*given)
    assert "guard_age" not in reasons(sharing)
    assert list(holds.ages_due(hour + 1000)) == []


def test_a_lower_age_lets_pass_and_a_higher_one_takes_nothing_back(sharing: Export) -> None:
    hour = clock.hours(clock.now())
    minimum(sharing, 0, largest_share=1, minimum_age_hours=5)
    sharing.target_since({FIRST: hour, THIRD: None})
    sharing.run()
    assert sharing.held().keys() == names(THIRD)
    sandbox_settings.change_sandbox(sharing.pair.a.sandbox.sandbox_id, partner_guards={"minimum_age_hours": 0})
    sharing.run()
    assert sharing.held().keys() == names(FIRST, THIRD)
    sandbox_settings.change_sandbox(sharing.pair.a.sandbox.sandbox_id, partner_guards={"minimum_age_hours": 8760})
    sharing.run()
    assert sharing.held().keys() == names(FIRST, THIRD)
    sharing.members(sharing.pair.buyers)
    sharing.members(sharing.pair.visitors)
    sharing.dirty()
    sharing.run()
    assert sharing.held() == {}


def test_of_two_workers_that_decide_at_once_one_is_heard(sharing: Export) -> None:
    minimum(sharing, 2)
    messages = sharing.pair.exports()
    with meanwhile(lambda: deliver(messages), at="hold_decision") as others:
        assert deliver(messages) == []
    assert others == [[]]
    assert sharing.held().keys() == names(FIRST, THIRD)
    for member in (sharing.pair.a, sharing.pair.b):
        assert len(sharing.told(member.sandbox.sandbox_id, "dataflow.held")) == 1


@pytest.mark.usefixtures("of_few")
def test_a_dictionary_that_comes_between_the_decision_and_the_reading_brings_nobody(sharing: Export) -> None:
    def comes() -> None:
        sharing.target(FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH)

    sharing.target(SIXTH)
    with meanwhile(comes, at="hold_decision") as others:
        sharing.run()
    assert others == [None]
    assert sharing.held() == {}
    assert reasons(sharing) == {"unknown_identity": 1, "guard_share": 5}


@pytest.mark.usefixtures("of_few")
def test_a_release_that_comes_between_is_kept_by_the_decision_after_it(sharing: Export, later: Any) -> None:
    sharing.target(FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH)
    sharing.run()
    later(hours=2)
    sharing.dirty()

    def release() -> int:
        return sharing.pair.a.call(feeds, "POST", f"dataflows/{sharing.dataflow}/release").status

    with meanwhile(release, at="hold_decision") as others:
        sharing.run()
    assert others == [200]
    sharing.run()
    assert sharing.held().keys() == names(FIRST, SECOND, THIRD, FOURTH)


def test_a_worker_that_dies_at_any_write_leaves_what_another_finishes(sharing: Export) -> None:
    minimum(sharing, 2)
    (message,) = sharing.pair.exports()
    for after in range(12):
        with crash(after=after), suppress(CrashError):
            deliver([message])
    assert deliver([message]) == []
    sharing.run()
    assert sharing.held().keys() == names(FIRST, THIRD)
    assert [held["segmentId"] for held in flow(sharing)["held"]] == [sharing.pair.visitors]
    assert len(sharing.told(sharing.pair.a.sandbox.sandbox_id, "dataflow.held")) == 1


def test_by_time_alone_nothing_is_decided_when_the_days_answers_are_spent(sharing: Export, later: Any) -> None:
    minimum(sharing, 2)
    sharing.run()
    sharing.target(FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH)
    minimum(sharing, 4)
    later(hours=2)
    sandbox = sharing.pair.a.sandbox
    answer_budget.spend(sandbox.sandbox_id, PartnerRef.of(sharing.pair.b.sandbox), answer_budget.ANSWERS_A_DAY)
    sharing.dirty()
    sharing.run()
    assert sharing.held().keys() == names(FIRST, SECOND, THIRD), "as it was decided before"
    assert [held["segmentId"] for held in flow(sharing)["held"]] == [sharing.pair.visitors]
    assert sharing.pair.decide("disable").status == 200
    later(minutes=1)
    assert sharing.pair.decide("enable").status == 200
    sharing.run()
    assert len(flow(sharing)["held"]) == 2, "enabling is the receiver's own doing"


def test_a_dictionary_of_numbers_brings_nobody_of_a_small_segment(sharing: Export) -> None:
    minimum(sharing, 1000)
    sharing.target(FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH)
    sharing.run()
    assert sharing.held() == {}
    assert reasons(sharing) == {"unknown_identity": 1, "below_minimum": 5}


def test_a_partner_is_estimated_only_while_it_allows_it(sharing: Export) -> None:
    pair = sharing.pair

    def allow(allowed: bool, **headers: str) -> Any:
        body = {"allowsEstimates": allowed}
        return pair.b.call(connect, "PATCH", f"connections/{pair.connection}", body, headers=headers)

    def estimate() -> Any:
        return pair.a.call(feeds, "POST", f"feeds/{sharing.feed}/estimate")

    before = pair.b.call(connect, "GET", f"connections/{pair.connection}")
    assert (before.body["allowsEstimates"], before.body["partnerAllowsEstimates"]) == (True, True)
    assert estimate().status == 200
    answer = allow(allowed=False)
    assert (answer.status, answer.body["allowsEstimates"]) == (200, False)
    assert pair.a.call(connect, "GET", f"connections/{pair.connection}").body["partnerAllowsEstimates"] is False
    refused = estimate()
    assert (refused.status, refused.body["reason"]) == (422, "estimates_not_allowed")
    assert refused.body["connectionId"] == pair.connection
    assert pair.connection in refused.body["detail"]
    assert allow(allowed=False).status == 200
    assert log(pair.a)[-1] == ("connection.changed", "partner")
    assert log(pair.b)[-1] == ("connection.changed", "principal")
    assert allow(allowed=True, **{"If-Match": before.headers["ETag"]}).status == 412
    assert allow(allowed=True, **{"If-Match": answer.headers["ETag"]}).status == 200
    assert estimate().status == 200
    assert pair.a.call(connect, "POST", f"connections/{pair.connection}/disconnect").status == 200
    ended = allow(allowed=False)
    assert (ended.status, ended.body["current"]) == (409, "disconnected")
