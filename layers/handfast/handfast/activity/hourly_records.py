"""The records of what was counted by the hour (docs/api.md, Activity)."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from handfast.journal import hourly
from handfast.journal.hourly import HourlyCount
from handfast.journal.models import Event
from handfast.platform.problems import TooManyRequests
from handfast.platform.table import ConditionFailed


def record_ended() -> None:
    """Record what was counted in the hours that have ended.

    What is counted on at this moment, or belongs into a log that is too busy, waits for the next time.
    """
    for counted, taken in hourly.ended():
        with suppress(ConditionFailed, TooManyRequests):
            hourly.record(taken, list(_records(counted)))


def _records(counted: HourlyCount) -> Iterable[Event]:
    for event in counted.events:
        # How many a partner read is how many it knows of those that it was given.
        hidden = event.actor.kind == "partner" and counted.identities is not None
        yield replace(event, detail={**event.detail, "hour": counted.hour, **({} if hidden else _amounts(counted))})


def _amounts(counted: HourlyCount) -> dict[str, Any]:
    amounts: dict[str, Any] = {"calls": counted.calls}
    if counted.identities is not None:
        amounts["identities"] = counted.identities
    if counted.operations:
        amounts["operations"] = sorted(counted.operations)
    return amounts
