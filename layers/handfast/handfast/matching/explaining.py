"""Why single identities are shared or not, by the statement that counts populations."""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from handfast.identity.keys import Key
from handfast.lake import layout
from handfast.lake.duck import connect, create_table
from handfast.matching import relations
from handfast.matching.models import BucketFiles, Terms

_POPULATION = Path(__file__).with_name("population.sql")


@dataclass(frozen=True)
class Pair:
    """A member of a segment with the reason that keeps it back (`matching.models.REASONS`), or `shared`."""

    hi: int
    lo: int
    segment_id: str
    reason: str


def reasons(files: Sequence[BucketFiles], terms: Terms, keys: Iterable[Key]) -> list[Pair]:
    """Each membership of the identities in the terms' segments; `files` are of the identities' buckets.

    Whether a dataflow is paused is not looked at.
    """
    with connect() as connection:
        create_table(connection, "named", layout.KEY_COLUMNS, list(keys))
        relations.create_segment_type(connection, terms.segments, [file.disclosures for file in files])
        relations.relate(connection, relations.items(files, terms), terms)
        rows = connection.execute(
            f"SELECT hi, lo, segment, reason FROM ({relations.statement(_POPULATION)}) SEMI JOIN named USING (hi, lo)"
        ).fetchall()
    return [Pair(hi, lo, str(segment), reason) for hi, lo, segment, reason in rows]
