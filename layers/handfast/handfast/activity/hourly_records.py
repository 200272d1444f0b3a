"""The records of what was counted by the hour (docs/api.md, Activity)."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from handfast.access import store as access
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
        coarse = event.actor.kind == "partner" and counted.identities is not None
        amounts = coarse_amounts(counted.identities or 0, _threshold(counted)) if coarse else _amounts(counted)
        yield replace(event, detail={**event.detail, "hour": counted.hour, **amounts})


def _amounts(counted: HourlyCount) -> dict[str, Any]:
    amounts: dict[str, Any] = {"calls": counted.calls}
    if counted.identities is not None:
        amounts["identities"] = counted.identities
    if counted.operations:
        amounts["operations"] = sorted(counted.operations)
    return amounts


def coarse_amounts(identities: int, threshold: int) -> dict[str, Any]:
    """How many identities a partner read, as coarsely as the overlap threshold of the pair wants it.

    The number of calls would tell how many there are to read.
    """
    if identities < threshold:
        return {"belowThreshold": True}
    return {"identitiesAtLeast": identities // max(threshold, 1) * max(threshold, 1)}


def _threshold(counted: HourlyCount) -> int:
    """The larger of both sides' overlap thresholds, as estimates use it."""
    sides = (access.sandbox(event.sandbox_id) for event in counted.events)
    return max((side.overlap_threshold for side in sides if side), default=0)
