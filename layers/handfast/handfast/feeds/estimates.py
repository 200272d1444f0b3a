"""How many identities of each segment a partner has too, estimated from a prefix of the key range.

Keys are uniform and the objects are sorted by them, so the first buckets are an unbiased sample of everything
(design/architecture.md, Overlap estimates). More buckets are read until every number is near enough; when all have
been read, the numbers are exact.
"""

from collections.abc import Callable, Iterator, Sequence
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


def doublings(buckets: int) -> Iterator[range]:
    """The buckets in order, each range as many as all before it."""
    start, end = 0, 1
    while start < buckets:
        yield range(start, min(end, buckets))
        start, end = end, end * 2


def sample(
    fetch: Callable[[range], Sequence[BucketFiles]],
    terms: Terms,
    work_dir: Path,
    *,
    buckets: int,
    precision: float,
    threshold: int,
) -> Sample:
    """Count in ever more of the key range until all counts are settled; `fetch` brings buckets' inputs."""
    counts: Counts = {(segment, code): (0, 0) for segment in terms.segments for code in terms.namespaces}
    share = 0.0
    with connect(work_dir) as connection:
        relations.create_segment_type(connection, terms.segments)
        for part in doublings(buckets):
            for key, (overlapped, with_consent) in counted(connection, fetch(part), terms).items():
                counts[key] = counts[key][0] + overlapped, counts[key][1] + with_consent
            share = part.stop / buckets
            if all(settled(pair, share, precision, threshold) for pair in counts.values()):
                break
    return Sample(counts, share)


def counted(connection: duckdb.DuckDBPyConnection, files: Sequence[BucketFiles], terms: Terms) -> Counts:
    """Count in these buckets; the connection knows the type `segment_id`."""
    relations.relate(connection, relations.items(files, terms), terms)
    rows = connection.execute(relations.statement(_ESTIMATE)).fetchall()
    return {(segment, code): (overlapped, with_consent) for segment, code, overlapped, with_consent in rows}


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
