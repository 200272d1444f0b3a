"""How many people identities are: those of a sandbox that have one profile id are one person, one without is its own.

People are counted when they are asked for, from the profile ids of all the sandbox's profiles, and not where there is
more to read than a call has time for.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.lake import buckets, layout, ranges
from handfast.lake.duck import Connection, connect, literal, relation
from handfast.platform.objects import LostRaceError, ObjectVersion
from handfast.platform.optimistic import retry

MOST_BYTES = 512 << 20
"""The size of the objects that people are counted in, at most: some 10 M identities."""
_PART_BYTES = 256 << 20
"""Objects read together, so that neither the memory nor the disk fills."""
_KEY = ("hi", "lo")
_PROFILE = (*_KEY, "profile_id")
_DELIVERED = (*_KEY, "segment", "withdrawn_at")

type _Group = tuple[int, ...]
type _Listed = Mapping[int, ObjectVersion]


class Standing:
    """People of several parts, such as segments, each by the furthest stage that an identity of theirs has reached.

    A person of two parts counts in both. Identities come in some at a time, those of a person at different times.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        connection.execute("CREATE TABLE seen (part USMALLINT, person UBIGINT, stage UTINYINT)")

    def add(self, select: str, parameters: Mapping[str, object] | None = None) -> None:
        """Take the rows `part, profile_id, stage` of a statement, one for each identity of a part."""
        person = "CASE WHEN profile_id IS NOT NULL THEN hash(profile_id) END"
        self._connection.execute(f"INSERT INTO seen SELECT part, {person}, stage FROM ({select})", parameters or {})

    def people(self) -> Counter[tuple[int, int]]:
        """How many people there are by part and stage."""
        rows = self._connection.execute(
            """
            SELECT part, stage, count(*) FROM (
                SELECT part, stage FROM seen WHERE person IS NULL
                UNION ALL SELECT part, max(stage) FROM seen WHERE person IS NOT NULL GROUP BY part, person
            )
            GROUP BY part, stage
            """
        ).fetchall()
        return Counter({(part, stage): count for part, stage, count in rows})


def parts(listed: Mapping[int, Iterable[ObjectVersion]], looks: int = 1) -> Iterator[_Group] | None:
    """Buckets with their objects, as many together as are read at once; None where all are too much.

    `looks` is how many times a call reads as much.
    """
    sizes = [(bucket, sum(stored.size for stored in objects)) for bucket, objects in sorted(listed.items())]
    if sum(size for _, size in sizes) > MOST_BYTES // looks:
        return None
    return buckets.groups(sizes, _PART_BYTES)


@dataclass(frozen=True)
class PeopleCount:
    """How many people there are, and of which versions of the objects."""

    people: int
    of: str


def members(sandbox_id: str, segment_id: str, known: PeopleCount | None) -> PeopleCount | None:
    """How many people the members of a sandbox's own segment are; `known` where it is of the objects of now.

    None where they are too much to read.
    """
    return _people(sandbox_id, layout.memberships(sandbox_id, segment_id), _KEY, "TRUE", known)


def received(sandbox_id: str, dataflow_id: str, segment_id: str) -> PeopleCount | None:
    """How many people the identities are that a sandbox has been given over a segment, by its own profile ids.

    None where they are too much to read.
    """
    given = f"segment = {literal(segment_id)} AND withdrawn_at IS NULL"
    return _people(sandbox_id, layout.disclosures(dataflow_id), _DELIVERED, given, None)


def _people(
    sandbox_id: str, prefix: str, columns: Collection[str], condition: str, known: PeopleCount | None
) -> PeopleCount | None:
    rows = dict(buckets.listing(prefix))
    profiles = {bucket: found for bucket, found in buckets.listing(layout.profiles(sandbox_id)) if bucket in rows}
    versions = [stored.etag for listed in (rows, profiles) for stored in listed.values()]
    of = sha256(" ".join(versions).encode()).hexdigest()
    if known and known.of == of:
        return known
    groups = parts({bucket: [stored, *filter(None, [profiles.get(bucket)])] for bucket, stored in rows.items()})
    if groups is None:
        return None
    read = list(groups)
    # What is read may be newer than what was listed: then the next time counts anew.
    return PeopleCount(retry(lambda: _counted(rows, profiles, read, columns, condition), LostRaceError), of)


def _counted(
    rows: _Listed, profiles: _Listed, groups: Iterable[_Group], columns: Collection[str], condition: str
) -> int:
    with connect() as connection:
        standing = Standing(connection)
        for group in groups:
            with TemporaryDirectory() as folder:
                given = relation(_copied(rows, group, Path(folder, "rows"), columns), layout.DISCLOSURE_COLUMNS)
                known = relation(_copied(profiles, group, Path(folder, "known"), _PROFILE), layout.PROFILE_COLUMNS)
                standing.add(
                    f"SELECT 0 AS part, 0 AS stage, profile_id FROM (SELECT hi, lo FROM {given} WHERE {condition})"
                    f" LEFT JOIN {known} USING (hi, lo)"
                )
        return standing.people().total()


def _copied(listed: _Listed, group: _Group, folder: Path, columns: Collection[str]) -> list[Path]:
    folder.mkdir()
    keys = {folder / buckets.object_key("", bucket): listed[bucket].key for bucket in group if bucket in listed}
    return list(ranges.copy(keys, dict.fromkeys(keys, columns)))
