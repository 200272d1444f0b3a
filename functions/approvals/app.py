"""Approvals: decisions on connect requests, received feeds and privacy requests."""

from handfast.connections import service as connections
from handfast.connections.models import ConnectionView, Decision
from handfast.edge.api import Api
from handfast.feeds import receiving
from handfast.feeds.models import ReceivedFeedView
from handfast.platform.settings import require
from handfast.privacy_requests import service as privacy
from handfast.privacy_requests.models import PrivacyRequestView, Reason

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "FEEDS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "IDEMPOTENCY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "EXPORT_QUEUE_URL",
    "PRIVACY_QUEUE_URL",
    "DEPLOYMENT_SECRET_ARN",
)

api = Api()


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/accept", "connections:approve")
def accept(sandbox: str, connection: str, body: Decision | None = None) -> ConnectionView:
    """Accept a connect request."""
    return connections.decide(api.caller, connection, "accept", body.note if body else None)


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/reject", "connections:approve")
def reject(sandbox: str, connection: str, body: Decision | None = None) -> ConnectionView:
    """Reject a connect request."""
    return connections.decide(api.caller, connection, "reject", body.note if body else None)


@api.call("POST", "/sandboxes/<sandbox>/received-feeds/<received_feed>/enable", "feeds:approve")
def enable(sandbox: str, received_feed: str) -> ReceivedFeedView:
    """Accept the feed's current version."""
    return receiving.enable(api.caller, received_feed)


@api.call("POST", "/sandboxes/<sandbox>/received-feeds/<received_feed>/disable", "feeds:approve")
def disable(sandbox: str, received_feed: str) -> ReceivedFeedView:
    """Receive nothing new; what leaves still leaves."""
    return receiving.disable(api.caller, received_feed)


@api.call("POST", "/sandboxes/<sandbox>/received-feeds/<received_feed>/decline", "feeds:approve")
def decline(sandbox: str, received_feed: str) -> ReceivedFeedView:
    """Turn the offer down."""
    return receiving.decline(api.caller, received_feed)


@api.call("POST", "/sandboxes/<sandbox>/privacy-requests/<privacy_request>/approve", "privacy:approve")
def approve(sandbox: str, privacy_request: str) -> PrivacyRequestView:
    """Have a verified privacy request carried out."""
    return privacy.approve(api.caller, privacy_request)


@api.call("POST", "/sandboxes/<sandbox>/privacy-requests/<privacy_request>/deny", "privacy:approve")
def deny(sandbox: str, privacy_request: str, body: Reason) -> PrivacyRequestView:
    """Turn a privacy request down, with a reason that the person can be told."""
    return privacy.deny(api.caller, privacy_request, body.reason)


handler = api.handler
