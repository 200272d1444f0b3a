"""How many identities of each segment a partner has too, estimated from a prefix of the key range.

Keys are uniform and the objects are sorted by them, so the first ones are an unbiased sample of everything
(docs/architecture.md, Overlap estimates). More are read until every number is near enough; when all have been read,
the numbers are exact.
"""

# ruff: noqa: S608 - statements are built from quoted names and numbers

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor, sqrt
from pathlib import Path

import duckdb

from handfast.feeds.models import Interval, OverlapEstimate
from handfast.identity.namespaces import namespace_of
from handfast.platform import clock
from handfast.platform.duck import connect
from handfast.segment_export import relations
from handfast.segment_export.models import BucketFiles, Terms

_ESTIMATE = Path(__file__).with_name("estimate.sql")
_Z2 = 1.96**2
_FIRST_BYTES = 20 << 20
_MOST_GROWTH = 8
_KEYS = 1 << 64
_PREFIXED = ("memberships", "profiles", "partner")

type Counts = dict[tuple[str, int], tuple[int, int]]
"""By segment and namespace code: identities overlapped, and those of them that may be shared."""


@dataclass(frozen=True)
class Sample:
    """Counts in the first `share` (0 to 1) of the key range."""

    counts: Counts
    share: float


def interval(matches: int, share: float) -> Interval:
    """The whole's size, given its matches in a sample of `share`, with its 95 % score interval.

    The matches are binomial. The score interval stays honest for few of them: without any, it ends near 4 / share.
    """
    spread = _Z2 * (1 - share)
    middle, half = matches + spread / 2, sqrt(matches * spread + spread**2 / 4)
    low, high = floor((middle - half) / share), ceil((middle + half) / share)
    return Interval(estimate=round(matches / share), low=max(low, matches), high=high)


def settled(counts: tuple[int, int], share: float, precision: float, threshold: int) -> bool:
    """Whether a pair of counts needs no more data: surely below the threshold, or surely not and near enough."""
    overlapped, with_consent = (interval(matches, share) for matches in counts)
    if share == 1 or with_consent.high < threshold:
        return True
    near = overlapped.high - overlapped.low <= 2 * precision * overlapped.estimate
    return near and with_consent.low >= threshold


def first_share(size: int) -> float:
    """The share to begin with, of inputs of so many bytes: little, but all of what is small anyway."""
    return _readable(_FIRST_BYTES / max(size, 1))


def next_share(counts: Counts, share: float, precision: float, threshold: int) -> float | None:
    """The share that is likely to settle all counts; None once they are."""
    open_ones = [pair[0] for pair in counts.values() if not settled(pair, share, precision, threshold)]
    if not open_ones:
        return None
    needed = _Z2 / precision**2
    return _readable(share * min(max(2, 1.1 * needed / max(1, min(open_ones))), _MOST_GROWTH))


def _readable(share: float) -> float:
    """Up to half, where keys are still not negative; or all."""
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
) -> Sample:
    """Count in ever more of the key range, from the share `first` on, until all counts are settled.

    `fetch` brings buckets' inputs, of which only keys up to a greatest `hi` are read.
    """
    share: float | None = first
    found = Sample({}, 0)
    with connect() as connection:
        relations.create_segment_type(connection, terms.segments)
        while share:
            part, limit = prefix(share, buckets)
            found = Sample(counted(connection, fetch(part, limit), terms, limit), share)
            share = next_share(found.counts, share, precision, threshold)
    return found


def counted(
    connection: duckdb.DuckDBPyConnection, files: Sequence[BucketFiles], terms: Terms, limit: int | None = None
) -> Counts:
    """Count in these buckets the keys up to a greatest `hi`; the connection knows the type `segment_id`."""
    sources = relations.items(files, terms)
    if limit is not None:
        within = f"hi BETWEEN 0 AND {limit}"
        sources |= {name: f"(SELECT * FROM {sources[name]} all_keys WHERE {within})" for name in _PREFIXED}
    relations.relate(connection, sources, terms)
    counts: Counts = {(segment, code): (0, 0) for segment in terms.segments for code in terms.namespaces}
    rows = connection.execute(relations.statement(_ESTIMATE)).fetchall()
    return counts | {(segment, code): (overlapped, with_consent) for segment, code, overlapped, with_consent in rows}


def estimates(found: Sample, connection_id: str, threshold: int, at: datetime) -> list[OverlapEstimate]:
    """What the sender may see. An item of fewer than `threshold` identities, overlapped or with consent, has no
    numbers: one's own consent answers would otherwise ask after single identities.
    """
    return [_item(found, key, connection_id, threshold, clock.to_text(at)) for key in found.counts]


def _item(found: Sample, key: tuple[str, int], connection_id: str, threshold: int, at: str) -> OverlapEstimate:
    overlapped, with_consent = (interval(matches, found.share) for matches in found.counts[key])
    below = with_consent.estimate < threshold
    return OverlapEstimate(
        connection_id=connection_id,
        segment_id=key[0],
        namespace=namespace_of(key[1]).symbol,
        overlapped=None if below else overlapped,
        with_consent=None if below else with_consent,
        below_threshold=below,
        data_read=found.share,
        as_of=at,
    )
