"""Segments, uploads, streamed memberships and received members."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.edge.api import Api, Cursor, DryRun, IfMatch, Limit, Order, Search, versions_of
from handfast.feeds import audience_manager, catalogue, member_changes, members
from handfast.feeds import models as feeds
from handfast.feeds.audience_models import FolderList, SignalList, TraitList
from handfast.feeds.models import MemberExport, MemberList
from handfast.ingest import file_previews, imports, memberships, uploads
from handfast.ingest import models as ingest
from handfast.platform.settings import require
from handfast.platform.wanted import Wanted
from handfast.platform.wire import GivenTime
from handfast.segments import models, rendering_counts, service

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "GOVERNANCE_TABLE",
    "ACTIVITY_TABLE",
    "IDEMPOTENCY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "INGEST_QUEUE_URL",
    "EXPORT_QUEUE_URL",
    "UPLOADS_QUEUE_URL",
    "API_SECRET_ARN",
    "IDENTITY_SECRET_ARN",
)

api = Api()
OriginFilter = Annotated[models.Origin | None, Query(description="Own segments only, or received ones only")]
Sorted = Annotated[Literal["created", "updated", "name"] | None, Query(description="What they are sorted by")]
UploadFilter = Annotated[ingest.UploadStatus | None, Query(description="Uploads with this status only")]
FedSegment = Annotated[
    str | None, Query(alias="segmentId", max_length=100, description="Uploads for this one segment only")
]
OfSource = Annotated[str | None, Query(alias="sourceId", max_length=100, description="Runs of this source only")]
SignalSearch = Annotated[
    str | None,
    Query(max_length=200, description="Only those with this text, such as segID, in them or in a name"),
]
Since = Annotated[GivenTime, Query(description="A time; asOf of the members, or nextSince of the changes before")]
SegmentFilter = Annotated[
    str | None, Query(alias="segmentId", max_length=100, description="Members of one segment only")
]


@api.call("POST", "/sandboxes/<sandbox>/segments", "segments:write", status=201, location="segments/{segment_id}")
def create_segment(sandbox: str, body: models.CreateSegment) -> models.SegmentView:
    """Create a segment, still without members, or compose one of others."""
    return catalogue.create(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/segments", "segments:read")
def list_segments(
    sandbox: str,
    origin: OriginFilter = None,
    search: Search = None,
    sort: Sorted = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> models.SegmentList:
    """List the sandbox's own segments, then those it receives, unless they are sorted by something else."""
    return catalogue.list_segments(api.caller, Wanted(search, sort, order, {"origin": origin}), limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/signals", "segments:read")
def list_signals(sandbox: str, search: SignalSearch = None, limit: Limit = 50, cursor: Cursor = None) -> SignalList:
    """List the signals of the segments received, by which one sees that they come in."""
    return audience_manager.list_signals(api.caller, search, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/traits", "segments:read")
def list_traits(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> TraitList:
    """List the traits that the segments received are."""
    return audience_manager.list_traits(api.caller, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/trait-folders", "segments:read")
def list_trait_folders(sandbox: str) -> FolderList:
    """List the folders of traits."""
    return audience_manager.list_trait_folders(api.caller)


@api.call("GET", "/sandboxes/<sandbox>/segment-folders", "segments:read")
def list_segment_folders(sandbox: str) -> FolderList:
    """List the folders of received segments."""
    return audience_manager.list_segment_folders(api.caller)


@api.call("GET", "/sandboxes/<sandbox>/segments/<segment>", "segments:read")
def get_segment(sandbox: str, segment: str) -> models.SegmentView:
    """Get a segment, own or received."""
    return catalogue.get(api.caller, segment)


@api.call("PATCH", "/sandboxes/<sandbox>/segments/<segment>", "segments:write")
def update_segment(
    sandbox: str, segment: str, body: models.PatchSegment, dry_run: DryRun = False, if_match: IfMatch = None
) -> models.SegmentView | models.RulesPreview:
    """Change a segment. Members left out stay. Labels that a policy forbids stop it at once."""
    act = catalogue.preview_update if dry_run else catalogue.update
    return act(api.caller, segment, body, versions_of(if_match))


@api.call("DELETE", "/sandboxes/<sandbox>/segments/<segment>", "segments:write", status=204)
def delete_segment(sandbox: str, segment: str, if_match: IfMatch = None) -> None:
    """Delete a segment that no feed uses, with its memberships."""
    service.delete(api.caller, segment, versions_of(if_match))


@api.call("GET", "/sandboxes/<sandbox>/segments/<segment>/members", "profiles:read")
def list_segment_members(sandbox: str, segment: str, limit: Limit = 50, cursor: Cursor = None) -> MemberList:
    """List the members of an own segment, in the order of their keys."""
    return members.own_members(api.caller, segment, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/segments/<segment>/renderings", "segments:read")
def get_segment_renderings(sandbox: str, segment: str) -> models.RenderingCounts:
    """Get what advertising platforms can be given of an own segment's members, who hash otherwise than Handfast."""
    return rendering_counts.count(api.caller, segment)


@api.call("POST", "/sandboxes/<sandbox>/segments/<segment>/members/export", "profiles:read", status=201)
def export_segment_members(sandbox: str, segment: str, body: feeds.ExportSegment) -> MemberExport:
    """Write all members of an own segment into a file and give a link to it."""
    return members.export_own(api.caller, segment, body)


@api.call("POST", "/sandboxes/<sandbox>/uploads", "segments:write", status=201, location="uploads/{upload_id}")
def create_upload(sandbox: str, body: ingest.CreateUpload) -> ingest.UploadCreated:
    """Say what a file holds and learn where to PUT it. The file is ingested as soon as it is there."""
    return uploads.start_upload(api.caller, body)


@api.call(
    "POST",
    "/sandboxes/<sandbox>/uploads/preview",
    "segments:write",
    status=201,
    location="uploads/preview/{preview_id}",
)
def create_upload_preview(sandbox: str, body: ingest.PreviewFile) -> ingest.PreviewCreated:
    """Learn where to PUT the first bytes of a file, to see what it holds and what would be rejected."""
    return file_previews.start_preview(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/uploads/preview/<preview>", "segments:write")
def get_upload_preview(sandbox: str, preview: str) -> ingest.FilePreviewView:
    """Get what a file's first rows tell: columns with a guess each, and what would be rejected. Nothing is stored."""
    return file_previews.get_preview(api.caller, preview)


@api.call("GET", "/sandboxes/<sandbox>/uploads", "segments:read")
def list_uploads(
    sandbox: str,
    status: UploadFilter = None,
    segment_id: FedSegment = None,
    search: Search = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ingest.UploadList:
    """List the sandbox's uploads, newest first unless told otherwise."""
    wanted = Wanted(search, None, order, {"status": status, "segmentId": segment_id})
    return uploads.list_uploads(api.caller, wanted, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/uploads/<upload>", "segments:read")
def get_upload(sandbox: str, upload: str) -> ingest.UploadView:
    """Get an upload and what came of it."""
    return uploads.get_upload(api.caller, upload)


@api.call("POST", "/sandboxes/<sandbox>/uploads/<upload>/complete", "segments:write", status=202)
def complete_upload(sandbox: str, upload: str, body: ingest.CompleteUpload) -> ingest.UploadView:
    """Complete an upload in parts: they become one file."""
    return uploads.complete_upload(api.caller, upload, body)


@api.call("POST", "/sandboxes/<sandbox>/imports", "segments:write", status=201, location="imports/{import_id}")
def create_import(sandbox: str, body: ingest.CreateImport) -> ingest.ImportCreated:
    """Say what files hold that are taken together, and learn where to PUT each."""
    return imports.create(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/imports", "segments:read")
def list_imports(
    sandbox: str,
    status: UploadFilter = None,
    segment_id: FedSegment = None,
    source_id: OfSource = None,
    search: Search = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ingest.ImportList:
    """List the sandbox's imports, newest first unless told otherwise."""
    wanted = Wanted(search, None, order, {"status": status, "segmentId": segment_id, "sourceId": source_id})
    return imports.list_imports(api.caller, wanted, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/imports/<imported>", "segments:read")
def get_import(sandbox: str, imported: str) -> ingest.ImportView:
    """Get an import, how far its reading is, and what came of it."""
    return imports.get(api.caller, imported)


@api.call("GET", "/sandboxes/<sandbox>/imports/<imported>/parts", "segments:write")
def list_import_parts(sandbox: str, imported: str, limit: Limit = 200, cursor: Cursor = None) -> ingest.ImportPartList:
    """List the parts of an import, with a link each to PUT it once more as long as that may be."""
    return imports.list_parts(api.caller, imported, limit, cursor)


@api.call("POST", "/sandboxes/<sandbox>/imports/<imported>/start", "segments:write", status=202)
def start_import(sandbox: str, imported: str) -> ingest.ImportView:
    """Have the parts of an import be taken, all of which are there by now; one that has failed begins anew."""
    return imports.start(api.caller, imported)


@api.call("POST", "/sandboxes/<sandbox>/imports/<imported>/cancel", "segments:write", status=202)
def cancel_import(sandbox: str, imported: str) -> ingest.ImportView:
    """Give an import up that has not been accepted, so that nothing of it is taken."""
    return imports.cancel(api.caller, imported)


@api.call("POST", "/sandboxes/<sandbox>/memberships", "segments:write", status=202)
def change_memberships(sandbox: str, body: ingest.ChangeMemberships) -> ingest.ChangesAccepted:
    """Stream membership changes: identities join segments or leave them."""
    return memberships.change_memberships(api.caller, body)


@api.call("POST", "/sandboxes/<sandbox>/consents", "segments:write", status=202)
def change_consents(sandbox: str, body: ingest.ChangeConsents) -> ingest.ChangesAccepted:
    """Take consent answers of identities, or of people by their profile ids."""
    return memberships.change_consents(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/received-feeds/<received_feed>/members", "profiles:read")
def list_received_members(
    sandbox: str, received_feed: str, segment: SegmentFilter = None, limit: Limit = 50, cursor: Cursor = None
) -> MemberList:
    """List the identities received in a feed, in the order of their keys."""
    return members.members(api.caller, received_feed, segment, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/received-feeds/<received_feed>/members/changes", "profiles:read")
def list_member_changes(
    sandbox: str,
    received_feed: str,
    since: Since,
    segment: SegmentFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> feeds.MemberChanges:
    """List who has come and who has left in a received feed since a time of the last seven days, in the order of keys.

    Begin with the `asOf` of the members, and go on with `nextSince`.
    """
    return member_changes.since(api.caller, received_feed, since, segment, limit, cursor)


@api.call("POST", "/sandboxes/<sandbox>/received-feeds/<received_feed>/members/export", "profiles:read", status=201)
def export_received_members(sandbox: str, received_feed: str, body: feeds.ExportMembers) -> MemberExport:
    """Write all identities received in a feed into a file and give a link to it."""
    return members.export(api.caller, received_feed, body)


handler = api.handler
