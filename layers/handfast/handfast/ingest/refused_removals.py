"""Files that the guard against removals has refused, so that segments still have whom they should not."""

from collections.abc import Collection
from datetime import timedelta

from handfast.ingest import store
from handfast.platform import clock

LOOKED_BACK = timedelta(days=7)


def refused_file(sandbox_id: str, segment_ids: Collection[str]) -> str | None:
    """The id of a snapshot of one of these segments that the guard refused, and after which none of it was taken.

    A file of several segments counts for each. What is older than a week is past.
    """
    since, taken = clock.to_text(clock.now() - LOOKED_BACK), set[str | None]()
    for upload in store.uploads_newest_first(sandbox_id):
        if upload.created_at < since:
            return None
        if upload.mode != "snapshot" or upload.is_preview:
            continue
        if upload.status == "completed":
            taken.add(upload.segment_id)
        is_refused = upload.failure is not None and upload.failure.reason == "removal_guard"
        is_about = upload.segment_id is None or upload.segment_id in segment_ids
        if is_refused and is_about and upload.segment_id not in taken:
            return upload.upload_id
    return None
