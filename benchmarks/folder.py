"""A folder in S3's place, so that what is measured is the work on objects and not a network or an emulator."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from moto import mock_aws

from handfast.platform import aws
from tests.worlds.stores import create_table

_TABLES = ("SEGMENTS", "FEEDS", "PRIVACY", "ACTIVITY", "DESTINATIONS")
_QUEUES = ("INGEST_QUEUE_URL", "EXPORT_QUEUE_URL", "PRIVACY_QUEUE_URL")


class FolderS3:
    """What `platform.objects` asks of S3, over the files of a folder; conditions are not looked at.

    `asked` counts requests (`get`, `put`, and `list` by pages of a thousand) and the `bytes` that were read.
    """

    def __init__(self, root: Path) -> None:
        self.asked: Counter[str] = Counter()
        self._root = root
        self._versions = count(1)
        self._told: dict[str, tuple[str, dict[str, str]]] = {}

    def get_paginator(self, _operation: str) -> "FolderS3":
        """The lister of objects."""
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """All objects below a prefix, in one page."""
        prefix = request["Prefix"]
        folder = self._root / prefix.rpartition("/")[0]
        keys = sorted(str(path.relative_to(self._root)) for path in folder.rglob("*") if path.is_file())
        found = [key for key in keys if key.startswith(prefix)]
        self.asked["list"] += 1 + len(found) // 1000
        yield {"Contents": [self._facts(key) for key in found]}

    def get_object(self, **request: Any) -> dict[str, Any]:
        """An object, or a range of it."""
        try:
            file = (self._root / request["Key"]).open("rb")
        except FileNotFoundError as error:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject") from error
        facts = self._facts(request["Key"])
        metadata = self._told.get(request["Key"], ("", {}))[1]
        start, end = _range(request.get("Range", "bytes=0-"), facts["Size"])
        file.seek(start)
        self.asked += Counter(get=1, bytes=end - start)
        part = BytesIO(file.read(end - start)) if "Range" in request else file
        return {
            "Body": StreamingBody(part, end - start),
            "ETag": facts["ETag"],
            "ContentLength": end - start,
            "ContentRange": f"bytes {start}-{end - 1}/{facts['Size']}",
            "Metadata": metadata,
        }

    def put_object(self, **request: Any) -> dict[str, Any]:
        """Write an object in place of what is there, which keeps its bytes wherever else it is linked to."""
        self.asked["put"] += 1
        path = self._root / request["Key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with path.open("wb") as file:
            body = request["Body"]
            if isinstance(body, bytes):
                file.write(body)
            else:
                shutil.copyfileobj(body, file, 1 << 20)
        self._told[request["Key"]] = str(next(self._versions)), request["Metadata"]
        return {"ETag": self._facts(request["Key"])["ETag"]}

    def delete_objects(self, **request: Any) -> dict[str, Any]:
        """Delete objects."""
        entries: Sequence[Mapping[str, str]] = request["Delete"]["Objects"]
        for entry in entries:
            (self._root / entry["Key"]).unlink(missing_ok=True)
        return {}

    def _facts(self, key: str) -> dict[str, Any]:
        file = (self._root / key).stat()
        written_at = datetime.fromtimestamp(file.st_mtime, UTC)
        etag = self._told.get(key, ("0", {}))[0]
        return {"Key": key, "ETag": etag, "Size": file.st_size, "LastModified": written_at}


def _range(asked: str, size: int) -> tuple[int, int]:
    """The first byte, and the one after the last, of `bytes=first-last`, `bytes=first-` or `bytes=-n`."""
    first, _, last = asked.removeprefix("bytes=").partition("-")
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1, size) if last else size


@contextmanager
def stored_in(root: Path, bucket_bits: int) -> Iterator[FolderS3]:
    """The folder as the data bucket of a deployment whose tables and queues are empty, in memory."""
    settings = {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "DATA_BUCKET": "data",
        "BUCKET_BITS": str(bucket_bits),
    }
    settings |= {f"{name}_TABLE": name.lower() for name in _TABLES}
    folder = FolderS3(root)
    with patch.dict(os.environ, settings), mock_aws(), patch.object(aws, "s3", lambda: folder):
        for name in _TABLES:
            create_table(name)
        for name in _QUEUES:
            fifo: Any = {} if name.startswith("PRIVACY") else {"FifoQueue": "true"}
            queue = boto3.client("sqs").create_queue(
                QueueName=name.lower() + (".fifo" if fifo else ""), Attributes=fifo
            )
            os.environ[name] = queue["QueueUrl"]
        for name in ("API", "IDENTITY", "NOISE", "PRIVACY", "RECEIPTS", "WEBHOOKS"):
            made = boto3.client("secretsmanager").create_secret(Name=name, SecretString=f"a secret for {name}")
            os.environ[f"{name}_SECRET_ARN"] = made["ARN"]
        yield folder
