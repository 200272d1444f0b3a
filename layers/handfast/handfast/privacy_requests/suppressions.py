"""The suppressed identities of a sandbox, by key alone: `suppressions/{sandbox}/{bucket}.parquet`.

`erasure`: ingest refuses the identity, sharing leaves it out, and deliveries hold its value no longer.
`opt_out`: ingest keeps it, sharing leaves it out. An identity has one row; erasure outweighs.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from handfast.identity.keys import bucket_of
from handfast.platform import objects
from handfast.platform.objects import LostRaceError, Stored
from handfast.platform.settings import setting

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

type Reason = Literal["erasure", "opt_out"]
type Key = tuple[int, int]

_RACES = 8
_NONE = "SELECT 0::BIGINT AS hi, 0::BIGINT AS lo, NULL::TIMESTAMP AS since, '' AS reason WHERE FALSE"
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


def prefix(sandbox_id: str) -> str:
    """Where a sandbox's suppressed identities lie."""
    return f"suppressions/{sandbox_id}/"


def add(sandbox_id: str, keys: Iterable[Key], reason: Reason, since: datetime) -> None:
    """Suppress identities; a repeat changes nothing."""
    from handfast.platform.duck import timestamp  # noqa: PLC0415 - DuckDB is for who reads or writes Parquet

    _rewrite(sandbox_id, keys, _ADDED, {"since": timestamp(since), "reason": reason})


def release(sandbox_id: str, keys: Iterable[Key]) -> None:
    """Lift opt-outs; an erasure stays."""
    _rewrite(sandbox_id, keys, _RELEASED, {})


def find(sandbox_id: str, keys: Iterable[Key]) -> dict[Key, Reason]:
    """Those of the identities that are suppressed, and why."""
    named = _by_bucket(keys)
    listed = {int(Path(stored.key).stem): stored for stored in objects.listing(prefix(sandbox_id))}
    wanted = {bucket: listed[bucket] for bucket in named if bucket in listed}
    if not wanted:
        return {}
    found: dict[Key, Reason] = {}
    with TemporaryDirectory() as folder, _connect(Path(folder)) as connection:
        for bucket, stored in wanted.items():
            if _read(connection, stored.key, Path(folder)):
                _name(connection, named[bucket])
                rows = connection.execute("SELECT hi, lo, reason FROM old SEMI JOIN named USING (hi, lo)").fetchall()
                found |= {(hi, lo): reason for hi, lo, reason in rows}
    return found


def count(sandbox_id: str) -> Counter[str]:
    """How many identities are suppressed, by reason."""
    counts: Counter[str] = Counter()
    listed = list(objects.listing(prefix(sandbox_id)))
    if listed:
        with TemporaryDirectory() as folder, _connect(Path(folder)) as connection:
            for stored in listed:
                if _read(connection, stored.key, Path(folder)):
                    rows = connection.execute("SELECT reason, count(*) FROM old GROUP BY ALL").fetchall()
                    counts.update(dict(rows))
    return counts


def _by_bucket(keys: Iterable[Key]) -> dict[int, list[Key]]:
    bits = int(setting("BUCKET_BITS"))
    buckets: dict[int, list[Key]] = defaultdict(list)
    for key in dict.fromkeys(keys):
        buckets[bucket_of(key[0], bits)].append(key)
    return dict(sorted(buckets.items()))


def _connect(folder: Path) -> "DuckDBPyConnection":
    from handfast.platform.duck import connect  # noqa: PLC0415

    return connect(folder)


def _read(connection: "DuckDBPyConnection", key: str, folder: Path) -> Stored | None:
    """Make the object the table `old` (empty where there is none); returns the version read."""
    from handfast.platform.duck import literal  # noqa: PLC0415

    path = folder / "old.parquet"
    # By listing: reading an absent key is refused where listing is bound to prefixes.
    stored = objects.download(key, path) if next(objects.listing(key), None) else None
    source = f"SELECT * FROM read_parquet({literal(path)})" if stored else _NONE
    connection.execute(f"CREATE OR REPLACE TABLE old AS {source}")
    return stored


def _name(connection: "DuckDBPyConnection", keys: Iterable[Key]) -> None:
    columns = [list(column) for column in zip(*keys, strict=True)]
    connection.execute(
        "CREATE OR REPLACE TABLE named AS SELECT unnest(?::BIGINT[]) AS hi, unnest(?::BIGINT[]) AS lo", columns
    )


def _rewrite(sandbox_id: str, keys: Iterable[Key], statement: str, parameters: Mapping[str, Any]) -> None:
    for bucket, named in _by_bucket(keys).items():
        key = f"{prefix(sandbox_id)}{bucket:05d}.parquet"
        for race in range(_RACES):
            try:
                _rewrite_bucket(key, named, statement, parameters)
            except LostRaceError:
                if race == _RACES - 1:
                    raise
            else:
                break


def _rewrite_bucket(key: str, named: Iterable[Key], statement: str, parameters: Mapping[str, Any]) -> None:
    from handfast.platform.duck import write  # noqa: PLC0415

    with TemporaryDirectory() as folder, _connect(Path(folder)) as connection:
        stored = _read(connection, key, Path(folder))
        _name(connection, named)
        connection.execute(f"CREATE TABLE new AS {statement}", parameters)
        ((changed,),) = connection.execute(
            "SELECT count(*) FROM (SELECT hi, lo, reason FROM old) AS o FULL JOIN (SELECT hi, lo, reason FROM new) AS n"
            " USING (hi, lo) WHERE o.reason IS DISTINCT FROM n.reason"
        ).fetchall()
        if changed:
            path = Path(folder) / "new.parquet"
            write(connection, "FROM new", path)
            objects.write_file(key, path, replaces=stored)
