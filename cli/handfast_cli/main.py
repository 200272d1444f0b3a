"""The `handfast` command."""

import re
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from handfast_cli import (
    calls,
    catalog,
    connectors,
    destinations,
    drop,
    governance,
    people,
    privacy,
    probing,
    pushing,
    rejects,
    sandbox,
    sources,
    uploads,
)
from handfast_cli.admin import commands as admin
from handfast_cli.failures import told
from handfast_cli.local import commands as local
from handfast_cli.login import login, logout
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, Session
from handfast_cli.output import show

_UNDECODED = re.compile("[\udc80-\udcff]")
"""What Python makes of an argument's bytes that are not UTF-8 (PEP 383)."""


class _Commands(TyperGroup):
    """Says what went wrong in a line instead of a stack trace."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for place, word in enumerate(args, 1):
            if _UNDECODED.search(word):
                shown = word.encode(errors="surrogateescape").decode(errors="backslashreplace")
                raise typer.BadParameter(f"argument {place} is not UTF-8: {shown}")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with told(ctx):
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Commands,
    help="Handfast: share segments with partners, only the people you both know.",
    no_args_is_help=True,
    # Help and usage errors as plain text, which no pipe breaks into boxes.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"handfast {version('handfast')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command("me")
def me(profile: ProfileName = DEFAULT_PROFILE, as_json: AsJson = False) -> None:
    """Show who you are and what you may do where."""
    answer = Session.of(profile, None).api.call("GET", "/me")
    if as_json:
        show(answer, as_json=True)
        return
    show({"principalId": answer["principalId"], "name": answer["name"]}, as_json=False)
    show(
        {"items": answer["grants"]},
        as_json=False,
        columns=("sandboxId", "sandboxName", "organizationName", "role"),
    )


app.command("login")(login)
app.command("logout")(logout)
nouns = calls.add_to(app, catalog.CALLS, catalog.NOUNS)
nouns["connections"].command("check-probe")(probing.check_probe)
nouns["segments"].command("upload")(uploads.upload)
nouns["uploads"].command("rejects")(rejects.rejects)
memberships = typer.Typer(no_args_is_help=True)
memberships.command("push")(pushing.push)
memberships.callback()(lambda: None)
app.add_typer(memberships, name="memberships", help="Membership changes as they happen.")
app.add_typer(people.app, name="people", help="What is known of a person.")
consents = typer.Typer(no_args_is_help=True)
consents.command("push")(pushing.push_consents)
consents.callback()(lambda: None)
app.add_typer(consents, name="consents", help="Consent answers as they are given.")
app.add_typer(sandbox.app, name="sandbox", help="The sandbox's settings.")
privacy.add_to(nouns["privacy"])
drop.add_to(nouns["drop"])
connectors.add_to(nouns["connectors"])
destinations.add_to(nouns["destinations"])
sources.add_to(nouns["sources"])
governance.add_to(nouns["policies"])
nouns["segments"].command("label-column")(governance.label_column)
app.add_typer(local.app, name="local")
app.add_typer(admin.app, name="admin", help="For the operator: organisations, sandboxes, people, machines.")

if find_spec("handfast_cli.demo.command"):
    app.command("demo")(import_module("handfast_cli.demo.command").demo)
