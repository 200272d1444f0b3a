"""`sharing profile`: the file by which tools that speak Delta Sharing read as the machine that you sign in as."""

from pathlib import Path
from typing import Annotated, Any

import typer

from handfast_cli import profiles
from handfast_cli.errors import InputError
from handfast_cli.files import replaceable
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName
from handfast_cli.output import show
from handfast_cli.profiles import Machine
from handfast_client.tokens import write_private


def add_to(noun: typer.Typer) -> None:
    """Adds the command to the noun `sharing`."""
    noun.callback()(lambda: None)
    noun.command("profile")(profile_file)


def profile_file(
    output: Annotated[Path, typer.Option("--output", dir_okay=False, help="Where to save it, such as config.share.")],
    profile: ProfileName = DEFAULT_PROFILE,
    as_json: AsJson = False,
) -> None:
    """Save the profile file of a machine, which holds its secret: only you may read it."""
    found = profiles.load(profile)
    if not isinstance(found.principal, Machine):
        raise InputError("Only a machine has a profile file: see `handfast recipient-tokens create` for a token")
    write_private(replaceable(output), _profile(found.api_url, found.principal))
    show({"file": str(output)}, as_json=as_json)


def _profile(api_url: str, machine: Machine) -> dict[str, Any]:
    """The protocol's profile, version 2: OAuth client credentials."""
    return {
        "shareCredentialsVersion": 2,
        "type": "oauth_client_credentials",
        "endpoint": f"{api_url}/v1/sharing",
        "tokenEndpoint": machine.token_url,
        "clientId": machine.client_id,
        "clientSecret": machine.client_secret,
        "scope": "handfast/api",
    }
