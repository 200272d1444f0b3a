"""What types of destinations have in common that take files: the changes of a request as one file, and its name.

A file's name begins with the time of its latest change and ends with its batch's id: files are in order by name, and a
request that is repeated writes the same file again.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import to_json

from handfast.connectors.contract import Settings
from handfast.destinations.contract import Account, Answer, Pair
from handfast.destinations.rules import by_identity
from handfast.platform import clock

PAIRS = 10_000
"""Changes that a file has at most."""
_COLUMNS = {
    "segment": "VARCHAR",
    "namespace": "VARCHAR",
    "id": "VARCHAR",
    "status": "VARCHAR",
    "changedAt": "TIMESTAMP",
}
_GLOBAL = {"gaid": 20914, "idfa": 20915}
"""Audience Manager's data sources of advertising ids (docs/sources.md, Destinations in AWS and files)."""

type FileFormat = Literal["csv", "ndjson", "parquet", "audience-manager"]


class FileSettings(Settings):
    """What is written."""

    format: FileFormat = Field(
        "csv",
        title="Format",
        description="csv, ndjson or parquet: rows of segment, namespace, id, status and changedAt; or "
        "audience-manager: inbound files by which traits are added to and removed from users",
    )
    data_source_id: int | None = Field(
        None, ge=1, title="Data source", description="For audience-manager: the id of the data source that ids are of"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.data_source_id is None) == (self.format == "audience-manager"):
            raise ValueError("dataSourceId is for the format audience-manager, which needs it")
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
    found = files_of(replace(account, settings=shown), pairs, "bat_00000000000000000000000000000000")
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
            _inbound_name(account.settings.data_source_id, target, pairs, positions, batch_id),
            "".join(_lines(account, [pairs[position] for position in positions])).encode(),
            tuple(positions),
        )
        for target, positions in by_target.items()
    ]
    return Files(tuple(files), refused)


def _why_not(pair: Pair, trait: str) -> str | None:
    if not (trait.isascii() and trait.isdigit()):
        return "mapping_id_is_no_trait"
    return "id_not_taken" if any(character in pair.value for character in ":\t\r\n") else None


def _lines(account: Account[Any, Any], pairs: Sequence[Pair]) -> Iterator[str]:
    for (target, value), positions in by_identity(pairs).items():
        traits = (
            f"{'d_sid' if pairs[position].change == 'realized' else 'd_unsid'}="
            f"{account.segment(pairs[position].segment_id).mapping_id}"
            for position in positions
        )
        written_as = {"idfa": value.upper(), "gaid": value.lower()}.get(target, value)
        yield f"{written_as}\t{','.join(traits)}\n"


def _inbound_name(
    data_source_id: int, target: str, pairs: Sequence[Pair], positions: Sequence[int], batch_id: str
) -> str:
    """Told apart from other files of the same second by the split number, which is one of the batch and target."""
    source = f"{_GLOBAL[target]}_{data_source_id}" if target in _GLOBAL else str(data_source_id)
    latest = clock.from_text(max(pairs[position].at for position in positions))
    split = int.from_bytes(hashlib.sha256(f"{batch_id}\n{target}".encode()).digest()[:6])
    return f"ftp_dpm_{source}_{int(latest.timestamp()):010d}.sync.{split}"
