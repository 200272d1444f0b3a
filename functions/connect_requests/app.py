"""Connect: connect IDs, requests, the list of connections and their end."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.connections import probing, service
from handfast.connections.models import (
    ConnectId,
    ConnectIdBody,
    ConnectionList,
    ConnectionView,
    Decision,
    Direction,
    Disconnect,
    DisconnectPreview,
    HasherAnswer,
    PatchConnection,
    Preview,
    ProbeDigests,
    ProbeView,
    RequestConnection,
    Status,
)
from handfast.edge.api import Api, Cursor, DryRun, IfMatch, Limit, Order, Search, versions_of
from handfast.feeds import agreements, disconnecting
from handfast.platform.settings import require
from handfast.platform.wanted import Wanted

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "FEEDS_TABLE",
    "ACTIVITY_TABLE",
    "IDEMPOTENCY_TABLE",
    "BUCKET_BITS",
    "EXPORT_QUEUE_URL",
    "API_SECRET_ARN",
)

api = Api()
StatusFilter = Annotated[Status | None, Query(description="Connections with this status only")]
Sorted = Annotated[Literal["created", "partner"] | None, Query(description="What they are sorted by")]
DirectionFilter = Annotated[Direction | None, Query(description="Requests that came in only, or those that went out")]


@api.call("GET", "/sandboxes/<sandbox>/connect-id", "connections:read")
def get_connect_id(sandbox: str) -> ConnectId:
    """Get the sandbox's connect ID, to be handed to a partner."""
    return service.connect_id(api.caller)


@api.call("POST", "/sandboxes/<sandbox>/connect-id/regenerate", "connections:manage")
def regenerate_connect_id(sandbox: str) -> ConnectId:
    """Replace the connect ID. Nobody can ask with the former one, and active connections stay."""
    return service.regenerate(api.caller)


@api.call("POST", "/sandboxes/<sandbox>/connect-requests/preview", "connections:request")
def preview_connect_request(sandbox: str, body: ConnectIdBody) -> Preview:
    """Tell whose connect ID it is, before asking for a connection."""
    return service.preview(body.connect_id)


@api.call(
    "POST",
    "/sandboxes/<sandbox>/connect-requests",
    "connections:request",
    status=201,
    location="connections/{connection_id}",
)
def request_connection(sandbox: str, body: RequestConnection) -> ConnectionView:
    """Ask the owner of a connect ID for a connection."""
    return service.request(api.caller, body.connect_id, body.note, allows_estimates=body.allows_estimates)


@api.call("POST", "/sandboxes/<sandbox>/connect-requests/<connection>/withdraw", "connections:request")
def withdraw_connect_request(sandbox: str, connection: str, body: Decision | None = None) -> ConnectionView:
    """Withdraw a connect request that is still pending."""
    return service.decide(api.caller, connection, "withdraw", body.note if body else None)


@api.call("GET", "/sandboxes/<sandbox>/connections", "connections:read")
def list_connections(
    sandbox: str,
    status: StatusFilter = None,
    direction: DirectionFilter = None,
    search: Search = None,
    sort: Sorted = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ConnectionList:
    """List the sandbox's connections and connect requests, newest first unless sorted by partner."""
    wanted = Wanted(search, sort, order, {"status": status, "direction": direction})
    return service.list_connections(api.caller, wanted, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/connections/<connection>", "connections:read")
def get_connection(sandbox: str, connection: str) -> ConnectionView:
    """Get a connection or connect request. Of an active one, `probe` says whether both sides hash alike."""
    return probing.get_connection(api.caller, connection)


@api.call("GET", "/sandboxes/<sandbox>/connections/<connection>/probe", "connections:read")
def get_probe(sandbox: str, connection: str) -> ProbeView:
    """Get the values that hashers are tried with, their digests here, and whether both sides agree."""
    return probing.show(api.caller, connection)


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/probe", "connections:read")
def check_probe(sandbox: str, connection: str, body: ProbeDigests) -> HasherAnswer:
    """Check the digests that a hasher of your own makes of the probe: which rule it follows otherwise, by value."""
    return probing.compare(api.caller, connection, body)


@api.call("PATCH", "/sandboxes/<sandbox>/connections/<connection>", "connections:approve")
def update_connection(sandbox: str, connection: str, body: PatchConnection, if_match: IfMatch = None) -> ConnectionView:
    """Let the partner estimate overlaps with the sandbox's identities, or no longer. It works at once."""
    return service.change(api.caller, connection, body, versions_of(if_match))


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/disconnect", "connections:manage")
def disconnect_connection(
    sandbox: str, connection: str, body: Disconnect | None = None, dry_run: DryRun = False
) -> ConnectionView | DisconnectPreview:
    """End a connection. Reading stops at once, and what was shared over it is withdrawn."""
    if dry_run:
        return service.preview_disconnect(api.caller, connection)
    return disconnecting.disconnect(api.caller, connection, body.reason if body else None)


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/namespaces/<namespace>/enable", "connections:manage")
def enable_connection_namespace(sandbox: str, connection: str, namespace: str) -> ConnectionView:
    """Take a namespace of the sandbox's own over the connection. Feeds may share it once the partner takes the same."""
    return agreements.take(api.caller, connection, namespace)


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/namespaces/<namespace>/disable", "connections:manage")
def disable_connection_namespace(sandbox: str, connection: str, namespace: str) -> ConnectionView:
    """Take a namespace of the sandbox's own no longer over the connection: what was shared by it is withdrawn."""
    return agreements.drop(api.caller, connection, namespace)


handler = api.handler
