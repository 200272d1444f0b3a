"""Weigh the overlap of two sides in a prefix of the key range, as far as `matching.guarding` needs it to decide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.lake import buckets as lake_buckets
from handfast.lake.duck import Connection, connect
from handfast.matching import guarding, inputs, inventory, relations, sampling
from handfast.matching.guarding import Overlap, Weighed
from handfast.matching.models import BucketFiles, Guards, Terms
from handfast.platform import noise
from handfast.platform.noise import Draws

_WEIGH = Path(__file__).with_name("weigh.sql")

type Overlaps = Mapping[tuple[str, int], Overlap]


def weigh(
    terms: Terms,
    dataflow_id: str,
    guards: Guards,
    draws: Callable[[str], Draws],
    may_go_on: Callable[[], bool],
) -> Weighed | None:
    """Count in ever more of the key range, until all is settled; None where that may not go on.

    `draws` decides the noise of a question, which no two sets of data have in common; each time that more is read is a
    further question, for which `may_go_on` is asked. Raises LostRaceError for objects that are replaced.
    """
    listed = {
        bucket: {role: stored for role, stored in objects.items() if role != inventory.DISCLOSURES}
        for bucket, objects in inventory.listing(terms, dataflow_id).items()
    }
    share = sampling.first_share(sum(stored.size for objects in listed.values() for stored in objects.values()))
    with TemporaryDirectory() as name, connect() as connection:
        relations.create_segment_type(connection, terms.segments)
        while may_go_on():
            part, limit = sampling.prefix(share, 2 ** lake_buckets.bucket_bits())
            read, files = inputs.prefix(listed, Path(name), terms, part, limit)
            overlaps, universe = counted(connection, list(files.values()), terms, limit)
            versions = (inventory.fingerprint(terms, read[bucket]) for bucket in sorted(read))
            hour = [f"{terms.hour}"] if terms.minimum_age else []
            question = " ".join([f"holds {dataflow_id} {part} {limit}", *hour, *versions])
            found = Weighed(noised(overlaps, draws(question)), universe, share)
            if all(guarding.is_settled(overlap, share, guards) for overlap in found.overlaps.values()):
                return found
            share = sampling.readable(2 * share)
    return None


def counted(
    connection: Connection, files: Sequence[BucketFiles], terms: Terms, limit: int | None
) -> tuple[Overlaps, int]:
    """Overlaps, and the partner's identities, of the keys up to a greatest `hi`, exactly."""
    sampling.relate_prefix(connection, files, terms, limit)
    overlaps = {(segment, code): Overlap(0, 0, 0) for segment in terms.segments for code in terms.namespaces}
    rows = connection.execute(relations.statement(_WEIGH)).fetchall()
    overlaps |= {(segment, code): Overlap(*counts) for segment, code, *counts in rows}
    if not terms.minimum_age:
        overlaps = {pair: replace(overlap, young=None) for pair, overlap in overlaps.items()}
    ((universe,),) = connection.execute("SELECT COUNT(*) FROM partner").fetchall()
    return overlaps, universe


def noised(overlaps: Overlaps, draws: Draws) -> Overlaps:
    """The overlaps with noise in what is matched and what is young; one identity is in one of both."""
    found = {}
    for pair, overlap in sorted(overlaps.items()):
        matched = overlap.matched + noise.gaussian(guarding.SIGMA, draws)
        young = None if overlap.young is None else overlap.young + noise.gaussian(guarding.SIGMA, draws)
        found[pair] = Overlap(overlap.cleared, matched, young)
    return found
