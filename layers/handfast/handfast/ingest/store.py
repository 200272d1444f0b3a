"""What ingest reads and writes: uploads' states, changes, and the buckets of profiles and memberships."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from boto3.dynamodb.conditions import Attr

from handfast.activity.models import Event
from handfast.activity.store import commit
from handfast.identity.keys import span_of
from handfast.ingest.models import StagedCounts
from handfast.platform import clock, layout, objects, table
from handfast.platform.ids import new_id
from handfast.platform.objects import Stored
from handfast.platform.queues import Message, again, send
from handfast.platform.table import ConditionFailed, Put, Update, Write
from handfast.segments.models import Failure, Upload
from handfast.segments.store import SEGMENTS, add_members, file_key, rejects_key

_VISIBLE = frozenset({"change.json", "stream.json"})
"""What makes a change visible: the last of an upload's or a request's objects, the only one of a stream call's."""
_MARK_DAYS = timedelta(days=30)
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
    return f"SBX#{upload.sandbox_id}", f"UPL#{upload.upload_id}"


def _update(upload: Upload, **parts: Any) -> Update:
    return Update(SEGMENTS, *_upload_key(upload), **parts)


def begin(upload: Upload) -> Begun:
    """Note that the upload is in work; its change gets its id and time the first time."""
    if upload.status == "awaiting_file":
        first = {"status": "processing", "changeId": new_id("chg"), "acceptedAt": clock.to_text(clock.now())}
        with suppress(ConditionFailed):  # a second message about the same file came first
            table.apply(_update(upload, assign=first, condition=Attr("status").eq("awaiting_file")))
    table.apply(_update(upload, add={"attempts": 1}))
    item = table.get(SEGMENTS, *_upload_key(upload)) or {}
    failure = Failure(**item["failing"]) if "failing" in item else None
    return Begun(item["changeId"], clock.from_text(item["acceptedAt"]), item["attempts"], failure)


def accept(upload: Upload, counts: StagedCounts, spans: Sequence[int]) -> None:
    """Note what came of the file and the spans its change has yet to reach; a repeat changes nothing."""
    facts = {
        "rows": counts.rows,
        "accepted": counts.accepted,
        "rejected": counts.rows - counts.accepted,
        "rejectedByReason": dict(counts.rejected_by_reason),
        "valuesRejected": dict(counts.values_rejected),
        "total": len(spans),
    }
    outstanding = {"outstanding": {_span(span) for span in spans}} if spans else {}
    fresh = Attr("status").eq("processing") & Attr("total").eq(0)
    with suppress(ConditionFailed):
        table.apply(_update(upload, assign=facts | outstanding, condition=fresh))


def announce_failure(upload: Upload, failure: Failure) -> None:
    """Note that the upload is going to fail, so that a repeat goes on with it; an accepted one cannot."""
    noted = {"failing": {"reason": failure.reason, "detail": failure.detail}}
    table.apply(_update(upload, assign=noted, condition=Attr("status").eq("processing") & Attr("total").eq(0)))


def fail(upload: Upload, failure: Failure, event: Event) -> None:
    """End the upload as failed."""
    noted = {"status": "failed", "failure": {"reason": failure.reason, "detail": failure.detail}}
    _end(upload, noted, event)


def complete(upload: Upload, event: Event) -> None:
    """End the upload as completed."""
    _end(upload, {"status": "completed"}, event)


def _end(upload: Upload, facts: Mapping[str, Any], event: Event) -> None:
    with suppress(ConditionFailed):  # it has ended already
        commit([_update(upload, assign=facts, condition=Attr("status").eq("processing"))], [event])


# The raw file


def find_file(upload: Upload) -> Stored | None:
    """The raw file, if it is there."""
    return _find(file_key(upload.sandbox_id, upload.upload_id))


def delete_file(sandbox_id: str, upload_id: str) -> None:
    """Delete the raw file."""
    objects.delete(file_key(sandbox_id, upload_id))


def put_rejects(upload: Upload, path: Path) -> None:
    """Keep the list of rejected rows."""
    _put(rejects_key(upload.sandbox_id, upload.upload_id), path)


def _find(key: str) -> Stored | None:
    """By listing: reading an absent key is refused where listing is bound to prefixes."""
    return next((found for found in objects.listing(key) if found.key == key), None)


def _put(key: str, path: Path) -> None:
    objects.write_file(key, path, replaces=_find(key))


# Changes


@dataclass(frozen=True)
class PendingChange:
    """A change that waits in a span. `files` are the names of its objects."""

    sandbox_id: str
    span: int
    change_id: str
    at: datetime
    upload_id: str | None
    snapshot_segment: str | None
    files: frozenset[str]
    erases: bool = False
    awaited_in: tuple[int, ...] = ()
    """The spans of a change that a privacy request waits for."""


def _span(span: int) -> str:
    return f"{span:03d}"


def _change_prefix(sandbox_id: str, span: int, change_id: str) -> str:
    return f"changes/{sandbox_id}/{_span(span)}/{change_id}/"


def put_change_file(sandbox_id: str, span: int, change_id: str, path: Path, name: str) -> None:
    """Write one object of a change that is not visible yet."""
    _put(f"{_change_prefix(sandbox_id, span, change_id)}{name}", path)


def publish(upload: Upload, begun: Begun, spans: Iterable[int]) -> None:
    """Make the upload's change visible in spans."""
    facts = {
        "changeId": begun.change_id,
        "at": clock.to_text(begun.at),
        "uploadId": upload.upload_id,
        "snapshotSegment": upload.segment_id if upload.mode == "snapshot" else None,
    }
    _announce(upload.sandbox_id, begun.change_id, facts, spans)


def publish_own(sandbox_id: str, change_id: str, at: datetime, spans: Iterable[int], *, erase: bool) -> None:
    """Make a change that stems from no upload visible in spans, and have it applied."""
    wanted = list(spans)
    facts = {"changeId": change_id, "at": clock.to_text(at), "erase": erase, "awaitedIn": wanted}
    _announce(sandbox_id, change_id, facts, wanted)
    wake(sandbox_id, change_id, wanted)


def _announce(sandbox_id: str, change_id: str, facts: Mapping[str, Any], spans: Iterable[int]) -> None:
    for span in spans:
        key = f"{_change_prefix(sandbox_id, span, change_id)}change.json"
        if _find(key) is None:
            objects.write_json(key, facts, replaces=None)


def wake(sandbox_id: str, change_id: str, spans: Iterable[int]) -> None:
    """Have the spans' changes applied."""
    send("INGEST_QUEUE_URL", [_message(sandbox_id, span, f"{change_id}/{_span(span)}") for span in spans])


def wake_again(sandbox_id: str, change_id: str, span: int) -> None:
    """Have a span's changes applied for which a message has been sent, in case it was lost or came too early."""
    send("INGEST_QUEUE_URL", [_message(sandbox_id, span, again(f"{change_id}/{_span(span)}"))])


def _message(sandbox_id: str, span: int, dedup_id: str) -> Message:
    return Message({"sandboxId": sandbox_id, "span": span}, group=f"{sandbox_id}/{_span(span)}", dedup_id=dedup_id)


def tell_awaiting(change: PendingChange) -> None:
    """Once a change is applied in all its spans, have the privacy requests that wait for it looked at."""
    if change.awaited_in and all(is_applied(change.sandbox_id, change.change_id, span) for span in change.awaited_in):
        send("PRIVACY_QUEUE_URL", [Message({"sandboxId": change.sandbox_id})])


def withdraw(sandbox_id: str, spans: Iterable[int], change_id: str) -> None:
    """Delete what was written of a change that never became visible."""
    prefixes = [_change_prefix(sandbox_id, span, change_id) for span in spans]
    objects.delete(*(found.key for prefix in prefixes for found in objects.listing(prefix)))


def pending(sandbox_id: str, span: int) -> list[PendingChange]:
    """The visible changes of a span, in order of id."""
    root = f"changes/{sandbox_id}/{_span(span)}/"
    names: dict[str, set[str]] = {}
    for found in objects.listing(root):
        change_id, _, name = found.key.removeprefix(root).partition("/")
        names.setdefault(change_id, set()).add(name)
    return [
        change
        for change_id, files in sorted(names.items())
        if (change := _pending(sandbox_id, span, change_id, frozenset(files)))
    ]


def oldest_changes(sandbox_id: str) -> dict[int, str]:
    """By span, the id of the oldest change of the sandbox that has not been applied there, visible or not."""
    root = f"changes/{sandbox_id}/"
    oldest: dict[int, str] = {}
    for found in objects.listing(root):
        span, change_id, _ = found.key.removeprefix(root).split("/")
        oldest.setdefault(int(span), change_id)  # listed in order of ids
    return oldest


def _pending(sandbox_id: str, span: int, change_id: str, files: frozenset[str]) -> PendingChange | None:
    name = next((name for name in _VISIBLE if name in files), None)
    read = objects.read_json(f"{_change_prefix(sandbox_id, span, change_id)}{name}") if name else None
    if read is None:
        return None
    facts, _ = read
    at, upload_id, snapshot = clock.from_text(facts["at"]), facts.get("uploadId"), facts.get("snapshotSegment")
    erases, awaited_in = facts.get("erase", False), tuple(facts.get("awaitedIn", ()))
    return PendingChange(sandbox_id, span, change_id, at, upload_id, snapshot, files, erases, awaited_in)


def change_file(change: PendingChange, name: str, work_dir: Path) -> Path | None:
    """A change's object as a local file, if it has it."""
    if name not in change.files:
        return None
    path = work_dir / name
    objects.download(f"{_change_prefix(change.sandbox_id, change.span, change.change_id)}{name}", path)
    return path


def delete_change(change: PendingChange) -> None:
    """Delete an applied change; what makes it visible goes last, so that a repeat finds what is left."""
    prefix = _change_prefix(change.sandbox_id, change.span, change.change_id)
    for files in (change.files - _VISIBLE, change.files & _VISIBLE):
        objects.delete(*(f"{prefix}{name}" for name in files))


# Buckets


def buckets(prefix: str, span: int | None = None) -> dict[int, Stored]:
    """The bucket objects below a prefix, of one span or of all."""
    found = {int(entry.key.removeprefix(prefix).removesuffix(".parquet")): entry for entry in objects.listing(prefix)}
    return {bucket: entry for bucket, entry in found.items() if span in (None, span_of(bucket))}


def members_by_segment(sandbox_id: str, span: int) -> dict[str, dict[int, Stored]]:
    """The members' objects of a span, of every segment that there are objects of, deleted ones too."""
    root = layout.segments(sandbox_id)
    found: dict[str, dict[int, Stored]] = {}
    for entry in objects.listing(root):
        segment, _, name = entry.key.removeprefix(root).partition("/")
        bucket = int(name.removesuffix(".parquet"))
        if span_of(bucket) == span:
            found.setdefault(segment, {})[bucket] = entry
    return found


def bucket_key(prefix: str, bucket: int) -> str:
    """The key of a bucket's object."""
    return f"{prefix}{bucket:05d}.parquet"


def put_bucket(key: str, path: Path, replaces: Stored | None, change_id: str, counts: Mapping[str, Any]) -> None:
    """Write a bucket over the version read, with the change that made it and what that counted."""
    metadata = {"change": change_id, "counts": json.dumps(counts, separators=(",", ":"))}
    objects.write_file(key, path, replaces=replaces, metadata=metadata)


def counts_of(stored: Stored, change_id: str) -> dict[str, dict[int, int]] | None:
    """What the change counted when it wrote this object; None if another one did."""
    if stored.metadata.get("change") != change_id:
        return None
    counts = json.loads(stored.metadata["counts"])
    return {name: {int(code): count for code, count in part.items()} for name, part in counts.items()}


# Ends


def is_applied(sandbox_id: str, change_id: str, span: int) -> bool:
    """Whether the change has been applied to a span and counted."""
    return table.get(SEGMENTS, *_mark(sandbox_id, change_id, span)) is not None


def _mark(sandbox_id: str, change_id: str, span: int, part: str = "") -> tuple[str, str]:
    return f"SBX#{sandbox_id}", f"APPLIED#{change_id}#{_span(span)}{part}"


def count(change: PendingChange, upload: Upload | None, deltas: Deltas, realized: int, exited: int) -> None:
    """Count an applied change once, however often it is repeated: in its segments, and in its upload if it has one.

    Marks in the same transactions tell repeats; the last one also takes the span out of the upload's outstanding ones.
    """
    segments = sorted(deltas)
    for start in range(0, len(segments), _SEGMENTS_A_TRANSACTION):
        part = {segment: deltas[segment] for segment in segments[start : start + _SEGMENTS_A_TRANSACTION]}
        _count_once(change, f"#{start}", part, [])
    writes: list[Write] = []
    if upload is not None and _span(change.span) in upload.outstanding:
        sums = {name: number for name, number in (("realized", realized), ("exited", exited)) if number}
        outstanding = Attr("outstanding").contains(_span(change.span))
        writes = [_update(upload, add=sums, discard={"outstanding": {_span(change.span)}}, condition=outstanding)]
    _count_once(change, "", {}, writes)


def _count_once(change: PendingChange, part: str, deltas: Deltas, writes: Sequence[Write]) -> None:
    pk, sk = _mark(change.sandbox_id, change.change_id, change.span, part)
    now = clock.now()
    mark = Put(SEGMENTS, {"pk": pk, "sk": sk, "ttl": int((now + _MARK_DAYS).timestamp())})
    left = dict(deltas)
    while True:
        adding = [add_members(change.sandbox_id, segment, sums, clock.to_text(now)) for segment, sums in left.items()]
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
