"""An import that many workers share, from its raw file to its change (`shards` says what each does).

Each piece of work is a message; who has done the last one of a stage asks for the next. A piece may be done twice, and
a message be lost: what is done is told by `shard_store` alone, and the sweep asks again for what is not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from handfast.access import store as access
from handfast.ingest import (
    accepting,
    ends,
    facts,
    guards,
    import_parts,
    new_segments,
    planning,
    remote_parts,
    shard_store,
    shards,
    splits,
    splitting,
    store,
)
from handfast.ingest.applying import additions, segments_of
from handfast.ingest.column_shapes import warnings_of
from handfast.ingest.counting import counted
from handfast.ingest.csv_source import empty_file
from handfast.ingest.facts import Facts
from handfast.ingest.folding import Parts
from handfast.ingest.growth import too_large
from handfast.ingest.models import FailedPart, Failure, Upload
from handfast.ingest.plan import NOTHING, Plan, StagedCounts, UploadRejected
from handfast.ingest.reading import SOURCE_FOLDER
from handfast.ingest.shard_store import Result
from handfast.ingest.shards import SplitRead, SplitRows
from handfast.ingest.splits import Cut, Layout, Part, Split, Stage
from handfast.ingest.store import Begun
from handfast.journal.models import Sandbox
from handfast.lake import buckets, change_log, layout, person_versions, ranges
from handfast.lake.duck import connect
from handfast.platform.objects import LostRaceError, ObjectVersion
from handfast.platform.queues import Message, send

GIVEN_UP = Failure("processing_failed", "the file could not be processed; try again, or split it")


@dataclass
class _Refusal(Exception):  # noqa: N818 - an expected outcome
    """Why an import ends as failed, with what was counted by then, and the parts that are at fault."""

    failure: Failure
    counts: StagedCounts = NOTHING
    parts: Sequence[FailedPart] = ()


def parts_of(upload: Upload, file: ObjectVersion) -> list[Part]:
    """What many workers share of an upload, whose file has come; nothing where one worker reads it.

    The file of an import is the list of its parts.
    """
    if upload.is_import:
        return import_parts.read_started(file)
    if not splitting.is_large(upload, file):
        return []
    return [Part(0, upload.file_name, file.key, file.size, etag=file.etag)]


def share(upload: Upload, sandbox: Sandbox, begun: Begun, parts: Sequence[Part]) -> None:
    """Share an import out, or ask again for what is left of it."""
    shard_store.put_parts(upload, splits.shares(parts))
    work = _work_on(upload, sandbox, begun)
    if work is not None:
        _end_if_refused(work, lambda: _advance(work, again=True))


def cut_of(pieces: int, bucket_bits: int) -> Cut:
    """How the rows of so many pieces are shared out, in a deployment with 2^bits buckets."""
    wanted = 1 << (pieces - 1).bit_length()
    spans = len(buckets.spans(bucket_bits))
    return Cut(bucket_bits, min(1 << bucket_bits, max(spans, wanted)), wanted)


@dataclass(frozen=True)
class _Work:
    """An import in work: its parts as workers find their splits, and how it is shared out once these are known."""

    upload: Upload
    sandbox: Sandbox
    begun: Begun
    shares: Sequence[Sequence[Part]]
    layout: Layout | None

    @property
    def stages(self) -> dict[Stage, int]:
        """How many pieces of work each stage has, of those that can be told yet."""
        first: dict[Stage, int] = {"cut": len(self.shares)}
        return first | (self.layout.work() if self.layout else {})

    @property
    def laid_out(self) -> Layout:
        """How it is shared out; raises LostRaceError where it has ended meanwhile."""
        if self.layout is None:
            raise LostRaceError(self.upload.upload_id)
        return self.layout

    def plan(self, suppressions: Sequence[Path] = (), created: Mapping[str, str] | None = None) -> Plan:
        """How its splits are read; `created` are the segments that come into being with them, once they are known."""
        creates = self.begun.change_id if self.upload.creates_segments else None
        plan = planning.plan_of(self.upload, self.sandbox, self.begun.at, suppressions, creates)
        return replace(plan, segments={**plan.segments, **created}) if created else plan


def _work_on(upload: Upload, sandbox: Sandbox, begun: Begun) -> _Work | None:
    shares = shard_store.find_parts(upload)
    if shares is None:
        return None
    return _Work(upload, sandbox, begun, shares, shard_store.find_layout(upload))


# Messages


def run(message: Mapping[str, Any]) -> None:
    """Do a piece of work that a message asks for; work on an import that has ended, or was begun anew, is none."""
    upload, sandbox = store.upload(message["sandboxId"], message["uploadId"]), access.sandbox(message["sandboxId"])
    if upload is None or sandbox is None:
        return
    if upload.status != "processing" or upload.waiting:
        shard_store.clear(upload)
        return
    work = _work_on(upload, sandbox, store.begun(upload))
    if work is None or message.get("changeId") != work.begun.change_id:  # one of an earlier version names none
        return
    if work.begun.failure is not None:
        end_as_failed(upload, work.begun, work.begun.failure)
        return
    _end_if_refused(work, lambda: _do(work, cast("Stage", message["stage"]), message["number"]))


def _do(work: _Work, stage: Stage, number: int) -> None:
    is_done = number in shard_store.done(work.upload, stage)
    if not is_done:
        _work(work, stage, number)
    # Whose message comes again may have died before it asked for what follows.
    _advance(work, again=is_done)


def _work(work: _Work, stage: Stage, number: int) -> None:
    with TemporaryDirectory() as folder:
        _WORK[stage](work, number, Path(folder))


def _end_if_refused(work: _Work, act: Callable[[], None]) -> None:
    try:
        act()
    except UploadRejected as rejected:
        _fail(work, _Refusal(Failure(rejected.reason, rejected.detail)))
    except _Refusal as refusal:
        _fail(work, refusal)


def give_up(sandbox_id: str, upload_id: str) -> None:
    """Fail an upload whose work has failed for the last time, unless it is accepted."""
    upload = store.upload(sandbox_id, upload_id)
    if upload is not None and upload.status == "processing" and not (upload.total or upload.waiting):
        store.announce_failure(upload, GIVEN_UP, NOTHING)
        end_as_failed(upload, store.begun(upload), GIVEN_UP)


def _fail(work: _Work, refusal: _Refusal) -> None:
    """End an import as failed, whose parts are kept so that those at fault can be put again."""
    store.announce_failure(work.upload, refusal.failure, refusal.counts, refusal.parts)
    end_as_failed(work.upload, work.begun, refusal.failure)


def end_as_failed(upload: Upload, begun: Begun, failure: Failure) -> None:
    """End an upload as failed, and leave nothing of what workers wrote for it."""
    ends.fail(upload, begun, failure)
    shard_store.clear(upload)


def _advance(work: _Work, *, again: bool = False) -> None:
    """Ask for the work of the first stage that is not done, or `again` for what is missing; end after the last.

    A stage of one piece is done at once, by whom it falls to: most imports are small, and a message takes its time.
    """
    for stage, count in work.stages.items():
        missing = sorted(set(range(count)) - shard_store.done(work.upload, stage))
        if not missing:
            continue
        if count == 1:
            _judge_before(work, stage)
            _work(work, stage, 0)
            continue
        if shard_store.is_first_to_send(work.upload, stage) or (again and shard_store.is_idle(work.upload)):
            _judge_before(work, stage)
            send("UPLOADS_QUEUE_URL", [_message(work, stage, number) for number in missing])
        return
    if work.layout is None:
        _advance(replace(work, layout=_lay_out(work)), again=again)
    else:
        _end(work)


def _message(work: _Work, stage: Stage, number: int) -> Message:
    upload = work.upload
    named = {"sandboxId": upload.sandbox_id, "uploadId": upload.upload_id, "changeId": work.begun.change_id}
    return Message(named | {"stage": stage, "number": number}, group=upload.sandbox_id)


# Work


def _cut(work: _Work, number: int, work_dir: Path) -> None:
    found, failed = list[Split](), list[FailedPart]()
    plan = work.plan()
    with remote_parts.fetching(work.upload) as fetch:
        for part in work.shares[number]:
            with _failing_alone(work.upload, part.name, failed):
                fetch(part)
                found += splitting.splits_of(work.upload, plan, part)
    said = {"splits": [asdict(split) for split in found], "failed": [asdict(part) for part in failed]}
    shard_store.put_result(work.upload, "cut", number, [], said, work_dir)


@contextmanager
def _failing_alone(upload: Upload, name: str, failed: list[FailedPart]) -> Iterator[None]:
    """Note that a part cannot be read, so that all such parts of an import are told at once."""
    try:
        yield
    except UploadRejected as rejected:
        if not upload.is_import:
            raise
        failed.append(FailedPart(name, rejected.reason, rejected.detail))


def _lay_out(work: _Work) -> Layout:
    """How the import is shared out, as its splits are known; raises _Refusal."""
    made = shard_store.results(work.upload, "cut", range(len(work.shares)))
    _refuse_parts(work.upload, made)
    pieces = splits.pieces([Split(**split) for result in made for split in result.said["splits"]])
    if sum(split.end - split.start for piece in pieces for split in piece.splits) > splits.most_bytes():
        raise too_large(splits.most_bytes())
    if not pieces:
        raise empty_file()
    cut = cut_of(len(pieces), buckets.bucket_bits())
    people = person_versions.read(work.upload.sandbox_id)
    return shard_store.put_layout(work.upload, Layout(pieces, cut, ends.names_people(work.upload), people))


def _refuse_parts(upload: Upload, made: Iterable[Result], counts: StagedCounts = NOTHING) -> None:
    """Raise _Refusal where parts cannot be read."""
    failed = list({part["name"]: FailedPart(**part) for result in made for part in result.said["failed"]}.values())
    if failed:
        once_more = "put these again, as parts tells, and start the import once more"
        if upload.source_id is not None:
            once_more = "see to these at the source, as parts tells; its next run takes all of them again"
        detail = f"{len(failed)} of {upload.parts} parts cannot be read, and nothing was taken: {once_more}"
        raise _Refusal(Failure("parts_refused", detail), counts, failed)


def _read(work: _Work, number: int, work_dir: Path) -> None:
    piece = work.laid_out.pieces[number]
    listed = dict(buckets.listing(layout.suppressions(work.upload.sandbox_id)))
    suppressed = buckets.download(planning.refused_by(work.upload, listed), work_dir, "suppressions")
    plan = work.plan([local for local, _ in suppressed.values()])
    made, failed = list[SplitRead](), list[FailedPart]()
    for place, split in enumerate(piece.splits):
        read = SplitRead(Facts(), 0, {})
        with _failing_alone(work.upload, split.part, failed):
            read = _read_split(split, piece.first + place, plan, work.laid_out.cut, work_dir / f"split-{place}")
        made.append(read)
    said = {
        "splits": [{"facts": split.facts.document(), "unnamed": split.unnamed} for split in made],
        "failed": [asdict(part) for part in failed],
        "created": {name: segment for split in made for name, segment in split.created.items()},
        "suppressions": {str(bucket): stored.etag for bucket, stored in listed.items()},
    }
    shard_store.put_result(work.upload, "read", number, [split.files for split in made], said, work_dir)


def _read_split(split: Split, number: int, plan: Plan, cut: Cut, work_dir: Path) -> SplitRead:
    path = work_dir / SOURCE_FOLDER / "file"
    path.parent.mkdir(parents=True)
    splitting.write_split(split, path)
    return shards.read(path, replace(plan, partition=split.partition), number, cut, work_dir)


def _fold(work: _Work, number: int, work_dir: Path) -> None:
    read = shard_store.results(work.upload, "read", range(len(work.laid_out.pieces)))
    given = shard_store.fetch(read, work_dir / "given", number)
    plan = work.plan(created=_created(read))
    look_up = planning.look_up_of(work.upload, plan, work_dir) if work.laid_out.has_people else None
    made = shards.fold(given, plan, work.laid_out.cut, work_dir, look_up)
    said = {} if made.change is None else _put_change(work, number, made.change, work_dir)
    shard_store.put_result(work.upload, "fold", number, [made.files], said, work_dir)


def _decide(work: _Work, number: int, work_dir: Path) -> None:
    read = shard_store.results(work.upload, "read", range(len(work.laid_out.pieces)))
    folded = shard_store.results(work.upload, "fold", range(work.laid_out.cut.slices))
    given = shard_store.fetch([*read, *folded], work_dir / "given", number)
    plan = work.plan(created=_created(read))
    made = shards.decide(given, plan, work.laid_out.cut, work_dir, planning.look_up_of(work.upload, plan, work_dir))
    shard_store.put_result(work.upload, "decide", number, [made.files], {"people": made.people}, work_dir)


def _seal(work: _Work, number: int, work_dir: Path) -> None:
    own = shard_store.fetch(shard_store.results(work.upload, "fold", [number]), work_dir / "own", None)
    decided = shard_store.results(work.upload, "decide", range(work.laid_out.cut.groups))
    given = own | shard_store.fetch(decided, work_dir / "given", number)
    read: list[Result] = []
    if work.upload.creates_segments:
        read = shard_store.results(work.upload, "read", range(len(work.laid_out.pieces)))
    made = shards.seal(given, work.plan(created=_created(read)), work_dir)
    said = _put_change(work, number, made.change, work_dir)
    shard_store.put_result(work.upload, "seal", number, [], said | {"replaced": made.replaced}, work_dir)


_WORK = {"cut": _cut, "read": _read, "fold": _fold, "decide": _decide, "seal": _seal}


def _created(read: Iterable[Result]) -> dict[str, str]:
    """The segments that come into being, by name, whichever split names them."""
    return {name: segment for result in read for name, segment in result.said["created"].items()}


def _put_change(work: _Work, number: int, change: Parts, work_dir: Path) -> dict[str, Any]:
    """Write a slice's part of the change, which is not visible yet; returns what the guards have to know of it."""
    upload, cut = work.upload, work.laid_out.cut
    span = cut.span(number)
    accepting.put_change(upload, work.begun, span, *change, number)
    said: dict[str, Any] = {
        "isEmpty": not any(change),
        "segments": segments_of([change.memberships]) if change.memberships else [],
    }
    own = {bucket for bucket in buckets.buckets_of(span, cut.bucket_bits) if cut.holds(number, bucket)}
    if upload.mode == "snapshot" and not upload.allow_removal:
        listed = dict(buckets.listing(layout.memberships(upload.sandbox_id, upload.segment_id or "")))
        current = buckets.download({bucket: listed[bucket] for bucket in own & listed.keys()}, work_dir, "current")
        named = [change.memberships] if change.memberships else []
        files = [path for path, _ in current.values()]
        members = planning.removals_of(upload, files, named)
        said |= {"members": members[0], "leaving": members[1]}
    if work.sandbox.profile_entitlement is not None and upload.mode != "suppression":
        known = dict(buckets.listing(layout.profiles(upload.sandbox_id)))
        keys = {work_dir / buckets.object_key("known-", bucket): known[bucket].key for bucket in own & known.keys()}
        files = list(ranges.copy(keys, dict.fromkeys(keys, layout.KEY_COLUMNS)))
        counted = additions(files, [change.profiles] if change.profiles else [])
        said |= {"known": counted[0], "new": counted[1]}
    return said


# The whole


def _judge_before(work: _Work, stage: Stage) -> None:
    """Raise _Refusal where the rows of all splits together are refused, once all are read."""
    if stage != "fold":
        return
    made = _made(work.upload, {"read": len(work.laid_out.pieces)})
    found = facts.merged(_facts(made))
    counts = counted(found, overruled={}, repeated=0, people=0, replaced=0)
    _refuse_parts(work.upload, made["read"], counts)
    try:
        facts.check(found, work.plan())
        new_segments.check_number(len(_created(made["read"])))
    except UploadRejected as rejected:
        raise _Refusal(Failure(rejected.reason, rejected.detail), counts) from None
    refusal = guards.too_many_rejects(counts, work.sandbox.reject_guard, allowed=work.upload.allow_rejects)
    if refusal is None:
        return
    with TemporaryDirectory() as folder:
        _put_rejects(work, made, Path(folder))
    raise _Refusal(refusal, replace(counts, warnings=warnings_of(found, work.upload.columns)))


type _Made = Mapping[Stage, Sequence[Result]]
"""What all pieces of some stages have come to."""


def _made(upload: Upload, work: Mapping[Stage, int]) -> _Made:
    return {stage: shard_store.results(upload, stage, range(count)) for stage, count in work.items()}


def _facts(made: _Made) -> list[Facts]:
    return [Facts.of(split["facts"]) for result in made["read"] for split in result.said["splits"]]


def _end(work: _Work) -> None:
    """Accept the change and make it visible, or have splits read again; raises _Refusal."""
    upload, kept = work.upload, work.laid_out
    if not upload.total:
        made = _made(upload, kept.work())
        stale = _stale(upload, made)
        if stale:
            for stage, count in kept.work().items():
                shard_store.withdraw(upload, stage, stale if stage == "read" else range(count))
            change_log.withdraw(upload.sandbox_id, buckets.all_spans(), work.begun.change_id)
            _advance(work)
            return
        with TemporaryDirectory() as folder:
            _accept(work, made, Path(folder))
    ends.publish(upload, work.begun, kept.people, slices=kept.cut.slices)
    shard_store.clear(upload)


def _stale(upload: Upload, made: _Made) -> list[int]:
    """The pieces that were read before somebody was suppressed of whom they may speak."""
    if upload.mode == "suppression":
        return []
    now = {str(bucket): stored.etag for bucket, stored in buckets.listing(layout.suppressions(upload.sandbox_id))}
    return [number for number, result in enumerate(made["read"]) if result.said["suppressions"] != now]


def _accept(work: _Work, made: _Made, work_dir: Path) -> None:
    upload, kept = work.upload, work.laid_out
    written = made["seal" if kept.has_people else "fold"]
    found = _facts(made)
    counts = _counts(upload, made, found, work_dir)
    refusal = _refusal(upload, work.sandbox, counts, written)
    _put_rejects(work, made, work_dir)
    if refusal is not None:
        raise _Refusal(refusal, counts)
    accepting.create_segments(upload, _created(made["read"]))
    _put_beside(upload, made, work_dir)
    named = {name for result in written for name in result.said["segments"]} | {*filter(None, [upload.segment_id])}
    touched = {kept.cut.span(number) for number, result in enumerate(written) if not result.said["isEmpty"]}
    accepting.accept(upload, work.sandbox, counts, facts.merged(found).delimiter, sorted(named), touched)


def _counts(upload: Upload, made: _Made, found: Sequence[Facts], work_dir: Path) -> StagedCounts:
    decided = made.get("decide", ())
    given = shard_store.fetch([*made["fold"], *decided], work_dir / "noted", None, ("overruled", "repeated"))
    unnamed = sum(split["unnamed"] for result in made["read"] for split in result.said["splits"])
    people = sum(result.said["people"] for result in decided)
    replaced = sum(result.said["replaced"] for result in made.get("seal", ()))
    with connect() as connection:
        counts = shards.count(connection, found, unnamed, given, people, replaced)
    warnings = warnings_of(facts.merged(found), upload.columns)
    return replace(counts, warnings=warnings, created=len(_created(made["read"])))


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


def _put_rejects(work: _Work, made: _Made, work_dir: Path) -> None:
    told = [result for results in made.values() for result in results]
    given = shard_store.fetch(told, work_dir / "rejects", None, ("rejects", "overruled"))
    rows, first = list[SplitRows](), dict[str, int]()
    for split, found in zip(work.laid_out.splits, _facts(made), strict=True):
        rows.append(SplitRows(split.part if work.upload.is_import else None, first.get(split.part, 0)))
        first[split.part] = first.get(split.part, 0) + found.rows
    path = work_dir / "rejects.csv"
    with connect() as connection:
        files = [*given.get("rejects", ()), *given.get("overruled", ())]
        named = work.upload.rejects_name_profiles
        if shards.write_rejects(connection, files, rows, path, with_profile_id=named):
            store.put_rejects(work.upload, path)


def _put_beside(upload: Upload, made: _Made, work_dir: Path) -> None:
    kinds = ("answers", "phone_index", "renderings")
    for number, result in enumerate([*made["read"], *made.get("decide", ())]):
        given = shard_store.fetch([result], work_dir / f"beside-{number}", None, kinds)
        accepting.keep_beside(upload.sandbox_id, *(given.get(kind, ()) for kind in kinds))
