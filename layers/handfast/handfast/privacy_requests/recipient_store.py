"""The recipients of requests, and what came of each."""

from collections.abc import Collection

from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.platform.items import ItemKind
from handfast.platform.table import UNCONDITIONAL, Item, Write
from handfast.privacy_requests import due_work
from handfast.privacy_requests.models import Recipient


def _without_ground(item: Item) -> Item:
    return item | {"ground": None}


def _before_destinations(item: Item) -> Item:
    rest = {name: value for name, value in item.items() if name != "kind"}
    return rest | {"destination": None, "nextAt": None}


_RECIPIENT = ItemKind("recipient", Recipient, PRIVACY, upgrades=(_without_ground, _before_destinations))


def recipients(sandbox_id: str, privacy_request_id: str) -> list[Recipient]:
    """All recipients of a request, whatever came of it."""
    return recipients_each(sandbox_id, [privacy_request_id])[privacy_request_id]


def recipients_each(sandbox_id: str, names: Collection[str]) -> dict[str, list[Recipient]]:
    """`recipients` of neighbours in the list of requests, in one read."""
    return _RECIPIENT.below_each(sandbox_key(sandbox_id), "REC#", names)


def recipient(sandbox_id: str, privacy_request_id: str, recipient_id: str) -> Recipient | None:
    """One recipient of a request."""
    return _RECIPIENT.get(sandbox_key(sandbox_id), _key(privacy_request_id, recipient_id))


def put_recipient(
    sandbox_id: str, privacy_request_id: str, new: Recipient, old: Recipient | None = None
) -> tuple[Write, ...]:
    """The writes of a recipient's state; with `save`, which lets nobody else change it at the same time."""
    was = old.next_at if old else None
    put = _RECIPIENT.put(new, sandbox_key(sandbox_id), _key(privacy_request_id, new.recipient_id), UNCONDITIONAL)
    return (put, *due_work.writes(sandbox_id, privacy_request_id, new.recipient_id, was, new.next_at))


def _key(privacy_request_id: str, recipient_id: str) -> str:
    return f"REC#{privacy_request_id}#{recipient_id}"
