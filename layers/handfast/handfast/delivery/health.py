"""How destinations are doing: what came of the changes hour by hour, and what waits (docs/api.md, Destinations)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Excluded, SegmentName
from handfast.delivery import states, store
from handfast.delivery.models import Hour
from handfast.delivery.views import DeliveryRun, DeliveryRunList, HealthView, Receipts, SegmentWindow, Window
from handfast.destinations import naming, target
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
    breaker = store.failing(destination_id)
    flows = [activation.dataflow_id for activation in activations(caller.sandbox_id, destination_id)]
    windows = _windows(destination_id, flows)
    return HealthView(
        status="failing" if breaker else "healthy",
        reason=breaker.reason if breaker else None,
        since=breaker.since if breaker else None,
        retry_at=breaker.retry_at if breaker else None,
        dead_letters=sum(1 for _ in store.dead_letters(destination_id)),
        waiting=sum(parallel(states.waiting, flows)),
        windows=windows,
        segments=_segments(caller, destination_id, windows),
    )


def delivery_runs(caller: Caller, dataflow_id: str, limit: int, cursor: str | None) -> DeliveryRunList:
    """A page of the hours in which something of a dataflow to a destination was sent or reconciled, newest first.

    Raises NotFound for an unknown dataflow and one to a partner, Malformed for a cursor of another list.
    """
    flow = dataflows.dataflow_of(caller.sandbox_id, dataflow_id)
    if flow is None or flow.target.kind != target.KIND:
        raise NotFound("no such dataflow to a destination")
    found, more = store.hours_page(flow.target.about["destinationId"], dataflow_id, limit, cursor)
    items = list(map(_run, found))
    return DeliveryRunList(
        items=items, segments=_segments(caller, flow.target.about["destinationId"], items), next_cursor=more
    )


def _segments(caller: Caller, destination_id: str, windows: Sequence[Window]) -> list[SegmentName]:
    told = (each.segment_id for window in windows for each in window.segments)
    return naming.of_destination(caller.sandbox_id, destination_id, told)


def _run(hour: Hour) -> DeliveryRun:
    is_over = clock.from_text(hour.start) + timedelta(hours=1) <= clock.now()
    return DeliveryRun(**_facts(hour), status="completed" if is_over else "processing")


def _windows(destination_id: str, flows: Sequence[str]) -> list[Window]:
    """The last day's hours in which something was sent or reconciled, newest first."""
    since = clock.to_text(clock.now() - _SHOWN)
    by_hour: dict[str, Counter[str]] = {}
    for found in parallel(lambda flow: store.hours(destination_id, flow, since), flows):
        for hour in found:
            by_hour.setdefault(hour.start, Counter()).update(hour.numbers)
    return [Window(**_facts(Hour(start, numbers))) for start, numbers in sorted(by_hour.items(), reverse=True)]


def _facts(hour: Hour) -> dict[str, Any]:
    activated, exited = _below(hour.numbers, "activated"), _below(hour.numbers, "exited")
    failed, failed_of = _below(hour.numbers, "failed"), _below(hour.numbers, "failed_of")
    excluded = Counter[str]()
    for name, number in _below(hour.numbers, "excluded").items():
        excluded[name.partition(".")[2]] += number
    members, standing = _below(hour.numbers, "members").total(), _standing(hour.numbers)
    is_known = sum(map(Counter.total, standing.values())) == members
    done = activated.total() + exited.total()
    received = done + failed.total()
    return {
        "start": hour.start,
        "profiles_received": received,
        "identities_activated": activated.total(),
        "identities_exited": exited.total(),
        "identities_excluded": Excluded(by_reason=excluded),
        "identities_failed": failed,
        "activation_rate": done / received if received else None,
        "members": members,
        "calls": hour.numbers.get("calls", 0),
        "segments": [
            SegmentWindow(
                segment_id=segment,
                identities_activated=activated[segment],
                identities_exited=exited[segment],
                identities_excluded=Excluded(by_reason=_excluded(standing[segment])) if is_known else None,
                identities_failed=failed_of[segment],
                members=standing[segment].total() if is_known else None,
            )
            for segment in sorted({*activated, *exited, *failed_of, *standing})
        ],
        "receipts": _receipts(_below(hour.numbers, "receipt")),
    }


def _standing(numbers: Mapping[str, int]) -> dict[str, Counter[str]]:
    """The members by segment, and then by the reason that excludes them or `shared`."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, number in _below(numbers, "standing").items():
        segment, _, reason = name.partition(".")
        found[segment][reason] += number
    return found


def _excluded(members: Mapping[str, int]) -> dict[str, int]:
    return {reason: number for reason, number in members.items() if reason != "shared"}


def _receipts(numbers: Mapping[str, int]) -> Receipts | None:
    requests = {name: numbers[name] for name in _BECOME if numbers.get(name)}
    if not requests:
        return None
    return Receipts(
        requests=requests,
        records=numbers.get("records", 0),
        errors=_below(numbers, "error"),
        match_rates=_below(numbers, "match"),
    )


def _below(numbers: Mapping[str, int], prefix: str) -> Counter[str]:
    start = f"{prefix}."
    return Counter({name.removeprefix(start): number for name, number in numbers.items() if name.startswith(start)})
