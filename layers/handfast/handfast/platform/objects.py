"""Objects in the data bucket. Every write is conditional on the version it read.

Every object that is written carries the version of its kind's form; a kind is the first part of its objects' keys.
Reading one of another form than this version of Handfast writes raises OtherFormError (docs/upgrade.md, Stored forms).
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from handfast.platform import aws
from handfast.platform.settings import setting

if TYPE_CHECKING:
    from collections.abc import Buffer

    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
_LOST = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
_FORM = "form"
_PART_BYTES = 16 << 20

before_write: Callable[[Sequence[str]], None] | None = None
"""A seam for tests: called with the keys right before their objects are written or deleted, as `table`'s is."""


class OtherFormError(RuntimeError):
    """The object is of another form than this version of Handfast writes: run `handfast admin upgrade`."""


@dataclass(frozen=True)
class ObjectKind:
    """The objects below one prefix. `upgrades` make forms 1, 2, … into the next, in a local file."""

    prefix: str
    upgrades: Sequence[Callable[[Path], None]] = ()

    @property
    def form(self) -> int:
        """The version of the form that is written."""
        return len(self.upgrades) + 1


KINDS: dict[str, ObjectKind] = {}
"""The kinds, by prefix, whose form has ever changed; all others are of the form 1."""


def form_of(key: str) -> int:
    """The version of the form that objects of a key's kind are written in."""
    kind = KINDS.get(key.partition("/")[0])
    return kind.form if kind else 1


class LostRaceError(RuntimeError):
    """Another writer changed the object since it was read: read it again and re-apply."""


@dataclass(frozen=True)
class ObjectVersion:
    """What is known of an object without its bytes; when it was written, where it was listed."""

    key: str
    etag: str
    size: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)
    written_at: datetime | None = field(default=None, compare=False)

    @property
    def form(self) -> int:
        """The version of the form that the object was written in, as its metadata say; 1 of what a link was PUT to."""
        return int(self.metadata.get(_FORM, 1))


def bucket_name() -> str:
    """The data bucket's name."""
    return setting("DATA_BUCKET")


def listing(prefix: str) -> Iterator[ObjectVersion]:
    """All objects below a prefix, in key order, without metadata."""
    pages = aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket_name(), Prefix=prefix)
    for page in pages:
        for entry in page.get("Contents", []):
            yield ObjectVersion(entry["Key"], entry["ETag"], entry["Size"], written_at=entry["LastModified"])


def find(key: str) -> ObjectVersion | None:
    """The object of this key, without metadata; None when there is none.

    By listing: reading an absent key is refused where listing is bound to prefixes.
    """
    return next((stored for stored in listing(key) if stored.key == key), None)


def download(key: str, target: Path, *, any_form: bool = False) -> ObjectVersion | None:
    """Copy the object into a file; None when there is no such object."""
    found = _get(key, any_form=any_form)
    if found is None:
        return None
    body, version = found
    with target.open("wb") as file:
        for chunk in body.iter_chunks(1 << 20):
            file.write(chunk)
    return version


def read_end(key: str, size: int) -> tuple[bytes, ObjectVersion] | None:
    """At most `size` last bytes of the object, or None."""
    found = _get(key, Range=f"bytes=-{size}")
    return (found[0].read(), found[1]) if found else None


def _get(key: str, *, any_form: bool = False, **part: str) -> tuple[StreamingBody, ObjectVersion] | None:
    """The object's body, or a part of it, with the version of the whole; None when there is no such object."""
    try:
        answer = aws.s3().get_object(Bucket=bucket_name(), Key=key, **part)  # type: ignore[arg-type]
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    size = int(answer["ContentRange"].rpartition("/")[2]) if part else answer["ContentLength"]
    version = ObjectVersion(key, answer["ETag"], size, answer["Metadata"])
    if not any_form and version.form != form_of(key):
        raise OtherFormError(f"{key.partition('/')[0]} of the form {version.form}")
    return answer["Body"], version


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


class Reading(io.RawIOBase):
    """An object read from its beginning to its end, so much at a time; raises LostRaceError as `read_range` does."""

    def __init__(self, stored: ObjectVersion) -> None:
        self._stored = stored
        self._place = 0
        self._chunk = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "Buffer") -> int:
        """Fill a buffer with the next bytes; 0 at the end."""
        if not self._chunk and self._place < self._stored.size:
            end = min(self._place + _PART_BYTES, self._stored.size)
            self._chunk = read_range(self._stored, self._place, end)
            self._place = end
        view = memoryview(buffer).cast("B")
        taken = self._chunk[: len(view)]
        view[: len(taken)] = taken
        self._chunk = self._chunk[len(taken) :]
        return len(taken)


def read_json(key: str) -> tuple[Any, ObjectVersion] | None:
    """The parsed object with its version, or None."""
    found = read(key)
    return (json.loads(found[0]), found[1]) if found else None


def read(key: str) -> tuple[bytes, ObjectVersion] | None:
    """The object's bytes with its version, or None."""
    found = _get(key)
    return (found[0].read(), found[1]) if found else None


def write(
    key: str, body: bytes | IO[bytes], *, replaces: ObjectVersion | None, metadata: Mapping[str, str] | None = None
) -> ObjectVersion:
    """Write the object if it is still the version `replaces` (None: if there is none yet), else LostRaceError."""
    if before_write:
        before_write([key])
    condition: dict[str, str] = {"IfMatch": replaces.etag} if replaces else {"IfNoneMatch": "*"}
    stamped = {**(metadata or {}), _FORM: str(form_of(key))}
    try:
        answer = aws.s3().put_object(
            Bucket=bucket_name(),
            Key=key,
            Body=body,
            Metadata=stamped,
            **condition,  # type: ignore[arg-type]
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in _LOST | _ABSENT:
            raise LostRaceError(key) from error
        raise
    return ObjectVersion(key, answer["ETag"], metadata=stamped)


def write_file(
    key: str, path: Path, *, replaces: ObjectVersion | None, metadata: Mapping[str, str] | None = None
) -> ObjectVersion:
    """`write` from a file."""
    with path.open("rb") as file:
        return write(key, file, replaces=replaces, metadata=metadata)


def write_stream(key: str, chunks: Iterable[bytes]) -> ObjectVersion:
    """Write an object of any length over whatever is there, in parts, of which one at a time is in memory.

    An object that is not written to its end is none: what was taken is given up.
    """
    if before_write:
        before_write([key])
    s3, bucket = aws.s3(), bucket_name()
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, Metadata={_FORM: str(form_of(key))})["UploadId"]
    taken: list[CompletedPartTypeDef] = []
    size = 0
    try:
        for number, part in enumerate(_parts(chunks), 1):
            answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=part)
            taken.append({"PartNumber": number, "ETag": answer["ETag"]})
            size += len(part)
        done = s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": taken})
    except BaseException:
        s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
        raise
    return ObjectVersion(key, done["ETag"], size)


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks as parts of the size that S3 asks for; of an empty object an empty one."""
    held, is_first = bytearray(), True
    for chunk in chunks:
        held += chunk
        if len(held) >= _PART_BYTES:
            yield bytes(held)
            held, is_first = bytearray(), False
    if held or is_first:
        yield bytes(held)


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
