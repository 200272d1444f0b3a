"""What reading and refused calls leave behind: who, what and how much, in the logs of those whose data it was."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest

from functions.access import app as access_app
from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from functions.segments import app as segments
from functions.sweep import app as sweep
from handfast.access import service as access
from handfast.activity import hourly_records, rules
from handfast.feeds import estimates
from handfast.journal import hourly
from handfast.journal import store as journal
from handfast.journal.models import Actor, Event
from handfast.platform import clock, table
from handfast.platform.observability import logger
from handfast.platform.table import ConditionFailed, Item
from tests.worlds.exports import share_once
from tests.worlds.sandboxes import Member, World, organizations
from tests.worlds.sharing import Pair, pair_of
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, ingested

COLUMNS = [{"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"}]
PEOPLE = b"mail\nann@example.com\nbob@example.com\ncat@example.com\n"
ANN = {"namespace": "email", "value": "ann@example.com"}


@built_once
def _built_pair() -> Pair:
    world = organizations()
    pair = pair_of(world)
    for member, about in ((pair.a, {"segmentId": pair.buyers}), (pair.b, {})):
        ingested(world, member, PEOPLE, columns=COLUMNS, **about)
    apply_all(world)
    share_once(pair)
    return pair


@pytest.fixture
def pair(stores: None) -> Pair:
    """A feed of three people, all known to its receiver, is enabled and has run."""
    return _built_pair()


@pytest.fixture
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ends the hour and records what was counted in it."""
    real = clock.now

    def end() -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(hours=1))
        hourly_records.record_ended()
        monkeypatch.setattr(clock, "now", real)

    return end


def records(member: Member, event_type: str) -> list[Item]:
    return [record for record in journal.log(member.sandbox.sandbox_id) if record["type"] == event_type]


def the_record(member: Member, event_type: str) -> tuple[Any, str, Any]:
    """Who, what and the detail without its hour, of the one record of a type."""
    (record,) = records(member, event_type)
    hour = record["detail"].pop("hour", None)
    assert hour is None or hour == clock.to_text(clock.now().replace(minute=0, second=0, microsecond=0))
    actor = record["actor"]
    return actor["id"] or actor["name"], record["subject"], record["detail"]


PARTNER = "Organization B"


def test_pages_of_own_members_are_one_record_an_hour(pair: Pair, an_hour_later: Any) -> None:
    cursor = None
    for _ in range(2):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = pair.a.call(segments, "GET", f"segments/{pair.buyers}/members", query=query)
        cursor = page.body["nextCursor"]
    assert records(pair.a, "members.read") == []
    an_hour_later()
    told = (pair.a.principal_id, pair.buyers, {"calls": 2, "identities": 3})
    assert the_record(pair.a, "members.read") == told
    an_hour_later()
    assert the_record(pair.a, "members.read") == told
    assert records(pair.b, "members.read") == []


def test_an_export_is_recorded_before_its_link_is_given(pair: Pair) -> None:
    assert pair.a.call(segments, "POST", f"segments/{pair.buyers}/members/export", {"format": "csv"}).status == 201
    told = (pair.a.principal_id, pair.buyers, {"identities": 3, "format": "csv"})
    assert the_record(pair.a, "members.exported") == told


def test_who_shares_members_learns_that_its_partner_reads_them_and_not_who_there_does(
    pair: Pair, an_hour_later: Any
) -> None:
    received = pair.received()
    path = f"received-feeds/{received['receivedFeedId']}/members"
    assert pair.b.call(segments, "GET", path).status == 200
    assert pair.b.call(segments, "POST", f"{path}/export", {"format": "csv"}).status == 201
    own = (pair.b.principal_id, received["receivedFeedId"])
    assert the_record(pair.b, "members.exported") == (*own, {"identities": 3, "format": "csv"})
    assert records(pair.a, "members.exported") == []  # its log takes no record for each
    an_hour_later()
    assert the_record(pair.b, "members.read") == (*own, {"calls": 1, "identities": 3})
    below = {"name": "Spring", "dataflowId": received["dataflowId"], "belowThreshold": True}
    for event_type in ("members.read", "members.exported"):
        assert the_record(pair.a, event_type) == (PARTNER, received["feedId"], below)
    assert pair.b.principal_id not in json.dumps(list(journal.log(pair.a.sandbox.sandbox_id)), default=str)


@pytest.mark.parametrize(
    ("identities", "threshold", "told"),
    [
        (999, 1000, {"belowThreshold": True}),
        (1000, 1000, {"identitiesAtLeast": 1000}),
        (2999, 1000, {"identitiesAtLeast": 2000}),
        (0, 0, {"identitiesAtLeast": 0}),
        (7, 0, {"identitiesAtLeast": 7}),
    ],
)
def test_a_partner_is_told_steps_of_the_threshold_alone(identities: int, threshold: int, told: Any) -> None:
    assert hourly_records.coarse_amounts(identities, threshold) == told


def test_what_is_told_of_a_partners_reading_follows_the_larger_threshold_of_the_two(
    pair: Pair, an_hour_later: Any
) -> None:
    access.change_sandbox(pair.a.sandbox.sandbox_id, overlap_threshold=1)
    access.change_sandbox(pair.b.sandbox.sandbox_id, overlap_threshold=2)
    received = pair.received()
    assert pair.b.call(segments, "GET", f"received-feeds/{received['receivedFeedId']}/members").status == 200
    an_hour_later()
    assert the_record(pair.a, "members.read")[2]["identitiesAtLeast"] == 2


def test_estimates_populations_and_explanations_are_told_to_both_sides(pair: Pair, an_hour_later: Any) -> None:
    feed, flow = pair.received()["feedId"], pair.received()["dataflowId"]
    for _ in range(2):
        assert pair.a.call(feeds, "POST", f"feeds/{feed}/estimate").status == 200
    assert pair.a.call(feeds, "GET", f"dataflows/{flow}/population").status == 200
    assert pair.b.call(feeds, "GET", f"dataflows/{flow}/population").status == 200
    assert pair.a.call(feeds, "POST", "people/explain", {"identity": ANN}).status == 200
    an_hour_later()
    about = {"connectionId": pair.connection}
    assert the_record(pair.a, "feed.estimated") == (pair.a.principal_id, feed, {"calls": 2} | about)
    assert the_record(pair.b, "feed.estimated") == ("Organization A", pair.connection, {"calls": 2})
    assert the_record(pair.b, "person.explained") == ("Organization A", flow, {"calls": 1})
    for member, other in ((pair.a, PARTNER), (pair.b, "Organization A")):
        read = records(member, "dataflow.population_read")
        assert {record["actor"]["id"] or record["actor"]["name"] for record in read} == {member.principal_id, other}
        assert {(record["subject"], record["detail"]["calls"]) for record in read} == {(flow, 1)}


def test_what_is_streamed_and_what_was_rejected_leave_a_trace(world: World, a: Member, an_hour_later: Any) -> None:
    segment_id = a.call(segments, "POST", "segments", {"name": "Readers"}).body["segmentId"]
    change = {"identity": ANN, "segmentId": segment_id, "status": "realized"}
    wrong = change | {"segmentId": "seg_x"}
    assert a.call(segments, "POST", "memberships", {"changes": [change, wrong]}).body["accepted"] == 1
    assert a.call(segments, "POST", "consents", {"changes": [{"identity": ANN, "share": "n"}]}).body["accepted"] == 1
    ingested(world, a, b"mail\nnobody\nann@example.com\n", columns=COLUMNS)
    upload = a.call(segments, "GET", "uploads").body["items"][0]["uploadId"]
    assert a.call(segments, "GET", f"uploads/{upload}").body["rejectsUrl"]
    an_hour_later()
    for event_type in ("membership.changed", "consent.changed"):
        taken = (a.principal_id, a.sandbox.sandbox_id, {"calls": 1, "identities": 1})
        assert the_record(a, event_type) == taken
    who, what, detail = the_record(a, "upload.rejects_read")
    assert (who, what) == (a.principal_id, upload)
    assert detail["calls"] >= 1


def test_a_dry_run_of_a_privacy_request_is_recorded(a: Member) -> None:
    body = {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [ANN]}}
    answer = a.call(privacy, "POST", "privacy-requests", body, query={"dryRun": "true"})
    assert answer.status == 202, answer.body
    told = {"type": "erasure", "identities": 1}
    assert the_record(a, "privacy_request.previewed") == (a.principal_id, a.sandbox.sandbox_id, told)


def test_calls_without_a_permission_are_recorded_by_the_hour(world: World, a: Member, an_hour_later: Any) -> None:
    viewer = world.member(world.a, "viewer")
    for _ in range(3):
        assert viewer.call(segments, "GET", "segments/seg_x/members").status == 403
    assert viewer.call(segments, "POST", "segments", {"name": "Readers"}).status == 403
    assert viewer.call(segments, "GET", "segments/seg_x").status == 404  # nothing was refused
    an_hour_later()
    operations = ["createSegment", "listSegmentMembers"]
    told = (viewer.principal_id, a.sandbox.sandbox_id, {"status": 403, "calls": 4, "operations": operations})
    assert the_record(a, "call.refused") == told


def test_calls_past_a_quota_are_recorded(pair: Pair, monkeypatch: pytest.MonkeyPatch, an_hour_later: Any) -> None:
    monkeypatch.setattr(estimates, "ANSWERS_A_DAY", 1)
    path = f"feeds/{pair.received()['feedId']}/estimate"
    assert [pair.a.call(feeds, "POST", path, {"precision": share}).status for share in (0.1, 0.2)] == [200, 429]
    an_hour_later()
    assert the_record(pair.a, "call.refused")[2] == {"status": 429, "calls": 1, "operations": ["estimateFeed"]}


def test_what_a_policy_refuses_to_preview_is_recorded(pair: Pair, an_hour_later: Any) -> None:
    assert pair.a.call(segments, "PATCH", f"segments/{pair.buyers}", {"labels": ["C11"]}).status == 200
    before = records(pair.a, "policy.violated")
    feed = pair.draft()
    assert pair.a.call(feeds, "POST", f"feeds/{feed}/estimate").status == 422
    assert pair.a.call(feeds, "POST", f"feeds/{feed}/publish", query={"dryRun": "true"}).status == 422
    an_hour_later()
    assert the_record(pair.a, "call.refused") == (
        pair.a.principal_id,
        feed,
        {"status": 422, "name": "Spring", "calls": 2},
    )
    assert records(pair.a, "policy.violated") == before


def counts() -> list[Item]:
    return [item for item in table.scan("ACTIVITY_TABLE") if item["pk"].startswith("HOURLY#")]


def test_a_stranger_is_recorded_unnamed_and_cannot_fill_anything(
    world: World, a: Member, b: Member, an_hour_later: Any
) -> None:
    path = f"/sandboxes/{a.sandbox.sandbox_id}/segments"
    before = len(list(journal.log(a.sandbox.sandbox_id)))
    for number in range(5):
        assert b.call(segments, "GET", path).status == 404
        assert b.call(segments, "GET", f"/sandboxes/sbx_made_up_{number}/segments").status == 404
    assert len(counts()) == 2
    an_hour_later()
    told = {"status": 404, "calls": 5, "operations": ["listSegments"]}
    assert the_record(a, "call.refused") == ("A principal without a grant", a.sandbox.sandbox_id, told)
    assert len(list(journal.log(a.sandbox.sandbox_id))) == before + 1
    assert counts() == []


def test_a_refusal_that_cannot_be_counted_is_answered_all_the_same(
    world: World, b: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise table.TransactionConflict

    monkeypatch.setattr(table, "before_write", full)
    assert b.call(access_app, "GET", f"/sandboxes/{world.a.sandbox_id}/grants").status == 404


def test_what_is_read_and_cannot_be_counted_is_not_shown(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise table.TransactionConflict

    monkeypatch.setattr(table, "before_write", full)
    assert pair.a.call(segments, "GET", f"segments/{pair.buyers}/members").status == 429
    assert pair.a.call(segments, "POST", f"segments/{pair.buyers}/members/export", {"format": "csv"}).status == 429


def test_what_is_counted_while_it_is_recorded_is_not_lost(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch, an_hour_later: Any
) -> None:
    read = Event(a.sandbox.sandbox_id, "members.read", Actor("system", None, "Handfast"), "seg_x")
    hourly.count([read], identities=1)
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(hours=1))
    ((counted, taken),) = hourly.ended()
    monkeypatch.setattr(clock, "now", lambda: at)
    hourly.count([read], identities=2)
    with pytest.raises(ConditionFailed):
        hourly.record(taken, counted.events)
    an_hour_later()
    assert the_record(a, "members.read")[2] == {"calls": 2, "identities": 3}


def test_the_sweep_records_what_was_counted() -> None:
    assert hourly_records.record_ended in sweep._PARTS.values()


def test_nobody_is_notified_of_what_is_read() -> None:
    for event_type in ("members.read", "members.exported", "feed.estimated", "person.explained", "call.refused"):
        record = {"type": event_type, "actor": {"kind": "partner", "name": PARTNER}, "detail": {}}
        assert rules.notification_title(record) is None


def test_each_call_is_one_line_of_the_log_with_who_where_and_how_it_ended(world: World, a: Member, b: Member) -> None:
    written, handler = io.StringIO(), logger.registered_handler
    before = handler.setStream(written)  # type: ignore[attr-defined]
    try:
        b.call(segments, "GET", f"/sandboxes/{a.sandbox.sandbox_id}/segments")
    finally:
        handler.setStream(before)  # type: ignore[attr-defined]
    (line,) = (json.loads(text) for text in written.getvalue().splitlines())
    assert (line["principalId"], line["sandboxId"], line["status"]) == (b.principal_id, a.sandbox.sandbox_id, 404)
    assert {"correlation_id", "method", "route", "ms"} <= line.keys()
