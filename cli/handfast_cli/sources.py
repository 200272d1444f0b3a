"""Sources: setting up places that files are taken from, with secrets that stay out of the shell's history."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from handfast_cli.completing import id_argument
from handfast_cli.connectors import Secrets, SettingsFile, given_settings
from handfast_cli.errors import InputError
from handfast_cli.files import json_object
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import show
from handfast_cli.uploads import COLUMN_HELP, MODE_HELP, PRESET_HELP, read_column

Setting = Annotated[
    list[str],
    typer.Option("--setting", metavar="NAME=VALUE", help="Such as bucket=… (docs/file-sources.md); repeat."),
]
Column = Annotated[list[str], typer.Option("--column", help=COLUMN_HELP)]
Preset = Annotated[str | None, typer.Option("--preset", help=PRESET_HELP)]
FileFormat = Annotated[str | None, typer.Option("--format", help="csv, ndjson or parquet")]
Mode = Annotated[str | None, typer.Option("--mode", help=MODE_HELP)]
Segment = Annotated[str | None, typer.Option("--segment", help="Make every row a member of it.")]
Takes = Annotated[str | None, typer.Option(help="new (files that no run has taken before) or all, as one.")]
Options = Annotated[
    Path | None,
    typer.Option(
        "--options",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A JSON object of an upload's other members, such as dialect or dataSourceId.",
    ),
]
Every = Annotated[int | None, typer.Option("--every", metavar="MINUTES", help="Run it every so many minutes.")]
DailyAt = Annotated[str | None, typer.Option("--daily-at", metavar="HH:MM", help="Run it once a day at this time.")]
TimeZone = Annotated[str | None, typer.Option("--time-zone", help="Of --daily-at, such as Europe/Berlin; UTC if none.")]
OnEvents = Annotated[
    bool | None, typer.Option("--on-events/--no-events", help="Run it when S3 tells of new files below the prefix.")
]
Description = Annotated[str | None, typer.Option(help="What it is for.")]


def create(
    kind: Annotated[str, typer.Argument(help="s3, sftp, delta or iceberg")],
    name: Annotated[str, typer.Argument(help="What people will know it by.")],
    description: Description = None,
    settings: SettingsFile = None,
    setting: Setting = [],  # noqa: B006 - Typer copies defaults
    secret: Secrets = [],  # noqa: B006 - Typer copies defaults
    column: Column = [],  # noqa: B006 - Typer copies defaults
    preset: Preset = None,
    file_format: FileFormat = None,
    mode: Mode = None,
    segment: Segment = None,
    takes: Takes = None,
    options: Options = None,
    every: Every = None,
    daily_at: DailyAt = None,
    time_zone: TimeZone = None,
    on_events: OnEvents = None,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Set up a source; test it, and then run it."""
    session = Session.of(profile, sandbox)
    mode = mode or (None if preset else "delta")
    body = {"kind": kind, "name": name, "settings": given_settings(settings, setting, secret)}
    body |= _said(options, column, format=file_format, preset=preset, mode=mode, segmentId=segment, takes=takes)
    body |= _given(description=description, schedule=_schedule(every, daily_at, time_zone), onEvents=on_events)
    show(session.api.call("POST", session.path("/sources"), body=body), as_json=as_json)


def change(
    source: Annotated[str, id_argument("source")],
    name: Annotated[str | None, typer.Option(help="What people will know it by.")] = None,
    description: Description = None,
    settings: SettingsFile = None,
    setting: Setting = [],  # noqa: B006 - Typer copies defaults
    secret: Secrets = [],  # noqa: B006 - Typer copies defaults
    column: Column = [],  # noqa: B006 - Typer copies defaults
    preset: Preset = None,
    file_format: FileFormat = None,
    mode: Mode = None,
    segment: Segment = None,
    takes: Takes = None,
    options: Options = None,
    every: Every = None,
    daily_at: DailyAt = None,
    time_zone: TimeZone = None,
    no_schedule: Annotated[bool, typer.Option("--no-schedule", help="Run it by no schedule any more.")] = False,
    on_events: OnEvents = None,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Change a source; what is left out stays, secrets too. Columns that are named replace all."""
    session = Session.of(profile, sandbox)
    schedule = _schedule(every, daily_at, time_zone)
    if no_schedule and schedule:
        raise InputError("--no-schedule ends what --every and --daily-at begin: use one of them")
    body = _given(settings=given_settings(settings, setting, secret) or None, name=name, description=description)
    body |= _said(options, column, format=file_format, preset=preset, mode=mode, segmentId=segment, takes=takes)
    body |= _given(schedule=schedule, onEvents=on_events) | ({"schedule": None} if no_schedule else {})
    path = session.path(f"/sources/{quote(source, safe='')}")
    show(session.api.call("PATCH", path, body=body), as_json=as_json)


def _said(options: Path | None, columns: list[str], **given: str | None) -> dict[str, Any]:
    """How files are read: what a file says, and what options say over it."""
    said = json_object(options) if options else {}
    return said | _given(columns=[read_column(text) for text in columns] or None, **given)


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _schedule(every: int | None, daily_at: str | None, time_zone: str | None) -> dict[str, Any] | None:
    """The schedule, None where there is none. Raises InputError for two in one."""
    if every is not None and daily_at is not None:
        raise InputError("--every and --daily-at are two schedules: use one of them")
    if time_zone is not None and daily_at is None:
        raise InputError("--time-zone is of --daily-at")
    return _given(everyMinutes=every, timeOfDay=daily_at, timeZone=time_zone) or None


def add_to(noun: typer.Typer) -> None:
    """Adds the verbs that ask for secrets or read files."""
    noun.command("create")(create)
    noun.command("change")(change)
