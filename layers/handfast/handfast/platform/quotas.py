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
    """What is left of a quota, and when it is whole again."""

    quota: Quota
    remaining: int
    ends: datetime

    @property
    def reset_seconds(self) -> int:
        """In how many seconds it is whole again; 0 when its period has ended while the call was answered."""
        return max(0, int((self.ends - clock.now()).total_seconds()) + 1)


standings: ContextVar[dict[str, Standing]] = ContextVar("standings")
"""The quotas that the call at hand has spent of, by name; whoever answers calls sets it."""


def spend_shown(quota: Quota, count: int, detail: str, *, table_name: str, pk: str, suffix: str = "") -> None:
    """Count against a quota as `take` does; the call's answer shows how it stands.

    Raises TooManyRequests with the detail, until the period ends, when that many are not left.
    """
    standing, is_left = take(quota, count, table_name=table_name, pk=pk, suffix=suffix)
    note(standing)
    if not is_left:
        raise TooManyRequests(detail, retryAfter=standing.reset_seconds)


def take(quota: Quota, count: int, *, table_name: str, pk: str, suffix: str = "") -> tuple[Standing, bool]:
    """Count against a quota, in the item of `pk` whose `sk` is the period and the suffix; how it stands then.

    False, and nothing is counted, when that many are not left.
    """
    period, ends = _period(quota)
    expires = ends + timedelta(seconds=quota.seconds)
    spent, is_left = _spend(table_name, pk, f"{period}{suffix}", count, quota.limit, expires)
    return Standing(quota, max(quota.limit - spent, 0), ends), is_left


def standing(quota: Quota, *, table_name: str, pk: str) -> Standing:
    """How a quota stands; of several with suffixes, as one for each partner, the one of which least is left."""
    period, ends = _period(quota)
    spent = max((int(item["spent"]) for item in table.query(table_name, pk, period)), default=0)
    return Standing(quota, max(quota.limit - spent, 0), ends)


def spent(quota: Quota, *, table_name: str, pk: str, suffix: str = "") -> int:
    """How much of a quota is spent in this period."""
    item = table.get(table_name, pk, f"{_period(quota)[0]}{suffix}")
    return int(item["spent"]) if item else 0


def _period(quota: Quota) -> tuple[str, datetime]:
    """The name of the period that it is now, and when that ends."""
    start = datetime.fromtimestamp(int(clock.now().timestamp()) // quota.seconds * quota.seconds, UTC)
    name = start.date().isoformat() if quota.seconds == DAY_SECONDS else clock.to_text(start)
    return name, start + timedelta(seconds=quota.seconds)


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


def note(standing: Standing) -> None:
    """Have the call's answer show how a quota stands; of several of one name, the one of which least is left."""
    known = standings.get({})
    other = known.get(standing.quota.name)
    if other is None or standing.remaining < other.remaining:
        known[standing.quota.name] = standing
