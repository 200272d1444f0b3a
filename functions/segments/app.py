"""Segments, uploads, streamed memberships and received members."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.edge.api import Api, Cursor, Limit
from handfast.feeds import catalogue, members
from handfast.feeds import models as feeds
from handfast.feeds.models import MemberExport, MemberList
from handfast.ingest import memberships, uploads
from handfast.ingest import models as ingest
from handfast.platform.settings import require
from handfast.segments import models, service

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "ACTIVITY_TABLE",
    "IDEMPOTENCY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "INGEST_QUEUE_URL",
    "EXPORT_QUEUE_URL",
    "DEPLOYMENT_SECRET_ARN",
)

api = Api()
OriginFilter = Annotated[models.Origin | None, Query(description="Own segments only, or received ones only")]
SegmentFilter = Annotated[
    str | None, Query(alias="segmentId", max_length=100, description="Members of one segment only")
]


@api.call("POST", "/sandboxes/<sandbox>/segments", "segments:write", status=201)
def create_segment(sandbox: str, body: models.CreateSegment) -> models.SegmentView:
    """Create a segment."""
    return service.create(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/segments", "segments:read")
def list_segments(
    sandbox: str, origin: OriginFilter = None, limit: Limit = 50, cursor: Cursor = None
) -> models.SegmentList:
    """The sandbox's own segments, then those it receives."""
    return catalogue.list_segments(api.caller, origin, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/segments/<segment>", "segments:read")
def get_segment(sandbox: str, segment: str) -> models.SegmentView:
    """One segment, own or received."""
    return catalogue.get(api.caller, segment)


@api.call("PATCH", "/sandboxes/<sandbox>/segments/<segment>", "segments:write")
def update_segment(sandbox: str, segment: str, body: models.PatchSegment) -> models.SegmentView:
    """Change a segment."""
    return service.update(api.caller, segment, body, api.if_match())


@api.call("DELETE", "/sandboxes/<sandbox>/segments/<segment>", "segments:write", status=204)
def delete_segment(sandbox: str, segment: str) -> None:
    """Delete a segment that no feed uses."""
    service.delete(api.caller, segment)


@api.call("POST", "/sandboxes/<sandbox>/uploads", "segments:write", status=201)
def create_upload(sandbox: str, body: ingest.CreateUpload) -> ingest.UploadCreated:
    """Say what a file holds and learn where to PUT it."""
    return uploads.start_upload(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/uploads", "segments:read")
def list_uploads(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> ingest.UploadList:
    """The uploads, newest first."""
    return uploads.list_uploads(api.caller, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/uploads/<upload>", "segments:read")
def get_upload(sandbox: str, upload: str) -> ingest.UploadView:
    """One upload and what came of it."""
    return uploads.get_upload(api.caller, upload)


@api.call("POST", "/sandboxes/<sandbox>/uploads/<upload>/complete", "segments:write", status=202)
def complete_upload(sandbox: str, upload: str, body: ingest.CompleteUpload) -> ingest.UploadView:
    """Make the parts of a large file one."""
    return uploads.complete_upload(api.caller, upload, body)


@api.call("POST", "/sandboxes/<sandbox>/memberships", "segments:write", status=202)
def change_memberships(sandbox: str, body: ingest.ChangeMemberships) -> ingest.ChangesAccepted:
    """Stream membership changes."""
    return memberships.change_memberships(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/received-feeds/<received_feed>/members", "profiles:read")
def list_members(
    sandbox: str, received_feed: str, segment: SegmentFilter = None, limit: Limit = 50, cursor: Cursor = None
) -> MemberList:
    """The identities received in a feed."""
    return members.members(api.caller, received_feed, segment, limit, cursor)


@api.call("POST", "/sandboxes/<sandbox>/received-feeds/<received_feed>/members/export", "profiles:read", status=201)
def export_members(sandbox: str, received_feed: str, body: feeds.ExportMembers) -> MemberExport:
    """All identities received in a feed, as a file."""
    return members.export(api.caller, received_feed, body)


handler = api.handler
