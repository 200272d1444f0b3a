"""Who may do what. Grants are read on every request through a cache of two seconds."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from handfast.access import clients, invitation_store, rules, store
from handfast.access.models import Grant, GrantItem, GrantList, Me, MyGrant, Organization, Principal, PutGrant
from handfast.journal.models import Actor, Caller, Event, Sandbox
from handfast.journal.store import commit
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, lost_condition_is, until_written
from handfast.platform.problems import Conflict, Forbidden, NotFound, Refused
from handfast.platform.table import Write
from handfast.platform.wanted import Wanted, by_name
from handfast.platform.wire import Name, invalid_members

CACHE_SECONDS = 2.0
_SANDBOX = TypeAdapter(Sandbox)
_NAME = TypeAdapter[str](Name)

_cache: dict[tuple[str, str], tuple[float, Caller | None]] = {}


def forget() -> None:
    """Empty the cache of grants."""
    _cache.clear()


def _load(subject: str, sandbox_id: str) -> Caller | None:
    principal_id = clients.principal_of(subject)
    grant = store.grant(principal_id, sandbox_id)
    sandbox = store.sandbox(sandbox_id) if grant else None
    if grant is None or sandbox is None:
        return None
    return Caller(principal_id, grant.name, sandbox, _effective(grant))


def _cached(subject: str, sandbox_id: str) -> Caller | None:
    key = (subject, sandbox_id)
    read_at, caller = _cache.get(key, (0.0, None))
    if time.monotonic() - read_at > CACHE_SECONDS:
        if len(_cache) > 1000:
            _cache.clear()
        caller = _load(subject, sandbox_id)
        _cache[key] = (time.monotonic(), caller)
    return caller


def authorize(subject: str, sandbox_id: str, permission: str | None) -> Caller:
    """The caller on a sandbox, by the subject of its token.

    Raises NotFound without a grant, as for an unknown sandbox, Forbidden without the permission, Unauthorized for a
    client whose time is over.
    """
    caller = _cached(subject, sandbox_id)
    if caller is None:
        raise NotFound("no such sandbox")
    if permission is not None:
        require(caller, permission)
    return caller


def require(caller: Caller, permission: str) -> None:
    """Raise Forbidden unless the caller has the permission on the sandbox in the path."""
    if permission not in caller.permissions:
        raise Forbidden(f"this needs the permission {permission}", permission=permission)


def identify(subject: str) -> Caller:
    """The caller where no sandbox is concerned, by the subject of its token.

    Raises Unauthorized for a client whose time is over.
    """
    principal_id = clients.principal_of(subject)
    found = store.principal(principal_id)
    return Caller(principal_id, found.name if found else principal_id)


def callers(subject: str, permission: str) -> list[Caller]:
    """The caller on each sandbox that it has a permission on, by the subject of its token.

    Raises Unauthorized for a client whose time is over, Forbidden without the permission on any.
    """
    grants = store.grants_of(clients.principal_of(subject))
    found = (_cached(subject, grant.sandbox_id) for grant in grants)
    allowed = [caller for caller in found if caller and permission in caller.permissions]
    if not allowed:
        raise Forbidden(f"this needs the permission {permission}", permission=permission)
    return allowed


def me(caller: Caller) -> Me:
    """The caller's own grants."""
    grants = list(map(my_grant, store.grants_of(caller.principal_id)))
    return Me(principal_id=caller.principal_id, name=caller.name, grants=grants)


def my_grant(grant: GrantItem) -> MyGrant:
    """A grant as its principal sees it."""
    return MyGrant(
        sandbox_id=grant.sandbox_id,
        sandbox_name=grant.sandbox_name,
        organization_name=grant.organization_name,
        role=grant.role,
        permissions=sorted(_effective(grant)),
    )


def _effective(grant: GrantItem) -> frozenset[str]:
    return rules.effective(grant.role, grant.permissions)


def _view(grant: GrantItem) -> Grant:
    return Grant(
        principal_id=grant.principal_id,
        name=grant.name,
        role=grant.role,
        permissions=sorted(_effective(grant)),
        version=grant.revision,
    )


def list_grants(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> GrantList:
    """The grants on the caller's sandbox, in the order of principals unless something else is wanted.

    Raises Malformed for a cursor of another list, Refused for one that is too long to be sorted.
    """
    selection = wanted.selection(
        lambda each: (each.name,),
        {"role": lambda each: each.role},
        {"name": lambda each: by_name(each.name)},
        descending=False,
    )
    grants, next_cursor = store.grants_page(caller.sandbox_id, limit, cursor, selection)
    return GrantList(items=list(map(_view, grants)), next_cursor=next_cursor)


def get_grant(caller: Caller, principal_id: str) -> Grant:
    """One grant; NotFound when there is none."""
    return _view(_load_grant(caller, principal_id))


def _load_grant(caller: Caller, principal_id: str) -> GrantItem:
    grant = store.grant(principal_id, caller.sandbox_id)
    if grant is None:
        raise NotFound("no grant for this principal")
    return grant


def put_grant(caller: Caller, principal_id: str, body: PutGrant, if_match: Versions) -> Grant:
    """Give or replace a grant. The principal must be one of the sandbox's organisation's.

    Raises Refused for unknown rights or none, NotFound for an unknown principal as for another organisation's, Stale
    when the grant is no longer the version in If-Match, Conflict when nobody could manage access any more,
    TooManyRequests when it changes too fast.
    """
    check_rights(body)
    name = own_principal_name(caller.on.organization_id, principal_id)
    if name is None:
        raise NotFound("no such principal; the operator creates people and machines")
    _keep_an_administrator(caller.sandbox_id, principal_id, rules.effective(body.role, body.permissions))
    new = new_grant(principal_id, name, caller.on, body.role, body.permissions)
    _put(new, Event(caller.sandbox_id, "grant.put", Actor.of(caller), principal_id, grant_detail(new)), if_match)
    forget()
    return get_grant(caller, principal_id)


def check_rights(body: PutGrant) -> None:
    """Raise Refused for rights that there are not, and for none."""
    wrong = rules.unknown(body.role, body.permissions)
    if wrong:
        errors = [{"pointer": pointer, "message": "no such role or permission"} for pointer in wrong]
        raise Refused("the grant names unknown rights", reason="validation", errors=errors)
    if not rules.effective(body.role, body.permissions):
        raise Refused("a grant needs a role or a permission; to take all away, delete it", reason="validation")


def grant_detail(grant: GrantItem) -> dict[str, Any]:
    """What a record says of a grant."""
    return {"role": grant.role, "permissions": list(grant.permissions)}


def own_principal_name(organization_id: str, principal_id: str) -> str | None:
    """The name of a principal that the organisation knows: made known for it, or with a grant on its sandboxes."""
    found = store.principal(principal_id)
    if found is None or found.organization_id == organization_id:
        return found.name if found else None
    on = sandboxes([grant.sandbox_id for grant in store.grants_of(principal_id)])
    return found.name if any(each.organization_id == organization_id for each in on.values()) else None


def _put(new: GrantItem, event: Event, if_match: Versions = None) -> None:
    def attempt() -> None:
        old = store.grant(new.principal_id, new.sandbox_id)
        check_version(if_match, old.revision if old else None, "grant")
        commit(store.put_grant(new, old), [event])

    until_written("grant", attempt)


def new_grant(principal_id: str, name: str, on: Sandbox, role: str | None, permissions: Sequence[str]) -> GrantItem:
    """A grant of a principal on a sandbox, of which nobody knows yet."""
    return GrantItem(
        principal_id=principal_id,
        name=name,
        sandbox_id=on.sandbox_id,
        sandbox_name=on.name,
        organization_name=on.organization_name,
        role=role,
        permissions=tuple(permissions),
    )


def delete_grant(caller: Caller, principal_id: str, if_match: Versions) -> None:
    """Take a grant away.

    Raises NotFound when there is none, Stale when it is no longer the version in If-Match, Conflict when nobody could
    manage access any more, TooManyRequests when it changes too fast.
    """
    event = Event(caller.sandbox_id, "grant.deleted", Actor.of(caller), principal_id, {})

    def attempt() -> None:
        old = _load_grant(caller, principal_id)
        check_version(if_match, old.revision, "grant")
        _keep_an_administrator(caller.sandbox_id, principal_id, frozenset())
        commit(store.delete_grant(old), [event])

    until_written("grant", attempt)
    forget()


def _keep_an_administrator(sandbox_id: str, principal_id: str, permissions: frozenset[str]) -> None:
    if "access:manage" in permissions:
        return
    managing = {grant.principal_id for grant in store.grants_on(sandbox_id) if "access:manage" in _effective(grant)}
    if managing == {principal_id}:
        detail = f"the sandbox {sandbox_id} would be left without anyone who may manage access; let another do so first"
        raise Conflict(detail, current="last_administrator")


def remove_principal(principal_id: str) -> None:
    """Operator: take all grants of a principal away and forget it; may be repeated.

    Raises Conflict, and takes nothing away, when a sandbox would be left without anyone who may manage access;
    TooManyRequests when a grant changes too fast.
    """
    for grant in store.grants_of(principal_id):
        _keep_an_administrator(grant.sandbox_id, principal_id, frozenset())
    forget_principal(principal_id)


def forget_principal(principal_id: str) -> None:
    """Operator: `remove_principal`, though nobody may manage access to a sandbox then.

    Raises TooManyRequests when a grant changes too fast.
    """
    for grant in store.grants_of(principal_id):
        take_away(principal_id, grant.sandbox_id)
    store.delete_principal(principal_id)
    invitation_store.forget_principal(principal_id)
    clients.forget(principal_id)
    forget()


def take_away(principal_id: str, sandbox_id: str) -> None:
    """Operator: take a grant away, though nobody may manage access then; one that is gone is no error.

    Raises TooManyRequests when it changes too fast.
    """
    event = Event(sandbox_id, "grant.deleted", Actor.operator(), principal_id, {})

    def attempt() -> None:
        if old := store.grant(principal_id, sandbox_id):
            commit(store.delete_grant(old), [event])

    until_written("grant", attempt)


def create_organization(name: str) -> str:
    """Operator: a new organisation; returns its id. Raises Refused for a name that cannot be read as it is written."""
    organization_id = new_id("org")
    store.create_organization(Organization(organization_id, _checked_name(name)))
    return organization_id


def create_sandbox(organization_id: str, name: str, **settings: object) -> Sandbox:
    """Operator: a new sandbox of an organisation; settings as in `Sandbox`.

    Raises NotFound for an unknown organisation, Refused for settings that are none or an unreadable name.
    """
    organization = store.organization(organization_id)
    if organization is None:
        raise NotFound("no such organization")
    facts = {"sandbox_id": new_id("sbx"), "name": _checked_name(name), "organization_id": organization_id}
    sandbox = _checked(facts | {"organization_name": organization.name} | settings)
    store.create_sandbox(sandbox)
    return sandbox


def delete_sandbox(sandbox: Sandbox) -> None:
    """Operator: delete a sandbox from which all else has been taken; its log says so and stays.

    Raises NotFound when it is gone.
    """
    event = Event(sandbox.sandbox_id, "sandbox.deleted", Actor.operator(), sandbox.sandbox_id, {"name": sandbox.name})
    with lost_condition_is(NotFound("no such sandbox")):
        commit([store.delete_sandbox(sandbox.sandbox_id)], [event])
    forget()


type Commit = Callable[[Sandbox, Sandbox, Write, Event], None]
"""Commits a sandbox's new settings: what it was, what it becomes, the write and the record of it."""


def _commit_alone(_old: Sandbox, _new: Sandbox, write: Write, event: Event) -> None:
    commit([write], [event])


def change_sandbox(
    sandbox_id: str,
    *,
    actor: Actor | None = None,
    if_match: Versions = None,
    commit_settings: Commit = _commit_alone,
    **settings: object,
) -> Sandbox:
    """Other settings for a sandbox, by the operator unless an actor is named; those not named stay, guards too.

    They work in seconds, for what comes after; what has to follow at once, `commit_settings` adds to the transaction.
    Raises NotFound for an unknown sandbox, Refused for settings that are none, Stale when it is no longer the version
    in If-Match, TooManyRequests when it changes too fast.
    """

    def attempt() -> Sandbox:
        old = get_sandbox(sandbox_id)
        check_version(if_match, old.revision, "sandbox")
        new = with_settings(old, settings)
        if new == old:
            return old
        new = replace(new, revision=old.revision + 1)
        event = Event(sandbox_id, "sandbox.changed", actor or Actor.operator(), sandbox_id, _differences(old, new))
        commit_settings(old, new, store.change_sandbox(new, over=old), event)
        return new

    changed = until_written("sandbox", attempt)
    forget()
    return changed


def get_sandbox(sandbox_id: str) -> Sandbox:
    """The sandbox as it is now. Raises NotFound for an unknown one."""
    found = store.sandbox(sandbox_id)
    if found is None:
        raise NotFound("no such sandbox")
    return found


def with_settings(sandbox: Sandbox, settings: Mapping[str, Any]) -> Sandbox:
    """The sandbox with other settings. Raises Refused for those that are none."""
    facts, guards = asdict(sandbox), settings.get("partner_guards")
    changed = {**facts, **settings, "partner_guards": {**facts["partner_guards"], **(guards or {})}}
    return _checked(changed)


def _differences(old: Sandbox, new: Sandbox) -> dict[str, object]:
    before, after = store.settings(old), store.settings(new)
    changed = [name for name in after if after[name] != before[name]]
    return {"old": {name: before[name] for name in changed}, "new": {name: after[name] for name in changed}}


def _checked_name(name: str) -> str:
    """The name, which partners see, if it has nothing that is not seen in it."""
    try:
        return _NAME.validate_python(name)
    except ValidationError as error:
        message = invalid_members(error.errors())[0]["message"]
        raise Refused(f"name: {message}", reason="validation", pointer="/name") from error


def _checked(facts: Mapping[str, object]) -> Sandbox:
    try:
        return _SANDBOX.validate_python(facts)
    except ValidationError as error:
        errors = invalid_members(error.errors())
        detail = "; ".join(f"{problem['pointer'][1:]}: {problem['message']}" for problem in errors)
        raise Refused(detail, reason="validation", errors=errors) from error


def check_role(sandbox_id: str, role: str) -> Sandbox:
    """Operator: the sandbox, if it is there and the role is one.

    Raises NotFound for an unknown sandbox, Refused for an unknown role.
    """
    sandbox = store.sandbox(sandbox_id)
    if sandbox is None:
        raise NotFound("no such sandbox")
    if role not in rules.ROLES:
        raise Refused(f"no such role; one of {', '.join(sorted(rules.ROLES))}", reason="validation")
    return sandbox


def register_principal(principal_id: str, name: str, sandbox_id: str, role: str) -> None:
    """Operator: make a person or machine of Cognito known, with a role on a sandbox in place of the one it has there.

    Raises NotFound for an unknown sandbox, Refused for an unknown role, Conflict when nobody could manage access any
    more, TooManyRequests when the grant changes too fast.
    """
    sandbox = check_role(sandbox_id, role)
    _keep_an_administrator(sandbox_id, principal_id, rules.effective(role, ()))
    store.put_principal(principal_id, Principal(name, sandbox.organization_id))
    event = Event(sandbox_id, "grant.put", Actor.operator(), principal_id, {"role": role})
    _put(new_grant(principal_id, name, sandbox, role, []), event)


def sandboxes(ids: Sequence[str]) -> dict[str, Sandbox]:
    """Sandboxes by id; unknown ids are left out."""
    found = (store.sandbox(sandbox_id) for sandbox_id in dict.fromkeys(ids))
    return {sandbox.sandbox_id: sandbox for sandbox in found if sandbox}
