"""Files into changes, and changes into buckets. Every step may be repeated after a crash and then changes nothing."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote_plus

from handfast.access import store as access
from handfast.access.models import Sandbox
from handfast.activity.models import Event
from handfast.feeds import store as feeds
from handfast.feeds.models import Run
from handfast.identity.keys import spans
from handfast.ingest import store
from handfast.ingest.applying import LoadedChange, load, removals
from handfast.ingest.models import BucketFiles, BucketMerged, Plan, SpanChange, Staged, UploadRejected
from handfast.ingest.sources import MAX_BYTES
from handfast.ingest.staging import stage
from handfast.ingest.store import Begun, PendingChange
from handfast.platform import clock, layout, objects
from handfast.platform.objects import LostRaceError, Stored
from handfast.platform.queues import MAX_RECEIVES
from handfast.platform.secret import identity_secret
from handfast.platform.settings import setting
from handfast.segments import store as segments
from handfast.segments.models import Failure, Upload
from handfast.segments.rules import is_expired

GROUP_BYTES = 128 << 20
"""Buckets merged together: as many as have this many bytes of profiles, so that memory does not grow with them."""
_TRIES = MAX_RECEIVES - 1  # so that the upload ends as failed and not as a dead letter
_RACES = 5
_TRANSFERS = 16
_GIVEN_UP = Failure("processing_failed", "the file could not be processed; try again, or split it")


def _bits() -> int:
    return int(setting("BUCKET_BITS"))


# Uploads


def take_files(event: Mapping[str, Any]) -> None:
    """Take the files that an S3 notification names."""
    for record in event.get("Records", ()):
        parts = unquote_plus(record["s3"]["object"]["key"]).split("/")
        if len(parts) == 3 and parts[0] == "uploads":
            take_file(parts[1], parts[2])


def take_file(sandbox_id: str, upload_id: str) -> None:
    """Make an upload's file the change it stands for, or fail the upload; then the raw file is deleted.

    A file that comes after the upload's end is only deleted; an upload has ended, too, once it has expired.
    """
    upload, sandbox = segments.upload(sandbox_id, upload_id), access.sandbox(sandbox_id)
    if upload is None or sandbox is None or _ended(upload):
        store.delete_file(sandbox_id, upload_id)
        return
    begun = store.begin(upload)
    failure = begun.failure
    if failure is None and not upload.total:
        failure = _accept(upload, sandbox, begun)
    if failure is not None:
        _fail(upload, begun, failure)
    else:
        _hand_over(upload, begun)


def _ended(upload: Upload) -> bool:
    return upload.status in ("completed", "failed") or is_expired(upload, clock.to_text(clock.now()))


def _accept(upload: Upload, sandbox: Sandbox, begun: Begun) -> Failure | None:
    """Stage the file and accept its change; or why it cannot be.

    What was suppressed while the file was read may be in the change: then it is read again. A person suppressed later
    is not told apart from the rest of a row any more, but an erasure waits for every change that lies there.
    """
    for _ in range(_RACES):
        suppressions = store.buckets(layout.suppressions(upload.sandbox_id))
        staged = _write_change(upload, sandbox, begun, suppressions)
        if isinstance(staged, Failure):
            return _note(upload, staged)
        if store.buckets(layout.suppressions(upload.sandbox_id)) == suppressions:
            break
        store.withdraw(upload.sandbox_id, spans(_bits()), begun.change_id)
    else:
        raise LostRaceError("suppressions change faster than the file is read")
    # A snapshot concerns all spans: members leave those that it does not name, too.
    named = sorted(part.span for part in staged.spans)
    store.accept(upload, staged.counts, spans(_bits()) if upload.mode == "snapshot" else named)
    return None


def _write_change(
    upload: Upload, sandbox: Sandbox, begun: Begun, suppressions: Mapping[int, Stored]
) -> Staged | Failure:
    with TemporaryDirectory() as folder:
        try:
            if begun.attempts > _TRIES:
                return _GIVEN_UP
            staged = _stage(upload, sandbox, begun, suppressions, Path(folder))
        except UploadRejected as rejected:
            return Failure(rejected.reason, rejected.detail)
        for part in staged.spans:
            for path, name in ((part.profiles, "profiles.parquet"), (part.memberships, "memberships.parquet")):
                if path is not None:
                    store.put_change_file(upload.sandbox_id, part.span, begun.change_id, path, name)
        if staged.rejects is not None:
            store.put_rejects(upload, staged.rejects)
        return staged


def _note(upload: Upload, failure: Failure) -> Failure:
    store.announce_failure(upload, failure)
    return failure


def _stage(
    upload: Upload, sandbox: Sandbox, begun: Begun, suppressions: Mapping[int, Stored], work_dir: Path
) -> Staged:
    file = store.find_file(upload)
    if file is None:
        raise UploadRejected("no_file", "the file is gone; start a new upload")
    if file.size > MAX_BYTES:
        raise UploadRejected("too_large", "the file is larger than 8 GiB; split it")
    path = work_dir / "file"
    objects.download(file.key, path)
    suppressed = _download(suppressions, work_dir, "suppressions")
    plan = Plan(
        format=upload.format,
        columns=upload.columns,
        segment_id=upload.segment_id,
        segments=segments.segments_by_name(upload.sandbox_id),
        phone_region=sandbox.phone_region,
        secret=identity_secret(),
        bucket_bits=_bits(),
        at=begun.at,
        suppressions=tuple(path for path, _ in suppressed.values()),
    )
    staged = stage(path, plan, work_dir)
    if upload.mode == "snapshot" and not upload.allow_removal:
        _guard(upload, sandbox, staged, work_dir)
    return staged


def _guard(upload: Upload, sandbox: Sandbox, staged: Staged, work_dir: Path) -> None:
    """Refuse a snapshot that would remove more than the sandbox's guard allows."""
    segment_id = upload.segment_id or ""
    current = _download(store.buckets(layout.memberships(upload.sandbox_id, segment_id)), work_dir, "current")
    named = [part.memberships for part in staged.spans if part.memberships]
    members, leaving = removals([path for path, _ in current.values()], named, segment_id)
    if leaving > sandbox.removal_guard * members:
        raise UploadRejected(
            "removal_guard",
            f"the snapshot would remove {leaving} of {members} members, more than the sandbox's guard of"
            f" {sandbox.removal_guard:.0%}; send it with allowRemoval if that is meant",
        )


def _fail(upload: Upload, begun: Begun, failure: Failure) -> None:
    store.withdraw(upload.sandbox_id, spans(_bits()), begun.change_id)
    store.delete_file(upload.sandbox_id, upload.upload_id)
    detail = {"fileName": upload.file_name, "reason": failure.reason}
    store.fail(upload, failure, Event(upload.sandbox_id, "upload.failed", upload.actor, upload.upload_id, detail))


def _hand_over(upload: Upload, begun: Begun) -> None:
    """Make the accepted change visible where it is still outstanding, and have it applied."""
    accepted = segments.upload(upload.sandbox_id, upload.upload_id)
    if accepted is None:
        return
    outstanding = sorted(int(span) for span in accepted.outstanding)
    store.publish(accepted, begun, outstanding)
    store.delete_file(upload.sandbox_id, upload.upload_id)
    store.wake(upload.sandbox_id, begun.change_id, outstanding)
    _complete(accepted)


def _complete(upload: Upload) -> None:
    """End the upload once its change has reached every span."""
    if upload.outstanding or upload.status != "processing":
        return
    detail = {
        "fileName": upload.file_name,
        "rows": upload.rows,
        "accepted": upload.accepted,
        "rejected": upload.rejected,
        "realized": upload.realized,
        "exited": upload.exited,
    }
    event = Event(upload.sandbox_id, "upload.completed", upload.actor, upload.upload_id, detail)
    store.complete(upload, event)


# Changes


def apply_span(message: Mapping[str, Any]) -> None:
    """Apply the changes that wait for a span, in order, and have the dataflows they touch reconciled."""
    sandbox_id, span = message["sandboxId"], message["span"]
    changes = store.pending(sandbox_id, span)
    touched = _Touched()
    for change in changes:
        if store.is_applied(sandbox_id, change.change_id, span):
            touched.profiles = True  # what it touched is not known any more
        else:
            _apply(change, touched)
        _finish_upload(change)
    if touched:
        for flow in feeds.dataflows_touching(sandbox_id, None if touched.profiles else touched.segments):
            run = feeds.new_run(flow.dataflow_id, "data.changed", [f"{span:03d}"])
            feeds.begin(replace(run, run_id=_run_id(run, changes)))
    for change in changes:
        store.tell_awaiting(change)
        store.delete_change(change)


def _run_id(run: Run, changes: Sequence[PendingChange]) -> str:
    """The same for the same changes, so that a repeat starts no second run; of the time of the newest."""
    names = [change.change_id for change in changes]
    told = hashlib.sha256("/".join([run.dataflow_id, *run.outstanding, *names]).encode()).hexdigest()
    return f"run_{names[-1].removeprefix('chg_')[:10]}{told[:16].upper()}"


@dataclass
class _Touched:
    """What changes made different: profiles, which concern every segment, or members of segments."""

    profiles: bool = False
    segments: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.profiles or bool(self.segments)


def _finish_upload(change: PendingChange) -> None:
    if change.upload_id is not None:
        upload = segments.upload(change.sandbox_id, change.upload_id)
        if upload is not None:
            _complete(upload)


def _apply(change: PendingChange, touched: _Touched) -> None:
    for race in range(_RACES):
        try:
            counts = _merge(change, touched)
        except LostRaceError:
            if race == _RACES - 1:
                raise
        else:
            break
    upload = segments.upload(change.sandbox_id, change.upload_id) if change.upload_id else None
    store.count(change, upload, counts.deltas, counts.realized, counts.exited)


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


def _merge(change: PendingChange, touched: _Touched) -> _Counts:
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        span_change = SpanChange(
            at=change.at,
            profiles=store.change_file(change, "profiles.parquet", work_dir),
            memberships=store.change_file(change, "memberships.parquet", work_dir),
            stream=store.change_file(change, "stream.json", work_dir),
            snapshot_segment=change.snapshot_segment,
            erase=store.change_file(change, "erase.parquet", work_dir),
        )
        with load(span_change, _bits()) as loaded:
            span = _survey(change, loaded)
            merging = _Merging(change, loaded, span, touched)
            for group in _groups(span):
                with TemporaryDirectory(dir=work_dir) as group_folder:
                    merging.merge(group, Path(group_folder))
    return merging.counts


type _Files = dict[int, tuple[Path, Stored]]
"""Bucket objects as local files, with the versions read."""


@dataclass(frozen=True)
class _Span:
    """What a change meets in its span: the objects of the buckets it concerns, and the segments it names in each."""

    named: Mapping[int, frozenset[str]]
    profiles: Mapping[int, Stored]
    members: Mapping[str, Mapping[int, Stored]]
    suppressions: Mapping[int, Stored]


def _survey(change: PendingChange, loaded: LoadedChange) -> _Span:
    """Segments deleted since are left out; a snapshot concerns every bucket that its segment has members in.

    What erases concerns every segment that there are objects of.
    """
    if change.erases:
        return _survey_erase(change, loaded)
    known = set(segments.segments_by_name(change.sandbox_id).values())
    named = {bucket: frozenset(known.intersection(names)) for bucket, names in loaded.buckets.items()}
    snapshot = known.intersection([change.snapshot_segment or ""])
    members = {
        segment: store.buckets(layout.memberships(change.sandbox_id, segment), change.span)
        for segment in snapshot.union(*named.values())
    }
    for segment in snapshot:
        for bucket in {*named, *members[segment]}:
            named[bucket] = named.get(bucket, frozenset()) | snapshot
    return _Span(
        named=named,
        profiles=store.buckets(layout.profiles(change.sandbox_id), change.span),
        members=members,
        suppressions=store.buckets(layout.suppressions(change.sandbox_id), change.span),
    )


def _survey_erase(change: PendingChange, loaded: LoadedChange) -> _Span:
    members = store.members_by_segment(change.sandbox_id, change.span)
    return _Span(
        named={
            bucket: frozenset(name for name, found in members.items() if bucket in found) for bucket in loaded.buckets
        },
        profiles=store.buckets(layout.profiles(change.sandbox_id), change.span),
        members=members,
        suppressions={},
    )


def _groups(span: _Span) -> Iterator[list[int]]:
    group: list[int] = []
    size = 0
    for bucket in sorted(span.named):
        bytes_there = span.profiles[bucket].size if bucket in span.profiles else 0
        if group and size + bytes_there > GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(bucket)
        size += bytes_there
    if group:
        yield group


def _download(found: Mapping[int, Stored], work_dir: Path, label: str) -> _Files:
    def fetch(entry: tuple[int, Stored]) -> tuple[int, Path, Stored | None]:
        bucket, stored = entry
        path = work_dir / f"{label}-{bucket:05d}.parquet"
        return bucket, path, objects.download(stored.key, path)

    return {bucket: (path, stored) for bucket, path, stored in _parallel(fetch, found.items()) if stored is not None}


def _parallel[T, R](work: Callable[[T], R], parts: Iterable[T]) -> list[R]:
    with ThreadPoolExecutor(_TRANSFERS) as pool:
        return list(pool.map(work, parts))


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

        def fetch(found: Mapping[int, Stored], label: str) -> _Files:
            return _download({bucket: found[bucket] for bucket in group if bucket in found}, work_dir, label)

        profiles, suppressions = fetch(self.span.profiles, "profiles"), fetch(self.span.suppressions, "suppressions")
        members = {segment: fetch(found, segment) for segment, found in self.span.members.items()}
        files = [
            BucketFiles(
                bucket,
                profiles[bucket][0] if bucket in profiles else None,
                {segment: found[bucket][0] for segment, found in members.items() if bucket in found},
                suppressions[bucket][0] if bucket in suppressions else None,
                {
                    path: stored.etag
                    for found in (profiles, *members.values())
                    if bucket in found
                    for path, stored in [found[bucket]]
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

    def _write_profiles(self, merged: Sequence[BucketMerged], current: _Files) -> None:
        prefix, change_id = layout.profiles(self.change.sandbox_id), self.change.change_id

        def put(bucket: BucketMerged) -> bool:
            stored = current[bucket.bucket][1] if bucket.bucket in current else None
            if bucket.profiles is None:
                return stored is not None and store.counts_of(stored, change_id) is not None
            store.put_bucket(store.bucket_key(prefix, bucket.bucket), bucket.profiles, stored, change_id, {})
            return True

        self.touched.profiles |= any(_parallel(put, merged))

    def _write_members(self, merged: Sequence[BucketMerged], current: Mapping[str, _Files]) -> None:
        """Write the members that changed; those that this change wrote before a crash are counted as they were then."""
        change_id = self.change.change_id

        def put(place: tuple[BucketMerged, str]) -> Mapping[str, Mapping[int, int]] | None:
            bucket, segment = place
            found = current[segment].get(bucket.bucket)
            stored, new = found[1] if found else None, bucket.memberships.get(segment)
            if new is None:
                return store.counts_of(stored, change_id) if stored else None
            counted = {"realized": new.realized, "exited": new.exited}
            key = store.bucket_key(layout.memberships(self.change.sandbox_id, segment), bucket.bucket)
            store.put_bucket(key, new.path, stored, change_id, counted)
            return counted

        places = [(bucket, segment) for bucket in merged for segment in self.span.named[bucket.bucket]]
        for (_, segment), counted in zip(places, _parallel(put, places), strict=True):
            if counted is not None:
                self.counts.add(segment, counted["realized"], counted["exited"])
                self.touched.segments |= {segment}
