"""Approvals: decisions on connect requests and received feeds."""

from handfast.connections import service as connections
from handfast.connections.models import ConnectionView, Decision
from handfast.platform.http import Api

api = Api()


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/accept", "connections:approve")
def accept(sandbox: str, connection: str, body: Decision | None = None) -> ConnectionView:
    """Accept a connect request."""
    return connections.decide(api.caller, connection, "accept", body.note if body else None)


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/reject", "connections:approve")
def reject(sandbox: str, connection: str, body: Decision | None = None) -> ConnectionView:
    """Reject a connect request."""
    return connections.decide(api.caller, connection, "reject", body.note if body else None)


handler = api.handler
