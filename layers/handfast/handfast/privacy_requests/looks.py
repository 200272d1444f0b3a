"""When a worker looks at a sandbox's requests again, and since when they wait for one.

pk        sk    item in the privacy table
LOOK#{s}  LOOK  when a worker is going to look at the sandbox again
"""

from contextlib import suppress
from datetime import UTC, datetime

from boto3.dynamodb.conditions import Attr

from handfast.connectors.store import PRIVACY
from handfast.platform import clock, table
from handfast.platform.ids import time_of
from handfast.platform.table import ABSENT, ConditionFailed, Put
from handfast.privacy_requests import store
from handfast.privacy_requests.keys import work_key


def look_again(sandbox_id: str, delay: int) -> None:
    """Have a worker look at the sandbox after so many seconds, unless one is going to by then."""
    now = clock.now()
    until = int(now.timestamp()) + delay
    item = {"pk": f"LOOK#{sandbox_id}", "sk": "LOOK", "at": until, "ttl": until + 3600}
    free = ABSENT | Attr("at").lte(int(now.timestamp())) | Attr("at").gt(until)
    with suppress(ConditionFailed):
        table.apply(Put(PRIVACY, item, free))
        store.wake(sandbox_id, delay)


def waits_since(sandbox_id: str) -> datetime | None:
    """Since when a sandbox's work waits for a worker: since there came some, or one was last going to look at it.

    None when there is no work; in the future when a worker is going to look then.
    """
    found = [
        clock.from_text(item["since"]) if "since" in item else time_of(item["sk"])  # before `since` was kept
        for item in table.query(PRIVACY, work_key(sandbox_id))
    ]
    look = table.get(PRIVACY, f"LOOK#{sandbox_id}", "LOOK") if found else None
    return max([*found, *([datetime.fromtimestamp(look["at"], UTC)] if look else [])], default=None)
