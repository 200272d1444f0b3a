"""Alerts of destinations: raised once when they begin, cleared once when they are over (docs/destinations.md).

What holds is looked at, not what happens: the sweep looks at each destination that somebody has subscribed to, and
delivery raises at once what it meets. An alert is over when it has not held for a quarter of an hour, so that what
comes and goes is told once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from handfast.delivery import alert_store
from handfast.delivery.alert_conditions import CONDITIONS, Condition
from handfast.delivery.alert_models import AlertKind, AlertSubscription, RaisedAlert, Watch
from handfast.destinations import store as destinations
from handfast.destinations.models import Destination
from handfast.journal.models import Actor, Event
from handfast.journal.store import commit
from handfast.platform import clock, table
from handfast.platform.problems import TooManyRequests
from handfast.platform.queues import is_enough
from handfast.platform.table import ConditionFailed

QUIET_FOR = timedelta(minutes=15)
"""How long an alert has not held before it is over."""
MET_BY_DELIVERY: tuple[AlertKind, ...] = ("activation_failing", "dead_letters")

type RefusedFile = Callable[[str, Collection[str]], str | None]
"""The upload of some segments of a sandbox, by their ids, that the guard against removals refused; None without any."""


def look_at_all(refused_file: RefusedFile) -> None:
    """Raise and clear the alerts of the destinations that somebody has subscribed to; the sweep calls it.

    It goes on for a minute, beginning anywhere among them.
    """
    began, watched = clock.now(), alert_store.watched()
    first = int(began.timestamp()) % max(1, len(watched))

    def removal_guard(of: Destination) -> str | None:
        activated = {
            each.segment_id
            for activation in destinations.activations(of.sandbox_id, of.destination_id)
            for each in activation.current
        }
        return refused_file(of.sandbox_id, activated) if activated else None

    for watch in (*watched[first:], *watched[:first]):
        if is_enough(began):
            return
        _look_at(watch, {**CONDITIONS, "removal_guard": removal_guard})


def _look_at(watch: Watch, conditions: Mapping[AlertKind, Condition]) -> None:
    of = destinations.destination(watch.sandbox_id, watch.destination_id)
    subscriptions = alert_store.subscriptions(watch.destination_id) if of else []
    raised = {each.alert: each for each in alert_store.raised(watch.destination_id)}
    if of is None or not (subscriptions or raised):
        with suppress(ConditionFailed):  # somebody has subscribed since
            table.apply(alert_store.unwatch(watch))
        return
    wanted = _wanted(subscriptions)
    for alert in sorted(wanted | raised.keys()):
        reason = conditions[alert](of) if alert in wanted else None
        with suppress(ConditionFailed, TooManyRequests):  # seen by another at the same time, or left to the next look
            if reason is not None:
                _holds(of, alert, reason, raised.get(alert), subscriptions)
            elif alert in raised:
                _is_quiet(of, raised[alert], subscriptions)


def _wanted(subscriptions: Iterable[AlertSubscription]) -> set[AlertKind]:
    return {alert for each in subscriptions for alert in each.alerts}


def raise_met(sandbox_id: str, destination_id: str) -> None:
    """Raise at once what delivery has met, where somebody has subscribed to it."""
    subscriptions = alert_store.subscriptions(destination_id)
    wanted = _wanted(subscriptions).intersection(MET_BY_DELIVERY)
    of = destinations.destination(sandbox_id, destination_id) if wanted else None
    if of is None:
        return
    raised = {each.alert: each for each in alert_store.raised(destination_id)}
    for alert in sorted(wanted):
        reason = CONDITIONS[alert](of)
        if reason is not None:
            with suppress(ConditionFailed, TooManyRequests):
                _holds(of, alert, reason, raised.get(alert), subscriptions)


def _holds(
    of: Destination,
    alert: AlertKind,
    reason: str,
    raised: RaisedAlert | None,
    subscriptions: Iterable[AlertSubscription],
) -> None:
    if raised is None:
        new = RaisedAlert(of.destination_id, alert, clock.now_text(), reason)
        commit([alert_store.raise_alert(new)], [_event(of, "alert.raised", new, subscriptions)])
    elif raised.quiet_since is not None:
        table.apply(alert_store.keep(replace(raised, quiet_since=None)))


def _is_quiet(of: Destination, raised: RaisedAlert, subscriptions: Iterable[AlertSubscription]) -> None:
    now = clock.now()
    if raised.quiet_since is None:
        table.apply(alert_store.keep(replace(raised, quiet_since=clock.to_text(now))))
    elif now - clock.from_text(raised.quiet_since) >= QUIET_FOR:
        commit([alert_store.clear(raised)], [_event(of, "alert.cleared", raised, subscriptions)])


def _event(of: Destination, event_type: str, alert: RaisedAlert, subscriptions: Iterable[AlertSubscription]) -> Event:
    channels = {channel for each in subscriptions if alert.alert in each.alerts for channel in each.channels}
    detail = {
        "name": of.name,
        "alert": alert.alert,
        "reason": alert.reason,
        "raisedAt": alert.raised_at,
        "channels": sorted(channels),
    }
    return Event(of.sandbox_id, event_type, Actor.system(), of.destination_id, detail)
