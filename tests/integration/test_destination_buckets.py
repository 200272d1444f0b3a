"""Files in a bucket of another account, from a segment to the bucket and back by an upload."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest

from handfast.destinations import accounts, registry, store
from handfast.destinations.contract import Account, Pair
from tests.worlds.buckets import BUCKET, Desk, found
from tests.worlds.endpoints import with_readers
from tests.worlds.roles import Trust, trusting
from tests.worlds.uploads import ingested, rows, segment_of


@pytest.fixture
def trust(stores: None) -> Iterator[Trust]:
    with trusting("dst_") as trust:
        yield trust


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_members_arrive_as_files_that_an_upload_takes(trust: Trust, kind: str, tmp_path: Path) -> None:
    desk = Desk(trust, *with_readers(), format=kind)
    desk.activate()
    desk.work()
    files = found()
    assert files
    assert all(key.startswith("in/20") and key.endswith(f".{kind}") for key in files)

    other = segment_of(desk.member, "Read again")
    sandbox = desk.member.sandbox.sandbox_id
    before = sorted(row[:2] for row in rows(f"memberships/sandbox={sandbox}/segment={desk.readers}/", tmp_path))
    for content in files.values():
        columns = [
            {"column": "namespace", "as": "namespace"},
            {"column": "id", "as": "identity"},
            {"column": "status", "as": "status"},
        ]
        upload = ingested(
            desk.world,
            desk.member,
            content,
            columns=columns,
            segmentId=other,
            format=kind,
            fileName=f"audiences.{kind}",
        )
        assert upload.status == "completed"
    after = sorted(row[:2] for row in rows(f"memberships/sandbox={sandbox}/segment={other}/", tmp_path))
    assert after
    assert set(after) <= set(before)


def test_who_leaves_is_in_a_later_file(trust: Trust) -> None:
    desk = Desk(trust, *with_readers(), format="ndjson")
    activation = desk.activate()
    desk.work()
    entered = found()
    assert desk.call("DELETE", f"destinations/{desk.destination}/activations/{activation}").status == 200
    desk.work()
    left = {key: body for key, body in found().items() if key not in entered}
    assert min(left) > max(entered)

    def told(files: dict[str, bytes]) -> list[tuple[str, str]]:
        lines = [json.loads(line) for body in files.values() for line in body.splitlines()]
        return sorted((line["id"], line["status"]) for line in lines)

    assert told(entered)
    assert told(left) == [(identity, "exited") for identity, _ in told(entered)]


def test_a_test_tries_the_role_and_the_bucket_and_leaves_nothing(trust: Trust) -> None:
    desk = Desk(trust, *with_readers())
    answer = desk.call("POST", f"destinations/{desk.destination}/test").body
    assert [(check["name"], check["ok"]) for check in answer["checks"]] == [
        ("role", True),
        ("externalId", True),
        ("bucket", True),
    ]
    assert found() == {}
    assert boto3.client("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


def test_a_bucket_that_is_not_there_is_an_answer_and_a_check(trust: Trust) -> None:
    desk = Desk(trust, *with_readers(), bucket="nowhere-at-all")
    made = store.destination(desk.member.sandbox.sandbox_id, desk.destination)
    assert made
    to: Account[Any, Any] = accounts.account(made)
    kind = registry.destination_type("s3")
    with kind.open(to) as sender:
        pair = Pair("idfa", "x", "seg_1", "realized", "2026-03-02T09:30:00.000Z")
        assert sender.send([pair], "bat_1").status == 404
    assert not kind.test(to).ok


def test_parquet_is_read_by_others(trust: Trust) -> None:
    desk = Desk(trust, *with_readers(), format="parquet")
    desk.activate()
    desk.work()
    (body, *_) = found().values()
    assert pq.read_table(io.BytesIO(body)).column_names == ["segment", "namespace", "id", "status", "changedAt"]
