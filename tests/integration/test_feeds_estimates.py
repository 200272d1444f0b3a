"""Overlap estimates through the API: numbers, threshold, cache and budget; and the population of a dataflow."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from handfast.access import service as access
from handfast.dataflows import outbox, runs
from handfast.dataflows import store as dataflows
from handfast.feeds import estimate_cache, store
from handfast.feeds.estimate_cache import CALL_SECONDS
from handfast.journal import store as journal
from handfast.partners import answer_budget
from handfast.partners.models import PartnerRef
from handfast.platform import clock, objects, table
from handfast.segment_export import service as export
from tests.worlds.data_plane import KEYS, PROFILES, Profile, write_buckets
from tests.worlds.faults import before_writes
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.sharing import Pair, pair_of, pointers, segment
from tests.worlds.template import FUNCTIONS, TEMPLATE

BITS = 6
_random = random.Random(7)
SEEN = [(_random.getrandbits(64) - 2**63, _random.getrandbits(63)) for _ in range(640)]
"""Uniform keys, as real ones are."""


@pytest.fixture
def pair(stores: None) -> Pair:
    first, second = access.create_organization("Organization A"), access.create_organization("Organization B")
    world = World(
        access.create_sandbox(first, "sandbox a", overlap_threshold=5),
        access.create_sandbox(second, "sandbox b", overlap_threshold=10),
        access.create_sandbox(first, "sandbox c", overlap_threshold=5),
    )
    return pair_of(world)


def put(folder: Path, prefix: str, columns: Any, rows: Any) -> None:
    for bucket, path in write_buckets(folder / prefix.replace("/", "-"), columns, rows, BITS).items():
        key = f"{prefix}/{bucket:05d}.parquet"
        objects.write_file(key, path, replaces=next(objects.listing(key), None))


@pytest.fixture
def data(pair: Pair, tmp_path: Path) -> Callable[..., None]:
    """Writes what A knows (640 e-mail addresses), what B knows of it, and who is a buyer."""

    def write(known: int = 500, buyers: int = 400, refused: int = 100) -> None:
        a, b = pair.world.a.sandbox_id, pair.world.b.sandbox_id
        consent = [(key, Profile(share="n" if index < refused else None).row(key)) for index, key in enumerate(SEEN)]
        put(tmp_path, f"profiles/sandbox={a}", PROFILES, consent)
        put(tmp_path, f"profiles/sandbox={b}", PROFILES, [(key, Profile().row(key)) for key in SEEN[:known]])
        put(
            tmp_path,
            f"memberships/sandbox={a}/segment={pair.buyers}",
            KEYS,
            [(key, (*key, None)) for key in SEEN[:buyers]],
        )

    return write


def estimate(pair: Pair, feed: str, **body: Any) -> Answer:
    return pair.a.call(feeds, "POST", f"feeds/{feed}/estimate", body or None)


def spending(spent: list[str]) -> Callable[[str], None]:
    """Notes the writes that count answers."""
    return lambda write: spent.append(write) if "QUOTA#estimates" in write else None


def test_an_estimate_tells_what_overlaps_and_what_may_be_shared(pair: Pair, data: Callable[..., None]) -> None:
    data()
    feed = pair.draft(segmentIds=[pair.buyers, pair.visitors], namespaces=["email", "phone"])
    answer = estimate(pair, feed)
    assert answer.status == 200
    items = {(item["segmentId"], item["namespace"]): item for item in answer.body["items"]}
    assert len(items) == 4
    found = items[pair.buyers, "Email_LC_SHA256"]
    assert found["connectionId"] == pair.connection
    # Noise is outside four times its 95 % interval once in 10^14 times.
    for name, truth, half in (("overlapped", 400, 70), ("withConsent", 300, 49)):
        assert abs(found[name]["estimate"] - truth) < 4 * half
        assert found[name]["high"] - found[name]["low"] == pytest.approx(2 * half, abs=2)
    assert found["overlapped"]["estimate"] >= found["withConsent"]["estimate"]
    assert (found["belowThreshold"], found["dataRead"]) == (False, 1)
    assert answer.body["privacy"] == [
        {
            "connectionId": pair.connection,
            "sigma": 25,
            "answersSpent": 4,
            "answersADay": 100,
            "epsilonSpent": 0.424,
            "epsilonADay": 2.183,
            "delta": 1e-06,
        }
    ]
    assert answer.headers["RateLimit"].startswith('"estimates";r=96')


def test_the_stricter_threshold_of_the_two_sides_counts(pair: Pair, data: Callable[..., None]) -> None:
    data()
    access.change_sandbox(pair.b.sandbox.sandbox_id, overlap_threshold=1000)
    (item,) = estimate(pair, pair.draft()).body["items"]
    assert item["belowThreshold"], "300 with consent: enough for A's threshold of 5, not for B's of 1000"
    assert item["overlapped"] is item["withConsent"] is None


def test_without_any_data_everything_is_below_the_threshold(pair: Pair) -> None:
    access.change_sandbox(pair.b.sandbox.sandbox_id, overlap_threshold=1000)
    (item,) = estimate(pair, pair.draft()).body["items"]
    assert item["belowThreshold"]


def test_more_than_four_estimates_of_a_sandbox_at_once_are_refused_and_cost_nothing(
    pair: Pair, data: Callable[..., None]
) -> None:
    data()
    feed, spent = pair.draft(), list[str]()
    with ExitStack() as others, before_writes(spending(spent)):
        for _ in range(4):
            others.enter_context(estimate_cache.turn(pair.a.sandbox.sandbox_id))
        refused = estimate(pair, feed)
        assert (refused.status, refused.headers["Retry-After"], spent) == (429, "5", [])
        with estimate_cache.turn(pair.b.sandbox.sandbox_id):
            pass
    assert estimate(pair, feed).status == 200
    assert FUNCTIONS["FeedsFunction"].get("Timeout", TEMPLATE["Globals"]["Function"]["Timeout"]) == CALL_SECONDS


def test_the_same_question_over_the_same_data_is_answered_once(pair: Pair, data: Callable[..., None]) -> None:
    data()
    feed, again, spent = pair.draft(), pair.draft(name="The same again"), list[str]()
    with before_writes(spending(spent)):
        first = estimate(pair, feed)
        assert estimate(pair, feed).body == estimate(pair, again).body == first.body
        assert len(spent) == 1
        estimate(pair, feed, precision=0.2)
        assert len(spent) == 2
        data(buyers=401)
        assert estimate(pair, feed).body["items"][0]["asOf"] > first.body["items"][0]["asOf"]
        assert len(spent) == 3


def test_a_spent_budget_leaves_only_known_answers_until_tomorrow(
    pair: Pair, data: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_budget, "ANSWERS_A_DAY", 3)
    data()
    feed = pair.draft(namespaces=["email", "phone"])
    known = estimate(pair, feed)
    assert known.status == 200
    spent = estimate(pair, feed, precision=0.1)
    assert spent.status == 429
    assert 0 < int(spent.headers["Retry-After"]) <= 86_400
    assert estimate(pair, feed).body == known.body
    assert estimate(pair, pair.draft()).status == 200, "one answer is left"
    standings = {each["name"]: each["remaining"] for each in pair.a.call(privacy, "GET", "quotas").body["items"]}
    assert standings["estimates"] == 0
    back = segment(pair.b, "Fans")
    theirs = pair.b.call(feeds, "POST", "feeds", pair.body(segmentIds=[back])).body["feedId"]
    assert pair.b.call(feeds, "POST", f"feeds/{theirs}/estimate").status == 200, "each side has its own budget"


def test_a_cached_answer_ends_with_its_time(pair: Pair, data: Callable[..., None]) -> None:
    data()
    estimate(pair, pair.draft())
    source, target = pair.world.a.sandbox_id, PartnerRef.of(pair.world.b)
    item = next(table.query(store.FEEDS, f"PAIR#{source}#{target.key}", "ESTIMATES#"))
    question = item["sk"].removeprefix("ESTIMATES#")
    assert estimate_cache.cached_estimates(source, target, question)
    table.apply(table.Put(store.FEEDS, item | {"ttl": 1}, table.PRESENT))
    assert estimate_cache.cached_estimates(source, target, question) is None


def test_estimates_are_refused_as_publishing_is(pair: Pair) -> None:
    secret = segment(pair.a, "Secret", labels=["C11"])
    answer = estimate(pair, pair.draft(segmentIds=[secret]))
    assert (answer.status, answer.body["violations"][0]["segmentId"]) == (422, secret)
    feed = pair.draft()
    assert pointers(estimate(pair, feed, precision=0)) == ["/precision"]
    assert pointers(estimate(pair, feed, precision="exact")) == ["/precision"]
    assert pair.b.call(feeds, "POST", f"feeds/{feed}/estimate").status == 404
    viewer = pair.world.member(pair.world.a, "viewer")
    assert viewer.call(feeds, "POST", f"feeds/{feed}/estimate").status == 403


def flowing(pair: Pair, **content: Any) -> str:
    """An enabled feed that has run: its dataflow."""
    pair.published(**content)
    flow: str = pair.decide("enable").body["dataflowId"]
    for message in pair.exports():
        export.reconcile(message)
    return flow


def population(who: Member, flow: str) -> Any:
    return who.call(feeds, "GET", f"dataflows/{flow}/population").body


def test_a_population_tells_each_side_what_is_its_own_and_the_source_no_exact_number_of_both(
    pair: Pair, data: Callable[..., None]
) -> None:
    data()
    flow = flowing(pair)
    told = population(pair.a, flow)
    steps = {step["reason"]: step["identities"] for step in told["steps"]}
    nobody = dict.fromkeys(("unknown_identity", "namespace_not_selected", "policy", "suppressed"), 0)
    assert steps == {**nobody, "consent": 100}
    assert (told["members"], told["cleared"], told["shared"]) == (400, 300, None)
    assert told["people"] == {"members": 1, "cleared": 1}, "all have one profile id"
    (email,) = told["namespaces"]
    assert (email["namespace"], email["members"], email["cleared"], email["shared"]) == (
        "Email_LC_SHA256",
        400,
        300,
        None,
    )
    shared = email["sharedEstimate"]
    assert (shared["estimate"] % 50 == 0 or shared["estimate"] == 300, email["belowThreshold"]) == (True, False)
    assert abs(shared["estimate"] - 300) < 250
    assert shared["high"] <= email["cleared"]
    assert told["privacy"]["answersSpent"] == 1
    assert {each["reason"] for each in told["notCounted"]} == {"timing", "merge_rules", "raw_only"}

    given = population(pair.b, flow)
    assert (given["members"], given["steps"], given["cleared"], given["people"]) == (None, [], None, None)
    assert given["shared"] == sum(part["shared"] for part in given["namespaces"]) == 300
    assert (given["privacy"], given["sharedAsOf"]) == (None, None)
    assert pair.received()["counts"] == {"memberships": 300}
    c = pair.world.member(pair.world.c)
    assert c.call(feeds, "GET", f"dataflows/{flow}/population").status == 404


def test_runs_and_their_events_tell_the_source_nothing_of_whom_the_partner_knows(
    pair: Pair, data: Callable[..., None]
) -> None:
    data(known=350)
    flow = flowing(pair)
    (sent,) = pair.a.call(feeds, "GET", f"dataflows/{flow}/runs").body["items"]
    (given,) = pair.b.call(feeds, "GET", f"dataflows/{flow}/runs").body["items"]
    assert (sent["realized"], sent["exited"], sent["identitiesActivated"]) == (None, None, None)
    assert (sent["profilesReceived"], sent["identitiesExcluded"]) == (400, {"byReason": {"consent": 100}})
    assert (given["realized"], given["exited"], given["identitiesActivated"]) == (250, 0, 250)
    assert (given["profilesReceived"], given["identitiesExcluded"]) == (None, None)
    for who, numbers in ((pair.a, set()), (pair.b, {"realized", "exited"})):
        (record,) = [each for each in journal.log(who.sandbox.sandbox_id) if each["type"] == "dataflow.completed"]
        assert record["detail"].keys() == {"name", "runId", "reason"} | numbers


def test_a_feed_that_shows_its_population_shows_its_receiver_all_of_it(pair: Pair, data: Callable[..., None]) -> None:
    data(known=350)
    flow = flowing(pair, showPopulation=True)
    assert pair.received()["showPopulation"]
    told = population(pair.b, flow)
    steps = {step["reason"]: step["identities"] for step in told["steps"] if step["identities"]}
    assert (told["members"], told["cleared"], told["shared"]) == (400, 300, 250)
    assert steps == {"consent": 100, "not_in_partner": 50}
    assert told["members"] == told["shared"] + sum(steps.values())
    assert {step["people"] for step in told["steps"]} == {None}
    (run,) = pair.b.call(feeds, "GET", f"dataflows/{flow}/runs").body["items"]
    assert (run["profilesReceived"], run["identitiesExcluded"]["byReason"]) == (400, steps)
    feed = pair.a.call(feeds, "GET", "feeds").body["items"][0]["feedId"]
    pair.change(feed, showPopulation=False)
    assert population(pair.b, flow)["members"] is None


def test_what_the_source_is_told_of_its_partner_moves_once_a_day_and_costs_an_answer(
    pair: Pair, data: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    data()
    flow, at = flowing(pair), clock.now()
    first = population(pair.a, flow)
    data(buyers=300, refused=0)
    for message in marked(flow, pair):
        export.reconcile(message)
    again = population(pair.a, flow)
    assert (again["members"], again["cleared"]) == (300, 300), "one's own are of now"
    for name in ("sharedAsOf", "privacy"):
        assert again[name] == first[name]
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=1))
    tomorrow = population(pair.a, flow)
    assert tomorrow["sharedAsOf"] > first["sharedAsOf"]
    assert tomorrow["privacy"]["answersSpent"] == 1
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=2))
    monkeypatch.setattr(answer_budget, "ANSWERS_A_DAY", 0)
    assert population(pair.a, flow)["sharedAsOf"] == tomorrow["sharedAsOf"], "no answers are left"


def marked(flow_id: str, pair: Pair) -> Any:
    flow = dataflows.dataflow(flow_id)
    assert flow
    outbox.mark_dirty(flow, "test")
    return pair.exports()


def test_a_total_below_the_pairs_threshold_is_not_told(pair: Pair, data: Callable[..., None]) -> None:
    data()
    access.change_sandbox(pair.b.sandbox.sandbox_id, overlap_threshold=1000)
    (email,) = population(pair.a, flowing(pair))["namespaces"]
    assert (email["sharedEstimate"], email["belowThreshold"]) == (None, True)


def test_a_closing_dataflow_withdraws_everything_and_closes(pair: Pair, data: Callable[..., None]) -> None:
    data()
    feed = pair.published()
    flow = pair.decide("enable").body["dataflowId"]
    pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": pair.connection})
    for message in pair.exports():
        export.reconcile(message)
    assert pair.a.call(feeds, "GET", f"dataflows/{flow}").body["status"] == "closed"
    assert runs.delivered(flow) == 0
    assert dataflows.dataflows_touching(pair.world.b.sandbox_id, None) == []
