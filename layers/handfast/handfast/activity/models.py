"""Activity records, chained by hashes, and what follows from them: notifications and webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, HttpUrl

from handfast.platform.wire import Request, View

if TYPE_CHECKING:
    from handfast.access.models import Caller

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
class Actor:
    """Who did it: a principal of one's own side, the partner's organisation (never its people), or Handfast."""

    kind: Literal["principal", "partner", "system", "operator"]
    actor_id: str | None = None
    name: str | None = None

    @classmethod
    def of(cls, caller: "Caller") -> "Actor":
        """The caller, in its own side's log."""
        return cls("principal", caller.principal_id, caller.name)

    @classmethod
    def partner(cls, organization_name: str) -> "Actor":
        """The other side, in the partner's log."""
        return cls("partner", None, organization_name)

    @classmethod
    def system(cls) -> "Actor":
        """Handfast itself: schedules and workers."""
        return cls("system", None, "Handfast")

    @classmethod
    def operator(cls) -> "Actor":
        """Who runs the deployment."""
        return cls("operator", None, "Operator")


@dataclass(frozen=True)
class Event:
    """One thing that happened in one sandbox: `type` as docs/api.md lists them, `subject` the id concerned."""

    sandbox_id: str
    type: str
    actor: Actor
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


class ActorView(View):
    """Who did it."""

    kind: Literal["principal", "partner", "system", "operator"]
    id: str | None
    name: str | None


class ActivityRecord(View):
    """A record of the sandbox's log."""

    sequence: int
    type: str
    at: str
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
    at: str
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


class Webhook(View):
    """An address that events are sent to. A disabled one gets none: it answered 410, or failed for days."""

    webhook_id: str
    url: str
    types: list[str]
    status: Literal["enabled", "disabled"]
    disabled_reason: Literal["gone", "failing"] | None
    created_at: str


class NewWebhook(Webhook):
    """A webhook just created. `secret` (Standard Webhooks, `whsec_…`) is shown only now."""

    secret: str


class WebhookList(View):
    """The webhooks of a sandbox."""

    items: list[Webhook]
    next_cursor: str | None


class Delivery(View):
    """One attempt to send an event: the answer's status code, or why none came (`error`).

    `eventId` is the `webhook-id` header, `sequence` the activity record (null for a test).
    """

    at: str
    event_id: str
    type: str
    sequence: int | None
    attempt: int
    status_code: int | None
    error: str | None
    next_attempt_at: str | None


class DeliveryList(View):
    """A page of the delivery log, newest first; kept 30 days."""

    items: list[Delivery]
    next_cursor: str | None
