"""An import that many workers share, from its raw file to its change (`shards` says what each does).

Each piece of work is a message; who has done the last one of a stage asks for the next. A piece may be done twice, and
a message be lost: what is done is told by `shard_store` alone, and the sweep asks again for what is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from handfast.access import store as access
from handfast.ingest import cutting, ends, facts, guards, planning, shard_store, shards, store
from handfast.ingest.applying import additions, removals, segments_of
from handfast.ingest.column_shapes import warnings_of
from handfast.ingest.counting import counted
from handfast.ingest.csv_source import START_BYTES, decoded_start, find_dialect
from handfast.ingest.facts import Facts
from handfast.ingest.folding import Parts
from handfast.ingest.growth import too_large
from handfast.ingest.models import Failure, Upload
from handfast.ingest.plan import NOTHING, Plan, StagedCounts, UploadRejected
from handfast.ingest.reading import SOURCE_FOLDER
from handfast.ingest.shard_store import Layout, Split, Stage
from handfast.ingest.shards import Cut, SplitRows
from handfast.ingest.store import Begun
from handfast.ingest.unpacking import packing_of
from handfast.journal.models import Sandbox
from handfast.lake import answers, buckets, change_log, layout, person_versions, phone_index, ranges
from handfast.lake import renderings as kept_renderings
from handfast.lake.duck import connect, parquet
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion
from handfast.platform.queues import Message, send
from handfast.segments import service as segments_service

SPLIT_BYTES = 64 << 20
"""About how many bytes of a file one worker reads."""
_SLICE_BYTES = 256 << 20
"""The most bytes of rows whose identities one worker folds, where they spread evenly."""
GIVEN_UP = Failure("processing_failed", "the file could not be processed; try again, or split it")


def is_shared(upload: Upload, file: ObjectVersion) -> bool:
    """Whether many workers share a file: one of lines that is not packed, and longer than two splits.

    One worker reads the whole of a preview, and of what a preset, an overwrite, a header told apart or new segments
    make of a file.
    """
    is_plain = upload.preset is None and upload.mode != "overwrite" and not upload.creates_segments
    if not is_plain or upload.header or upload.is_preview or upload.format == "parquet":
        return False
    if file.size <= 2 * SPLIT_BYTES:
        return False
    return packing_of(objects.read_range(file, 0, 4)) == "none"


def share(upload: Upload, sandbox: Sandbox, begun: Begun, file: ObjectVersion) -> None:
    """Share an import out, or ask again for what is left of it; a file that is none fails it."""
    kept = shard_store.find_layout(upload)
    try:
        if kept is None:
            plan = planning.plan_of(upload, sandbox, begun.at, [])
            kept = shard_store.put_layout(upload, _layout(upload, plan, file))
    except UploadRejected as rejected:
        fail(upload, begun, Failure(rejected.reason, rejected.detail), NOTHING)
    else:
        advance(upload, sandbox, begun, kept, again=True)


def _layout(upload: Upload, plan: Plan, file: ObjectVersion) -> Layout:
    if file.size > most_bytes():
        raise too_large()
    splits = tuple(_splits(upload, plan, file))
    people = person_versions.read(upload.sandbox_id)
    return Layout(splits, cut_of(len(splits), buckets.bucket_bits()), ends.names_people(upload), people)


def cut_of(splits: int, bucket_bits: int) -> Cut:
    """How the work on so many splits is shared out, in a deployment with 2^bits buckets."""
    wanted = 1 << (splits - 1).bit_length()
    spans = len(buckets.spans(bucket_bits))
    return Cut(bucket_bits, min(1 << bucket_bits, max(spans, wanted)), wanted)


def most_bytes() -> int:
    """The longest file of lines that a deployment's buckets allow."""
    return _SLICE_BYTES << buckets.bucket_bits()


def _splits(upload: Upload, plan: Plan, file: ObjectVersion) -> list[Split]:
    def read(start: int, end: int) -> bytes:
        return objects.read_range(file, start, end)

    header = 0
    if upload.format == "csv":
        start = decoded_start(read(0, min(START_BYTES, file.size)))
        dialect = find_dialect(start, [column.column for column in plan.columns], plan.delimiter)
        pieces = cutting.cut_csv(read, file.size, SPLIT_BYTES, dialect)
        header = cutting.header_end(read, dialect)
    else:
        pieces = cutting.cut_lines(read, file.size, SPLIT_BYTES)
    return [Split(upload.file_name, file.key, piece.start, piece.end, header if piece.start else 0) for piece in pieces]


# Messages


def run(message: Mapping[str, Any]) -> None:
    """Do a piece of work that a message asks for; work on an import that has ended is none."""
    upload, sandbox = store.upload(message["sandboxId"], message["uploadId"]), access.sandbox(message["sandboxId"])
    kept = shard_store.find_layout(upload) if upload is not None else None
    if upload is None or sandbox is None or kept is None:
        return
    if upload.status != "processing":
        shard_store.clear(upload)
        return
    begun = store.begun(upload)
    stage, number = cast("Stage", message["stage"]), message["number"]
    try:
        if number not in shard_store.done(upload, stage):
            with TemporaryDirectory() as folder:
                _WORK[stage](upload, sandbox, begun, kept, number, Path(folder))
        advance(upload, sandbox, begun, kept)
    except UploadRejected as rejected:
        fail(upload, begun, Failure(rejected.reason, rejected.detail), NOTHING)


def give_up(message: Mapping[str, Any], _: Exception) -> None:
    """Fail the import of a piece of work that failed for the last time."""
    if "stage" not in message:
        return
    upload = store.upload(message["sandboxId"], message["uploadId"])
    if upload is not None and upload.status == "processing" and not upload.total:
        fail(upload, store.begun(upload), GIVEN_UP, NOTHING)


def fail(upload: Upload, begun: Begun, failure: Failure, counts: StagedCounts) -> None:
    """End a shared import as failed."""
    store.announce_failure(upload, failure, counts)
    ends.fail(upload, begun, failure)
    shard_store.clear(upload)


def advance(upload: Upload, sandbox: Sandbox, begun: Begun, kept: Layout, *, again: bool = False) -> None:
    """Ask for the work of the first stage that is not done, or `again` for what is missing; end after the last."""
    for stage, count in kept.work().items():
        missing = sorted(set(range(count)) - shard_store.done(upload, stage))
        if missing:
            if shard_store.is_first_to_send(upload, stage) or (again and shard_store.is_idle(upload)):
                send("UPLOADS_QUEUE_URL", [Message(_message(upload, stage, number)) for number in missing])
            return
        if stage == "read":
            refusal = _judge(upload, sandbox, begun, kept)
            if refusal is not None:
                fail(upload, begun, *refusal)
                return
    _end(upload, sandbox, begun, kept)


def _message(upload: Upload, stage: Stage, number: int) -> dict[str, Any]:
    return {"sandboxId": upload.sandbox_id, "uploadId": upload.upload_id, "stage": stage, "number": number}


# Work


def _read(upload: Upload, sandbox: Sandbox, begun: Begun, kept: Layout, number: int, work_dir: Path) -> None:
    split = kept.splits[number]
    file = objects.find(split.key)
    if file is None:
        raise UploadRejected("no_file", "the file is gone; start a new upload")
    path = work_dir / SOURCE_FOLDER / "file"
    path.parent.mkdir()
    with path.open("wb") as target:
        if split.header:
            target.write(objects.read_range(file, 0, split.header))
        target.write(objects.read_range(file, split.start, split.end))
    listed = dict(buckets.listing(layout.suppressions(upload.sandbox_id)))
    suppressed = buckets.download(planning.refused_by(upload, listed), work_dir, "suppressions")
    plan = planning.plan_of(upload, sandbox, begun.at, [local for local, _ in suppressed.values()])
    made = shards.read(path, plan, number, kept.cut, work_dir)
    said = {
        "facts": made.facts.document(),
        "unnamed": made.unnamed,
        "suppressions": {str(bucket): stored.etag for bucket, stored in listed.items()},
    }
    shard_store.put_result(upload, "read", number, made.files, said, work_dir)


def _fold(upload: Upload, sandbox: Sandbox, begun: Begun, kept: Layout, number: int, work_dir: Path) -> None:
    read = shard_store.results(upload, "read", range(len(kept.splits)))
    given = shard_store.fetch(read, work_dir / "given", number)
    plan = planning.plan_of(upload, sandbox, begun.at, [])
    look_up = planning.look_up_of(upload, plan, work_dir) if kept.has_people else None
    made = shards.fold(given, plan, kept.cut, work_dir, look_up)
    said = {}
    if made.change is not None:
        said = _put_change(upload, sandbox, begun, kept, number, made.change, work_dir)
    shard_store.put_result(upload, "fold", number, made.files, said, work_dir)


def _decide(upload: Upload, sandbox: Sandbox, begun: Begun, kept: Layout, number: int, work_dir: Path) -> None:
    read = shard_store.results(upload, "read", range(len(kept.splits)))
    folded = shard_store.results(upload, "fold", range(kept.cut.slices))
    given = shard_store.fetch([*read, *folded], work_dir / "given", number)
    plan = planning.plan_of(upload, sandbox, begun.at, [])
    made = shards.decide(given, plan, kept.cut, work_dir, planning.look_up_of(upload, plan, work_dir))
    shard_store.put_result(upload, "decide", number, made.files, {"people": made.people}, work_dir)


def _seal(upload: Upload, sandbox: Sandbox, begun: Begun, kept: Layout, number: int, work_dir: Path) -> None:
    own = shard_store.fetch(shard_store.results(upload, "fold", [number]), work_dir / "own", None)
    decided = shard_store.results(upload, "decide", range(kept.cut.groups))
    given = own | shard_store.fetch(decided, work_dir / "given", number)
    plan = planning.plan_of(upload, sandbox, begun.at, [])
    made = shards.seal(given, plan, work_dir)
    said = _put_change(upload, sandbox, begun, kept, number, made.change, work_dir)
    shard_store.put_result(upload, "seal", number, {}, said | {"replaced": made.replaced}, work_dir)


_WORK = {"read": _read, "fold": _fold, "decide": _decide, "seal": _seal}


def _put_change(
    upload: Upload, sandbox: Sandbox, begun: Begun, kept: Layout, number: int, change: Parts, work_dir: Path
) -> dict[str, Any]:
    """Write a slice's part of the change, which is not visible yet; returns what the guards have to know of it."""
    span = kept.cut.span(number)
    for path, name in ((change.profiles, change_log.PROFILES), (change.memberships, change_log.MEMBERSHIPS)):
        if path is not None:
            change_log.put_change_file(upload.sandbox_id, span, begun.change_id, path, change_log.part(name, number))
    said: dict[str, Any] = {
        "isEmpty": not any(change),
        "segments": segments_of([change.memberships]) if change.memberships else [],
    }
    own = {bucket for bucket in buckets.buckets_of(span, kept.cut.bucket_bits) if kept.cut.holds(number, bucket)}
    if upload.mode == "snapshot" and not upload.allow_removal:
        listed = dict(buckets.listing(layout.memberships(upload.sandbox_id, upload.segment_id or "")))
        current = buckets.download({bucket: listed[bucket] for bucket in own & listed.keys()}, work_dir, "current")
        named = [change.memberships] if change.memberships else []
        members = removals([path for path, _ in current.values()], named, upload.segment_id or "")
        said |= {"members": members[0], "leaving": members[1]}
    if sandbox.profile_entitlement is not None and upload.mode != "suppression":
        known = dict(buckets.listing(layout.profiles(upload.sandbox_id)))
        keys = {work_dir / buckets.object_key("known-", bucket): known[bucket].key for bucket in own & known.keys()}
        files = list(ranges.copy(keys, dict.fromkeys(keys, layout.KEY_COLUMNS)))
        counted = additions(files, [change.profiles] if change.profiles else [])
        said |= {"known": counted[0], "new": counted[1]}
    return said


# The whole


def _judge(upload: Upload, sandbox: Sandbox, begun: Begun, kept: Layout) -> tuple[Failure, StagedCounts] | None:
    """Why the rows of all splits together are refused, with their counts."""
    found = facts.merged(_facts(upload, kept))
    plan = planning.plan_of(upload, sandbox, begun.at, [])
    counts = counted(found, overruled={}, repeated=0, people=0, replaced=0)
    try:
        facts.check(found, plan)
    except UploadRejected as rejected:
        return Failure(rejected.reason, rejected.detail), counts
    refusal = guards.too_many_rejects(counts, sandbox.reject_guard, allowed=upload.allow_rejects)
    if refusal is None:
        return None
    with TemporaryDirectory() as folder:
        _put_rejects(upload, kept, Path(folder))
    return refusal, replace(counts, warnings=warnings_of(found, upload.columns))


def _facts(upload: Upload, kept: Layout) -> list[Facts]:
    read = shard_store.results(upload, "read", range(len(kept.splits)))
    return [Facts.of(result.said["facts"]) for result in read]


def _end(upload: Upload, sandbox: Sandbox, begun: Begun, kept: Layout) -> None:
    """Accept the change and make it visible; or fail the import, or have splits read again."""
    if not upload.total:
        stale = _stale(upload, kept)
        if stale:
            for stage, count in kept.work().items():
                shard_store.withdraw(upload, stage, stale if stage == "read" else range(count))
            change_log.withdraw(upload.sandbox_id, buckets.all_spans(), begun.change_id)
            advance(upload, sandbox, begun, kept)
            return
        with TemporaryDirectory() as folder:
            refusal = _accept(upload, sandbox, kept, Path(folder))
        if refusal is not None:
            fail(upload, begun, *refusal)
            return
    ends.publish(upload, begun, kept.people, slices=kept.cut.slices)
    shard_store.clear(upload)


def _stale(upload: Upload, kept: Layout) -> list[int]:
    """The splits that were read before somebody was suppressed of whom they may speak."""
    if upload.mode == "suppression":
        return []
    now = {str(bucket): stored.etag for bucket, stored in buckets.listing(layout.suppressions(upload.sandbox_id))}
    read = shard_store.results(upload, "read", range(len(kept.splits)))
    return [number for number, result in enumerate(read) if result.said["suppressions"] != now]


def _accept(upload: Upload, sandbox: Sandbox, kept: Layout, work_dir: Path) -> tuple[Failure, StagedCounts] | None:
    last: Stage = "seal" if kept.has_people else "fold"
    made = shard_store.results(upload, last, range(kept.cut.slices))
    counts = _counts(upload, kept, made, work_dir)
    refusal = _refusal(upload, sandbox, counts, made)
    _put_rejects(upload, kept, work_dir)
    if refusal is not None:
        return refusal, counts
    _put_beside(upload, kept, work_dir)
    named = sorted({name for result in made for name in result.said["segments"]} | {*filter(None, [upload.segment_id])})
    if upload.deciding_labels or upload.data_source_id:
        # Before the change is accepted, so that no member comes without the labels of its file.
        segments_service.inherit(sandbox, named, upload.deciding_labels, upload.data_source_id, upload.actor)
    touched = {kept.cut.span(number) for number, result in enumerate(made) if not result.said["isEmpty"]}
    spans = buckets.all_spans() if upload.mode == "snapshot" else sorted(touched)
    store.accept(upload, counts, facts.merged(_facts(upload, kept)).delimiter, spans)
    return None


def _counts(upload: Upload, kept: Layout, made: Sequence[shard_store.Result], work_dir: Path) -> StagedCounts:
    read = shard_store.results(upload, "read", range(len(kept.splits)))
    noted = list(shard_store.results(upload, "fold", range(kept.cut.slices)))
    people = 0
    if kept.has_people:
        decided = shard_store.results(upload, "decide", range(kept.cut.groups))
        people = sum(result.said["people"] for result in decided)
        noted += decided
    found = [Facts.of(result.said["facts"]) for result in read]
    given = shard_store.fetch(noted, work_dir / "noted", None, ("overruled", "repeated"))
    replaced = sum(result.said.get("replaced", 0) for result in made)
    with connect() as connection:
        counts = shards.count(
            connection, found, sum(result.said["unnamed"] for result in read), given, people, replaced
        )
    return replace(counts, warnings=warnings_of(facts.merged(found), upload.columns))


def _refusal(
    upload: Upload, sandbox: Sandbox, counts: StagedCounts, made: Sequence[shard_store.Result]
) -> Failure | None:
    def total(name: str) -> int:
        return sum(result.said.get(name, 0) for result in made)

    refusal = None
    if not upload.allow_removal:
        refusal = guards.too_many_replaced(counts) or guards.too_many_removals(
            total("members"), total("leaving"), sandbox.removal_guard
        )
    return refusal or guards.too_many_profiles(
        total("known"), total("new"), sandbox.profile_entitlement, allowed=upload.allow_over_entitlement
    )


def _put_rejects(upload: Upload, kept: Layout, work_dir: Path) -> None:
    read = shard_store.results(upload, "read", range(len(kept.splits)))
    noted = [
        result
        for stage in ("fold", "decide")
        for result in shard_store.results(upload, stage, sorted(shard_store.done(upload, stage)))
    ]
    given = shard_store.fetch([*read, *noted], work_dir / "rejects", None, ("rejects", "overruled"))
    rows, first = list[SplitRows](), dict[str, int]()
    for split, result in zip(kept.splits, read, strict=True):
        rows.append(SplitRows(split.part, first.get(split.part, 0)))
        first[split.part] = first.get(split.part, 0) + result.said["facts"]["rows"]
    path = work_dir / "rejects.csv"
    with connect() as connection:
        files = [*given.get("rejects", ()), *given.get("overruled", ())]
        if shards.write_rejects(connection, files, rows, path):
            store.put_rejects(upload, path)


def _put_beside(upload: Upload, kept: Layout, work_dir: Path) -> None:
    """Keep what is kept beside profiles: people's answers, indexed phone numbers, renderings; a repeat adds nothing."""
    made = shard_store.results(upload, "read", range(len(kept.splits)))
    if kept.has_people:
        made += shard_store.results(upload, "decide", range(kept.cut.groups))
    for number, result in enumerate(made):
        kinds = ("answers", "phone_index", "renderings")
        given = shard_store.fetch([result], work_dir / f"beside-{number}", None, kinds)
        for path in given.get("answers", ()):
            answers.add(upload.sandbox_id, path)
        for path in given.get("phone_index", ()):
            phone_index.add(upload.sandbox_id, parquet([path]))
        for path in given.get("renderings", ()):
            kept_renderings.add(upload.sandbox_id, parquet([path]))
