"""How many people stand behind a population, by the reason that keeps them back or `shared`.

A person of a segment is shared when any identity of theirs is, and counts at the last reason that one of them comes
to otherwise: every one of them is kept back by it or by an earlier one. So people add up as identities do.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.lake import people_counts
from handfast.lake.duck import connect
from handfast.matching import inputs, inventory, relations
from handfast.matching.inventory import DISCLOSURES, MEMBERSHIPS
from handfast.matching.models import REASONS, Terms
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import retry

_HERE = Path(__file__).parent
_POPULATION, _PEOPLE = (_HERE / f"{name}.sql" for name in ("population", "population_people"))
_STAGES = (*REASONS, "shared")
_READ = {
    "profiles": ("hi", "lo", "namespace", "share", "profile_share", "profile_id"),
    "partner": ("hi", "lo"),
    MEMBERSHIPS: ("hi", "lo"),
    DISCLOSURES: ("hi", "lo", "segment", "withdrawn_at"),
}


def counted(terms: Terms, dataflow_id: str) -> Mapping[str, int] | None:
    """People of each segment by reason, of the data as they are now; None where they are too much to read."""
    return retry(lambda: _counted(terms, dataflow_id), LostRaceError)


def _counted(terms: Terms, dataflow_id: str) -> Mapping[str, int] | None:
    if not terms.segments:
        return {}
    read = {
        bucket: {role: stored for role, stored in objects.items() if role != DISCLOSURES or terms.paused}
        for bucket, objects in inventory.listing(terms, dataflow_id).items()
    }
    groups = people_counts.parts({bucket: objects.values() for bucket, objects in read.items()})
    if groups is None:
        return None
    with connect() as connection:
        relations.create_segment_type(connection, terms.segments)
        standing = people_counts.Standing(connection)
        for group in groups:
            with TemporaryDirectory() as folder:
                _, files = inputs.fetch(
                    {bucket: read[bucket] for bucket in group}, Path(folder), inputs.with_answers(_READ, terms)
                )
                sources = relations.items(list(files.values()), terms)
                relations.relate(connection, sources, terms)
                statement = relations.statement(_PEOPLE).format(**sources, population=relations.statement(_POPULATION))
                standing.add(statement, {"stages": list(_STAGES), "paused": terms.paused})
        people = standing.people()
    return {stage: people[number] for number, stage in enumerate(_STAGES, 1)}
