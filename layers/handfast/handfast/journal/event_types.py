"""The types of events that a log can hold (docs/api.md, Activity), each with what happened."""

from collections.abc import Mapping
from types import MappingProxyType

EVENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "connect_id.created": "A connect ID was made",
        "connect_id.regenerated": "The connect ID was replaced",
        "connection.requested": "A connection was asked for",
        "connection.accepted": "A connect request was accepted",
        "connection.rejected": "A connect request was rejected",
        "connection.withdrawn": "A connect request was withdrawn",
        "connection.expired": "A connect request expired",
        "connection.disconnected": "A connection was ended",
        "call.refused": "Calls were refused, counted by the hour",
        "segment.created": "A segment was created",
        "segment.updated": "A segment was changed",
        "segment.deleted": "A segment was deleted",
        "upload.completed": "An upload completed",
        "upload.failed": "An upload failed",
        "upload.rejects_read": "Links to an upload's rejected rows were taken, counted by the hour",
        "membership.changed": "Streamed memberships were taken, counted by the hour",
        "consent.changed": "Streamed consent answers were taken, counted by the hour",
        "members.read": "Members were read page by page, counted by the hour",
        "members.exported": "Members were exported; by a partner, counted by the hour",
        "feed.created": "A feed was drafted",
        "feed.updated": "A feed's draft was changed",
        "feed.deleted": "A feed was deleted",
        "feed.published": "A feed was published to a partner for the first time",
        "feed.changed": "A later version of a feed was published",
        "feed.estimated": "The overlap of a feed was estimated, counted by the hour",
        "feed.unshared": "A feed is no longer shared with a partner",
        "received_feed.enabled": "A received feed was enabled",
        "received_feed.disabled": "A received feed was disabled",
        "received_feed.declined": "A received feed was declined",
        "dataflow.completed": "A run of a dataflow completed",
        "dataflow.failed": "A run of a dataflow failed",
        "dataflow.paused": "A dataflow was paused",
        "dataflow.resumed": "A dataflow was resumed",
        "dataflow.population_read": "The population of a dataflow was read, counted by the hour",
        "person.explained": "What is known of a person was explained to a caller",
        "policy.violated": "A policy stopped a feed",
        "privacy_request.received": "A privacy request was received",
        "privacy_request.previewed": "What a privacy request would do was asked, which tells whether a person is known",
        "privacy_request.verified": "A privacy request was verified",
        "privacy_request.expired": "A privacy request was not verified in time",
        "privacy_request.assigned": "Somebody, or nobody, sees to a privacy request",
        "privacy_request.approved": "A privacy request was approved",
        "privacy_request.referred": "A privacy request reaches further than was approved, and is to be approved anew",
        "privacy_request.denied": "A privacy request was denied",
        "privacy_request.cancelled": "A privacy request was taken back",
        "privacy_request.extended": "A privacy request's deadline was extended",
        "privacy_request.retried": "A privacy request goes on after a failure",
        "privacy_request.started": "The work on a privacy request began",
        "privacy_request.manual_task_begun": "A privacy request waits for what somebody does by hand",
        "privacy_request.done_by_hand": "Somebody did by hand what a privacy request needs",
        "privacy_request.completed": "A privacy request completed",
        "privacy_request.failed": "A stage of a privacy request failed",
        "privacy_request.recipient_answered": "A partner answered a privacy request",
        "privacy_request.connector_answered": "A system outside completed a privacy request",
        "privacy_request.review_begun": "The package of a privacy request waits for a review",
        "privacy_request.package_released": "The package of a privacy request was looked at and released",
        "privacy_request.package_taken": "A link to a person's data was taken",
        "privacy_request.package_deleted": "A person's data that were ready to be taken were deleted",
        "privacy_request.due_soon": "A privacy request is due soon",
        "privacy_request.overdue": "A privacy request is overdue",
        "privacy_request.message_failed": "A message to the person of a privacy request could not be sent",
        "privacy_request.callback_failed": "Nobody takes word of a privacy request",
        "drop_list.received": "A list of DROP was received",
        "drop_list.completed": "Every line of a DROP list can be answered",
        "drop_list.failed": "A DROP list cannot be read",
        "drop_list.due_soon": "DROP's next lists are due soon",
        "drop_list.overdue": "DROP's next lists are overdue",
        "suppression.checked": "Whether people are suppressed was asked",
        "privacy_agent.added": "An authorized agent was registered",
        "privacy_agent.removed": "An authorized agent was removed",
        "connector.added": "A connector was set up",
        "connector.changed": "A connector was changed",
        "connector.removed": "A connector was removed",
        "webhook.created": "A webhook was created",
        "webhook.changed": "A webhook was changed",
        "webhook.secret_rotated": "A webhook got a new secret",
        "webhook.deleted": "A webhook was deleted",
        "webhook.disabled": "A webhook that failed, or whose receiver wants no more, was disabled",
        "grant.put": "A principal was given a grant",
        "grant.deleted": "A principal's grant was taken away",
        "sandbox.changed": "The operator changed the sandbox's settings",
        "sandbox.deleted": "The operator deleted the sandbox",
    }
)


def matches(pattern: str, event_type: str) -> bool:
    """Whether an event type is the pattern, of its family (`feed.*`), or the pattern is `*`."""
    family = pattern.endswith(".*") and event_type.startswith(pattern[:-1])
    return family or pattern in {"*", event_type}


def is_known(pattern: str) -> bool:
    """Whether any type of event can match the pattern."""
    return any(matches(pattern, event_type) for event_type in EVENT_TYPES)
