"""The intake form of a sandbox, by which people make their privacy requests themselves on any website."""

import sys
from html import escape
from typing import Annotated, Any

import typer

from handfast_cli.asking import Yes, ask, require_answerable
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import show

app = typer.Typer(
    no_args_is_help=True,
    help="The form on the web by which people make their requests themselves.",
    rich_markup_mode=None,
)
_PATH = "/intake-form"


@app.command("on")
def switch_on(
    types: Annotated[list[str], typer.Option("--type", help="A type of request, such as erasure. Repeat for more.")],
    regulations: Annotated[list[str], typer.Option("--regulation", help="A law, such as gdpr. Repeat for more.")],
    policy: Annotated[str, typer.Option("--privacy-policy", help="The address of your privacy policy.")],
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="en, de or ja; en without. Repeat for more.")
    ] = None,
    origins: Annotated[
        list[str] | None,
        typer.Option("--origin", help="A site that may embed it, such as https://www.example.com. Repeat for more."),
    ] = None,
    heading: Annotated[str | None, typer.Option(help="What stands above it.")] = None,
    retention: Annotated[str | None, typer.Option(help="How long what people give is kept, in words.")] = None,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Switch the form on, or change it as a whole; its address stays."""
    body: dict[str, Any] = {"types": types, "regulations": regulations, "privacyPolicyUrl": policy}
    body |= {"languages": languages} if languages else {}
    body |= {"allowedOrigins": origins} if origins else {}
    body |= {"heading": heading} if heading is not None else {}
    body |= {"retention": retention} if retention is not None else {}
    session = Session.of(profile, sandbox)
    show(session.api.call("PUT", session.path(_PATH), body=body), as_json=as_json)


@app.command("show")
def show_form(profile: ProfileName = DEFAULT_PROFILE, sandbox: SandboxId = None, as_json: AsJson = False) -> None:
    """Show the form: its address, and what it offers."""
    session = Session.of(profile, sandbox)
    show(session.api.call("GET", session.path(_PATH)), as_json=as_json)


@app.command()
def rotate(
    yes: Yes = False, profile: ProfileName = DEFAULT_PROFILE, sandbox: SandboxId = None, as_json: AsJson = False
) -> None:
    """Give the form another address. The one before takes no more requests."""
    if not yes:
        require_answerable()
        ask("Give the form another address? Where it is embedded by the one before, it is there no more.")
    session = Session.of(profile, sandbox)
    show(session.api.call("POST", session.path(f"{_PATH}/rotate")), as_json=as_json)


@app.command("off")
def switch_off(
    yes: Yes = False, profile: ProfileName = DEFAULT_PROFILE, sandbox: SandboxId = None, as_json: AsJson = False
) -> None:
    """Switch the form off. Requests that came by it go on, and their receipts show it."""
    if not yes:
        require_answerable()
        ask("Switch the form off? Where it is embedded it is there no more.")
    session = Session.of(profile, sandbox)
    show(session.api.call("DELETE", session.path(_PATH)), as_json=as_json)


@app.command()
def snippet(profile: ProfileName = DEFAULT_PROFILE, sandbox: SandboxId = None) -> None:
    """Print the HTML that embeds the form in a page of an allowed origin."""
    session = Session.of(profile, sandbox)
    form = session.api.call("GET", session.path(_PATH))
    address = escape(session.api.url + form["path"])
    sys.stdout.write(
        f'<iframe src="{address}" title="Privacy request" referrerpolicy="no-referrer"\n'
        '  style="width: 100%; height: 75rem; border: 0"></iframe>\n'
    )
