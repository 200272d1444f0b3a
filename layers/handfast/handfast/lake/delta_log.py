"""What the last versions of a Parquet object have changed, told in its own footer.

A delta is the rows that one version changed, as Parquet, and the ETag of the version it came after. A version is
written on condition of the one before, with its own delta, so the deltas of an object are the whole way to it from the
version that the first one names: no crash, repeat or race can part them.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from handfast.lake.duck import Connection, literal

_NAME = "trail"
"""The footer's key of a delta log, in every object that has been written with one."""

_LEAST = 16 << 10
_ROW_BYTES = 16


@dataclass(frozen=True)
class Delta:
    """A change: the version it came after, and the rows it changed, as Parquet."""

    after: str
    rows: bytes


type DeltaLog = tuple[Delta, ...]
"""Deltas, the oldest first."""


def delta_logs(connection: Connection, files: Iterable[Path]) -> dict[Path, DeltaLog]:
    """The delta log of each file; empty where it has none."""
    logs: dict[Path, DeltaLog] = dict.fromkeys(files, ())
    if logs:
        names = ", ".join(map(literal, logs))
        query = f"SELECT file_name, value FROM parquet_kv_metadata([{names}]) WHERE key = '{_NAME}'::BLOB"  # noqa: S608
        for name, value in connection.execute(query).fetchall():
            logs[Path(name)] = tuple(Delta(after, b64decode(rows)) for after, rows in json.loads(value))
    return logs


def since(log: DeltaLog, etag: str) -> DeltaLog | None:
    """The deltas that lead from a version to the object; None when they are not known."""
    starts = [number for number, delta in enumerate(log) if delta.after == etag]
    return log[starts[-1] :] if starts else None


def is_short(changed_rows: int, rows: int) -> bool:
    """Whether a delta of so many rows is worth telling in an object of so many."""
    return changed_rows * _ROW_BYTES <= _room(rows)


def metadata(log: Sequence[Delta], rows: int) -> Mapping[str, str]:
    """What `duck.write` puts into the footer of an object of about so many rows: as many of the last deltas as are
    short beside it, so that readers of the footer do not pay for them.
    """
    room = _room(rows)
    entries: list[tuple[str, str]] = []
    for delta in reversed(log):
        changed = b64encode(delta.rows).decode()
        room -= len(changed)
        if room < 0:
            break
        entries.insert(0, (delta.after, changed))
    return {_NAME: json.dumps(entries, separators=(",", ":"))} if entries else {}


def _room(rows: int) -> int:
    return max(_LEAST, rows)  # a byte a row, of the twelve or more that a row has
