"""An import as many workers make it, in one process: what `staging.stage` is compared with."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from handfast.ingest import cutting, facts, shards
from handfast.ingest.column_shapes import warnings_of
from handfast.ingest.csv_source import find_dialect
from handfast.ingest.folding import Parts
from handfast.ingest.person_facts import LookUp
from handfast.ingest.plan import Plan, Staged, StagedSpan
from handfast.ingest.shards import SplitRead, SplitRows
from handfast.ingest.splits import Cut, Written
from handfast.lake import buckets
from handfast.lake.duck import connect, parquet, write


def split_files(path: Path, plan: Plan, folder: Path, piece_bytes: int) -> list[Path]:
    """The splits of a plain file, as files."""
    data = path.read_bytes()
    if plan.format == "parquet" or data[:4] == b"\x28\xb5\x2f\xfd" or data[:2] == b"\x1f\x8b":
        return [path]
    read: cutting.Read = lambda start, end: data[start:end]  # noqa: E731
    header = b""
    if plan.format == "csv" and _is_text(data):
        start = data.decode("utf-8-sig")
        dialect = find_dialect(start, [each.column for each in plan.columns if not each.optional], plan.delimiter)
        pieces = cutting.cut_csv(read, len(data), piece_bytes, dialect)
        header = data[: cutting.header_end(read, dialect)]
    elif plan.format == "csv":
        return [path]
    else:
        pieces = cutting.cut_lines(read, len(data), piece_bytes)
    files = []
    for number, piece in enumerate(pieces):
        file = folder / f"split-{number}"
        file.write_bytes((header if number else b"") + data[piece.start : piece.end])
        files.append(file)
    return files


def _is_text(data: bytes) -> bool:
    try:
        return bool(data.decode()) and not data.startswith((b"PAR1", b"PK"))
    except UnicodeDecodeError:
        return False


def stage_in_shards(
    path: Path, plan: Plan, folder: Path, look_up: LookUp | None = None, *, piece_bytes: int = 200, groups: int = 2
) -> Staged:
    """Make a file into the change it stands for as many workers do."""
    folder = Path(mkdtemp(dir=folder))
    slices = 1 << plan.bucket_bits
    cut = Cut(plan.bucket_bits, max(len(buckets.spans(plan.bucket_bits)), min(slices, 4)), groups)
    sources = split_files(path, plan, folder, max(piece_bytes, path.stat().st_size // 3))
    read = [shards.read(file, plan, number, cut, _new(folder, f"read-{number}")) for number, file in enumerate(sources)]
    found = facts.merged([split.facts for split in read])
    facts.check(found, plan)
    folded = [
        shards.fold(_given([split.files for split in read], number), plan, cut, _new(folder, f"fold-{number}"), look_up)
        for number in range(cut.slices)
    ]
    everything = [*(split.files for split in read), *(one.files for one in folded)]
    changes = [one.change for one in folded]
    people = replaced = 0
    answers: list[Path] = []
    if any(column.role == "profileId" for column in plan.columns):
        decided = [
            shards.decide(_given(everything, group), plan, cut, _new(folder, f"decide-{group}"), look_up)
            for group in range(cut.groups)
        ]
        people = sum(one.people for one in decided)
        answers = [one.files["answers"] for one in decided if "answers" in one.files]
        everything += [one.files for one in decided]
        sealed = [
            shards.seal(
                _own(folded[number].files) | _given([one.files for one in decided], number),
                plan,
                _new(folder, f"seal-{number}"),
            )
            for number in range(cut.slices)
        ]
        changes = [one.change for one in sealed]
        replaced = sum(one.replaced for one in sealed)
    with connect() as connection:
        unnamed = sum(split.unnamed for split in read)
        counts = shards.count(connection, [split.facts for split in read], unnamed, _all(everything), people, replaced)
        rejects = folder / "rejects.csv"
        files = _all(everything)
        listed = [*files.get("rejects", ()), *files.get("overruled", ())]
        is_rejected = shards.write_rejects(
            connection, listed, list(_rows(read)), rejects, with_profile_id=plan.rejects_name_profiles
        )
    counts = replace(counts, warnings=warnings_of(found, plan.columns))
    spans = tuple(_spans(cut, [change or Parts(None, None) for change in changes], folder))
    kept = _joined(answers, folder / "answers.parquet", "hi, lo")
    return Staged(spans, rejects if is_rejected else None, counts, kept, found.delimiter)


def _joined(files: list[Path], path: Path, order: str) -> Path | None:
    with connect() as connection:
        return path if files and write(connection, f"FROM {parquet(files)} ORDER BY {order}", path) else None


def _spans(cut: Cut, changes: list[Parts], folder: Path) -> Iterable[StagedSpan]:
    by_span: dict[int, list[Parts]] = {}
    for number, change in enumerate(changes):
        by_span.setdefault(cut.span(number), []).append(change)
    for span, parts in by_span.items():
        profiles = [part.profiles for part in parts if part.profiles]
        memberships = [part.memberships for part in parts if part.memberships]
        found = StagedSpan(
            span,
            _joined(profiles, folder / f"profiles-{span}.parquet", "hi, lo"),
            _joined(memberships, folder / f"memberships-{span}.parquet", "segment, hi, lo"),
        )
        if found.profiles or found.memberships:
            yield found


def _rows(read: Iterable[SplitRead]) -> Iterable[SplitRows]:
    first = 0
    for split in read:
        yield SplitRows(None, first)
        first += split.facts.rows


def _new(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made


def _given(files: Iterable[Written], number: int) -> dict[str, list[Path]]:
    """The files that are for one slice, or group, by kind."""
    given: dict[str, list[Path]] = {}
    for each in files:
        for name, path in each.items():
            kind, _, place = name.partition("/")
            if place == str(number):
                given.setdefault(kind, []).append(path)
    return given


def _own(files: Written) -> dict[str, list[Path]]:
    return {kind: [path] for kind, path in files.items() if "/" not in kind}


def _all(files: Iterable[Written]) -> dict[str, list[Path]]:
    given: dict[str, list[Path]] = {}
    for each in files:
        for kind, path in each.items():
            if "/" not in kind:
                given.setdefault(kind, []).append(path)
    return given


type Stage = Callable[..., Staged]
