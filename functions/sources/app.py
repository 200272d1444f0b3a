"""Sources: places that a sandbox's files are taken from."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.edge.api import Api, Cursor, DryRun, IfMatch, Limit, Order, Search, versions_of
from handfast.platform.settings import require
from handfast.platform.wanted import Wanted
from handfast.remote_files.models import SourceStatus
from handfast.remote_files.registry import Kind
from handfast.sources import service, testing, wire

require(
    "ACCESS_TABLE",
    "SEGMENTS_TABLE",
    "GOVERNANCE_TABLE",
    "ACTIVITY_TABLE",
    "IDEMPOTENCY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "API_SECRET_ARN",
    "SOURCE_SECRETS",
    "OUTBOUND_PRIVATE_NETWORKS",
)

api = Api()
Sorted = Annotated[Literal["created", "updated", "name"] | None, Query(description="What they are sorted by")]
StatusFilter = Annotated[SourceStatus | None, Query(description="Sources with this status only")]
KindFilter = Annotated[Kind | None, Query(description="Sources of this kind only")]
_SOURCE = "/sandboxes/<sandbox>/sources/<source>"


@api.call("POST", "/sandboxes/<sandbox>/sources", "segments:write", status=201, location="sources/{source_id}")
def create_source(sandbox: str, body: wire.CreateSource) -> wire.SourceView:
    """Set up a source. Its secrets are never shown again."""
    return service.create(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/sources", "segments:read")
def list_sources(
    sandbox: str,
    status: StatusFilter = None,
    kind: KindFilter = None,
    search: Search = None,
    sort: Sorted = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> wire.SourceList:
    """List the sandbox's sources, newest first unless sorted by something else."""
    wanted = Wanted(search, sort, order, {"status": status, "kind": kind})
    return service.list_sources(api.caller, wanted, limit, cursor)


@api.call("GET", _SOURCE, "segments:read")
def get_source(sandbox: str, source: str) -> wire.SourceView:
    """Get a source, with its last run and when the next one is."""
    return service.get(api.caller, source)


@api.call("PATCH", _SOURCE, "segments:write")
def update_source(sandbox: str, source: str, body: wire.PatchSource, if_match: IfMatch = None) -> wire.SourceView:
    """Change a source. A paused one is run by hand alone."""
    return service.update(api.caller, source, body, versions_of(if_match))


@api.call("DELETE", _SOURCE, "segments:write", status=204)
def delete_source(sandbox: str, source: str, if_match: IfMatch = None) -> None:
    """Delete a source. What it has brought stays."""
    service.delete(api.caller, source, versions_of(if_match))


@api.call("POST", f"{_SOURCE}/test", "segments:write")
def test_source(sandbox: str, source: str) -> wire.SourceTest:
    """Try whether a source can be read as it is set up. Nothing is changed there."""
    return testing.test(api.caller, source)


@api.call("POST", f"{_SOURCE}/run", "segments:write", status=202)
def run_source(sandbox: str, source: str, dry_run: DryRun = False) -> wire.SourceRunView | wire.SourceRunPreview:
    """Begin an import of a source's files."""
    act = service.preview_run if dry_run else service.run
    return act(api.caller, source)


handler = api.handler
