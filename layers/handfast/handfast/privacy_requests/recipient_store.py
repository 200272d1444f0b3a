"""The recipients of requests, and what came of each."""

from collections.abc import Collection

from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.platform.items import ItemKind
from handfast.platform.table import UNCONDITIONAL, Item, Put
from handfast.privacy_requests.models import Recipient


def _without_ground(item: Item) -> Item:
    return item | {"ground": None}


_RECIPIENT = ItemKind("recipient", Recipient, PRIVACY, upgrades=(_without_ground,))


def recipients(sandbox_id: str, privacy_request_id: str) -> list[Recipient]:
    """All recipients of a request, whatever came of it."""
    return recipients_each(sandbox_id, [privacy_request_id])[privacy_request_id]


def recipients_each(sandbox_id: str, names: Collection[str]) -> dict[str, list[Recipient]]:
    """`recipients` of neighbours in the list of requests, in one read."""
    return _RECIPIENT.below_each(sandbox_key(sandbox_id), "REC#", names)


def put_recipient(sandbox_id: str, privacy_request_id: str, new: Recipient) -> Put:
    """The write of a recipient's state; with `save`, which lets nobody else change it at the same time."""
    sk = f"REC#{privacy_request_id}#{new.recipient_id}"
    return _RECIPIENT.put(new, sandbox_key(sandbox_id), sk, UNCONDITIONAL)
