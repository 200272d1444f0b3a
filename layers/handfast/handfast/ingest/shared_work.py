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
from handfast.ingest import accepting, cutting, ends, facts, guards, planning, shard_store, shards, store
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
from handfast.ingest.shard_store import Layout, Result, Split, Stage
from handfast.ingest.shards import Cut, SplitRows
from handfast.ingest.store import Begun
from handfast.ingest.unpacking import packing_of
from handfast.journal.models import Sandbox
from handfast.lake import buckets, change_log, layout, person_versions, ranges
from handfast.lake.duck import connect
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion
from handfast.platform.queues import Message, send

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
                refusal = _judge(upload, sandbox, begun, kept) if stage == "fold" else None
                if refusal is not None:
                    fail(upload, begun, *refusal)
                    return
                send("UPLOADS_QUEUE_URL", [Message(_message(upload, stage, number)) for number in missing])
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
    accepting.put_change(upload, begun, span, *change, number)
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
    made = _made(upload, {"read": len(kept.splits)})
    found = facts.merged(_facts(made))
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
        _put_rejects(upload, kept, made, Path(folder))
    return refusal, replace(counts, warnings=warnings_of(found, upload.columns))


type _Made = Mapping[Stage, Sequence[Result]]
"""What all pieces of some stages have come to."""


def _made(upload: Upload, work: Mapping[Stage, int]) -> _Made:
    return {stage: shard_store.results(upload, stage, range(count)) for stage, count in work.items()}


def _facts(made: _Made) -> list[Facts]:
    return [Facts.of(result.said["facts"]) for result in made["read"]]


def _end(upload: Upload, sandbox: Sandbox, begun: Begun, kept: Layout) -> None:
    """Accept the change and make it visible; or fail the import, or have splits read again."""
    if not upload.total:
        made = _made(upload, kept.work())
        stale = _stale(upload, made)
        if stale:
            for stage, count in kept.work().items():
                shard_store.withdraw(upload, stage, stale if stage == "read" else range(count))
            change_log.withdraw(upload.sandbox_id, buckets.all_spans(), begun.change_id)
            advance(upload, sandbox, begun, kept)
            return
        with TemporaryDirectory() as folder:
            refusal = _accept(upload, sandbox, kept, made, Path(folder))
        if refusal is not None:
            fail(upload, begun, *refusal)
            return
    ends.publish(upload, begun, kept.people, slices=kept.cut.slices)
    shard_store.clear(upload)


def _stale(upload: Upload, made: _Made) -> list[int]:
    """The splits that were read before somebody was suppressed of whom they may speak."""
    if upload.mode == "suppression":
        return []
    now = {str(bucket): stored.etag for bucket, stored in buckets.listing(layout.suppressions(upload.sandbox_id))}
    return [number for number, result in enumerate(made["read"]) if result.said["suppressions"] != now]


def _accept(
    upload: Upload, sandbox: Sandbox, kept: Layout, made: _Made, work_dir: Path
) -> tuple[Failure, StagedCounts] | None:
    written = made["seal" if kept.has_people else "fold"]
    found = _facts(made)
    counts = _counts(upload, made, found, work_dir)
    refusal = _refusal(upload, sandbox, counts, written)
    _put_rejects(upload, kept, made, work_dir)
    if refusal is not None:
        return refusal, counts
    _put_beside(upload, made, work_dir)
    named = {name for result in written for name in result.said["segments"]} | {*filter(None, [upload.segment_id])}
    touched = {kept.cut.span(number) for number, result in enumerate(written) if not result.said["isEmpty"]}
    accepting.accept(upload, sandbox, counts, facts.merged(found).delimiter, sorted(named), touched)
    return None


def _counts(upload: Upload, made: _Made, found: Sequence[Facts], work_dir: Path) -> StagedCounts:
    decided = made.get("decide", ())
    given = shard_store.fetch([*made["fold"], *decided], work_dir / "noted", None, ("overruled", "repeated"))
    unnamed = sum(result.said["unnamed"] for result in made["read"])
    people = sum(result.said["people"] for result in decided)
    replaced = sum(result.said["replaced"] for result in made.get("seal", ()))
    with connect() as connection:
        counts = shards.count(connection, found, unnamed, given, people, replaced)
    return replace(counts, warnings=warnings_of(facts.merged(found), upload.columns))


def _refusal(upload: Upload, sandbox: Sandbox, counts: StagedCounts, written: Sequence[Result]) -> Failure | None:
    def total(name: str) -> int:
        return sum(result.said.get(name, 0) for result in written)

    refusal = None
    if not upload.allow_removal:
        refusal = guards.too_many_replaced(counts) or guards.too_many_removals(
            total("members"), total("leaving"), sandbox.removal_guard
        )
    return refusal or guards.too_many_profiles(
        total("known"), total("new"), sandbox.profile_entitlement, allowed=upload.allow_over_entitlement
    )


def _put_rejects(upload: Upload, kept: Layout, made: _Made, work_dir: Path) -> None:
    told = [result for results in made.values() for result in results]
    given = shard_store.fetch(told, work_dir / "rejects", None, ("rejects", "overruled"))
    rows, first = list[SplitRows](), dict[str, int]()
    for split, result in zip(kept.splits, made["read"], strict=True):
        rows.append(SplitRows(split.part, first.get(split.part, 0)))
        first[split.part] = first.get(split.part, 0) + result.said["facts"]["rows"]
    path = work_dir / "rejects.csv"
    with connect() as connection:
        files = [*given.get("rejects", ()), *given.get("overruled", ())]
        if shards.write_rejects(connection, files, rows, path):
            store.put_rejects(upload, path)


def _put_beside(upload: Upload, made: _Made, work_dir: Path) -> None:
    kinds = ("answers", "phone_index", "renderings")
    for number, result in enumerate([*made["read"], *made.get("decide", ())]):
        given = shard_store.fetch([result], work_dir / f"beside-{number}", None, kinds)
        accepting.keep_beside(upload.sandbox_id, *(next(iter(given.get(kind, ())), None) for kind in kinds))
