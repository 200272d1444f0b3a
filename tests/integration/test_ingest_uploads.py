"""Uploads and changes through both handlers of the ingest function, over moto."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.ingest import app as ingest
from functions.ingest import uploads
from functions.segments import app as segments_app
from handfast.dataflows import runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow, Target
from handfast.journal.models import Sandbox
from handfast.lake.buckets import bucket_of
from handfast.partners.models import PartnerRef
from handfast.platform import clock, objects, table
from handfast.platform.ids import new_id
from handfast.segments import store as segments
from tests.worlds.data_plane import PROFILES, write_rows
from tests.worlds.faults import crash_before_call, failing, meanwhile
from tests.worlds.sandboxes import Member, World
from tests.worlds.stores import built_once
from tests.worlds.uploads import (
    PEOPLE,
    announce,
    apply_all,
    deliver_file,
    events,
    handled,
    identity,
    ingested,
    keys,
    members,
    put_file,
    rows,
    segment_of,
    stored,
)


def test_a_file_becomes_profiles_and_members_and_is_gone(world: World, a: Member, tmp_path: Path) -> None:
    segment_id = segment_of(a)
    upload = ingested(world, a, PEOPLE, segmentId=segment_id)
    assert upload.status == "completed"
    assert (upload.rows, upload.accepted, upload.rejected) == (4, 3, 1)
    assert upload.rejected_by_reason == {"invalid_email": 1}
    assert upload.values_rejected == {"all_zero_device_id": 1}
    assert (upload.repeated, upload.people, upload.warnings) == (0, 3, ())
    assert upload.shapes == {"mail": {"email": 3, "other": 1}, "ad": {"device_id": 2}}
    assert (upload.realized, upload.exited, upload.outstanding) == (4, 0, frozenset())

    ann, bob, cat = (identity("email", f"{name}@example.com") for name in ("ann", "bob", "cat"))
    phone = identity("idfa", "aebe52e7-03ee-455a-b3c4-e57283966239")
    assert members(a, segment_id, tmp_path) == {ann, bob, cat, phone}
    profiles = {(row[0], row[1]): row for row in rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)}
    assert set(profiles) == {ann, bob, cat, phone}
    assert [profiles[ann][index] for index in (2, 4, 5, 6)] == [1, "1", None, "y"]
    assert profiles[bob][6:8] != (None, None)
    assert profiles[cat][6:8] == (None, None)
    assert profiles[phone][3] == b"aebe52e7-03ee-455a-b3c4-e57283966239"
    assert f"profiles/sandbox={a.sandbox.sandbox_id}/{bucket_of(ann[0], 6):05d}.parquet" in keys("profiles/")

    segment = segments.segment(a.sandbox.sandbox_id, segment_id)
    assert segment is not None
    assert (segment.identities, segment.by_namespace) == (4, {1: 3, 4: 1})
    assert keys("uploads/") == keys("changes/") == []
    listed = boto3.client("s3").get_object(
        Bucket="handfast-data", Key=f"rejects/{a.sandbox.sandbox_id}/{upload.upload_id}.csv"
    )
    assert listed["Body"].read().decode().splitlines() == [
        "row,column,reason",
        "3,mail,invalid_email",
        "4,ad,all_zero_device_id",
    ]
    assert events(world.a) == ["upload.completed"]


def test_the_same_file_again_changes_nothing(world: World, a: Member) -> None:
    segment_id = segment_of(a)
    ingested(world, a, PEOPLE, segmentId=segment_id)
    before = {found.key: found.etag for prefix in ("profiles/", "memberships/") for found in objects.listing(prefix)}
    again = ingested(world, a, PEOPLE, segmentId=segment_id)
    after = {found.key: found.etag for prefix in ("profiles/", "memberships/") for found in objects.listing(prefix)}
    assert (again.status, again.rows, again.realized, again.exited) == ("completed", 4, 0, 0)
    assert after == before


def test_a_snapshot_lets_those_it_does_not_name_leave(world: World, a: Member, tmp_path: Path) -> None:
    segment_id = segment_of(a)
    ingested(world, a, PEOPLE, segmentId=segment_id)
    only_ann = PEOPLE.splitlines(keepends=True)
    upload = ingested(world, a, b"".join(only_ann[:2]), mode="snapshot", segmentId=segment_id, allowRemoval=True)
    assert (upload.status, upload.realized, upload.exited) == ("completed", 0, 2)
    assert members(a, segment_id, tmp_path) == {
        identity("email", "ann@example.com"),
        identity("idfa", "aebe52e7-03ee-455a-b3c4-e57283966239"),
    }
    segment = segments.segment(a.sandbox.sandbox_id, segment_id)
    assert segment is not None
    assert (segment.identities, segment.by_namespace) == (2, {1: 1, 4: 1})


def test_a_snapshot_that_removes_too_many_fails_and_leaves_nothing(world: World, a: Member, tmp_path: Path) -> None:
    segment_id = segment_of(a)
    ingested(world, a, PEOPLE, segmentId=segment_id)
    before = members(a, segment_id, tmp_path)
    upload = ingested(
        world, a, PEOPLE.splitlines()[0] + b"\n1,new@example.com,,y\n", mode="snapshot", segmentId=segment_id
    )
    assert upload.status == "failed"
    assert upload.failure is not None
    assert upload.failure.reason == "removal_guard"
    assert members(a, segment_id, tmp_path) == before
    assert keys("uploads/") == keys("changes/") == []
    assert events(world.a) == ["upload.completed", "upload.failed"]


def test_a_refused_file_fails_the_upload_and_is_gone(world: World, a: Member) -> None:
    upload = ingested(world, a, b"mail\nann@example.com\n")
    assert upload.status == "failed"
    assert upload.failure is not None
    assert upload.failure.reason == "missing_column"
    assert "ann@" not in upload.failure.detail
    assert keys("uploads/") == keys("changes/") == keys("profiles/") == keys("rejects/") == []
    assert events(world.a) == ["upload.failed"]


def test_streamed_changes_follow_in_order(world: World, a: Member, tmp_path: Path) -> None:
    segment_id = segment_of(a)
    ingested(world, a, PEOPLE, segmentId=segment_id)
    ann = {"identity": {"namespace": "email", "value": "ann@example.com"}, "segmentId": segment_id}
    dan = {"identity": {"namespace": "email", "value": "Dan@example.com"}, "segmentId": segment_id, "share": "Y"}
    for change in ([ann | {"status": "exited"}, dan | {"status": "realized"}], [ann | {"status": "realized"}]):
        assert a.call(segments_app, "POST", "memberships", {"changes": change}).status == 202
    apply_all(world)
    assert {identity("email", "ann@example.com"), identity("email", "dan@example.com")} <= members(
        a, segment_id, tmp_path
    )
    segment = segments.segment(a.sandbox.sandbox_id, segment_id)
    assert segment is not None
    assert segment.by_namespace == {1: 4, 4: 1}
    profiles = {(row[0], row[1]): row for row in rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)}
    assert profiles[identity("email", "dan@example.com")][5:7] == ("y", None)
    assert keys("changes/") == []


def test_what_is_said_of_a_deleted_segment_is_left_out(world: World, a: Member) -> None:
    segment_id = segment_of(a)
    upload_id = announce(a, segmentId=segment_id)
    put_file(a, upload_id, PEOPLE)
    assert deliver_file(a, upload_id)
    assert a.call(segments_app, "DELETE", f"segments/{segment_id}").status in {200, 204}
    apply_all(world)
    upload = stored(a, upload_id)
    assert (upload.status, upload.realized) == ("completed", 0)
    assert keys("memberships/") == []
    assert len(keys("profiles/")) > 0


def test_notifications_of_other_objects_and_test_events_are_done_with(world: World) -> None:
    assert handled(uploads.handler, {"Service": "Amazon S3", "Event": "s3:TestEvent"})
    assert handled(uploads.handler, {"Records": [{"s3": {"object": {"key": "uploads/strange"}}}]})
    assert handled(uploads.handler, {"Records": [{"s3": {"object": {"key": "uploads/sbx_x/upl_x"}}}]})


def test_a_file_put_again_after_the_end_is_deleted(world: World, a: Member) -> None:
    upload = ingested(world, a, PEOPLE)
    put_file(a, upload.upload_id, b"other")
    assert deliver_file(a, upload.upload_id)
    assert keys("uploads/") == []
    assert stored(a, upload.upload_id).status == "completed"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
def test_a_file_that_comes_too_late_is_refused(
    world: World, a: Member, late: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = announce(a)
    put_file(a, upload_id, PEOPLE)
    expires = clock.from_text(stored(a, upload_id).expires_at)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: expires + late)
        assert deliver_file(a, upload_id)
        shown = a.call(segments_app, "GET", f"uploads/{upload_id}").body
    assert (shown["status"], shown["error"]["reason"]) == ("failed", "expired")
    assert world.messages("INGEST_QUEUE_URL") == []
    assert keys("uploads/") == keys("changes/") == []


def test_a_file_in_work_when_its_upload_would_expire_is_finished(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = announce(a)
    put_file(a, upload_id, PEOPLE)
    with crash_before_call(2):
        assert not deliver_file(a, upload_id)
    assert stored(a, upload_id).status == "processing"
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert deliver_file(a, upload_id)
    apply_all(world)
    assert stored(a, upload_id).status == "completed"


def test_a_file_that_can_never_be_processed_ends_as_failed(world: World, a: Member) -> None:
    upload_id = announce(a)
    put_file(a, upload_id, PEOPLE)

    with failing(MemoryError(), at="changes/"):
        assert [deliver_file(a, upload_id) for _ in range(5)] == [False, False, False, False, True]
    upload = stored(a, upload_id)
    assert upload.failure is not None
    assert (upload.status, upload.failure.reason) == ("failed", "processing_failed")


# Dataflows


def flow(source: Sandbox, target: Sandbox, status: Any, *segment_ids: str) -> str:
    """A dataflow between two sandboxes."""
    sides = [PartnerRef.of(side) for side in (source, target)]
    new = Dataflow(new_id("flow"), sides[0], Target("partner", sides[1]), "A feed", status, segment_ids, "", "")
    table.transact(dataflows.put_dataflow(new, over=None))
    return new.dataflow_id


def test_what_changes_has_the_dataflows_it_touches_reconciled_once(world: World, a: Member) -> None:
    readers, others = segment_of(a), segment_of(a, "Others")
    out, other = flow(world.a, world.b, "active", readers), flow(world.a, world.b, "paused", others)
    into, _ = flow(world.b, world.a, "active", "seg_x"), flow(world.a, world.b, "closed", readers)
    _ = flow(world.b, world.c, "active", readers)
    ingested(world, a, PEOPLE, segmentId=readers)
    messages = world.messages("EXPORT_QUEUE_URL")
    assert {message["dataflowId"] for message in messages} == {out, other, into}
    assert all(message["span"] == 0 for message in messages)

    ingested(world, a, PEOPLE, segmentId=readers)
    assert world.messages("EXPORT_QUEUE_URL") == []

    change = {"identity": {"namespace": "email", "value": "ann@example.com"}, "segmentId": readers, "status": "exited"}
    a.call(segments_app, "POST", "memberships", {"changes": [change]})
    (pointer,) = world.messages("INGEST_QUEUE_URL")
    for write in range(30):
        with crash_before_call(write):
            if handled(ingest.handler, pointer):
                break
    assert {message["dataflowId"] for message in world.messages("EXPORT_QUEUE_URL")} >= {out, into}
    assert len(list(runs.runs(out))) == 2


# Races and crashes


def test_a_lost_race_for_a_bucket_reads_it_again(world: World, a: Member, tmp_path: Path) -> None:
    readers = segment_of(a)
    ann = identity("email", "ann@example.com")
    bucket = f"profiles/sandbox={a.sandbox.sandbox_id}/{bucket_of(ann[0], 6):05d}.parquet"
    other = write_rows(tmp_path / "other.parquet", PROFILES, [(*ann, 1, b"ann", "0", None, None, None, None, None)])

    def beaten() -> None:
        """Someone else writes the same bucket just before."""
        objects.write_file(bucket, other, replaces=None, metadata={"change": "chg_other", "counts": "{}"})

    with meanwhile(beaten, at=bucket) as others:
        upload = ingested(world, a, PEOPLE, segmentId=readers)
    assert len(others) == 1
    assert (upload.status, upload.realized, len(members(a, readers, tmp_path))) == ("completed", 4, 4)


def test_a_change_that_never_wins_a_race_comes_back(world: World, a: Member) -> None:
    upload_id = announce(a)
    put_file(a, upload_id, PEOPLE)
    assert deliver_file(a, upload_id)

    (message,) = world.messages("INGEST_QUEUE_URL")
    with failing(objects.LostRaceError("profiles/"), at="profiles/"):
        assert not handled(ingest.handler, message)
    assert stored(a, upload_id).status == "processing"
    assert len(keys("changes/")) > 0


def test_a_file_gone_before_it_was_read_fails_the_upload(world: World, a: Member) -> None:
    upload_id = announce(a)
    assert deliver_file(a, upload_id)
    upload = stored(a, upload_id)
    assert upload.failure is not None
    assert (upload.status, upload.failure.reason) == ("failed", "no_file")


@pytest.mark.parametrize(("content", "mode"), [(PEOPLE, "snapshot"), (b"id,mail\n1,ann@example.com\n", "delta")])
def test_a_crash_before_any_write_of_an_upload_is_repaired_by_a_repeat(
    world: World, a: Member, content: bytes, mode: str, tmp_path: Path
) -> None:
    @built_once
    def ready() -> tuple[str, str]:
        segment_id = segment_of(a)
        upload_id = announce(a, segmentId=segment_id, mode=mode)
        put_file(a, upload_id, content)
        return segment_id, upload_id

    outcomes = set()
    write = 0
    while True:
        segment_id, upload_id = ready()
        with crash_before_call(write):
            crashed = not deliver_file(a, upload_id)
        assert deliver_file(a, upload_id)
        for message in world.messages("INGEST_QUEUE_URL"):
            assert handled(ingest.handler, message)
        outcomes.add(outcome(a, upload_id, segment_id, tmp_path))
        if not crashed:
            break
        write += 1
    assert write > 3
    assert len(outcomes) == 1


def test_a_crash_before_any_write_of_applying_is_repaired_by_a_repeat(world: World, a: Member, tmp_path: Path) -> None:
    @built_once
    def staged() -> tuple[str, str]:
        segment_id = segment_of(a)
        upload_id = announce(a, segmentId=segment_id)
        put_file(a, upload_id, PEOPLE)
        assert deliver_file(a, upload_id)
        return segment_id, upload_id

    outcomes = set()
    write = 0
    while True:
        segment_id, upload_id = staged()
        (message,) = world.messages("INGEST_QUEUE_URL")
        with crash_before_call(write):
            crashed = not handled(ingest.handler, message)
        assert handled(ingest.handler, message)
        outcomes.add(outcome(a, upload_id, segment_id, tmp_path))
        if not crashed:
            break
        write += 1
    assert write > 8
    assert len(outcomes) == 1


def outcome(member: Member, upload_id: str, segment_id: str, tmp_path: Path) -> tuple[Any, ...]:
    """What is left when all is done: the same whatever happened on the way."""
    sandbox_id = member.sandbox.sandbox_id
    upload, segment = stored(member, upload_id), segments.segment(sandbox_id, segment_id)
    assert segment is not None
    places = ("uploads", "changes", "profiles", "memberships", "rejects")
    return (
        upload.status,
        upload.failure and upload.failure.reason,
        (upload.rows, upload.accepted, upload.rejected, upload.realized, upload.exited),
        (segment.identities, *sorted(segment.by_namespace.items())),
        tuple(events(member.sandbox)),
        tuple(sorted(members(member, segment_id, tmp_path))),
        tuple(sum(sandbox_id in key for key in keys(f"{place}/")) for place in places),
    )
