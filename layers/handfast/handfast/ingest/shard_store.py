"""What workers on one import write for one another: `shards/`, a document for each piece of work that is done.

What is done is known by the documents that there are: nothing counts it, so that no crash miscounts. A worker's data is
one object, its files one behind the other, of which others read what is for them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from handfast.ingest.models import Upload
from handfast.ingest.splits import Cut, Layout, Part, Piece, Split, Stage, Written
from handfast.lake.person_versions import Versions
from handfast.lake.transfers import parallel
from handfast.platform import clock, objects
from handfast.platform.objects import LostRaceError, ObjectVersion

IDLE = timedelta(minutes=2)
"""Longer than any piece of work takes."""


@dataclass(frozen=True)
class Result:
    """What a worker has written: its files by their names, where each lies in its object, and what it says beside."""

    data: ObjectVersion | None
    files: Sequence[tuple[str, int, int]]
    said: Mapping[str, Any]


def _prefix(upload: Upload) -> str:
    return f"shards/{upload.sandbox_id}/{upload.upload_id}/"


def put_parts(upload: Upload, shares: Sequence[Sequence[Part]]) -> None:
    """Keep which parts an import has, as workers find their splits, unless they are kept."""
    with suppress(LostRaceError):
        objects.write_json(_parts_key(upload), [[asdict(part) for part in share] for share in shares], replaces=None)


def find_parts(upload: Upload) -> list[list[Part]] | None:
    """The parts of an import, as workers find their splits, if it has been begun and has not ended."""
    document = _document(_parts_key(upload))
    return None if document is None else [[Part(**part) for part in share] for share in document]


def _parts_key(upload: Upload) -> str:
    return f"{_prefix(upload)}parts.json"


def put_layout(upload: Upload, layout: Layout) -> Layout:
    """Keep how an import is shared out; returns what was kept first."""
    with suppress(LostRaceError):
        objects.write_json(_layout_key(upload), asdict(layout), replaces=None)
    kept = find_layout(upload)
    if kept is None:
        raise LostRaceError(upload.upload_id)
    return kept


def find_layout(upload: Upload) -> Layout | None:
    """How an import is shared out, once its splits are known."""
    document = _document(_layout_key(upload))
    if document is None:
        return None
    pieces = (Piece(each["first"], tuple(Split(**split) for split in each["splits"])) for each in document["pieces"])
    return Layout(tuple(pieces), Cut(**document["cut"]), document["has_people"], Versions(**document["people"]))


def _layout_key(upload: Upload) -> str:
    return f"{_prefix(upload)}layout.json"


def _document(key: str) -> Any:
    """A document, or None: reading an absent key is refused where listing is bound to prefixes."""
    found = objects.read_json(key) if objects.find(key) else None
    return found[0] if found else None


def plain_key(upload: Upload, part: Part) -> str:
    """Where the bytes of a part lie, once they are unpacked, until its import ends."""
    return f"{_prefix(upload)}plain/{part.number:06d}"


def remote_key(upload: Upload, number: int) -> str:
    """Where the bytes of a part of a source lie, once they are copied from there, until its import ends."""
    return f"{_prefix(upload)}remote/{number}"


def put_result(
    upload: Upload, stage: Stage, number: int, files: Sequence[Written], said: Mapping[str, Any], work_dir: Path
) -> None:
    """Keep what a worker has made, and that it has; what another one was faster with stays."""
    places, path = _joined(files, work_dir)
    data = None
    if places:
        # Of a name of its own: another worker on the same piece may have written, and told where its files lie.
        data = objects.write_file(f"{_place(upload, stage, number)}-{token_hex(8)}", path, replaces=None)
    document = {"data": [data.key, data.etag] if data else None, "files": places, "said": said}
    with suppress(LostRaceError):
        objects.write_json(f"{_place(upload, stage, number)}.json", document, replaces=None)


def _place(upload: Upload, stage: Stage, number: int) -> str:
    return f"{_prefix(upload)}{stage}/{number:06d}"


def _joined(files: Sequence[Written], work_dir: Path) -> tuple[list[tuple[str, int, int]], Path]:
    """The files one behind the other, those of one name together, so that they are read at once."""
    places, end, target = list[tuple[str, int, int]](), 0, work_dir / "joined"
    with target.open("wb") as joined:
        for name, path in sorted((name, path) for written in files for name, path in written.items()):
            content = path.read_bytes()
            joined.write(content)
            places.append((name, end, end + len(content)))
            end += len(content)
            path.unlink()
    return places, target


def done(upload: Upload, stage: Stage) -> set[int]:
    """The pieces of a stage's work that are done."""
    root = f"{_prefix(upload)}{stage}/"
    names = (stored.key.removeprefix(root) for stored in objects.listing(root))
    return {int(name.removesuffix(".json")) for name in names if name.endswith(".json")}


def results(upload: Upload, stage: Stage, numbers: Iterable[int]) -> list[Result]:
    """What workers have made of pieces that are done; raises LostRaceError where the import has ended meanwhile."""
    return parallel(lambda number: _result(upload, stage, number), numbers)


def _result(upload: Upload, stage: Stage, number: int) -> Result:
    found = objects.read_json(f"{_place(upload, stage, number)}.json")
    if found is None:
        raise LostRaceError(upload.upload_id)
    document = found[0]
    files = [(name, start, end) for name, start, end in document["files"]]
    return Result(ObjectVersion(*document["data"]) if document["data"] else None, files, document["said"])


def fetch(
    made: Sequence[Result], folder: Path, place: int | None, kinds: Collection[str] = ()
) -> dict[str, list[Path]]:
    """The files that are for a slice or a group, or for none in particular, by kind, in the order of what was made.

    With `kinds`, only those of them.
    """
    folder.mkdir(exist_ok=True)
    suffix = "" if place is None else str(place)
    wanted: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for number, result in enumerate(made):
        for name, start, end in result.files:
            kind, _, of = name.partition("/")
            if of == suffix and (not kinds or kind in kinds):
                wanted.setdefault((number, kind), []).append((start, end))

    def copy(one: tuple[tuple[int, str], list[tuple[int, int]]]) -> tuple[str, list[Path]]:
        (number, kind), places = one
        return kind, _copied(made[number], places, folder, kind)

    given: dict[str, list[Path]] = {}
    for kind, paths in parallel(copy, wanted.items()):
        given.setdefault(kind, []).extend(paths)
    return given


def _copied(result: Result, places: Sequence[tuple[int, int]], folder: Path, kind: str) -> list[Path]:
    """The files of one name of a worker's, which lie one behind the other."""
    if result.data is None:
        return []
    first = places[0][0]
    content = objects.read_range(result.data, first, places[-1][1])
    paths = [folder / f"{kind}-{token_hex(8)}.parquet" for _ in places]
    for path, (start, end) in zip(paths, places, strict=True):
        path.write_bytes(content[start - first : end - first])
    return paths


def is_first_to_send(upload: Upload, stage: Stage) -> bool:
    """Note that a stage's work is being asked for; False where it has been."""
    try:
        objects.write_json(f"{_prefix(upload)}{stage}.sent", {}, replaces=None)
    except LostRaceError:
        return False
    return True


def withdraw(upload: Upload, stage: Stage, numbers: Iterable[int]) -> None:
    """Have pieces of work be done once more."""
    objects.delete(*(f"{_place(upload, stage, number)}.json" for number in numbers), f"{_prefix(upload)}{stage}.sent")


def is_idle(upload: Upload) -> bool:
    """Whether no work on an import has been asked for, or done, for a while."""
    written = [stored.written_at for stored in objects.listing(_prefix(upload)) if stored.written_at]
    return not written or clock.now() - max(written) > IDLE


def clear(upload: Upload) -> None:
    """Delete all that was written for an import, the list of its parts last."""
    keys = [stored.key for stored in objects.listing(_prefix(upload))]
    last = _parts_key(upload)
    objects.delete(*(key for key in keys if key != last))
    objects.delete(*(key for key in keys if key == last))
