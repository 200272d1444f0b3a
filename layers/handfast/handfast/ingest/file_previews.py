"""Looks at files before they are loaded, as a caller asks for and reads them (docs/api.md, Segments and members)."""

from datetime import timedelta
from typing import Any

from handfast.ingest import store
from handfast.ingest.file_queue import RUN_SECONDS
from handfast.ingest.mapping import UPLOAD_FOR
from handfast.ingest.models import (
    HEAD_BYTES,
    MAX_PARQUET_BYTES,
    CreateUpload,
    Failure,
    FilePreview,
    FilePreviewView,
    PreviewCreated,
    PreviewFile,
    PreviewFound,
    UploadError,
    UploadStatus,
)
from handfast.ingest.uploads import announced, refuse
from handfast.journal.models import Actor, Caller
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.problems import NotFound, Refused

_MOST_BYTES = 150_000
"""What a body may have, which is kept with what is found in one item of a table."""
_EXPIRED = Failure("expired", "no file came before the link expired; ask for a new preview")
_STOPPED = Failure("processing_failed", "the file could not be looked at; send fewer of its first bytes")


def start_preview(caller: Caller, body: PreviewFile) -> PreviewCreated:
    """Say where to PUT the first bytes of a file.

    Raises Refused with all that is wrong with a mapping that is given, and for a body that is too long.
    """
    actor, preview_id, now = Actor.of(caller), new_id(store.PREVIEW), clock.now()
    if len(body.model_dump_json().encode()) > _MOST_BYTES:
        raise Refused("the body is too long; name fewer columns and words, or shorter ones", reason="validation")
    if body.columns or body.preset:
        told = body.model_dump(by_alias=True)
        if body.preset is None:
            told |= {"format": body.format or "csv", "mode": body.mode or "delta"}
        findings = announced(caller.on, actor, CreateUpload.model_validate(told), preview_id)[1]
        # Which of the file's segments are taken is chosen by who has seen it.
        refuse([(pointer, message) for pointer, message in findings if pointer != "/segments"])
    expires_at = clock.to_text(now + UPLOAD_FOR)
    store.create_file_preview(FilePreview(caller.sandbox_id, preview_id, body, actor, clock.to_text(now), expires_at))
    link = store.upload_link(caller.sandbox_id, preview_id, None, int(UPLOAD_FOR.total_seconds()))
    return PreviewCreated(
        preview_id=preview_id,
        upload_url=link,
        max_bytes=HEAD_BYTES,
        max_parquet_bytes=MAX_PARQUET_BYTES,
        expires_at=expires_at,
    )


def get_preview(caller: Caller, preview_id: str) -> FilePreviewView:
    """What was found; raises NotFound for a look that nobody asked for, or that is older than a day."""
    preview = store.file_preview(caller.sandbox_id, preview_id)
    if preview is None:
        raise NotFound("no such preview")
    status, failure = _status(preview)
    told = dict(preview.found or _nothing())
    if failure is not None:
        told["error"] = UploadError(reason=failure.reason, detail=failure.detail)
    return FilePreviewView(
        **told,
        preview_id=preview.preview_id,
        file_name=preview.request.file_name,
        status=status,
        created_at=preview.created_at,
        expires_at=preview.expires_at,
    )


def _nothing() -> PreviewFound:
    """What is known before the bytes have been read."""
    members: dict[str, Any] = dict.fromkeys(PreviewFound.model_fields)
    lists: dict[str, Any] = {name: [] for name in ("columns", "share_words", "warnings", "sample", "presets")}
    numbers = dict.fromkeys(("rows", "columns_found", "other_share_words"), 0)
    return PreviewFound(**members | lists | numbers | {"whole": False})


def _status(preview: FilePreview) -> tuple[UploadStatus, Failure | None]:
    """Its status, and why it has failed, if it has: also where nobody is left to write that down."""
    if preview.status == "awaiting_file" and preview.expires_at <= clock.now_text():
        return "failed", _EXPIRED
    if preview.status == "processing" and preview.begun_at:
        ends = clock.from_text(preview.begun_at) + timedelta(seconds=RUN_SECONDS)
        if ends < clock.now():
            return "failed", _STOPPED
    return preview.status, preview.failure
