"""Find people in a sandbox's profiles, many at once: identities give profile ids, profile ids all their identities.

Two passes over the profiles, bucket by bucket, of a few columns: the first over the buckets that the identities fall
into, the second over all.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from handfast.identity.keys import bucket_of
from handfast.platform import objects
from handfast.platform.duck import connect, literal
from handfast.platform.objects import Stored
from handfast.platform.settings import setting
from handfast.privacy_requests.suppressions import Key

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_AT_ONCE = 8
"""Buckets copied at once: what a function's disk holds, whatever the size of the sandbox."""


@dataclass(frozen=True)
class Found:
    """What a sandbox knows of one person: identities by key with the namespace's code, and profile ids."""

    identities: Mapping[Key, int]
    profile_ids: frozenset[str]


@dataclass(frozen=True)
class Profile:
    """An identity with its value, for a change that must name it."""

    hi: int
    lo: int
    namespace: int
    value: bytes


def find(
    sandbox_id: str, people: Mapping[str, Iterable[Key]], known_as: Mapping[str, Iterable[str]] | None = None
) -> dict[str, Found]:
    """All identities of each person, named by any of theirs, or by profile ids that they were known as.

    Two people may share an identity: each gets all of it.
    """
    named = {name: list(keys) for name, keys in people.items()}
    listed = _listed(f"profiles/{sandbox_id}/")
    bits = int(setting("BUCKET_BITS"))
    wanted = {bucket_of(hi, bits) for keys in named.values() for hi, _ in keys}
    identities: dict[str, dict[Key, int]] = defaultdict(dict)
    profile_ids: dict[str, set[str]] = defaultdict(set, {name: set(ids) for name, ids in (known_as or {}).items()})
    with TemporaryDirectory() as name, connect(Path(name)) as connection:
        folder = Path(name)
        rows = [(person, *key) for person, keys in named.items() for key in keys]
        _table(connection, "named", "person VARCHAR, hi BIGINT, lo BIGINT", rows)
        first = {bucket: stored for bucket, stored in listed.items() if bucket in wanted}
        for files in _buckets(first, folder):
            found = connection.execute(
                f"SELECT person, hi, lo, namespace, profile_id FROM read_parquet([{files}]) JOIN named USING (hi, lo)"
            ).fetchall()
            for person, hi, lo, namespace, profile_id in found:
                identities[person][hi, lo] = namespace
                if profile_id is not None:
                    profile_ids[person].add(profile_id)
        known = [(person, profile_id) for person, ids in profile_ids.items() for profile_id in ids]
        _table(connection, "known", "person VARCHAR, profile_id VARCHAR", known)
        for files in _buckets(listed if known else {}, folder):
            found = connection.execute(
                f"SELECT person, hi, lo, namespace FROM read_parquet([{files}]) JOIN known USING (profile_id)"
            ).fetchall()
            for person, hi, lo, namespace in found:
                identities[person][hi, lo] = namespace
    return {person: Found(identities[person], frozenset(profile_ids[person])) for person in named}


def profiles(sandbox_id: str, keys: Iterable[Key]) -> list[Profile]:
    """The identities that the sandbox knows, with their values."""
    return [Profile(*row) for row in _rows(f"profiles/{sandbox_id}/", keys, "hi, lo, namespace, value")]


def segments(sandbox_id: str, keys: Iterable[Key]) -> list[str]:
    """The segments that any of the identities is a member of, of all that there are objects of."""
    named = list(keys)
    root = f"memberships/{sandbox_id}/"
    by_segment: dict[str, dict[int, Stored]] = defaultdict(dict)
    for stored in objects.listing(root):
        segment, _, file = stored.key.removeprefix(root).partition("/")
        by_segment[segment][int(Path(file).stem)] = stored
    return sorted(
        segment for segment, listed in by_segment.items() if next(_matches(listed, named, "hi"), None) is not None
    )


@dataclass(frozen=True)
class Disclosure:
    """That a target was given an identity over a segment. `has_value`: the row still holds it."""

    hi: int
    lo: int
    namespace: int
    segment_id: str
    disclosed_at: str
    withdrawn_at: str | None
    has_value: bool


def disclosures(dataflow_id: str, keys: Iterable[Key]) -> list[Disclosure]:
    """What a dataflow has ever handed over of the identities."""
    columns = (
        "hi, lo, namespace, segment, strftime(disclosed_at, '%Y-%m-%dT%H:%M:%S.%gZ'),"
        " strftime(withdrawn_at, '%Y-%m-%dT%H:%M:%S.%gZ'), value IS NOT NULL"
    )
    return [Disclosure(*row) for row in _rows(f"deliveries/{dataflow_id}/", keys, columns)]


def _rows(prefix: str, keys: Iterable[Key], columns: str) -> Iterator[tuple[Any, ...]]:
    yield from _matches(_listed(prefix), list(keys), columns)


def _matches(listed: Mapping[int, Stored], keys: list[Key], columns: str) -> Iterator[tuple[Any, ...]]:
    bits = int(setting("BUCKET_BITS"))
    wanted = {bucket_of(hi, bits) for hi, _ in keys}
    chosen = {bucket: stored for bucket, stored in listed.items() if bucket in wanted}
    if not chosen:
        return
    with TemporaryDirectory() as name, connect(Path(name)) as connection:
        _table(connection, "named", "hi BIGINT, lo BIGINT", list(dict.fromkeys(keys)))
        for files in _buckets(chosen, Path(name)):
            statement = f"SELECT {columns} FROM read_parquet([{files}]) SEMI JOIN named USING (hi, lo)"
            yield from connection.execute(statement).fetchall()


def _listed(prefix: str) -> dict[int, Stored]:
    """The bucket objects directly below a prefix."""
    found = {stored.key.removeprefix(prefix): stored for stored in objects.listing(prefix)}
    return {int(Path(name).stem): stored for name, stored in sorted(found.items()) if name.endswith(".parquet")}


def _buckets(listed: Mapping[int, Stored], folder: Path) -> Iterator[str]:
    """The objects as local files, a few at a time, as the inside of an SQL list; deleted when the next come."""
    for part in batched(listed.items(), _AT_ONCE, strict=False):
        paths = [folder / f"{bucket:05d}.parquet" for bucket, _ in part]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            got = list(pool.map(objects.download, (stored.key for _, stored in part), paths))
        present = [literal(path) for path, stored in zip(paths, got, strict=True) if stored]
        if present:
            yield ", ".join(present)
        for path in paths:
            path.unlink(missing_ok=True)


def _table(connection: "DuckDBPyConnection", name: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """A table of rows, written by column: one value at a time is slow."""
    connection.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")
    if rows:
        kinds = [column.split()[1] for column in columns.split(", ")]
        values = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"INSERT INTO {name} SELECT {', '.join(f'unnest(?::{kind}[])' for kind in kinds)}", values)
