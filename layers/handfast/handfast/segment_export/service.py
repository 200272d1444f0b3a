"""Reconcile a span of a dataflow, and tell what its target holds."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.activity.models import Actor, Event
from handfast.activity.store import commit
from handfast.feeds import store as feeds
from handfast.feeds.models import Dataflow, PopulationStep, PopulationView, Run
from handfast.identity.keys import buckets_of
from handfast.platform import clock, cursors
from handfast.platform.ids import new_id
from handfast.platform.objects import LostRaceError
from handfast.platform.table import ConditionFailed
from handfast.segment_export import earlier, engine, inputs, reader, rules, store
from handfast.segment_export.models import (
    REASONS,
    BucketState,
    Disclosed,
    ExportFormat,
    Key,
    MemberExport,
    MemberList,
    Terms,
)

_ATTEMPTS = 5
_CHUNK_BYTES = 1 << 30
"""What is copied at once, so that a function's disk holds it beside the results."""


def reconcile(message: Mapping[str, Any]) -> None:
    """Do what a message of the export queue asks (docs/architecture.md, Queues); safe to repeat at any point."""
    dataflow_id, span, run_id = message["dataflowId"], message["span"], message["runId"]
    run = feeds.run(dataflow_id, run_id)
    if run and f"{span:03d}" in run.outstanding:
        buckets = _reconciled(dataflow_id, span, run_id)
        counts = rules.run_counts(buckets, run_id)
        run = feeds.span_done(dataflow_id, run_id, f"{span:03d}", counts, rules.held(buckets))
    if run and not run.outstanding:
        _finish(run)


def _reconciled(dataflow_id: str, span: int, run_id: str) -> list[BucketState]:
    for _ in range(_ATTEMPTS - 1):
        with suppress(LostRaceError):
            return _reconcile_span(dataflow_id, span, run_id)
    return _reconcile_span(dataflow_id, span, run_id)


def _reconcile_span(dataflow_id: str, span: int, run_id: str) -> list[BucketState]:
    """Reconcile the buckets whose terms or objects are others than last time left them; all buckets of the span."""
    terms = feeds.terms(dataflow_id)
    before, version = store.state(dataflow_id, span)
    listed = store.listing(terms, dataflow_id)
    known = {bucket: listed.get(bucket, {}) for bucket in buckets_of(span, store.bucket_bits())}
    dirty = {
        bucket: found
        for bucket, found in known.items()
        if (found or bucket in before) and not _settled(before.get(bucket), terms, found)
    }
    sizes = [(bucket, sum(stored.size for stored in found.values())) for bucket, found in dirty.items()]
    after = dict(before)
    for chunk in rules.groups(sizes, _CHUNK_BYTES):
        after |= _reconcile_chunk(dataflow_id, run_id, terms, {bucket: dirty[bucket] for bucket in chunk}, before)
    if dirty:
        store.write_state(dataflow_id, span, after, over=version)
    return list(after.values())


def _settled(state: BucketState | None, terms: Terms, found: store.Objects) -> bool:
    return state is not None and (state.terms, state.versions) == (store.terms_version(terms), store.versions(found))


def _reconcile_chunk(
    dataflow_id: str,
    run_id: str,
    terms: Terms,
    listed: Mapping[int, store.Objects],
    before: Mapping[int, BucketState],
) -> dict[int, BucketState]:
    states: dict[int, BucketState] = {}
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        read, files = inputs.fetch(listed, work_dir)
        if feeds.terms(dataflow_id) != terms:
            raise LostRaceError("the terms have changed since the objects were listed")
        buckets = earlier.follow(before, terms, read, files)
        results = engine.reconcile(
            buckets,
            terms,
            work_dir,
            clock.now(),
            store.bucket_bits(),
            values=lambda wanted: inputs.fetch_values(wanted, read, files),
        )
        for result in results:
            here: store.Objects = read[result.bucket]
            done = store.disclosed(here, run_id)
            changed = Disclosed(done.realized + result.realized, done.exited + result.exited)
            if result.deliveries:
                here = store.write_deliveries(
                    dataflow_id, result.bucket, result.deliveries, over=here, run_id=run_id, changed=changed
                )
            states[result.bucket] = BucketState(
                terms=store.terms_version(terms),
                versions=store.versions(here),
                members=result.members,
                excluded=result.excluded,
                held=result.held,
                run_id=run_id,
                realized=changed.realized,
                exited=changed.exited,
            )
    return states


def _finish(run: Run) -> None:
    """Complete a run whose spans are all done; the last one of a closing dataflow closes it."""
    for _ in range(_ATTEMPTS):
        current, flow = feeds.run(run.dataflow_id, run.run_id), feeds.dataflow(run.dataflow_id)
        if current is None or flow is None or current.status != "running":
            return
        at = clock.to_text(clock.now())
        empty = flow.status == "closing" and feeds.held(run.dataflow_id) == 0
        closed = feeds.put_dataflow(replace(flow, status="closed", updated_at=at), over=flow) if empty else []
        sums = {name: current.counts.get(name, 0) for name in ("realized", "exited")}
        with suppress(ConditionFailed):
            commit([feeds.end_run(current, "completed"), *closed], _events("dataflow.completed", flow, current, sums))
            return
    raise LostRaceError(f"run {run.run_id} could not be completed")


def give_up(message: Mapping[str, Any], error: Exception) -> None:
    """Fail the run of a message that goes to the dead letters; the next run over its span makes up for it."""
    run, flow = feeds.run(message["dataflowId"], message["runId"]), feeds.dataflow(message["dataflowId"])
    if run is None or flow is None:
        return
    failure = "lost_races" if isinstance(error, LostRaceError) else "processing_failed"
    events = _events("dataflow.failed", flow, run, {"span": message["span"], "failure": failure})
    with suppress(ConditionFailed):  # it has ended already
        commit([feeds.end_run(run, "failed", failure)], events)


def _events(event_type: str, flow: Dataflow, run: Run, facts: Mapping[str, Any]) -> list[Event]:
    detail = {"name": flow.feed_name, "runId": run.run_id, "reason": run.reason, **facts}
    sides = (flow.source, flow.target)
    return [Event(side.sandbox_id, event_type, Actor.system(), flow.dataflow_id, detail) for side in sides]


def population(dataflow_id: str) -> PopulationView:
    """Why the shared count differs from the segments' members, as of the last reconciliation of each bucket."""
    buckets = list(store.states(dataflow_id))
    steps = [
        PopulationStep(reason=reason, identities=sum(bucket.excluded.get(reason, 0) for bucket in buckets))
        for reason in REASONS
    ]
    return PopulationView(
        members=sum(bucket.members for bucket in buckets),
        steps=steps,
        shared=sum(bucket.shared for bucket in buckets),
    )


def members(dataflow_id: str, segments: Iterable[str], limit: int, cursor: str | None) -> MemberList:
    """A page of what the target holds of these segments; they are those that it may read now."""
    readable = sorted(segments)
    scope = f"members|{dataflow_id}|{','.join(readable)}"
    after = _key(cursors.decode(scope, cursor)) if cursor else None
    if not readable:
        return MemberList(items=[], next_cursor=None)
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        buckets = store.deliveries(dataflow_id, work_dir, after.bucket if after else 0)
        items, last = reader.page(buckets, readable, limit, after)
    position = f"{last.bucket},{last.hi},{last.lo}" if last else ""
    return MemberList(items=items, next_cursor=cursors.encode(scope, position) if last else None)


def _key(position: str) -> Key:
    bucket, hi, lo = map(int, position.split(","))
    return Key(bucket, hi, lo)


def export_members(
    dataflow_id: str, segments: Iterable[str], form: ExportFormat, *, sandbox_id: str, name: str
) -> MemberExport:
    """Write all that the target holds of these segments into one file of its own; `name` is what to save it as."""
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        target = work_dir / f"export.{form}"
        buckets = (path for _, path in store.deliveries(dataflow_id, work_dir))
        count = reader.export(buckets, sorted(segments), target, form, work_dir)
        key = f"packages/{sandbox_id}/{new_id('exp')}.{form}"
        url, seconds = store.write_export(key, target, f"{name}.{form}")
    expires = clock.to_text(clock.now() + timedelta(seconds=seconds))
    return MemberExport(url=url, format=form, members=count, expires_at=expires)
