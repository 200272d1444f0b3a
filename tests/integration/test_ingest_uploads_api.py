"""Uploads' mappings, links and states through the handler, over moto."""

import urllib.parse
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.segments import app as segments
from handfast.ingest import store as ingest
from handfast.ingest.growth import MAX_IDENTITY_COLUMNS
from handfast.ingest.models import MAX_FILE_BYTES, MAX_PARTS, PART_BYTES, Failure
from handfast.lake import change_log
from handfast.platform import aws, clock, table
from tests.worlds.sandboxes import Answer, Member
from tests.worlds.sharing import pointers, segment

EMAIL = {"column": "mail", "as": "identity", "namespace": "email"}


def upload_body(**members: Any) -> dict[str, Any]:
    return {"fileName": "crm.csv", "format": "csv", "mode": "delta", "columns": [EMAIL]} | members


def test_an_upload_answers_a_link_that_takes_the_file(a: Member) -> None:
    segment_id = segment(a, externalId="loyal")
    columns = [EMAIL, {"column": "loyal", "as": "segment", "name": "loyal"}]
    answer = a.call(segments, "POST", "uploads", upload_body(columns=columns, sizeBytes=12))
    assert answer.status == 201
    upload_id, url = answer.body["uploadId"], urllib.parse.urlsplit(answer.body["uploadUrl"])
    assert url.path.endswith(f"/uploads/{a.sandbox.sandbox_id}/{upload_id}")
    signed = urllib.parse.parse_qs(url.query)
    assert signed["X-Amz-Expires"] == ["3600"]
    assert signed["X-Amz-SignedHeaders"] == ["content-length;host"]
    stored = ingest.upload(a.sandbox.sandbox_id, upload_id)
    assert stored is not None
    assert (stored.actor.actor_id, stored.actor.kind) == (a.principal_id, "principal")
    assert stored.columns[1].segment_id == segment_id

    read = a.call(segments, "GET", f"uploads/{upload_id}")
    assert read.body == {
        "uploadId": upload_id,
        "fileName": "crm.csv",
        "format": "csv",
        "mode": "delta",
        "segmentId": None,
        "segmentName": None,
        "dataSourceId": None,
        "dataSourceName": None,
        "preset": None,
        "delimiter": None,
        "status": "awaiting_file",
        "waiting": False,
        "progress": {"done": 0, "total": 0},
        "splits": None,
        "counts": {
            "rows": 0,
            "accepted": 0,
            "rejected": 0,
            "rejectedByReason": {},
            "valuesRejected": {},
            "repeated": 0,
            "people": 0,
            "replaced": 0,
            "shapes": {},
            "realized": 0,
            "exited": 0,
            "segmentsCreated": 0,
            "unknownShares": {},
        },
        "rejectsUrl": None,
        "preview": None,
        "warnings": [],
        "error": None,
        "asOf": None,
        "createdAt": stored.created_at,
        "expiresAt": answer.body["expiresAt"],
    }


BAD_UPLOADS: list[tuple[dict[str, Any], list[str]]] = [
    ({"fileName": None}, ["/fileName"]),
    ({"format": "xlsx"}, ["/format"]),
    ({"mode": "append"}, ["/mode"]),
    ({"columns": []}, ["/columns"]),
    ({"columns": [{"column": "mail", "as": "email"}]}, ["/columns/0/as"]),
    ({"columns": [{"column": "", "as": "identity", "namespace": "email"}]}, ["/columns/0/column"]),
    ({"columns": [EMAIL | {"transform": "md5"}]}, ["/columns/0/transform"]),
    ({"columns": [EMAIL | {"part": "identity"}]}, ["/columns/0/part"]),
    ({"columns": [EMAIL | {"namespace": "fax"}]}, ["/columns/0/namespace"]),
    ({"columns": [EMAIL, EMAIL]}, ["/columns/1/column"]),
    ({"mode": "snapshot"}, ["/segmentId"]),
    ({"segmentId": "seg_unknown"}, ["/segmentId"]),
    ({"delimiter": "^"}, ["/delimiter"]),
    ({"sizeBytes": 0}, ["/sizeBytes"]),
    ({"sizeBytes": 10**15}, ["/sizeBytes"]),
    (
        {"columns": [EMAIL | {"column": f"mail{number}"} for number in range(MAX_IDENTITY_COLUMNS + 1)]},
        ["/columns"],
    ),
]


def test_a_bad_upload_is_refused_by_field(a: Member) -> None:
    for members, expected in BAD_UPLOADS:
        answer = a.call(segments, "POST", "uploads", upload_body(**members))
        assert (answer.status, pointers(answer)) == (422, expected)
    assert a.call(segments, "GET", "uploads").body["items"] == []


def test_a_file_that_is_too_large_is_refused_before_it_is_sent_and_the_largest_is_not(a: Member) -> None:
    (error,) = a.call(segments, "POST", "uploads", upload_body(sizeBytes=MAX_FILE_BYTES + 1)).body["errors"]
    assert error["pointer"] == "/sizeBytes"
    assert "in several files" in error["message"]
    answer = a.call(segments, "POST", "uploads", upload_body(sizeBytes=MAX_FILE_BYTES))
    assert (answer.status, len(answer.body["parts"])) == (201, MAX_PARTS)


def test_a_segment_of_another_sandbox_is_unknown_to_an_upload(a: Member, b: Member) -> None:
    foreign = segment(b, externalId="loyal")
    assert pointers(a.call(segments, "POST", "uploads", upload_body(segmentId=foreign))) == ["/segmentId"]
    columns = [EMAIL, {"column": "x", "as": "segment", "name": "loyal"}]
    assert pointers(a.call(segments, "POST", "uploads", upload_body(columns=columns))) == ["/columns/1/name"]


def test_a_file_that_never_comes_reads_as_expired(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    upload_id = a.call(segments, "POST", "uploads", upload_body()).body["uploadId"]
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    read = a.call(segments, "GET", f"uploads/{upload_id}").body
    assert (read["status"], read["error"]["reason"]) == ("failed", "expired")


def test_an_upload_shows_what_ingest_wrote(a: Member) -> None:
    upload_id = a.call(segments, "POST", "uploads", upload_body()).body["uploadId"]
    facts = {
        "status": "processing",
        "total": 2,
        "outstanding": {"001"},
        "rows": 10,
        "accepted": 7,
        "rejected": 3,
        "rejectedByReason": {"invalid_email": 3},
        "valuesRejected": {"invalid_phone": 1},
        "realized": 5,
    }
    pk = f"SBX#{a.sandbox.sandbox_id}"
    table.apply(table.Update(change_log.SEGMENTS, pk, f"UPL#{upload_id}", assign=facts))
    read = a.call(segments, "GET", f"uploads/{upload_id}").body
    assert (read["status"], read["progress"]) == ("processing", {"done": 1, "total": 2})
    assert read["counts"]["rejectedByReason"] == {"invalid_email": 3}
    assert read["counts"]["valuesRejected"] == {"invalid_phone": 1}
    assert f"/rejects/{a.sandbox.sandbox_id}/{upload_id}.csv?" in read["rejectsUrl"]

    failure = {"status": "failed", "failure": {"reason": "removal_guard", "detail": "too many would leave"}}
    table.apply(table.Update(change_log.SEGMENTS, pk, f"UPL#{upload_id}", assign=failure))
    read = a.call(segments, "GET", f"uploads/{upload_id}").body
    assert (read["status"], read["error"]) == ("failed", failure["failure"])
    found = ingest.upload(a.sandbox.sandbox_id, upload_id)
    assert found is not None
    assert found.failure == Failure("removal_guard", "too many would leave")


def test_uploads_are_listed_newest_first_and_only_to_their_sandbox(a: Member, b: Member) -> None:
    ids = [a.call(segments, "POST", "uploads", upload_body()).body["uploadId"] for _ in range(3)]
    first = a.call(segments, "GET", "uploads", query={"limit": "2"}).body
    rest = a.call(segments, "GET", "uploads", query={"cursor": first["nextCursor"]}).body
    assert sorted(item["uploadId"] for item in first["items"] + rest["items"]) == sorted(ids)
    assert b.call(segments, "GET", "uploads").body["items"] == []
    for method, path, body in (("GET", "", None), ("POST", "/complete", {"parts": [{"partNumber": 1, "etag": "x"}]})):
        assert b.call(segments, method, f"uploads/{ids[0]}{path}", body).status == 404


def test_a_large_file_goes_up_in_parts(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = a.call(segments, "POST", "uploads", upload_body(sizeBytes=2 * PART_BYTES + 5))
    upload_id, parts = answer.body["uploadId"], answer.body["parts"]
    assert answer.body["uploadUrl"] is None
    assert [(part["partNumber"], part["sizeBytes"]) for part in parts] == [(1, PART_BYTES), (2, PART_BYTES), (3, 5)]
    signed = [urllib.parse.parse_qs(urllib.parse.urlsplit(part["uploadUrl"]).query) for part in parts]
    assert [query["partNumber"] for query in signed] == [["1"], ["2"], ["3"]]

    s3 = boto3.client("s3")
    name, multipart = f"uploads/{a.sandbox.sandbox_id}/{upload_id}", signed[0]["uploadId"][0]
    # S3 wants 5 MB in each part but the last; the sizes signed into the links are not looked at here.
    chunks = [b"a" * (5 << 20), b"b" * (5 << 20), b"c" * 5]
    etags = [
        s3.upload_part(Bucket="handfast-data", Key=name, UploadId=multipart, PartNumber=number, Body=chunk)["ETag"]
        for number, chunk in enumerate(chunks, 1)
    ]

    def complete(*pairs: tuple[int, str]) -> Answer:
        body = {"parts": [{"partNumber": number, "etag": etag} for number, etag in pairs]}
        return a.call(segments, "POST", f"uploads/{upload_id}/complete", body)

    right = list(enumerate(etags, 1))
    with Stubber(aws.s3()) as stub:
        stub.add_client_error("complete_multipart_upload", "NoSuchUpload")
        closed = complete(*right)
    assert (closed.status, closed.body["current"]) == (409, "parts_closed")
    for wrong in (right[:2], [*right[:2], right[1]], [*right, (4, "x")]):
        refused = complete(*wrong)
        assert (refused.status, pointers(refused)) == (422, ["/parts"])
    assert pointers(complete(*right[:2], (3, "not the one"))) == ["/parts"]
    done = complete(*reversed(right))
    assert (done.status, done.body["uploadId"]) == (202, upload_id)
    assert s3.head_object(Bucket="handfast-data", Key=name)["ContentLength"] == sum(map(len, chunks))

    late = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: late)
    assert complete(*right).body["current"] == "failed"


def test_only_an_upload_in_parts_is_completed(a: Member) -> None:
    upload_id = a.call(segments, "POST", "uploads", upload_body()).body["uploadId"]
    answer = a.call(segments, "POST", f"uploads/{upload_id}/complete", {"parts": [{"partNumber": 1, "etag": "x"}]})
    assert (answer.status, answer.body["current"]) == (409, "single")
