"""Uploads as a caller starts, completes and reads them (docs/api.md, Segments and members)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from handfast.governance import store as governance
from handfast.ingest import import_progress
from handfast.ingest import mapping as ingest_mapping
from handfast.ingest import store as ingest_store
from handfast.ingest.import_progress import ImportProgress
from handfast.ingest.models import (
    ColumnWarningView,
    CompleteUpload,
    CreateUpload,
    FileOptions,
    PartLink,
    Preview,
    SegmentOfferView,
    Upload,
    UploadCounts,
    UploadCreated,
    UploadError,
    UploadList,
    UploadPreview,
    UploadView,
)
from handfast.ingest.presets import registry
from handfast.ingest.presets.contract import Surroundings, Unfit
from handfast.journal import hourly
from handfast.journal.models import Actor, Caller, Event, Sandbox
from handfast.platform import clock, objects
from handfast.platform.ids import new_id
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.platform.wanted import Wanted
from handfast.platform.wire import Progress
from handfast.segments import store

LINK_SECONDS = 900


_UPLOAD_SECONDS = int(ingest_mapping.UPLOAD_FOR.total_seconds())


def start_upload(caller: Caller, body: CreateUpload) -> UploadCreated:
    """Take the mapping of a file to come and say where to PUT it; Refused with all that is wrong with the mapping."""
    upload_id = new_id("upl")
    new, findings = announced(caller.on, Actor.of(caller), body, upload_id)
    refuse(findings)
    sizes = ingest_mapping.part_sizes(body.size_bytes or 0)
    new = replace(new, multipart_id=ingest_store.start_parts(caller.sandbox_id, upload_id) if sizes else None)
    ingest_store.create_upload(new)
    if not sizes:
        link = ingest_store.upload_link(caller.sandbox_id, upload_id, body.size_bytes, _UPLOAD_SECONDS)
        return UploadCreated(upload_id=upload_id, upload_url=link, expires_at=new.expires_at)
    parts = [
        PartLink(
            part_number=number, upload_url=ingest_store.part_link(new, number, size, _UPLOAD_SECONDS), size_bytes=size
        )
        for number, size in enumerate(sizes, 1)
    ]
    return UploadCreated(upload_id=upload_id, upload_url=None, parts=parts, expires_at=new.expires_at)


def completed(sandbox: Sandbox, body: FileOptions) -> FileOptions:
    """The upload with what its preset says; raises Refused."""
    try:
        return registry.completed(body, surroundings(sandbox))
    except Unfit as error:
        refuse([(error.pointer, error.message)])
        raise


def surroundings(sandbox: Sandbox) -> Surroundings:
    """What of a sandbox presets ask for."""
    symbols = tuple(each.symbol for each in sandbox.namespaces if not each.disabled)
    rules = governance.rulebook(sandbox.sandbox_id)
    return Surroundings(symbols, {source.name: source.data_source_id for source in rules.sources.values()})


def announced(
    sandbox: Sandbox, actor: Actor, body: FileOptions, upload_id: str
) -> tuple[Upload, list[ingest_mapping.Finding]]:
    """The upload that a body announces, and what is wrong with its mapping; raises Refused for one without any."""
    body = completed(sandbox, body)
    segments = store.segments_by_name(sandbox.sandbox_id)
    columns = tuple(
        ingest_mapping.column_of(mapping, segments, sandbox.own_namespaces, body.share_values)
        for mapping in body.columns
    )
    findings = ingest_mapping.findings(body, columns, segments, sandbox.consent_strings)
    findings += ingest_mapping.rule_findings(body, governance.rulebook(sandbox.sandbox_id))
    findings += ingest_mapping.selection_findings(body, segments, sandbox.profile_entitlement)
    now = clock.now()
    new = Upload(
        sandbox_id=sandbox.sandbox_id,
        upload_id=upload_id,
        file_name=body.file_name,
        format=body.format or "csv",
        mode=body.mode or "delta",
        columns=columns,
        segment_id=body.segment_id,
        allow_removal=body.allow_removal,
        allow_rejects=body.allow_rejects,
        rejects_name_profiles=body.rejects_name_profiles,
        allow_over_entitlement=body.allow_over_entitlement,
        actor=actor,
        created_at=clock.to_text(now),
        expires_at=clock.to_text(now + ingest_mapping.UPLOAD_FOR),
        size_bytes=body.size_bytes,
        delimiter=body.told_delimiter,
        header=body.header,
        blanks=body.blanks,
        replace_identities=body.replace_identities,
        data_source_id=body.data_source_id,
        renderings=tuple(dict.fromkeys(body.renderings)),
        selected=ingest_mapping.selected(body, segments),
        is_preview=body.preview,
        preset=body.preset,
        creates_segments=body.create_segments,
        as_of=clock.to_text(body.as_of) if body.as_of else None,
    )
    return new, findings


def refuse(findings: Sequence[ingest_mapping.Finding]) -> None:
    """Raises Refused with all that is wrong with a mapping, if anything is."""
    if findings:
        errors = [{"pointer": pointer, "message": message} for pointer, message in findings]
        raise Refused("the upload cannot be read this way; see errors", reason="validation", errors=errors)


def _upload(caller: Caller, upload_id: str) -> Upload:
    found = ingest_store.upload(caller.sandbox_id, upload_id)
    if found is None:
        raise NotFound("no such upload")
    return found


def complete_upload(caller: Caller, upload_id: str, body: CompleteUpload) -> UploadView:
    """Make the parts of a large file one; Conflict when it was completed before, or came too late.

    Raises NotFound for an unknown upload, Conflict when it was completed before, goes up in one piece or came too
    late, Refused for parts that are not those of the file.
    """
    begun = _upload(caller, upload_id)
    if begun.multipart_id is None or begun.size_bytes is None:
        raise Conflict("this upload goes up in one piece", current="single")
    view = _upload_view(begun)
    if view.status != "awaiting_file":
        raise Conflict("the upload no longer awaits its file", current=view.status)
    etags = {part.part_number: part.etag for part in body.parts}
    wanted = len(ingest_mapping.part_sizes(begun.size_bytes))
    if len(body.parts) != wanted or set(etags) != set(range(1, wanted + 1)):
        detail = f"name each of the parts 1 to {wanted} once"
        raise Refused(detail, pointer="/parts", reason="validation")
    try:
        ingest_store.complete_parts(begun, [etags[number] for number in range(1, wanted + 1)])
    except ingest_store.WrongPartsError as error:
        raise Refused("S3 does not hold these parts; put them again", pointer="/parts", reason="parts") from error
    except ingest_store.NoSuchUploadError as error:
        raise Conflict("the parts were completed or given up before", current="parts_closed") from error
    return _upload_view(begun)


def get_upload(caller: Caller, upload_id: str) -> UploadView:
    """One upload, with a link to its rejected rows.

    Raises NotFound for an unknown upload.
    """
    found = _upload(caller, upload_id)
    return UploadView(upload_id=upload_id, **facts(caller, found, import_progress.read(found)))


def facts(caller: Caller, upload: Upload, reading: ImportProgress | None) -> dict[str, Any]:
    """What is told of an upload or an import that is read alone: with a link to its rejected rows, which is noted."""
    told = next(_all_facts(upload.sandbox_id, [upload]))
    if reading:
        told |= {"splits": Progress(done=reading.splits, total=reading.splits_total)}
    if not upload.rejected and not upload.values_rejected:
        return told
    hourly.count([Event(caller.sandbox_id, "upload.rejects_read", Actor.of(caller), upload.upload_id, {})])
    key = ingest_store.rejects_key(caller.sandbox_id, upload.upload_id)
    return told | {"rejects_url": objects.link(key, LINK_SECONDS, f"{upload.upload_id}-rejects.csv")}


def list_uploads(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> UploadList:
    """The sandbox's uploads, newest first unless something else is wanted.

    Raises Malformed for a cursor of another list.
    """
    found, more = page(caller, "upl", wanted, limit, cursor)
    return UploadList(
        items=[UploadView(upload_id=upload.upload_id, **told) for upload, told in found], next_cursor=more
    )


def page(
    caller: Caller, kind: Literal["upl", "imp"], wanted: Wanted, limit: int, cursor: str | None
) -> tuple[list[tuple[Upload, dict[str, Any]]], str | None]:
    """A page of uploads, or of imports, with what is told of each, and the next cursor. Raises Malformed."""
    now = clock.now_text()
    selection = wanted.selection(
        lambda each: (each.file_name,),
        {
            "status": lambda each: "failed" if ingest_mapping.failure_at(each, now) else each.status,
            "segmentId": lambda each: each.segment_id,
            "sourceId": lambda each: each.source_id,
        },
    )
    found, more = ingest_store.uploads_page(caller.sandbox_id, kind, limit, cursor, selection)
    return list(zip(found, _all_facts(caller.sandbox_id, found), strict=True)), more


def _upload_view(upload: Upload) -> UploadView:
    return UploadView(upload_id=upload.upload_id, **next(_all_facts(upload.sandbox_id, [upload])))


def _all_facts(sandbox_id: str, uploads: Sequence[Upload]) -> Iterator[dict[str, Any]]:
    """What is told of uploads, with the names of the segments and data sources that they feed, read together."""
    names = store.names(sandbox_id, filter(None, (upload.segment_id for upload in uploads)))
    if any(upload.data_source_id for upload in uploads):
        sources = governance.rulebook(sandbox_id).sources
        names |= {source.data_source_id: source.name for source in sources.values()}
    return (_facts(upload, names) for upload in uploads)


def _facts(upload: Upload, names: Mapping[str, str]) -> dict[str, Any]:
    failure = ingest_mapping.failure_at(upload, clock.now_text())
    return {
        "file_name": upload.file_name,
        "format": upload.format,
        "mode": upload.mode,
        "segment_id": upload.segment_id,
        "segment_name": names.get(upload.segment_id or ""),
        "data_source_id": upload.data_source_id,
        "data_source_name": names.get(upload.data_source_id or ""),
        "preset": upload.preset,
        "delimiter": upload.delimiter,
        "status": "failed" if failure else upload.status,
        "waiting": upload.waiting,
        "progress": Progress(done=upload.total - len(upload.outstanding), total=upload.total),
        "counts": UploadCounts(
            rows=upload.rows,
            accepted=upload.accepted,
            rejected=upload.rejected,
            rejected_by_reason=dict(upload.rejected_by_reason),
            values_rejected=dict(upload.values_rejected),
            repeated=upload.repeated,
            people=upload.people,
            replaced=upload.replaced,
            shapes={column: dict(counts) for column, counts in upload.shapes.items()},
            realized=upload.realized,
            exited=upload.exited,
            segments_created=upload.created,
            unknown_shares=dict(upload.unknown_shares),
        ),
        "preview": _preview_view(upload.preview) if upload.preview else None,
        "warnings": [
            ColumnWarningView(column=warning.column, code=warning.code, detail=warning.detail)
            for warning in upload.warnings
        ],
        "error": UploadError(reason=failure.reason, detail=failure.detail) if failure else None,
        "as_of": upload.as_of or upload.accepted_at,
        "created_at": upload.created_at,
        "expires_at": upload.expires_at,
    }


def _preview_view(preview: Preview) -> UploadPreview:
    return UploadPreview(
        identities=preview.identities,
        new_identities=preview.new_identities,
        known_identities=preview.known,
        profile_entitlement=preview.entitlement,
        segments_offered=preview.offered,
        segments=[SegmentOfferView(**offer.__dict__) for offer in preview.segments],
    )
