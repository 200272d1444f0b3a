"""How destinations are doing: what came of the changes hour by hour, and what waits (docs/api.md, Destinations)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

from handfast.delivery import states, store
from handfast.delivery.views import HealthView, Receipts, SegmentWindow, Window
from handfast.destinations.store import activations, destination
from handfast.journal.models import Caller
from handfast.lake.transfers import parallel
from handfast.platform import clock
from handfast.platform.problems import NotFound

_SHOWN = timedelta(hours=24)
_BECOME = ("processing", "success", "partial_success", "failed", "unknown")
"""What may have become of a request that is asked after."""


def health(caller: Caller, destination_id: str) -> HealthView:
    """How a destination is doing, with the last day's hours.

    Raises NotFound for an unknown destination.
    """
    if destination(caller.sandbox_id, destination_id) is None:
        raise NotFound("no such destination")
    breaker = store.breaker(destination_id)
    flows = [activation.dataflow_id for activation in activations(caller.sandbox_id, destination_id)]
    return HealthView(
        status="failing" if breaker else "healthy",
        reason=breaker.reason if breaker else None,
        since=breaker.since if breaker else None,
        retry_at=breaker.retry_at if breaker else None,
        dead_letters=sum(1 for _ in store.dead_letters(destination_id)),
        waiting=sum(parallel(states.waiting, flows)),
        windows=windows(destination_id),
    )


def windows(destination_id: str) -> list[Window]:
    """The last day's hours in which something was sent, newest first."""
    since = clock.to_text(clock.now() - _SHOWN)
    by_hour: dict[str, Counter[str]] = {}
    for hour, _, numbers in store.hours(destination_id, since):
        by_hour.setdefault(hour, Counter()).update(numbers)
    return [_window(hour, numbers) for hour, numbers in sorted(by_hour.items(), reverse=True)]


def _window(hour: str, numbers: Mapping[str, int]) -> Window:
    failed = _below(numbers, "failed.")
    done = numbers.get("activated", 0) + numbers.get("exited", 0)
    received = done + sum(failed.values())
    return Window(
        start=hour,
        profiles_received=received,
        identities_activated=numbers.get("activated", 0),
        identities_exited=numbers.get("exited", 0),
        identities_failed=failed,
        activation_rate=done / received if received else None,
        calls=numbers.get("calls", 0),
        segments=[
            SegmentWindow(segment_id=segment, identities_activated=number)
            for segment, number in sorted(_below(numbers, "segment.").items())
        ],
        receipts=_receipts(_below(numbers, "receipt.")),
    )


def _receipts(numbers: Mapping[str, int]) -> Receipts | None:
    requests = {name: numbers[name] for name in _BECOME if numbers.get(name)}
    if not requests:
        return None
    return Receipts(
        requests=requests,
        records=numbers.get("records", 0),
        errors=_below(numbers, "error."),
        match_rates=_below(numbers, "match."),
    )


def _below(numbers: Mapping[str, int], prefix: str) -> dict[str, int]:
    found: Iterable[tuple[str, int]] = numbers.items()
    return {name.removeprefix(prefix): number for name, number in found if name.startswith(prefix)}
