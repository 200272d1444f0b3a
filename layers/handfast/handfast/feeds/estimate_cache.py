"""Estimates that a sandbox has been given about a partner, and how many are computed at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from pydantic import TypeAdapter

from handfast.feeds.models import OverlapEstimate
from handfast.feeds.store import FEEDS
from handfast.partners.models import PartnerRef
from handfast.platform import clock, table
from handfast.platform.ids import new_id
from handfast.platform.problems import TooManyRequests
from handfast.platform.slots import Slots, lent
from handfast.platform.table import Put

COMPUTED_AT_ONCE = 4
"""Estimates of one sandbox, for whatever partners."""
CALL_SECONDS = 29
"""The longest that a call may take (`Timeout` in template.yaml)."""
_ESTIMATES: TypeAdapter[list[OverlapEstimate]] = TypeAdapter(list[OverlapEstimate])


def _pair_key(sandbox_id: str, partner: PartnerRef) -> str:
    return f"PAIR#{sandbox_id}#{partner.key}"


def cached_estimates(sandbox_id: str, partner: PartnerRef, question: str) -> list[OverlapEstimate] | None:
    """The answer that this question had over the same data, if it is kept still."""
    item = table.get(FEEDS, _pair_key(sandbox_id, partner), f"ESTIMATES#{question}")
    if item is None or item["ttl"] <= clock.now().timestamp():
        return None
    return _ESTIMATES.validate_python(item["items"])


def cache_estimates(
    sandbox_id: str, partner: PartnerRef, question: str, items: list[OverlapEstimate], until: datetime
) -> None:
    """Keep an answer; one computed at the same time is as good."""
    answer = {"items": _ESTIMATES.dump_python(items, by_alias=True), "ttl": int(until.timestamp())}
    item = {"pk": _pair_key(sandbox_id, partner), "sk": f"ESTIMATES#{question}"} | answer
    table.apply(Put(FEEDS, item, table.UNCONDITIONAL))


def slots(sandbox_id: str) -> Slots:
    """The slots that a sandbox's estimates are computed in."""
    return Slots(FEEDS, f"SLOTS#estimates/{sandbox_id}", COMPUTED_AT_ONCE, CALL_SECONDS)


@contextmanager
def turn(sandbox_id: str) -> Iterator[None]:
    """Compute an estimate in a block; raises TooManyRequests when as many of the sandbox are computed as may be."""
    with lent(slots(sandbox_id), new_id("est")) as is_lent:
        if not is_lent:
            detail = f"{COMPUTED_AT_ONCE} estimates of this sandbox are computed at once; try again when one is done"
            raise TooManyRequests(detail, retryAfter=5)
        yield
