"""Overlap estimates of a feed's draft: cached by the state of their inputs, and budgeted.

A precise fast counter is also an oracle on single identities, so the answers that are computed for one pair of
sandboxes are counted; the same question over the same data is answered from the cache
(docs/architecture.md, Overlap estimates).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.connections.models import Connection
from handfast.feeds import estimate_cache, publishing, service
from handfast.feeds.models import EstimateList, Feed, Interval, OverlapEstimate
from handfast.identity.namespaces import namespace, namespace_of
from handfast.journal import hourly
from handfast.journal.models import Actor, Caller, Event
from handfast.lake import buckets as lake_buckets
from handfast.matching import intervals, inventory
from handfast.matching.intervals import Estimate, Sample
from handfast.matching.models import BucketFiles, Terms
from handfast.partners import other_side
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.quotas import Quota, Standing

ANSWERS_A_DAY = 1000
"""Answers (one per segment and namespace) computed from one sandbox about another in a UTC day."""
CACHED_FOR = timedelta(hours=24)


def estimate(caller: Caller, feed_id: str, precision: float) -> EstimateList:
    """The overlap per connection, segment and namespace; refused as publishing is.

    Raises NotFound for an unknown feed, Refused where publishing is refused, TooManyRequests when the day's estimates
    about a partner are spent, or as many of the sandbox's are computed as may be at once.
    """
    feed = service.load(caller, feed_id)
    publishing.refuse_and_count(caller, feed, service.own_segments(caller, feed.draft.segment_ids))
    partners = service.active_connections(caller, feed.draft.connection_ids)
    items = [item for connection in partners.values() for item in _estimates(caller, feed, connection, precision)]
    return EstimateList(items=items)


def _estimates(caller: Caller, feed: Feed, connection: Connection, precision: float) -> list[OverlapEstimate]:
    partner = connection.partner
    threshold = max(caller.on.overlap_threshold, other_side.overlap_threshold(partner))
    terms = Terms(
        source=caller.sandbox_id,
        partner=partner,
        segments=feed.draft.segment_ids,
        namespaces=tuple(namespace(symbol).code for symbol in feed.draft.namespaces),
        consent_default=caller.on.consent_default,
    )
    listed = inventory.listing(terms)
    question = [connection.connection_id, f"{precision} {threshold}"]
    inputs = [inventory.fingerprint(terms, listed[bucket]) for bucket in sorted(listed)]
    digest = sha256(" ".join(question + inputs).encode()).hexdigest()
    items = estimate_cache.cached_estimates(caller.sandbox_id, partner, digest)
    if items is None:
        with estimate_cache.turn(caller.sandbox_id):
            spend(caller.sandbox_id, partner, len(terms.segments) * len(terms.namespaces))
            items = _computed(terms, listed, connection.connection_id, precision, threshold)
        estimate_cache.cache_estimates(caller.sandbox_id, partner, digest, items, clock.now() + CACHED_FOR)
    about = {"connectionId": connection.connection_id}
    read = Event(caller.sandbox_id, "feed.estimated", Actor.of(caller), feed.feed_id, about)
    hourly.count([read, other_side.event(partner, "feed.estimated", caller.on, connection.connection_id, {})])
    return items


def spend(sandbox_id: str, partner: PartnerRef, answers: int) -> None:
    """Count answers about a partner against the day's; raises TooManyRequests when those are spent."""
    detail = f"a day's {ANSWERS_A_DAY} answers about this partner are spent; known estimates are still answered"
    estimate_cache.spend(sandbox_id, partner, _quota(), answers, detail)


def standing(sandbox_id: str) -> Standing:
    """How many of the day's answers are left about the partner of whom least is left."""
    return estimate_cache.standing(sandbox_id, _quota())


def _quota() -> Quota:
    return Quota("estimates", "answers", ANSWERS_A_DAY)


def _computed(
    terms: Terms, listed: Mapping[int, inventory.Objects], connection_id: str, precision: float, threshold: int
) -> list[OverlapEstimate]:
    from handfast.matching import inputs, sampling  # noqa: PLC0415 - DuckDB is for few routes

    with TemporaryDirectory() as name:
        folder = Path(name)

        def fetch(buckets: range, limit: int | None) -> list[BucketFiles]:
            for path in folder.glob("*.parquet"):
                path.unlink()
            wanted = {bucket: listed[bucket] for bucket in buckets if bucket in listed}
            return list(inputs.fetch(wanted, folder, inputs.with_answers(inputs.ESTIMATED, terms), limit)[1].values())

        found = sampling.sample(
            fetch,
            terms,
            buckets=2 ** lake_buckets.bucket_bits(),
            first=sampling.first_share(sum(version.size for found in listed.values() for version in found.values())),
            precision=precision,
            threshold=threshold,
        )
    return items_of(found, connection_id, threshold, clock.now())


def items_of(found: Sample, connection_id: str, threshold: int, at: datetime) -> list[OverlapEstimate]:
    """What the sender may see. An item of fewer than `threshold` identities, overlapped or with consent, has no
    numbers: one's own consent answers would otherwise ask after single identities.
    """
    return [_item(found, key, connection_id, threshold, clock.to_text(at)) for key in found.counts]


def _item(found: Sample, key: tuple[str, int], connection_id: str, threshold: int, at: str) -> OverlapEstimate:
    overlapped, with_consent = (intervals.interval(matches, found.share) for matches in found.counts[key])
    below = with_consent.estimate < threshold
    return OverlapEstimate(
        connection_id=connection_id,
        segment_id=key[0],
        namespace=namespace_of(key[1]).symbol,
        overlapped=None if below else _view(overlapped),
        with_consent=None if below else _view(with_consent),
        below_threshold=below,
        data_read=found.share,
        as_of=at,
    )


def _view(found: Estimate) -> Interval:
    return Interval(estimate=found.estimate, low=found.low, high=found.high)
