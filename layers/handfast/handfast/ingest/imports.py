"""Imports as a caller announces, starts, cancels and reads them: one upload in many parts (docs/imports.md)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handfast.ingest import import_parts, import_progress, mapping, remote_parts, store, uploads
from handfast.ingest.import_progress import ImportProgress
from handfast.ingest.models import (
    LINKS_PAGE,
    MAX_PART_BYTES,
    CreateImport,
    FailedPart,
    FailedPartView,
    FileOptions,
    ImportCreated,
    ImportList,
    ImportPart,
    ImportPartList,
    ImportParts,
    ImportView,
    Upload,
    UploadError,
)
from handfast.ingest.presets import registry
from handfast.ingest.presets.contract import Unfit
from handfast.ingest.splits import most_bytes
from handfast.journal.models import Actor, Caller, Sandbox
from handfast.platform import clock, cursors
from handfast.platform.ids import new_id
from handfast.platform.objects import ObjectVersion
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.platform.queues import Message, send
from handfast.platform.table import ConditionFailed
from handfast.platform.wanted import Wanted
from handfast.remote_files.contract import RemoteFile
from handfast.remote_files.naming import is_usable

_LINK_SECONDS = int(mapping.UPLOAD_FOR.total_seconds())
_NAMED = 20
"""The most missing parts that an error names."""
_FORBIDDEN = re.compile(r"(^|/)\.{0,2}(/|$)|^/")


def create(caller: Caller, body: CreateImport) -> ImportCreated:
    """Take the mapping of parts to come and say where to PUT each; Refused with all that is wrong."""
    names = _names(body)
    new = _announced(caller.on, Actor.of(caller), body, len(names))
    _refuse_names_of_others(caller.on, body, body.files or ())
    import_parts.put_names(new, names)
    store.create_upload(new)
    links = [import_parts.link(new, number, _LINK_SECONDS) for number in range(min(len(names), LINKS_PAGE))]
    more = _cursor(new, LINKS_PAGE) if len(names) > LINKS_PAGE else None
    return ImportCreated(import_id=new.upload_id, upload_urls=links, next_cursor=more, expires_at=new.expires_at)


def _announced(sandbox: Sandbox, actor: Actor, body: FileOptions, parts: int, source_id: str | None = None) -> Upload:
    new, findings = uploads.announced(sandbox, actor, body, new_id("imp"))
    if body.preview:
        findings.append(("/preview", "an import has no preview; look at one of its files with uploads/preview"))
    if body.size_bytes is not None:
        findings.append(("/sizeBytes", "the parts of an import tell their sizes themselves; leave it out"))
    uploads.refuse(findings)
    expires = clock.to_text(clock.from_text(new.created_at) + mapping.IMPORT_FOR)
    return replace(new, parts=parts, source_id=source_id, expires_at=expires)


def _names(body: CreateImport) -> list[str]:
    """The names of the parts; raises Refused."""
    if (body.parts is None) == (body.files is None):
        detail = "say how many parts there are, or name them as files"
        raise Refused(detail, pointer="/parts", reason="validation")
    if body.files is None:
        return [f"part-{number:06d}" for number in range(body.parts or 0)]
    seen: set[str] = set()
    errors = []
    for index, name in enumerate(body.files):
        problem = _problem_of(name, seen)
        if problem:
            errors.append({"pointer": f"/files/{index}", "message": problem})
        seen.add(name)
    if errors:
        raise Refused("names of files are not as they have to be; see errors", reason="validation", errors=errors)
    return body.files


def _refuse_names_of_others(sandbox: Sandbox, body: FileOptions, names: Sequence[str]) -> None:
    """Raise Refused for files that their preset reads otherwise than the whole, as their names say something else."""
    if body.preset is None:
        return
    given = uploads.surroundings(sandbox)
    whole = registry.completed(body, given)
    errors = []
    for index, name in enumerate(names):
        try:
            read = registry.completed(body.model_copy(update={"file_name": name.rpartition("/")[2]}), given)
            same = (read.columns, read.data_source_id) == (whole.columns, whole.data_source_id)
            problem = None if same else "its name says that it is read otherwise: take each kind by itself"
        except Unfit as error:
            problem = error.message
        if problem:
            errors.append({"pointer": f"/files/{index}", "message": problem})
    if errors:
        raise Refused("not all files are of one kind; see errors", reason="validation", errors=errors)


def _problem_of(name: str, seen: set[str]) -> str | None:
    if name in seen:
        return "the name is there twice; each part needs one of its own"
    if _FORBIDDEN.search(name):
        return "name it by its path below the folder that is sent, such as dt=2026-11-28/part-0.csv"
    if not is_usable(name):
        return (
            "must have no e-mail address, phone number or control character, nor a folder of more than 200 characters:"
            " it is stored and shown as it is"
        )
    return None


def begin_from_source(
    sandbox: Sandbox, actor: Actor, options: FileOptions, source_id: str, files: Sequence[RemoteFile]
) -> str:
    """Begin an import of files that a source has; returns its id. Raises Refused."""
    new = _announced(sandbox, actor, options, len(files), source_id)
    _refuse_names_of_others(sandbox, options, [file.name for file in files])
    store.create_upload(new)
    import_parts.start(new, remote_parts.parts_of(new, files))
    return new.upload_id


def start(caller: Caller, import_id: str) -> ImportView:
    """Have the parts of an import be taken, all of which have to be there.

    One that failed is begun anew with the parts that are there now. Raises NotFound, Conflict where it is in work, has
    ended or is too old, Refused where parts are missing or too long.
    """
    found = _import(caller.sandbox_id, import_id)
    if found.source_id is not None:
        raise Conflict("a source's import begins by itself; run the source again", current=found.status)
    is_over = found.expires_at <= clock.now_text() or (found.failure or mapping.EXPIRED).reason == "cancelled"
    if found.status in ("processing", "completed") or is_over:
        raise Conflict("the import has begun, or has ended; start another one", current=_status(found))
    names = import_parts.names(found)
    came = import_parts.came(found)
    _refuse_parts(names, came)
    if found.status == "failed":
        try:
            store.restart(found)
        except ConditionFailed:
            raise Conflict("the import has begun", current="processing") from None
        # The worker that ended it may have died before it deleted the list of the parts that there were then.
        store.delete_file(found.sandbox_id, found.upload_id)
    import_parts.start(found, import_parts.parts_of(names, came))
    return get(caller, import_id)


def _refuse_parts(names: Sequence[str], came: Mapping[int, ObjectVersion]) -> None:
    missing = [name for number, name in enumerate(names) if number not in came]
    if missing:
        named = ", ".join(missing[:_NAMED])
        detail = f"{len(missing)} of {len(names)} parts have not been put: {named}"
        raise Refused(detail, pointer="/parts", reason="missing_parts")
    for number, stored in came.items():
        if stored.size > MAX_PART_BYTES:
            raise Refused(
                f"{names[number]} is longer than {MAX_PART_BYTES >> 30} GiB; send it in several parts",
                pointer="/parts",
                reason="too_large",
            )
    if sum(stored.size for stored in came.values()) > most_bytes():
        detail = f"the parts are more than {most_bytes() >> 30} GiB together; send them in several imports"
        raise Refused(detail, pointer="/parts", reason="too_large")


def cancel(caller: Caller, import_id: str) -> ImportView:
    """Have an import that is not accepted yet be given up, and nothing of it stay.

    Raises NotFound, and Conflict where it has been accepted or has ended.
    """
    found = _import(caller.sandbox_id, import_id)
    try:
        store.cancel(found, mapping.CANCELLED)
    except ConditionFailed:
        now = _import(caller.sandbox_id, import_id)
        raise Conflict("the import has been accepted, or has ended", current=_status(now)) from None
    send("UPLOADS_QUEUE_URL", [Message(store.file_message(found))])
    return get(caller, import_id)


def get(caller: Caller, import_id: str) -> ImportView:
    """One import and what came of it, with a link to its rejected rows. Raises NotFound."""
    found = _import(caller.sandbox_id, import_id)
    reading = import_progress.read(found)
    return _view(found, uploads.facts(caller, found, reading), reading)


def list_imports(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> ImportList:
    """The sandbox's imports, newest first unless something else is wanted. Raises Malformed."""
    found, more = uploads.page(caller, "imp", wanted, limit, cursor)
    return ImportList(items=[_view(*pair) for pair in found], next_cursor=more)


def list_parts(caller: Caller, import_id: str, limit: int, cursor: str | None) -> ImportPartList:
    """A page of an import's parts, with a link each to PUT it as long as that may be done.

    Raises NotFound, and Malformed for a cursor of another list.
    """
    found = _import(caller.sandbox_id, import_id)
    names = import_parts.names(found)
    came = import_parts.came(found)
    start = int(cursors.decode(_scope(found), cursor)) if cursor else 0
    may_come = found.status in ("awaiting_file", "failed") and found.expires_at > clock.now_text()
    errors = {part.name: part for part in found.failed_parts}
    items = [
        ImportPart(
            number=number,
            name=names[number],
            size_bytes=came[number].size if number in came else None,
            error=_reason(errors[names[number]]) if names[number] in errors else None,
            upload_url=import_parts.link(found, number, _LINK_SECONDS) if may_come else None,
        )
        for number in range(start, min(start + limit, len(names)))
    ]
    end = start + len(items)
    return ImportPartList(items=items, next_cursor=_cursor(found, end) if end < len(names) else None)


def _import(sandbox_id: str, import_id: str) -> Upload:
    found = store.upload(sandbox_id, import_id)
    if found is None or not found.is_import:
        raise NotFound("no such import")
    return found


def _status(found: Upload) -> str:
    return "failed" if mapping.failure_at(found, clock.now_text()) else found.status


def _view(found: Upload, facts: Mapping[str, Any], reading: ImportProgress | None = None) -> ImportView:
    total = found.parts or 0
    read = reading.parts if reading else total if found.total or found.status == "completed" else 0
    failed = [FailedPartView(name=part.name, error=_reason(part)) for part in found.failed_parts]
    parts = ImportParts(total=total, done=read, failed=failed, failed_total=found.parts_failed)
    return ImportView(import_id=found.upload_id, parts=parts, source_id=found.source_id, **facts)


def _reason(part: FailedPart) -> UploadError:
    return UploadError(reason=part.reason, detail=part.detail)


def _scope(found: Upload) -> str:
    return f"parts/{found.upload_id}"


def _cursor(found: Upload, number: int) -> str:
    return cursors.encode(_scope(found), str(number))
