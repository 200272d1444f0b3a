"""People and machines with their roles: made whole or not at all, and removed with all that they could do."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from handfast.access import clients, service, store
from handfast.platform import alert_topic, clock
from handfast.platform.problems import Conflict, NotFound
from handfast_cli.admin import user_pool
from handfast_cli.admin.user_pool import Person
from handfast_cli.errors import InputError


@dataclass(frozen=True)
class Machine:
    """A machine, with the app clients by which it can sign in."""

    principal_id: str
    name: str
    client_ids: tuple[str, ...]


def create_user(email: str, sandbox_id: str, role: str, password: str | None) -> str:
    """Let a person sign in, with a role on a sandbox; returns the principal's id. A failure leaves nothing.

    Raises NotFound for an unknown sandbox, Refused for an unknown role, Conflict for somebody who is there, InputError
    for an address or a password that is refused.
    """
    service.check_role(sandbox_id, role)
    if found := list(user_pool.people("email", email)):
        raise Conflict(
            f"{email} can sign in already, and the password is as it was. For a role on a sandbox: "
            f"handfast admin put-grant {found[0].principal_id} --sandbox {sandbox_id} --role {role}",
            current="exists",
        )
    principal_id = user_pool.create_person(email, password)
    try:
        service.register_principal(principal_id, email, sandbox_id, role)
    except BaseException:
        service.forget_principal(principal_id)
        user_pool.delete_person(email)
        raise
    return principal_id


def create_client(name: str, sandbox_id: str, role: str) -> tuple[str, str]:
    """A new machine with a role on a sandbox: its client id and secret. A failure leaves nothing.

    Raises NotFound for an unknown sandbox, Refused for an unknown role, InputError for a name that is refused.
    """
    service.check_role(sandbox_id, role)
    client_id, secret = user_pool.create_app_client(name)
    try:
        service.register_principal(client_id, name, sandbox_id, role)
    except BaseException:
        service.forget_principal(client_id)
        clients.delete(client_id)
        raise
    return client_id, secret


def put_grant(who: str, sandbox_id: str, role: str) -> str:
    """Give somebody who is there a role on a sandbox, in place of the one it has there; returns the principal's id.

    Raises NotFound for an unknown principal or sandbox, Refused for an unknown role, InputError for an address of
    several people, Conflict when nobody could manage access any more.
    """
    found = _machine(who) or person(who)
    name = found.name if isinstance(found, Machine) else found.email or found.username
    service.register_principal(found.principal_id, name, sandbox_id, role)
    return found.principal_id


def person(who: str) -> Person:
    """The person of an e-mail address or a principal's id. Raises NotFound, and InputError when there are several."""
    found = list(user_pool.people("email" if "@" in who else "sub", who))
    if not found:
        raise NotFound(f"nobody called {who}; see `handfast admin list-users` and `list-clients`")
    if len(found) > 1:
        ids = ", ".join(entry.principal_id for entry in found)
        raise InputError(f"{who} is the address of several people; name one by the principal's id: {ids}")
    return found[0]


def machine(client_id: str) -> Machine:
    """The machine of an app client, whichever of its clients it is. Raises NotFound."""
    found = _machine(client_id)
    if found is None:
        raise NotFound(f"no machine has the client {client_id}; see `handfast admin list-clients`")
    return found


def _machine(client_id: str) -> Machine | None:
    client = user_pool.app_client(client_id)
    known = store.client(client_id)
    principal_id = known.principal_id if known else client_id
    principal = store.principal(principal_id)
    if client is None and (principal is None or any(user_pool.people("sub", client_id))):
        return None
    working = tuple(entry.client_id for entry in clients.working(principal_id))
    name = principal.name if principal else client.name if client else client_id
    return Machine(principal_id, name, working)


def delete_person(found: Person) -> None:
    """Take all grants of a person away, and end alerts by e-mail and the sign-in; may be repeated.

    Raises Conflict when a sandbox would be left without anyone who may manage access.
    """
    service.remove_principal(found.principal_id)
    alert_topic.unsubscribe(found.email)
    user_pool.delete_person(found.username)


def delete_machine(found: Machine) -> None:
    """Take all grants of a machine away, and end its sign-in; may be repeated.

    Raises Conflict when a sandbox would be left without anyone who may manage access.
    """
    service.remove_principal(found.principal_id)
    for client_id in {found.principal_id, *found.client_ids}:
        clients.delete(client_id)


def rotate(found: Machine, grace: timedelta) -> tuple[str, str, str]:
    """Another client for a machine: its id, its secret, and until when the one before works. A failure leaves nothing.

    Raises TooManyRequests when the access table is busy.
    """
    until = clock.now() + grace
    client_id, secret = user_pool.create_app_client(found.name)
    try:
        clients.rotate(found.principal_id, client_id, until)
    except BaseException:
        clients.delete(client_id)
        raise
    clients.end_overdue()
    return client_id, secret, clock.to_text(until)


def roles(principal_ids: Iterable[str], sandbox_id: str | None = None) -> dict[str, list[str]]:
    """By principal, `sandbox role` of each of its grants, or of those on one sandbox."""
    found: dict[str, list[str]] = {principal_id: [] for principal_id in principal_ids}
    by_principal: dict[str, dict[str, str]] = defaultdict(dict)
    for grant in store.grants_on(sandbox_id) if sandbox_id else store.grants():
        by_principal[grant.principal_id][grant.sandbox_id] = grant.role or ", ".join(grant.permissions)
    for principal_id in found:
        found[principal_id] = [f"{sandbox} {role}" for sandbox, role in sorted(by_principal[principal_id].items())]
    return found
