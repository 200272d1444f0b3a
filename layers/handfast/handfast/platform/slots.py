"""How many pieces of one kind of work may be in work at once, such as the files of a sandbox: leases of slots.

Whoever dies leaves its slot to the end of the lease, or to the same holder, who begins again.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from boto3.dynamodb.conditions import Attr

from handfast.platform import clock, table
from handfast.platform.table import ABSENT, ConditionFailed, Update


@dataclass(frozen=True)
class Slots:
    """So many slots, the items of a partition; each is lent for as many seconds as a holder can be in work."""

    table: str
    pk: str
    limit: int
    seconds: int


@contextmanager
def lent(slots: Slots, holder: str) -> Iterator[bool]:
    """Hold a slot for the length of a block: False when all are held by others, and nothing may be done then."""
    slot = _take(slots, holder)
    try:
        yield slot is not None
    finally:
        if slot is not None:
            _give_back(slots, slot, holder)


def free(slots: Slots) -> int:
    """How many slots nobody holds."""
    return max(slots.limit - len(_held(slots)), 0)


def holders(slots: Slots) -> set[str]:
    """Who holds a slot now."""
    return set(_held(slots).values())


def _held(slots: Slots) -> dict[str, str]:
    now = int(clock.now().timestamp())
    return {item["sk"]: item["holder"] for item in table.query(slots.table, slots.pk) if item["ttl"] > now}


def _take(slots: Slots, holder: str) -> str | None:
    now, held = int(clock.now().timestamp()), _held(slots)
    own = [slot for slot, whose in held.items() if whose == holder]
    free = [slot for slot in map(str, range(slots.limit)) if slot not in held]
    may_take = ABSENT | Attr("ttl").lte(now) | Attr("holder").eq(holder)
    lease = {"holder": holder, "ttl": now + slots.seconds}
    for slot in own or free:
        with suppress(ConditionFailed):  # somebody else was faster
            table.apply(Update(slots.table, slots.pk, slot, assign=lease, condition=may_take))
            return slot
    return None


def _give_back(slots: Slots, slot: str, holder: str) -> None:
    ended = {"ttl": int(clock.now().timestamp())}
    with suppress(ConditionFailed):  # the lease has ended, and somebody else has the slot
        table.apply(Update(slots.table, slots.pk, slot, assign=ended, condition=Attr("holder").eq(holder)))
