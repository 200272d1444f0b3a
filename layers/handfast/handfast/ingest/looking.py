"""A look at the first bytes of a file: what its columns seem to hold, and what an upload would make of the rows.

Nothing of a row is kept or told. The bytes are deleted once they have been read, before anything is made of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.access import store as access
from handfast.identity.namespaces import namespace_of, namespaces
from handfast.identity.patterns import holds_identity
from handfast.ingest import guards, heads, store
from handfast.ingest.guessing import Guess, Known, guesses, is_nameable
from handfast.ingest.heads import Announced, Head
from handfast.ingest.models import (
    HEAD_BYTES,
    MAX_MAPPED,
    MAX_PARQUET_BYTES,
    ColumnMapping,
    ColumnWarningView,
    CreateUpload,
    DialectView,
    Failure,
    FilePreview,
    PresetFound,
    PreviewedColumn,
    PreviewFound,
    Role,
    ShareWord,
    UploadError,
    WouldReject,
)
from handfast.ingest.plan import StagedCounts, UploadRejected
from handfast.ingest.planning import plan_of
from handfast.ingest.presets import registry
from handfast.ingest.share_words import CANONICAL, meaning
from handfast.ingest.staging import stage
from handfast.ingest.unpacking import PARQUET_MAGIC, packing_of, unpacked_start
from handfast.ingest.uploads import announced, completed
from handfast.ingest.value_shapes import shape_of
from handfast.journal.models import Sandbox
from handfast.lake import buckets, layout
from handfast.platform import clock, objects
from handfast.platform.observability import logger
from handfast.segments import store as segments

_MOST_BYTES = 200_000
"""What is told has to fit, with the body that was asked by, into an item of a table."""
_SAMPLE_ROWS = 5
_MOST_WORDS = 12
_LEAST_ROWS = 3
_NOTHING_MAPPED = Failure("nothing_mapped", "no column tells what it holds; map at least one that holds identities")
_FAILED = Failure("processing_failed", "the file could not be looked at; send fewer of its first bytes")
_GONE = Failure("no_file", "the first bytes are gone; ask for a new preview")


def look_at(sandbox_id: str, preview_id: str) -> None:
    """Read what was put for a look, delete it, and note what was found; what is put once more is only deleted."""
    logger.append_keys(sandboxId=sandbox_id, previewId=preview_id)
    preview, sandbox = store.file_preview(sandbox_id, preview_id), access.sandbox(sandbox_id)
    if preview is None or sandbox is None or not store.begin_file_preview(preview):
        store.delete_file(sandbox_id, preview_id)
        return
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        received = _fetch(preview, work_dir / "bytes")
        store.delete_file(sandbox_id, preview_id)
        if received is None:
            store.end_file_preview(preview, None, _GONE)
            return
        try:
            found = _look(preview, sandbox, received, work_dir)
        except Exception as error:  # noqa: BLE001 - whatever a file does to its readers, somebody waits for the answer
            # Its text may quote values, which no log may hold.
            logger.error("a file could not be looked at: %s", type(error).__name__)
            store.end_file_preview(preview, None, _FAILED)
        else:
            store.end_file_preview(preview, found, None)


def _fetch(preview: FilePreview, target: Path) -> int | None:
    """Copy what is looked at into a file; returns how many bytes were put, None without any object."""
    found = objects.find(store.file_key(preview.sandbox_id, preview.preview_id))
    if found is None:
        return None
    is_long = found.size > HEAD_BYTES
    is_parquet = is_long and objects.read_range(found, 0, len(PARQUET_MAGIC)) == PARQUET_MAGIC
    if is_long and not (is_parquet and found.size <= MAX_PARQUET_BYTES):
        target.write_bytes(objects.read_range(found, 0, HEAD_BYTES))
    else:
        objects.download(found.key, target)
    return found.size


def _look(preview: FilePreview, sandbox: Sandbox, received: int, work_dir: Path) -> PreviewFound:
    request = preview.request
    own = [namespace_of(code) for code in sandbox.own_namespaces]
    known = Known(
        [*namespaces().values(), *own],
        segments.segments_by_name(preview.sandbox_id),
        has_segment=request.segment_id is not None,
    )
    announcement = Announced(
        request.file_name, request.format, request.size_bytes, request.told_delimiter, request.header
    )
    head = heads.read_head(work_dir / "bytes", announcement, received, known.is_name, work_dir)
    found = guesses(_columns(head), known)
    load = _load(preview, sandbox, head, [guess.mapping for guess in found if guess.mapping], work_dir)
    most = MAX_MAPPED
    presets = _presets(request.file_name, work_dir / "bytes")
    told = _found(head, found, load, request.columns, presets, most)
    while len(told.model_dump_json().encode()) > _MOST_BYTES:
        most //= 2
        told = _found(head, found, load, request.columns, presets, most)
    return told


def _presets(file_name: str, path: Path) -> list[PresetFound]:
    """The kinds of other systems' files that a file looks like."""
    with path.open("rb") as file:
        data = file.read(HEAD_BYTES)
    packing = packing_of(data)
    try:
        data = data if packing == "none" else unpacked_start(data, packing, HEAD_BYTES)[0]
    except UploadRejected:
        return []
    return [PresetFound(preset=each.preset.name, why=each.reason) for each in registry.detect(file_name, data)]


def _columns(head: Head) -> dict[str, list[str]]:
    """The cells by the names of the columns; those of a name that the file repeats are one column's."""
    columns: dict[str, list[str]] = {name: [] for name in head.names}
    for row in head.rows:
        for name, cell in zip(head.names, row, strict=False):
            columns[name].append(cell)
    return columns


# What an upload would make of the rows


@dataclass(frozen=True)
class _Load:
    """What loading the rows comes to: by which columns, the counts, why it would fail, and what columns lack."""

    columns: Sequence[ColumnMapping] = ()
    counts: StagedCounts | None = None
    failure: Failure | None = None
    lacking: Mapping[str, str] = field(default_factory=dict)


def _load(
    preview: FilePreview, sandbox: Sandbox, head: Head, guessed: Sequence[ColumnMapping], work_dir: Path
) -> _Load:
    """Stage the rows as an upload does, by the columns that were given or else guessed, and throw the change away."""
    if head.refusal is not None or head.path is None:
        refusal = head.refusal
        return _Load(failure=Failure(refusal.reason, refusal.detail) if refusal else _FAILED)
    given = preview.request.columns
    if preview.request.preset is not None:
        given = completed(sandbox, _body(preview, head, given)).columns
    columns, lacking = list(given or guessed[:MAX_MAPPED]), dict[str, str]()
    if not given:
        columns, lacking = _loadable(preview, sandbox, head, columns)
    if not columns:
        return _Load(failure=_NOTHING_MAPPED, lacking=lacking)
    upload, findings = announced(sandbox, preview.actor, _body(preview, head, columns), preview.preview_id)
    wrong = [message for pointer, message in findings if pointer != "/segments"]
    if wrong:
        return _Load(columns, None, Failure("mapping_incomplete", "; ".join(wrong)), lacking)
    suppressed = buckets.download(
        dict(buckets.listing(layout.suppressions(sandbox.sandbox_id))) if upload.mode != "suppression" else {},
        work_dir,
        "suppressions",
    )
    plan = plan_of(upload, sandbox, clock.now(), [path for path, _ in suppressed.values()])
    stage_dir = work_dir / "staged"
    stage_dir.mkdir()
    try:
        counts = stage(head.path, plan, stage_dir).counts
    except UploadRejected as rejected:
        return _Load(columns, None, Failure(rejected.reason, rejected.detail), lacking)
    failure = guards.too_many_rejects(counts, sandbox.reject_guard, allowed=upload.allow_rejects)
    return _Load(columns, counts, failure, lacking)


def _loadable(
    preview: FilePreview, sandbox: Sandbox, head: Head, guessed: Sequence[ColumnMapping]
) -> tuple[list[ColumnMapping], dict[str, str]]:
    """The guessed columns that an upload takes, and what the others lack, by their names."""
    if not guessed:
        return [], {}
    _, findings = announced(sandbox, preview.actor, _body(preview, head, guessed), preview.preview_id)
    lacking: dict[str, str] = {}
    for pointer, message in findings:
        if pointer.startswith("/columns/"):
            lacking.setdefault(guessed[int(pointer.split("/")[2])].column, message)
    return [mapping for mapping in guessed if mapping.column not in lacking], lacking


def _body(preview: FilePreview, head: Head, columns: Sequence[ColumnMapping]) -> CreateUpload:
    told = preview.request.model_dump(by_alias=True, exclude={"columns", "size_bytes", "preview"})
    if preview.request.preset is None:
        told |= {"format": head.format, "mode": preview.request.mode or "delta"}
    if head.dialect is not None and not head.dialect.has_header:
        told["dialect"] = {"delimiter": head.dialect.delimiter, "header": list(head.names)}
        told["delimiter"] = None
    mapped = [mapping.model_dump(by_alias=True) for mapping in columns]
    return CreateUpload.model_validate(told | {"columns": mapped})


# What is told


def _found(
    head: Head,
    found: Sequence[Guess],
    load: _Load,
    given: Sequence[ColumnMapping],
    presets: Sequence[PresetFound],
    most: int,
) -> PreviewFound:
    mapped = {mapping.column: mapping for mapping in load.columns}
    places = {guess.column: place for place, guess in enumerate(found)}
    told = _most_telling(found, {mapping.column for mapping in given} | mapped.keys(), most)
    shares = [guess for guess in found if _role(guess, mapped) == "share"]
    words = [word for guess in shares for word in _share_words(guess, mapped.get(guess.column))]
    dialect, counts = head.dialect, load.counts

    def column(guess: Guess) -> PreviewedColumn:
        name, place = guess.column, places[guess.column]
        return _column_view(place, guess, mapped.get(name), load.lacking.get(name), is_given=bool(given))

    return PreviewFound(
        format=head.format,
        packing=head.packing,
        encoding=head.encoding,
        delimiter=dialect.delimiter if dialect else None,
        has_header=dialect.has_header if dialect else None,
        lines_above=dialect.above if dialect else None,
        dialect=_dialect_view(head),
        rows=len(head.rows),
        whole=head.is_whole,
        columns_found=len(found),
        columns=[column(guess) for guess in told],
        share_words=words,
        other_share_words=sum(guess.values.kinds for guess in shares) - len(words),
        would_reject=_would_reject(counts) if counts else None,
        warnings=[
            ColumnWarningView(column=each.column, code=each.code, detail=each.detail)
            for each in (counts.warnings if counts else ())
        ],
        sample=_sample(head, [guess.column for guess in told]),
        presets=list(presets),
        error=UploadError(reason=load.failure.reason, detail=load.failure.detail) if load.failure else None,
    )


def _most_telling(found: Sequence[Guess], mapped: Collection[str], most: int) -> list[Guess]:
    """The columns that are told of, in their order: those that are mapped or guessed come first, as far as they fit."""
    by_weight = sorted(found, key=lambda guess: (guess.column not in mapped, guess.mapping is None))
    kept = {guess.column for guess in by_weight[:most]}
    return [guess for guess in found if guess.column in kept]


def _role(guess: Guess, mapped: Mapping[str, ColumnMapping]) -> Role | None:
    mapping = mapped.get(guess.column) or guess.mapping
    return mapping.role if mapping else None


def _column_view(
    place: int, guess: Guess, mapping: ColumnMapping | None, lacking: str | None, *, is_given: bool
) -> PreviewedColumn:
    shown = mapping or guess.mapping
    why = f"You have mapped it. {guess.why}" if is_given and mapping else guess.why
    return PreviewedColumn(
        column=guess.column if is_nameable(guess.column) else heads.place_name(place),
        role=shown.role if shown else None,
        namespace=shown.namespace if shown else None,
        transform=shown.transform if shown else None,
        form=shown.form if shown else None,
        name=shown.name if shown else None,
        answers=shown.answers if shown else None,
        mapped=mapping is not None,
        why=f"{why} It is not read: {lacking}." if lacking else why,
        reason=guess.reason,
        fitting=guess.fitting,
        values=guess.values.count,
        shapes=dict(guess.values.shapes),
    )


def _share_words(guess: Guess, mapping: ColumnMapping | None) -> list[ShareWord]:
    """The words of a column of answers that may be told: a column mapped by mistake may hold people's names."""
    answers = {word.strip().lower(): answer for word, answer in ((mapping and mapping.answers) or {}).items()}
    found = []
    for word, rows in (guess.values.words or {}).items():
        answer = answers.get(word) or (meaning(word) if mapping is None or word in CANONICAL else None)
        is_usual = answer is not None or meaning(word) is not None
        if is_usual or (guess.values.kinds <= _MOST_WORDS and rows >= _LEAST_ROWS and not holds_identity(word)):
            found.append(ShareWord(column=guess.column, word=word, rows=rows, answer=answer))
    return found


def _dialect_view(head: Head) -> DialectView | None:
    """What an upload of the file is told of how it is written."""
    if head.dialect is None:
        return None
    names = None if head.dialect.has_header else list(head.names)
    return DialectView(delimiter=head.dialect.delimiter, header=names)


def _would_reject(counts: StagedCounts) -> WouldReject:
    return WouldReject(
        rows=counts.rows,
        accepted=counts.accepted,
        rejected=counts.rejected,
        rejected_by_reason=dict(counts.rejected_by_reason),
        values_rejected=dict(counts.values_rejected),
    )


def _sample(head: Head, columns: Sequence[str]) -> list[list[str]]:
    """The shapes of the first rows' cells: where a row lies wrong is seen, and nothing of whom it is about."""
    places = {name: place for place, name in reversed(list(enumerate(head.names)))}
    rows = [row for row in head.rows if row][:_SAMPLE_ROWS]
    return [[shape_of(cell) if (cell := row[places[name]]) else "" for name in columns] for row in rows]
