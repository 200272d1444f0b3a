"""The catalogue of segments through the handler, over moto."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.segments import app as segments
from handfast.access import service as access
from handfast.access import store as access_store
from handfast.dataflows import runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow, Target
from handfast.feeds import store as feeds
from handfast.feeds.models import Copies, ReceivedFeed, SegmentRef, Share
from handfast.journal import store as journal
from handfast.journal.models import Sandbox
from handfast.partners.models import PartnerRef
from handfast.platform import objects, table
from handfast.segments import store
from tests.worlds.faults import meanwhile
from tests.worlds.sandboxes import CONTEXT, Answer, Member, World
from tests.worlds.sharing import pointers, segment

EVENT = Path(__file__).parents[2] / "events" / "segments.json"
EMAIL = {"column": "mail", "as": "identity", "namespace": "email"}


def types_in_log(member: Member) -> list[str]:
    types = [record["type"] for record in journal.log(member.sandbox.sandbox_id)]
    return [name for name in types if not name.startswith("grant.")]


def race(first: Callable[[], Answer], second: Callable[[], Answer]) -> list[Answer]:
    """Have the second call done whole between what the first one reads and what it writes."""
    with meanwhile(second) as answers:
        return [first(), *answers]


def test_a_segment_is_created_read_changed_and_deleted_with_one_record_each(a: Member) -> None:
    body = {"name": "Newsletter readers", "externalId": "newsletter", "labels": ["I1", "C4", "I1"]}
    answer = a.call(segments, "POST", "segments", body)
    assert answer.status == 201
    assert answer.headers["ETag"].startswith('"1-')
    segment_id = answer.body["segmentId"]
    assert segment_id.startswith("seg_")
    assert answer.body["labels"] == ["C4", "I1"]
    assert answer.body["counts"] == {"identities": 0, "byNamespace": {}, "people": 0, "peopleAsOf": None}
    assert answer.body["origin"] == "own"

    read = a.call(segments, "GET", f"segments/{segment_id}")
    assert (read.status, read.body) == (200, answer.body)

    patch = {"description": "Opened one lately", "labels": []}
    changed = a.call(segments, "PATCH", f"segments/{segment_id}", patch, headers={"If-Match": '"1"'})
    assert changed.status == 200
    assert changed.headers["ETag"].startswith('"2-')
    assert (changed.body["name"], changed.body["description"]) == ("Newsletter readers", "Opened one lately")
    assert changed.body["labels"] == []

    assert a.call(segments, "DELETE", f"segments/{segment_id}").status == 204
    assert a.call(segments, "GET", f"segments/{segment_id}").status == 404
    assert a.call(segments, "DELETE", f"segments/{segment_id}").status == 404
    assert types_in_log(a) == ["segment.created", "segment.updated", "segment.deleted"]


def test_counts_are_what_ingest_adds(a: Member) -> None:
    segment_id = segment(a)
    for sums in ({1: 5, 2: 2}, {1: -1, 4: 3}):
        table.apply(store.add_members(a.sandbox.sandbox_id, segment_id, sums, "2026-01-01T00:00:00.000Z"))
    read = a.call(segments, "GET", f"segments/{segment_id}")
    by_namespace = {"Email_LC_SHA256": 4, "Phone_SHA256_E.164": 2, "IDFA": 3}
    counts = read.body["counts"]
    assert (counts["identities"], counts["byNamespace"]) == (9, by_namespace)
    assert read.headers["ETag"].startswith('"1-')


BAD_SEGMENTS: list[tuple[dict[str, Any], str]] = [
    ({}, "/name"),
    ({"name": ""}, "/name"),
    ({"name": " x"}, "/name"),
    ({"name": "x\ny"}, "/name"),
    ({"name": "x" * 201}, "/name"),
    ({"name": 7}, "/name"),
    ({"name": "x", "labels": ["C13"]}, "/labels/0"),
    ({"name": "x", "labels": ["c1"]}, "/labels/0"),
    ({"name": "x", "labels": "C1"}, "/labels"),
    ({"name": "x", "externalId": "seg_mine"}, "/externalId"),
    ({"name": "x", "externalId": ""}, "/externalId"),
    ({"name": "x", "externalId": "a|b"}, "/externalId"),
    ({"name": "x", "colour": "red"}, "/colour"),
]


def test_a_bad_segment_is_refused_by_field(a: Member) -> None:
    for body, pointer in BAD_SEGMENTS:
        answer = a.call(segments, "POST", "segments", body)
        assert (answer.status, pointers(answer)) == (422, [pointer])
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert types_in_log(a) == []


def test_a_body_that_is_not_json_is_malformed(a: Member) -> None:
    for body in ("{", "[1", "nobody"):
        assert a.call(segments, "POST", "segments", body).status == 400


def test_an_external_id_names_one_segment_of_a_sandbox(a: Member, b: Member) -> None:
    first = segment(a, externalId="loyal")
    taken = a.call(segments, "POST", "segments", {"name": "Another", "externalId": "loyal"})
    assert (taken.status, taken.body["segmentId"], pointers(taken)) == (409, first, ["/externalId"])
    segment(b, externalId="loyal")

    other = segment(a, "Another")
    moved = a.call(segments, "PATCH", f"segments/{other}", {"externalId": "loyal"})
    assert moved.status == 409
    assert a.call(segments, "PATCH", f"segments/{first}", {"externalId": None}).body["externalId"] is None
    assert a.call(segments, "PATCH", f"segments/{other}", {"externalId": "loyal"}).body["externalId"] == "loyal"
    assert a.call(segments, "DELETE", f"segments/{other}").status == 204
    segment(a, externalId="loyal")


def test_of_two_creations_with_one_external_id_one_wins(a: Member) -> None:
    def create() -> Answer:
        return a.call(segments, "POST", "segments", {"name": "x", "externalId": "loyal"})

    first, second = race(create, create)
    assert (first.status, second.status) == (409, 201)
    assert first.body["segmentId"] == second.body["segmentId"]
    assert len(a.call(segments, "GET", "segments").body["items"]) == 1
    assert types_in_log(a) == ["segment.created"]


def test_of_two_changes_with_one_etag_one_wins(a: Member) -> None:
    segment_id = segment(a)

    def change(name: str, **headers: str) -> Callable[[], Answer]:
        return lambda: a.call(segments, "PATCH", f"segments/{segment_id}", {"name": name}, headers=headers)

    first, second = race(change("One", **{"If-Match": '"1"'}), change("Other", **{"If-Match": '"1"'}))
    assert (first.status, second.status) == (412, 200)
    assert a.call(segments, "GET", f"segments/{segment_id}").body == second.body
    first, second = race(change("Third"), change("Fourth"))
    assert (first.status, first.body["current"], second.status) == (409, "changed", 200)
    assert types_in_log(a) == ["segment.created", *["segment.updated"] * 2]


def test_a_feed_that_takes_a_segment_first_keeps_it(a: Member) -> None:
    segment_id = segment(a)

    def use() -> Answer:
        table.apply(store.use(a.sandbox.sandbox_id, segment_id, "feed_1"))
        return Answer(200, None, {})

    refused, _ = race(lambda: a.call(segments, "DELETE", f"segments/{segment_id}"), use)
    assert (refused.status, refused.body["feedIds"]) == (409, ["feed_1"])
    assert a.call(segments, "GET", f"segments/{segment_id}").status == 200


def test_a_deletion_loses_to_a_change_and_to_another_deletion(a: Member) -> None:
    segment_id = segment(a)

    def delete() -> Answer:
        return a.call(segments, "DELETE", f"segments/{segment_id}")

    lost, _ = race(delete, lambda: a.call(segments, "PATCH", f"segments/{segment_id}", {"name": "y"}))
    assert (lost.status, lost.body["current"]) == (409, "changed")
    lost, won = race(delete, delete)
    assert (lost.status, won.status) == (404, 204)
    assert types_in_log(a) == ["segment.created", "segment.updated", "segment.deleted"]


def test_a_bad_change_is_refused_by_field(a: Member) -> None:
    segment_id = segment(a)
    for body, pointer in (
        ({"name": None}, "/name"),
        ({"labels": None}, "/labels"),
        ({"labels": ["C0"]}, "/labels/0"),
        ({"externalId": "seg_x"}, "/externalId"),
        ({"x": 1}, "/x"),
    ):
        answer = a.call(segments, "PATCH", f"segments/{segment_id}", body)
        assert (answer.status, pointers(answer)) == (422, [pointer])


def test_a_change_of_nothing_changes_nothing(a: Member) -> None:
    segment_id = segment(a)
    assert a.call(segments, "PATCH", f"segments/{segment_id}", {}).headers["ETag"].startswith('"1-')
    assert types_in_log(a) == ["segment.created"]


def test_a_stale_or_foreign_etag_is_412(a: Member) -> None:
    segment_id = segment(a)
    for tag in ('"2"', "W/x"):
        answer = a.call(segments, "PATCH", f"segments/{segment_id}", {"name": "y"}, headers={"If-Match": tag})
        assert answer.status == 412


def test_another_sandbox_sees_nothing_of_a_segment(a: Member, b: Member) -> None:
    segment_id = segment(a)
    for method, body in (("GET", None), ("PATCH", {"name": "mine"}), ("DELETE", None)):
        assert b.call(segments, method, f"segments/{segment_id}", body).status == 404
        assert b.call(segments, method, f"/sandboxes/{a.sandbox.sandbox_id}/segments/{segment_id}", body).status == 404
    assert b.call(segments, "GET", "segments").body["items"] == []
    assert a.call(segments, "GET", f"segments/{segment_id}").status == 200


def test_a_viewer_reads_and_may_not_write(world: World, a: Member) -> None:
    segment_id, viewer = segment(a), world.member(world.a, "viewer")
    assert viewer.call(segments, "GET", f"segments/{segment_id}").status == 200
    refused = viewer.call(segments, "POST", "segments", {"name": "x"})
    assert (refused.status, refused.body["permission"]) == (403, "segments:write")


def test_a_segment_that_a_feed_uses_cannot_be_deleted(a: Member) -> None:
    segment_id, sandbox_id = segment(a), a.sandbox.sandbox_id
    table.apply(store.use(sandbox_id, segment_id, "feed_1"))
    refused = a.call(segments, "DELETE", f"segments/{segment_id}")
    assert (refused.status, refused.body["current"], refused.body["feedIds"]) == (409, "in_use", ["feed_1"])
    table.apply(store.release(sandbox_id, segment_id, "feed_1"))
    assert a.call(segments, "DELETE", f"segments/{segment_id}").status == 204
    with pytest.raises(table.ConditionFailed):
        table.apply(store.use(sandbox_id, segment_id, "feed_2"))


def test_deleting_a_segment_deletes_its_memberships_only(a: Member) -> None:
    gone, kept, sandbox_id = segment(a), segment(a, "Kept"), a.sandbox.sandbox_id
    keys = [
        f"memberships/sandbox={sandbox_id}/segment={segment_id}/{bucket:05d}.parquet"
        for segment_id in (gone, kept)
        for bucket in (0, 63)
    ]
    for name in keys:
        objects.write(name, b"rows", replaces=None)
    assert a.call(segments, "DELETE", f"segments/{gone}").status == 204
    assert [found.key for found in objects.listing("memberships/")] == sorted(keys[2:])


def flow(source: Sandbox, target: Sandbox, *segment_ids: str) -> Dataflow:
    new = Dataflow(
        dataflow_id="flow_1",
        source=PartnerRef.of(source),
        target=Target("partner", PartnerRef.of(target)),
        name="Feed",
        status="active",
        segment_ids=segment_ids,
        created_at="2026-01-01T00:00:00.000Z",
        updated_at="2026-01-01T00:00:00.000Z",
    )
    table.transact(dataflows.put_dataflow(new, over=None))
    return new


def test_new_labels_have_every_dataflow_of_the_segment_reconciled(world: World, a: Member) -> None:
    shared, other = segment(a), segment(a, "Other")
    flow(world.a, world.b, shared)
    a.call(segments, "PATCH", f"segments/{other}", {"labels": ["C11"]})
    a.call(segments, "PATCH", f"segments/{shared}", {"name": "Renamed"})
    assert world.messages("EXPORT_QUEUE_URL") == []
    a.call(segments, "PATCH", f"segments/{shared}", {"labels": ["C11"]})
    (message,) = world.messages("EXPORT_QUEUE_URL")
    assert (message["dataflowId"], message["span"]) == ("flow_1", 0)
    assert runs.run("flow_1", message["runId"])


def received(target: Sandbox, received_feed_id: str, status: Any, *accepted: str) -> None:
    source, at = PartnerRef("sbx_partner", "Organization A", "sandbox a"), "2026-01-01T00:00:00.000Z"
    got = ReceivedFeed(
        received_feed_id=received_feed_id,
        feed_id="feed_1",
        connection_id="con_1",
        partner=source,
        feed_name="Feed",
        description=None,
        status=status,
        version=1,
        segments=(SegmentRef("seg_r1", "First"), SegmentRef("seg_r2", "Second")),
        namespaces=("IDFA",),
        restricted_marketing_actions=(),
        shared_at=at,
        updated_at=at,
        accepted_version=1,
        accepted_segment_ids=accepted,
    )
    sent = Share(
        feed_id=f"feed-{received_feed_id}",
        connection_id="con_1",
        received_feed_id=received_feed_id,
        partner=PartnerRef.of(target),
        status=status,
        version=1,
        segment_ids=("seg_r1", "seg_r2"),
        namespaces=("IDFA",),
        shared_at=at,
        updated_at=at,
    )
    writes = feeds.put_sent("sbx_partner", Copies(sent, got), share=None, received=None)
    table.transact([write for write in writes if isinstance(write, table.Put)])


def test_the_catalogue_lists_own_segments_then_received_ones_page_by_page(world: World, b: Member) -> None:
    own = [segment(b, f"Segment {number}") for number in range(3)]
    received(world.b, "rf_1", "enabled", "seg_r1", "seg_r2")
    received(world.b, "rf_2", "changed", "seg_r2")
    received(world.b, "rf_3", "revoked", "seg_r1")
    received(world.b, "rf_4", "pending")

    def walk(limit: int, **query: str) -> list[tuple[str, str | None]]:
        items, cursor = [], None
        while True:
            page = b.call(
                segments,
                "GET",
                "segments",
                query={"limit": str(limit), **query} | ({"cursor": cursor} if cursor else {}),
            )
            assert page.status == 200
            items += [(item["segmentId"], item["receivedFeedId"]) for item in page.body["items"]]
            cursor = page.body["nextCursor"]
            if cursor is None:
                return items

    mine = [(segment_id, None) for segment_id in own]
    theirs = [("seg_r1", "rf_1"), ("seg_r2", "rf_1"), ("seg_r2", "rf_2")]
    for limit in (1, 2, 3, 200):
        assert walk(limit) == mine + theirs
        assert walk(limit, origin="own") == mine
        assert walk(limit, origin="received") == theirs
    assert b.call(segments, "GET", "segments/seg_r1").body["origin"] == "received"
    assert b.call(segments, "PATCH", "segments/seg_r1", {"name": "Mine"}).status == 404
    assert b.call(segments, "DELETE", "segments/seg_r1").status == 404


def test_a_list_refuses_a_wrong_origin_limit_or_cursor(a: Member) -> None:
    segment(a)
    segment(a)
    assert a.call(segments, "GET", "segments", query={"origin": "theirs"}).status == 422
    assert a.call(segments, "GET", "segments", query={"limit": "0"}).status == 422
    assert a.call(segments, "GET", "segments", query={"cursor": "made up"}).status == 400
    cursor = a.call(segments, "GET", "segments", query={"limit": "1"}).body["nextCursor"]
    assert a.call(segments, "GET", "segments", query={"cursor": cursor, "origin": "own"}).status == 400


def test_the_sample_event_creates_a_segment(stores: None) -> None:
    event = json.loads(EVENT.read_text())
    sandbox_id = event["pathParameters"]["sandbox"]
    organization = access.create_organization("Organization A")
    access_store.create_sandbox(Sandbox(sandbox_id, "sandbox", organization, "Organization A"))
    principal = event["requestContext"]["authorizer"]["claims"]["sub"]
    access.register_principal(principal, "Principal", sandbox_id, "audience-manager")
    answer = segments.handler(event, CONTEXT)
    assert answer["statusCode"] == 201
    body = json.loads(answer["body"])
    assert (body["externalId"], body["labels"]) == ("newsletter", ["C4", "I1"])
