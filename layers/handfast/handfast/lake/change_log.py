"""The change log: what waits to be applied to a span of a sandbox (docs/architecture.md, Change log)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from handfast.lake import buckets as lake_buckets
from handfast.lake.streaming import StreamChange, stream
from handfast.platform import clock, objects, table
from handfast.platform.objects import ObjectVersion
from handfast.platform.queues import Message, again, send

SEGMENTS = "SEGMENTS_TABLE"


_VISIBLE = frozenset({"change.json", "stream.json"})
"""What makes a change visible: the last of an upload's or a request's objects, the only one of a stream call's."""


def find_object(key: str) -> ObjectVersion | None:
    """By listing: reading an absent key is refused where listing is bound to prefixes."""
    return next((found for found in objects.listing(key) if found.key == key), None)


def put_object(key: str, path: Path) -> None:
    objects.write_file(key, path, replaces=find_object(key))


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


def _change_prefix(sandbox_id: str, span: int, change_id: str) -> str:
    return f"changes/{sandbox_id}/{lake_buckets.span_name(span)}/{change_id}/"


def put_change_file(sandbox_id: str, span: int, change_id: str, path: Path, name: str) -> None:
    """Write one object of a change that is not visible yet."""
    put_object(f"{_change_prefix(sandbox_id, span, change_id)}{name}", path)


def publish_own(sandbox_id: str, change_id: str, at: datetime, spans: Iterable[int], *, erase: bool) -> None:
    """Make a change that stems from no upload visible in spans, and have it applied."""
    wanted = list(spans)
    facts = {"changeId": change_id, "at": clock.to_text(at), "erase": erase, "awaitedIn": wanted}
    announce(sandbox_id, change_id, facts, wanted)
    wake(sandbox_id, change_id, wanted)


def announce(sandbox_id: str, change_id: str, facts: Mapping[str, Any], spans: Iterable[int]) -> None:
    for span in spans:
        key = f"{_change_prefix(sandbox_id, span, change_id)}change.json"
        if find_object(key) is None:
            objects.write_json(key, facts, replaces=None)


def wake(sandbox_id: str, change_id: str, spans: Iterable[int]) -> None:
    """Have the spans' changes applied."""
    send(
        "INGEST_QUEUE_URL",
        [_message(sandbox_id, span, f"{change_id}/{lake_buckets.span_name(span)}") for span in spans],
    )


def wake_again(sandbox_id: str, change_id: str, span: int) -> None:
    """Have a span's changes applied for which a message has been sent, in case it was lost or came too early."""
    send("INGEST_QUEUE_URL", [_message(sandbox_id, span, again(f"{change_id}/{lake_buckets.span_name(span)}"))])


def _message(sandbox_id: str, span: int, dedup_id: str) -> Message:
    return Message(
        {"sandboxId": sandbox_id, "span": span}, group=f"{sandbox_id}/{lake_buckets.span_name(span)}", dedup_id=dedup_id
    )


def withdraw(sandbox_id: str, spans: Iterable[int], change_id: str) -> None:
    """Delete what was written of a change that never became visible."""
    prefixes = [_change_prefix(sandbox_id, span, change_id) for span in spans]
    objects.delete(*(found.key for prefix in prefixes for found in objects.listing(prefix)))


def pending(sandbox_id: str, span: int) -> list[PendingChange]:
    """The visible changes of a span, in order of id."""
    root = f"changes/{sandbox_id}/{lake_buckets.span_name(span)}/"
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


def is_applied(sandbox_id: str, change_id: str, span: int) -> bool:
    """Whether the change has been applied to a span and counted."""
    return table.get(SEGMENTS, *applied_mark(sandbox_id, change_id, span)) is not None


def applied_mark(sandbox_id: str, change_id: str, span: int, part: str = "") -> tuple[str, str]:
    return f"SBX#{sandbox_id}", f"APPLIED#{change_id}#{lake_buckets.span_name(span)}{part}"


def write_stream(sandbox_id: str, change_id: str, spans: Mapping[int, Sequence[StreamChange]], at: str) -> None:
    """Write a stream call's change to each span it touches: one object, so that a crash leaves no part of it."""
    for span, changes in spans.items():
        key = f"changes/{sandbox_id}/{span:03d}/{change_id}/stream.json"
        objects.write_json(key, {"changeId": change_id, "at": at} | stream(changes), replaces=None)
