"""Feeds, received feeds and dataflows."""

from handfast.dataflows import service as dataflows
from handfast.dataflows.models import PopulationView, RunList
from handfast.edge.api import Api, Cursor, DryRun, Limit
from handfast.feeds import estimates, receiving, service
from handfast.feeds.models import (
    CreateFeed,
    DataflowList,
    EstimateFeed,
    EstimateList,
    FeedList,
    FeedView,
    PartnerDataflowView,
    PatchFeed,
    PublishPreview,
    ReceivedFeedList,
    ReceivedFeedView,
    Unshare,
    UnsharePreview,
)
from handfast.platform.settings import require

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "ACTIVITY_TABLE",
    "IDEMPOTENCY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "EXPORT_QUEUE_URL",
    "DEPLOYMENT_SECRET_ARN",
)

api = Api()


@api.call("POST", "/sandboxes/<sandbox>/feeds", "feeds:write", status=201)
def create(sandbox: str, body: CreateFeed) -> FeedView:
    """Draft a feed."""
    return service.create(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/feeds", "feeds:read")
def feeds(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> FeedList:
    """The feeds, newest first."""
    return service.list_feeds(api.caller, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/feeds/<feed>", "feeds:read")
def get(sandbox: str, feed: str) -> FeedView:
    """One feed, with how each partner stands to it."""
    return service.get(api.caller, feed)


@api.call("PATCH", "/sandboxes/<sandbox>/feeds/<feed>", "feeds:write")
def update(sandbox: str, feed: str, body: PatchFeed) -> FeedView:
    """Change the draft of the next version."""
    return service.update(api.caller, feed, body, api.if_match())


@api.call("DELETE", "/sandboxes/<sandbox>/feeds/<feed>", "feeds:write", status=204)
def delete(sandbox: str, feed: str) -> None:
    """Unshare the feed from everyone and delete it."""
    service.delete(api.caller, feed)


@api.call("POST", "/sandboxes/<sandbox>/feeds/<feed>/estimate", "feeds:write")
def estimate(sandbox: str, feed: str, body: EstimateFeed | None = None) -> EstimateList:
    """Estimate the overlap per connection, segment and namespace."""
    return estimates.estimate(api.caller, feed, (body or EstimateFeed()).precision)


@api.call("POST", "/sandboxes/<sandbox>/feeds/<feed>/publish", "feeds:write")
def publish(sandbox: str, feed: str, dry_run: DryRun = False) -> FeedView | PublishPreview:
    """Release the draft as the next version."""
    return service.preview_publish(api.caller, feed) if dry_run else service.publish(api.caller, feed)


@api.call("POST", "/sandboxes/<sandbox>/feeds/<feed>/unshare", "feeds:write")
def unshare(sandbox: str, feed: str, body: Unshare, dry_run: DryRun = False) -> FeedView | UnsharePreview:
    """Stop sharing with one partner; what it received is withdrawn."""
    if dry_run:
        return service.preview_unshare(api.caller, feed, body.connection_id)
    return service.unshare(api.caller, feed, body.connection_id)


@api.call("GET", "/sandboxes/<sandbox>/received-feeds", "feeds:read")
def received_feeds(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> ReceivedFeedList:
    """The feeds that partners offer or have offered, newest first."""
    return receiving.list_received(api.caller, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/received-feeds/<received_feed>", "feeds:read")
def received_feed(sandbox: str, received_feed: str) -> ReceivedFeedView:
    """One received feed."""
    return receiving.get(api.caller, received_feed)


@api.call("GET", "/sandboxes/<sandbox>/dataflows", "feeds:read")
def list_dataflows(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> DataflowList:
    """The dataflows from and to the sandbox, newest first."""
    items, next_cursor = dataflows.list_dataflows(api.caller, limit, cursor)
    return DataflowList.model_validate({"items": items, "nextCursor": next_cursor})


@api.call("GET", "/sandboxes/<sandbox>/dataflows/<dataflow>", "feeds:read")
def dataflow(sandbox: str, dataflow: str) -> PartnerDataflowView:
    """One dataflow."""
    return PartnerDataflowView.model_validate(dataflows.get(api.caller, dataflow))


@api.call("GET", "/sandboxes/<sandbox>/dataflows/<dataflow>/runs", "feeds:read")
def runs(sandbox: str, dataflow: str, limit: Limit = 50, cursor: Cursor = None) -> RunList:
    """The dataflow's runs, newest first."""
    return dataflows.list_runs(api.caller, dataflow, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/dataflows/<dataflow>/population", "feeds:read")
def population(sandbox: str, dataflow: str) -> PopulationView:
    """Why the shared count differs from the segments' members."""
    return dataflows.population(api.caller, dataflow)


@api.call("POST", "/sandboxes/<sandbox>/dataflows/<dataflow>/pause", "feeds:write")
def pause(sandbox: str, dataflow: str) -> PartnerDataflowView:
    """Let nothing new through; what leaves still leaves. For the source."""
    return PartnerDataflowView.model_validate(dataflows.pause(api.caller, dataflow))


@api.call("POST", "/sandboxes/<sandbox>/dataflows/<dataflow>/resume", "feeds:write")
def resume(sandbox: str, dataflow: str) -> PartnerDataflowView:
    """End a pause. For the source."""
    return PartnerDataflowView.model_validate(dataflows.resume(api.caller, dataflow))


handler = api.handler
