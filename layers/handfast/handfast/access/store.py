"""The access table: sandboxes, organisations and grants."""

from collections.abc import Iterator

from handfast.journal.keys import sandbox_key
from handfast.journal.models import Sandbox
from handfast.platform import table
from handfast.platform.table import Delete, Item, Page, Put, Update, Write

ACCESS = "ACCESS_TABLE"


def _principal_key(principal_id: str) -> str:
    return f"PRINCIPAL#{principal_id}"


def _sandbox(item: Item) -> Sandbox:
    return Sandbox(
        sandbox_id=item["sandboxId"],
        name=item["name"],
        organization_id=item["organizationId"],
        organization_name=item["organizationName"],
        consent_default=item["consentDefault"],
        removal_guard=item["removalGuard"],
        overlap_threshold=item["overlapThreshold"],
        phone_region=item.get("phoneRegion"),
        privacy_rule=item.get("privacyRule", "approval"),
        time_zone=item.get("timeZone", "UTC"),
        holidays=tuple(item.get("holidays", ())),
    )


def organization(organization_id: str) -> Item | None:
    """The organisation's item."""
    return table.get(ACCESS, f"ORG#{organization_id}", "ORG")


def create_organization(organization_id: str, name: str) -> None:
    """Write a new organisation."""
    item = {"pk": f"ORG#{organization_id}", "sk": "ORG", "organizationId": organization_id, "name": name}
    table.apply(Put(ACCESS, item))


def sandbox(sandbox_id: str) -> Sandbox | None:
    """The sandbox, or None."""
    item = table.get(ACCESS, sandbox_key(sandbox_id), "SBX")
    return _sandbox(item) if item else None


def create_sandbox(new: Sandbox) -> None:
    """Write a new sandbox."""
    item = {
        "pk": sandbox_key(new.sandbox_id),
        "sk": "SBX",
        "sandboxId": new.sandbox_id,
        "name": new.name,
        "organizationId": new.organization_id,
        "organizationName": new.organization_name,
    }
    table.apply(Put(ACCESS, item | settings(new)))


def settings(of: Sandbox) -> Item:
    """A sandbox's settings by their names on the wire."""
    return {
        "consentDefault": of.consent_default,
        "removalGuard": of.removal_guard,
        "overlapThreshold": of.overlap_threshold,
        "phoneRegion": of.phone_region,
        "privacyRule": of.privacy_rule,
        "timeZone": of.time_zone,
        "holidays": list(of.holidays),
    }


def change_sandbox(new: Sandbox) -> Update:
    """The write of a sandbox's settings."""
    return Update(ACCESS, sandbox_key(new.sandbox_id), "SBX", assign=settings(new))


def grant(principal_id: str, sandbox_id: str) -> Item | None:
    """The principal's grant on the sandbox."""
    return table.get(ACCESS, _principal_key(principal_id), f"GRANT#{sandbox_id}")


def grants_of(principal_id: str) -> Iterator[Item]:
    """All grants of a principal."""
    return table.query(ACCESS, _principal_key(principal_id), "GRANT#")


def grants_on(sandbox_id: str) -> Iterator[Item]:
    """All grants on a sandbox."""
    return table.query(ACCESS, sandbox_key(sandbox_id), "GRANT#")


def grants_page(sandbox_id: str, limit: int, cursor: str | None) -> Page:
    """A page of the grants on a sandbox, in order of principal."""
    return table.page(ACCESS, sandbox_key(sandbox_id), "GRANT#", limit=limit, cursor=cursor, newest_first=False)


def principal_name(principal_id: str) -> str | None:
    """The name the operator gave the principal."""
    item = table.get(ACCESS, _principal_key(principal_id), "PRINCIPAL")
    return item["name"] if item else None


def put_principal(principal_id: str, name: str) -> None:
    """Write or rename a principal."""
    table.apply(
        Update(ACCESS, _principal_key(principal_id), "PRINCIPAL", assign={"name": name}, condition=table.UNCONDITIONAL)
    )


def put_grant(holder: str, name: str, on: Sandbox, role: str | None, permissions: list[str]) -> list[Write]:
    """The writes that give a grant, or replace it: one copy for the principal, one for the sandbox."""
    facts = {
        "principalId": holder,
        "name": name,
        "sandboxId": on.sandbox_id,
        "sandboxName": on.name,
        "organizationName": on.organization_name,
        "role": role,
        "permissions": permissions,
    }
    return [
        Put(ACCESS, {"pk": _principal_key(holder), "sk": f"GRANT#{on.sandbox_id}"} | facts, table.UNCONDITIONAL),
        Put(ACCESS, {"pk": sandbox_key(on.sandbox_id), "sk": f"GRANT#{holder}"} | facts, table.UNCONDITIONAL),
    ]


def delete_grant(holder: str, sandbox_id: str) -> list[Write]:
    """The writes that take a grant away."""
    return [
        Delete(ACCESS, _principal_key(holder), f"GRANT#{sandbox_id}"),
        Delete(ACCESS, sandbox_key(sandbox_id), f"GRANT#{holder}"),
    ]
