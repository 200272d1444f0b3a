"""Feeds, received feeds and dataflows, what they do with a person, and the settings that decide on them."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.access.models import PatchSandbox, SandboxPreview, SandboxView
from handfast.dataflows import sandbox_settings
from handfast.dataflows import service as dataflows
from handfast.dataflows.models import DataflowStatus, DataflowView, PopulationView, ReleasePreview, RunList
from handfast.destinations import target as destination_target
from handfast.destinations.wire import DestinationDataflowView
from handfast.edge.api import Api, Cursor, DryRun, IfMatch, Limit, Order, Search, versions_of
from handfast.feeds import estimates, explaining, policy_checks, publishing, receiving, service, unsharing
from handfast.feeds.explained_models import ExplainedPerson, ExplainPerson
from handfast.feeds.models import (
    CreateFeed,
    EstimateFeed,
    EstimateList,
    FeedList,
    FeedStatus,
    FeedView,
    PartnerDataflowView,
    PatchFeed,
    PublishedView,
    PublishPreview,
    ReceivedFeedList,
    ReceivedFeedView,
    ShareStatus,
    Unshare,
    UnsharePreview,
)
from handfast.feeds.policy_models import FeedExplanation
from handfast.platform.settings import require
from handfast.platform.wanted import Wanted
from handfast.platform.wire import View

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "GOVERNANCE_TABLE",
    "DESTINATIONS_TABLE",
    "ACTIVITY_TABLE",
    "IDEMPOTENCY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "EXPORT_QUEUE_URL",
    "API_SECRET_ARN",
    "IDENTITY_SECRET_ARN",
    "NOISE_SECRET_ARN",
)

api = Api()
KINDS = (destination_target.DESTINATION_TARGET,)
"""The kinds of targets that dataflows may have, beside partners."""


Sorted = Annotated[Literal["created", "updated", "name"] | None, Query(description="What they are sorted by")]
ReceivedSorted = Annotated[
    Literal["created", "updated", "name", "partner"] | None, Query(description="What they are sorted by")
]
FeedFilter = Annotated[FeedStatus | None, Query(description="Feeds with this status only")]
ReceivedFilter = Annotated[ShareStatus | None, Query(description="Received feeds with this status only")]
FlowFilter = Annotated[DataflowStatus | None, Query(description="Dataflows with this status only")]
DirectionFilter = Annotated[
    Literal["outgoing", "incoming"] | None, Query(description="What goes out only, or what comes in")
]
ConnectionFilter = Annotated[
    str | None, Query(alias="connectionId", max_length=100, description="What goes over this connection only")
]
DestinationFilter = Annotated[
    str | None, Query(alias="destinationId", max_length=100, description="What goes to this destination only")
]

type AnyDataflow = PartnerDataflowView | DestinationDataflowView


class DataflowList(View):
    """A page of dataflows, newest first."""

    items: list[AnyDataflow]
    next_cursor: str | None


def _known(found: DataflowView) -> AnyDataflow:
    match found:
        case PartnerDataflowView() | DestinationDataflowView():
            return found
    raise LookupError(f"dataflow {found.dataflow_id} has a target of another kind")


@api.call("GET", "/sandboxes/<sandbox>", None)
def get_sandbox(sandbox: str) -> SandboxView:
    """Get the sandbox with its settings."""
    return sandbox_settings.get(api.caller)


@api.call("PATCH", "/sandboxes/<sandbox>", "access:manage")
def update_sandbox(
    sandbox: str, body: PatchSandbox, dry_run: DryRun = False, if_match: IfMatch = None
) -> SandboxView | SandboxPreview:
    """Change settings of the sandbox. By another way of counting consent, what it shares or receives is reconciled."""
    if dry_run:
        return sandbox_settings.preview(api.caller, body)
    return sandbox_settings.change(api.caller, body, versions_of(if_match))


@api.call("POST", "/sandboxes/<sandbox>/feeds", "feeds:write", status=201, location="feeds/{feed_id}")
def create_feed(sandbox: str, body: CreateFeed) -> FeedView:
    """Draft a feed. Nothing is shared until it is published."""
    return service.create(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/feeds", "feeds:read")
def list_feeds(
    sandbox: str,
    status: FeedFilter = None,
    search: Search = None,
    sort: Sorted = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FeedList:
    """List the sandbox's feeds, newest first unless sorted by something else."""
    return service.list_feeds(api.caller, Wanted(search, sort, order, {"status": status}), limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/feeds/<feed>", "feeds:read")
def get_feed(sandbox: str, feed: str) -> FeedView:
    """Get a feed, with how each partner stands to it."""
    return service.get(api.caller, feed)


@api.call("PATCH", "/sandboxes/<sandbox>/feeds/<feed>", "feeds:write")
def update_feed(sandbox: str, feed: str, body: PatchFeed, if_match: IfMatch = None) -> FeedView:
    """Change the draft of a feed's next version. Members left out stay."""
    return service.update(api.caller, feed, body, versions_of(if_match))


@api.call("DELETE", "/sandboxes/<sandbox>/feeds/<feed>", "feeds:write", status=204)
def delete_feed(sandbox: str, feed: str, if_match: IfMatch = None) -> None:
    """Delete a feed. It is unshared from all partners, and what they received is withdrawn."""
    unsharing.delete(api.caller, feed, versions_of(if_match))


@api.call("POST", "/sandboxes/<sandbox>/feeds/<feed>/explain", "feeds:read")
def explain_feed(sandbox: str, feed: str) -> FeedExplanation:
    """Tell by segment and partner which policy, label and marketing action keep a feed's draft from being shared."""
    return policy_checks.explain(api.caller, feed)


@api.call("POST", "/sandboxes/<sandbox>/feeds/<feed>/estimate", "feeds:write")
def estimate_feed(sandbox: str, feed: str, body: EstimateFeed | None = None) -> EstimateList:
    """Estimate a feed's overlap by connection, segment and namespace."""
    return estimates.estimate(api.caller, feed, (body or EstimateFeed()).precision)


@api.call("POST", "/sandboxes/<sandbox>/feeds/<feed>/publish", "feeds:write")
def publish_feed(sandbox: str, feed: str, dry_run: DryRun = False) -> PublishedView | PublishPreview:
    """Publish a feed: its draft becomes the next version, and partners are offered it."""
    return publishing.preview_publish(api.caller, feed) if dry_run else publishing.publish(api.caller, feed)


@api.call("POST", "/sandboxes/<sandbox>/feeds/<feed>/unshare", "feeds:write")
def unshare_feed(sandbox: str, feed: str, body: Unshare, dry_run: DryRun = False) -> FeedView | UnsharePreview:
    """Stop sharing a feed with one partner. What the partner received is withdrawn."""
    if dry_run:
        return unsharing.preview_unshare(api.caller, feed, body.connection_id)
    return unsharing.unshare(api.caller, feed, body.connection_id)


@api.call("GET", "/sandboxes/<sandbox>/received-feeds", "feeds:read")
def list_received_feeds(
    sandbox: str,
    status: ReceivedFilter = None,
    connection_id: ConnectionFilter = None,
    search: Search = None,
    sort: ReceivedSorted = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ReceivedFeedList:
    """List the feeds that partners offer or have offered, newest first unless sorted by something else."""
    wanted = Wanted(search, sort, order, {"status": status, "connectionId": connection_id})
    return receiving.list_received(api.caller, wanted, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/received-feeds/<received_feed>", "feeds:read")
def get_received_feed(sandbox: str, received_feed: str) -> ReceivedFeedView:
    """Get a feed that a partner offers or has offered."""
    return receiving.get(api.caller, received_feed)


@api.call("GET", "/sandboxes/<sandbox>/dataflows", "feeds:read")
def list_dataflows(
    sandbox: str,
    status: FlowFilter = None,
    direction: DirectionFilter = None,
    connection_id: ConnectionFilter = None,
    destination_id: DestinationFilter = None,
    search: Search = None,
    sort: Sorted = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DataflowList:
    """List the dataflows from and to the sandbox, newest first unless sorted by something else."""
    members = {
        "status": status,
        "direction": direction,
        "connectionId": connection_id,
        "destinationId": destination_id,
    }
    wanted = Wanted(search, sort, order, members)
    items, next_cursor = dataflows.list_dataflows(api.caller, wanted, limit, cursor)
    return DataflowList(items=list(map(_known, items)), next_cursor=next_cursor)


@api.call("GET", "/sandboxes/<sandbox>/dataflows/<dataflow>", "feeds:read")
def get_dataflow(sandbox: str, dataflow: str) -> AnyDataflow:
    """Get a dataflow."""
    return _known(dataflows.get(api.caller, dataflow))


@api.call("GET", "/sandboxes/<sandbox>/dataflows/<dataflow>/runs", "feeds:read")
def list_dataflow_runs(sandbox: str, dataflow: str, limit: Limit = 50, cursor: Cursor = None) -> RunList:
    """List a dataflow's runs, newest first."""
    return dataflows.list_runs(api.caller, dataflow, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/dataflows/<dataflow>/population", "feeds:read")
def get_dataflow_population(sandbox: str, dataflow: str) -> PopulationView:
    """Tell why a dataflow's shared count differs from its segments' members."""
    return dataflows.population(api.caller, dataflow)


@api.call("POST", "/sandboxes/<sandbox>/dataflows/<dataflow>/pause", "feeds:write")
def pause_dataflow(sandbox: str, dataflow: str) -> AnyDataflow:
    """Pause a dataflow: nothing new is shared, and what leaves still leaves. Only the source can."""
    return _known(dataflows.pause(api.caller, dataflow))


@api.call("POST", "/sandboxes/<sandbox>/dataflows/<dataflow>/release", "feeds:write")
def release_dataflow(sandbox: str, dataflow: str, dry_run: DryRun = False) -> AnyDataflow | ReleasePreview:
    """Release what the sandbox's guards hold back of an outgoing dataflow."""
    if dry_run:
        return dataflows.preview_release(api.caller, dataflow)
    return _known(dataflows.release(api.caller, dataflow))


@api.call("POST", "/sandboxes/<sandbox>/dataflows/<dataflow>/resume", "feeds:write")
def resume_dataflow(sandbox: str, dataflow: str) -> AnyDataflow:
    """Resume a paused dataflow. Only the source can."""
    return _known(dataflows.resume(api.caller, dataflow))


@api.call("POST", "/sandboxes/<sandbox>/people/explain", "profiles:read")
def explain_person(sandbox: str, body: ExplainPerson) -> ExplainedPerson:
    """Explain in which segments a person is, and what keeps each identity from partners. The call is recorded."""
    return explaining.explain(api.caller, body)


handler = api.handler
