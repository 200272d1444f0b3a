"""The access table: sandboxes, organisations, principals and grants.

pk                    sk                    item
ORG#{organisation}    ORG                   organisation
SBX#{sandbox}         SBX                   sandbox with its settings
PRINCIPAL#{p}         PRINCIPAL             name of a person or machine
PRINCIPAL#{p}         GRANT#{sandbox}       grant, the principal's copy
SBX#{sandbox}         GRANT#{p}             grant, the sandbox's copy
PRINCIPAL#{p}         CLIENT#{client}       app client that a machine signs in by, once its secret was rotated
PRINCIPAL#{client}    CLIENT                the same, found by what a token names
ENDING                {until}#{client}      app client to be deleted then
SBX#{sandbox}         INVITATION#{i}        invitation (`invitation_store`)
NAMESPACES            CODE#{definition}     code of sandboxes' own namespaces of one definition
NAMESPACES            NEXT                  the code that the next definition is given
"""

from collections.abc import Iterable, Iterator

from boto3.dynamodb.conditions import Attr, ConditionBase
from pydantic_core import to_jsonable_python

from handfast.access.models import Client, GrantItem, Organization, Principal
from handfast.identity.custom import FIRST_CODE, ValueKind, custom_namespace
from handfast.identity.namespaces import remember
from handfast.journal.keys import sandbox_key
from handfast.journal.models import Sandbox
from handfast.platform import items, table
from handfast.platform.items import ItemKind, at_revision, counted_from_zero, revise
from handfast.platform.table import UNCONDITIONAL, Delete, Item, Put, Update, Write
from handfast.platform.wanted import Selection

ACCESS = "ACCESS_TABLE"
_ORGANIZATION = ItemKind("organization", Organization, ACCESS)


def _of_no_partner_erasures(item: Item) -> Item:
    return {"partnerErasures": "delivered"} | item


def _without_phone_index(item: Item) -> Item:
    return {"phoneIndex": False} | item


def _without_package_review(item: Item) -> Item:
    return {"packageReview": False} | item


def _without_governance(item: Item) -> Item:
    settings = {
        "partnerGuards": {"largestShare": 0.9, "fastestGrowth": 1},
        "traitFolder": "Experience Platform Traits",
        "segmentFolder": "Experience Platform Segments",
        "profileEntitlement": None,
        "namespaces": "[]",
        "checkOwnConsent": False,
        "consentStrings": {"tcf": None, "gpp": None},
    }
    return settings | counted_from_zero(item)


def _without_minimum_age(item: Item) -> Item:
    return item | {"partnerGuards": item["partnerGuards"] | {"minimumAgeHours": 0}}


_SANDBOX = ItemKind(
    "sandbox",
    Sandbox,
    ACCESS,
    upgrades=(
        _of_no_partner_erasures,
        _without_phone_index,
        _without_package_review,
        _without_governance,
        _without_minimum_age,
    ),
)


def _of_no_organization(item: Item) -> Item:
    return {"organizationId": None} | item


_PRINCIPAL = ItemKind("principal", Principal, ACCESS, upgrades=(_of_no_organization,))
_GRANT = ItemKind("grant", GrantItem, ACCESS, upgrades=(counted_from_zero,))
_CLIENT = ItemKind("client", Client, ACCESS)
_ENDING = "ENDING"
_SETTINGS = (
    "consentDefault",
    "removalGuard",
    "rejectGuard",
    "overlapThreshold",
    "partnerGuards",
    "phoneRegion",
    "privacyRule",
    "partnerErasures",
    "privacyFourEyes",
    "timeZone",
    "holidays",
    "phoneIndex",
    "packageReview",
    "traitFolder",
    "segmentFolder",
    "profileEntitlement",
    "checkOwnConsent",
    "consentStrings",
)


def principal_key(principal_id: str) -> str:
    """The partition of a principal."""
    return f"PRINCIPAL#{principal_id}"


def _grant_key(of: str) -> str:
    return f"GRANT#{of}"


def organization(organization_id: str) -> Organization | None:
    """The organisation, or None."""
    return _ORGANIZATION.get(f"ORG#{organization_id}", "ORG")


def create_organization(new: Organization) -> None:
    """Write a new organisation."""
    table.apply(_ORGANIZATION.put(new, f"ORG#{new.organization_id}", "ORG"))


def organizations() -> list[Organization]:
    """All organisations; for the operator alone."""
    return list(_ORGANIZATION.scan())


def delete_organization(organization_id: str) -> None:
    """Delete an organisation, whatever it has; ConditionFailed when there is none."""
    table.apply(Delete(ACCESS, f"ORG#{organization_id}", "ORG"))


def sandboxes() -> list[Sandbox]:
    """All sandboxes; for the operator alone."""
    return list(map(_met, _SANDBOX.scan()))


def delete_sandbox(sandbox_id: str) -> Delete:
    """The write that deletes a sandbox."""
    return Delete(ACCESS, sandbox_key(sandbox_id), "SBX")


def sandbox(sandbox_id: str) -> Sandbox | None:
    """The sandbox, or None; from then on this process knows its own namespaces by their codes."""
    found = _SANDBOX.get(sandbox_key(sandbox_id), "SBX")
    return _met(found) if found else None


def _met(sandbox: Sandbox) -> Sandbox:
    for own in sandbox.namespaces:
        remember(custom_namespace(own.code, own.symbol, own.kind, own.min_length, own.max_length))
    return sandbox


def working_sandbox(sandbox_id: str) -> Sandbox:
    """The sandbox of work that is under way; raises LookupError when it is gone."""
    found = sandbox(sandbox_id)
    if found is None:
        raise LookupError(f"no sandbox {sandbox_id}")
    return found


def create_sandbox(new: Sandbox) -> None:
    """Write a new sandbox."""
    table.apply(_SANDBOX.put(new, sandbox_key(new.sandbox_id), "SBX"))


def settings(of: Sandbox) -> Item:
    """A sandbox's settings by their names on the wire."""
    item = to_jsonable_python(_SANDBOX.dump(of, sandbox_key(of.sandbox_id), "SBX"))
    return {name: item[name] for name in _SETTINGS}


def change_sandbox(new: Sandbox, over: Sandbox) -> Update:
    """The write of a sandbox's settings over the revision read; `new` has the next one."""
    assign = settings(new) | {"revision": new.revision}
    return Update(ACCESS, sandbox_key(new.sandbox_id), "SBX", assign=assign, condition=at_revision(over))


def put_namespaces(new: Sandbox, over: Sandbox) -> Update:
    """The write of a sandbox's own namespaces over those read."""
    before, after = (_SANDBOX.dump(each, sandbox_key(each.sandbox_id), "SBX")["namespaces"] for each in (over, new))
    read: ConditionBase = Attr("namespaces").eq(before)
    if not over.namespaces:
        read |= Attr("namespaces").not_exists()  # from before there were any
    return Update(ACCESS, sandbox_key(new.sandbox_id), "SBX", assign={"namespaces": after}, condition=read)


_NAMESPACES = "NAMESPACES"


def namespace_code(symbol: str, kind: ValueKind, min_length: int, max_length: int) -> tuple[int, list[Write]]:
    """The deployment's code of a definition, and the writes that give it one where it has none yet."""
    definition = f"CODE#{kind}#{min_length}#{max_length}#{symbol}"
    if given := table.get(ACCESS, _NAMESPACES, definition):
        return int(given["code"]), []
    counter = table.get(ACCESS, _NAMESPACES, "NEXT")
    code = int(counter["code"]) if counter else FIRST_CODE
    unchanged = Attr("code").eq(code) if counter else table.ABSENT
    return code, [
        Put(ACCESS, {"pk": _NAMESPACES, "sk": definition, "code": code}),
        Put(ACCESS, {"pk": _NAMESPACES, "sk": "NEXT", "code": code + 1}, unchanged),
    ]


def grant(principal_id: str, sandbox_id: str) -> GrantItem | None:
    """The principal's grant on the sandbox, or None."""
    return _GRANT.get(principal_key(principal_id), _grant_key(sandbox_id))


def grants_of(principal_id: str) -> Iterator[GrantItem]:
    """All grants of a principal."""
    return _GRANT.query(principal_key(principal_id), _grant_key(""))


def grants_on(sandbox_id: str) -> Iterator[GrantItem]:
    """All grants on a sandbox."""
    return _GRANT.query(sandbox_key(sandbox_id), _grant_key(""))


def names_on(sandbox_id: str, principal_ids: Iterable[str]) -> dict[str, str]:
    """What those of some principals that have a grant on a sandbox are called, by id, in one read of nothing else."""
    keys = {(sandbox_key(sandbox_id), _grant_key(each)): each for each in principal_ids}
    return {keys[place]: item["name"] for place, item in table.get_many(ACCESS, keys, only=("name",)).items()}


def grants_page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[GrantItem]
) -> tuple[list[GrantItem], str | None]:
    """A page of the grants on a sandbox, in the order of the selection, and the next cursor."""
    return items.sortable_page(ACCESS, _GRANT.load, sandbox_key(sandbox_id), _grant_key(""), limit, cursor, selection)


def principal(principal_id: str) -> Principal | None:
    """The principal, if the operator has made it known."""
    return _PRINCIPAL.get(principal_key(principal_id), "PRINCIPAL")


def put_principal(principal_id: str, new: Principal) -> None:
    """Write a principal, in place of what was known of it."""
    table.apply(_PRINCIPAL.put(new, principal_key(principal_id), "PRINCIPAL", UNCONDITIONAL))


def put_new_principal(principal_id: str, new: Principal) -> Put:
    """The write of a principal that is not known yet."""
    return _PRINCIPAL.put(new, principal_key(principal_id), "PRINCIPAL")


def grants() -> Iterator[GrantItem]:
    """All grants, each twice; for the operator alone."""
    return _GRANT.scan()


def delete_principal(principal_id: str) -> None:
    """Forget a principal's name, so that nobody can give it a grant any more."""
    table.apply(Delete(ACCESS, principal_key(principal_id), "PRINCIPAL", UNCONDITIONAL))


# App clients of machines whose secret was rotated


def client(client_id: str) -> Client | None:
    """What is known of an app client; None for one that is its machine's only one."""
    return _CLIENT.get(principal_key(client_id), "CLIENT")


def clients_of(principal_id: str) -> list[Client]:
    """The app clients of a machine, ended ones too; none where it has only ever had one."""
    return list(_CLIENT.query(principal_key(principal_id), "CLIENT#"))


def put_client(new: Client, over: Client | None = None) -> list[Write]:
    """The writes of an app client, over what was known of it; with `until` it is among the ending ones."""
    writes: list[Write] = [_not_ending(over)] if over and over.until else []
    writes += [
        _CLIENT.put(new, principal_key(new.client_id), "CLIENT", UNCONDITIONAL),
        _CLIENT.put(new, principal_key(new.principal_id), f"CLIENT#{new.client_id}", UNCONDITIONAL),
    ]
    if new.until:
        writes.append(_CLIENT.put(new, _ENDING, f"{new.until}#{new.client_id}", UNCONDITIONAL))
    return writes


def ending_clients(now: str) -> Iterator[Client]:
    """The app clients whose time is over, the earliest first."""
    for found in _CLIENT.query(_ENDING):
        if (found.until or "") > now:
            return
        yield found


def _not_ending(client: Client) -> Delete:
    return Delete(ACCESS, _ENDING, f"{client.until}#{client.client_id}", UNCONDITIONAL)


def ended(client: Client) -> None:
    """An app client is deleted; that its time is over stays known, for its last token outlives it."""
    table.apply(_not_ending(client))


def forget_clients(principal_id: str) -> None:
    """Forget the app clients of a machine that is deleted."""
    for found in clients_of(principal_id):
        ended(found)
        table.apply(Delete(ACCESS, principal_key(found.client_id), "CLIENT", UNCONDITIONAL))
    table.clear(ACCESS, principal_key(principal_id), "CLIENT#")


def put_grant(new: GrantItem, over: GrantItem | None) -> list[Put]:
    """The writes of a grant over the revision read, or of a new one: a copy for the principal, one for the sandbox."""
    holder, sandbox_id = new.principal_id, new.sandbox_id
    return [
        revise(_GRANT, new, over, principal_key(holder), _grant_key(sandbox_id)),
        revise(_GRANT, new, over, sandbox_key(sandbox_id), _grant_key(holder)),
    ]


def delete_grant(old: GrantItem) -> list[Write]:
    """The writes that take a grant away at the revision read."""
    holder, sandbox_id, read = old.principal_id, old.sandbox_id, at_revision(old)
    return [
        Delete(ACCESS, principal_key(holder), _grant_key(sandbox_id), read),
        Delete(ACCESS, sandbox_key(sandbox_id), _grant_key(holder), read),
    ]
