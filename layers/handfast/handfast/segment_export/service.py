"""Reconcile a span of a dataflow, and tell what its target holds."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.dataflows import rules as dataflows
from handfast.dataflows import runs
from handfast.dataflows import states as dataflows_states
from handfast.dataflows import store as dataflows_store
from handfast.dataflows.models import Dataflow, Run
from handfast.feeds import terms as feeds_terms
from handfast.identity.keys import buckets_of
from handfast.journal.models import Actor, Event
from handfast.journal.store import commit
from handfast.lake import buckets as lake_buckets
from handfast.matching import engine, incremental, inputs, inventory
from handfast.matching.models import BucketState, ChangedPairs, Terms
from handfast.platform import clock
from handfast.platform.objects import LostRaceError
from handfast.platform.table import ConditionFailed
from handfast.segment_export import store

_ATTEMPTS = 5
_CHUNK_BYTES = 1 << 30
"""What is copied at once, so that a function's disk holds it beside the results."""


def reconcile(message: Mapping[str, Any]) -> None:
    """Do what a message of the export queue asks (docs/architecture.md, Queues); safe to repeat at any point."""
    dataflow_id, span, run_id = message["dataflowId"], message["span"], message["runId"]
    run = runs.run(dataflow_id, run_id)
    if run and f"{span:03d}" in run.outstanding:
        buckets = _reconciled(dataflow_id, span, run_id)
        counts = dataflows.run_counts(buckets, run_id)
        run = runs.span_done(dataflow_id, run_id, f"{span:03d}", counts, dataflows.delivered_counts(buckets))
    if run and not run.outstanding:
        _finish(run)


def _reconciled(dataflow_id: str, span: int, run_id: str) -> list[BucketState]:
    for _ in range(_ATTEMPTS - 1):
        with suppress(LostRaceError):
            return _reconcile_span(dataflow_id, span, run_id)
    return _reconcile_span(dataflow_id, span, run_id)


def _reconcile_span(dataflow_id: str, span: int, run_id: str) -> list[BucketState]:
    """Reconcile the buckets whose terms or objects are others than last time left them; all buckets of the span."""
    terms = feeds_terms.terms(dataflow_id)
    before, version = dataflows_states.state(dataflow_id, span)
    listed = inventory.listing(terms, dataflow_id)
    known = {bucket: listed.get(bucket, {}) for bucket in buckets_of(span, lake_buckets.bucket_bits())}
    dirty = {
        bucket: found
        for bucket, found in known.items()
        if (found or bucket in before) and not _settled(before.get(bucket), terms, found)
    }
    sizes = [(bucket, sum(stored.size for stored in found.values())) for bucket, found in dirty.items()]
    after = dict(before)
    for chunk in lake_buckets.groups(sizes, _CHUNK_BYTES):
        after |= _reconcile_chunk(dataflow_id, run_id, terms, {bucket: dirty[bucket] for bucket in chunk}, before)
    if dirty:
        dataflows_states.write_state(dataflow_id, span, after, over=version)
    return list(after.values())


def _settled(state: BucketState | None, terms: Terms, found: inventory.Objects) -> bool:
    return state is not None and (state.terms, state.versions) == (
        inventory.terms_version(terms),
        inventory.versions(found),
    )


def _reconcile_chunk(
    dataflow_id: str,
    run_id: str,
    terms: Terms,
    listed: Mapping[int, inventory.Objects],
    before: Mapping[int, BucketState],
) -> dict[int, BucketState]:
    states: dict[int, BucketState] = {}
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        read, files = inputs.fetch(listed, work_dir)
        if feeds_terms.terms(dataflow_id) != terms:
            raise LostRaceError("the terms have changed since the objects were listed")
        buckets = incremental.follow(before, terms, read, files)
        results = engine.reconcile(
            buckets,
            terms,
            work_dir,
            clock.now(),
            lake_buckets.bucket_bits(),
            values=lambda wanted: inputs.fetch_values(wanted, read, files),
        )
        for result in results:
            here: inventory.Objects = read[result.bucket]
            done = store.disclosed(here, run_id)
            changed = ChangedPairs(done.realized + result.realized, done.exited + result.exited)
            if result.disclosures:
                here = store.write_disclosures(
                    dataflow_id, result.bucket, result.disclosures, over=here, run_id=run_id, changed=changed
                )
            states[result.bucket] = BucketState(
                terms=inventory.terms_version(terms),
                versions=inventory.versions(here),
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
        current, flow = runs.run(run.dataflow_id, run.run_id), dataflows_store.dataflow(run.dataflow_id)
        if current is None or flow is None or current.status != "running":
            return
        at = clock.to_text(clock.now())
        empty = flow.status == "closing" and runs.delivered(run.dataflow_id) == 0
        closed = dataflows_store.put_dataflow(replace(flow, status="closed", updated_at=at), over=flow) if empty else []
        sums = {name: current.counts.get(name, 0) for name in ("realized", "exited")}
        with suppress(ConditionFailed):
            commit([runs.end_run(current, "completed"), *closed], _events("dataflow.completed", flow, current, sums))
            return
    raise LostRaceError(f"run {run.run_id} could not be completed")


def give_up(message: Mapping[str, Any], error: Exception) -> None:
    """Fail the run of a message that goes to the dead letters; the next run over its span makes up for it."""
    run, flow = runs.run(message["dataflowId"], message["runId"]), dataflows_store.dataflow(message["dataflowId"])
    if run is None or flow is None:
        return
    failure = "lost_races" if isinstance(error, LostRaceError) else "processing_failed"
    events = _events("dataflow.failed", flow, run, {"span": message["span"], "failure": failure})
    with suppress(ConditionFailed):  # it has ended already
        commit([runs.end_run(run, "failed", failure)], events)


def _events(event_type: str, flow: Dataflow, run: Run, facts: Mapping[str, Any]) -> list[Event]:
    detail = {"name": flow.feed_name, "runId": run.run_id, "reason": run.reason, **facts}
    sides = (flow.source, flow.target)
    return [Event(side.sandbox_id, event_type, Actor.system(), flow.dataflow_id, detail) for side in sides]
