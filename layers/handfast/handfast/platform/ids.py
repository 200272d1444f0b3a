"""Ids: a prefix and a ULID, so that ids sort by time of creation (docs/api.md, Manners)."""

import secrets
import time
from datetime import UTC, datetime

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(prefix: str) -> str:
    """A new id such as `con_01K…`: 48 bits of milliseconds and 80 random bits in Crockford base32."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return f"{prefix}_" + "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def first_id(prefix: str, at: datetime) -> str:
    """What ids made from that time on are not below."""
    milliseconds = int(at.timestamp() * 1000)
    return f"{prefix}_" + "".join(CROCKFORD[(milliseconds << 80 >> shift) & 31] for shift in range(125, -1, -5))


def time_of(name: str) -> datetime:
    """When an id was made, to the millisecond."""
    number = 0
    for character in name.partition("_")[2][:10]:
        number = number << 5 | CROCKFORD.index(character)
    return datetime.fromtimestamp(number / 1000, UTC)


def new_code() -> str:
    """Six random digits, to be sent to a person and typed back."""
    return f"{secrets.randbelow(1_000_000):06d}"
