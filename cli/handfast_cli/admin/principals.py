"""`handfast admin …` of people and machines."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer

from handfast_cli.admin.options import Role, SandboxOption
from handfast_cli.admin.stack import Stack, deployment_of
from handfast_cli.asking import Yes, confirm
from handfast_cli.options import AsJson
from handfast_cli.output import show

Who = Annotated[str, typer.Argument(help="The e-mail address, or the principal's id.")]
ClientId = Annotated[str, typer.Argument(help="The machine's client id.")]
OnSandbox = Annotated[str | None, typer.Option("--sandbox", help="Only those with a role on this sandbox.")]


def create_user(
    email: str,
    sandbox: SandboxOption,
    role: Role,
    password: Annotated[
        str | None,
        typer.Option(envvar="HANDFAST_PASSWORD", help="Without it Cognito mails an invitation."),
    ] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Let a person sign in, with a role on a sandbox."""
    deployment_of(stack)
    from handfast_cli.admin import access  # noqa: PLC0415 - loads the stores, as in the next

    principal = access.create_user(email, sandbox, role, password)
    show({"principalId": principal, "email": email, "sandboxId": sandbox, "role": role}, as_json=as_json)


def create_client(name: str, sandbox: SandboxOption, role: Role, stack: Stack = None, as_json: AsJson = False) -> None:
    """Create a machine's client id and secret, with a role on a sandbox. The secret is shown once."""
    deployment_of(stack)
    from handfast_cli.admin import access  # noqa: PLC0415

    client_id, secret = access.create_client(name, sandbox, role)
    show({"clientId": client_id, "clientSecret": secret, "sandboxId": sandbox, "role": role}, as_json=as_json)


def put_grant(who: Who, sandbox: SandboxOption, role: Role, stack: Stack = None, as_json: AsJson = False) -> None:
    """Give a person or machine that is there a role on a sandbox, in place of the one it has there."""
    deployment_of(stack)
    from handfast_cli.admin import access  # noqa: PLC0415

    principal = access.put_grant(who, sandbox, role)
    show({"principalId": principal, "sandboxId": sandbox, "role": role}, as_json=as_json)


def list_users(sandbox: OnSandbox = None, stack: Stack = None, as_json: AsJson = False) -> None:
    """List the people who can sign in, with their roles."""
    deployment_of(stack)
    from handfast_cli.admin import access, user_pool  # noqa: PLC0415

    found = list(user_pool.people())
    roles = access.roles([person.principal_id for person in found], sandbox)
    items = [
        {
            "principalId": person.principal_id,
            "email": person.email,
            "status": person.status,
            "roles": roles[person.principal_id],
        }
        for person in sorted(found, key=lambda person: person.email)
        if sandbox is None or roles[person.principal_id]
    ]
    show({"items": items}, as_json=as_json)


def list_clients(sandbox: OnSandbox = None, stack: Stack = None, as_json: AsJson = False) -> None:
    """List the app clients of machines, with their roles; `until` is when one whose secret was rotated ends."""
    deployment_of(stack)
    from handfast.access import store  # noqa: PLC0415
    from handfast_cli.admin import access, user_pool  # noqa: PLC0415

    found = [(client, store.client(client.client_id)) for client in user_pool.app_clients()]
    principals = [known.principal_id if known else client.client_id for client, known in found]
    roles = access.roles(principals, sandbox)
    items = [
        {
            "clientId": client.client_id,
            "name": client.name,
            "principalId": principal,
            "until": known.until if known else None,
            "roles": roles[principal],
        }
        for (client, known), principal in zip(found, principals, strict=True)
        if sandbox is None or roles[principal]
    ]
    show({"items": sorted(items, key=lambda item: (str(item["name"]), str(item["clientId"])))}, as_json=as_json)


def delete_user(who: Who, yes: Yes = False, stack: Stack = None, as_json: AsJson = False) -> None:
    """End a person's sign-in and take all roles away; shows them, and asks.

    Refused for the last one who may manage access to a sandbox.
    """
    deployment_of(stack)
    from handfast_cli.admin import access  # noqa: PLC0415

    found = access.person(who)
    facts: dict[str, Any] = {"principalId": found.principal_id, "email": found.email}
    shown = facts | {"roles": access.roles([found.principal_id])[found.principal_id]}
    confirm(f"Delete {found.email or found.username}, with these roles?", shown, yes=yes)
    access.delete_person(found)
    show(facts | {"status": "deleted"}, as_json=as_json)


def delete_client(client: ClientId, yes: Yes = False, stack: Stack = None, as_json: AsJson = False) -> None:
    """End a machine's sign-in, by whichever client, and take all roles away; shows them, and asks.

    Refused for the last one who may manage access to a sandbox.
    """
    deployment_of(stack)
    from handfast_cli.admin import access  # noqa: PLC0415

    found = access.machine(client)
    facts: dict[str, Any] = {"principalId": found.principal_id, "name": found.name, "clientIds": list(found.client_ids)}
    shown = facts | {"roles": access.roles([found.principal_id])[found.principal_id]}
    confirm(f"Delete the machine {found.name}, with these roles?", shown, yes=yes)
    access.delete_machine(found)
    show(facts | {"status": "deleted"}, as_json=as_json)


def rotate_client(
    client: ClientId,
    grace_hours: Annotated[
        int, typer.Option(min=0, max=720, help="How long the client id and secret of before go on; 0 ends them now.")
    ] = 24,
    yes: Yes = False,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Give a machine another client id and secret, shown once; the one before works for a while. Asks.

    Roles and name stay, and so does the principal's id. Of two rotations in the grace the first one's client ends.
    """
    deployment_of(stack)
    from handfast_cli.admin import access  # noqa: PLC0415

    found = access.machine(client)
    facts: dict[str, Any] = {"principalId": found.principal_id, "name": found.name}
    confirm(
        f"Give the machine {found.name} another client? What it signs in by now ends in {grace_hours} hours.",
        facts | {"clientIds": list(found.client_ids)},
        yes=yes,
    )
    client_id, secret, until = access.rotate(found, timedelta(hours=grace_hours))
    show(facts | {"clientId": client_id, "clientSecret": secret, "formerClientUntil": until}, as_json=as_json)


COMMANDS: Mapping[str, Callable[..., None]] = {
    "create-user": create_user,
    "list-users": list_users,
    "delete-user": delete_user,
    "create-client": create_client,
    "list-clients": list_clients,
    "rotate-client": rotate_client,
    "delete-client": delete_client,
    "put-grant": put_grant,
}
