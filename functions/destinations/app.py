"""Destinations: systems outside that are given segments, and what is activated to them."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.dataflows import service as dataflows
from handfast.dataflows.models import RunView
from handfast.delivery import alert_models, alert_store, dead_letters, health, subscribing, views
from handfast.destinations import activating, ending, previewing, service, wire
from handfast.destinations.activating import Members
from handfast.destinations.models import DestinationStatus
from handfast.edge.api import Api, Cursor, DryRun, IfMatch, Limit, Order, Search, versions_of
from handfast.platform.settings import require
from handfast.platform.wanted import Wanted

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
    "DELIVERY_QUEUE_URL",
    "API_SECRET_ARN",
    "DESTINATION_SECRETS",
    "USER_POOL_ID",
    "ALERT_TOPIC_ARN",
    "OUTBOUND_PRIVATE_NETWORKS",
)

api = Api()
Sorted = Annotated[Literal["created", "updated", "name"] | None, Query(description="What they are sorted by")]
StatusFilter = Annotated[DestinationStatus | None, Query(description="Destinations with this status only")]
TypeFilter = Annotated[str | None, Query(alias="type", max_length=100, description="Destinations of this type only")]
Leaving = Annotated[Members, Query(description="Whether members leave the destination, or are kept there")]
_DESTINATION = "/sandboxes/<sandbox>/destinations/<destination>"
_ACTIVATION = f"{_DESTINATION}/activations/<activation>"


@api.call("GET", "/destination-types", None)
def list_destination_types() -> wire.DestinationTypeList:
    """List the types of destinations, with what each takes and the schemas of its settings."""
    return service.types()


@api.call("GET", "/destination-types/<destination_type>", None)
def get_destination_type(destination_type: str) -> wire.DestinationTypeView:
    """Get a type of destinations."""
    return service.get_type(destination_type)


@api.call(
    "POST",
    "/sandboxes/<sandbox>/destinations",
    "destinations:manage",
    status=201,
    location="destinations/{destination_id}",
)
def create_destination(sandbox: str, body: wire.CreateDestination) -> wire.DestinationView:
    """Set up a destination. Its secrets are never shown again."""
    return service.create(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/destinations", "destinations:read")
def list_destinations(
    sandbox: str,
    status: StatusFilter = None,
    kind: TypeFilter = None,
    search: Search = None,
    sort: Sorted = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> wire.DestinationList:
    """List the sandbox's destinations, newest first unless sorted by something else."""
    wanted = Wanted(search, sort, order, {"status": status, "type": kind})
    return service.list_destinations(api.caller, wanted, limit, cursor)


@api.call("GET", _DESTINATION, "destinations:read")
def get_destination(sandbox: str, destination: str) -> wire.DestinationView:
    """Get a destination."""
    return service.get(api.caller, destination)


@api.call("PATCH", _DESTINATION, "destinations:manage")
def update_destination(
    sandbox: str, destination: str, body: wire.PatchDestination, dry_run: DryRun = False, if_match: IfMatch = None
) -> wire.DestinationView | wire.DestinationPreview:
    """Change a destination. Disabled, it is given nothing new. New secrets are used once a test has accepted them."""
    act = previewing.preview_destination if dry_run else service.update
    return act(api.caller, destination, body, versions_of(if_match))


@api.call("DELETE", _DESTINATION, "destinations:manage", status=204)
def delete_destination(sandbox: str, destination: str, members: Leaving = "exit", if_match: IfMatch = None) -> None:
    """Delete a destination. It is gone when its members have left, or at once where they are kept there."""
    ending.delete(api.caller, destination, members, versions_of(if_match))


@api.call("POST", f"{_DESTINATION}/test", "destinations:manage")
def test_destination(sandbox: str, destination: str) -> wire.DestinationTest:
    """Try whether a destination works as it is set up. Nothing is changed there."""
    return service.test(api.caller, destination)


@api.call("POST", f"{_DESTINATION}/explain", "destinations:read")
def explain_destination(
    sandbox: str, destination: str, body: wire.ExplainDestination | None = None
) -> wire.DestinationExplanation:
    """Tell by segment which policy, label and marketing action keep it from a destination."""
    return activating.explain(api.caller, destination, body or wire.ExplainDestination(segment_ids=[]))


@api.call(
    "POST",
    f"{_DESTINATION}/activations",
    "destinations:activate",
    status=201,
    location="destinations/{destination_id}/activations/{activation_id}",
)
def create_activation(
    sandbox: str, destination: str, body: wire.CreateActivation, dry_run: DryRun = False
) -> wire.ActivationView | wire.ActivationPreview:
    """Give segments to a destination. All of their members are given first, and then what changes."""
    act = previewing.preview if dry_run else activating.create
    return act(api.caller, destination, body)


@api.call("GET", f"{_DESTINATION}/activations", "destinations:read")
def list_activations(sandbox: str, destination: str, limit: Limit = 50, cursor: Cursor = None) -> wire.ActivationList:
    """List what is activated to a destination, newest first."""
    return activating.list_activations(api.caller, destination, limit, cursor)


@api.call("GET", _ACTIVATION, "destinations:read")
def get_activation(sandbox: str, destination: str, activation: str) -> wire.ActivationView:
    """Get an activation."""
    return activating.get(api.caller, destination, activation)


@api.call("PATCH", _ACTIVATION, "destinations:activate")
def update_activation(
    sandbox: str,
    destination: str,
    activation: str,
    body: wire.PatchActivation,
    dry_run: DryRun = False,
    if_match: IfMatch = None,
) -> wire.ActivationView | wire.ActivationChangePreview:
    """Change what is activated. Segments that are left out leave the destination with their members."""
    act = previewing.preview_change if dry_run else activating.update
    return act(api.caller, destination, activation, body, versions_of(if_match))


@api.call("DELETE", _ACTIVATION, "destinations:activate")
def delete_activation(
    sandbox: str, destination: str, activation: str, members: Leaving = "exit", if_match: IfMatch = None
) -> wire.ActivationView:
    """End an activation. It is gone when its members have left, or at once where they are kept there."""
    return activating.delete(api.caller, destination, activation, members, versions_of(if_match))


@api.call("POST", "/sandboxes/<sandbox>/dataflows/<dataflow>/backfill", "destinations:activate", status=202)
def backfill_dataflow(sandbox: str, dataflow: str) -> RunView:
    """Have all that a destination was given over a dataflow sent to it once more."""
    return dataflows.run_view(activating.backfill(api.caller, dataflow))


@api.call("GET", f"{_DESTINATION}/health", "destinations:read")
def get_health(sandbox: str, destination: str) -> views.HealthView:
    """Get how a destination is doing, with what came of the last day's changes by hour."""
    return health.health(api.caller, destination)


@api.call("GET", "/sandboxes/<sandbox>/dataflows/<dataflow>/delivery-runs", "destinations:read")
def list_delivery_runs(sandbox: str, dataflow: str, limit: Limit = 50, cursor: Cursor = None) -> views.DeliveryRunList:
    """List what came of a dataflow's changes at its destination, hour by hour, newest first."""
    return health.delivery_runs(api.caller, dataflow, limit, cursor)


@api.call("GET", f"{_DESTINATION}/alerts", alert_store.PERMISSION)
def get_alerts(sandbox: str, destination: str) -> alert_models.AlertsView:
    """Get the caller's subscription to the alerts of a destination, and the alerts that hold."""
    return subscribing.get(api.caller, destination)


@api.call("PUT", f"{_DESTINATION}/alerts", alert_store.PERMISSION)
def put_alerts(
    sandbox: str, destination: str, body: alert_models.SubscribeAlerts, if_match: IfMatch = None
) -> alert_models.AlertsView:
    """Subscribe the caller to these alerts of a destination, through these channels, and to no others."""
    return subscribing.subscribe(api.caller, destination, body, versions_of(if_match))


@api.call("DELETE", f"{_DESTINATION}/alerts", alert_store.PERMISSION, status=204)
def delete_alerts(sandbox: str, destination: str, if_match: IfMatch = None) -> None:
    """End the caller's subscription to the alerts of a destination."""
    subscribing.unsubscribe(api.caller, destination, versions_of(if_match))


@api.call("GET", f"{_DESTINATION}/dead-letters", "destinations:read")
def list_dead_letters(sandbox: str, destination: str, limit: Limit = 50, cursor: Cursor = None) -> views.DeadLetterList:
    """List what the destination has not taken, newest first."""
    return dead_letters.list_dead_letters(api.caller, destination, limit, cursor)


@api.call("POST", f"{_DESTINATION}/dead-letters/replay", "destinations:manage")
def replay_dead_letters(sandbox: str, destination: str, body: views.Replay) -> views.Replayed:
    """Send dead letters again, as far as their changes are still wanted."""
    return dead_letters.replay(api.caller, destination, body)


@api.call("DELETE", f"{_DESTINATION}/dead-letters/<batch>", "destinations:manage", status=204)
def discard_dead_letter(sandbox: str, destination: str, batch: str, if_match: IfMatch = None) -> None:
    """Give up the changes of a dead letter. The log says who did."""
    dead_letters.discard(api.caller, destination, batch, versions_of(if_match))


handler = api.handler
