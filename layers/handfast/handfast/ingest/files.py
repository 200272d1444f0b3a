"""Uploaded files into changes. Every step may be repeated after a crash and then changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote_plus

from handfast.access import store as access
from handfast.ingest import accepting, ends, file_queue, guards, looking, planning, previewing, shared_work, store
from handfast.ingest.applying import additions, segments_of
from handfast.ingest.growth import too_large
from handfast.ingest.mapping import is_expired
from handfast.ingest.models import WHOLE_BYTES, Delimiter, Failure, Preview, Upload
from handfast.ingest.plan import NOTHING, Staged, StagedCounts, UploadRejected
from handfast.ingest.reading import SOURCE_FOLDER
from handfast.ingest.staging import stage
from handfast.ingest.store import Begun
from handfast.journal.models import Event, Sandbox
from handfast.lake import (
    buckets,
    change_log,
    layout,
    person_versions,
    ranges,
)
from handfast.lake.person_versions import Versions
from handfast.platform import clock, objects
from handfast.platform.objects import LostRaceError, ObjectVersion
from handfast.platform.observability import logger
from handfast.platform.optimistic import retry
from handfast.platform.queues import MAX_RECEIVES
from handfast.segments import store as segments

_TRIES = MAX_RECEIVES - 1  # so that the upload ends as failed and not as a dead letter
_SHARED_TRIES = 20
"""Tries of a file that many workers share: the sweep sends for one that is in work some ten times a day."""
_SHARED_FOR = timedelta(hours=20)
"""Longer than any file is in work, and less than its raw file lies there."""


@dataclass(frozen=True)
class _Outcome:
    """What reading a file came to: its counts, the spans and segments of its change, or why it is refused.

    Of a preview it is what the file would bring.
    """

    counts: StagedCounts = NOTHING
    spans: Sequence[int] = ()
    segments: Sequence[str] = ()
    delimiter: Delimiter | None = None
    failure: Failure | None = None
    preview: Preview | None = None


def take_files(event: Mapping[str, Any], message_id: str) -> None:
    """Take the files that an S3 notification names; those of a sandbox that has its share in work wait.

    Other messages ask for a piece of work on a file that many workers share.
    """
    if "stage" in event:
        shared_work.run(event)
    for sandbox_id, upload_id, record in _named(event):
        if upload_id.startswith(store.PREVIEW):
            looking.look_at(sandbox_id, upload_id)
        elif not file_queue.is_in_hand(event, sandbox_id, upload_id):
            _take_in_turn(sandbox_id, upload_id, message_id, event, record)


def give_up(event: Mapping[str, Any], _: Exception) -> None:
    """Fail the uploads of a message that failed for the last time."""
    if "stage" in event:
        shared_work.give_up(event["sandboxId"], event["uploadId"])
    for sandbox_id, upload_id, _record in _named(event):
        shared_work.give_up(sandbox_id, upload_id)


def _named(event: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The sandbox and the upload of each raw file that a message names, with what it says of it."""
    for record in event.get("Records", ()):
        parts = unquote_plus(record["s3"]["object"]["key"]).split("/")
        if len(parts) == 3 and parts[0] == "uploads":
            yield parts[1], parts[2], record


def _take_in_turn(
    sandbox_id: str, upload_id: str, message_id: str, event: Mapping[str, Any], record: Mapping[str, Any]
) -> None:
    """Take a file, or let it wait by a message of its own, so that waiting costs no receipts of this one."""
    with file_queue.taken(sandbox_id, upload_id, message_id) as is_taken:
        if is_taken:
            take_file(sandbox_id, upload_id)
            return
    store.note_waiting(sandbox_id, upload_id)
    file_queue.wait(event, record)


def take_file(sandbox_id: str, upload_id: str) -> None:
    """Make an upload's file the change it stands for, or fail the upload; then, last, the raw file is deleted.

    A file that comes after the upload's end is only deleted; an upload has ended, too, once it has expired.
    """
    logger.append_keys(sandboxId=sandbox_id, uploadId=upload_id)
    upload, sandbox = store.upload(sandbox_id, upload_id), access.sandbox(sandbox_id)
    if upload is None or sandbox is None or _ended(upload):
        store.delete_file(sandbox_id, upload_id)
        return
    begun = store.begin(upload)
    since: Versions | None = person_versions.read(sandbox_id) if ends.names_people(upload) else None
    failure = begun.failure
    file = store.find_file(upload)
    if failure is None and file is not None and (parts := shared_work.parts_of(upload, file)):
        if _is_hopeless(upload, begun):
            shared_work.give_up(sandbox_id, upload_id)
        else:
            shared_work.share(upload, sandbox, begun, parts)
        return
    if failure is None and upload.total:
        since = None  # a try before has looked at what there was then
    elif failure is None:
        failure = _accept(upload, sandbox, begun, file)
    if failure is not None:
        shared_work.end_as_failed(upload, begun, failure)
    elif upload.is_preview:
        store.delete_file(sandbox_id, upload_id)
    else:
        ends.publish(upload, begun, since)


def _is_hopeless(upload: Upload, begun: Begun) -> bool:
    """Whether workers on a file that many share must have been killed again and again, which raises no error."""
    return not upload.total and (begun.attempts > _SHARED_TRIES or clock.now() - begun.at > _SHARED_FOR)


def _ended(upload: Upload) -> bool:
    return upload.status in ("completed", "failed") or is_expired(upload, clock.now_text())


def _accept(upload: Upload, sandbox: Sandbox, begun: Begun, file: ObjectVersion | None) -> Failure | None:
    """Stage the file and accept its change; or why it cannot be.

    What was suppressed while the file was read may be in the change: then it is read again. A person suppressed later
    is not told apart from the rest of a row any more, but an erasure waits for every change that lies there.
    """
    outcome = retry(lambda: _staged(upload, sandbox, begun, file), LostRaceError)
    if outcome.failure is not None:
        store.announce_failure(upload, outcome.failure, outcome.counts)
        return outcome.failure
    if outcome.preview is not None:
        detail = {"fileName": upload.file_name, "rows": outcome.counts.rows}
        event = Event(upload.sandbox_id, "upload.previewed", upload.actor, upload.upload_id, detail)
        store.end_preview(upload, outcome.counts, outcome.delimiter, outcome.preview, event)
        return None
    accepting.accept(upload, sandbox, outcome.counts, outcome.delimiter, outcome.segments, outcome.spans)
    return None


def _staged(upload: Upload, sandbox: Sandbox, begun: Begun, file: ObjectVersion | None) -> _Outcome:
    """Write the change that is not visible yet; raises LostRaceError when suppressions have changed meanwhile."""
    suppressions = dict(buckets.listing(layout.suppressions(upload.sandbox_id)))
    outcome = _write_change(upload, sandbox, begun, file, suppressions)
    if outcome.failure is None and dict(buckets.listing(layout.suppressions(upload.sandbox_id))) != suppressions:
        change_log.withdraw(upload.sandbox_id, buckets.all_spans(), begun.change_id)
        raise LostRaceError("suppressions have changed since the file was read")
    return outcome


def _write_change(
    upload: Upload,
    sandbox: Sandbox,
    begun: Begun,
    file: ObjectVersion | None,
    suppressions: Mapping[int, ObjectVersion],
) -> _Outcome:
    if begun.attempts > _TRIES:
        return _Outcome(failure=shared_work.GIVEN_UP)
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        try:
            staged = _stage(upload, sandbox, begun, file, suppressions, work_dir)
        except UploadRejected as rejected:
            return _Outcome(failure=Failure(rejected.reason, rejected.detail))
        if staged.rejects is not None:
            store.put_rejects(upload, staged.rejects)
        if upload.is_preview:
            found = _preview(upload, sandbox, staged, work_dir)
            return _Outcome(staged.counts, delimiter=staged.delimiter, preview=found)
        refusal = _refusal(upload, sandbox, staged, work_dir)
        if refusal is not None:
            return _Outcome(staged.counts, failure=refusal)
        accepting.create_segments(upload, staged.created)
        _put_change(upload, begun, staged)
        spans = [part.span for part in staged.spans]
        return _Outcome(staged.counts, spans, _segments(upload, staged), staged.delimiter)


def _segments(upload: Upload, staged: Staged) -> list[str]:
    """The segments that a file feeds: those of its rows, and the one that it was announced for."""
    files = [part.memberships for part in staged.spans if part.memberships]
    return sorted({*segments_of(files), *([upload.segment_id] if upload.segment_id else [])})


def _put_change(upload: Upload, begun: Begun, staged: Staged) -> None:
    for part in staged.spans:
        accepting.put_change(upload, begun, part.span, part.profiles, part.memberships)
    beside = ([path] if path else [] for path in (staged.answers, staged.phone_index, staged.renderings))
    accepting.keep_beside(upload.sandbox_id, *beside)


def _stage(
    upload: Upload,
    sandbox: Sandbox,
    begun: Begun,
    file: ObjectVersion | None,
    suppressions: Mapping[int, ObjectVersion],
    work_dir: Path,
) -> Staged:
    if file is None:
        raise UploadRejected("no_file", "the file is gone; start a new upload")
    if file.size > WHOLE_BYTES:
        raise too_large()
    path = work_dir / SOURCE_FOLDER / "file"
    path.parent.mkdir()
    objects.download(file.key, path)
    suppressed = buckets.download(planning.refused_by(upload, suppressions), work_dir, "suppressions")
    creates = begun.change_id if upload.creates_segments else None
    plan = planning.plan_of(upload, sandbox, begun.at, [path for path, _ in suppressed.values()], creates)
    return stage(path, plan, work_dir, planning.look_up_of(upload, plan, work_dir))


def _refusal(upload: Upload, sandbox: Sandbox, staged: Staged, work_dir: Path) -> Failure | None:
    """Why the sandbox's guards refuse what a file says."""
    refusal = guards.too_many_rejects(staged.counts, sandbox.reject_guard, allowed=upload.allow_rejects)
    if refusal is None and not upload.allow_removal:
        refusal = guards.too_many_replaced(staged.counts) or _too_many_removals(upload, sandbox, staged, work_dir)
    return refusal or _too_many_profiles(upload, sandbox, staged, work_dir)


def _too_many_profiles(upload: Upload, sandbox: Sandbox, staged: Staged, work_dir: Path) -> Failure | None:
    if sandbox.profile_entitlement is None or upload.allow_over_entitlement or upload.mode == "suppression":
        return None
    current = _known(upload, work_dir)
    known, new = additions(current, [part.profiles for part in staged.spans if part.profiles])
    return guards.too_many_profiles(known, new, sandbox.profile_entitlement, allowed=False)


def _known(upload: Upload, work_dir: Path) -> list[Path]:
    """The keys of the identities that the sandbox knows, as local files."""
    listed = buckets.listing(layout.profiles(upload.sandbox_id))
    keys = {work_dir / buckets.object_key("known-", bucket): stored.key for bucket, stored in listed}
    return list(ranges.copy(keys, dict.fromkeys(keys, layout.KEY_COLUMNS)))


def _preview(upload: Upload, sandbox: Sandbox, staged: Staged, work_dir: Path) -> Preview:
    names = segments.segments_by_name(upload.sandbox_id)
    current = _known(upload, work_dir)
    entitlement = sandbox.profile_entitlement
    return previewing.preview(staged.named, current, names, upload.selected, entitlement, staged.created)


def _too_many_removals(upload: Upload, sandbox: Sandbox, staged: Staged, work_dir: Path) -> Failure | None:
    if upload.mode != "snapshot":
        return None
    listed = dict(buckets.listing(layout.memberships(upload.sandbox_id, upload.segment_id or "")))
    current = buckets.download(listed, work_dir, "current")
    named = [part.memberships for part in staged.spans if part.memberships]
    members, leaving = planning.removals_of(upload, [path for path, _ in current.values()], named)
    return guards.too_many_removals(members, leaving, sandbox.removal_guard)
