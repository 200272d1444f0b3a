"""Versions of what a partner was given by a dataflow: each run that changed something ends in the next one.

A version names the rows of the ledger that are of it exactly: the times that they got, and the buckets they lie in. So
a follower is told each change once, however runs overlap and whenever their objects come to be seen.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from handfast.dataflows import runs, store
from handfast.dataflows.models import Dataflow, Run
from handfast.dataflows.store import DATAFLOWS
from handfast.lake.buckets import SPAN_BUCKETS, span_name, span_number
from handfast.matching.models import BucketState
from handfast.platform import clock, table
from handfast.platform.items import ItemKind, revise
from handfast.platform.table import UNCONDITIONAL, Write
from handfast.platform.wire import TableItem

KEPT_FOR = timedelta(days=7)
"""How long the changes of a version can be asked for."""
_EXPIRES_AFTER = KEPT_FOR + timedelta(days=1)
"""When the item of a version may go; DynamoDB takes a day or two about it."""
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class LedgerVersion(TableItem):
    """A version, the time from which on it stood, and the run that made it.

    `changed` are its changes, as `Run.changed` has them, `previous_at` is when the version before began. Version 0 is
    nobody; what was given before versions were counted is version 1, of no run.
    """

    dataflow_id: str
    version: int
    at: str
    run_id: str | None = None
    previous_at: str | None = None
    changed: tuple[str, ...] = ()
    revision: int = 1


VERSION = ItemKind("ledger_version", LedgerVersion, DATAFLOWS)
_CURRENT = "VERSION"


def _key(version: int) -> str:
    return f"{_CURRENT}#{version:012d}"


def current(flow: Dataflow) -> LedgerVersion:
    """The version that a dataflow stands at."""
    return _stored(flow.dataflow_id) or _first(flow, given=runs.delivered(flow.dataflow_id))


def _stored(dataflow_id: str) -> LedgerVersion | None:
    return VERSION.get(store.flow_key(dataflow_id), _CURRENT)


def _first(flow: Dataflow, *, given: int) -> LedgerVersion:
    return LedgerVersion(flow.dataflow_id, 1 if given else 0, flow.created_at, revision=0)


def as_of(dataflow_id: str) -> tuple[str | None, str | None]:
    """When the version that a dataflow stands at began, and the run that made it; nothing of an unknown dataflow."""
    flow = store.dataflow(dataflow_id)
    found = current(flow) if flow else None
    return (found.at, found.run_id) if found else (None, None)


def between(dataflow_id: str, first: int, last: int) -> list[LedgerVersion] | None:
    """The versions from one to another, in their order; None when some are no longer kept."""
    items = table.between(DATAFLOWS, store.flow_key(dataflow_id), _key(first), _key(last))
    kept = [each for each in map(VERSION.load, items) if each.run_id and each.at >= _oldest()]
    return kept if len(kept) == last - first + 1 else None


def since(current: LedgerVersion, at: str) -> list[LedgerVersion] | None:
    """The versions up to a current one that began after a time, in their order; None when some are no longer kept."""
    found: list[LedgerVersion] = []
    if current.at <= at:
        return found
    for version in VERSION.query(store.flow_key(current.dataflow_id), f"{_CURRENT}#", newest_first=True):
        if version.version > current.version:
            continue
        if version.at <= at or version.at < _oldest():
            break
        found.insert(0, version)
    is_whole = bool(found) and (found[0].version == 1 or (found[0].previous_at or "") <= at)
    return found if is_whole and found[0].run_id else None


def _oldest() -> str:
    return clock.to_text(clock.now() - KEPT_FOR)


def of_run(flow: Dataflow, run: Run, changed: Collection[str]) -> tuple[LedgerVersion, list[Write]]:
    """The version after a run that has made these changes, and the writes of it, on condition of the one before.

    They are as many whether there are any: what a run writes is not to tell whether somebody was given.
    """
    stored = _stored(flow.dataflow_id)
    before = stored or _first(flow, given=runs.delivered(flow.dataflow_id) - _net(run))
    after = _next(before, run, changed) if changed else before
    pk, expires = store.flow_key(flow.dataflow_id), int((clock.now() + _EXPIRES_AFTER).timestamp())
    return after, [
        revise(VERSION, after, stored, pk, _CURRENT),
        VERSION.put(after, pk, _key(after.version), UNCONDITIONAL, ttl=expires),
    ]


def _net(run: Run) -> int:
    return run.counts.get("realized", 0) - run.counts.get("exited", 0)


def _next(before: LedgerVersion, run: Run, changed: Iterable[str]) -> LedgerVersion:
    at = max(clock.now(), clock.from_text(before.at) + _TICK)
    return replace(
        before,
        version=before.version + 1,
        at=clock.to_text(at),
        run_id=run.run_id,
        previous_at=before.at,
        changed=tuple(sorted(changed)),
    )


# Changes as items hold them: the span, the time that its rows in the ledger have, and which of its buckets they are in


def changes(buckets: Mapping[int, BucketState], run_id: str) -> set[str]:
    """What a run has changed in the buckets of a span."""
    masks: dict[tuple[int, int], int] = {}
    for bucket, state in buckets.items():
        for at in state.changed_at if state.run_id == run_id else ():
            place = bucket // SPAN_BUCKETS, at
            masks[place] = masks.get(place, 0) | 1 << bucket % SPAN_BUCKETS
    return {f"{span_name(span)}:{at}:{mask:x}" for (span, at), mask in masks.items()}


def rows_of(versions: Sequence[LedgerVersion]) -> dict[int, dict[int, int]]:
    """By bucket, the times that rows of these versions have there, each with its version."""
    found: dict[int, dict[int, int]] = {}
    for version in versions:
        for change in version.changed:
            span, at, mask = change.split(":")
            for place in range(SPAN_BUCKETS):
                if int(mask, 16) >> place & 1:
                    found.setdefault(span_number(span) * SPAN_BUCKETS + place, {})[int(at)] = version.version
    return found
