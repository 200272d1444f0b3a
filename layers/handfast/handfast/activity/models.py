"""Activity records, chained by hashes, and what follows from them: notifications and webhooks."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, HttpUrl, field_validator

from handfast.platform.wire import Link, Request, Resource, TableItem, Timestamp, View, not_null

EventPattern = Annotated[
    str,
    Field(
        max_length=100,
        pattern=r"^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$",
        description="An event type, a family such as `connection.*`, or `*` for all",
        examples=["connection.requested"],
    ),
]


@dataclass(frozen=True)
class NotificationItem(TableItem):
    """A notification as the table holds it, the same for all people of the sandbox."""

    notification_id: str
    type: str
    title: str
    at: str
    subject: str
    read: bool = False


@dataclass(frozen=True)
class WebhookItem(TableItem):
    """A webhook as the table holds it. `failing_since` is when the first of the attempts failed that all have since.

    `secret_number` counts its secrets from 1.
    """

    webhook_id: str
    url: str
    types: tuple[str, ...]
    status: Literal["enabled", "disabled"]
    disabled_reason: Literal["gone", "failing"] | None
    created_at: str
    failing_since: str | None = None
    secret_number: int = 1
    secret_rotated_at: str | None = None
    revision: int = 1


@dataclass(frozen=True)
class AttemptItem(TableItem):
    """An attempt to send an event, as the table keeps it for 30 days."""

    at: str
    event_id: str
    type: str
    sequence: int | None
    attempt: int
    status_code: int | None
    error: str | None
    next_attempt_at: str | None


class ActorView(View):
    """Who did it."""

    kind: Literal["principal", "partner", "system", "operator"]
    id: str | None
    name: str | None


class ActivityRecord(View):
    """A record of the sandbox's log."""

    sequence: int
    type: str
    at: Timestamp
    actor: ActorView
    subject: str
    detail: dict[str, Any]
    previous_hash: str
    hash: str


class ActivityList(View):
    """A page of the log, newest first."""

    items: list[ActivityRecord]
    next_cursor: str | None


class Verification(View):
    """Whether the chain holds; `head` is the newest hash, `brokenAt` the first sequence that does not fit."""

    verified: bool
    records: int
    head: str | None
    broken_at: int | None = None


class Notification(View):
    """What the people of a sandbox should see; the same for all of them. `subject` is the id concerned."""

    notification_id: str
    type: str
    title: str
    at: Timestamp
    read: bool
    subject: str


class NotificationList(View):
    """A page of notifications, newest first; `unread` counts all unread ones of the sandbox."""

    items: list[Notification]
    unread: int
    next_cursor: str | None


class CreateWebhook(Request):
    """Where to send which events."""

    url: HttpUrl
    types: list[EventPattern] = Field(default=["*"], min_length=1, max_length=50)


class PatchWebhook(Request):
    """What to change of a webhook; members left out stay. `status` enables one that was disabled, or disables it."""

    url: HttpUrl | None = None
    types: list[EventPattern] | None = Field(default=None, min_length=1, max_length=50)
    status: Literal["enabled", "disabled"] | None = None

    _not_null = field_validator("*", mode="before")(not_null)


class Webhook(Resource):
    """An address that events are sent to. A disabled one gets none: it answered 410, failed for days, or was told to.

    Until `previousSecretUntil` its events are signed with the secret before the last rotation, too.
    """

    webhook_id: str
    url: Link
    types: list[str]
    status: Literal["enabled", "disabled"]
    disabled_reason: Literal["gone", "failing"] | None
    created_at: Timestamp
    previous_secret_until: Timestamp | None


class NewWebhook(Webhook):
    """A webhook with a new secret. `secret` (Standard Webhooks, `whsec_…`) is shown only now."""

    secret: str


class WebhookList(View):
    """The webhooks of a sandbox."""

    items: list[Webhook]
    next_cursor: str | None


class Attempt(View):
    """One attempt to send an event: the answer's status code, or why none came (`error`).

    `eventId` is the `webhook-id` header, `sequence` the activity record (null for a test).
    """

    at: Timestamp
    event_id: str
    type: str
    sequence: int | None
    attempt: int
    status_code: int | None
    error: str | None
    next_attempt_at: Timestamp | None


class AttemptList(View):
    """A page of the delivery log, newest first; kept 30 days."""

    items: list[Attempt]
    next_cursor: str | None
