"""What a run under some terms would do to a target that is no partner, of the data as they are now; nothing is written.

It is decided by the statements that a run decides by.
"""

# ruff: noqa: S608 - statements are built from this package's own text
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from handfast.lake.duck import Connection, connect
from handfast.matching import inventory, parts, population_people, relations
from handfast.matching.inventory import DISCLOSURES, MEMBERSHIPS
from handfast.matching.models import RunPreview, Terms
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import retry

_HERE = Path(__file__).parent
_POPULATION, _CHANGES = (_HERE / f"{name}.sql" for name in ("population", "changes"))
_READ = {
    "profiles": ("hi", "lo", "namespace", "share", "profile_share", "profile_id"),
    MEMBERSHIPS: ("hi", "lo"),
    DISCLOSURES: ("hi", "lo", "namespace", "segment", "withdrawn_at"),
}


def preview(
    terms: Terms, dataflow_id: str | None = None, segment_ids: Collection[str] = (), looks: int = 1
) -> RunPreview | None:
    """What the next run of a dataflow would do under these terms, or the first one of none; None: too much to read.

    `segment_ids` are those that it has carried before, `looks` how many of these a call asks for.
    """
    return retry(lambda: _preview(terms, dataflow_id, segment_ids, looks), LostRaceError)


def _preview(terms: Terms, dataflow_id: str | None, segment_ids: Collection[str], looks: int) -> RunPreview | None:
    reasons, changes = Counter[str](), dict[str, Counter[str]]()

    def look(connection: Connection, sources: Mapping[str, str]) -> None:
        connection.execute(f"CREATE OR REPLACE TABLE population AS {relations.statement(_POPULATION)}")
        reasons.update(dict(connection.execute("SELECT reason, count(*) FROM population GROUP BY reason").fetchall()))
        rows = connection.execute(
            f"SELECT change, segment, count(*) FROM ({relations.statement(_CHANGES)}) GROUP BY ALL",
            {"paused": terms.paused},
        ).fetchall()
        for change, segment, count in rows:
            changes.setdefault(change, Counter())[segment] += count
        counting.add(sources, "SELECT * FROM population")

    listed = inventory.listing(terms, dataflow_id)
    with connect() as connection:
        counting = population_people.Counting(connection)
        relations.create_segment_type(connection, {*terms.segments, *segment_ids})
        if not parts.each(connection, terms, listed, _READ, look, looks):
            return None
        people = counting.people().get(None, Counter[str]())
    realized, exited, paused = (changes.get(change, Counter[str]()) for change in ("realized", "exited", "paused"))
    waiting = paused.total()
    excluded = {reason: count for reason, count in sorted(reasons.items()) if reason != "shared"}
    return RunPreview(
        reasons["shared"] - waiting, excluded | ({"paused": waiting} if waiting else {}), realized, exited, people
    )
