"""What ingest reads and writes: uploads' states, changes, and the buckets of profiles and memberships."""

import heapq
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import ClientError

from handfast.ingest.models import (
    FAILED_PARTS_TOLD,
    Delimiter,
    FailedPart,
    Failure,
    FilePreview,
    Preview,
    PreviewFound,
    Upload,
)
from handfast.ingest.plan import StagedCounts
from handfast.journal.keys import sandbox_key
from handfast.journal.models import Event
from handfast.journal.store import commit
from handfast.lake import change_log
from handfast.lake.buckets import span_name
from handfast.lake.change_log import SEGMENTS, PendingChange
from handfast.platform import aws, clock, items, objects, table
from handfast.platform.ids import new_id
from handfast.platform.items import ItemKind
from handfast.platform.objects import ObjectVersion
from handfast.platform.table import ConditionFailed, Item, Put, Update, Write
from handfast.platform.wanted import Selection
from handfast.segments.store import add_members

# What CompleteMultipartUpload answers to parts that do not fit, and to an upload that is no more.
_WRONG_PARTS = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML"})


_NO_UPLOAD = "NoSuchUpload"


def _not_waiting(item: Item) -> Item:
    return {"waiting": False} | item


def _within_entitlement(item: Item) -> Item:
    return {"allowOverEntitlement": False} | item


def _of_all_segments(item: Item) -> Item:
    return item  # uploads of before took all that their cells named, and were no previews


def _of_columns_alone(item: Item) -> Item:
    return item  # files of before had a header and no preset, and created nothing


def _of_one_file(item: Item) -> Item:
    return item  # there were no imports


def _with_its_start_beside(item: Item) -> Item:
    return item  # when its file was begun stood in the item, and was read alone


_UPLOAD = ItemKind(
    "upload",
    Upload,
    SEGMENTS,
    upgrades=(
        _not_waiting,
        _within_entitlement,
        _of_all_segments,
        _of_columns_alone,
        _of_one_file,
        _with_its_start_beside,
    ),
    exclude=("outstanding",),
)


PREVIEW = "prv"
"""What the ids of looks at files begin with, among the keys of raw files too."""
_FILE_PREVIEW = ItemKind("file_preview", FilePreview, SEGMENTS)
_PREVIEW_KEPT = timedelta(days=1)


class WrongPartsError(Exception):
    """S3 does not hold the parts that were named."""


class NoSuchUploadError(Exception):
    """The upload in parts has been completed or given up."""


_SEGMENTS_A_TRANSACTION = 90

type Deltas = Mapping[str, Mapping[int, int]]
"""By segment, how many members a change adds (or takes away), by namespace code."""


# Uploads


@dataclass(frozen=True)
class Begun:
    """An upload in work: the id and time of the change it becomes, kept over repeats, and how often it was tried."""

    change_id: str
    at: datetime
    attempts: int
    failure: Failure | None


def _upload_key(upload: Upload) -> tuple[str, str]:
    return sandbox_key(upload.sandbox_id), _upload_sk(upload.upload_id)


def _update(upload: Upload, **parts: Any) -> Update:
    return Update(SEGMENTS, *_upload_key(upload), **parts)


def note_waiting(sandbox_id: str, upload_id: str) -> None:
    """Note that the upload's file has come and waits, so that the upload does not expire, unless it has begun."""
    found = upload(sandbox_id, upload_id)
    if found is None or found.status != "awaiting_file":
        return
    came = Attr("status").eq("awaiting_file") & Attr("expiresAt").gt(clock.now_text())
    with suppress(ConditionFailed):
        table.apply(_update(found, assign={"status": "processing", "waiting": True}, condition=came))


def begin(upload: Upload) -> Begun:
    """Note that the upload is in work; its change gets its id and time the first time."""
    if upload.status == "awaiting_file" or upload.waiting:
        first = {"status": "processing", "waiting": False, "changeId": new_id("chg"), "acceptedAt": clock.now_text()}
        with suppress(ConditionFailed):  # a second message about the same file came first
            table.apply(_update(upload, assign=first, condition=Attr("changeId").not_exists()))
    table.apply(_update(upload, add={"attempts": 1}))
    return begun(upload)


def begun(upload: Upload) -> Begun:
    """What was noted of an upload in work."""
    item = table.get(SEGMENTS, *_upload_key(upload)) or {}
    failure = Failure(**item["failing"]) if "failing" in item else None
    return Begun(item["changeId"], clock.from_text(item["acceptedAt"]), item["attempts"], failure)


def accept(upload: Upload, counts: StagedCounts, delimiter: Delimiter | None, spans: Sequence[int]) -> None:
    """Note what came of the file and the spans its change has yet to reach; a repeat changes nothing.

    One that is going to fail, as it was cancelled meanwhile, is not accepted.
    """
    facts = _counted(counts) | {"total": len(spans), "delimiter": delimiter}
    outstanding = {"outstanding": {span_name(span) for span in spans}} if spans else {}
    fresh = Attr("status").eq("processing") & Attr("total").eq(0) & Attr("failing").not_exists()
    with suppress(ConditionFailed):
        table.apply(_update(upload, assign=facts | outstanding, condition=fresh))


def _counted(counts: StagedCounts) -> dict[str, Any]:
    return {
        "rows": counts.rows,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "rejectedByReason": dict(counts.rejected_by_reason),
        "valuesRejected": dict(counts.values_rejected),
        "repeated": counts.repeated,
        "people": counts.people,
        "replaced": counts.replaced,
        "shapes": {column: dict(shapes) for column, shapes in counts.shapes.items()},
        "warnings": [asdict(warning) for warning in counts.warnings],
        "created": counts.created,
        "unknownShares": dict(counts.unknown_shares),
    }


def announce_failure(upload: Upload, failure: Failure, counts: StagedCounts, parts: Sequence[FailedPart] = ()) -> None:
    """Note that the upload is going to fail, so that a repeat goes on with it; an accepted one cannot.

    None of the rows that were counted is accepted, nobody is replaced, and no segment created. `parts` are those of an
    import that are at fault.
    """
    failing: dict[str, Any] = {"failing": {"reason": failure.reason, "detail": failure.detail}}
    failing |= {"failedParts": [asdict(part) for part in parts[:FAILED_PARTS_TOLD]], "partsFailed": len(parts)}
    noted = failing | _counted(counts) | {"accepted": 0, "replaced": 0, "created": 0}
    table.apply(_update(upload, assign=noted, condition=Attr("status").eq("processing") & Attr("total").eq(0)))


def end_preview(
    upload: Upload, counts: StagedCounts, delimiter: Delimiter | None, found: Preview, event: Event
) -> None:
    """End an upload that was to change nothing, with what it would have brought."""
    written = _UPLOAD.dump(replace(upload, preview=found), *_upload_key(upload))
    told = {"preview": written["preview"], "delimiter": delimiter, "status": "completed"}
    _end(upload, _counted(counts) | told, event)


def fail(upload: Upload, failure: Failure, event: Event) -> None:
    """End the upload as failed."""
    noted = {"status": "failed", "failure": {"reason": failure.reason, "detail": failure.detail}}
    _end(upload, noted, event)


def cancel(upload: Upload, failure: Failure) -> None:
    """Note that an upload is to fail, which a worker then ends; raises ConditionFailed if it is accepted, or over."""
    awaits = Attr("status").eq("awaiting_file") & Attr("expiresAt").gt(clock.now_text())
    unread = Attr("status").eq("processing") & Attr("total").eq(0)
    failing = {"failing": {"reason": failure.reason, "detail": failure.detail}}
    try:
        table.apply(_update(upload, assign=failing | {"status": "processing", "waiting": True}, condition=awaits))
    except ConditionFailed:
        table.apply(_update(upload, assign=failing, condition=unread))


def restart(upload: Upload) -> None:
    """Have an import that has failed begin anew, as if it awaited its parts; raises ConditionFailed if it has been."""
    fresh = _UPLOAD.dump(upload.as_announced(), *_upload_key(upload))
    table.apply(Put(SEGMENTS, fresh, Attr("status").eq("failed")))


def complete(upload: Upload, event: Event) -> None:
    """End the upload as completed."""
    _end(upload, {"status": "completed"}, event)


def _end(upload: Upload, facts: Mapping[str, Any], event: Event) -> None:
    with suppress(ConditionFailed):  # it has ended already
        commit([_update(upload, assign=facts, condition=Attr("status").eq("processing"))], [event])


# Looks at files


def _preview_sk(preview_id: str) -> str:
    return f"PREVIEW#{preview_id}"


def create_file_preview(new: FilePreview) -> None:
    """Write a look that was asked for; it goes by itself after a day."""
    ttl = int((clock.from_text(new.created_at) + _PREVIEW_KEPT).timestamp())
    table.apply(_FILE_PREVIEW.put(new, sandbox_key(new.sandbox_id), _preview_sk(new.preview_id), ttl=ttl))


def file_preview(sandbox_id: str, preview_id: str) -> FilePreview | None:
    """The look, if it was asked for within a day."""
    return _FILE_PREVIEW.get(sandbox_key(sandbox_id), _preview_sk(preview_id))


def begin_file_preview(preview: FilePreview) -> bool:
    """Note that the first bytes are read; False when that was begun before."""
    begun = {"status": "processing", "begunAt": clock.now_text()}
    try:
        table.apply(_preview_update(preview, begun, Attr("status").eq("awaiting_file")))
    except ConditionFailed:
        return False
    return True


def end_file_preview(preview: FilePreview, found: PreviewFound | None, failure: Failure | None) -> None:
    """Note what was found, or why nothing was."""
    ended = replace(preview, status="failed" if failure else "completed", found=found, failure=failure)
    written = _FILE_PREVIEW.dump(ended, sandbox_key(preview.sandbox_id), _preview_sk(preview.preview_id))
    facts = {name: written[name] for name in ("status", "found", "failure")}
    table.apply(_preview_update(preview, facts, Attr("status").eq("processing")))


def _preview_update(preview: FilePreview, facts: Mapping[str, Any], condition: ConditionBase) -> Update:
    place = sandbox_key(preview.sandbox_id), _preview_sk(preview.preview_id)
    return Update(SEGMENTS, *place, assign=facts, condition=condition)


# The raw file


def find_file(upload: Upload) -> ObjectVersion | None:
    """The raw file, if it is there."""
    return objects.find(file_key(upload.sandbox_id, upload.upload_id))


def file_message(upload: Upload) -> dict[str, Any]:
    """The message that S3 sends when the file is there."""
    return {"Records": [{"s3": {"object": {"key": file_key(upload.sandbox_id, upload.upload_id)}}}]}


def delete_file(sandbox_id: str, upload_id: str) -> None:
    """Delete the raw file."""
    objects.delete(file_key(sandbox_id, upload_id))


def put_rejects(upload: Upload, path: Path) -> None:
    """Keep the list of rejected rows."""
    key = rejects_key(upload.sandbox_id, upload.upload_id)
    objects.write_file(key, path, replaces=objects.find(key))


# Buckets


def put_bucket(key: str, path: Path, replaces: ObjectVersion | None, change_id: str, counts: Mapping[str, Any]) -> None:
    """Write a bucket over the version read, with the change that made it and what that counted."""
    metadata = {"change": change_id, "counts": json.dumps(counts, separators=(",", ":"))}
    objects.write_file(key, path, replaces=replaces, metadata=metadata)


def counts_of(stored: ObjectVersion, change_id: str) -> dict[str, dict[int, int]] | None:
    """What the change counted when it wrote this object; None if another one did."""
    if stored.metadata.get("change") != change_id:
        return None
    counts = json.loads(stored.metadata["counts"])
    return {name: {int(code): count for code, count in part.items()} for name, part in counts.items()}


# Ends


def count(change: PendingChange, upload: Upload | None, deltas: Deltas, realized: int, exited: int) -> None:
    """Count an applied change once, however often it is repeated: in its segments, and in its upload if it has one.

    Marks in the same transactions tell repeats; the last one also takes the span out of the upload's outstanding ones.
    """
    _count_segments(change, "", deltas)
    writes: list[Write] = []
    span = span_name(change.span)
    if upload is not None and span in upload.outstanding:
        outstanding = Attr("outstanding").contains(span)
        sums = _sums(realized, exited)
        writes = [_update(upload, add=sums, discard={"outstanding": {span}}, condition=outstanding)]
    _count_once(change, "", {}, writes)


def count_slice(
    change: PendingChange, number: int, upload: Upload | None, deltas: Deltas, realized: int, exited: int
) -> None:
    """Count an applied slice of a change once, as `count` does; the change stays outstanding in its span."""
    _count_segments(change, f"/{number}", deltas)
    sums = _sums(realized, exited)
    writes: list[Write] = [_update(upload, add=sums)] if upload is not None and sums else []
    _count_once(change, f"/{number}", {}, writes)


def _sums(realized: int, exited: int) -> dict[str, int]:
    return {name: number for name, number in (("realized", realized), ("exited", exited)) if number}


def _count_segments(change: PendingChange, part: str, deltas: Deltas) -> None:
    segments = sorted(deltas)
    for start in range(0, len(segments), _SEGMENTS_A_TRANSACTION):
        counted = {segment: deltas[segment] for segment in segments[start : start + _SEGMENTS_A_TRANSACTION]}
        _count_once(change, f"{part}#{start}", counted, [])


def _count_once(change: PendingChange, part: str, deltas: Deltas, writes: Sequence[Write]) -> None:
    mark, at = change_log.mark_applied(change, part), clock.now_text()
    left = dict(deltas)
    while True:
        adding = [add_members(change.sandbox_id, segment, sums, at) for segment, sums in left.items()]
        try:
            commit([mark, *adding, *writes], [])
        except ConditionFailed as failed:
            if failed.write == 0:
                return
            if failed.write > len(adding):
                raise
            del left[list(left)[failed.write - 1]]  # the segment has been deleted
        else:
            return


def _upload_sk(upload_id: str) -> str:
    return f"UPL#{upload_id}"


def upload(sandbox_id: str, upload_id: str) -> Upload | None:
    """The upload."""
    return _UPLOAD.get(sandbox_key(sandbox_id), _upload_sk(upload_id))


def uploads_page(
    sandbox_id: str, kind: Literal["upl", "imp"], limit: int, cursor: str | None, selection: Selection[Upload]
) -> tuple[list[Upload], str | None]:
    """A page of uploads, or of imports, newest first unless the selection says otherwise, and the next cursor."""
    return items.page(_UPLOAD, sandbox_key(sandbox_id), _upload_sk(f"{kind}_"), limit, cursor, selection)


def uploads(sandbox_id: str) -> Iterator[Upload]:
    """All uploads and imports of a sandbox."""
    return _UPLOAD.query(sandbox_key(sandbox_id), _upload_sk(""))


def uploads_newest_first(sandbox_id: str) -> Iterator[Upload]:
    """All uploads and imports of a sandbox, newest first, read as consumed."""
    pk = sandbox_key(sandbox_id)
    of_kinds = (_UPLOAD.query(pk, _upload_sk(f"{kind}_"), newest_first=True, batch=50) for kind in ("upl", "imp"))
    return heapq.merge(*of_kinds, key=lambda each: each.created_at, reverse=True)


def create_upload(new: Upload) -> None:
    """Write a new upload."""
    table.apply(_UPLOAD.put(new, sandbox_key(new.sandbox_id), _upload_sk(new.upload_id)))


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
