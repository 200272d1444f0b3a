"""The change log: what waits to be applied to a span of a sandbox (docs/architecture.md, Change log)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from handfast.journal.keys import sandbox_key
from handfast.lake.buckets import span_name, span_number
from handfast.lake.streaming import StreamChange, stream
from handfast.platform import clock, objects, table
from handfast.platform.objects import LostRaceError
from handfast.platform.queues import Message, again, is_overdue, send
from handfast.platform.table import Put

SEGMENTS = "SEGMENTS_TABLE"

PROFILES, MEMBERSHIPS, ERASE = "profiles.parquet", "memberships.parquet", "erase.parquet"
"""The objects of a change by what they hold."""

STREAM = "stream.json"
"""The only object of a stream call's change."""

_FACTS = "change.json"
"""The last object of any other change."""

_VISIBLE = frozenset({_FACTS, STREAM})
"""What makes a change visible."""

_MARK_DAYS = timedelta(days=30)

_ROOT = "changes/"


@dataclass(frozen=True)
class PendingChange:
    """A change that waits in a span. `files` are the names of its objects.

    The identities that it overwrites leave `replaced_segments` where it does not say otherwise.
    """

    sandbox_id: str
    span: int
    change_id: str
    at: datetime
    upload_id: str | None
    snapshot_segment: str | None
    files: frozenset[str]
    erases: bool = False
    suppresses: bool = False
    replaced_segments: frozenset[str] = frozenset()
    slices: int = 0
    """Into how many slices the keys are cut whose objects the change has apart; 0 where it has them in one."""
    awaited_in: tuple[int, ...] = ()
    """The spans of a change that a privacy request waits for."""
    as_of: datetime | None = None
    """The time whose state the change tells of, where that is an earlier one than it came."""
    source_id: str | None = None
    """The source whose import it is; None of what was uploaded or streamed."""


def part(name: str, number: int) -> str:
    """The name of the object of a slice of a change."""
    stem, _, form = name.partition(".")
    return f"{stem}-{number:06d}.{form}"


def sandbox_prefix(sandbox_id: str) -> str:
    """The prefix of all that waits in a sandbox."""
    return f"{_ROOT}{sandbox_id}/"


def _span_prefix(sandbox_id: str, span: int) -> str:
    return f"{sandbox_prefix(sandbox_id)}{span_name(span)}/"


def _change_prefix(sandbox_id: str, span: int, change_id: str) -> str:
    return f"{_span_prefix(sandbox_id, span)}{change_id}/"


# Writing a change


def put_change_file(sandbox_id: str, span: int, change_id: str, path: Path, name: str) -> None:
    """Write one object of a change that is not visible yet, in place of what a try before left of it."""
    key = f"{_change_prefix(sandbox_id, span, change_id)}{name}"
    objects.write_file(key, path, replaces=objects.find(key))


def publish_upload(
    sandbox_id: str,
    change_id: str,
    at: datetime,
    spans: Iterable[int],
    *,
    upload_id: str,
    snapshot_segment: str | None,
    as_of: str | None,
    source_id: str | None,
    replaced_segments: Iterable[str],
    suppresses: bool,
    slices: int = 0,
) -> None:
    """Make an upload's change visible in spans; `wake` then has it applied."""
    facts = {
        "uploadId": upload_id,
        "snapshotSegment": snapshot_segment,
        "asOf": as_of,
        "sourceId": source_id,
        "replacedSegments": sorted(replaced_segments),
        "suppress": suppresses,
        "slices": slices,
    }
    for span in spans:
        _publish(sandbox_id, span, change_id, at, _FACTS, facts)


def publish_request(sandbox_id: str, change_id: str, at: datetime, spans: Iterable[int], *, erases: bool) -> None:
    """Make a privacy request's change visible in spans, and have it applied; the request waits for all of them."""
    awaited_in = list(spans)
    for span in awaited_in:
        _publish(sandbox_id, span, change_id, at, _FACTS, {"erase": erases, "awaitedIn": awaited_in})
    wake(sandbox_id, change_id, awaited_in)


def publish_answers(sandbox_id: str, change_id: str, at: datetime, spans: Iterable[int]) -> None:
    """Make a change that gives people's answers to more of their identities visible, and have it applied."""
    concerned = list(spans)
    for span in concerned:
        _publish(sandbox_id, span, change_id, at, _FACTS, {})
    wake(sandbox_id, change_id, concerned)


def publish_stream(sandbox_id: str, change_id: str, at: datetime, spans: Mapping[int, Sequence[StreamChange]]) -> None:
    """Make a stream call's change visible in each span it touches, and have it applied.

    It is one object in a span, so that a crash leaves no part of it.
    """
    for span, changes in spans.items():
        _publish(sandbox_id, span, change_id, at, STREAM, stream(changes))
    wake(sandbox_id, change_id, spans)


def _publish(sandbox_id: str, span: int, change_id: str, at: datetime, name: str, content: Mapping[str, Any]) -> None:
    """Write what makes a change visible in a span; a repeat leaves what it finds there."""
    key = f"{_change_prefix(sandbox_id, span, change_id)}{name}"
    try:
        objects.write_json(key, {"changeId": change_id, "at": clock.to_text(at), **content}, replaces=None)
    except LostRaceError:
        if objects.find(key) is None:
            raise


def withdraw(sandbox_id: str, spans: Iterable[int], change_id: str) -> None:
    """Delete what was written of a change that never became visible."""
    prefixes = [_change_prefix(sandbox_id, span, change_id) for span in spans]
    objects.delete(*(stored.key for prefix in prefixes for stored in objects.listing(prefix)))


# Having changes applied


def wake(sandbox_id: str, change_id: str, spans: Iterable[int]) -> None:
    """Have the spans' changes applied."""
    send("INGEST_QUEUE_URL", [_message(sandbox_id, span, f"{change_id}/{span_name(span)}") for span in spans])


def wake_again(sandbox_id: str, change_id: str, span: int) -> None:
    """Have a span's changes applied for which a message has been sent, in case it was lost or came too early."""
    send("INGEST_QUEUE_URL", [_message(sandbox_id, span, again(f"{change_id}/{span_name(span)}"))])


def wake_overdue() -> None:
    """Have the changes of the whole deployment applied that have waited for long: a message may have been lost.

    One message has all that waits in a span applied, however much that is.
    """
    oldest: dict[tuple[str, str], str] = {}
    for stored in objects.listing(_ROOT):
        _, sandbox_id, span, change_id, name = stored.key.split("/")
        if name in _VISIBLE and stored.written_at and is_overdue(stored.written_at):
            oldest.setdefault((sandbox_id, span), change_id)
    send(
        "INGEST_QUEUE_URL",
        [
            _message(sandbox_id, span_number(span), again(f"{change_id}/{span}"))
            for (sandbox_id, span), change_id in oldest.items()
        ],
    )


def _message(sandbox_id: str, span: int, dedup_id: str) -> Message:
    body = {"sandboxId": sandbox_id, "span": span}
    return Message(body, group=f"{sandbox_id}/{span_name(span)}", dedup_id=dedup_id)


# Reading changes


def pending(sandbox_id: str, span: int) -> list[PendingChange]:
    """The visible changes of a span, in order of id."""
    root = _span_prefix(sandbox_id, span)
    names: dict[str, set[str]] = {}
    for stored in objects.listing(root):
        change_id, _, name = stored.key.removeprefix(root).partition("/")
        names.setdefault(change_id, set()).add(name)
    return [
        change
        for change_id, files in sorted(names.items())
        if (change := _pending(sandbox_id, span, change_id, frozenset(files)))
    ]


def _pending(sandbox_id: str, span: int, change_id: str, files: frozenset[str]) -> PendingChange | None:
    name = next((name for name in _VISIBLE if name in files), None)
    read = objects.read_json(f"{_change_prefix(sandbox_id, span, change_id)}{name}") if name else None
    if read is None:
        return None
    facts, _ = read
    at, upload_id, snapshot = clock.from_text(facts["at"]), facts.get("uploadId"), facts.get("snapshotSegment")
    erases, awaited_in = facts.get("erase", False), tuple(facts.get("awaitedIn", ()))
    suppresses = facts.get("suppress", False)
    replaced, slices = frozenset(facts.get("replacedSegments", ())), facts.get("slices", 0)
    return PendingChange(
        sandbox_id,
        span,
        change_id,
        at,
        upload_id,
        snapshot,
        files,
        erases,
        suppresses,
        replaced,
        slices,
        awaited_in,
        clock.from_text(facts["asOf"]) if facts.get("asOf") else None,
        facts.get("sourceId"),
    )


def oldest_changes(sandbox_id: str) -> dict[int, str]:
    """By span, the id of the oldest change of the sandbox that has not been applied there, visible or not."""
    root = sandbox_prefix(sandbox_id)
    oldest: dict[int, str] = {}
    for stored in objects.listing(root):
        span, change_id, _ = stored.key.removeprefix(root).split("/")
        oldest.setdefault(span_number(span), change_id)  # listed in order of ids
    return oldest


def pending_profiles(sandbox_id: str, including: str = "", *, unseen: bool = False) -> list[tuple[str, int, str]]:
    """The objects of a sandbox's visible changes that speak of profiles: the change's id, the span, the object's key.

    Those of one that is not visible yet count too where `including` names it, those of all with `unseen`.
    """
    root = sandbox_prefix(sandbox_id)
    names: dict[str, set[str]] = {}
    for stored in objects.listing(root):
        place, _, name = stored.key.rpartition("/")
        names.setdefault(place, set()).add(name)
    found = []
    for place, files in names.items():
        span, change_id = place.removeprefix(root).split("/")
        if unseen or files & _VISIBLE or change_id == including:
            found += [
                (change_id, span_number(span), f"{place}/{name}") for name in sorted(files) if _names_people(name)
            ]
    return found


def _names_people(name: str) -> bool:
    return name == STREAM or name.startswith(PROFILES.partition(".")[0])


def change_file(change: PendingChange, name: str, work_dir: Path, number: int | None = None) -> Path | None:
    """A change's object, or that of a slice of it, as a local file, if it has it."""
    own = name if number is None else part(name, number)
    if own not in change.files:
        return None
    path = work_dir / name
    objects.download(f"{_change_prefix(change.sandbox_id, change.span, change.change_id)}{own}", path)
    return path


# Applied changes


def mark_applied(change: PendingChange, part: str = "") -> Put:
    """The write that notes that a change, or a part of what it counts, has been applied to its span and counted.

    Its condition fails when it has been noted before.
    """
    pk, sk = _mark(change.sandbox_id, change.change_id, change.span, part)
    return Put(SEGMENTS, {"pk": pk, "sk": sk, "ttl": int((clock.now() + _MARK_DAYS).timestamp())})


def is_applied(sandbox_id: str, change_id: str, span: int, part: str = "") -> bool:
    """Whether the change, or a part of it, has been applied to a span and counted."""
    return table.get(SEGMENTS, *_mark(sandbox_id, change_id, span, part)) is not None


def _mark(sandbox_id: str, change_id: str, span: int, part: str = "") -> tuple[str, str]:
    return sandbox_key(sandbox_id), f"APPLIED#{change_id}#{span_name(span)}{part}"


def tell_awaiting(change: PendingChange) -> None:
    """Once a change is applied in all its spans, have the privacy requests that wait for it looked at."""
    if change.awaited_in and all(is_applied(change.sandbox_id, change.change_id, span) for span in change.awaited_in):
        send("PRIVACY_QUEUE_URL", [Message({"sandboxId": change.sandbox_id})])


def delete_change(change: PendingChange) -> None:
    """Delete an applied change; what makes it visible goes last, so that a repeat finds what is left."""
    prefix = _change_prefix(change.sandbox_id, change.span, change.change_id)
    for files in (change.files - _VISIBLE, change.files & _VISIBLE):
        objects.delete(*(f"{prefix}{name}" for name in files))
