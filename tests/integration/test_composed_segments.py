"""Segments composed of others: what they may name, who is in them, and what of them is shared."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.governance import app as governance
from functions.segments import app as segments
from handfast.dataflows import recency
from handfast.feeds import member_reader
from handfast.platform import clock
from handfast.segments.trait_rule_syntax import parse
from tests.worlds.data_plane import KEYS, value_of
from tests.worlds.exports import FIFTH, FIRST, FOURTH, SECOND, SINCE, SIXTH, THIRD, Export, decoded, names, shared
from tests.worlds.sandboxes import Answer, Member
from tests.worlds.sharing import Pair, pair_of, pointers, segment
from tests.worlds.trait_rules import holds


@pytest.fixture
def sharing(stores: None, tmp_path: Path) -> Export:
    found = shared(tmp_path)
    found.run()
    return found


@pytest.fixture
def pair(world: Any) -> Pair:
    return pair_of(world)


def compose(owner: Member, expression: str, **members: Any) -> Answer:
    return owner.call(segments, "POST", "segments", {"name": "Composed", "expression": expression} | members)


def composed(owner: Member, expression: str) -> str:
    answer = compose(owner, expression)
    assert answer.status == 201, answer.body
    return str(answer.body["segmentId"])


def get(owner: Member, segment_id: str) -> Any:
    return owner.call(segments, "GET", f"segments/{segment_id}").body


def members(owner: Member, segment_id: str) -> set[str]:
    answer = owner.call(segments, "GET", f"segments/{segment_id}/members", query={"limit": "200"})
    assert answer.status == 200, answer.body
    return {decoded(item["value"]) for item in answer.body["items"]}


def test_a_composed_segment_has_the_members_that_its_expression_says(sharing: Export) -> None:
    pair = sharing.pair
    both = composed(pair.a, f"{pair.buyers} AND {pair.visitors}")
    either = composed(pair.a, f"{pair.buyers} OR {pair.visitors}")
    only = composed(pair.a, f"segID = {pair.buyers} AND NOT trait_{pair.visitors.removeprefix('seg_')}")
    assert members(pair.a, both) == names(THIRD)
    assert members(pair.a, only) == names(FIRST, SECOND)
    # The sixth is unknown to the sandbox, so that there is no value to show.
    assert members(pair.a, either) - names(SIXTH) == names(FIRST, SECOND, THIRD) | members(pair.a, pair.visitors)
    counts = get(pair.a, both)["counts"]
    assert (counts["identities"], counts["byNamespace"], counts["people"]) == (1, {"Email_LC_SHA256": 1}, 1)
    nested = composed(pair.a, f"{either} AND NOT {both}")
    assert members(pair.a, nested) == members(pair.a, either) - names(THIRD)


def test_a_composed_segment_is_shared_and_follows_its_parts(sharing: Export) -> None:
    pair = sharing.pair
    both = composed(pair.a, f"{pair.buyers} AND {pair.visitors}")
    feed = pair.published(name="Composed", segmentIds=[both])
    flow = pair.decide("enable").body["dataflowId"]
    sharing.run()

    def held() -> set[str]:
        page = member_reader.members_page(member_reader.disclosed(flow), [both], 200, None)
        return {decoded(item.value) for item in page.items}

    assert held() == names(THIRD)
    sharing.members(pair.visitors, FIRST)
    from handfast.dataflows import outbox
    from handfast.dataflows import store as dataflows

    found = dataflows.dataflow(flow)
    assert found
    outbox.mark_dirty(found, "test")
    sharing.run()
    assert held() == names(FIRST)
    changed = pair.a.call(segments, "PATCH", f"segments/{both}", {"expression": f"{pair.buyers} OR {pair.visitors}"})
    assert changed.status == 200, changed.body
    sharing.run()
    assert held() == names(FIRST, THIRD)
    assert pair.a.call(feeds, "GET", f"feeds/{feed}").body["segmentIds"] == [both]


def test_a_change_of_a_part_runs_the_dataflows_of_what_is_composed_of_it(sharing: Export) -> None:
    pair = sharing.pair
    inner = composed(pair.a, f"{pair.buyers} AND {pair.visitors}")
    outer = composed(pair.a, f"{inner} OR {pair.visitors}")
    pair.published(name="Composed", segmentIds=[outer])
    flow = pair.decide("enable").body["dataflowId"]
    sharing.run()
    assert pair.a.call(segments, "PATCH", f"segments/{inner}", {"expression": pair.buyers}).status == 200
    assert {message["dataflowId"] for message in pair.exports()} == {flow}


def test_labels_of_parts_stop_what_is_composed_of_them(sharing: Export) -> None:
    pair = sharing.pair
    both = composed(pair.a, f"{pair.buyers} AND {pair.visitors}")
    pair.published(name="Composed", segmentIds=[both])
    flow = pair.decide("enable").body["dataflowId"]
    sharing.run()
    assert pair.a.call(segments, "PATCH", f"segments/{pair.visitors}", {"labels": ["C11"]}).status == 200
    inherited = get(pair.a, both)["inheritedLabels"]
    assert inherited == [
        {"label": "C11", "from": {"entityType": "segment", "entityId": pair.visitors, "name": "Visitors"}}
    ]
    assert flow in {message["dataflowId"] for message in pair.exports()}
    refused = pair.a.call(feeds, "POST", "feeds", pair.body(name="Again", segmentIds=[both]))
    assert refused.status == 201
    answer = pair.publish(refused.body["feedId"])
    assert (answer.status, answer.body["reason"]) == (422, "policy_violation")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{buyers} AND", "at character {end}: expected a segment"),
        ("{buyers} seg_1", "this cannot stand here"),
        ("buyers", "at character 1: expected"),
        ("{buyers} AND seg_nobodys", "no such segment or trait: seg_nobodys"),
        ("NOT {buyers}", "everybody who is in none"),
        ("FREQUENCY([{buyers}]) <= 5", "everybody who is in none"),
        (
            "FREQUENCY([{buyers}, {buyers}]) >= 2",
            "at character 12: FREQUENCY counts each segment once: of 1 nobody is in 2",
        ),
        ("{buyers} OR NOT FREQUENCY([{visitors}]) == 2", "of 1 nobody is in 2"),
        ("NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT {buyers}", "at most 10 levels"),
        ("{buyers}" + " OR {buyers}" * 100, "more than 100 segments"),
    ],
)
def test_an_expression_that_says_nothing_is_refused_with_the_place(pair: Pair, expression: str, message: str) -> None:
    text = expression.format(buyers=pair.buyers, visitors=pair.visitors)
    answer = compose(pair.a, text)
    assert (answer.status, pointers(answer)) == (422, ["/expression"])
    assert message.format(end=len(text) + 1) in answer.body["errors"][0]["message"]


def test_a_cycle_is_refused(pair: Pair) -> None:
    first = composed(pair.a, f"{pair.buyers} OR {pair.visitors}")
    second = composed(pair.a, f"{first} AND {pair.buyers}")
    for expression in (first, f"{pair.buyers} OR {second}"):
        answer = pair.a.call(segments, "PATCH", f"segments/{first}", {"expression": expression})
        assert (answer.status, pointers(answer)) == (422, ["/expression"])
        assert "itself composed" in answer.body["errors"][0]["message"]
    assert get(pair.a, first)["expression"] == f"{pair.buyers} OR {pair.visitors}"


def test_what_is_named_stays_until_it_is_not_any_more(pair: Pair) -> None:
    both = composed(pair.a, f"{pair.buyers} AND {pair.visitors}")
    answer = pair.a.call(segments, "DELETE", f"segments/{pair.buyers}")
    assert (answer.status, answer.body["segmentIds"]) == (409, [both])
    assert pair.a.call(segments, "PATCH", f"segments/{both}", {"expression": pair.visitors}).status == 200
    assert pair.a.call(segments, "DELETE", f"segments/{pair.buyers}").status == 204
    assert pair.a.call(segments, "DELETE", f"segments/{both}").status == 204
    assert pair.a.call(segments, "DELETE", f"segments/{pair.visitors}").status == 204


def test_a_composed_segment_takes_no_members_of_its_own(pair: Pair) -> None:
    both = composed(pair.a, f"{pair.buyers} AND {pair.visitors}")
    change = {"segmentId": both, "identity": {"namespace": "email", "value": "0" * 64}, "status": "realized"}
    answer = pair.a.call(segments, "POST", "memberships", {"changes": [change]})
    assert [refusal["reason"] for refusal in answer.body["rejected"]] == ["unknown_segment"]
    answer = pair.a.call(segments, "PATCH", f"segments/{pair.buyers}", {"expression": pair.visitors})
    assert (answer.status, pointers(answer)) == (422, ["/expression"])


def test_a_received_part_is_read_and_not_shared_onward(sharing: Export) -> None:
    pair = sharing.pair
    own = segment(pair.b, "Mine")
    mixed = composed(pair.b, f"{pair.buyers} AND NOT {pair.visitors}")
    assert members(pair.b, mixed) == names(FIRST)
    found = get(pair.b, mixed)
    assert (found["counts"]["identities"], found["lostSegmentIds"]) == (1, [])
    assert found["restrictedMarketingActions"] == ["analytics", "email_targeting"]
    body = pair.body(name="Onward", segmentIds=[own, mixed])
    answer = pair.b.call(feeds, "POST", "feeds", body)
    assert (answer.status, answer.body["reason"]) == (422, "composed_segment_not_shareable")
    assert pointers(answer) == ["/segmentIds/1"]
    assert min(pair.buyers, pair.visitors) in answer.body["errors"][0]["message"]
    # What the partner withdraws is gone at once, and when the feed ends nobody is left.
    sharing.members(pair.buyers, THIRD)
    sharing.dirty()
    sharing.run()
    assert members(pair.b, mixed) == set()
    sharing.members(pair.buyers, FIFTH)
    sharing.dirty()
    sharing.run()
    assert members(pair.b, mixed) == names(FIFTH)
    assert pair.b.call(connect, "POST", f"connections/{pair.connection}/disconnect").status == 200
    assert members(pair.b, mixed) == set()
    lost = get(pair.b, mixed)
    assert (lost["counts"]["identities"], lost["lostSegmentIds"]) == (0, sorted([pair.buyers, pair.visitors]))


def test_a_recency_is_read(sharing: Export) -> None:
    pair = sharing.pair
    recent = composed(pair.a, f"FREQUENCY([{pair.buyers},{pair.visitors}] <= 7D) >= 1")
    assert members(pair.a, recent) == set()
    earlier = composed(pair.a, f"FREQUENCY([{pair.buyers},{pair.visitors}] >= 7D) == 2")
    assert members(pair.a, earlier) == names(THIRD)
    frequent = composed(pair.a, f"FREQUENCY([{pair.buyers},{pair.visitors}]) == 2")
    assert members(pair.a, frequent) == names(THIRD)


def test_a_recency_is_shared_and_comes_due_each_day_by_itself(sharing: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    pair, real = sharing.pair, clock.now
    age = (real().replace(tzinfo=None) - SINCE).days
    recent = composed(pair.a, f"FREQUENCY([{pair.buyers}] <= {age}D) >= 1 AND {pair.buyers}")
    long_ago = composed(pair.a, f"FREQUENCY([{pair.buyers}] >= {age + 1}D) == 1")
    pair.published(name="Recent", segmentIds=[recent, long_ago])
    flow = pair.decide("enable").body["dataflowId"]

    def held(segment_id: str) -> set[str]:
        page = member_reader.members_page(member_reader.disclosed(flow), [segment_id], 200, None)
        return {decoded(item.value) for item in page.items}

    def later(**time: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**time))
        recency.run_overdue()

    def waiting() -> set[str]:
        return {message["dataflowId"] for message in pair.exports()}

    sharing.run()
    assert (held(recent), held(long_ago)) == (names(FIRST, THIRD), set())
    recency.run_overdue()
    assert waiting() == set(), "the day's terms are in force"
    later(days=1)
    sharing.run()
    assert (held(recent), held(long_ago)) == (set(), names(FIRST, THIRD))
    runs = pair.a.call(feeds, "GET", f"dataflows/{flow}/runs").body["items"]
    assert runs[0]["reason"] == "recency"
    recency.run_overdue()
    assert waiting() == set()
    # Without a recency any more, the next day's run is the last that comes by itself.
    for each in (recent, long_ago):
        changed = pair.a.call(segments, "PATCH", f"segments/{each}", {"expression": pair.buyers})
        assert changed.status == 200, changed.body
    sharing.run()
    assert held(recent) == names(FIRST, THIRD)
    later(days=2)
    sharing.run()
    later(days=3)
    assert waiting() == set()


def test_a_received_segment_is_a_signal_a_trait_and_a_segment_of_it(sharing: Export) -> None:
    pair = sharing.pair
    mixed = composed(pair.b, f"trait_{pair.buyers.removeprefix('seg_')} OR {pair.visitors}")
    ids = sorted([pair.buyers, pair.visitors])
    found = pair.b.call(segments, "GET", "signals", query={"search": "SegId"}).body["items"]
    assert [signal["expression"] for signal in found] == [f"segID = {segment_id}" for segment_id in ids]
    for search in (f"segid={pair.buyers}", "buyer"):
        (signal,) = pair.b.call(segments, "GET", "signals", query={"search": search}).body["items"]
        assert signal["segmentId"] == pair.buyers
    assert pair.b.call(segments, "GET", "signals", query={"search": "nothing like it"}).body["items"] == []
    first = pair.b.call(segments, "GET", "traits", query={"limit": "1"}).body
    query = {"limit": "1", "cursor": first["nextCursor"]}
    traits = [*first["items"], *pair.b.call(segments, "GET", "traits", query=query).body["items"]]
    assert [trait["integrationCode"] for trait in traits] == ids
    buyers = next(trait for trait in traits if trait["integrationCode"] == pair.buyers)
    assert buyers == {
        "traitId": f"trait_{pair.buyers.removeprefix('seg_')}",
        "name": "Buyers",
        "traitType": "onboarded",
        "integrationCode": pair.buyers,
        "traitExpression": f"segID = {pair.buyers}",
        "dataSource": {"dataSourceId": "ds_audience_sharing", "name": "Adobe Experience Platform Audience Sharing"},
        "folder": "Experience Platform Traits",
        "segments": [{"segmentId": pair.buyers, "name": "Buyers"}, {"segmentId": mixed, "name": "Composed"}],
        "receivedFeedId": pair.received()["receivedFeedId"],
        "receivedFeedName": "Spring",
        "partner": pair.received()["partner"],
    }
    (folder,) = pair.b.call(segments, "GET", "segment-folders").body["items"]
    assert folder == {"name": "Experience Platform Segments", "count": 2}
    assert pair.b.call(segments, "GET", "trait-folders").body["items"][0]["count"] == 2
    received = get(pair.b, pair.buyers)
    assert (received["profileMergeRule"], received["segmentRule"], received["folder"]) == (
        "External Merge Policy",
        buyers["traitId"],
        "Experience Platform Segments",
    )


def test_controls_on_the_data_source_of_traits_are_labels_of_all_that_is_made_of_them(sharing: Export) -> None:
    pair = sharing.pair
    mixed = composed(pair.b, f"{pair.buyers} OR {pair.visitors}")
    body = {"name": "From partners", "exportControls": ["no_offsite_ad_targeting"]}
    changed = pair.b.call(governance, "PATCH", "data-sources/ds_audience_sharing", body)
    assert (changed.status, changed.body["inheritedLabels"]) == (200, ["C5"])
    for segment_id in (pair.buyers, mixed):
        assert get(pair.b, segment_id)["inheritedLabels"] == [
            {
                "label": "C5",
                "from": {"entityType": "dataSource", "entityId": "ds_audience_sharing", "name": "From partners"},
            }
        ]
    (trait, _) = pair.b.call(segments, "GET", "traits").body["items"]
    assert trait["dataSource"]["name"] == "From partners"


EVERYBODY = (FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH)


@pytest.mark.parametrize("seed", range(4))
def test_received_parts_count_as_they_are_held_whatever_happens(sharing: Export, seed: int) -> None:
    pair, random = sharing.pair, Random(seed)
    own = segment(pair.b, "Mine")
    rule = parse(f"{own} AND NOT {pair.buyers} OR FREQUENCY([{pair.buyers}, {pair.visitors}, {own}]) >= 2").rule
    mixed = composed(pair.b, f"{own} AND NOT {pair.buyers} OR FREQUENCY([{pair.buyers}, {pair.visitors}, {own}]) >= 2")
    known, received = {FIRST, THIRD, FIFTH, SIXTH}, True
    for _ in range(6):
        mine = random.sample(EVERYBODY, 3)
        sharing.put(
            f"memberships/sandbox={pair.b.sandbox.sandbox_id}/segment={own}", KEYS, {key: (*key, SINCE) for key in mine}
        )
        for segment_id in (pair.buyers, pair.visitors):
            sharing.members(segment_id, *random.sample(EVERYBODY, random.randint(0, 5)))
        if random.random() < 0.4:
            received = not received
            assert pair.decide("enable" if received else "disable").status == 200
        sharing.dirty()
        sharing.run()
        held = sharing.held()
        of = {key: held.get(value_of(key).decode(), set()) | ({own} if key in mine else set()) for key in EVERYBODY}
        expected = {key for key in known if holds(rule, dict.fromkeys(of[key], 0))} if received else set()
        assert members(pair.b, mixed) == names(*expected)
        assert get(pair.b, mixed)["counts"]["identities"] == len(expected)
