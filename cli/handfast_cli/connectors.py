"""Connectors: setting up systems outside, with secrets that stay out of the shell's history."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from handfast_cli.completing import id_argument
from handfast_cli.files import json_object
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session, refuse_both
from handfast_cli.output import show

Settings = Annotated[
    list[str],
    typer.Option("--setting", metavar="NAME=VALUE", help="Such as url=…, see `types`; repeat for more."),
]
Secrets = Annotated[
    list[str],
    typer.Option(
        "--secret", metavar="NAME", help="A secret setting, which is asked for, or NAME=FILE with it; repeat for more."
    ),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings", metavar="FILE", exists=True, dir_okay=False, help="A JSON object of settings, as `http` needs."
    ),
]


def given_settings(file: Path | None, settings: list[str], secrets: list[str]) -> dict[str, Any]:
    """The settings of a file, with those of the options over them. Raises BadParameter for what cannot be read."""
    found = json_object(file, "--settings") if file else {}
    for text in settings:
        name, separator, value = text.partition("=")
        if not (name and separator):
            raise typer.BadParameter("write NAME=VALUE", param_hint="--setting")
        found[name] = value
    return found | dict(map(_secret, secrets))


def _secret(text: str) -> tuple[str, str]:
    name, separator, file = text.partition("=")
    if not separator:
        return name, typer.prompt(name, hide_input=True)
    try:
        content = Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read as text", param_hint="--secret") from error
    line = content.rstrip("\r\n")
    return name, content if "\n" in line else line  # editors end a line, which is no part of a token


def add(
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="Such as segment or http, see `connectors types`.")],
    name: Annotated[str, typer.Argument(help="What people will know it by.")],
    settings: SettingsFile = None,
    setting: Settings = [],  # noqa: B006 - Typer copies defaults
    secret: Secrets = [],  # noqa: B006 - Typer copies defaults
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Set up a connector to a system outside."""
    session = Session.of(profile, sandbox)
    body = {"type": type_, "name": name, "settings": given_settings(settings, setting, secret)}
    show(session.api.call("POST", session.path("/connectors"), body=body), as_json=as_json)


def change(
    connector: Annotated[str, id_argument("connector")],
    name: Annotated[str | None, typer.Option(help="What people will know it by.")] = None,
    settings: SettingsFile = None,
    setting: Settings = [],  # noqa: B006 - Typer copies defaults
    secret: Secrets = [],  # noqa: B006 - Typer copies defaults
    clear: Annotated[
        list[str], typer.Option("--clear", metavar="NAME", help="Put a setting back to its default; repeat for more.")
    ] = [],  # noqa: B006 - Typer copies defaults
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Change a connector; settings left out stay, secrets too."""
    session = Session.of(profile, sandbox)
    given = given_settings(settings, setting, secret)
    refuse_both(given, clear)
    body = {"settings": given | dict.fromkeys(clear)} | ({"name": name} if name else {})
    path = session.path(f"/connectors/{quote(connector, safe='')}")
    show(session.api.call("PATCH", path, body=body), as_json=as_json)


def add_to(noun: typer.Typer) -> None:
    """Adds the verbs that ask for secrets."""
    noun.command("add")(add)
    noun.command("change")(change)
