"""All that is told to the other side of a connection or read from it, but for messages (`partners.messages`).

Both sides are sandboxes of one deployment today: what is told is written in the teller's own transaction, and what is
read lies in the same tables and the same bucket.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from handfast.access import store as access
from handfast.journal.keys import sandbox_key
from handfast.journal.models import Actor, ConsentDefault, Event, Sandbox
from handfast.lake import layout
from handfast.partners.models import PartnerRef, key_of
from handfast.platform import table
from handfast.platform.queues import Message, send
from handfast.platform.table import Check, Delete, Item, Put, Update, Write

OTHER_SIDE = "the other side"
"""The partition of a change that is to be told: the other side's, whichever that is."""


# Who it is


def find(sandbox_id: str) -> PartnerRef | None:
    """The owner of a connect ID as a partner; None when its sandbox is gone."""
    sandbox = access.sandbox(sandbox_id)
    return PartnerRef.of(sandbox) if sandbox else None


def own_side(ref: PartnerRef) -> Sandbox:
    """The sandbox that a worker works for, where the item which says so names both sides.

    Raises LookupError when it is gone.
    """
    return access.working_sandbox(ref.address)


def pair(sandbox_id: str, partner: PartnerRef) -> str:
    """What names two sides in an item that is neither's own, whichever of them asks."""
    return "#".join(sorted((sandbox_id, partner.address)))


# Telling


def tell(partner: PartnerRef, *changes: Write) -> list[Write]:
    """The writes that tell a partner of changes in its items, for the transaction of one's own.

    Each change is made for the partition `OTHER_SIDE`. Raises ValueError for one that is not.
    """
    return [_addressed(sandbox_key(partner.address), change) for change in changes]


def _addressed(pk: str, change: Write) -> Write:
    partition = change.item["pk"] if isinstance(change, Put) else change.pk
    if partition != OTHER_SIDE:
        raise ValueError(f"a change of {partition} cannot be told to the other side")
    match change:
        case Put():
            return replace(change, item=change.item | {"pk": pk})
        case Update() | Delete() | Check():
            return replace(change, pk=pk)


def event(
    partner: PartnerRef, event_type: str, sender: Sandbox | None, subject: str, detail: Mapping[str, Any]
) -> Event:
    """The record of an event in the other side's log: it names the sender's organisation, never the person.

    Without a sender, Handfast did it.
    """
    actor = Actor.partner(sender.organization_name) if sender else Actor.system()
    return Event(partner.address, event_type, actor, subject, detail)


def look_at_requests(sides: Iterable[PartnerRef]) -> None:
    """Have the privacy requests of each side looked at: something that they wait for has ended."""
    send("PRIVACY_QUEUE_URL", [Message({"sandboxId": side.address}) for side in sides])


# Reading


def item(partner: PartnerRef, table_name: str, sk: str) -> Item | None:
    """An item of the other side's, or None."""
    return table.get(table_name, sandbox_key(partner.address), sk)


def items(table_name: str, places: Iterable[tuple[PartnerRef, str]]) -> list[Item]:
    """The items that there are of these of several partners, each named by its `sk`, in one read."""
    keys = ((sandbox_key(partner.address), sk) for partner, sk in places)
    return list(table.get_many(table_name, keys).values())


def overlap_threshold(partner: PartnerRef) -> int:
    """The smallest overlap, in identities, that the other side wants estimates to show. Raises LookupError."""
    return own_side(partner).overlap_threshold


def phone_region(partner: PartnerRef) -> str | None:
    """The region of the other side's national phone numbers. Raises LookupError."""
    return own_side(partner).phone_region


def receives_by(partner: PartnerRef) -> ConsentDefault | None:
    """The consent default by which the other side checks its own answers of what it receives; None: it does not.

    Raises LookupError.
    """
    return own_side(partner).received_by


def universe(partner: PartnerRef) -> str:
    """The prefix of the identities that the other side knows."""
    return layout.profiles(partner.address)


def suppressions(partner: PartnerRef) -> str:
    """The prefix of the identities that the other side suppresses."""
    return layout.suppressions(partner.address)


def suppressions_towards(partner: PartnerRef, sandbox_id: str) -> str:
    """The prefix of the identities that the other side suppresses towards this sandbox alone."""
    return layout.suppressions_towards(partner.address, key_of(sandbox_id))
