"""Overlap estimates through the API: numbers, threshold, cache and budget; and the population of a dataflow."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from handfast.access import service as access
from handfast.dataflows import runs
from handfast.dataflows import store as dataflows
from handfast.feeds import estimate_cache, estimates, store
from handfast.feeds.estimate_cache import CALL_SECONDS
from handfast.partners.models import PartnerRef
from handfast.platform import objects, table
from handfast.segment_export import service as export
from tests.worlds.data_plane import KEYS, PROFILES, Profile, write_buckets
from tests.worlds.faults import before_writes
from tests.worlds.sandboxes import Answer, World
from tests.worlds.sharing import Pair, pair_of, pointers, segment
from tests.worlds.template import FUNCTIONS, TEMPLATE

BITS = 6
_random = random.Random(7)
SEEN = [(_random.getrandbits(64) - 2**63, _random.getrandbits(63)) for _ in range(64)]
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
    """Writes what A knows (64 e-mail addresses), what B knows of it, and who is a buyer."""

    def write(known: int = 40, buyers: int = 30, refused: int = 6) -> None:
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
    assert found["overlapped"] == {"estimate": 30, "low": 30, "high": 30}
    assert found["withConsent"] == {"estimate": 24, "low": 24, "high": 24}
    assert (found["belowThreshold"], found["dataRead"]) == (False, 1)
    for key in (pair.buyers, "Phone_SHA256_E.164"), (pair.visitors, "Email_LC_SHA256"):
        assert items[key]["belowThreshold"]
        assert items[key]["overlapped"] is items[key]["withConsent"] is None


def test_the_stricter_threshold_of_the_two_sides_counts(pair: Pair, data: Callable[..., None]) -> None:
    data(buyers=15, refused=6)
    (item,) = estimate(pair, pair.draft()).body["items"]
    assert item["belowThreshold"], "9 with consent: enough for A's threshold of 5, not for B's of 10"


def test_without_any_data_everything_is_below_the_threshold(pair: Pair) -> None:
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
        data(buyers=31)
        assert estimate(pair, feed).body["items"][0]["overlapped"]["estimate"] == 31
        assert len(spent) == 3


def test_a_spent_budget_leaves_only_known_answers_until_tomorrow(
    pair: Pair, data: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "ANSWERS_A_DAY", 3)
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


def test_a_population_adds_up_for_both_sides(pair: Pair, data: Callable[..., None]) -> None:
    data()
    pair.published()
    flow = pair.decide("enable").body["dataflowId"]
    for message in pair.exports():
        export.reconcile(message)
    for who in (pair.a, pair.b):
        body = who.call(feeds, "GET", f"dataflows/{flow}/population").body
        steps = {step["reason"]: step["identities"] for step in body["steps"]}
        assert (body["members"], body["shared"], steps["consent"]) == (30, 24, 6)
        assert body["members"] == body["shared"] + sum(steps.values())
    (run,) = pair.b.call(feeds, "GET", f"dataflows/{flow}/runs").body["items"]
    assert (run["status"], run["realized"], run["progress"]) == ("completed", 24, {"done": 1, "total": 1})
    assert pair.received()["counts"] == {"memberships": 24}
    c = pair.world.member(pair.world.c)
    assert c.call(feeds, "GET", f"dataflows/{flow}/population").status == 404


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
