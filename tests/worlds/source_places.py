"""Places of files that a sandbox's sources are of: a bucket of another account, read by a role there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

from functions.ingest import uploads
from functions.sources import app as sources
from functions.sources import runs
from handfast.platform import aws
from tests.worlds.roles import Trust
from tests.worlds.sandboxes import CONTEXT, Answer, Member, World
from tests.worlds.stores import REGION
from tests.worlds.uploads import COLUMNS, apply_all, do_shared_work, handled, segment_of

BUCKET = "exports-of-theirs"
ARN = "arn:aws:iam::123456789012:role/handfast-source-exports"
"""A role in the account that moto acts as, so that what a test makes is found there."""
HEADER = b"id,mail,ad,consent\n"


class Place:
    """A bucket of theirs with an export below `exports/`, and a source of it."""

    def __init__(self, trust: Trust, world: World, member: Member) -> None:
        self.trust, self.world, self.member = trust, world, member
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.segment = segment_of(member)
        self.source = ""

    def body(self, **members: Any) -> dict[str, Any]:
        """What a source of the bucket is made by."""
        settings = {"bucket": BUCKET, "region": REGION, "prefix": "exports/", "roleArn": ARN}
        read = {"format": "csv", "mode": "delta", "columns": COLUMNS, "segmentId": self.segment}
        return {"name": "Exports", "kind": "s3", "settings": settings | members.pop("settings", {}), **read, **members}

    def made(self, **members: Any) -> str:
        """Make a source, whose role trusts Handfast with its id; returns the id."""
        answer = self.call("POST", "sources", self.body(**members))
        assert answer.status == 201, answer.body
        self.source = str(answer.body["sourceId"])
        self.trust.external_id = self.source
        return self.source

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """Call the function of sources."""
        return self.member.call(sources, method, path, body, **more)

    def put(self, name: str, content: bytes, **more: Any) -> None:
        """Write a file of the export."""
        self.s3.put_object(Bucket=BUCKET, Key=f"exports/{name}", Body=content, **more)

    def people(self, name: str, *mails: str) -> None:
        """Write a file of people of these addresses."""
        self.put(name, HEADER + b"".join(f"{mail},{mail},,y\n".encode() for mail in mails))

    def remove(self, name: str) -> None:
        """Delete a file of the export."""
        self.s3.delete_object(Bucket=BUCKET, Key=f"exports/{name}")

    def get(self) -> dict[str, Any]:
        """The source."""
        answer = self.call("GET", f"sources/{self.source}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found

    def run(self, status: int = 202, **query: str) -> dict[str, Any]:
        """Run the source by hand."""
        answer = self.call("POST", f"sources/{self.source}/run", query=query)
        assert answer.status == status, answer.body
        found: dict[str, Any] = answer.body
        return found

    def test(self) -> dict[str, Any]:
        """Try the source."""
        answer = self.call("POST", f"sources/{self.source}/test")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found

    def load(self, import_id: str) -> None:
        """Do the work on an import, as far as it goes."""
        key = f"uploads/{self.member.sandbox.sandbox_id}/{import_id}"
        assert handled(uploads.handler, {"Records": [{"s3": {"object": {"key": key}}}]})
        assert do_shared_work()
        apply_all(self.world)

    def imported(self, import_id: str) -> dict[str, Any]:
        """An import once all work on it is done."""
        from functions.segments import app as segments

        self.load(import_id)
        answer = self.member.call(segments, "GET", f"imports/{import_id}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found


def minute() -> None:
    """Run what is due, as the schedule does."""
    runs.handler({}, CONTEXT)


def created(key: str, bucket: str = BUCKET, size: int = 100) -> None:
    """Tell that an object was created, as S3's event does."""
    detail = {"bucket": {"name": bucket}, "object": {"key": key, "size": size}, "reason": "PutObject"}
    runs.handler({"source": "aws.s3", "detail-type": "Object Created", "detail": detail}, CONTEXT)


@contextmanager
def refusing(operation: str, code: str, status: int) -> Iterator[None]:
    """S3 refuses an operation, such as `GetObject`, in buckets of others."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    from handfast.platform import assumed

    def refuse(**_: Any) -> Any:
        answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return AWSResponse("", status, HTTPHeaders(), None), answer

    made = assumed.Role._made

    def guarded(self: Any, service: Any, region: str) -> Any:
        client = made(self, service, region)
        client.meta.events.register(f"before-call.s3.{operation}", refuse)
        return client

    assumed.Role._made = guarded  # type: ignore[method-assign]
    try:
        yield
    finally:
        assumed.Role._made = made  # type: ignore[method-assign]


def own_bucket() -> str:
    """The deployment's own bucket."""
    return os.environ["DATA_BUCKET"]


def secrets() -> list[str]:
    """The names of the secrets that there are of sources."""
    listed = aws.secretsmanager().list_secrets()["SecretList"]
    return [each["Name"] for each in listed if each["Name"].startswith("handfast/test/sources/")]
