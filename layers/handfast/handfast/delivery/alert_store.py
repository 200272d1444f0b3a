"""What is kept of alerts, in the destinations table.

pk              sk                       item
DST#{dst}       SUBSCRIBER#{principal}   the alerts that somebody wants to hear of
DST#{dst}       ALERT#{alert}            an alert that holds
WATCHED         {dst}                    a destination of which somebody wants to hear
"""

from collections.abc import Iterator

from boto3.dynamodb.conditions import Attr

from handfast.access import rules as access
from handfast.access import store as grants
from handfast.delivery.alert_models import AlertKind, AlertSubscription, RaisedAlert, Watch
from handfast.delivery.store import destination_key
from handfast.destinations.waking import DESTINATIONS
from handfast.platform.items import ItemKind, at_revision, revise
from handfast.platform.table import UNCONDITIONAL, Delete, Put

PERMISSION = "destinations:read"
_SUBSCRIPTION = ItemKind("alert_subscription", AlertSubscription, DESTINATIONS)
_RAISED = ItemKind("raised_alert", RaisedAlert, DESTINATIONS)
_WATCH = ItemKind("alert_watch", Watch, DESTINATIONS)
_WATCHED = "WATCHED"


def _subscriber(principal_id: str) -> str:
    return f"SUBSCRIBER#{principal_id}"


def subscription(destination_id: str, principal_id: str) -> AlertSubscription | None:
    """What a principal has subscribed to of a destination."""
    return _SUBSCRIPTION.get(destination_key(destination_id), _subscriber(principal_id))


def subscriptions(destination_id: str) -> list[AlertSubscription]:
    """All subscriptions to alerts of a destination, of those who may still read it."""
    return [each for each in _SUBSCRIPTION.query(destination_key(destination_id), _subscriber("")) if _may_read(each)]


def _may_read(of: AlertSubscription) -> bool:
    grant = grants.grant(of.principal_id, of.sandbox_id)
    return grant is not None and PERMISSION in access.effective(grant.role, grant.permissions)


def put_subscription(new: AlertSubscription, over: AlertSubscription | None) -> list[Put]:
    """The writes of a subscription over the revision read, or as a new one, and of the look at its destination."""
    watch = Watch(new.sandbox_id, new.destination_id, new.changed_at)
    return [
        revise(_SUBSCRIPTION, new, over, destination_key(new.destination_id), _subscriber(new.principal_id)),
        _WATCH.put(watch, _WATCHED, new.destination_id, UNCONDITIONAL),
    ]


def remove_subscription(old: AlertSubscription) -> Delete:
    """The write that ends a subscription at the revision read."""
    return Delete(DESTINATIONS, destination_key(old.destination_id), _subscriber(old.principal_id), at_revision(old))


def watched() -> list[Watch]:
    """The destinations of which somebody wants to hear."""
    return list(_WATCH.query(_WATCHED))


def unwatch(old: Watch) -> Delete:
    """The write after which a destination is looked at no more; refused when somebody has subscribed since."""
    return Delete(DESTINATIONS, _WATCHED, old.destination_id, Attr("subscribedAt").eq(old.subscribed_at))


def raised(destination_id: str) -> Iterator[RaisedAlert]:
    """The alerts of a destination that hold."""
    return _RAISED.query(destination_key(destination_id), "ALERT#")


def raise_alert(new: RaisedAlert) -> Put:
    """The write of an alert that begins; refused when it holds already."""
    return _RAISED.put(new, destination_key(new.destination_id), _alert(new.alert))


def keep(new: RaisedAlert) -> Put:
    """The write of an alert that holds still, or seems to be over; refused when it is over or another has begun."""
    condition = Attr("raisedAt").eq(new.raised_at)
    return _RAISED.put(new, destination_key(new.destination_id), _alert(new.alert), condition)


def clear(old: RaisedAlert) -> Delete:
    """The write that ends an alert; refused when it has been seen to hold since."""
    condition = Attr("quietSince").eq(old.quiet_since) & Attr("raisedAt").eq(old.raised_at)
    return Delete(DESTINATIONS, destination_key(old.destination_id), _alert(old.alert), condition)


def _alert(alert: AlertKind) -> str:
    return f"ALERT#{alert}"
