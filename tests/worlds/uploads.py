"""Files and changes on their way into profiles and memberships, and what is there afterwards."""

import json
import os
from pathlib import Path
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from functions.ingest import app as ingest
from functions.ingest import uploads
from functions.segments import app as segments_app
from handfast.identity.keys import key
from handfast.identity.namespaces import namespace
from handfast.ingest import store as ingest_store
from handfast.ingest.models import Upload
from handfast.journal import store as journal
from handfast.journal.models import Sandbox
from handfast.platform import aws, objects
from handfast.platform.secret import identity_secret
from tests.worlds.data_plane import read_rows
from tests.worlds.sandboxes import CONTEXT, Member, World
from tests.worlds.stores import REGION

COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "ad", "as": "identity", "namespace": "idfa"},
    {"column": "consent", "as": "share"},
]
PEOPLE = (
    b"id,mail,ad,consent\n"
    b"1,Ann@Example.com ,AEBE52E7-03EE-455A-B3C4-E57283966239,y\n"
    b"2,bob@example.com,,n\n"
    b"3,not an address,,y\n"
    b"4,cat@example.com,00000000-0000-0000-0000-000000000000,\n"
)


def segment_of(member: Member, name: str = "Readers") -> str:
    """Create a segment; returns its id."""
    segment_id: str = member.call(segments_app, "POST", "segments", {"name": name}).body["segmentId"]
    return segment_id


def announce(member: Member, columns: Any = COLUMNS, mode: str = "delta", **members: Any) -> str:
    """Announce an upload; returns its id."""
    body = {"fileName": "crm.csv", "format": "csv", "mode": mode, "columns": columns} | members
    answer = member.call(segments_app, "POST", "uploads", body)
    assert answer.status == 201, answer.body
    upload_id: str = answer.body["uploadId"]
    return upload_id


def put_file(member: Member, upload_id: str, content: bytes) -> None:
    """Put an upload's file where its link leads."""
    aws.s3().put_object(
        Bucket=os.environ["DATA_BUCKET"], Key=f"uploads/{member.sandbox.sandbox_id}/{upload_id}", Body=content
    )


def deliver_file(member: Member, upload_id: str, message: int = 0) -> bool:
    """Hand the file to the uploads handler as S3 would; whether the message is done with."""
    s3_event = {"Records": [{"s3": {"object": {"key": f"uploads/{member.sandbox.sandbox_id}/{upload_id}"}}}]}
    return handled(uploads.handler, s3_event, first=message) and do_shared_work()


def do_shared_work() -> bool:
    """Do the pieces of work on files that many workers share; whether each succeeds the first time."""
    queue = os.environ["UPLOADS_QUEUE_URL"]
    while messages := aws.sqs().receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            aws.sqs().delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            body = json.loads(message["Body"])
            if "stage" in body and not handled(uploads.handler, body):
                return False
    return True


def handled(handler: Any, *bodies: Any, first: int = 0, receipt: int = 1) -> bool:
    """Hand messages, numbered from `first` on, to a queue's handler in one batch; whether it is done with all.

    `receipt` is how often they were received by then.
    """
    records = [
        {
            "messageId": str(index),
            "receiptHandle": "handle",
            "body": json.dumps(body),
            "attributes": {"MessageGroupId": "group", "ApproximateReceiveCount": str(receipt)},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:ingest.fifo",
        }
        for index, body in enumerate(bodies, first)
    ]
    return not handler({"Records": records}, CONTEXT)["batchItemFailures"]


def apply_all(world: World) -> None:
    """Apply all changes that messages point at."""
    for message in world.messages("INGEST_QUEUE_URL"):
        assert handled(ingest.handler, message)


def ingested(world: World, member: Member, content: bytes, **members: Any) -> Upload:
    """An upload from its announcement to its end."""
    upload_id = announce(member, **members)
    put_file(member, upload_id, content)
    assert deliver_file(member, upload_id)
    apply_all(world)
    return stored(member, upload_id)


def stored(member: Member, upload_id: str) -> Upload:
    """An upload as it is stored."""
    upload = ingest_store.upload(member.sandbox.sandbox_id, upload_id)
    assert upload is not None
    return upload


def keys(prefix: str) -> list[str]:
    """The keys of all objects below a prefix."""
    return [found.key for found in objects.listing(prefix)]


def rows(prefix: str, tmp_path: Path) -> list[tuple[Any, ...]]:
    """The rows of all Parquet objects below a prefix."""
    found: list[tuple[Any, ...]] = []
    for name in keys(prefix):
        objects.download(name, tmp_path / "object")
        found += read_rows(tmp_path / "object")
    return found


def identity(name: str, value: str) -> tuple[int, int]:
    """The key of a value in a namespace."""
    kind = namespace(name)
    return key(identity_secret(), kind.code, kind.normalise(value))


def members(member: Member, segment_id: str, tmp_path: Path) -> set[tuple[int, int]]:
    """A segment's members."""
    prefix = f"memberships/sandbox={member.sandbox.sandbox_id}/segment={segment_id}/"
    return {(row[0], row[1]) for row in rows(prefix, tmp_path)}


def events(sandbox: Sandbox) -> list[str]:
    """The types of a sandbox's activity records of uploads, oldest first."""
    return [record["type"] for record in journal.log(sandbox.sandbox_id) if record["type"].startswith("upload.")]


def waiting() -> list[tuple[dict[str, Any], int]]:
    """Bodies and delays (seconds) of the messages that wait for their time in the uploads queue."""
    messages = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues["uploads"]._messages
    return [
        (json.loads(each.body), round((each.delayed_until - (each.sent_timestamp or 0)) / 1000)) for each in messages
    ]
