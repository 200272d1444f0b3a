"""How many of a source's own members another consent default would let join consent, or leave it.

Only the source's data are read: whom a partner knows makes no difference.
"""

# ruff: noqa: S608 - statements are built from this module's own text
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.governance import consent
from handfast.journal.models import ConsentDefault
from handfast.lake import people_counts
from handfast.lake.duck import connect
from handfast.matching import inputs, inventory, relations
from handfast.matching.inventory import MEMBERSHIPS, RECEIVED
from handfast.matching.models import Terms
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import retry

_ROLES = ("profiles", MEMBERSHIPS, RECEIVED)
_READ = {"profiles": ("hi", "lo", "namespace", "share", "profile_share"), MEMBERSHIPS: ("hi", "lo")}


def counted(terms: Terms, default: ConsentDefault) -> tuple[int, int] | None:
    """Pairs of identity and segment in the selected namespaces that would join and leave; None: too much to read."""
    return retry(lambda: _counted(terms, default), LostRaceError)


def _counted(terms: Terms, default: ConsentDefault) -> tuple[int, int] | None:
    if not terms.segments or terms.consent_default == default:
        return 0, 0
    read = {
        bucket: {role: stored for role, stored in objects.items() if role.startswith(_ROLES)}
        for bucket, objects in inventory.listing(replace(terms, partner=None)).items()
    }
    groups = people_counts.parts({bucket: objects.values() for bucket, objects in read.items()})
    if groups is None:
        return None
    before, after = (consent.CONSENTED.format(consent_default=each) for each in (terms.consent_default, default))
    joining = leaving = 0
    with connect() as connection:
        relations.create_segment_type(connection, terms.segments)
        for group in groups:
            with TemporaryDirectory() as folder:
                _, files = inputs.fetch(
                    {bucket: read[bucket] for bucket in group}, Path(folder), inputs.needed(_READ, terms)
                )
                sources = relations.items(list(files.values()), terms)
                ((came, went),) = connection.execute(
                    f"""
                    SELECT count(*) FILTER (after > before), count(*) FILTER (after < before) FROM (
                        SELECT {before} AS before, {after} AS after
                        FROM {sources["memberships"]} AS m JOIN {sources["profiles"]} AS p USING (hi, lo)
                        WHERE p.namespace IN ({", ".join(map(str, terms.namespaces))})
                    )
                    """
                ).fetchall()
                joining, leaving = joining + came, leaving + went
    return joining, leaving
