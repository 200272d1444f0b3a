"""The systems outside that privacy requests reach, and that write to people: setting them up and trying them."""

from handfast.connectors import models, service
from handfast.edge.api import Api, Cursor, IfMatch, Limit, versions_of
from handfast.platform.settings import require
from handfast.privacy_requests import connector_removal, message_webhooks
from handfast.privacy_requests.message_webhooks import MessageWebhook, NewMessageWebhook, PutMessageWebhook

require(
    "ACCESS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "IDEMPOTENCY_TABLE",
    "PRIVACY_QUEUE_URL",
    "API_SECRET_ARN",
    "CONNECTOR_SECRETS",
    "WEBHOOKS_SECRET_ARN",
    "OUTBOUND_PRIVATE_NETWORKS",
)

api = Api()
_CONNECTORS = "/sandboxes/<sandbox>/connectors"
_CONNECTOR = f"{_CONNECTORS}/<connector>"
_MESSAGES = "/sandboxes/<sandbox>/message-webhook"


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


@api.call("GET", _MESSAGES, "privacy:approve")
def get_message_webhook(sandbox: str) -> MessageWebhook:
    """Get where messages to people are posted. The secret is never shown again."""
    return message_webhooks.get(api.caller)


@api.call("PUT", _MESSAGES, "privacy:approve")
def put_message_webhook(sandbox: str, body: PutMessageWebhook, if_match: IfMatch = None) -> NewMessageWebhook:
    """Have messages to people posted to your own message system. A new secret is shown only now; one there is stays."""
    return message_webhooks.put(api.caller, body, versions_of(if_match))


@api.call("POST", f"{_MESSAGES}/rotate-secret", "privacy:approve")
def rotate_message_webhook_secret(sandbox: str) -> NewMessageWebhook:
    """Give the message webhook a new secret, shown only now. For a day messages are signed with the one before, too."""
    return message_webhooks.rotate_secret(api.caller)


@api.call("DELETE", _MESSAGES, "privacy:approve", status=204)
def delete_message_webhook(sandbox: str, if_match: IfMatch = None) -> None:
    """Have messages to people posted no longer."""
    message_webhooks.delete(api.caller, versions_of(if_match))


@api.call("POST", f"{_MESSAGES}/test", "privacy:approve")
def test_message_webhook(sandbox: str) -> models.ConnectorTest:
    """Post a `message.test` event now, and one with a wrong signature, and tell what came of each."""
    return message_webhooks.test(api.caller)


handler = api.handler
