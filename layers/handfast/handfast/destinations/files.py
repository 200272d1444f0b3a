"""What types of destinations have in common that take files: changes, or whole memberships, and in which format.

The changes of a request are a file. Its name begins with the time of its latest change and ends with its batch's id:
files are in order by name, and a request that is repeated writes the same file again. How whole memberships are written
is in `snapshots`.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import to_json

from handfast.connectors.contract import Settings
from handfast.destinations.audience_manager import NOT_IN_IDS, inbound_name, is_trait, written_id
from handfast.destinations.contract import Account, Answer, Limits, Pair, SnapshotFormat
from handfast.destinations.rules import by_identity
from handfast.platform import clock

PAIRS = 10_000
"""Changes that a file has at most."""
KNOWN_LIMITS = (
    "A file of changes has those of one request, 10,000 at most; a request that is repeated writes the same file "
    "again.",
    "Changes are in order by the names of files; a backfill writes all members once more.",
    "A delivery of whole memberships (mode snapshot) is written when something has changed and else once a day; its "
    "manifest comes last. Former deliveries are never deleted: how long they are kept is for you to say.",
    "Attributes of profiles are not taken.",
    "For Audience Manager a segment's mapping id is the id of a trait, and ids have no colon.",
    "For RTC Collaboration target identities are the columns of its files, and every delivery writes over the former.",
    "For LiveRamp a mapping id has letters, digits and underscores, and the audience there is set to full refresh.",
)
"""What cards say of files."""
_COLUMNS = {
    "segment": "VARCHAR",
    "namespace": "VARCHAR",
    "id": "VARCHAR",
    "status": "VARCHAR",
    "changedAt": "TIMESTAMP",
}
_ANY_NUMBER = 1 << 62
_SNAPSHOTS_ALONE = frozenset({"rtc-collaboration", "liveramp"})

type FileFormat = Literal["csv", "ndjson", "parquet", "audience-manager", "rtc-collaboration", "liveramp"]
type FileMode = Literal["delta", "snapshot"]


class FileSettings(Settings):
    """What is written."""

    mode: FileMode = Field(
        "delta",
        title="Mode",
        description="delta: files hold changes; snapshot: each delivery holds whole memberships, in place of the one "
        "before",
    )
    format: FileFormat = Field(
        "csv",
        title="Format",
        description="csv, ndjson or parquet: rows of segment, namespace and id, of changes also status and changedAt; "
        "audience-manager: inbound files that add and remove traits; rtc-collaboration or liveramp: files for audience "
        "sourcing and onboarding there, of mode snapshot alone",
    )
    data_source_id: int | None = Field(
        None, ge=1, title="Data source", description="For audience-manager: the id of the data source that ids are of"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.data_source_id is None) == (self.format == "audience-manager"):
            raise ValueError("dataSourceId is for the format audience-manager, which needs it")
        if self.format in _SNAPSHOTS_ALONE and self.mode != "snapshot":
            raise ValueError(f"{self.format} is of whole memberships: set mode to snapshot")
        return self


@dataclass(frozen=True)
class File:
    """A file to be written, and the positions of the pairs that are in it."""

    name: str
    body: bytes
    positions: tuple[int, ...]


@dataclass(frozen=True)
class Files:
    """The files of a request, and why a pair is in none, by its position."""

    files: tuple[File, ...]
    refused: dict[int, str]


def limits_of(account: Account[Any, Any], limits: Limits) -> Limits:
    """A request is one file of changes; a snapshot has all that there is."""
    settings: FileSettings = account.settings
    return replace(limits, pairs=_ANY_NUMBER) if settings.mode == "snapshot" else limits


def snapshot_format(account: Account[Any, Any]) -> SnapshotFormat | None:
    """How whole memberships are written; None where files hold changes."""
    from handfast.destinations.snapshots import audience_manager, liveramp, rows, rtc_collaboration  # noqa: PLC0415

    settings: FileSettings = account.settings
    if settings.mode == "delta":
        return None
    match settings.format:
        case "audience-manager":
            return audience_manager.AudienceManager(settings.data_source_id or 0)
        case "rtc-collaboration":
            return rtc_collaboration.RtcCollaboration()
        case "liveramp":
            return liveramp.LiveRamp(account.segments.values())
        case kind:
            return rows.Rows(kind)


def files_of(account: Account[Any, Any], pairs: Sequence[Pair], batch_id: str) -> Files:
    """The files of some pairs: one, or in Audience Manager's format one for each target identity."""
    settings: FileSettings = account.settings
    if settings.format == "audience-manager":
        return _audience_manager(account, pairs, batch_id)
    latest = max(pair.at for pair in pairs).replace("-", "").replace(":", "")
    name = f"{latest}-{batch_id}.{settings.format}"
    rows = [
        (account.segment(pair.segment_id).mapping_id, pair.target, pair.value, pair.change, pair.at) for pair in pairs
    ]
    return Files((File(name, _WRITERS[settings.format](rows), tuple(range(len(pairs)))),), {})


def written(found: Files, put: Callable[[File], Answer]) -> Answer:
    """Have the files written. After the first of several, what keeps a later one from it is no answer to all."""
    again: set[int] = set()
    detail = ""
    for number, file in enumerate(found.files):
        answer = put(file)
        if answer.taken:
            continue
        if not number and not found.refused:
            return answer
        again |= set(file.positions)
        detail = answer.detail
    return Answer(status=200, detail=detail, refused=found.refused, again=frozenset(again))


def sample(account: Account[Any, Any], pairs: Sequence[Pair]) -> list[dict[str, str]]:
    """The files of some pairs with their texts; of Parquet the rows as NDJSON has them."""
    settings: FileSettings = account.settings
    shown = settings.model_copy(update={"format": "ndjson"}) if settings.format == "parquet" else settings
    account = replace(account, settings=shown)
    whole = snapshot_format(account)
    if whole is not None:
        from handfast.destinations.snapshots import sampling  # noqa: PLC0415

        return sampling.sample(account, whole, pairs)
    found = files_of(account, pairs, "bat_00000000000000000000000000000000")
    return [{"name": file.name, "text": file.body.decode()} for file in found.files]


# Formats

type _Rows = Sequence[tuple[str, ...]]


def _csv(rows: _Rows) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def _ndjson(rows: _Rows) -> bytes:
    return b"".join(to_json(dict(zip(_COLUMNS, row, strict=True))) + b"\n" for row in rows)


def _parquet(rows: _Rows) -> bytes:
    from handfast.lake.duck import connect, create_table, timestamp, write  # noqa: PLC0415 - DuckDB is for few calls

    values = [(*row[:4], timestamp(clock.from_text(row[4]))) for row in rows]
    with TemporaryDirectory() as folder, connect() as connection:
        path = Path(folder) / "rows.parquet"
        create_table(connection, "rows_of_file", _COLUMNS, values)
        write(connection, "FROM rows_of_file", path)
        return path.read_bytes()


_WRITERS: dict[str, Callable[[_Rows], bytes]] = {"csv": _csv, "ndjson": _ndjson, "parquet": _parquet}


# Audience Manager's inbound files (docs/sources.md, Destinations in AWS and files)


def _audience_manager(account: Account[Any, Any], pairs: Sequence[Pair], batch_id: str) -> Files:
    refused = {
        position: why
        for position, pair in enumerate(pairs)
        if (why := _why_not(pair, account.segment(pair.segment_id).mapping_id))
    }
    by_target: dict[str, list[int]] = {}
    for position, pair in enumerate(pairs):
        if position not in refused:
            by_target.setdefault(pair.target, []).append(position)
    files = [
        File(
            inbound_name(
                account.settings.data_source_id,
                target,
                clock.from_text(max(pairs[position].at for position in positions)),
                "sync",
                batch_id,
            ),
            "".join(_lines(account, [pairs[position] for position in positions])).encode(),
            tuple(positions),
        )
        for target, positions in by_target.items()
    ]
    return Files(tuple(files), refused)


def _why_not(pair: Pair, mapping_id: str) -> str | None:
    if not is_trait(mapping_id):
        return "mapping_id_is_no_trait"
    return "id_not_taken" if any(character in pair.value for character in NOT_IN_IDS) else None


def _lines(account: Account[Any, Any], pairs: Sequence[Pair]) -> Iterator[str]:
    for (target, value), positions in by_identity(pairs).items():
        traits = (
            f"{'d_sid' if pairs[position].change == 'realized' else 'd_unsid'}="
            f"{account.segment(pairs[position].segment_id).mapping_id}"
            for position in positions
        )
        yield f"{written_id(target, value)}\t{','.join(traits)}\n"
