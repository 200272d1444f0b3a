"""Received members through the handler, over moto and real disclosures files."""

import csv
import io
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest

from functions.segments import app as segments
from handfast.connections import store as connections
from handfast.connections.models import Connection
from handfast.feeds import store as feeds
from handfast.feeds.models import Copies, ReceivedFeed, SegmentRef, Share
from handfast.partners.models import PartnerRef
from handfast.platform import objects, table
from tests.worlds.sandboxes import Answer, Member, World

AT = "2026-01-01T00:00:00.000Z"
FLOW, FEED = "flow_1", "rf_1"
# hi of buckets 0, 1 and 63 (of 64): two identities in the first, one in each other; the last was withdrawn.
ROWS = (
    (0, 5, 1, 1, b"\x01" * 32, "seg_1", None),
    (0, 5, 1, 1, b"\x01" * 32, "seg_2", None),
    (0, 9, 2, 4, b"6f0c8b1e-3a4d-4c5e-9f60-718293a4b5c6", "seg_1", None),
    (1, (1 << 58) + 3, 3, 3, b"0" * 38, "seg_2", None),
    (63, -7, 4, 5, b"7f0c8b1e-3a4d-4c5e-9f60-718293a4b5c6", "seg_1", "2026-01-03"),
    (63, -5, 5, 5, b"8f0c8b1e-3a4d-4c5e-9f60-718293a4b5c6", "seg_gone", None),
)
NAMED = [{"segmentId": "seg_1", "name": "First"}, {"segmentId": "seg_2", "name": "Second"}]
EMAIL, IDFA, ECID = "01" * 32, "6f0c8b1e-3a4d-4c5e-9f60-718293a4b5c6", "0" * 38


@pytest.fixture
def received(world: World, tmp_path: Path) -> Copies:
    """A feed of sandbox a that b has enabled and received two segments of."""
    a, b = map(PartnerRef.of, (world.a, world.b))
    theirs = Connection("con_1", "outgoing", b, "active", AT, AT, "X" * 20)
    mine = Connection("con_1", "incoming", a, "active", AT, AT, "X" * 20)
    for write in connections.create(world.a.sandbox_id, theirs, mine):
        if isinstance(write, table.Put):
            table.apply(write)
    got = ReceivedFeed(
        received_feed_id=FEED,
        feed_id="feed_1",
        connection_id="con_1",
        partner=a,
        feed_name="Feed",
        description=None,
        status="enabled",
        version=1,
        segments=(SegmentRef("seg_1", "First"), SegmentRef("seg_2", "Second"), SegmentRef("seg_3", "Added")),
        namespaces=("IDFA", "ECID", "Email_LC_SHA256"),
        restricted_marketing_actions=(),
        shared_at=AT,
        updated_at=AT,
        accepted_version=1,
        accepted_segment_ids=("seg_1", "seg_2"),
        dataflow_id=FLOW,
    )
    sent = Share(
        feed_id="feed_1",
        connection_id="con_1",
        received_feed_id=FEED,
        partner=b,
        status="enabled",
        version=1,
        segment_ids=("seg_1", "seg_2", "seg_3"),
        namespaces=got.namespaces,
        shared_at=AT,
        updated_at=AT,
    )
    new = Copies(sent, got)
    table.transact(feeds.put_sent(world.a.sandbox_id, new, share=None, received=None))
    _deliver(tmp_path)
    return new


def _deliver(folder: Path) -> None:
    with duckdb.connect() as database:
        database.execute(
            "CREATE TABLE disclosures (bucket INTEGER, hi BIGINT, lo BIGINT, namespace SMALLINT, value BLOB,"
            " segment VARCHAR, withdrawn_at TIMESTAMP)"
        )
        database.executemany("INSERT INTO disclosures VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
        for bucket in (0, 1, 63):
            path = folder / f"{bucket:05d}.parquet"
            database.execute(
                f"COPY (SELECT hi, lo, namespace, value, segment, TIMESTAMP '2026-01-02' AS disclosed_at, withdrawn_at"
                f" FROM disclosures WHERE bucket = {bucket} ORDER BY hi, lo, segment) TO '{path}' (FORMAT parquet)"
            )
            objects.write_file(f"disclosures/dataflow={FLOW}/{bucket:05d}.parquet", path, replaces=None)
    objects.write_json(f"disclosures/dataflow={FLOW}/_state/000.json", {}, replaces=None)


def become(sandbox_id: str, copies: Copies, status: Any) -> None:
    new = Copies(replace(copies.share, status=status), replace(copies.received, status=status))
    table.transact(feeds.put_decided(sandbox_id, new, copies))


def read(member: Member, **query: str) -> Answer:
    return member.call(segments, "GET", f"received-feeds/{FEED}/members", query=query or None)


def export(member: Member, **body: str) -> Answer:
    return member.call(segments, "POST", f"received-feeds/{FEED}/members/export", body)


def values(answer: Answer) -> list[str]:
    return [item["value"] for item in answer.body["items"]]


def walk(member: Member, **query: str) -> Iterator[str]:
    answer = read(member, **query)
    yield from values(answer)
    while cursor := answer.body["nextCursor"]:
        answer = read(member, **query, cursor=cursor)
        yield from values(answer)


def test_members_are_listed_with_their_segments(received: Copies, b: Member) -> None:
    answer = read(b)
    assert answer.status == 200
    assert answer.body == {
        "items": [
            {
                "namespace": "Email_LC_SHA256",
                "value": EMAIL,
                "segmentIds": ["seg_1", "seg_2"],
                "since": "2026-01-02T00:00:00.000Z",
            },
            {"namespace": "IDFA", "value": IDFA, "segmentIds": ["seg_1"], "since": "2026-01-02T00:00:00.000Z"},
            {"namespace": "ECID", "value": ECID, "segmentIds": ["seg_2"], "since": "2026-01-02T00:00:00.000Z"},
        ],
        "segments": NAMED,
        "asOf": None,
        "runId": None,
        "nextCursor": None,
    }


def test_pages_and_filters_cover_every_member_once(received: Copies, b: Member) -> None:
    for limit in ("1", "2", "3"):
        assert list(walk(b, limit=limit)) == [EMAIL, IDFA, ECID]
        assert list(walk(b, limit=limit, segmentId="seg_1")) == [EMAIL, IDFA]
        assert list(walk(b, limit=limit, segmentId="seg_2")) == [EMAIL, ECID]
    cursor = read(b, limit="1").body["nextCursor"]
    assert read(b, segmentId="seg_1", cursor=cursor).status == 400
    assert read(b, cursor="made up").status == 400
    assert read(b, limit="201").status == 422


def test_a_segment_not_accepted_or_not_in_the_feed_is_unknown(received: Copies, b: Member) -> None:
    for segment_id in ("seg_3", "seg_gone", "seg_9", ""):
        assert read(b, segmentId=segment_id).status == 404
        assert export(b, format="csv", segmentId=segment_id).status == 404


def test_members_are_exported_as_csv_and_as_parquet(received: Copies, b: Member, tmp_path: Path) -> None:
    links = {}
    for form in ("csv", "parquet"):
        answer = export(b, format=form)
        assert (answer.status, answer.body["format"], answer.body["members"]) == (201, form, 3)
        url = urllib.parse.urlsplit(answer.body["url"])
        assert urllib.parse.parse_qs(url.query)["X-Amz-Expires"] == ["900"]
        assert url.path.startswith(f"/packages/{b.sandbox.sandbox_id}/exp_")
        links[form] = boto3.client("s3").get_object(Bucket="handfast-data", Key=url.path[1:])["Body"].read()
    rows = list(csv.DictReader(io.StringIO(links["csv"].decode())))
    assert [(row["namespace"], row["value"], row["segmentIds"]) for row in rows] == [
        ("Email_LC_SHA256", EMAIL, "seg_1 seg_2"),
        ("IDFA", IDFA, "seg_1"),
        ("ECID", ECID, "seg_2"),
    ]
    (tmp_path / "x.parquet").write_bytes(links["parquet"])
    found = duckdb.execute(f"SELECT value, \"segmentIds\" FROM '{tmp_path / 'x.parquet'}'").fetchall()
    assert found == [(EMAIL, ["seg_1", "seg_2"]), (IDFA, ["seg_1"]), (ECID, ["seg_2"])]
    assert export(b, format="csv", segmentId="seg_2").body["members"] == 2


def test_a_wrong_form_is_refused_by_field(received: Copies, b: Member) -> None:
    for body, pointer in (({"format": "xlsx"}, "/format"), ({}, "/format"), ({"format": "csv", "x": "y"}, "/x")):
        answer = export(b, **body)
        assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, [pointer])


@pytest.mark.parametrize("status", ["enabled", "changed", "disabled", "pending", "declined", "revoked"])
def test_only_a_feed_in_use_is_read(received: Copies, b: Member, status: str) -> None:
    become(b.sandbox.sandbox_id, received, status)
    for answer in (read(b), export(b, format="csv")):
        if status in {"enabled", "changed", "disabled"}:
            assert answer.status in {200, 201}
        else:
            assert (answer.status, answer.body["current"]) == (409, status)


def test_reading_ends_with_the_connection_before_the_feed_is_revoked(received: Copies, b: Member) -> None:
    mine = connections.get(b.sandbox.sandbox_id, "con_1")
    assert mine is not None
    sandbox_id = b.sandbox.sandbox_id
    for write in connections.transition(sandbox_id, mine, "active", "disconnected", at=AT, by=None, note=None):
        if isinstance(write, table.Update):
            table.apply(write)
    for answer in (read(b), export(b, format="csv")):
        assert (answer.status, answer.body["current"]) == (409, "disconnected")


def test_nobody_else_reads_a_received_feed(received: Copies, world: World, b: Member) -> None:
    a = world.member(world.a)
    assert read(a).status == export(a, format="csv").status == 404
    path = f"/sandboxes/{b.sandbox.sandbox_id}/received-feeds/{FEED}/members"
    assert a.call(segments, "GET", path).status == 404
    refused = read(world.member(world.b, "viewer"))
    assert (refused.status, refused.body["permission"]) == (403, "profiles:read")


def test_a_feed_enabled_a_moment_ago_has_no_members_yet(received: Copies, b: Member) -> None:
    objects.delete(*(found.key for found in objects.listing(f"disclosures/dataflow={FLOW}/")))
    assert read(b).body == {"items": [], "segments": NAMED, "asOf": None, "runId": None, "nextCursor": None}
    for form in ("csv", "parquet"):
        assert export(b, format=form).body["members"] == 0
