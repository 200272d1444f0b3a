"""Alerts of destinations: what is kept, and what goes over the wire (docs/destinations.md, Alerts)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from handfast.platform.wire import Request, Resource, TableItem, Timestamp, View

type AlertKind = Literal[
    "run_failed",
    "run_delayed",
    "skipped_rate",
    "activation_failing",
    "dead_letters",
    "credentials_expiring",
    "removal_guard",
]
type Channel = Literal["in_app", "webhook", "email"]


@dataclass(frozen=True)
class AlertSubscription(TableItem):
    """The alerts of a destination that a principal wants to hear of, and through which channels."""

    sandbox_id: str
    destination_id: str
    principal_id: str
    alerts: tuple[AlertKind, ...]
    channels: tuple[Channel, ...]
    changed_at: str
    revision: int = 1


@dataclass(frozen=True)
class RaisedAlert(TableItem):
    """An alert of a destination that holds since `raised_at`, and did not at any look since `quiet_since`."""

    destination_id: str
    alert: AlertKind
    raised_at: str
    reason: str
    quiet_since: str | None = None


@dataclass(frozen=True)
class Watch(TableItem):
    """A destination that is looked at because somebody has subscribed to alerts of it, last at `subscribed_at`."""

    sandbox_id: str
    destination_id: str
    subscribed_at: str


class SubscribeAlerts(Request):
    """The alerts that the caller wants to hear of, and through which channels.

    `in_app` are the sandbox's notifications, `webhook` its webhooks, `email` goes to the address by which the caller
    signs in, once it has followed the link that is sent to it.
    """

    alerts: Annotated[list[AlertKind], Field(min_length=1, max_length=7)]
    channels: Annotated[list[Channel], Field(min_length=1, max_length=3)]


class RaisedAlertView(View):
    """An alert that holds. `reason` is a code of why, such as a status code."""

    alert: AlertKind
    raised_at: Timestamp
    reason: str


class AlertsView(Resource):
    """What the caller has subscribed to of a destination, none where that is nothing.

    `raised` are the alerts that hold, of those that anybody has subscribed to.
    """

    alerts: list[AlertKind]
    channels: list[Channel]
    raised: list[RaisedAlertView]
