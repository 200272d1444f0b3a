"""Weigh the overlap of two sides in a prefix of the key range, as far as `matching.guarding` needs it to decide."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.lake import buckets as lake_buckets
from handfast.lake.duck import Connection, connect
from handfast.matching import guarding, inputs, inventory, relations, sampling
from handfast.matching.guarding import Overlap, Weighed
from handfast.matching.models import BucketFiles, Guards, Terms

_WEIGH = Path(__file__).with_name("weigh.sql")


def weigh(terms: Terms, dataflow_id: str, guards: Guards) -> Weighed:
    """Count in ever more of the key range until all is settled. Raises LostRaceError for objects that are replaced."""
    listed = {
        bucket: {role: stored for role, stored in objects.items() if role != inventory.DISCLOSURES}
        for bucket, objects in inventory.listing(terms, dataflow_id).items()
    }
    size = sum(stored.size for objects in listed.values() for stored in objects.values())
    share = sampling.first_share(size)
    with TemporaryDirectory() as name, connect() as connection:
        relations.create_segment_type(connection, terms.segments)
        while True:
            part, limit = sampling.prefix(share, 2 ** lake_buckets.bucket_bits())
            files = inputs.prefix(listed, Path(name), part, limit)
            found = Weighed(*counted(connection, files, terms, limit), share)
            if all(guarding.is_settled(overlap, share, guards) for overlap in found.overlaps.values()):
                return found
            share = sampling.readable(2 * share)


def counted(
    connection: Connection, files: Sequence[BucketFiles], terms: Terms, limit: int | None
) -> tuple[Mapping[tuple[str, int], Overlap], int]:
    """Overlaps, and the partner's identities, of the keys up to a greatest `hi`."""
    sampling.relate_prefix(connection, files, terms, limit)
    overlaps = {(segment, code): Overlap(0, 0) for segment in terms.segments for code in terms.namespaces}
    rows = connection.execute(relations.statement(_WEIGH)).fetchall()
    overlaps |= {(segment, code): Overlap(cleared, matched) for segment, code, cleared, matched in rows}
    ((universe,),) = connection.execute("SELECT COUNT(*) FROM partner").fetchall()
    return overlaps, universe
