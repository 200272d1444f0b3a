"""What the caller hears of a destination's alerts (docs/api.md, Destinations)."""

from handfast.access import addresses
from handfast.delivery import alert_store
from handfast.delivery.alert_models import AlertSubscription, AlertsView, RaisedAlertView, SubscribeAlerts
from handfast.destinations import service
from handfast.destinations.models import Destination
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.platform import alert_topic, clock
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import NotFound, Refused


def get(caller: Caller, destination_id: str) -> AlertsView:
    """The caller's subscription to the alerts of a destination, and those that hold.

    Raises NotFound for an unknown destination.
    """
    service.load(caller, destination_id)
    found = alert_store.subscription(destination_id, caller.principal_id)
    raised = [
        RaisedAlertView(alert=each.alert, raised_at=each.raised_at, reason=each.reason)
        for each in alert_store.raised(destination_id)
    ]
    return AlertsView(
        alerts=list(found.alerts) if found else [],
        channels=list(found.channels) if found else [],
        raised=raised,
        version=found.revision if found else 0,
    )


def subscribe(caller: Caller, destination_id: str, body: SubscribeAlerts, if_match: Versions) -> AlertsView:
    """Have the caller hear of these alerts of a destination, and of no others.

    Raises NotFound for an unknown destination, Refused for `email` where the caller has no address or it is not taken,
    Stale when the subscription is no longer the version in If-Match, TooManyRequests when it changes too fast.
    """
    of = service.load(caller, destination_id)
    if "email" in body.channels:
        _subscribe_address(caller)

    def attempt() -> None:
        old = alert_store.subscription(destination_id, caller.principal_id)
        check_version(if_match, old.revision if old else 0, "subscription")
        new = AlertSubscription(
            sandbox_id=caller.sandbox_id,
            destination_id=destination_id,
            principal_id=caller.principal_id,
            alerts=tuple(dict.fromkeys(body.alerts)),
            channels=tuple(dict.fromkeys(body.channels)),
            changed_at=clock.now_text(),
        )
        event = _event(caller, of, list(new.alerts), list(new.channels))
        commit(alert_store.put_subscription(new, old), [event])

    until_written("subscription", attempt)
    return get(caller, destination_id)


def _subscribe_address(caller: Caller) -> None:
    address = addresses.address_of(caller.principal_id)
    if address is None:
        detail = "you sign in by no e-mail address that alerts could go to; choose other channels"
        raise Refused(detail, pointer="/channels", reason="no_address")
    try:
        alert_topic.subscribe(caller.principal_id, address)
    except alert_topic.NotSubscribedError:
        detail = (
            "your address is not taken: another principal has it, or too many have subscribed; choose other channels"
        )
        raise Refused(detail, pointer="/channels", reason="address_not_taken") from None


def unsubscribe(caller: Caller, destination_id: str, if_match: Versions) -> None:
    """Have the caller hear of no alerts of a destination any more.

    Raises NotFound for an unknown destination and where there is no subscription, Stale when it is no longer the
    version in If-Match, TooManyRequests when it changes too fast.
    """
    of = service.load(caller, destination_id)

    def attempt() -> None:
        old = alert_store.subscription(destination_id, caller.principal_id)
        if old is None:
            raise NotFound("you have not subscribed to alerts of this destination")
        check_version(if_match, old.revision, "subscription")
        commit([alert_store.remove_subscription(old)], [_event(caller, of, [], [])])

    until_written("subscription", attempt)


def _event(caller: Caller, of: Destination, alerts: list[str], channels: list[str]) -> Event:
    detail = {"name": of.name, "alerts": alerts, "channels": channels}
    return Event(caller.sandbox_id, "destination.alerts_changed", Actor.of(caller), of.destination_id, detail)
