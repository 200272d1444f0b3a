"""What may be done in a period, such as calls in a minute or answers on a day, counted where it is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr

from handfast.platform import clock, table
from handfast.platform.table import ABSENT, ConditionFailed, Update


@dataclass(frozen=True)
class Day:
    """A day of UTC, by its date, and how many seconds of it are left, rounded up."""

    name: str
    ends: datetime
    seconds_left: int

    @property
    def kept_until(self) -> datetime:
        """When what was counted on it may be forgotten."""
        return self.ends + timedelta(days=1)


def today() -> Day:
    """The day that it is."""
    now = clock.now()
    ends = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return Day(now.date().isoformat(), ends, int((ends - now).total_seconds()) + 1)


def spend(table_name: str, pk: str, sk: str, count: int, limit: int, expires: datetime) -> bool:
    """Count against a limit in the item of a period; False, and nothing is counted, when not that many are left."""
    left = ABSENT | Attr("spent").lte(limit - count)
    ttl = {"ttl": int(expires.timestamp())}
    try:
        table.apply(Update(table_name, pk, sk, assign=ttl, add={"spent": count}, condition=left))
    except ConditionFailed:
        return False
    return True
