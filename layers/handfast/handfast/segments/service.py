"""The catalogue of segments, uploads and streamed memberships (docs/api.md, Segments and members)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice

from handfast.access.models import Caller
from handfast.activity.models import Actor, Event
from handfast.activity.store import commit
from handfast.feeds import store as feeds
from handfast.feeds.models import ReceivedFeed, Run, SegmentRef
from handfast.identity.keys import bucket_of, key, span_of
from handfast.identity.namespaces import Rejected, UnknownNamespaceError, namespace, namespace_of
from handfast.ingest import store as ingest
from handfast.ingest.changes import StreamChange
from handfast.platform import clock, cursors, objects
from handfast.platform.ids import new_id
from handfast.platform.problems import Conflict, NotFound, Refused, Stale
from handfast.platform.secret import identity_secret
from handfast.platform.settings import setting
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import suppressions
from handfast.segment_export.models import Held
from handfast.segments import rules, store
from handfast.segments.models import (
    ChangeMemberships,
    ChangesAccepted,
    CompleteUpload,
    Counts,
    CreateSegment,
    CreateUpload,
    MembershipChange,
    Origin,
    PartLink,
    PatchSegment,
    Progress,
    RejectedChange,
    Segment,
    SegmentList,
    SegmentView,
    Upload,
    UploadCounts,
    UploadCreated,
    UploadError,
    UploadList,
    UploadView,
)

LINK_SECONDS = 900
_RECEIVING = frozenset({"enabled", "changed"})
PROMISES = 90
"""How many runs fit into the transaction of a change."""
_UPLOAD_SECONDS = int(rules.UPLOAD_FOR.total_seconds())


type _Placed = tuple[str, SegmentView]
"""A segment with its place in the list: own ones at their ids, received ones behind them."""


def _now() -> str:
    return clock.to_text(clock.now())


# Segments


def create(caller: Caller, body: CreateSegment) -> SegmentView:
    """A new segment; Conflict when another one has the external id."""
    now = _now()
    new = Segment(
        sandbox_id=caller.sandbox_id,
        segment_id=new_id("seg"),
        name=body.name,
        description=body.description,
        external_id=body.external_id,
        labels=tuple(body.labels),
        created_at=now,
        updated_at=now,
    )
    detail = {"name": new.name, "externalId": new.external_id, "labels": list(new.labels)}
    event = Event(caller.sandbox_id, "segment.created", Actor.of(caller), new.segment_id, detail)
    try:
        commit(store.create(new), [event])
    except ConditionFailed as failed:
        raise _external_id_taken(failed) from failed
    return _view(new)


def _external_id_taken(failed: ConditionFailed) -> Conflict:
    holder = failed.item["segmentId"] if failed.item else None
    return Conflict(
        "another segment has this externalId", pointer="/externalId", current="external_id_taken", segmentId=holder
    )


def listed(caller: Caller, origin: Origin | None, limit: int, cursor: str | None) -> SegmentList:
    """The sandbox's own segments, oldest first, then those it receives; or one of the two."""
    scope = f"segments|{caller.sandbox_id}|{origin}"
    after = cursors.decode(scope, cursor) if cursor else ""
    found: list[_Placed] = []
    if origin != "received" and "/" not in after:
        found += _own_after(caller.sandbox_id, after, limit + 1)
    if origin != "own" and len(found) <= limit:
        found += _received_after(caller.sandbox_id, after if "/" in after else "", limit + 1 - len(found))
    more = cursors.encode(scope, found[limit - 1][0]) if len(found) > limit else None
    return SegmentList(items=[view for _, view in found[:limit]], next_cursor=more)


def _own_after(sandbox_id: str, after: str, limit: int) -> list[_Placed]:
    found = store.segments(sandbox_id, after or None, batch=limit)
    return [(own.segment_id, _view(own)) for own in islice(found, limit)]


def _received_after(sandbox_id: str, after: str, limit: int) -> list[_Placed]:
    received_feeds = feeds.received_feeds(sandbox_id, after.partition("/")[0], batch=limit)
    behind = (
        (place, received, segment)
        for received in received_feeds
        if received.status in _RECEIVING
        for place, segment in _places(received)
        if place > after
    )
    found = list(islice(behind, limit))
    held = feeds.held_each(received.dataflow_id for _, received, _ in found if received.dataflow_id)
    return [
        (place, _received_view(received, segment, held.get(received.dataflow_id or "", {})))
        for place, received, segment in found
    ]


def _places(received: ReceivedFeed) -> list[tuple[str, SegmentRef]]:
    """A received feed's segments with their places in the list."""
    shared = sorted(received.readable_segments, key=lambda segment: segment.segment_id)
    return [(f"{received.received_feed_id}/{segment.segment_id}", segment) for segment in shared]


def _received_view(received: ReceivedFeed, segment: SegmentRef, held: Held) -> SegmentView:
    return SegmentView(
        segment_id=segment.segment_id,
        name=segment.name,
        description=None,
        external_id=None,
        origin="received",
        labels=[],
        counts=_counts(held.get(segment.segment_id, {})),
        received_feed_id=received.received_feed_id,
        updated_at=received.updated_at,
        version=received.revision,
    )


def get(caller: Caller, segment_id: str) -> SegmentView:
    """One segment, own or received."""
    own = store.segment(caller.sandbox_id, segment_id)
    if own:
        return _view(own)
    for received in feeds.received_feeds(caller.sandbox_id):
        for segment in received.readable_segments if received.status in _RECEIVING else ():
            if segment.segment_id == segment_id:
                held = feeds.held_each([received.dataflow_id] if received.dataflow_id else [])
                return _received_view(received, segment, held.get(received.dataflow_id or "", {}))
    raise NotFound("no such segment")


def _own(caller: Caller, segment_id: str) -> Segment:
    own = store.segment(caller.sandbox_id, segment_id)
    if own is None:
        raise NotFound("no such segment of this sandbox's own")
    return own


def update(caller: Caller, segment_id: str, body: PatchSegment, if_match: int | None) -> SegmentView:
    """Change a segment; Stale when it is no longer the version in If-Match.

    Labels decide what may be shared, so every dataflow that carries the segment is reconciled again.
    """
    old = _own(caller, segment_id)
    if if_match not in (None, old.version):
        raise Stale("the segment has changed; read it again")
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if not changes:
        return _view(old)
    if "labels" in changes:
        changes["labels"] = tuple(changes["labels"])
    new = replace(old, **changes, version=old.version + 1, updated_at=_now())
    detail = {"name": new.name, "changed": sorted(body.model_fields_set), "labels": list(new.labels)}
    event = Event(caller.sandbox_id, "segment.updated", Actor.of(caller), segment_id, detail)
    runs = _runs(caller.sandbox_id, segment_id) if "labels" in changes else []
    try:
        commit([*store.replace(old, new), *map(feeds.promise, runs[:PROMISES])], [event])
    except ConditionFailed as failed:
        raise _lost(failed, if_match) from failed
    for run in runs:
        feeds.keep(run)
    return _view(new)


def _lost(failed: ConditionFailed, if_match: int | None) -> Exception:
    if failed.write > 0:
        return _external_id_taken(failed)
    if failed.item is None:
        return NotFound("no such segment")
    if if_match is not None:
        return Stale("the segment has changed; read it again")
    return Conflict("the segment was changed at the same time; try again", current="changed")


def _runs(sandbox_id: str, segment_id: str) -> list[Run]:
    return [
        feeds.new_run(dataflow.dataflow_id, "segment.updated")
        for dataflow in feeds.dataflows_touching(sandbox_id, [segment_id])
        if dataflow.source.sandbox_id == sandbox_id
    ]


def delete(caller: Caller, segment_id: str) -> None:
    """Delete a segment and its memberships; Conflict while a feed uses it."""
    old = _own(caller, segment_id)
    event = Event(caller.sandbox_id, "segment.deleted", Actor.of(caller), segment_id, {"name": old.name})
    try:
        commit(store.delete(old), [event])
    except ConditionFailed as failed:
        if failed.item is None:
            raise NotFound("no such segment") from failed
        users = sorted(failed.item.get("feeds", ()))
        if not users:
            raise Conflict("the segment was changed at the same time; try again", current="changed") from failed
        detail = "feeds use the segment; delete them, or take it out of them, first"
        raise Conflict(detail, current="in_use", feedIds=users) from failed
    store.delete_memberships(caller.sandbox_id, segment_id)


def _counts(by_code: Mapping[int, int]) -> Counts:
    by_namespace = {namespace_of(code).symbol: count for code, count in sorted(by_code.items())}
    return Counts(identities=sum(by_code.values()), by_namespace=by_namespace)


def _view(own: Segment) -> SegmentView:
    return SegmentView(
        segment_id=own.segment_id,
        name=own.name,
        description=own.description,
        external_id=own.external_id,
        origin="own",
        labels=list(own.labels),
        counts=_counts(own.by_namespace),
        updated_at=own.updated_at,
        version=own.version,
    )


# Uploads


def start_upload(caller: Caller, body: CreateUpload) -> UploadCreated:
    """Take the mapping of a file to come and say where to PUT it; Refused with all that is wrong with the mapping."""
    segments = store.segments_by_name(caller.sandbox_id)
    columns = tuple(rules.column_of(mapping, segments) for mapping in body.columns)
    findings = rules.findings(body, columns, segments)
    if findings:
        errors = [{"pointer": pointer, "message": message} for pointer, message in findings]
        raise Refused("the upload cannot be read this way; see errors", reason="validation", errors=errors)
    now, upload_id = clock.now(), new_id("upl")
    sizes = rules.part_sizes(body.size_bytes or 0)
    new = Upload(
        sandbox_id=caller.sandbox_id,
        upload_id=upload_id,
        file_name=body.file_name,
        format=body.format,
        mode=body.mode,
        columns=columns,
        segment_id=body.segment_id,
        allow_removal=body.allow_removal,
        actor=Actor.of(caller),
        created_at=clock.to_text(now),
        expires_at=clock.to_text(now + rules.UPLOAD_FOR),
        size_bytes=body.size_bytes,
        multipart_id=store.start_parts(caller.sandbox_id, upload_id) if sizes else None,
    )
    store.create_upload(new)
    if not sizes:
        link = store.upload_link(caller.sandbox_id, upload_id, body.size_bytes, _UPLOAD_SECONDS)
        return UploadCreated(upload_id=upload_id, upload_url=link, expires_at=new.expires_at)
    parts = [
        PartLink(part_number=number, upload_url=store.part_link(new, number, size, _UPLOAD_SECONDS), size_bytes=size)
        for number, size in enumerate(sizes, 1)
    ]
    return UploadCreated(upload_id=upload_id, upload_url=None, parts=parts, expires_at=new.expires_at)


def _upload(caller: Caller, upload_id: str) -> Upload:
    found = store.upload(caller.sandbox_id, upload_id)
    if found is None:
        raise NotFound("no such upload")
    return found


def complete_upload(caller: Caller, upload_id: str, body: CompleteUpload) -> UploadView:
    """Make the parts of a large file one; Conflict when it was completed before, or came too late."""
    begun = _upload(caller, upload_id)
    if begun.multipart_id is None or begun.size_bytes is None:
        raise Conflict("this upload goes up in one piece", current="single")
    view = _upload_view(begun)
    if view.status != "awaiting_file":
        raise Conflict("the upload no longer awaits its file", current=view.status)
    etags = {part.part_number: part.etag for part in body.parts}
    wanted = len(rules.part_sizes(begun.size_bytes))
    if len(body.parts) != wanted or set(etags) != set(range(1, wanted + 1)):
        detail = f"name each of the parts 1 to {wanted} once"
        raise Refused(detail, pointer="/parts", reason="validation")
    try:
        store.complete_parts(begun, [etags[number] for number in range(1, wanted + 1)])
    except store.WrongPartsError as error:
        raise Refused("S3 does not hold these parts; put them again", pointer="/parts", reason="parts") from error
    except store.NoSuchUploadError as error:
        raise Conflict("the parts were completed or given up before", current="parts_closed") from error
    return _upload_view(begun)


def get_upload(caller: Caller, upload_id: str) -> UploadView:
    """One upload, with a link to its rejected rows."""
    found = _upload(caller, upload_id)
    view = _upload_view(found)
    if not found.rejected and not found.values_rejected:
        return view
    link = objects.link(store.rejects_key(caller.sandbox_id, upload_id), LINK_SECONDS, f"{upload_id}-rejects.csv")
    return view.model_copy(update={"rejects_url": link})


def list_uploads(caller: Caller, limit: int, cursor: str | None) -> UploadList:
    """The sandbox's uploads, newest first."""
    found, more = store.uploads_page(caller.sandbox_id, limit, cursor)
    return UploadList(items=[_upload_view(upload) for upload in found], next_cursor=more)


def _upload_view(upload: Upload) -> UploadView:
    failure = rules.failure_at(upload, _now())
    return UploadView(
        upload_id=upload.upload_id,
        file_name=upload.file_name,
        format=upload.format,
        mode=upload.mode,
        segment_id=upload.segment_id,
        status="failed" if failure else upload.status,
        progress=Progress(done=upload.total - len(upload.outstanding), total=upload.total),
        counts=UploadCounts(
            rows=upload.rows,
            accepted=upload.accepted,
            rejected=upload.rejected,
            rejected_by_reason=dict(upload.rejected_by_reason),
            values_rejected=dict(upload.values_rejected),
            realized=upload.realized,
            exited=upload.exited,
        ),
        error=UploadError(reason=failure.reason, detail=failure.detail) if failure else None,
        created_at=upload.created_at,
        expires_at=upload.expires_at,
    )


# Streamed memberships


def change_memberships(caller: Caller, body: ChangeMemberships) -> ChangesAccepted:
    """Take changes one by one: what can be read is on its way, what cannot comes back with its reason."""
    known = {
        segment_id
        for segment_id in dict.fromkeys(change.segment_id for change in body.changes)
        if store.segment(caller.sandbox_id, segment_id)
    }
    read: dict[int, StreamChange] = {}
    rejected: list[RejectedChange] = []
    for index, change in enumerate(body.changes):
        try:
            read[index] = _stream_change(change, known, caller.on.phone_region)
        except Rejected as error:
            rejected.append(RejectedChange(index=index, reason=error.reason))
    found = suppressions.find(caller.sandbox_id, [(change.hi, change.lo) for change in read.values()]).items()
    erased = {key for key, reason in found if reason == "erasure"}
    accepted = [change for change in read.values() if (change.hi, change.lo) not in erased]
    rejected += [
        RejectedChange(index=index, reason="suppressed")
        for index, change in read.items()
        if (change.hi, change.lo) in erased
    ]
    rejected.sort(key=lambda one: one.index)
    if accepted:
        change_id, spans = new_id("chg"), _by_span(accepted)
        store.write_change(caller.sandbox_id, change_id, spans, _now())
        ingest.wake(caller.sandbox_id, change_id, spans)
    return ChangesAccepted(accepted=len(accepted), rejected=rejected)


def _stream_change(change: MembershipChange, known: set[str], phone_region: str | None) -> StreamChange:
    try:
        kind = namespace(change.identity.namespace)
    except UnknownNamespaceError:
        raise Rejected("unknown_namespace") from None
    if change.segment_id not in known:
        raise Rejected("unknown_segment")
    share = rules.share_answer(change.share)
    value = kind.normalise(change.identity.value, phone_region=phone_region)
    hi, lo = key(identity_secret(), kind.code, value)
    realized = change.status == "realized"
    return StreamChange(hi, lo, kind.code, value, change.profile_id, share, change.segment_id, realized)


def _by_span(changes: Iterable[StreamChange]) -> dict[int, list[StreamChange]]:
    bits = int(setting("BUCKET_BITS"))
    spans: dict[int, list[StreamChange]] = defaultdict(list)
    for change in changes:
        spans[span_of(bucket_of(change.hi, bits))].append(change)
    return spans
