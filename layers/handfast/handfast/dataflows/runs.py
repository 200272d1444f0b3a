"""Runs, and what the target of a dataflow has been delivered."""

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import timedelta

from boto3.dynamodb.conditions import Attr

from handfast.dataflows import store
from handfast.dataflows.models import Run, RunStatus
from handfast.dataflows.store import DATAFLOWS
from handfast.lake import buckets
from handfast.matching.models import DeliveredCounts
from handfast.platform import clock, table
from handfast.platform.ids import new_id
from handfast.platform.items import ItemKind
from handfast.platform.table import ConditionFailed, Item, Put, Update, Write

_KEPT_FOR = timedelta(days=90)


_COUNT, _DELIVERED = "count.", "delivered."


def _of_no_version(item: Item) -> Item:
    return {"ledgerVersion": None} | item


# DynamoDB has no empty sets: `changed` is there once something is in it.
RUN = ItemKind("run", Run, DATAFLOWS, upgrades=(_of_no_version,), exclude=("counts", "changed"))


def new_run(dataflow_id: str, reason: str, only: Iterable[str] | None = None) -> Run:
    """A run over all spans, or only some (as in object keys), that is neither written nor dispatched yet."""
    outstanding = frozenset(buckets.span_names() if only is None else only)
    at = clock.now_text()
    return Run(dataflow_id, new_id("run"), "running", reason, at, len(outstanding), outstanding)


def write(run: Run) -> None:
    """Write a run that begins; raises ConditionFailed when it is there."""
    expires = int((clock.now() + _KEPT_FOR).timestamp())
    table.apply(RUN.put(run, store.flow_key(run.dataflow_id), f"RUN#{run.run_id}", ttl=expires))


def _run(item: Item) -> Run:
    counts = {name.removeprefix(_COUNT): value for name, value in item.items() if name.startswith(_COUNT)}
    return RUN.load(item | {"counts": counts})


def run(dataflow_id: str, run_id: str) -> Run | None:
    """One run."""
    item = table.get(DATAFLOWS, store.flow_key(dataflow_id), f"RUN#{run_id}")
    return _run(item) if item else None


def runs(dataflow_id: str) -> Iterator[Run]:
    """The dataflow's runs, newest first."""
    return map(_run, table.query(DATAFLOWS, store.flow_key(dataflow_id), "RUN#", newest_first=True))


def runs_page(dataflow_id: str, limit: int, cursor: str | None) -> tuple[list[Run], str | None]:
    """A page of the dataflow's runs, newest first, and the next cursor."""
    page = table.page(DATAFLOWS, store.flow_key(dataflow_id), "RUN#", limit=limit, cursor=cursor)
    return [_run(item) for item in page.items], page.next_cursor


def span_done(
    dataflow_id: str,
    run_id: str,
    span: str,
    counts: Mapping[str, int],
    delivered: DeliveredCounts,
    changed: Set[str] = frozenset(),
) -> Run | None:
    """Take a span out of the run's outstanding ones, add its counts and changes, and note what the target now holds.

    A span already out changes nothing. Returns the run as it is then (None: it has expired); with nothing outstanding
    and still `running`, it awaits `end_run`. Raises ConditionFailed when the span is counted twice at once.
    """
    key = store.flow_key(dataflow_id)
    writes: list[Write] = [
        Update(
            DATAFLOWS,
            key,
            f"RUN#{run_id}",
            add={f"{_COUNT}{name}": count for name, count in counts.items() if count}
            | ({"changed": set(changed)} if changed else {}),
            discard={"outstanding": {span}},
            condition=Attr("outstanding").contains(span),
        ),
        *delivered_writes(dataflow_id, span, delivered),
    ]
    try:
        table.transact(writes)
    except ConditionFailed as failed:
        if failed.write > 0:
            raise
    return run(dataflow_id, run_id)


def delivered_writes(dataflow_id: str, span: str, delivered: DeliveredCounts) -> list[Write]:
    """The writes of what the target holds of a span, and of the difference that this makes to all that it holds.

    They are as many whether it makes any: what a run writes is not to tell whether somebody was given.
    """
    key = store.flow_key(dataflow_id)
    place = {"pk": key, "sk": f"DELIVERED#{span}"}
    now = {f"{_DELIVERED}{name}.{code}": n for name, part in delivered.items() for code, n in part.items()}
    old = table.get(DATAFLOWS, *place.values()) or {}
    before = {name: count for name, count in old.items() if name.startswith(_DELIVERED)}
    revision = old.get("revision", 0)
    unchanged = Attr("revision").eq(revision) if old else table.ABSENT
    change = {name: now.get(name, 0) - before.get(name, 0) for name in {**before, **now}}
    return [
        Put(DATAFLOWS, {**place, **now, "revision": revision + 1}, unchanged),
        Update(DATAFLOWS, key, "DELIVERED", add=change | {"revision": 1}, condition=table.UNCONDITIONAL),
    ]


def delivered(dataflow_id: str) -> int:
    """How many pairs of identity and segment the target holds, as of the last run of each span."""
    return pairs(_delivered_counts(table.get(DATAFLOWS, store.flow_key(dataflow_id), "DELIVERED") or {}))


def delivered_each(dataflow_ids: Iterable[str]) -> dict[str, DeliveredCounts]:
    """What the targets of dataflows hold, as of the last run of each span, in one read."""
    keys = {dataflow_id: (store.flow_key(dataflow_id), "DELIVERED") for dataflow_id in dataflow_ids}
    found = table.get_many(DATAFLOWS, keys.values())
    return {dataflow_id: _delivered_counts(found.get(key, {})) for dataflow_id, key in keys.items()}


def _delivered_counts(item: Item) -> DeliveredCounts:
    found: dict[str, dict[int, int]] = {}
    for name, count in item.items():
        if name.startswith(_DELIVERED) and count:
            segment_id, _, code = name.removeprefix(_DELIVERED).rpartition(".")
            found.setdefault(segment_id, {})[int(code)] = count
    return found


def pairs(delivered: DeliveredCounts) -> int:
    """How many pairs of identity and segment these are."""
    return sum(count for by_namespace in delivered.values() for count in by_namespace.values())


def end_run(ended: Run, status: RunStatus, failure: str | None = None, *, ledger_version: int | None = None) -> Update:
    """End a running run; refused when another has ended it. For `journal.store.commit`."""
    return Update(
        DATAFLOWS,
        store.flow_key(ended.dataflow_id),
        f"RUN#{ended.run_id}",
        assign={
            "status": status,
            "completedAt": clock.now_text(),
            "failure": failure,
            "ledgerVersion": ledger_version,
        },
        condition=Attr("status").eq("running"),
    )
