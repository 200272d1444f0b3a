"""`handfast sandbox …`: the sandbox with its settings."""

import json
from typing import Annotated, Any

import typer

from handfast_cli.errors import InputError
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import show as show_answer


def show(profile: ProfileName = DEFAULT_PROFILE, sandbox: SandboxId = None, as_json: AsJson = False) -> None:
    """Show the sandbox with its settings."""
    session = Session.of(profile, sandbox)
    show_answer(session.api.call("GET", session.path("")), as_json=as_json)


def set_(
    settings: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE...", help="Settings by their names in the API; values as JSON.")
    ],
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Tell whom a consent default or guards would add and hold back; do nothing."),
    ] = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Change settings of the sandbox, such as consentDefault=default_deny; those not named stay."""
    session = Session.of(profile, sandbox)
    body = {"settings": dict(map(_setting, settings))}
    query = {"dryRun": True} if dry_run else {}
    show_answer(session.api.call("PATCH", session.path(""), body=body, query=query), as_json=as_json)


def _setting(text: str) -> tuple[str, Any]:
    """A setting's name and value, which is text where it is no JSON."""
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(f"Write NAME=VALUE, not {text}")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def add_to(noun: typer.Typer) -> None:
    """Adds the verbs of the settings."""
    noun.command("show")(show)
    noun.command("set")(set_)
