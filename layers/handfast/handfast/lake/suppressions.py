"""The suppressed identities of a sandbox, by key alone: `suppressions/`.

`erasure`: ingest refuses the identity, sharing leaves it out, and disclosures hold its value no longer.
`opt_out`: ingest keeps it, sharing leaves it out. An identity has one row; erasure outweighs.
What is suppressed `towards` a partner, by its key, is another list: ingest does not look at it, and sharing only in
dataflows between the two.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from handfast.identity.keys import Key
from handfast.lake import buckets, layout, suppression_log
from handfast.lake.duck import Connection, connect, create_table, parquet, timestamp, wire_time
from handfast.lake.rewriting import AT_ONCE, read_old, rewrite
from handfast.platform import clock, objects
from handfast.platform.objects import ObjectVersion

type Reason = Literal["erasure", "opt_out"]
type Release = Literal["release", "release_erasure"]

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
    WHERE (reason = 'erasure' AND NOT $erasures)
        OR NOT EXISTS (SELECT 1 FROM named WHERE named.hi = old.hi AND named.lo = old.lo)
    ORDER BY hi, lo
"""


def add(sandbox_id: str, keys: Iterable[Key], reason: Reason, since: datetime, *, towards: str | None = None) -> None:
    """Suppress identities, everywhere or `towards` the partner of that key alone; a repeat changes nothing."""
    with _named(keys) as connection:
        _add(sandbox_id, connection, reason, since, towards)


def add_file(sandbox_id: str, path: Path, reason: Reason, since: datetime) -> None:
    """Suppress the identities of a Parquet file, however many; a repeat changes nothing."""
    with connect() as connection:
        connection.execute(f"CREATE TABLE given AS SELECT DISTINCT hi, lo FROM {parquet([path])}")
        _add(sandbox_id, connection, reason, since, None)


def _add(sandbox_id: str, connection: Connection, reason: Reason, since: datetime, towards: str | None) -> None:
    # First, so that the log never lacks what is in force.
    suppression_log.append(sandbox_id, connection, reason, since, towards)
    _rewrite_added(sandbox_id, connection, reason, since, towards)


def _rewrite_added(
    sandbox_id: str, connection: Connection, reason: Reason, since: datetime, towards: str | None
) -> None:
    parameters = {"since": timestamp(since), "reason": reason}
    rewrite(connection, _prefix(sandbox_id, towards), layout.SUPPRESSION_COLUMNS, _ADDED, parameters)


def _prefix(sandbox_id: str, towards: str | None) -> str:
    return layout.suppressions_towards(sandbox_id, towards) if towards else layout.suppressions(sandbox_id)


def release(sandbox_id: str, keys: Iterable[Key], release: Release = "release") -> None:
    """Lift opt-outs; an erasure stays, but for a `release_erasure`, which lifts what holds towards partners, too."""
    with _named(keys) as connection:
        suppression_log.append(sandbox_id, connection, release, clock.now())
        _rewrite_released(sandbox_id, connection, release)


def _rewrite_released(sandbox_id: str, connection: Connection, release: Release) -> None:
    erasures = release == "release_erasure"
    for partner in (None, *(partners(sandbox_id) if erasures else ())):
        prefix = _prefix(sandbox_id, partner)
        rewrite(connection, prefix, layout.SUPPRESSION_COLUMNS, _RELEASED, {"erasures": erasures})


def repeat(sandbox_id: str, path: Path, decision: Reason | Release, *, towards: str | None = None) -> None:
    """Do what an entry of the log says once more; it is not written down again."""
    with connect() as connection:
        connection.execute(f"CREATE TABLE given AS SELECT DISTINCT hi, lo FROM {parquet([path])}")
        if decision == "release" or decision == "release_erasure":  # noqa: PLR1714 - as mypy narrows it
            _rewrite_released(sandbox_id, connection, decision)
        else:
            (since,) = connection.execute(f"SELECT min(since) FROM {parquet([path])}").fetchall()[0]
            _rewrite_added(sandbox_id, connection, decision, since.replace(tzinfo=UTC), towards)


@contextmanager
def _named(keys: Iterable[Key]) -> Iterator[Connection]:
    with connect() as connection:
        create_table(connection, "given", layout.KEY_COLUMNS, sorted(set(keys)))
        yield connection


def find(sandbox_id: str, keys: Iterable[Key], *, towards: str | None = None) -> dict[Key, Reason]:
    """Those of the identities that are suppressed, everywhere or `towards` the partner of that key, and why."""
    return {key: reason for key, (reason, _) in entries(sandbox_id, keys, towards=towards).items()}


def entries(sandbox_id: str, keys: Iterable[Key], *, towards: str | None = None) -> dict[Key, tuple[Reason, str]]:
    """Those of the identities that are suppressed as in `find`, why, and since when (RFC 3339)."""
    statement = f"SELECT hi, lo, reason, {wire_time('since')} FROM old SEMI JOIN named USING (hi, lo)"
    named = buckets.by_bucket(keys)
    listed = {bucket: stored for bucket, stored in buckets.listing(_prefix(sandbox_id, towards)) if bucket in named}
    suppressed: dict[Key, tuple[Reason, str]] = {}
    for part, connection in _reading(listed):
        create_table(connection, "named", layout.KEY_COLUMNS, [key for bucket in part for key in named[bucket]])
        rows = connection.execute(statement).fetchall()
        suppressed |= {(hi, lo): (reason, since) for hi, lo, reason, since in rows}
    return suppressed


def partners(sandbox_id: str) -> list[str]:
    """The keys of the partners towards whom alone identities are, or were, suppressed."""
    prefix = layout.suppressions_towards_partners(sandbox_id)
    named = {stored.key.removeprefix(prefix).partition("/")[0] for stored in objects.listing(prefix)}
    return sorted(name.removeprefix("partner=") for name in named)


def erased_since(sandbox_id: str, at: datetime) -> list[Key]:
    """The identities that were erased from a time on."""
    statement = "SELECT hi, lo FROM old WHERE reason = 'erasure' AND since >= $at"
    parameters = {"at": timestamp(at)}
    found = _reading(dict(_listing(sandbox_id)))
    return [row for _, connection in found for row in connection.execute(statement, parameters).fetchall()]


def count(sandbox_id: str) -> Counter[str]:
    """How many identities are suppressed, by reason."""
    counts: Counter[str] = Counter()
    for _, connection in _reading(dict(_listing(sandbox_id))):
        rows = connection.execute("SELECT reason, count(*) FROM old GROUP BY ALL").fetchall()
        counts.update(dict(rows))
    return counts


def _listing(sandbox_id: str) -> Iterator[tuple[int, ObjectVersion]]:
    return buckets.listing(layout.suppressions(sandbox_id))


def _reading(listed: Mapping[int, ObjectVersion]) -> Iterator[tuple[tuple[int, ...], Connection]]:
    """Some buckets at a time, and where they are the table `old`."""
    if listed:
        with TemporaryDirectory() as folder, connect() as connection:
            for part in batched(listed, AT_ONCE, strict=False):
                read_old(
                    connection, {bucket: listed[bucket] for bucket in part}, layout.SUPPRESSION_COLUMNS, Path(folder)
                )
                yield part, connection
