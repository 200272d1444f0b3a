"""`handfast login` and `handfast logout`."""

from typing import Annotated

import typer

from handfast_cli import browser as in_browser
from handfast_cli import profiles
from handfast_cli.errors import InputError
from handfast_cli.options import DEFAULT_PROFILE, AsJson
from handfast_cli.output import show
from handfast_cli.profiles import Machine, Person, Profile, UserPool


def login(
    api_url: Annotated[str, typer.Option(help="The stack's output ApiUrl.")],
    email: Annotated[str | None, typer.Option(help="Sign in as a person.")] = None,
    people_client: Annotated[str | None, typer.Option(help="For a person: the stack's output PeopleClientId.")] = None,
    region: Annotated[str | None, typer.Option(help="For a person: the stack's AWS region.")] = None,
    browser: Annotated[
        bool, typer.Option("--browser", help="Sign in as a person with the browser, by your identity provider.")
    ] = False,
    client_id: Annotated[str | None, typer.Option(help="Sign in as a machine.")] = None,
    token_url: Annotated[
        str | None, typer.Option(help="A machine's, or with --browser: the stack's output TokenUrl.")
    ] = None,
    sandbox: Annotated[str | None, typer.Option(help="The sandbox meant when none is named.")] = None,
    profile: Annotated[
        str, typer.Option(envvar="HANDFAST_PROFILE", help="Store it under this name.")
    ] = DEFAULT_PROFILE,
    as_json: AsJson = False,
) -> None:
    """Sign in and store the credentials, readable by you alone. Asks for the password or secret."""
    principal: Machine | Person
    if browser and people_client and region and token_url and not (email or client_id):
        refresh_token = in_browser.sign_in(token_url, people_client)
        principal = Person(UserPool(region, people_client), "", refresh_token=refresh_token)
    elif email and people_client and region and not (client_id or browser):
        principal = _person(UserPool(region, people_client), email)
    elif client_id and token_url and not (email or browser):
        principal = Machine(token_url, client_id, typer.prompt("Client secret", hide_input=True))
    else:
        raise InputError(
            "Give --email, --people-client and --region for a person, --browser, --people-client, --region and "
            "--token-url for one of an identity provider, or --client-id and --token-url for a machine"
        )
    new = Profile(api_url, principal, sandbox)
    me = new.api().call("GET", "/me")
    file = profiles.save(profile, new)
    signed_in = {"profile": profile, "name": me["name"], "grants": len(me["grants"]), "storedIn": str(file)}
    show(signed_in, as_json=as_json)


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


def _person(pool: UserPool, email: str) -> Person:
    password = typer.prompt("Password", hide_input=True)
    return Person(pool, email, refresh_token=pool.sign_in(email, password, _Terminal())["RefreshToken"])
