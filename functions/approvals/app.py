"""Approvals: decisions on connect requests, received feeds and privacy requests."""

from handfast.connections import service as connections
from handfast.connections.models import Acceptance, ConnectionView, Decision
from handfast.edge.api import Api
from handfast.feeds import receiving
from handfast.feeds.models import ReceivedFeedView
from handfast.platform.settings import require
from handfast.privacy_requests import by_hand, decisions
from handfast.privacy_requests import service as privacy
from handfast.privacy_requests.bulk_wire import BulkDecision, DecidedList
from handfast.privacy_requests.wire import (
    Approval,
    Denial,
    DoneByHand,
    PrivacyRequestView,
)

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "IDEMPOTENCY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "EXPORT_QUEUE_URL",
    "PRIVACY_QUEUE_URL",
    "API_SECRET_ARN",
    "RECEIPTS_SECRET_ARN",
)

api = Api()


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/accept", "connections:approve")
def accept_connection(sandbox: str, connection: str, body: Acceptance | None = None) -> ConnectionView:
    """Accept a partner's connect request. The connection becomes active."""
    return connections.accept(api.caller, connection, body or Acceptance())


@api.call("POST", "/sandboxes/<sandbox>/connections/<connection>/reject", "connections:approve")
def reject_connection(sandbox: str, connection: str, body: Decision | None = None) -> ConnectionView:
    """Reject a partner's connect request."""
    return connections.decide(api.caller, connection, "reject", body.note if body else None)


@api.call("POST", "/sandboxes/<sandbox>/received-feeds/<received_feed>/enable", "feeds:approve")
def enable_received_feed(sandbox: str, received_feed: str) -> ReceivedFeedView:
    """Enable a received feed: its current version is accepted, and members are received."""
    return receiving.enable(api.caller, received_feed)


@api.call("POST", "/sandboxes/<sandbox>/received-feeds/<received_feed>/disable", "feeds:approve")
def disable_received_feed(sandbox: str, received_feed: str) -> ReceivedFeedView:
    """Disable a received feed: no new members are received, and what leaves still leaves."""
    return receiving.disable(api.caller, received_feed)


@api.call("POST", "/sandboxes/<sandbox>/received-feeds/<received_feed>/decline", "feeds:approve")
def decline_received_feed(sandbox: str, received_feed: str) -> ReceivedFeedView:
    """Decline a feed that a partner offers."""
    return receiving.decline(api.caller, received_feed)


@api.call("POST", "/sandboxes/<sandbox>/privacy-requests/decisions", "privacy:approve")
def decide_privacy_requests(sandbox: str, body: BulkDecision) -> DecidedList:
    """Approve, deny, retry or assign many privacy requests, each on its own: one that is refused holds up no other."""
    return decisions.decide(api.caller, body)


@api.call("POST", "/sandboxes/<sandbox>/privacy-requests/<privacy_request>/approve", "privacy:approve")
def approve_privacy_request(sandbox: str, privacy_request: str, body: Approval | None = None) -> PrivacyRequestView:
    """Approve a verified privacy request, so that it is carried out; of a partner's erasure, how far it reaches."""
    return privacy.approve(api.caller, privacy_request, body or Approval())


@api.call("POST", "/sandboxes/<sandbox>/privacy-requests/<privacy_request>/deny", "privacy:approve")
def deny_privacy_request(sandbox: str, privacy_request: str, body: Denial) -> PrivacyRequestView:
    """Deny a privacy request, with a ground and a reason that the person can be told."""
    return privacy.deny(api.caller, privacy_request, body.reason, body.ground)


@api.call("POST", "/sandboxes/<sandbox>/privacy-requests/<privacy_request>/complete", "privacy:approve")
def complete_privacy_request(sandbox: str, privacy_request: str, body: DoneByHand) -> PrivacyRequestView:
    """Say that what a privacy request needs was done by hand, here or at a system outside."""
    return by_hand.complete(api.caller, privacy_request, body)


handler = api.handler
