"""Overlap estimates of a feed's draft: with noise, cached by the state of their inputs, and budgeted.

A precise fast counter is also an oracle on single identities, so answers have noise, and those that are computed for
one pair of sandboxes are counted; the same question over the same data has the same answer
(docs/architecture.md, Overlap estimates; docs/security.md, What a number tells).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.connections import store
from handfast.connections.models import Connection
from handfast.dataflows.models import Interval
from handfast.feeds import agreements, estimate_cache, policy_checks, service
from handfast.feeds.models import EstimateList, Feed, OverlapEstimate, PairPrivacy
from handfast.feeds.naming import Names
from handfast.identity.namespaces import namespace_of
from handfast.journal import hourly
from handfast.journal.models import Actor, Caller, Event
from handfast.lake import buckets as lake_buckets
from handfast.matching import intervals, inventory
from handfast.matching.intervals import Estimate, Sample
from handfast.matching.models import BucketFiles, Terms
from handfast.matching.trait_rules import Rule
from handfast.partners import answer_budget, other_side
from handfast.platform import clock, noise
from handfast.platform.problems import Refused
from handfast.segments import composing

CACHED_FOR = timedelta(hours=24)


def estimate(caller: Caller, feed_id: str, precision: float) -> EstimateList:
    """The overlap per connection, segment and namespace; refused as publishing is.

    Raises NotFound for an unknown feed, Refused where publishing is refused and where a partner does not allow to be
    estimated, TooManyRequests when the day's estimates
    about a partner are spent, or as many of the sandbox's are computed as may be at once.
    """
    feed = service.load(caller, feed_id)
    own = service.own_segments(caller, feed.draft.segment_ids)
    policy_checks.refuse_and_count(caller, feed, own)
    composed = composing.rules_of(own.values())
    partners = service.active_connections(caller, feed.draft.connection_ids)
    agreements.check(caller, feed.draft.namespaces, partners.values())
    _refuse_without_consent(partners)
    items = [
        item
        for connection in partners.values()
        for item in of_connection(caller, feed, connection, precision, composed)
    ]
    privacy = [
        PairPrivacy(connection_id=name, **answer_budget.loss(caller.sandbox_id, connection.partner).model_dump())
        for name, connection in partners.items()
    ]
    names = Names.of(own, partners).members(feed.draft.segment_ids, list(partners))
    return EstimateList(items=items, privacy=privacy, **names)


def _refuse_without_consent(connections: Mapping[str, Connection]) -> None:
    """Refused where a partner does not allow to be estimated."""
    copies = store.partners_copies(connections.values())
    for index, connection in enumerate(connections.values()):
        if not copies[connection.connection_id].allows_estimates:
            detail = (
                f"{connection.partner.name} does not allow estimates over the connection {connection.connection_id};"
                " ask for it to set allowsEstimates, or take the connection out of the feed"
            )
            pointer = f"/connectionIds/{index}"
            raise Refused(
                detail, reason="estimates_not_allowed", pointer=pointer, connectionId=connection.connection_id
            )


def of_connection(
    caller: Caller,
    feed: Feed,
    connection: Connection,
    precision: float,
    composed: tuple[tuple[str, Rule], ...],
    *,
    computes: bool = True,
) -> list[OverlapEstimate]:
    """The overlap of one connection by segment and namespace, which both logs count by the hour.

    Where it `computes` nothing, what is not known yet is left out. Raises TooManyRequests when the day's estimates
    about the partner are spent, or as many of the sandbox's are computed as may be at once.
    """
    partner = connection.partner
    threshold = max(caller.on.overlap_threshold, other_side.overlap_threshold(partner))
    terms = Terms(
        source=caller.sandbox_id,
        partner=partner,
        segments=feed.draft.segment_ids,
        namespaces=agreements.codes(caller.on, connection, feed.draft.namespaces),
        consent_default=caller.on.consent_default,
        partner_consent_default=other_side.receives_by(partner),
        composed=composed,
    )
    listed = inventory.listing(terms)
    question = [connection.connection_id, f"{precision} {threshold} {noise.SIGMA}"]
    inputs = [inventory.fingerprint(terms, listed[bucket]) for bucket in sorted(listed)]
    digest = sha256(" ".join(question + inputs).encode()).hexdigest()
    items = estimate_cache.cached_estimates(caller.sandbox_id, partner, digest)
    if items is None and not computes:
        return []
    if items is None:
        with estimate_cache.turn(caller.sandbox_id):
            items = _computed(terms, listed, connection, precision, threshold)
        estimate_cache.cache_estimates(caller.sandbox_id, partner, digest, items, clock.now() + CACHED_FOR)
    about = {"connectionId": connection.connection_id}
    read = Event(caller.sandbox_id, "feed.estimated", Actor.of(caller), feed.feed_id, about)
    hourly.count([read, other_side.event(partner, "feed.estimated", caller.on, connection.connection_id, {})])
    return items


def _computed(
    terms: Terms, listed: Mapping[int, inventory.Objects], connection: Connection, precision: float, threshold: int
) -> list[OverlapEstimate]:
    from handfast.matching import inputs, sampling  # noqa: PLC0415 - DuckDB is for few routes

    partner, answers = connection.partner, len(terms.segments) * len(terms.namespaces)
    asked: list[str] = []
    with TemporaryDirectory() as name:

        def fetch(buckets: range, limit: int | None) -> list[BucketFiles]:
            read, files = inputs.prefix(listed, Path(name), terms, buckets, limit)
            # By the versions that were read, which may be newer than those listed.
            versions = (inventory.fingerprint(terms, read[bucket]) for bucket in sorted(read))
            asked[:] = [connection.connection_id, f"{buckets} {limit}", *versions]
            return list(files.values())

        answer_budget.spend(terms.source, partner, answers)
        found = sampling.sample(
            fetch,
            terms,
            buckets=2 ** lake_buckets.bucket_bits(),
            first=sampling.first_share(sum(version.size for found in listed.values() for version in found.values())),
            precision=precision,
            threshold=threshold,
            draws=lambda: answer_budget.draws(" ".join(asked)),
            may_go_on=lambda: answer_budget.take(terms.source, partner, answers),
        )
    return items_of(found, connection.connection_id, threshold, clock.now())


def items_of(found: Sample, connection_id: str, threshold: int, at: datetime) -> list[OverlapEstimate]:
    """What the sender may see of counts with noise. An item of fewer than `threshold` identities, with consent, has no
    numbers.
    """
    return [_item(found, key, connection_id, threshold, clock.to_text(at)) for key in found.counts]


def _item(found: Sample, key: tuple[str, int], connection_id: str, threshold: int, at: str) -> OverlapEstimate:
    overlapped, with_consent = intervals.estimated(found.counts[key], found.share)
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
