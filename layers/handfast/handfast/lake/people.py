"""Find people in a sandbox's profiles, many at once: identities give profile ids, profile ids all their identities.

At most two passes over the profiles, of a few columns: the first over the buckets that the identities fall into, or
over all when profile ids are known already, the second over all for the profile ids that the first has found.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import Any

from handfast.identity.keys import Key
from handfast.identity.namespaces import namespace_of
from handfast.lake import buckets, layout, transfers
from handfast.lake.duck import Connection, connect, create_table, parquet, wire_time
from handfast.platform.objects import ObjectVersion

_PART_BYTES = 256 << 20
"""Objects read together: as many as have this many bytes, so that a function's disk holds them."""
_NAMED = "JOIN named USING (hi, lo)"
_KNOWN = "JOIN known USING (profile_id)"
_NAMED_COLUMNS = {"person": "VARCHAR", **layout.KEY_COLUMNS}
_KNOWN_COLUMNS = {"person": "VARCHAR", "profile_id": "VARCHAR"}


@dataclass(frozen=True)
class FoundPerson:
    """What a sandbox knows of one person: identities by key with the namespace's code, and profile ids.

    `profiles` is how many profiles the identities are of, one that has no profile id on its own.
    """

    identities: Mapping[Key, int]
    profile_ids: frozenset[str]
    profiles: int = 0


@dataclass(frozen=True)
class StoredProfile:
    """All that the profiles hold of an identity; times as on the wire, `attributes` a JSON object."""

    hi: int
    lo: int
    namespace: int
    value: bytes
    profile_id: str | None
    share: str | None
    profile_share: str | None
    share_at: str | None
    profile_share_at: str | None
    attributes: str | None

    @property
    def answered_at(self) -> str | None:
        """When the newer of its answers was given."""
        return max(filter(None, (self.share_at, self.profile_share_at)), default=None)


@dataclass(frozen=True)
class Member:
    """That an identity is a member of a segment, and since when."""

    hi: int
    lo: int
    segment_id: str
    since: str


@dataclass(frozen=True)
class Profile:
    """An identity with its value, for a change that must name it."""

    hi: int
    lo: int
    namespace: int
    value: bytes


def find_people(
    sandbox_id: str,
    people: Mapping[str, Iterable[Key]],
    known_as: Mapping[str, Iterable[str]] | None = None,
    careful: Collection[str] = (),
) -> dict[str, FoundPerson]:
    """All identities of each person, named by any of theirs, or by profile ids that they were known as.

    Two people may share an identity: each gets all of it. Of the people in `careful`, only an e-mail address or a phone
    number leads to a profile's other identities: a device may be used by several people, and nobody is shown another's
    data, or has them erased (GDPR Art. 15(4)).
    """
    named = [(person, *key) for person, keys in people.items() for key in keys]
    known = {(person, profile_id) for person, ids in (known_as or {}).items() for profile_id in ids}
    listed = dict(buckets.listing(layout.profiles(sandbox_id)))
    wanted = buckets.by_bucket((hi, lo) for _, hi, lo in named)
    identities: dict[str, dict[Key, int]] = defaultdict(dict)
    profile_ids: dict[str, set[str]] = defaultdict(set)
    profiles: dict[str, set[str | Key]] = defaultdict(set)
    with TemporaryDirectory() as name, connect() as connection:

        def look(stored: Mapping[int, ObjectVersion], *joins: str) -> set[tuple[str, str]]:
            """Note the identities that the joins find; returns the profile ids that they have."""
            rows = _joined(connection, stored, Path(name), "person, hi, lo, namespace, profile_id", joins)
            met = set()
            for person, hi, lo, namespace, profile_id in rows:
                identities[person][hi, lo] = namespace
                profiles[person].add((hi, lo) if profile_id is None else profile_id)
                if profile_id is not None and (person not in careful or namespace_of(namespace).hashes_raw):
                    met.add((person, profile_id))
            return met

        create_table(connection, "named", _NAMED_COLUMNS, named)
        create_table(connection, "known", _KNOWN_COLUMNS, list(known))
        if known:
            met = look(listed, _NAMED, _KNOWN)
        else:
            met = look({bucket: stored for bucket, stored in listed.items() if bucket in wanted}, _NAMED)
        if met - known:
            create_table(connection, "known", _KNOWN_COLUMNS, list(met - known))
            look(listed, _KNOWN)
    for person, profile_id in known | met:
        profile_ids[person].add(profile_id)
    return {
        person: FoundPerson(identities[person], frozenset(profile_ids[person]), len(profiles[person]))
        for person in people
    }


def profiles(sandbox_id: str, keys: Iterable[Key]) -> list[Profile]:
    """The identities that the sandbox knows, with their values."""
    return [Profile(*row) for row in _rows(layout.profiles(sandbox_id), keys, "hi, lo, namespace, value")]


def stored_profiles(sandbox_id: str, keys: Iterable[Key]) -> list[StoredProfile]:
    """The identities that the sandbox knows, with all that it holds of them."""
    times = f"{wire_time('share_at')}, {wire_time('profile_share_at')}"
    columns = f"hi, lo, namespace, value, profile_id, share, profile_share, {times}, attributes"
    return [StoredProfile(*row) for row in _rows(layout.profiles(sandbox_id), keys, columns)]


def segments_of(sandbox_id: str, keys: Iterable[Key]) -> list[str]:
    """The segments that any of the identities is a member of, of all that there are objects of."""
    named = list(keys)
    return [
        segment
        for segment, listed in buckets.members_by_segment(sandbox_id).items()
        if next(_matches(listed, named, "hi"), None) is not None
    ]


def memberships(sandbox_id: str, keys: Iterable[Key]) -> list[Member]:
    """Every membership of the identities, by segment."""
    named = list(keys)
    return [
        Member(hi, lo, segment, since)
        for segment, listed in buckets.members_by_segment(sandbox_id).items()
        for hi, lo, since in _matches(listed, named, f"hi, lo, {wire_time('since')}")
    ]


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
    """What a dataflow has ever disclosed of the identities."""
    times = f"{wire_time('disclosed_at')}, {wire_time('withdrawn_at')}"
    columns = f"hi, lo, namespace, segment, {times}, value IS NOT NULL"
    return [Disclosure(*row) for row in _rows(layout.disclosures(dataflow_id), keys, columns)]


def _rows(prefix: str, keys: Iterable[Key], columns: str) -> Iterator[tuple[Any, ...]]:
    yield from _matches(dict(buckets.listing(prefix)), list(keys), columns)


def _matches(listed: Mapping[int, ObjectVersion], keys: list[Key], columns: str) -> Iterator[tuple[Any, ...]]:
    wanted = buckets.by_bucket(keys)
    chosen = {bucket: stored for bucket, stored in listed.items() if bucket in wanted}
    if not chosen:
        return
    with TemporaryDirectory() as name, connect() as connection:
        create_table(connection, "named", layout.KEY_COLUMNS, list(dict.fromkeys(keys)))
        yield from _joined(connection, chosen, Path(name), columns, ["SEMI JOIN named USING (hi, lo)"])


def _joined(
    connection: Connection,
    listed: Mapping[int, ObjectVersion],
    folder: Path,
    columns: str,
    joins: Sequence[str],
) -> Iterator[tuple[Any, ...]]:
    """The rows of the objects that each of the joins finds, some objects at a time.

    The folder keeps the objects for another reading where they take less than half of the room that there is.
    """
    keeps = sum(stored.size for stored in listed.values()) < disk_usage(folder).free // 2
    for group in buckets.groups(((bucket, stored.size) for bucket, stored in listed.items()), _PART_BYTES):
        keys = {folder / buckets.object_key("", bucket): listed[bucket].key for bucket in group}
        transfers.download({path: key for path, key in keys.items() if not path.exists()})
        files = [path for path in keys if path.exists()]
        for join in joins if files else ():
            yield from connection.execute(f"SELECT {columns} FROM {parquet(files)} {join}").fetchall()
        for path in () if keeps else files:
            path.unlink()
