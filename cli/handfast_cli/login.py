"""`handfast login` and `handfast logout`."""

from collections.abc import Mapping
from typing import Annotated

import typer

from handfast_cli import browser, profiles
from handfast_cli.errors import InputError
from handfast_cli.options import DEFAULT_PROFILE, AsJson
from handfast_cli.output import show
from handfast_cli.profiles import Machine, Person, Profile
from handfast_cli.user_pool import UserPool
from handfast_client.api import run
from handfast_client.sign_in import address_of, discover


def login(
    url: Annotated[str, typer.Argument(help="The deployment's address: the stack's output ApiUrl, or its domain.")],
    email: Annotated[str | None, typer.Option(help="Sign in as a person here, by password, not in a browser.")] = None,
    client_id: Annotated[str | None, typer.Option(help="Sign in as a machine. Asks for its secret.")] = None,
    sandbox: Annotated[str | None, typer.Option(help="The sandbox meant when none is named.")] = None,
    profile: Annotated[
        str, typer.Option(envvar="HANDFAST_PROFILE", help="Store it under this name.")
    ] = DEFAULT_PROFILE,
    as_json: AsJson = False,
) -> None:
    """Sign in, and keep the credentials, readable by you alone. Opens a browser unless told otherwise.

    Examples:

      handfast login https://api.example.com

      handfast login https://api.example.com --email ann@example.com

      handfast login https://api.example.com --client-id 4b7d8e6f --profile machine
    """
    if email and client_id:
        raise InputError("--email is of a person, --client-id of a machine: give one of them")
    url = address_of(url)
    deployment = run(discover(url))
    new = Profile(url, _principal(deployment, email, client_id), sandbox)
    me = new.api().call("GET", "/me")
    file = profiles.save(profile, new)
    signed_in = {"profile": profile, "name": me["name"], "grants": len(me["grants"]), "storedIn": str(file)}
    show(signed_in, as_json=as_json)


def _principal(deployment: Mapping[str, str], email: str | None, client_id: str | None) -> Machine | Person:
    if client_id:
        return Machine(deployment["tokenUrl"], client_id, typer.prompt("Client secret", hide_input=True))
    pool = UserPool(deployment["region"], deployment["clientId"], deployment["cognitoUrl"])
    if email is None:
        refresh_token = browser.sign_in(deployment["authorizeUrl"], deployment["tokenUrl"], pool.client_id)
        return Person(pool, "", refresh_token=refresh_token)
    password = typer.prompt("Password", hide_input=True)
    return Person(pool, email, refresh_token=pool.sign_in(email, password, _Terminal())["RefreshToken"])


def logout(
    profile: Annotated[str, typer.Option(envvar="HANDFAST_PROFILE", help="The name given at login.")] = DEFAULT_PROFILE,
    as_json: AsJson = False,
) -> None:
    """Sign out. The credentials and the token are forgotten, and a person's sign-in ends at the deployment too."""
    principal = profiles.remove(profile).principal
    if isinstance(principal, Person) and principal.refresh_token:
        principal.pool.revoke(principal.refresh_token)
    show({"profile": profile, "status": "signed out"}, as_json=as_json)


class _Terminal:
    def new_password(self) -> str:
        """Asks for it twice."""
        return str(typer.prompt("Choose a new password", hide_input=True, confirmation_prompt=True))

    def code(self, secret: str | None) -> str:
        """Shows the secret once, with the address that authenticators take."""
        if secret:
            typer.echo(
                f"Give your authenticator this secret: {secret}\nor otpauth://totp/Handfast?secret={secret}", err=True
            )
        return str(typer.prompt("Code of your authenticator"))
