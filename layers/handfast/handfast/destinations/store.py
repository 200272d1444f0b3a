"""The destinations table, and the secrets of destinations in Secrets Manager.

pk        sk                 item
SBX#{s}   DST#{dst}          destination
SBX#{s}   ACT#{dst}#{act}    what is activated to it
SBX#{s}   DESTINATIONS       how many destinations there are
DUE       {act}              an activation of which a segment begins or ends
ENDING    {dst}              a destination of which something is being deleted
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from boto3.dynamodb.conditions import Attr

from handfast.connectors import secret_store
from handfast.destinations import registry
from handfast.destinations.models import PER_SANDBOX, Activation, Destination, DueLook, Ending
from handfast.destinations.waking import DESTINATIONS
from handfast.journal.keys import sandbox_key
from handfast.journal.models import Event
from handfast.journal.store import commit
from handfast.platform import items, table
from handfast.platform.items import ItemKind
from handfast.platform.settings import setting
from handfast.platform.table import ABSENT, UNCONDITIONAL, ConditionFailed, Delete, Item, Put, Update, Write
from handfast.platform.wanted import Selection


def _as_at_first(item: Item) -> Item:
    """The upgrade of what was set up before changes could be gathered and credentials be said to end."""
    return {"credentialsExpireAt": None, "aggregation": "{}"} | item


def _without_version(item: Item) -> Item:
    """The upgrade of what was set up before versions of secrets were named."""
    return {"secretsVersion": None} | item


_DESTINATION = ItemKind("destination", Destination, DESTINATIONS, upgrades=(_as_at_first, _without_version))
_ACTIVATION = ItemKind("activation", Activation, DESTINATIONS, mode="json")
_DUE = ItemKind("activation_due", DueLook, DESTINATIONS)
_ENDING = ItemKind("destination_ending", Ending, DESTINATIONS)
_DUES, _ENDINGS = "DUE", "ENDING"


def _destination_key(destination_id: str) -> str:
    return f"DST#{destination_id}"


def _activation_key(destination_id: str, activation_id: str = "") -> str:
    return f"ACT#{destination_id}#{activation_id}"


# Destinations


def put(new: Destination, over: Destination | None) -> Put:
    """The write of a destination over the revision read, or as a new one."""
    return items.revise(_DESTINATION, new, over, sandbox_key(new.sandbox_id), _destination_key(new.destination_id))


def create(new: Destination, secrets: Mapping[str, str], event: Event) -> None:
    """Write a new destination and its secrets; ConditionFailed when the sandbox has as many as it may."""
    room = ABSENT | Attr("destinations").lt(PER_SANDBOX)
    key = sandbox_key(new.sandbox_id)
    count = Update(DESTINATIONS, key, "DESTINATIONS", add={"destinations": 1}, condition=room)
    version = secret_store.create(_secret_name(new), {"secrets": secrets})
    try:
        commit([put(replace(new, secrets_version=version), over=None), count], [event])
    except ConditionFailed:
        delete_secrets(new)
        raise


def clear(destination_id: str) -> None:
    """Delete what delivery keeps of a destination that is deleted: its breaker, dead letters and numbers."""
    table.clear(DESTINATIONS, _destination_key(destination_id))


def remove(old: Destination) -> list[Write]:
    """The writes that delete a destination at the revision read, and count it no more."""
    key = sandbox_key(old.sandbox_id)
    return [
        Delete(DESTINATIONS, key, _destination_key(old.destination_id), items.at_revision(old)),
        Update(DESTINATIONS, key, "DESTINATIONS", add={"destinations": -1}),
        Delete(DESTINATIONS, _ENDINGS, old.destination_id, UNCONDITIONAL),
    ]


def forget_all(sandbox_id: str) -> None:
    """Forget how many destinations a sandbox had that is deleted, once they are."""
    table.clear(DESTINATIONS, sandbox_key(sandbox_id), "DESTINATIONS")


def destination(sandbox_id: str, destination_id: str) -> Destination | None:
    """One destination."""
    return _DESTINATION.get(sandbox_key(sandbox_id), _destination_key(destination_id))


def destinations(sandbox_id: str) -> Iterator[Destination]:
    """All destinations of a sandbox, oldest first."""
    return _DESTINATION.query(sandbox_key(sandbox_id), "DST#")


def destinations_page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[Destination]
) -> tuple[list[Destination], str | None]:
    """A page of destinations, newest first unless the selection says otherwise, and the next cursor."""
    return items.sortable_page(
        DESTINATIONS, _DESTINATION.load, sandbox_key(sandbox_id), "DST#", limit, cursor, selection
    )


# Activations


def put_activation(new: Activation, over: Activation | None) -> Put:
    """The write of an activation over the revision read, or as a new one."""
    key = _activation_key(new.destination_id, new.activation_id)
    return items.revise(_ACTIVATION, new, over, sandbox_key(new.sandbox_id), key)


def remove_activation(old: Activation) -> Delete:
    """The write that deletes an activation at the revision read."""
    key = _activation_key(old.destination_id, old.activation_id)
    return Delete(DESTINATIONS, sandbox_key(old.sandbox_id), key, items.at_revision(old))


def activation(sandbox_id: str, destination_id: str, activation_id: str) -> Activation | None:
    """One activation."""
    return _ACTIVATION.get(sandbox_key(sandbox_id), _activation_key(destination_id, activation_id))


def activations_each(sandbox_id: str, ids: Iterable[tuple[str, str]]) -> list[Activation]:
    """Those of some activations that there are, by destination and activation, in one read."""
    keys = ((sandbox_key(sandbox_id), _activation_key(*each)) for each in ids)
    return [_ACTIVATION.load(item) for item in table.get_many(DESTINATIONS, keys).values()]


def activations(sandbox_id: str, destination_id: str) -> list[Activation]:
    """All activations of a destination, oldest first, those that end too."""
    return list(_ACTIVATION.query(sandbox_key(sandbox_id), _activation_key(destination_id)))


def activations_page(
    sandbox_id: str, destination_id: str, limit: int, cursor: str | None
) -> tuple[list[Activation], str | None]:
    """A page of a destination's activations, newest first, and the next cursor."""
    return items.page(_ACTIVATION, sandbox_key(sandbox_id), _activation_key(destination_id), limit, cursor)


# What comes due


def look_at(of: Activation, due_at: str | None) -> Write:
    """The write that has an activation looked at when a segment of it begins or ends; None: not any more."""
    if due_at is None:
        return Delete(DESTINATIONS, _DUES, of.activation_id, UNCONDITIONAL)
    look = DueLook(of.sandbox_id, of.destination_id, of.activation_id, due_at)
    return _DUE.put(look, _DUES, of.activation_id, UNCONDITIONAL)


def forget_look(look: DueLook) -> Delete:
    """The write after which an activation that is gone is not looked at; refused when it is due at another time."""
    return Delete(DESTINATIONS, _DUES, look.activation_id, Attr("dueAt").eq(look.due_at))


def looks_due(now: str) -> Iterator[DueLook]:
    """The activations of which a segment has begun or ended."""
    return (look for look in _DUE.query(_DUES) if look.due_at <= now)


def end(of: Destination, at: str) -> Put:
    """The write that has a destination looked at until what ends of it is gone."""
    return _ENDING.put(Ending(of.sandbox_id, of.destination_id, at), _ENDINGS, of.destination_id, UNCONDITIONAL)


def ended(what: Ending) -> Delete:
    """The write after which nothing of a destination ends; refused when something else has begun to."""
    return Delete(DESTINATIONS, _ENDINGS, what.destination_id, Attr("askedAt").eq(what.asked_at))


def endings() -> Iterator[Ending]:
    """The destinations of which something ends."""
    return _ENDING.query(_ENDINGS)


# Secrets, and the former authentication until the present one has been accepted


def _secret_name(of: Destination) -> str:
    return f"{setting('DESTINATION_SECRETS')}/{of.sandbox_id}/{of.destination_id}"


def with_secrets(
    new: Destination, old: Destination, secrets: Mapping[str, str], former: Mapping[str, Any] | None
) -> Destination:
    """A destination with other secrets, to be written over the old one, which keeps its own where that fails.

    Beside them is the former authentication as a whole, where it is still used. Raises ConditionFailed when the
    secrets have been deleted.
    """
    kept = {"secrets": secrets, "former": former}
    return replace(new, secrets_version=secret_store.replace(_secret_name(old), kept))


def secrets(of: Destination) -> dict[str, str]:
    """A destination's secrets by their names on the wire; none while those that are kept are for another address."""
    found = secret_store.read(_secret_name(of), of.secrets_version)
    # Before versions were named, a destination was written before its secrets, which could fail.
    kept: dict[str, str] = found["secrets"] if found.get("goTo", _addresses(of)) == _addresses(of) else {}
    return kept


def _addresses(of: Destination) -> dict[str, Any]:
    """Where a destination's secrets go, by the names of its settings."""
    names = registry.destination_type(of.type).settings_schema.secrets_go_to
    return {name: of.settings.get(name) for name in sorted(names)}


def former_authentication(of: Destination) -> dict[str, Any] | None:
    """A destination's authentication before its last change, secrets and all; None where it is kept no longer."""
    found: dict[str, Any] | None = secret_store.read(_secret_name(of), of.secrets_version).get("former")
    return found


def delete_secrets(of: Destination) -> None:
    """Delete a destination's secrets, for good."""
    secret_store.delete(_secret_name(of))
