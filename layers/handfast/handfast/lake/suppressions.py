"""The suppressed identities of a sandbox, by key alone: `suppressions/`.

`erasure`: ingest refuses the identity, sharing leaves it out, and disclosures hold its value no longer.
`opt_out`: ingest keeps it, sharing leaves it out. An identity has one row; erasure outweighs.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from handfast.identity.keys import Key
from handfast.lake import buckets, layout
from handfast.lake.duck import Connection, connect, create_table, parquet, relation, timestamp, wire_time, write
from handfast.lake.transfers import parallel
from handfast.platform import objects
from handfast.platform.objects import LostRaceError, ObjectVersion

type Reason = Literal["erasure", "opt_out"]

_RACES = 8
_AT_ONCE = 64
"""Buckets read together."""
_ADDED = """
    SELECT hi, lo, arg_max(since, weight) AS since, arg_max(reason, weight) AS reason FROM (
        SELECT *, CASE reason WHEN 'erasure' THEN 2 ELSE 1 END AS weight FROM old
        UNION ALL
        SELECT hi, lo, $since, $reason, CASE $reason WHEN 'erasure' THEN 1.5 ELSE 0.5 END FROM named
    )
    GROUP BY hi, lo ORDER BY hi, lo
"""
_RELEASED = """
    SELECT hi, lo, since, reason FROM old
    WHERE reason <> 'opt_out' OR NOT EXISTS (SELECT 1 FROM named WHERE named.hi = old.hi AND named.lo = old.lo)
    ORDER BY hi, lo
"""


def add(sandbox_id: str, keys: Iterable[Key], reason: Reason, since: datetime) -> None:
    """Suppress identities; a repeat changes nothing."""
    _rewrite(sandbox_id, _Keys(buckets.by_bucket(keys)), _ADDED, {"since": timestamp(since), "reason": reason})


def add_file(sandbox_id: str, path: Path, reason: Reason, since: datetime) -> None:
    """Suppress the identities of a Parquet file, however many; a repeat changes nothing."""
    _rewrite(sandbox_id, _File(path), _ADDED, {"since": timestamp(since), "reason": reason})


def release(sandbox_id: str, keys: Iterable[Key]) -> None:
    """Lift opt-outs; an erasure stays."""
    _rewrite(sandbox_id, _Keys(buckets.by_bucket(keys)), _RELEASED, {})


def find(sandbox_id: str, keys: Iterable[Key]) -> dict[Key, Reason]:
    """Those of the identities that are suppressed, and why."""
    return {key: reason for key, (reason, _) in entries(sandbox_id, keys).items()}


def entries(sandbox_id: str, keys: Iterable[Key]) -> dict[Key, tuple[Reason, str]]:
    """Those of the identities that are suppressed, why, and since when (RFC 3339)."""
    statement = f"SELECT hi, lo, reason, {wire_time('since')} FROM old SEMI JOIN named USING (hi, lo)"
    named = buckets.by_bucket(keys)
    listed = {bucket: stored for bucket, stored in _listing(sandbox_id) if bucket in named}
    suppressed: dict[Key, tuple[Reason, str]] = {}
    for part, connection in _reading(listed):
        _Keys(named).name(connection, part)
        rows = connection.execute(statement).fetchall()
        suppressed |= {(hi, lo): (reason, since) for hi, lo, reason, since in rows}
    return suppressed


def count(sandbox_id: str) -> Counter[str]:
    """How many identities are suppressed, by reason."""
    counts: Counter[str] = Counter()
    for _, connection in _reading(dict(_listing(sandbox_id))):
        rows = connection.execute("SELECT reason, count(*) FROM old GROUP BY ALL").fetchall()
        counts.update(dict(rows))
    return counts


def _listing(sandbox_id: str) -> Iterator[tuple[int, ObjectVersion]]:
    return buckets.listing(layout.suppressions(sandbox_id))


@contextmanager
def _database() -> Iterator[tuple[Path, Connection]]:
    with TemporaryDirectory() as folder, connect() as connection:
        yield Path(folder), connection


def _reading(listed: Mapping[int, ObjectVersion]) -> Iterator[tuple[tuple[int, ...], Connection]]:
    """Some buckets at a time, and where they are the table `old`."""
    if listed:
        with _database() as (folder, connection):
            for part in batched(listed, _AT_ONCE, strict=False):
                _read(connection, {bucket: listed[bucket] for bucket in part}, folder)
                yield part, connection


def _read(connection: Connection, listed: Mapping[int, ObjectVersion], folder: Path) -> dict[int, ObjectVersion]:
    """Make the objects the table `old`; returns the versions read."""
    files = buckets.download(listed, folder, "old")
    rows = relation([path for path, _ in files.values()], layout.SUPPRESSION_COLUMNS)
    connection.execute(f"CREATE OR REPLACE TABLE old AS SELECT * FROM {rows}")
    return {bucket: stored for bucket, (_, stored) in files.items()}


@dataclass(frozen=True)
class _Keys:
    """Identities by bucket."""

    by_bucket: Mapping[int, Sequence[Key]]

    def buckets(self) -> list[int]:
        return list(self.by_bucket)

    def name(self, connection: Connection, part: Iterable[int]) -> None:
        """Make those of some buckets the table `named`."""
        keys = [key for bucket in part for key in self.by_bucket[bucket]]
        create_table(connection, "named", layout.KEY_COLUMNS, keys)


@dataclass(frozen=True)
class _File:
    """The identities of a Parquet file."""

    path: Path

    def buckets(self) -> list[int]:
        with connect() as connection:
            expression = buckets.bucket_sql(buckets.bucket_bits())
            rows = connection.execute(f"SELECT DISTINCT {expression} FROM {parquet([self.path])} ORDER BY 1")
            return [bucket for (bucket,) in rows.fetchall()]

    def name(self, connection: Connection, part: Iterable[int]) -> None:
        """Make those of some buckets the table `named`."""
        within = f"{buckets.bucket_sql(buckets.bucket_bits())} IN ({', '.join(map(str, part))})"
        connection.execute(
            f"CREATE OR REPLACE TABLE named AS SELECT DISTINCT hi, lo FROM {parquet([self.path])} WHERE {within}"
        )


def _rewrite(sandbox_id: str, named: _Keys | _File, statement: str, parameters: Mapping[str, Any]) -> None:
    left = named.buckets()
    for _ in range(_RACES):
        if not left:
            return
        listed = dict(_listing(sandbox_id))
        with _database() as (folder, connection):
            lost: list[int] = []
            for part in batched(left, _AT_ONCE, strict=False):
                read = _read(connection, {bucket: listed[bucket] for bucket in part if bucket in listed}, folder)
                named.name(connection, part)
                connection.execute(f"CREATE OR REPLACE TABLE new AS {statement}", parameters)
                lost += _put(sandbox_id, connection, read, folder)
        left = lost
    if left:
        raise LostRaceError(layout.suppressions(sandbox_id))


def _put(sandbox_id: str, connection: Connection, read: Mapping[int, ObjectVersion], folder: Path) -> list[int]:
    """Write the buckets in which `new` is not `old`; returns those that another writer has changed meanwhile."""
    bits = buckets.bucket_bits()
    changed = connection.execute(
        f"SELECT DISTINCT {buckets.bucket_sql(bits)}"
        " FROM (SELECT hi, lo, reason FROM old) AS o FULL JOIN (SELECT hi, lo, reason FROM new) AS n USING (hi, lo)"
        " WHERE o.reason IS DISTINCT FROM n.reason ORDER BY 1"
    ).fetchall()
    paths = {bucket: folder / buckets.object_key("new-", bucket) for (bucket,) in changed}
    for bucket, path in paths.items():
        write(connection, f"FROM new WHERE {buckets.within_sql(buckets.key_range(bucket, bits))}", path)

    def put(bucket: int) -> bool:
        key = buckets.object_key(layout.suppressions(sandbox_id), bucket)
        try:
            objects.write_file(key, paths[bucket], replaces=read.get(bucket))
        except LostRaceError:
            return False
        return True

    return [bucket for bucket, is_written in zip(paths, parallel(put, paths), strict=True) if not is_written]
