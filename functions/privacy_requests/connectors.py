"""The systems outside that privacy requests reach: setting them up and trying them."""

from handfast.connectors import models, service
from handfast.edge.api import Api, Cursor, Limit
from handfast.platform.settings import require
from handfast.privacy_requests import connector_removal

require(
    "ACCESS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "IDEMPOTENCY_TABLE",
    "PRIVACY_QUEUE_URL",
    "DEPLOYMENT_SECRET_ARN",
    "CONNECTOR_SECRETS",
    "OUTBOUND_PRIVATE_NETWORKS",
)

api = Api()
_CONNECTORS = "/sandboxes/<sandbox>/connectors"
_CONNECTOR = f"{_CONNECTORS}/<connector>"


@api.call("GET", "/connector-types", None)
def types() -> models.ConnectorTypeList:
    """The types of systems, with the JSON schema of their settings and their limits."""
    return service.types()


@api.call("POST", _CONNECTORS, "privacy:approve", status=201)
def create(sandbox: str, body: models.CreateConnector) -> models.ConnectorView:
    """Set up a connector."""
    return service.create(api.caller, body)


@api.call("GET", _CONNECTORS, "privacy:approve")
def list_connectors(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> models.ConnectorList:
    """The connectors, newest first."""
    return service.list_connectors(api.caller, limit, cursor)


@api.call("GET", _CONNECTOR, "privacy:approve")
def get(sandbox: str, connector: str) -> models.ConnectorView:
    """One connector; its secrets are never shown."""
    return service.get(api.caller, connector)


@api.call("PATCH", _CONNECTOR, "privacy:approve")
def update(sandbox: str, connector: str, body: models.PatchConnector) -> models.ConnectorView:
    """Change a connector; what is left out stays, secrets too."""
    return service.update(api.caller, connector, body, api.if_match())


@api.call("DELETE", _CONNECTOR, "privacy:approve", status=204)
def delete(sandbox: str, connector: str) -> None:
    """Remove a connector and its secrets; requests still open at it have failed there."""
    connector_removal.remove(api.caller, connector)


@api.call("POST", f"{_CONNECTOR}/test", "privacy:approve")
def test(sandbox: str, connector: str) -> models.ConnectorTest:
    """Try every setting that can be wrong, each on its own."""
    return service.test(api.caller, connector)


handler = api.handler
