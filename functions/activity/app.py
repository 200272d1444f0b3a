"""Activity: the log, notifications, webhooks."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.activity import models, service
from handfast.edge.api import Api, Cursor, IfMatch, Limit, Order, Search, versions_of
from handfast.platform.settings import require
from handfast.platform.wanted import Wanted
from handfast.platform.wire import GivenTime

require(
    "ACCESS_TABLE",
    "ACTIVITY_TABLE",
    "IDEMPOTENCY_TABLE",
    "API_SECRET_ARN",
    "WEBHOOKS_SECRET_ARN",
    "OUTBOUND_PRIVATE_NETWORKS",
)

api = Api()

Type = Annotated[
    models.EventPattern | None, Query(alias="type", description="Only this type, or family such as `feed.*`")
]
ActorFilter = Annotated[
    str | None,
    Query(max_length=200, description="Only what this principal did, or a kind of actor: partner, system, operator"),
]
Since = Annotated[GivenTime | None, Query(alias="from", description="Only what happened at this time or later")]
Until = Annotated[GivenTime | None, Query(alias="to", description="Only what happened before this time")]
StatusFilter = Annotated[Literal["enabled", "disabled"] | None, Query(description="Webhooks with this status only")]
Subject = Annotated[str | None, Query(max_length=200, description="Only what concerns this id")]


@api.call("GET", "/sandboxes/<sandbox>/activity", "activity:read")
def list_activity(
    sandbox: str,
    type_: Type = None,
    subject: Subject = None,
    actor: ActorFilter = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> models.ActivityList:
    """List the sandbox's activity records, newest first."""
    return service.list_activity(api.caller, service.Looked(type_, subject, actor, since, until), limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/activity/verify", "activity:read")
def verify_activity(sandbox: str) -> models.Verification:
    """Verify that the activity log's chain of hashes holds."""
    return service.verify(api.caller)


@api.call("GET", "/sandboxes/<sandbox>/notifications", None)
def list_notifications(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> models.NotificationList:
    """List what the sandbox's people should see, newest first."""
    return service.list_notifications(api.caller, limit, cursor)


@api.call("POST", "/sandboxes/<sandbox>/notifications/<notification>/read", None)
def read_notification(sandbox: str, notification: str) -> models.Notification:
    """Mark a notification as read, for all people of the sandbox."""
    return service.read_notification(api.caller, notification)


@api.call("GET", "/sandboxes/<sandbox>/webhooks", "access:manage")
def list_webhooks(
    sandbox: str,
    status: StatusFilter = None,
    search: Search = None,
    order: Order = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> models.WebhookList:
    """List the sandbox's webhooks, newest first unless told otherwise."""
    return service.list_webhooks(api.caller, Wanted(search, None, order, {"status": status}), limit, cursor)


@api.call("POST", "/sandboxes/<sandbox>/webhooks", "access:manage", status=201, location="webhooks/{webhook_id}")
def create_webhook(sandbox: str, body: models.CreateWebhook) -> models.NewWebhook:
    """Have events sent to an address, signed as Standard Webhooks says. The secret is shown only now."""
    return service.create_webhook(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/webhooks/<webhook>", "access:manage")
def get_webhook(sandbox: str, webhook: str) -> models.Webhook:
    """Get a webhook. Its secret is never shown again."""
    return service.get_webhook(api.caller, webhook)


@api.call("PATCH", "/sandboxes/<sandbox>/webhooks/<webhook>", "access:manage")
def update_webhook(sandbox: str, webhook: str, body: models.PatchWebhook, if_match: IfMatch = None) -> models.Webhook:
    """Change a webhook. Members left out stay, its secret too."""
    return service.update_webhook(api.caller, webhook, body, versions_of(if_match))


@api.call("POST", "/sandboxes/<sandbox>/webhooks/<webhook>/rotate-secret", "access:manage")
def rotate_webhook_secret(sandbox: str, webhook: str) -> models.NewWebhook:
    """Give a webhook a new secret, shown only now. For a day its events are signed with the one before, too."""
    return service.rotate_webhook_secret(api.caller, webhook)


@api.call("DELETE", "/sandboxes/<sandbox>/webhooks/<webhook>", "access:manage", status=204)
def delete_webhook(sandbox: str, webhook: str, if_match: IfMatch = None) -> None:
    """Delete a webhook: nothing more is sent to it."""
    service.delete_webhook(api.caller, webhook, versions_of(if_match))


@api.call("POST", "/sandboxes/<sandbox>/webhooks/<webhook>/test", "access:manage")
def test_webhook(sandbox: str, webhook: str) -> models.Attempt:
    """Send a `webhook.test` event to the webhook now and tell what came of it."""
    return service.test_webhook(api.caller, webhook)


@api.call("GET", "/sandboxes/<sandbox>/webhooks/<webhook>/deliveries", "access:manage")
def list_webhook_attempts(sandbox: str, webhook: str, limit: Limit = 50, cursor: Cursor = None) -> models.AttemptList:
    """List the attempts to send events to the webhook, newest first. They are kept for 30 days."""
    return service.list_attempts(api.caller, webhook, limit, cursor)


handler = api.handler
