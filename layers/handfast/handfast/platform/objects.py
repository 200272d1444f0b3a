"""Objects in the data bucket. Every write is conditional on the version it read."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from botocore.exceptions import ClientError

from handfast.platform import aws
from handfast.platform.settings import setting

_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
_LOST = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})


before_write: Callable[[Sequence[str]], None] | None = None
"""A seam for tests: called with the keys right before their objects are written or deleted, as `table`'s is."""


class LostRaceError(RuntimeError):
    """Another writer changed the object since it was read: read it again and re-apply."""


@dataclass(frozen=True)
class ObjectVersion:
    """What is known of an object without its bytes."""

    key: str
    etag: str
    size: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)


def bucket_name() -> str:
    """The data bucket's name."""
    return setting("DATA_BUCKET")


def listing(prefix: str) -> Iterator[ObjectVersion]:
    """All objects below a prefix, in key order, without metadata."""
    pages = aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket_name(), Prefix=prefix)
    for page in pages:
        for entry in page.get("Contents", []):
            yield ObjectVersion(entry["Key"], entry["ETag"], entry["Size"])


def download(key: str, target: Path) -> ObjectVersion | None:
    """Copy the object into a file; None when there is no such object."""
    try:
        answer = aws.s3().get_object(Bucket=bucket_name(), Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    with target.open("wb") as file:
        for chunk in answer["Body"].iter_chunks(1 << 20):
            file.write(chunk)
    return ObjectVersion(key, answer["ETag"], answer["ContentLength"], answer["Metadata"])


def read_end(key: str, size: int) -> tuple[bytes, ObjectVersion] | None:
    """At most `size` last bytes of the object, or None."""
    try:
        answer = aws.s3().get_object(Bucket=bucket_name(), Key=key, Range=f"bytes=-{size}")
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    whole = int(answer["ContentRange"].rpartition("/")[2])
    return answer["Body"].read(), ObjectVersion(key, answer["ETag"], whole, answer["Metadata"])


def read_range(stored: ObjectVersion, start: int, end: int) -> bytes:
    """The object's bytes from `start` to before `end`; raises LostRaceError when it is another version by now."""
    place = f"bytes={start}-{end - 1}"
    try:
        answer = aws.s3().get_object(Bucket=bucket_name(), Key=stored.key, Range=place, IfMatch=stored.etag)
    except ClientError as error:
        if error.response["Error"]["Code"] in _LOST | _ABSENT:
            raise LostRaceError(stored.key) from error
        raise
    return answer["Body"].read()


def read_json(key: str) -> tuple[Any, ObjectVersion] | None:
    """The parsed object with its version, or None."""
    found = read(key)
    return (json.loads(found[0]), found[1]) if found else None


def read(key: str) -> tuple[bytes, ObjectVersion] | None:
    """The object's bytes with its version, or None."""
    try:
        answer = aws.s3().get_object(Bucket=bucket_name(), Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    return answer["Body"].read(), ObjectVersion(key, answer["ETag"], answer["ContentLength"], answer["Metadata"])


def write(
    key: str, body: bytes | IO[bytes], *, replaces: ObjectVersion | None, metadata: Mapping[str, str] | None = None
) -> ObjectVersion:
    """Write the object if it is still the version `replaces` (None: if there is none yet), else LostRaceError."""
    if before_write:
        before_write([key])
    condition: dict[str, str] = {"IfMatch": replaces.etag} if replaces else {"IfNoneMatch": "*"}
    try:
        answer = aws.s3().put_object(
            Bucket=bucket_name(),
            Key=key,
            Body=body,
            Metadata=dict(metadata or {}),
            **condition,  # type: ignore[arg-type]
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in _LOST | _ABSENT:
            raise LostRaceError(key) from error
        raise
    return ObjectVersion(key, answer["ETag"], metadata=dict(metadata or {}))


def write_file(
    key: str, path: Path, *, replaces: ObjectVersion | None, metadata: Mapping[str, str] | None = None
) -> ObjectVersion:
    """`write` from a file."""
    with path.open("rb") as file:
        return write(key, file, replaces=replaces, metadata=metadata)


def write_json(
    key: str,
    value: Any,
    *,
    replaces: ObjectVersion | None,
    metadata: Mapping[str, str] | None = None,
) -> ObjectVersion:
    """`write` of compact JSON."""
    return write(key, json.dumps(value, separators=(",", ":")).encode(), replaces=replaces, metadata=metadata)


def delete(*keys: str) -> None:
    """Delete objects; absent ones are no error."""
    if before_write:
        before_write(keys)
    for start in range(0, len(keys), 1000):
        batch = [{"Key": key} for key in keys[start : start + 1000]]
        answer = aws.s3().delete_objects(Bucket=bucket_name(), Delete={"Objects": batch, "Quiet": True})  # type: ignore[typeddict-item]
        if answer.get("Errors"):
            raise RuntimeError(f"{len(answer['Errors'])} objects could not be deleted")


def link(key: str, seconds: int, file_name: str) -> str:
    """A link that reads the object for so long, saved under a file name."""
    parameters = {
        "Bucket": bucket_name(),
        "Key": key,
        "ResponseContentDisposition": f'attachment; filename="{file_name}"',
    }
    return aws.s3().generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)
