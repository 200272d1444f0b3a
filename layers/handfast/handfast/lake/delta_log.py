"""What the last versions of a Parquet object have changed, told in its own footer.

A step is the rows that one version changed, as Parquet, and the ETag of the version it came after. A version is
written on condition of the one before, with its own step, so the steps of an object are the whole way to it from the
version that the first one names: no crash, repeat or race can part them.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from handfast.lake.duck import Connection, literal

_NAME = "trail"
_LEAST = 16 << 10
_ROW_BYTES = 16


@dataclass(frozen=True)
class Delta:
    """A change: the version it came after, and the rows it changed, as Parquet."""

    after: str
    rows: bytes


type DeltaLog = tuple[Delta, ...]
"""Steps, the oldest first."""


def delta_logs(connection: Connection, files: Iterable[Path]) -> dict[Path, DeltaLog]:
    """The trail of each file; empty where it has none."""
    found: dict[Path, DeltaLog] = dict.fromkeys(files, ())
    if found:
        names = ", ".join(map(literal, found))
        query = f"SELECT file_name, value FROM parquet_kv_metadata([{names}]) WHERE key = '{_NAME}'::BLOB"  # noqa: S608
        for name, value in connection.execute(query).fetchall():
            found[Path(name)] = tuple(Delta(after, b64decode(rows)) for after, rows in json.loads(value))
    return found


def since(trail: DeltaLog, etag: str) -> DeltaLog | None:
    """The steps that lead from a version to the object; None when they are not known."""
    starts = [number for number, step in enumerate(trail) if step.after == etag]
    return trail[starts[-1] :] if starts else None


def is_short(step_rows: int, rows: int) -> bool:
    """Whether a step of so many rows is worth telling in an object of so many."""
    return step_rows * _ROW_BYTES <= _room(rows)


def metadata(trail: Sequence[Delta], rows: int) -> Mapping[str, str]:
    """What `duck.write` puts into the footer of an object of about so many rows: as many of the last steps as are
    short beside it, so that readers of the footer do not pay for them.
    """
    room = _room(rows)
    kept: list[tuple[str, str]] = []
    for step in reversed(trail):
        told = b64encode(step.rows).decode()
        room -= len(told)
        if room < 0:
            break
        kept.insert(0, (step.after, told))
    return {_NAME: json.dumps(kept, separators=(",", ":"))} if kept else {}


def _room(rows: int) -> int:
    return max(_LEAST, rows)  # a byte a row, of the twelve or more that a row has
