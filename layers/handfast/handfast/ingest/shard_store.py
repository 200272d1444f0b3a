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
from typing import Any, Literal

from handfast.ingest.models import Upload
from handfast.ingest.shards import Cut, Written
from handfast.lake.person_versions import Versions
from handfast.lake.transfers import parallel
from handfast.platform import clock, objects
from handfast.platform.objects import LostRaceError, ObjectVersion

IDLE = timedelta(minutes=2)
"""Longer than any piece of work takes."""

type Stage = Literal["read", "fold", "decide", "seal"]


@dataclass(frozen=True)
class Split:
    """Bytes of a raw file, whose first `header` ones stand before all of them but the first."""

    part: str
    key: str
    start: int
    end: int
    header: int = 0


@dataclass(frozen=True)
class Layout:
    """How an import is shared out, from its beginning to its end; `people` are those versions when it began."""

    splits: tuple[Split, ...]
    cut: Cut
    has_people: bool
    people: Versions

    def work(self) -> dict[Stage, int]:
        """How many pieces of work each stage has, in their order."""
        stages: dict[Stage, int] = {"read": len(self.splits), "fold": self.cut.slices}
        return stages | ({"decide": self.cut.groups, "seal": self.cut.slices} if self.has_people else {})


@dataclass(frozen=True)
class Result:
    """What a worker has written: where each of its files lies in its object, and what it says beside them."""

    data: ObjectVersion | None
    files: Mapping[str, tuple[int, int]]
    said: Mapping[str, Any]


def _prefix(upload: Upload) -> str:
    return f"shards/{upload.sandbox_id}/{upload.upload_id}/"


def put_layout(upload: Upload, layout: Layout) -> Layout:
    """Keep how an import is shared out; returns what was kept first."""
    with suppress(LostRaceError):
        objects.write_json(f"{_prefix(upload)}layout.json", asdict(layout), replaces=None)
    kept = find_layout(upload)
    if kept is None:
        raise LostRaceError(upload.upload_id)
    return kept


def find_layout(upload: Upload) -> Layout | None:
    """How an import is shared out, if it has been."""
    found = (
        objects.read_json(f"{_prefix(upload)}layout.json") if objects.find(f"{_prefix(upload)}layout.json") else None
    )
    if found is None:
        return None
    document = found[0]
    splits = tuple(Split(**split) for split in document["splits"])
    return Layout(splits, Cut(**document["cut"]), document["has_people"], Versions(**document["people"]))


def put_result(
    upload: Upload, stage: Stage, number: int, files: Written, said: Mapping[str, Any], work_dir: Path
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


def _joined(files: Written, work_dir: Path) -> tuple[dict[str, tuple[int, int]], Path]:
    places, end, target = {}, 0, work_dir / "joined"
    with target.open("wb") as joined:
        for name, path in files.items():
            content = path.read_bytes()
            joined.write(content)
            places[name] = (end, end + len(content))
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
    files = {name: (start, end) for name, (start, end) in document["files"].items()}
    return Result(ObjectVersion(*document["data"]) if document["data"] else None, files, document["said"])


def fetch(
    made: Sequence[Result], folder: Path, place: int | None, kinds: Collection[str] = ()
) -> dict[str, list[Path]]:
    """The files that are for a slice or a group, or for none in particular, by kind, in the order of what was made.

    With `kinds`, only those of them.
    """
    folder.mkdir(exist_ok=True)
    wanted = [
        (result, name, folder / f"{name.replace('/', '-')}-{token_hex(8)}.parquet")
        for result in made
        for name in result.files
        if name.partition("/")[2] == ("" if place is None else str(place))
        and (not kinds or name.partition("/")[0] in kinds)
    ]

    def copy(one: tuple[Result, str, Path]) -> None:
        result, name, path = one
        if result.data is not None:
            path.write_bytes(objects.read_range(result.data, *result.files[name]))

    parallel(copy, wanted)
    given: dict[str, list[Path]] = {}
    for _, name, path in wanted:
        given.setdefault(name.partition("/")[0], []).append(path)
    return given


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
    """Delete all that was written for an import, how it is shared out last."""
    keys = [stored.key for stored in objects.listing(_prefix(upload))]
    last = f"{_prefix(upload)}layout.json"
    objects.delete(*(key for key in keys if key != last))
    objects.delete(*(key for key in keys if key == last))
