"""Connect: connect IDs, requests, the list of connections and their end."""

from handfast.connections import service
from handfast.connections.models import (
    ConnectId,
    ConnectIdBody,
    ConnectionList,
    ConnectionView,
    Decision,
    Direction,
    Disconnect,
    DisconnectPreview,
    Preview,
    RequestConnection,
    Status,
)
from handfast.edge.api import Api, Cursor, DryRun, Limit
from handfast.feeds import disconnecting
from handfast.platform.settings import require

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "FEEDS_TABLE",
    "ACTIVITY_TABLE",
    "IDEMPOTENCY_TABLE",
    "BUCKET_BITS",
    "EXPORT_QUEUE_URL",
    "DEPLOYMENT_SECRET_ARN",
)

api = Api()


@api.call("GET", "/sandboxes/<sandbox>/connect-id", "connections:read")
def connect_id(sandbox: str) -> ConnectId:
    """The connect ID to hand to a partner."""
    return service.connect_id(api.caller)


@api.call("POST", "/sandboxes/<sandbox>/connect-id/regenerate", "connections:manage")
def regenerate(sandbox: str) -> ConnectId:
    """Replace the connect ID; active connections stay."""
    return service.regenerate(api.caller)


@api.call("POST", "/sandboxes/<sandbox>/connect-requests/preview", "connections:request")
def preview(sandbox: str, body: ConnectIdBody) -> Preview:
    """Whose connect ID it is."""
    return service.preview(body.connect_id)


@api.call("POST", "/sandboxes/<sandbox>/connect-requests", "connections:request", status=201)
def request(sandbox: str, body: RequestConnection) -> ConnectionView:
    """Ask the owner of a connect ID for a connection."""
    return service.request(api.caller, body.connect_id, body.note)


@api.call("POST", "/sandboxes/<sandbox>/connect-requests/<connection>/withdraw", "connections:request")
def withdraw(sandbox: str, connection: str, body: Decision | None = None) -> ConnectionView:
    """Take a request back."""
    return service.decide(api.caller, connection, "withdraw", body.note if body else None)


@api.call("GET", "/sandboxes/<sandbox>/connections", "connections:read")
def connections(
    sandbox: str,
    status: Status | None = None,
    direction: Direction | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ConnectionList:
    """The connections, newest first."""
    return service.list_connections(api.caller, status, direction, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/connections/<connection>", "connections:read")
def connection(sandbox: str, connection: str) -> ConnectionView:
    """One connection."""
    return service.get(api.caller, connection)


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/disconnect", "connections:manage")
def disconnect(
    sandbox: str, connection: str, body: Disconnect | None = None, dry_run: DryRun = False
) -> ConnectionView | DisconnectPreview:
    """End the connection: reading stops at once, disclosures are withdrawn."""
    if dry_run:
        return service.preview_disconnect(api.caller, connection)
    return disconnecting.disconnect(api.caller, connection, body.reason if body else None)


handler = api.handler
