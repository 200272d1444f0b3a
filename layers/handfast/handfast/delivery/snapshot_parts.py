"""Writing the parts of a delivery of whole memberships to the destination, and what is put down before."""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.delivery import store
from handfast.delivery.fetching import fetch
from handfast.delivery.models import DeadLetter
from handfast.delivery.snapshot_states import StagedPart
from handfast.delivery.snapshot_work import Work
from handfast.delivery.staging import Refused, members, stage
from handfast.delivery.store import SpanObjects
from handfast.destinations.contract import Answer, SnapshotDelivery, SnapshotPart
from handfast.destinations.snapshots.manifest import FileFacts, manifest
from handfast.lake import buckets, transfers
from handfast.platform import clock, objects
from handfast.platform.ids import new_id

PART_BYTES = 32 << 20
"""Of objects whose members are one part: some 500,000 pairs."""


class NotTakenError(Exception):
    """The destination has not taken a file."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.detail)
        self.answer = answer


def write_parts(work: Work) -> bool:
    """Write what of a delivery is not written yet; whether all is. Raises NotTakenError and LostRaceError."""
    for span in buckets.all_spans():
        if span in work.underway.spans:
            continue
        with work.at(span) as is_lent:
            if not (is_lent and _write_span(work, span)):
                return False
    return _write_profiles(work) if work.to.by_profile else True


def _write_span(work: Work, span: int) -> bool:
    """Put down who is in a span, and where parts are of spans write their files too."""
    found = store.span_objects(work.flow.dataflow_id, span)
    staged = {bucket for part in work.underway.parts if part.span == span for bucket in part.buckets}
    left = sorted({*found.disclosures, *found.held} - staged)
    for group in buckets.groups([(bucket, found.weight(bucket)) for bucket in left], PART_BYTES):
        if work.is_over():
            return False
        with TemporaryDirectory() as name:
            path, part = _stage(work, found, span, group, Path(name))
            if work.to.by_profile:
                work.go_on(parts=(*work.underway.parts, part))
                continue
            written = work.underway.written
            work.go_on(parts=(*work.underway.parts, part))
            work.go_on(written=(*written, _write(work, [path], len(written), None, Path(name))))
    work.go_on(spans=(*work.underway.spans, span))
    return True


def _write_profiles(work: Work) -> bool:
    """Write the parts of which each has all identities of some profiles, of all spans."""
    parts = work.underway.parts
    number_of = max(work.state.parts, math.ceil(sum(part.size for part in parts) / PART_BYTES), 1)
    if len(work.underway.written) == number_of:
        return True
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = {folder / f"staged-{number}.parquet": part.key for number, part in enumerate(parts)}
        local = list(transfers.download(paths))
        for number in range(len(work.underway.written), number_of):
            if work.is_over():
                return False
            files = _write(work, local, number, (number, number_of), folder)
            work.go_on(written=(*work.underway.written, files))
    return True


def write_manifest(work: Work) -> None:
    """Write the manifest, where who reads waits for one. Raises NotTakenError and LostRaceError."""
    if work.to.has_manifest:
        counted = Counter(dict.fromkeys(work.flow.segment_ids, 0))
        for part in work.underway.parts:
            counted.update(part.members)
        files = [file for part in work.underway.written for file in part]
        of = _delivery(work)
        with TemporaryDirectory() as name:
            path = Path(name) / f"{of.stem}-manifest.json"
            path.write_bytes(manifest(of, work.to.name, files, counted, work.sending.account.segments))
            _put(work, path)
    work.go_on(is_told=True)


def _stage(work: Work, found: SpanObjects, span: int, group: Sequence[int], folder: Path) -> tuple[Path, StagedPart]:
    """Put down who is in a part, in an object: no file names anybody whom it does not name."""
    column = "profile_id" if work.to.by_profile else None
    files, _ = fetch(found, group, work.sending.sandbox_id, column, folder)
    staged = stage(files, group, work.sending, work.to, clock.now(), folder)
    for refused in staged.refused:
        _bury(work, group[0], refused)
    key = store.attempt_key(work.flow.dataflow_id, group[0], new_id("att"))
    objects.write_file(key, staged.path, replaces=None)
    part = StagedPart(
        key=key,
        size=staged.path.stat().st_size,
        span=span,
        buckets=tuple(group),
        members=staged.members,
        entered=staged.entered,
        exited=staged.exited,
        identities=staged.identities,
    )
    return staged.path, part


def _bury(work: Work, bucket: int, refused: Refused) -> None:
    """Write a dead letter of members that the format cannot hold."""
    batch_id, pairs = new_id("bat"), sum(refused.segments.values())
    key = store.dead_key(work.flow.dataflow_id, bucket, batch_id, in_doubt=False)
    objects.write_file(key, refused.path, replaces=None)
    store.put_dead_letter(
        DeadLetter(
            sandbox_id=work.sending.sandbox_id,
            destination_id=work.sending.destination_id,
            dataflow_id=work.flow.dataflow_id,
            batch_id=batch_id,
            bucket=bucket,
            at=clock.now_text(),
            pairs=pairs,
            identities=refused.identities,
            status=None,
            reason=refused.reason,
            answer="",
            attempts=1,
            in_doubt=False,
            segments=refused.segments,
        )
    )
    work.counts.fail(refused.reason, pairs)
    work.counts.failed_by_segment.update(refused.segments)


def _write(
    work: Work, staged: Sequence[Path], number: int, share: tuple[int, int] | None, folder: Path
) -> tuple[FileFacts, ...]:
    """Write the files of a part of what was put down."""
    with members(staged, work.sending.account, share) as connection:
        files = work.to.write(SnapshotPart(connection, folder, _delivery(work), number))
    facts = []
    for file in files:
        _put(work, file.path)
        with file.path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        facts.append(FileFacts(file.path.name, file.rows, file.path.stat().st_size, digest))
        file.path.unlink()
    return tuple(facts)


def _put(work: Work, path: Path) -> None:
    work.line.permit(1)
    answer = work.sender.put(path)
    work.line.note(answer)
    if not answer.taken:
        raise NotTakenError(answer)


def _delivery(work: Work) -> SnapshotDelivery:
    return SnapshotDelivery(
        destination_id=work.sending.destination_id,
        dataflow_id=work.flow.dataflow_id,
        batch_id=work.underway.batch_id,
        began_at=clock.from_text(work.underway.began_at),
        targets=tuple(sorted(set(work.sending.targets.values()))),
    )
