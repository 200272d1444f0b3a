"""Connect IDs and the states of a connection (docs/architecture.md, States)."""

import secrets
from collections.abc import Container
from datetime import timedelta
from typing import Literal

from handfast.connections.models import AgreedNamespace, Connection, Direction, NamespaceOffer, Status
from handfast.platform.ids import CROCKFORD
from handfast.platform.problems import Malformed

PENDING_FOR = timedelta(days=30)
CONNECT_ID_LENGTH = 20

# What each action needs and makes; `side` is who may do it.
TRANSITIONS: dict[str, tuple[Direction | None, Status, Status]] = {
    "accept": ("incoming", "pending", "active"),
    "reject": ("incoming", "pending", "rejected"),
    "withdraw": ("outgoing", "pending", "withdrawn"),
    "expire": (None, "pending", "expired"),
    "disconnect": (None, "active", "disconnected"),
}
EVENT_TYPES = {
    "accept": "connection.accepted",
    "reject": "connection.rejected",
    "withdraw": "connection.withdrawn",
    "expire": "connection.expired",
    "disconnect": "connection.disconnected",
}
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_connect_id() -> str:
    """20 characters of Crockford base32 (100 bits) from a secure source, without dashes."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(CONNECT_ID_LENGTH))


def printed(connect_id: str) -> str:
    """`XXXXX-XXXXX-XXXXX-XXXXX`."""
    return "-".join(connect_id[start : start + 5] for start in range(0, CONNECT_ID_LENGTH, 5))


def parse_connect_id(text: str) -> str:
    """Read a connect ID case-insensitively, with or without dashes; O, I, L as Crockford reads them."""
    connect_id = text.strip().upper().translate(_READ_AS)
    if len(connect_id) != CONNECT_ID_LENGTH or any(character not in CROCKFORD for character in connect_id):
        raise Malformed("a connect ID is four groups of five letters and digits", pointer="/connectId")
    return connect_id


def status_at(connection: Connection, now: str) -> Status:
    """A pending request reads as expired from its expiry on, before anything has written so."""
    return "expired" if connection.status == "pending" and connection.expires_at <= now else connection.status


def is_allowed(action: str, connection: Connection, now: str) -> bool:
    """Whether this side may do the action in the connection's state."""
    side, needs, _ = TRANSITIONS[action]
    if side not in (None, connection.direction):
        return False
    state = connection.status if action == "expire" else status_at(connection, now)
    return state == needs


def agreed(mine: Connection, theirs: Connection) -> frozenset[int]:
    """The codes of the namespaces that both sides of a connection take, by the copies of both."""
    return frozenset(each.code for each in mine.namespaces) & frozenset(each.code for each in theirs.namespaces)


def namespaces_of(mine: Connection, theirs: Connection) -> list[AgreedNamespace]:
    """The namespaces that either side takes over a connection, those of one's own first."""
    both, own = agreed(mine, theirs), {each.code for each in mine.namespaces}
    offers = (*mine.namespaces, *(each for each in theirs.namespaces if each.code not in own))
    return [_agreed_namespace(each, both, own) for each in offers]


def _agreed_namespace(offer: NamespaceOffer, both: Container[int], own: Container[int]) -> AgreedNamespace:
    texts = offer.kind == "text"
    proposed: Literal["proposed_by_you", "proposed_by_partner"] = "proposed_by_partner"
    if offer.code in own:
        proposed = "proposed_by_you"
    return AgreedNamespace(
        namespace=offer.symbol,
        kind=offer.kind,
        min_length=offer.min_length if texts else None,
        max_length=offer.max_length if texts else None,
        status="agreed" if offer.code in both else proposed,
    )
