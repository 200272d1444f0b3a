"""Overlap estimates of a feed's draft: cached by the state of their inputs, and budgeted.

A precise fast counter is also an oracle on single identities, so the answers that are computed for one pair of
sandboxes are counted; the same question over the same data is answered from the cache (docs/architecture.md, Overlap
estimates).
"""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.access import store as access
from handfast.access.models import Caller
from handfast.connections.models import Connection
from handfast.feeds import service, store
from handfast.feeds.models import EstimateList, Feed, OverlapEstimate
from handfast.identity.namespaces import namespace
from handfast.platform import clock
from handfast.platform.problems import TooManyRequests
from handfast.platform.table import ConditionFailed
from handfast.segment_export import store as export
from handfast.segment_export.models import BucketFiles, Terms

ANSWERS_A_DAY = 1000
"""Answers (one per segment and namespace) computed from one sandbox about another in a UTC day."""
CACHED_FOR = timedelta(hours=24)


def estimate(caller: Caller, feed_id: str, precision: float) -> EstimateList:
    """The overlap per connection, segment and namespace; refused as publishing is."""
    feed = service.load(caller, feed_id)
    service.refuse_violations(feed, service.own_segments(caller, feed.draft.segment_ids))
    partners = service.active_connections(caller, feed.draft.connection_ids)
    items = [item for one in partners.values() for item in _estimates(caller, feed, one, precision)]
    return EstimateList(items=items)


def _estimates(caller: Caller, feed: Feed, connection: Connection, precision: float) -> list[OverlapEstimate]:
    partner = access.sandbox(connection.partner.sandbox_id)
    if partner is None:
        raise LookupError(f"no sandbox {connection.partner.sandbox_id}")
    threshold = max(caller.on.overlap_threshold, partner.overlap_threshold)
    terms = Terms(
        source=caller.sandbox_id,
        target=partner.sandbox_id,
        segments=feed.draft.segment_ids,
        namespaces=tuple(namespace(symbol).code for symbol in feed.draft.namespaces),
        consent_default=caller.on.consent_default,
    )
    listed = export.listing(terms)
    question = [connection.connection_id, f"{precision} {threshold}"]
    inputs = [export.fingerprint(terms, listed[bucket]) for bucket in sorted(listed)]
    digest = sha256(" ".join(question + inputs).encode()).hexdigest()
    items = store.cached_estimates(terms.source, terms.target, digest)
    if items is None:
        _spend(terms)
        items = _computed(terms, listed, connection.connection_id, precision, threshold)
        store.cache_estimates(terms.source, terms.target, digest, items, clock.now() + CACHED_FOR)
    return items


def _spend(terms: Terms) -> None:
    now = clock.now()
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    answers = len(terms.segments) * len(terms.namespaces)
    day, ttl = now.date().isoformat(), tomorrow + timedelta(days=1)
    try:
        store.spend(terms.source, terms.target, day, answers, ANSWERS_A_DAY, ttl)
    except ConditionFailed as failed:
        detail = f"a day's {ANSWERS_A_DAY} estimates about this partner are spent; known ones are still answered"
        seconds = int((tomorrow - now).total_seconds()) + 1
        raise TooManyRequests(detail, retryAfter=seconds) from failed


def _computed(
    terms: Terms, listed: Mapping[int, export.Objects], connection_id: str, precision: float, threshold: int
) -> list[OverlapEstimate]:
    from handfast.feeds import estimates  # noqa: PLC0415 - DuckDB is for few routes
    from handfast.segment_export import inputs  # noqa: PLC0415

    with TemporaryDirectory() as name:
        folder = Path(name)

        def fetch(buckets: range, limit: int | None) -> list[BucketFiles]:
            for path in folder.glob("*.parquet"):
                path.unlink()
            wanted = {one: listed[one] for one in buckets if one in listed}
            return list(inputs.fetch(wanted, folder, inputs.ESTIMATED, limit)[1].values())

        found = estimates.sample(
            fetch,
            terms,
            buckets=2 ** export.bucket_bits(),
            first=estimates.first_share(sum(one.size for found in listed.values() for one in found.values())),
            precision=precision,
            threshold=threshold,
        )
    return estimates.estimates(found, connection_id, threshold, clock.now())
