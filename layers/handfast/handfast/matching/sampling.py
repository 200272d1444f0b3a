"""How many identities of each segment a partner has too, estimated from a prefix of the key range.

Keys are uniform and the objects are sorted by them, so the first ones are an unbiased sample of everything
(docs/architecture.md, Overlap estimates). More are read until every number is near enough, or all have been. How much
is read depends on counts with noise alone: it is told, and would otherwise tell the counts.
"""

# ruff: noqa: S608 - statements are built from quoted names and numbers

from collections.abc import Callable, Sequence
from math import ceil, floor, log2, sqrt
from pathlib import Path

from handfast.lake.buckets import within_sql
from handfast.lake.duck import Connection, connect
from handfast.matching import intervals, relations
from handfast.matching.intervals import Z2, Counts, Sample
from handfast.matching.models import BucketFiles, Terms
from handfast.platform import noise
from handfast.platform.noise import Draws

_ESTIMATE = Path(__file__).with_name("estimate.sql")
_FIRST_BYTES = 30 << 20
_MOST_GROWTH = 8
_KEYS = 1 << 64
_PREFIXED = ("memberships", "profiles", "partner")


def noised(counts: Counts, draws: Draws) -> Counts:
    """The counts with noise. Overlapped are those that may be shared and those that may not, each with its own.

    One identity is in one of the two, so that both together are one answer (docs/security.md, What a number tells).
    """
    found: Counts = {}
    for key, (overlapped, with_consent) in sorted(counts.items()):
        shareable = with_consent + noise.gaussian(noise.SIGMA, draws)
        others = overlapped - with_consent + noise.gaussian(noise.SIGMA, draws)
        found[key] = shareable + max(0, others), shareable
    return found


def is_precise(counts: tuple[int, int], share: float, precision: float, threshold: int) -> bool:
    """Whether a pair of counts needs no more data: surely below the threshold, or surely not and near enough."""
    overlapped, with_consent = intervals.estimated(counts, share)
    if share == 1 or with_consent.high < threshold:
        return True
    near = overlapped.high - overlapped.low <= 2 * precision * overlapped.estimate
    return near and with_consent.low >= threshold


def first_share(size: int) -> float:
    """The share to begin with, of inputs of so many bytes: little, but all of what is small anyway.

    In steps of a fifth, so that it tells of a partner's universe no more than how large it is roughly.
    """
    share = _FIRST_BYTES / max(size, 1)
    return 1 if share > 1 / 2 else 2.0 ** (floor(4 * log2(share)) / 4)


def next_share(counts: Counts, share: float, precision: float, threshold: int) -> float | None:
    """The share that is likely to settle all counts; None once they are."""
    open_ones = [pair[0] for pair in counts.values() if not is_precise(pair, share, precision, threshold)]
    if not open_ones:
        return None
    of_the_sample = Z2 / precision**2
    needed = of_the_sample / 2 + sqrt(of_the_sample**2 / 4 + of_the_sample * 2 * noise.SIGMA**2)
    return readable(share * min(max(2, 1.1 * needed / max(1, min(open_ones))), _MOST_GROWTH))


def readable(share: float) -> float:
    """A share that can be read: up to half, where keys are still not negative; or all."""
    return share if share <= 1 / 2 else 1


def prefix(share: float, buckets: int) -> tuple[range, int | None]:
    """The buckets that hold the first keys, and the greatest `hi` of them; None for all keys."""
    limit = int(share * _KEYS) - 1
    return range(ceil(share * buckets)), limit if share < 1 else None


def sample(
    fetch: Callable[[range, int | None], Sequence[BucketFiles]],
    terms: Terms,
    *,
    buckets: int,
    first: float,
    precision: float,
    threshold: int,
    draws: Callable[[], Draws],
    may_go_on: Callable[[], bool],
) -> Sample:
    """Count in ever more of the key range, from the share `first` on, until all counts are precise.

    `fetch` brings buckets' inputs, of which only keys up to a greatest `hi` are read. `draws` decides the noise of what
    was fetched last. Each time that more is read is a further answer, for which `may_go_on` is asked.
    """
    share = first
    with connect() as connection:
        relations.create_segment_type(connection, terms.segments)
        while True:
            part, limit = prefix(share, buckets)
            counts = noised(counted(connection, fetch(part, limit), terms, limit), draws())
            more = next_share(counts, share, precision, threshold)
            if more is None or not may_go_on():
                return Sample(counts, share)
            share = more


def counted(connection: Connection, files: Sequence[BucketFiles], terms: Terms, limit: int | None = None) -> Counts:
    """Count in these buckets the keys up to a greatest `hi`; the connection knows the type `segment_id`."""
    relate_prefix(connection, files, terms, limit)
    counts: Counts = {(segment, code): (0, 0) for segment in terms.segments for code in terms.namespaces}
    rows = connection.execute(relations.statement(_ESTIMATE)).fetchall()
    return counts | {(segment, code): (overlapped, with_consent) for segment, code, overlapped, with_consent in rows}


def relate_prefix(connection: Connection, files: Sequence[BucketFiles], terms: Terms, limit: int | None) -> None:
    """Name the relations of the statements, over the keys of these buckets up to a greatest `hi`."""
    sources = relations.items(files, terms)
    if limit is not None:
        within = within_sql((0, limit))
        sources |= {name: f"(SELECT * FROM {sources[name]} all_keys WHERE {within})" for name in _PREFIXED}
    relations.relate(connection, sources, terms)
