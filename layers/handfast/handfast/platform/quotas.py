"""What may be done in a period, such as calls in a minute or answers on a day, counted where it is done.

How a quota stands after what a call has spent of it is kept for the call, whose answer tells it
(`edge.rate_limits`).
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from boto3.dynamodb.conditions import Attr

from handfast.platform import clock, table
from handfast.platform.problems import TooManyRequests
from handfast.platform.table import ABSENT, ConditionFailed, Update

DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Quota:
    """How much of a `unit`, such as identities, may be spent in a period of so many seconds, under a name.

    Periods of a length follow each other from 1970 on, so that a day is one of UTC.
    """

    name: str
    unit: str
    limit: int
    seconds: int = DAY_SECONDS


@dataclass(frozen=True)
class Standing:
    """What is left of a quota, and in how many seconds it is whole again."""

    quota: Quota
    remaining: int
    reset_seconds: int


standings: ContextVar[dict[str, Standing]] = ContextVar("standings")
"""The quotas that the call at hand has spent of, by name; whoever answers calls sets it."""


def spend_shown(quota: Quota, count: int, detail: str, *, table_name: str, pk: str, prefix: str = "") -> None:
    """Count against a quota, in the item of `pk` whose `sk` is the prefix and the period; the call's answer shows it.

    Raises TooManyRequests with the detail, until the period ends, when that many are not left.
    """
    now = clock.now()
    start = datetime.fromtimestamp(int(now.timestamp()) // quota.seconds * quota.seconds, UTC)
    ends = start + timedelta(seconds=quota.seconds)
    period = start.date().isoformat() if quota.seconds == DAY_SECONDS else clock.to_text(start)
    spent, is_left = _spend(table_name, pk, f"{prefix}{period}", count, quota.limit, ends + timedelta(days=1))
    left = int((ends - now).total_seconds()) + 1
    _note(Standing(quota, max(quota.limit - spent, 0), left))
    if not is_left:
        raise TooManyRequests(detail, retryAfter=left)


def spend(table_name: str, pk: str, sk: str, count: int, limit: int, expires: datetime) -> bool:
    """Count against a limit in the item of a period; False, and nothing is counted, when not that many are left."""
    return _spend(table_name, pk, sk, count, limit, expires)[1]


def _spend(table_name: str, pk: str, sk: str, count: int, limit: int, expires: datetime) -> tuple[int, bool]:
    """What is spent of the limit now, and whether the count is in it."""
    within = Attr("spent").lte(limit - count)
    left = ABSENT | within if count <= limit else within
    ttl = {"ttl": int(expires.timestamp())}
    try:
        now = table.apply(Update(table_name, pk, sk, assign=ttl, add={"spent": count}, condition=left))
    except ConditionFailed as failed:
        return int((failed.item or {}).get("spent", 0)), False
    return int(now["spent"]), True


def _note(standing: Standing) -> None:
    """Of quotas of one name, as one for each partner, the one of which least is left is told."""
    known = standings.get({})
    other = known.get(standing.quota.name)
    if other is None or standing.remaining < other.remaining:
        known[standing.quota.name] = standing
