"""Uploads of what cannot be taken, or of more than was announced: a failed upload that says why, and nothing left."""

import gzip
from typing import Any

import pytest

from functions.segments import app as segments_app
from handfast.platform import objects
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import (
    PEOPLE,
    announce,
    apply_all,
    deliver_file,
    events,
    ingested,
    keys,
    put_file,
    segment_of,
    stored,
)

HEADER = PEOPLE.splitlines(keepends=True)[0]
BAD: dict[str, tuple[bytes, str]] = {
    "a missing column": (PEOPLE.replace(b"consent", b"answer", 1), "missing_column"),
    "a column twice": (PEOPLE.replace(b"mail,ad", b"mail,ad,id", 1), "duplicate_column"),
    "nothing": (b"", "empty_file"),
    "a header alone": (HEADER, "no_rows"),
    "ragged rows": (HEADER + b"5,eve@example.com\n", "ragged_rows"),
    "quotes": (PEOPLE + b'5,"eve@example.com,,y\n6,"fay@example.com",,y\n', "malformed_csv"),
    "another encoding": (PEOPLE + "5,m\u00fcller@example.com,,y\n".encode("cp1252"), "not_utf8"),
    "a gzip cut short": (gzip.compress(PEOPLE * 50)[:-9], "damaged_file"),
    "a bomb": (gzip.compress(HEADER + b"a" * 50_000_000), "unpacked_too_large"),
    "a spreadsheet": (b"PK\x03\x04" + PEOPLE, "wrong_format"),
}


def objects_now() -> dict[str, str]:
    """Every object with its version."""
    return {found.key: found.etag for found in objects.listing("")}


def test_a_bad_file_fails_its_upload_with_what_to_fix_and_leaves_nothing(world: World, a: Member) -> None:
    segment_id = segment_of(a)
    ingested(world, a, PEOPLE, segmentId=segment_id)
    before, shown = objects_now(), a.call(segments_app, "GET", f"segments/{segment_id}").body
    for name, (content, reason) in BAD.items():
        upload = ingested(world, a, content, segmentId=segment_id)
        answer: dict[str, Any] = a.call(segments_app, "GET", f"uploads/{upload.upload_id}").body
        assert (answer["status"], answer["error"]["reason"]) == ("failed", reason), name
        assert len(answer["error"]["detail"]) > 20
        assert "@" not in answer["error"]["detail"]
        assert answer["counts"]["rows"] == 0
        assert objects_now() == before, name
    assert a.call(segments_app, "GET", f"segments/{segment_id}").body == shown
    assert events(world.a) == ["upload.completed"] + ["upload.failed"] * len(BAD)


def test_a_file_larger_than_one_may_be_is_not_read(world: World, a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handfast.ingest.files.WHOLE_BYTES", len(PEOPLE))
    assert ingested(world, a, PEOPLE).status == "completed"
    monkeypatch.setattr(objects, "download", lambda *_: pytest.fail("the file is read"))
    upload = ingested(world, a, PEOPLE + b"\n")
    assert upload.failure is not None
    assert upload.failure.reason == "too_large"
    assert "several files" in upload.failure.detail
    assert keys("uploads/") == []


def test_a_snapshot_of_a_header_alone_lets_all_leave_where_that_is_allowed(world: World, a: Member) -> None:
    segment_id = segment_of(a)
    ingested(world, a, PEOPLE, segmentId=segment_id)
    refused = ingested(world, a, HEADER, mode="snapshot", segmentId=segment_id)
    assert refused.failure is not None
    assert refused.failure.reason == "no_rows"
    upload = ingested(world, a, HEADER, mode="snapshot", segmentId=segment_id, allowRemoval=True)
    assert (upload.status, upload.rows, upload.exited) == ("completed", 0, 4)
    assert a.call(segments_app, "GET", f"segments/{segment_id}").body["counts"]["identities"] == 0


def test_a_bad_row_is_refused_alone_and_the_delimiter_is_said(world: World, a: Member) -> None:
    upload = ingested(world, a, PEOPLE.replace(b",", b";") + b"5;eve@example.com\n")
    answer: dict[str, Any] = a.call(segments_app, "GET", f"uploads/{upload.upload_id}").body
    assert (answer["status"], answer["delimiter"]) == ("completed", ";")
    assert answer["counts"]["rejectedByReason"] == {"invalid_email": 1, "ragged_row": 1}


def test_a_file_that_comes_twice_counts_once_and_as_it_first_came(world: World, a: Member) -> None:
    segment_id = segment_of(a)
    upload_id = announce(a, segmentId=segment_id)
    put_file(a, upload_id, PEOPLE)
    assert deliver_file(a, upload_id)
    put_file(a, upload_id, HEADER + b"9,other@example.com,,y\n")
    assert deliver_file(a, upload_id)
    assert deliver_file(a, upload_id)
    apply_all(world)
    upload = stored(a, upload_id)
    assert (upload.status, upload.rows, upload.realized) == ("completed", 4, 4)
    assert keys("uploads/") == keys("changes/") == []
    counted = a.call(segments_app, "GET", f"segments/{segment_id}").body["counts"]
    assert counted["identities"] == 4
    assert events(world.a) == ["upload.completed"]
