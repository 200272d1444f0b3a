"""How an upload ends: its change becomes visible and is applied, or it fails and nothing of it stays."""

from handfast.ingest import import_parts, people_check, store
from handfast.ingest.mapping import CANCELLED
from handfast.ingest.models import ANSWER_ROLES, Failure, Upload
from handfast.ingest.store import Begun
from handfast.journal.models import Event
from handfast.lake import buckets, change_log, person_versions
from handfast.lake.person_versions import Versions
from handfast.segments import store as segments


def names_people(upload: Upload) -> bool:
    """Whether a column of an upload's holds profile ids."""
    return any(column.role == "profileId" for column in upload.columns)


def fail(upload: Upload, begun: Begun, failure: Failure) -> None:
    """End an upload as failed: its change is withdrawn and its file deleted."""
    change_log.withdraw(upload.sandbox_id, buckets.all_spans(), begun.change_id)
    detail = {"fileName": upload.file_name, "reason": failure.reason}
    store.fail(upload, failure, Event(upload.sandbox_id, "upload.failed", upload.actor, upload.upload_id, detail))
    store.delete_file(upload.sandbox_id, upload.upload_id)
    if failure.reason == CANCELLED.reason:
        import_parts.delete(upload)


def publish(upload: Upload, begun: Begun, since: Versions | None, *, slices: int = 0) -> None:
    """Make the accepted change visible where it is still outstanding, and have it applied.

    Answers of its people that were given after `since`, when it looked for them, become visible before it does; what
    other changes did not see of it, after.
    """
    accepted = store.upload(upload.sandbox_id, upload.upload_id)
    if accepted is None:
        return
    if accepted.status != "processing":
        # Another worker was faster with the same file: what this one has written would lie there for ever.
        change_log.withdraw(upload.sandbox_id, buckets.all_spans(), begun.change_id)
        return
    if not accepted.total and (failure := store.begun(upload).failure):
        fail(upload, begun, failure)  # it was cancelled before it could be accepted
        return
    has_people = names_people(upload)
    if has_people and (since is None or person_versions.read(upload.sandbox_id).answered > since.answered):
        since = person_versions.read(upload.sandbox_id)
        people_check.settle_everybody(upload.sandbox_id, including=begun.change_id)
    outstanding = sorted(map(buckets.span_number, accepted.outstanding))
    change_log.publish_upload(
        upload.sandbox_id,
        begun.change_id,
        begun.at,
        outstanding,
        upload_id=upload.upload_id,
        snapshot_segment=upload.segment_id if upload.mode == "snapshot" else None,
        as_of=upload.as_of,
        source_id=upload.source_id,
        replaced_segments=_replaced_segments(upload),
        suppresses=upload.mode == "suppression",
        slices=slices,
    )
    answers_given = any(column.role in ANSWER_ROLES for column in upload.columns)
    if has_people and since and person_versions.note(upload.sandbox_id, since, answers=answers_given):
        people_check.settle_everybody(upload.sandbox_id)
    change_log.wake(upload.sandbox_id, begun.change_id, outstanding)
    complete(accepted)
    store.delete_file(upload.sandbox_id, upload.upload_id)
    if upload.is_import:
        import_parts.delete(upload)


def _replaced_segments(upload: Upload) -> list[str]:
    """The segments that whom the file names leaves, where it does not name them: those of its data source."""
    if upload.mode != "overwrite":
        return []
    own = segments.segments_without_parts(upload.sandbox_id)
    return [found.segment_id for found in own if upload.data_source_id in found.data_source_ids]


def complete(upload: Upload) -> None:
    """End the upload once its change has reached every span."""
    if upload.outstanding or upload.status != "processing":
        return
    detail = {
        "fileName": upload.file_name,
        "rows": upload.rows,
        "accepted": upload.accepted,
        "rejected": upload.rejected,
        "realized": upload.realized,
        "exited": upload.exited,
    }
    event = Event(upload.sandbox_id, "upload.completed", upload.actor, upload.upload_id, detail)
    store.complete(upload, event)
