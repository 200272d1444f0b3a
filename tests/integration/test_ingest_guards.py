"""Files that the guards refuse: what they tell of why, and that refused rows never make a member leave."""

from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.segments import app as segments_app
from handfast.access import service as access
from tests.worlds.faults import crash_before_call
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import (
    announce,
    apply_all,
    deliver_file,
    events,
    identity,
    ingested,
    keys,
    members,
    put_file,
    segment_of,
    stored,
)

pytestmark = pytest.mark.usefixtures("shared_out")

HEADER = b"id,mail,ad,consent\n"


def people(*rows: tuple[str, str]) -> bytes:
    """A file of addresses and answers."""
    return HEADER + b"".join(f"{number},{mail},,{share}\n".encode() for number, (mail, share) in enumerate(rows))


def numbered(count: int) -> list[tuple[str, str]]:
    """Addresses of so many people."""
    return [(f"p{number}@example.com", "y") for number in range(count)]


@pytest.fixture
def guarded(world: World) -> Member:
    """An administrator of a sandbox whose guards are those that a sandbox has without settings."""
    return world.member(access.create_sandbox(world.a.organization_id, "guarded", phone_region="US"))


def shown(member: Member, upload_id: str) -> dict[str, Any]:
    """An upload as the API shows it."""
    body: dict[str, Any] = member.call(segments_app, "GET", f"uploads/{upload_id}").body
    return body


def rejects(member: Member, upload_id: str) -> list[str]:
    """The lines of an upload's list of rejects, the header left out."""
    key = f"rejects/{member.sandbox.sandbox_id}/{upload_id}.csv"
    text = boto3.client("s3").get_object(Bucket="handfast-data", Key=key)["Body"].read().decode()
    return text.splitlines()[1:]


@pytest.mark.parametrize("allowed", [{}, {"allowRemoval": True}, {"allowRemoval": True, "allowRejects": True}])
def test_a_snapshot_of_refused_rows_says_why_and_empties_no_segment(
    world: World, guarded: Member, allowed: dict[str, bool], tmp_path: Path
) -> None:
    segment_id = segment_of(guarded)
    ingested(world, guarded, people(*numbered(20)), segmentId=segment_id)
    before = members(guarded, segment_id, tmp_path)
    content = people(("nobody", "y"), ("p1@example.com", "maybe"))
    upload = ingested(world, guarded, content, segmentId=segment_id, mode="snapshot", **allowed)
    answer = shown(guarded, upload.upload_id)
    assert (answer["status"], answer["error"]["reason"]) == ("failed", "all_rejected")
    assert "invalid_email 1, unknown_share 1" in answer["error"]["detail"]
    counts = answer["counts"]
    assert (counts["rows"], counts["accepted"], counts["rejected"]) == (2, 0, 2)
    assert counts["rejectedByReason"] == {"invalid_email": 1, "unknown_share": 1}
    assert f"{upload.upload_id}.csv" in answer["rejectsUrl"]
    assert rejects(guarded, upload.upload_id) == ["1,mail,invalid_email", "2,consent,unknown_share"]
    assert members(guarded, segment_id, tmp_path) == before
    assert keys("uploads/") == keys("changes/") == []


@pytest.mark.parametrize("mode", ["delta", "snapshot"])
def test_more_refused_rows_than_the_guard_allows_fail_the_upload_unless_they_are_allowed(
    world: World, guarded: Member, mode: str, tmp_path: Path
) -> None:
    segment_id = segment_of(guarded)
    within, beyond = [*numbered(19), ("nobody", "y")], [*numbered(18), ("nobody", "y")]
    upload = ingested(world, guarded, people(*within), segmentId=segment_id, mode=mode)
    assert (upload.status, upload.accepted, upload.rejected) == ("completed", 19, 1)
    upload = ingested(world, guarded, people(*beyond), segmentId=segment_id, mode=mode, allowRemoval=True)
    assert upload.failure is not None
    assert (upload.status, upload.failure.reason) == ("failed", "reject_guard")
    assert "1 of 19 rows were refused" in upload.failure.detail
    assert "invalid_email 1" in upload.failure.detail
    assert (upload.rows, upload.accepted, upload.rejected) == (19, 0, 1)
    assert rejects(guarded, upload.upload_id) == ["19,mail,invalid_email"]
    assert len(members(guarded, segment_id, tmp_path)) == 19
    upload = ingested(world, guarded, people(*beyond), segmentId=segment_id, mode=mode, allowRejects=True)
    assert (upload.status, upload.accepted, upload.rejected) == ("completed", 18, 1)


def test_the_guard_on_refused_rows_is_the_sandboxs(world: World, guarded: Member) -> None:
    access.change_sandbox(guarded.sandbox.sandbox_id, reject_guard=0.5)
    content = people(*numbered(1), ("nobody", "y"))
    assert ingested(world, guarded, content).status == "completed"
    access.change_sandbox(guarded.sandbox.sandbox_id, reject_guard=0)
    assert ingested(world, guarded, content).status == "failed"


def test_a_member_in_a_refused_row_stays_while_those_that_are_not_named_leave(
    world: World, guarded: Member, tmp_path: Path
) -> None:
    segment_id = segment_of(guarded)
    ingested(world, guarded, people(*numbered(20)), segmentId=segment_id)
    content = people(*numbered(18), ("p18@example.com", "maybe"), ("new@example.com", "maybe"))
    upload = ingested(world, guarded, content, segmentId=segment_id, mode="snapshot", allowRejects=True)
    assert (upload.status, upload.realized, upload.exited) == ("completed", 0, 1)
    left = {identity("email", mail) for mail, _ in numbered(19)}
    assert members(guarded, segment_id, tmp_path) == left


@pytest.mark.parametrize(("form", "nobody"), [("csv", HEADER), ("ndjson", b"\n")])
def test_an_answer_of_nobody_empties_a_segment_where_that_is_allowed(
    world: World, guarded: Member, form: str, nobody: bytes, tmp_path: Path
) -> None:
    segment_id = segment_of(guarded)
    ingested(world, guarded, people(*numbered(3)), segmentId=segment_id)
    mode: dict[str, Any] = {"segmentId": segment_id, "mode": "snapshot", "format": form}
    refused = ingested(world, guarded, nobody, **mode)
    assert refused.failure is not None
    assert refused.failure.reason == "no_rows"
    upload = ingested(world, guarded, nobody, **mode, allowRemoval=True)
    assert (upload.status, upload.rows, upload.exited) == ("completed", 0, 3)
    assert members(guarded, segment_id, tmp_path) == set()


def test_a_crash_before_any_write_of_a_refusal_is_repaired_by_a_repeat(world: World) -> None:
    told = set()
    for write in range(30):
        member = world.member(access.create_sandbox(world.a.organization_id, f"guarded {write}"))
        upload_id = announce(member)
        put_file(member, upload_id, people(("nobody", "y"), ("no one", "y")))
        with crash_before_call(write):
            crashed = not deliver_file(member, upload_id)
        assert deliver_file(member, upload_id)
        upload = stored(member, upload_id)
        told.add((upload.status, upload.failure and upload.failure.reason, upload.rows, upload.rejected))
        assert rejects(member, upload_id) == ["1,mail,invalid_email", "2,mail,invalid_email"]
        assert events(member.sandbox) == ["upload.failed"]
        if not crashed:
            break
    assert not crashed
    assert write > 2
    assert told == {("failed", "all_rejected", 2, 2)}


def test_a_file_that_brings_more_people_than_the_sandbox_is_entitled_to_says_how_many(
    world: World, guarded: Member, tmp_path: Path
) -> None:
    sandbox_id = guarded.sandbox.sandbox_id
    access.change_sandbox(sandbox_id, profile_entitlement=10)
    segment_id = segment_of(guarded)
    ingested(world, guarded, people(*numbered(8)), segmentId=segment_id)
    apply_all(world)
    upload = ingested(world, guarded, people(*numbered(11)), segmentId=segment_id)
    assert upload.failure
    assert upload.failure.reason == "profile_entitlement"
    assert "add 3 profiles to the 8 that the sandbox has, of 10" in upload.failure.detail
    # As many as there may be, and those that are known already.
    for count in (10, 9):
        upload = ingested(world, guarded, people(*numbered(count)), segmentId=segment_id)
        apply_all(world)
        assert shown(guarded, upload.upload_id)["status"] == "completed"
    upload = ingested(world, guarded, people(*numbered(11)), segmentId=segment_id, allowOverEntitlement=True)
    apply_all(world)
    assert shown(guarded, upload.upload_id)["status"] == "completed"
