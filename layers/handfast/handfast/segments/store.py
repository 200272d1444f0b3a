"""The segments table, the links to upload by, and the objects of a stream change and of a segment's memberships."""

from collections.abc import Iterator, Mapping, Sequence

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from handfast.ingest.changes import StreamChange, stream
from handfast.platform import aws, layout, objects, table
from handfast.platform.table import Delete, Item, Put, Update, Write
from handfast.segments.models import Segment, Upload

SEGMENTS = "SEGMENTS_TABLE"
_MEMBERS = "identities"
# What CompleteMultipartUpload answers to parts that do not fit, and to an upload that is no more.
_WRONG_PARTS = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML"})
_NO_UPLOAD = "NoSuchUpload"

_SEGMENT: TypeAdapter[Segment] = TypeAdapter(Segment)
_UPLOAD: TypeAdapter[Upload] = TypeAdapter(Upload)


class WrongPartsError(Exception):
    """S3 does not hold the parts that were named."""


class NoSuchUploadError(Exception):
    """The upload in parts has been completed or given up."""


def _sandbox_key(sandbox_id: str) -> str:
    return f"SBX#{sandbox_id}"


def _segment_key(segment_id: str) -> str:
    return f"SEG#{segment_id}"


def _upload_key(upload_id: str) -> str:
    return f"UPL#{upload_id}"


def _external_key(external_id: str) -> str:
    return f"EXT#{external_id}"


# Segments


def _segment(item: Item) -> Segment:
    by_namespace = {
        int(name.removeprefix(_MEMBERS)): count
        for name, count in item.items()
        if name.startswith(_MEMBERS) and name != _MEMBERS and count
    }
    return _SEGMENT.validate_python(item | {"byNamespace": by_namespace})


def segment(sandbox_id: str, segment_id: str) -> Segment | None:
    """The sandbox's own segment."""
    item = table.get(SEGMENTS, _sandbox_key(sandbox_id), _segment_key(segment_id))
    return _segment(item) if item else None


def segments(sandbox_id: str, after: str | None = None, batch: int | None = None) -> Iterator[Segment]:
    """The sandbox's own segments after one, oldest first; `batch` as in `table.query`."""
    start = _segment_key(after) if after else None
    return map(_segment, table.query(SEGMENTS, _sandbox_key(sandbox_id), "SEG#", after=start, batch=batch))


def segments_by_name(sandbox_id: str) -> dict[str, str]:
    """The sandbox's segment ids by segment id and by external id."""
    return {name: found.segment_id for found in segments(sandbox_id) for name in _names(found)}


def _names(found: Segment) -> tuple[str, ...]:
    return (found.segment_id, found.external_id) if found.external_id else (found.segment_id,)


def create(new: Segment) -> list[Write]:
    """The writes of a new segment: itself, then its external id, which no other segment may have."""
    pk = _sandbox_key(new.sandbox_id)
    item = _SEGMENT.dump_python(new, by_alias=True, exclude={"feeds", "by_namespace"})
    writes: list[Write] = [Put(SEGMENTS, {"pk": pk, "sk": _segment_key(new.segment_id)} | item)]
    return writes + _claim(new.sandbox_id, new.segment_id, new.external_id)


def _claim(sandbox_id: str, segment_id: str, external_id: str | None) -> list[Write]:
    if external_id is None:
        return []
    return [Put(SEGMENTS, {"pk": _sandbox_key(sandbox_id), "sk": _external_key(external_id), "segmentId": segment_id})]


def _free(sandbox_id: str, external_id: str | None) -> list[Write]:
    return [Delete(SEGMENTS, _sandbox_key(sandbox_id), _external_key(external_id))] if external_id else []


def replace(old: Segment, new: Segment) -> list[Write]:
    """The writes that change a segment at the version read: itself, then its external id."""
    facts = _SEGMENT.dump_python(
        new, by_alias=True, include={"name", "description", "external_id", "labels", "version", "updated_at"}
    )
    pk, sk = _sandbox_key(old.sandbox_id), _segment_key(old.segment_id)
    writes: list[Write] = [Update(SEGMENTS, pk, sk, assign=facts, condition=Attr("version").eq(old.version))]
    if new.external_id == old.external_id:
        return writes
    claim = _claim(new.sandbox_id, new.segment_id, new.external_id)
    return [*writes, *claim, *_free(old.sandbox_id, old.external_id)]


def delete(old: Segment) -> list[Write]:
    """The writes that delete a segment at the version read, unless a feed uses it."""
    condition = Attr("version").eq(old.version) & Attr("feeds").not_exists()
    pk, sk = _sandbox_key(old.sandbox_id), _segment_key(old.segment_id)
    return [Delete(SEGMENTS, pk, sk, condition), *_free(old.sandbox_id, old.external_id)]


def use(sandbox_id: str, segment_id: str, feed_id: str) -> Update:
    """The write by which a feed uses a segment, refused where there is none: until released it cannot be deleted."""
    return Update(SEGMENTS, _sandbox_key(sandbox_id), _segment_key(segment_id), add={"feeds": {feed_id}})


def release(sandbox_id: str, segment_id: str, feed_id: str) -> Update:
    """The write by which a feed stops using a segment."""
    return Update(SEGMENTS, _sandbox_key(sandbox_id), _segment_key(segment_id), discard={"feeds": {feed_id}})


def add_members(sandbox_id: str, segment_id: str, by_namespace: Mapping[int, int], at: str) -> Update:
    """The write that adds (or takes away) members by namespace code; refused where the segment is no more."""
    sums = {f"{_MEMBERS}{code}": count for code, count in by_namespace.items()}
    return Update(
        SEGMENTS,
        _sandbox_key(sandbox_id),
        _segment_key(segment_id),
        assign={"updatedAt": at},
        add=sums | {_MEMBERS: sum(by_namespace.values())},
    )


def delete_memberships(sandbox_id: str, segment_id: str) -> None:
    """Delete the membership objects of a segment."""
    objects.delete(*(found.key for found in objects.listing(layout.memberships(sandbox_id, segment_id))))


# Uploads


def upload(sandbox_id: str, upload_id: str) -> Upload | None:
    """The upload."""
    item = table.get(SEGMENTS, _sandbox_key(sandbox_id), _upload_key(upload_id))
    return _UPLOAD.validate_python(item) if item else None


def uploads_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[Upload], str | None]:
    """A page of uploads, newest first, and the next cursor."""
    page = table.page(SEGMENTS, _sandbox_key(sandbox_id), "UPL#", limit=limit, cursor=cursor)
    return [_UPLOAD.validate_python(item) for item in page.items], page.next_cursor


def create_upload(new: Upload) -> None:
    """Write a new upload."""
    item = _UPLOAD.dump_python(new, by_alias=True, exclude={"outstanding"})
    table.apply(Put(SEGMENTS, {"pk": _sandbox_key(new.sandbox_id), "sk": _upload_key(new.upload_id)} | item))


def file_key(sandbox_id: str, upload_id: str) -> str:
    """Where the raw file lies until the upload ends."""
    return f"uploads/{sandbox_id}/{upload_id}"


def rejects_key(sandbox_id: str, upload_id: str) -> str:
    """The CSV of rejected rows."""
    return f"rejects/{sandbox_id}/{upload_id}.csv"


def upload_link(sandbox_id: str, upload_id: str, size: int | None, seconds: int) -> str:
    """A link to PUT the file to; with a size, S3 takes nothing of another size."""
    parameters = {"Bucket": objects.bucket_name(), "Key": file_key(sandbox_id, upload_id)}
    sized = parameters | ({"ContentLength": size} if size is not None else {})
    return aws.s3().generate_presigned_url("put_object", Params=sized, ExpiresIn=seconds)


def start_parts(sandbox_id: str, upload_id: str) -> str:
    """Begin an upload in parts; returns S3's id for it."""
    answer = aws.s3().create_multipart_upload(Bucket=objects.bucket_name(), Key=file_key(sandbox_id, upload_id))
    return answer["UploadId"]


def part_link(begun: Upload, number: int, size: int, seconds: int) -> str:
    """A link to PUT one part to, of exactly this size."""
    parameters = {
        "Bucket": objects.bucket_name(),
        "Key": file_key(begun.sandbox_id, begun.upload_id),
        "UploadId": begun.multipart_id,
        "PartNumber": number,
        "ContentLength": size,
    }
    return aws.s3().generate_presigned_url("upload_part", Params=parameters, ExpiresIn=seconds)


def complete_parts(begun: Upload, etags: Sequence[str]) -> None:
    """Make the parts, in order, one file; raises WrongPartsError or NoSuchUploadError."""
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    try:
        aws.s3().complete_multipart_upload(
            Bucket=objects.bucket_name(),
            Key=file_key(begun.sandbox_id, begun.upload_id),
            UploadId=begun.multipart_id or "",
            MultipartUpload={"Parts": parts},  # type: ignore[typeddict-item]
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _WRONG_PARTS:
            raise WrongPartsError from error
        if code == _NO_UPLOAD:
            raise NoSuchUploadError from error
        raise


# Stream changes


def write_change(sandbox_id: str, change_id: str, spans: Mapping[int, Sequence[StreamChange]], at: str) -> None:
    """Write a stream call's change to each span it touches: one object, so that a crash leaves no part of it."""
    for span, changes in spans.items():
        key = f"changes/{sandbox_id}/{span:03d}/{change_id}/stream.json"
        objects.write_json(key, {"changeId": change_id, "at": at} | stream(changes), replaces=None)
