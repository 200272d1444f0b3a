"""Reconcile spans of dataflows: what a target should hold against what it holds, written into its ledger."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.dataflows import holding, outbox, recency, states, work
from handfast.dataflows.work import Work
from handfast.lake import views
from handfast.lake.buckets import bucket_bits, buckets_of, groups, span_name
from handfast.lake.duck import microseconds
from handfast.matching import engine, incremental, inputs, inventory
from handfast.matching.models import BucketResult, BucketState, ChangedPairs, Terms
from handfast.platform import clock, queues
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import retry
from handfast.segment_export import store

CHUNK_BYTES = 1 << 30
"""What is copied at once, so that a function's disk holds it beside the results."""


def reconcile(message: Mapping[str, Any]) -> None:
    """Do what a message of the export queue asks (docs/architecture.md, Queues); safe to repeat at any point."""
    retry(lambda: _reconcile(message), LostRaceError)


def _reconcile(message: Mapping[str, Any]) -> None:
    claimed = work.claim(message)
    if claimed is not None and holding.is_due(claimed):
        holding.decide(claimed)
        claimed = work.claim(message)
    if claimed is None:
        return
    recency.note(claimed)
    buckets = _reconcile_span(claimed)
    if buckets is not None:
        work.finish(claimed, buckets)
    else:
        outbox.wake_again(claimed.dataflow_id, claimed.run_id, [span_name(claimed.span)])


def _reconcile_span(claimed: Work) -> dict[int, BucketState] | None:
    """Reconcile the buckets whose terms or objects are others than last time left them.

    All buckets of the span as they are then; None when some are left, because it has taken long enough.
    """
    began = clock.now()
    before, version = states.state(claimed.dataflow_id, claimed.span)
    listed = inventory.listing(claimed.terms, claimed.dataflow_id)
    known = {bucket: listed.get(bucket, {}) for bucket in buckets_of(claimed.span, bucket_bits())}
    dirty = {
        bucket: objects
        for bucket, objects in known.items()
        if (objects or bucket in before) and not _is_current(before.get(bucket), claimed.terms, objects)
    }
    sizes = [(bucket, sum(stored.size for stored in objects.values())) for bucket, objects in dirty.items()]
    after, left = dict(before), len(dirty)
    for chunk in groups(sizes, CHUNK_BYTES):
        clean = {bucket: before[bucket].universe if bucket in before else 0 for bucket in known.keys() - dirty.keys()}
        after |= _reconcile_chunk(claimed, {bucket: dirty[bucket] for bucket in chunk}, before, clean)
        left -= len(chunk)
        if queues.is_enough(began):
            break
    if dirty:
        holding.wait_for_age(claimed.dataflow_id, after.values())
        states.write_state(claimed.dataflow_id, claimed.span, after, over=version)
    return None if left else after


def _is_current(state: BucketState | None, terms: Terms, objects: inventory.Objects) -> bool:
    if state is None or state.is_of_age(terms.hour):
        return False
    return (state.terms, state.versions) == (inventory.terms_version(terms), inventory.versions(objects))


def _reconcile_chunk(
    claimed: Work,
    listed: Mapping[int, inventory.Objects],
    before: Mapping[int, BucketState],
    clean: Mapping[int, int | None],
) -> dict[int, BucketState]:
    """Reconcile some buckets; `clean` is how many identities the target knew in those that need not be."""
    terms = claimed.terms
    after: dict[int, BucketState] = {}
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        read, files = inputs.fetch(listed, work_dir, inputs.needed(inputs.RECONCILED, terms))
        universes = engine.universes(files.values())
        universe = _universe({**clean, **universes})
        if holding.has_grown(claimed, universe):
            holding.decide(claimed, universe)
        if work.terms(claimed.dataflow_id) != terms:
            raise LostRaceError("the terms have changed since the objects were listed")
        now = clock.now()
        results = engine.reconcile(
            incremental.follow(before, terms, read, files),
            terms,
            work_dir,
            now,
            bucket_bits(),
            values=lambda wanted: inputs.fetch_values(wanted, read, files),
        )
        replaced: set[int] = set()
        for result in results:
            objects: inventory.Objects = read[result.bucket]
            changed = _changed(claimed, before.get(result.bucket), objects, result, now)
            if result.has_forgotten or changed.exited or _is_unknown(before.get(result.bucket), objects):
                replaced.add(result.bucket)
            if result.disclosures:
                objects = store.write_disclosures(
                    claimed.dataflow_id,
                    result.bucket,
                    result.disclosures,
                    over=objects,
                    run_id=claimed.run_id,
                    changed=changed,
                )
            after[result.bucket] = BucketState(
                terms=inventory.terms_version(terms),
                versions=inventory.versions(objects),
                members=result.members,
                kept_back=result.kept_back,
                delivered=result.delivered,
                run_id=claimed.run_id,
                realized=changed.realized,
                exited=changed.exited,
                universe=universes[result.bucket],
                of_age=result.of_age,
                excluded_by_segment=result.excluded_by_segment,
                changed_at=changed.at,
            )
        if terms.partner:
            # Before the state is written: a crash leaves one that tells of it, and the repeat does it again.
            views.withdraw(claimed.dataflow_id, replaced)
    return after


def _changed(
    claimed: Work, before: BucketState | None, objects: inventory.Objects, result: BucketResult, now: datetime
) -> ChangedPairs:
    """What the run has changed in a bucket by now, and the times of all that no run has told of."""
    done = store.disclosed(objects, claimed.run_id)
    untold = store.written_at(objects) if _is_unknown(before, objects) else ()
    is_new = result.realized or result.exited
    at = {*done.at, *untold, *([microseconds(now)] if is_new else [])}
    return ChangedPairs(done.realized + result.realized, done.exited + result.exited, tuple(sorted(at)))


def _is_unknown(before: BucketState | None, objects: inventory.Objects) -> bool:
    """Whether somebody has written the bucket's disclosures who did not come to write the state."""
    known = before.versions.get(inventory.DISCLOSURES) if before else None
    return inventory.versions(objects).get(inventory.DISCLOSURES) != known


def _universe(known: Mapping[int, int | None]) -> int:
    """How many identities the target knows, by those in some buckets (None: not counted), which are as all others."""
    counted = [number for number in known.values() if number is not None]
    return sum(counted) * (1 << bucket_bits()) // max(1, len(counted))
