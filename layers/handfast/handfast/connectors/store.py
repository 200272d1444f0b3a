"""Connectors in the privacy table; their secrets in Secrets Manager, one secret for each.

pk                 sk                 item
SBX#{s}            CN#{connector}     connector
SBX#{s}            CONNECTORS         how many there are
QUOTA#{connector}  {minute}, {month}  calls, people so far; expires
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace as changed
from datetime import datetime

from boto3.dynamodb.conditions import Attr

from handfast.connectors import secret_store
from handfast.connectors.models import PER_SANDBOX, Configured
from handfast.journal.keys import sandbox_key
from handfast.journal.models import Event
from handfast.journal.store import commit
from handfast.platform import items, quotas, table
from handfast.platform.items import ItemKind
from handfast.platform.settings import setting
from handfast.platform.table import ABSENT, ConditionFailed, Delete, Item, Put, Update

PRIVACY = "PRIVACY_TABLE"
LISTS = "drop"
"""The type that brings requests and takes none."""


def _as_at_first(item: Item) -> Item:
    """The upgrade of what was set up before versions of secrets were named."""
    return {"secretsVersion": None} | item


_CONFIGURED = ItemKind("connector", Configured, PRIVACY, upgrades=(_as_at_first,))


def _connector_key(connector_id: str) -> str:
    return f"CN#{connector_id}"


# Connectors


def put(new: Configured, over: Configured | None = None) -> Put:
    """The write of a connector over the revision read, or as a new one."""
    return items.revise(_CONFIGURED, new, over, sandbox_key(new.sandbox_id), _connector_key(new.connector_id))


def create(new: Configured, secrets: Mapping[str, str], event: Event) -> None:
    """Write a new connector and its secrets; ConditionFailed when the sandbox has as many as it may."""
    room = ABSENT | Attr("connectors").lt(PER_SANDBOX)
    count = Update(PRIVACY, sandbox_key(new.sandbox_id), "CONNECTORS", add={"connectors": 1}, condition=room)
    version = secret_store.create(_secret_name(new), secrets)
    try:
        commit([put(changed(new, secrets_version=version)), count], [event])
    except ConditionFailed:
        secret_store.delete(_secret_name(new))
        raise


def replace(old: Configured, new: Configured, secrets: Mapping[str, str] | None, event: Event) -> None:
    """Write a connector over the version read, else ConditionFailed; `secrets` None leaves them as they are."""
    if secrets is not None:
        version = secret_store.replace(_secret_name(old), secrets)
        new = changed(new, secrets_version=version)
    commit([put(new, over=old)], [event])


def delete(old: Configured, event: Event) -> None:
    """Delete a connector at the version read, else ConditionFailed, and its secrets, for good.

    A repeat finishes what a failure has left.
    """
    table.apply(put(old, over=old))  # the secrets go only once nobody else can have changed it
    secret_store.delete(_secret_name(old))
    key = sandbox_key(old.sandbox_id)
    count = Update(PRIVACY, key, "CONNECTORS", add={"connectors": -1})
    commit([Delete(PRIVACY, key, _connector_key(old.connector_id)), count], [event])


def forget_all(sandbox_id: str) -> None:
    """Forget how many connectors a sandbox had that is deleted, once they are."""
    table.clear(PRIVACY, sandbox_key(sandbox_id), "CONNECTORS")


def connector(sandbox_id: str, connector_id: str) -> Configured | None:
    """One connector."""
    return _CONFIGURED.get(sandbox_key(sandbox_id), _connector_key(connector_id))


def connectors(sandbox_id: str) -> Iterator[Configured]:
    """All connectors of a sandbox, oldest first."""
    return _CONFIGURED.query(sandbox_key(sandbox_id), "CN#")


def systems(sandbox_id: str) -> Iterator[Configured]:
    """The sandbox's connectors of systems that hold people, oldest first: those that requests go to."""
    return (each for each in connectors(sandbox_id) if each.type != LISTS)


def connectors_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[Configured], str | None]:
    """A page of connectors, newest first, and the next cursor."""
    return items.page(_CONFIGURED, sandbox_key(sandbox_id), "CN#", limit, cursor)


# Secrets


def _secret_name(of: Configured) -> str:
    return f"{setting('CONNECTOR_SECRETS')}/{of.sandbox_id}/{of.connector_id}"


def secrets(of: Configured) -> dict[str, str]:
    """A connector's secret settings, by their names on the wire."""
    return secret_store.read(_secret_name(of), of.secrets_version)


# Quotas


def spend(connector_id: str, period: str, count: int, limit: int, expires: datetime) -> bool:
    """Count calls or people against a period's limit; False when that many are not left."""
    return quotas.spend(PRIVACY, f"QUOTA#{connector_id}", period, count, limit, expires)


def give_back(connector_id: str, period: str, count: int) -> None:
    """Take back what was counted and not used."""
    if count:
        table.apply(Update(PRIVACY, f"QUOTA#{connector_id}", period, add={"spent": -count}))
