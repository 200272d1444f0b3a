"""How many people stand behind a population, by the reason of the source's own that keeps them back, or `cleared`.

A person of a segment is cleared when any identity of theirs is, and counts at the last reason that one of them comes
to otherwise: every one of them is kept back by it or by an earlier one. So people add up as identities do. Nothing of
the partner's is read.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from handfast.lake import people_counts
from handfast.lake.duck import Connection, connect
from handfast.matching import inventory, parts, relations
from handfast.matching.inventory import MEMBERSHIPS
from handfast.matching.models import JOINT_REASONS, REASONS, People, Terms
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import retry

_HERE = Path(__file__).parent
_POPULATION, _PEOPLE = (_HERE / f"{name}.sql" for name in ("population", "population_people"))
_OWN = tuple(reason for reason in REASONS if reason not in JOINT_REASONS)
_STAGES = (*_OWN, *sorted(JOINT_REASONS), "shared")
_PARTNERS_DATA = frozenset({"partner", "partner_suppressions"})
_READ = {
    "profiles": ("hi", "lo", "namespace", "share", "profile_share", "profile_id"),
    MEMBERSHIPS: ("hi", "lo"),
}
_ALL, _UNKNOWN = 0, 255


class Counting:
    """People of each segment, as the relations of some buckets after others come."""

    def __init__(self, connection: Connection) -> None:
        self._standing = people_counts.Standing(connection)

    def add(self, sources: Mapping[str, str], population: str) -> None:
        """Take the rows of a population, which is a query, of the relations at hand."""
        statement = relations.statement(_PEOPLE).format(**sources, population=population)
        self._standing.add(statement, {"stages": list(_STAGES), "cleared": len(_OWN) + 1})

    def people(self) -> People:
        """How many people there are, by namespace (None: any) and reason, or `cleared`."""
        found: dict[int | None, Counter[str]] = {}
        for (part, stage), count in self._standing.people().items():
            code = {_ALL: None, _UNKNOWN: 0}.get(part % 256, part % 256)
            found.setdefault(code, Counter())[(*_OWN, "cleared")[stage - 1]] += count
        return found


def counted(terms: Terms) -> People | None:
    """People of each segment, of the data as they are now; None where they are too much to read."""
    return retry(lambda: _counted(terms), LostRaceError)


def _counted(terms: Terms) -> People | None:
    with connect() as connection:
        counting = Counting(connection)

        def add(_: Connection, sources: Mapping[str, str]) -> None:
            counting.add(sources, relations.statement(_POPULATION))

        if terms.segments:
            relations.create_segment_type(connection, terms.segments)
            listed = {
                bucket: {role: stored for role, stored in objects.items() if role not in _PARTNERS_DATA}
                for bucket, objects in inventory.listing(terms).items()
            }
            if not parts.each(connection, terms, listed, _READ, add):
                return None
        return counting.people()
