"""Destinations: setting up systems outside that are given segments, and giving them some."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from handfast_cli.completing import id_argument
from handfast_cli.connectors import Secrets, Settings, SettingsFile, given_settings
from handfast_cli.files import json_object
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session, refuse_both
from handfast_cli.output import show

SignIn = Annotated[
    list[str],
    typer.Option("--auth", metavar="NAME=VALUE", help="Of the authentication, such as kind=bearer; repeat for more."),
]
AccountId = Annotated[str | None, typer.Option(help="Your account there, where the type has one.")]
Description = Annotated[str | None, typer.Option(help="What it is for.")]
MarketingAction = Annotated[
    list[str],
    typer.Option(help="What it does with data, such as email_targeting, beside what its type does; repeat for more."),
]
ExpireAt = Annotated[
    str | None, typer.Option("--credentials-expire-at", help="When its credentials end by themselves (RFC 3339).")
]
ExportLabel = Annotated[
    list[str],
    typer.Option(help="An export label of Audience Manager, such as offsite_ad_targeting; repeat for more."),
]
ActivationFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A JSON object: segments, mapping, attributes if any.",
    ),
]
MaxIdentities = Annotated[int | None, typer.Option(help="Identities that a request carries at most.")]
MaxAge = Annotated[
    int | None,
    typer.Option(metavar="SECONDS", help="How long a change waits for others, unless so many identities wait."),
]
GroupBy = Annotated[
    list[str],
    typer.Option(help="What is the same in all of a request: segment, status or namespace; repeat for more."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would happen and do nothing.")]


def _about(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value}


def _aggregation(max_identities: int | None, max_age: int | None, group_by: list[str]) -> dict[str, Any]:
    given = {"maxIdentities": max_identities, "maxAgeSeconds": max_age, "groupBy": group_by or None}
    return {name: value for name, value in given.items() if value is not None}


def add(
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="Such as http, see `destinations types`.")],
    name: Annotated[str, typer.Argument(help="What people will know it by.")],
    account_id: AccountId = None,
    description: Description = None,
    marketing_action: MarketingAction = [],  # noqa: B006 - Typer copies defaults
    export_label: ExportLabel = [],  # noqa: B006 - Typer copies defaults
    max_identities: MaxIdentities = None,
    max_age: MaxAge = None,
    group_by: GroupBy = [],  # noqa: B006 - Typer copies defaults
    settings: SettingsFile = None,
    setting: Settings = [],  # noqa: B006 - Typer copies defaults
    auth: SignIn = [],  # noqa: B006 - Typer copies defaults
    secret: Secrets = [],  # noqa: B006 - Typer copies defaults
    credentials_expire_at: ExpireAt = None,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Set up a destination."""
    session = Session.of(profile, sandbox)
    body = {
        "type": type_,
        "name": name,
        "settings": given_settings(settings, setting, []),
        "authentication": given_settings(None, auth, secret),
    }
    body |= _about(
        accountId=account_id,
        description=description,
        marketingActions=marketing_action,
        credentialsExpireAt=credentials_expire_at,
        exportLabels=export_label,
        aggregation=_aggregation(max_identities, max_age, group_by),
    )
    show(session.api.call("POST", session.path("/destinations"), body=body), as_json=as_json)


def change(
    destination: Annotated[str, id_argument("destination")],
    name: Annotated[str | None, typer.Option(help="What people will know it by.")] = None,
    account_id: AccountId = None,
    description: Description = None,
    marketing_action: MarketingAction = [],  # noqa: B006 - Typer copies defaults
    export_label: ExportLabel = [],  # noqa: B006 - Typer copies defaults
    max_identities: MaxIdentities = None,
    max_age: MaxAge = None,
    group_by: GroupBy = [],  # noqa: B006 - Typer copies defaults
    settings: SettingsFile = None,
    setting: Settings = [],  # noqa: B006 - Typer copies defaults
    auth: SignIn = [],  # noqa: B006 - Typer copies defaults
    secret: Secrets = [],  # noqa: B006 - Typer copies defaults
    credentials_expire_at: ExpireAt = None,
    clear: Annotated[
        list[str], typer.Option("--clear", metavar="NAME", help="Put a setting back to its default; repeat for more.")
    ] = [],  # noqa: B006 - Typer copies defaults
    dry_run: DryRun = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Change a destination; what is left out stays, secrets too. New ones are used once a test accepts them.

    Of how changes are gathered (--max-identities, --max-age, --group-by) what is left out is not: --max-age 0 alone
    has them sent at once.
    """
    session = Session.of(profile, sandbox)
    given = given_settings(settings, setting, [])
    refuse_both(given, clear)
    body = _about(
        name=name,
        accountId=account_id,
        description=description,
        marketingActions=marketing_action,
        exportLabels=export_label,
        aggregation=_aggregation(max_identities, max_age, group_by),
        settings=given | dict.fromkeys(clear),
        authentication=given_settings(None, auth, secret),
        credentialsExpireAt=credentials_expire_at,
    )
    query = {"dryRun": True} if dry_run else {}
    show(session.api.call("PATCH", _path(session, destination), body=body, query=query), as_json=as_json)


def activate(
    destination: Annotated[str, id_argument("destination")],
    file: ActivationFile,
    dry_run: DryRun = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Give segments to a destination."""
    session = Session.of(profile, sandbox)
    path, query = f"{_path(session, destination)}/activations", {"dryRun": True} if dry_run else {}
    show(session.api.call("POST", path, body=json_object(file), query=query), as_json=as_json)


def change_activation(
    destination: Annotated[str, id_argument("destination")],
    activation: Annotated[str, id_argument("activation")],
    file: ActivationFile,
    dry_run: DryRun = False,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Change what is activated: each member of the file replaces what there is. Segments left out leave."""
    session = Session.of(profile, sandbox)
    path = f"{_path(session, destination)}/activations/{quote(activation, safe='')}"
    query = {"dryRun": True} if dry_run else {}
    show(session.api.call("PATCH", path, body=json_object(file), query=query), as_json=as_json)


def _path(session: Session, destination: str) -> str:
    return session.path(f"/destinations/{quote(destination, safe='')}")


def add_to(noun: typer.Typer) -> None:
    """Adds the verbs that ask for secrets or read files."""
    noun.command("add")(add)
    noun.command("change")(change)
    noun.command("activate")(activate)
    noun.command("change-activation")(change_activation)
