"""Changes into a span's buckets. Every step may be repeated after a crash and then changes nothing."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.dataflows import outbox, runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Run
from handfast.ingest import ends, store
from handfast.ingest.applying import LoadedChange, load
from handfast.ingest.plan import BucketMerged, CurrentBucket, SpanChange
from handfast.lake import buckets, change_log, departures, layout, phone_index, renderings, streaming, suppressions
from handfast.lake.buckets import Files
from handfast.lake.change_log import PendingChange
from handfast.lake.transfers import parallel
from handfast.platform import clock, queues
from handfast.platform.objects import LostRaceError, ObjectVersion
from handfast.platform.optimistic import retry
from handfast.remote_files import store as sources
from handfast.segments import store as segments

GROUP_BYTES = 128 << 20
"""Buckets merged together: as many as have this many bytes of profiles, so that memory does not grow with them."""


def apply_span(message: Mapping[str, Any]) -> None:
    """Apply the changes that wait for a span, in order, and have the dataflows they touch reconciled.

    What takes too long is left to another message.
    """
    sandbox_id, span, began = message["sandboxId"], message["span"], clock.now()
    waiting = change_log.pending(sandbox_id, span)
    changes: list[PendingChange] = []
    touched = _Touched()
    while waiting and not (changes and queues.is_enough(began)):
        change = waiting[0]
        if change_log.is_applied(sandbox_id, change.change_id, span):
            touched.profiles = True  # what it touched is not known any more
        elif not _apply(change, touched, began):
            break
        changes.append(waiting.pop(0))
        _finish_upload(change)
    if touched and changes:  # of a change that goes on in another message, that one tells
        touched_segments = touched.segments | segments.composed_of(sandbox_id, touched.segments)
        for flow in dataflows.dataflows_touching(sandbox_id, None if touched.profiles else touched_segments):
            run = runs.new_run(flow.dataflow_id, "data.changed", [buckets.span_name(span)])
            outbox.begin(replace(run, run_id=_run_id(run, changes)))
    for change in changes:
        change_log.tell_awaiting(change)
        change_log.delete_change(change)
    if waiting:
        change_log.wake_again(sandbox_id, waiting[0].change_id, span)


def _run_id(run: Run, changes: Sequence[PendingChange]) -> str:
    """The same for the same changes, so that a repeat starts no second run; of the time of the newest."""
    names = [change.change_id for change in changes]
    digest = hashlib.sha256("/".join([run.dataflow_id, *run.outstanding, *names]).encode()).hexdigest()
    return f"run_{names[-1].removeprefix('chg_')[:10]}{digest[:16].upper()}"


@dataclass
class _Touched:
    """What changes made different: profiles, which concern every segment, or members of segments."""

    profiles: bool = False
    segments: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.profiles or bool(self.segments)


def _finish_upload(change: PendingChange) -> None:
    if change.upload_id is not None:
        upload = store.upload(change.sandbox_id, change.upload_id)
        if upload is not None:
            ends.complete(upload)


def _apply(change: PendingChange, touched: _Touched, began: datetime) -> bool:
    """Apply a change; False where slices of it are left, because the others took long enough."""
    upload = store.upload(change.sandbox_id, change.upload_id) if change.upload_id else None
    for number in _slices(change):
        if change_log.is_applied(change.sandbox_id, change.change_id, change.span, f"/{number}"):
            touched.profiles = True
            continue
        counts = _apply_part(change, touched, number)
        store.count_slice(change, number, upload, counts.deltas, counts.realized, counts.exited)
        if queues.is_enough(began):
            return False
    counts = _Counts() if change.slices else _apply_part(change, touched, None)
    store.count(change, upload, counts.deltas, counts.realized, counts.exited)
    return True


def _slices(change: PendingChange) -> range:
    """The slices of the change's span that its objects are cut into."""
    in_span = change.slices // len(buckets.all_spans())
    return range(change.span * in_span, (change.span + 1) * in_span)


def _apply_part(change: PendingChange, touched: _Touched, number: int | None) -> "_Counts":
    if change.suppresses:
        return _suppress(change, touched, number)
    return retry(lambda: _merge(change, touched, number), LostRaceError)


class _Counts:
    """Who came and went by one change, by segment and namespace, whether it did so now or before a crash."""

    def __init__(self) -> None:
        self.realized = 0
        self.exited = 0
        self.deltas: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, segment: str, realized: Mapping[int, int], exited: Mapping[int, int]) -> None:
        """Add what one bucket's object counts."""
        self.realized += sum(realized.values())
        self.exited += sum(exited.values())
        for sign, part in ((1, realized), (-1, exited)):
            for code, count in part.items():
                self.deltas[segment][code] += sign * count


def _suppress(change: PendingChange, touched: _Touched, number: int | None) -> _Counts:
    """Opt out whom the change names: they stay known, and members, and are shared with nobody."""
    with TemporaryDirectory() as folder:
        named = change_log.change_file(change, change_log.PROFILES, Path(folder), number)
        if named is not None:
            suppressions.add_file(change.sandbox_id, named, "opt_out", change.at)
            touched.profiles = True
    return _Counts()


def _merge(change: PendingChange, touched: _Touched, number: int | None) -> _Counts:
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        span_change = SpanChange(
            at=change.at,
            profiles=change_log.change_file(change, change_log.PROFILES, work_dir, number),
            memberships=change_log.change_file(change, change_log.MEMBERSHIPS, work_dir, number),
            stream=change_log.change_file(change, change_log.STREAM, work_dir),
            snapshot_segment=change.snapshot_segment,
            as_of=change.as_of,
            departures=_departures(change, work_dir),
            source_id=change.source_id,
            sources=_sources(change),
            replaced_segments=change.replaced_segments,
            erase=change_log.change_file(change, change_log.ERASE, work_dir),
        )
        if span_change.stream and (phones := streaming.phones_sql(span_change.stream)):
            phone_index.add(change.sandbox_id, phones)
        if span_change.stream and (rendered := streaming.renderings_sql(span_change.stream)):
            renderings.add(change.sandbox_id, rendered)
        with load(span_change, buckets.bucket_bits()) as loaded:
            span = _survey(change, loaded, number)
            merging = _Merging(change, loaded, span, touched)
            sizes = [
                (bucket, span.profiles[bucket].size if bucket in span.profiles else 0) for bucket in sorted(span.named)
            ]
            for group in buckets.groups(sizes, GROUP_BYTES):
                with TemporaryDirectory(dir=work_dir) as group_folder:
                    merging.merge(group, Path(group_folder))
        if span_change.stream:
            departures.add(change.sandbox_id, streaming.members_sql(span_change.stream), change.at)
    return merging.counts


def _departures(change: PendingChange, work_dir: Path) -> tuple[Path, ...]:
    """Who has left by streams in the change's span, where it tells of a time before."""
    if change.as_of is None:
        return ()
    listed = buckets.in_span(layout.departures(change.sandbox_id), change.span)
    return tuple(path for path, _ in buckets.download(listed, work_dir, "departures").values())


def _sources(change: PendingChange) -> frozenset[str]:
    """The sources of the sandbox, where the change may remove whom they have put into a segment."""
    if change.snapshot_segment is None:
        return frozenset()
    return sources.source_ids(change.sandbox_id)


@dataclass(frozen=True)
class _Span:
    """What a change meets in its span: the objects of the buckets it concerns, and the segments it names in each."""

    named: Mapping[int, frozenset[str]]
    profiles: Mapping[int, ObjectVersion]
    members: Mapping[str, Mapping[int, ObjectVersion]]
    suppressions: Mapping[int, ObjectVersion]


def _survey(change: PendingChange, loaded: LoadedChange, number: int | None) -> _Span:
    """Segments deleted since are left out; a snapshot concerns every bucket that its segment has members in, and
    segments that are replaced concern the buckets that the change names.

    What erases concerns every segment that there are objects of.
    """
    if change.erases:
        return _survey_erase(change, loaded)
    known = set(segments.segments_by_name(change.sandbox_id).values())
    named = {bucket: frozenset(known.intersection(names)) for bucket, names in loaded.buckets.items()}
    snapshot = known.intersection([change.snapshot_segment or ""])
    replaced = known & change.replaced_segments
    members = {
        segment: buckets.in_span(layout.memberships(change.sandbox_id, segment), change.span)
        for segment in snapshot.union(replaced, *named.values())
    }
    for bucket, segments_named in named.items():
        named[bucket] = segments_named | {segment for segment in replaced if bucket in members[segment]}
    for segment in snapshot:
        for bucket in {*named, *members[segment]}:
            if number is None or buckets.slice_holds(change.slices, number, bucket, buckets.bucket_bits()):
                named[bucket] = named.get(bucket, frozenset()) | snapshot
    return _Span(
        named=named,
        profiles=buckets.in_span(layout.profiles(change.sandbox_id), change.span),
        members=members,
        suppressions=buckets.in_span(layout.suppressions(change.sandbox_id), change.span),
    )


def _survey_erase(change: PendingChange, loaded: LoadedChange) -> _Span:
    members = buckets.members_by_segment(change.sandbox_id, change.span)
    return _Span(
        named={
            bucket: frozenset(segment for segment, listed in members.items() if bucket in listed)
            for bucket in loaded.buckets
        },
        profiles=buckets.in_span(layout.profiles(change.sandbox_id), change.span),
        members=members,
        suppressions={},
    )


@dataclass
class _Merging:
    """A change on its way into a span's objects."""

    change: PendingChange
    loaded: LoadedChange
    span: _Span
    touched: _Touched
    counts: _Counts = field(default_factory=_Counts)

    def merge(self, group: Sequence[int], work_dir: Path) -> None:
        """Merge the change into some buckets. Profiles come before memberships: a member without a profile is not
        eligible, and never the reverse. What erases goes the other way round: members are counted by their profiles.
        """

        def fetch(listed: Mapping[int, ObjectVersion], label: str) -> Files:
            return buckets.download({bucket: listed[bucket] for bucket in group if bucket in listed}, work_dir, label)

        profiles, suppressions = fetch(self.span.profiles, "profiles"), fetch(self.span.suppressions, "suppressions")
        members = {segment: fetch(listed, segment) for segment, listed in self.span.members.items()}
        files = [
            CurrentBucket(
                bucket,
                profiles[bucket][0] if bucket in profiles else None,
                {segment: current[bucket][0] for segment, current in members.items() if bucket in current},
                suppressions[bucket][0] if bucket in suppressions else None,
                {
                    path: stored.etag
                    for current in (profiles, *members.values())
                    if bucket in current
                    for path, stored in [current[bucket]]
                },
            )
            for bucket in group
        ]
        out_dir = work_dir / "merged"
        out_dir.mkdir()
        merged = self.loaded.merge(files, out_dir)
        if self.change.erases:
            self._write_members(merged, members)
            self._write_profiles(merged, profiles)
        else:
            self._write_profiles(merged, profiles)
            self._write_members(merged, members)

    def _write_profiles(self, merged: Sequence[BucketMerged], current: Files) -> None:
        prefix, change_id = layout.profiles(self.change.sandbox_id), self.change.change_id

        def put(bucket: BucketMerged) -> bool:
            stored = current[bucket.bucket][1] if bucket.bucket in current else None
            if bucket.profiles is None:
                return stored is not None and store.counts_of(stored, change_id) is not None
            store.put_bucket(buckets.object_key(prefix, bucket.bucket), bucket.profiles, stored, change_id, {})
            return True

        self.touched.profiles |= any(parallel(put, merged))

    def _write_members(self, merged: Sequence[BucketMerged], current: Mapping[str, Files]) -> None:
        """Write the members that changed; those that this change wrote before a crash are counted as they were then."""
        change_id = self.change.change_id

        def put(place: tuple[BucketMerged, str]) -> Mapping[str, Mapping[int, int]] | None:
            bucket, segment = place
            stored = current[segment][bucket.bucket][1] if bucket.bucket in current[segment] else None
            new = bucket.memberships.get(segment)
            if new is None:
                return store.counts_of(stored, change_id) if stored else None
            counted = {"realized": new.realized, "exited": new.exited}
            key = buckets.object_key(layout.memberships(self.change.sandbox_id, segment), bucket.bucket)
            store.put_bucket(key, new.path, stored, change_id, counted)
            return counted

        places = [(bucket, segment) for bucket in merged for segment in self.span.named[bucket.bucket]]
        for (_, segment), counted in zip(places, parallel(put, places), strict=True):
            if counted is not None:
                self.counts.add(segment, counted["realized"], counted["exited"])
                self.touched.segments |= {segment}
