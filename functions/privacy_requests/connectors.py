"""The systems outside that privacy requests reach: setting them up and trying them."""

from handfast.connectors import models, service
from handfast.edge.api import Api, Cursor, IfMatch, Limit, versions_of
from handfast.platform.settings import require
from handfast.privacy_requests import connector_removal

require(
    "ACCESS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "IDEMPOTENCY_TABLE",
    "PRIVACY_QUEUE_URL",
    "API_SECRET_ARN",
    "CONNECTOR_SECRETS",
    "OUTBOUND_PRIVATE_NETWORKS",
)

api = Api()
_CONNECTORS = "/sandboxes/<sandbox>/connectors"
_CONNECTOR = f"{_CONNECTORS}/<connector>"


@api.call("GET", "/connector-types", None)
def list_connector_types() -> models.ConnectorTypeList:
    """List the types of systems outside, with the JSON schema of their settings and their limits."""
    return service.types()


@api.call("POST", _CONNECTORS, "privacy:approve", status=201, location="connectors/{connector_id}")
def create_connector(sandbox: str, body: models.CreateConnector) -> models.ConnectorView:
    """Set up a connector to a system outside."""
    return service.create(api.caller, body)


@api.call("GET", _CONNECTORS, "privacy:approve")
def list_connectors(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> models.ConnectorList:
    """List the sandbox's connectors, newest first."""
    return service.list_connectors(api.caller, limit, cursor)


@api.call("GET", _CONNECTOR, "privacy:approve")
def get_connector(sandbox: str, connector: str) -> models.ConnectorView:
    """Get a connector. Its secrets are never shown."""
    return service.get(api.caller, connector)


@api.call("PATCH", _CONNECTOR, "privacy:approve")
def update_connector(
    sandbox: str, connector: str, body: models.PatchConnector, if_match: IfMatch = None
) -> models.ConnectorView:
    """Change a connector. What is left out stays, secrets too."""
    return service.update(api.caller, connector, body, versions_of(if_match))


@api.call("DELETE", _CONNECTOR, "privacy:approve", status=204)
def delete_connector(sandbox: str, connector: str, if_match: IfMatch = None) -> None:
    """Remove a connector and its secrets. Requests still open at it have failed there."""
    connector_removal.remove(api.caller, connector, versions_of(if_match))


@api.call("POST", f"{_CONNECTOR}/test", "privacy:approve")
def test_connector(sandbox: str, connector: str) -> models.ConnectorTest:
    """Try every setting of a connector that can be wrong, each on its own."""
    return service.test(api.caller, connector)


handler = api.handler
